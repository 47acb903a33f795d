"""A pool as a data set's folder: one Parquet file, and the card. Shared by the services."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from btm.services.parquet_rows import parquet_with
from btm.services.zip_files import Files
from btm.store.tables_challenges import DbChallenge

DATA, CARD = "data/train-00000-of-00001.parquet", "README.md"
TEXTS = ("name", "url", "title", "text", "state", "label", "machine_says", "ref")
COUNTS = ("given", "judged")


def pool_files(challenge: DbChallenge, rows: Iterable[dict[str, Any]]) -> Files:
    """The files, in the order in which they must be read. rows: of a pool's export."""
    yield DATA, _parquet(challenge, rows)
    yield CARD, iter([_card(challenge).encode()])


def _parquet(challenge: DbChallenge, rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    import pyarrow as pa  # only where it is asked for: it takes some 50 MB

    keys = challenge.label_keys
    each = {
        **dict.fromkeys(TEXTS, pa.string()),
        **dict.fromkeys(COUNTS, pa.struct([(key, pa.int64()) for key in keys])),
        "posterior": pa.struct([(key, pa.float64()) for key in keys]),
        "probability": pa.float64(),
    }
    typed = (
        row
        | {"label": row["label"] or None, "probability": row["probability"] or None}
        | {name: {key: row[name].get(key, 0) for key in keys} for name in COUNTS}
        for row in rows
    )
    return parquet_with(
        pa.schema(list(each.items())), typed, use_dictionary=["state", "label", "machine_says"]
    )


def _card(challenge: DbChallenge) -> str:
    head = {
        "pretty_name": f"Pool: {challenge.title}",
        "license": "other",
        "task_categories": ["text-classification"],
        "configs": [{"config_name": "default", "data_files": [{"split": "train", "path": DATA}]}],
    }
    labels = "\n".join(
        f"- `{label['key']}`: {' '.join(str(label['name']).split())}" for label in challenge.labels
    )
    written = yaml.safe_dump(head, sort_keys=False, allow_unicode=True, width=100)
    return f"---\n{written}---\n\n" + _TEXT.format(title=" ".join(challenge.title.split()), labels=labels)


_TEXT = """\
# Pool: {title}

Pages that a modeler imported, some of which people judged. `label` is the verdict where `state` is `decided`, and else the likeliest label;
`posterior` holds how likely each is, `probability` that of `label`. `given` counts the labels that came with a page, by whomever;
`judged` those that judges gave who had passed a test. `machine_says` is what the machine said when the page was imported.

{labels}

The rights in the pages are with their authors: look at the sources before passing the data on.
"""
