"""The card of a data set: what it is, how it came about, and what it is not good for. Shared by the services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import yaml

from btm.rules.exports import NAMES, ExportQuery
from btm.store.tables_challenges import DbChallenge

SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
LARGEST = "1M<n<10M"


@dataclass(slots=True)
class Contents:
    """What was written: rows and files by split, and the languages met."""

    rows: dict[str, int] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    languages: set[str] = field(default_factory=set)


def card_of(challenge: DbChallenge, query: ExportQuery, contents: Contents) -> str:
    """The card in Markdown, its head in YAML as the Hugging Face hub and `datasets.load_dataset` read it."""
    head = yaml.safe_dump(_head(challenge, contents), sort_keys=False, allow_unicode=True, width=100)
    labels = "\n".join(
        f"- `{label['key']}`: {_line(label['name'])}. {_line(label['statement'])}"
        for label in challenge.labels
    )
    splits = "\n".join(f"| {split} | {count:,} |" for split, count in contents.rows.items())
    return f"---\n{head}---\n\n" + _TEXT.format(
        title=_line(challenge.title),
        sought=_line(challenge.sought),
        target=challenge.target,
        labels=labels,
        splits=splits,
        part=_part(query),
        test_share=f"{query.test_share:.0%}",
        judgements=challenge.law.min_judgements,
        most=challenge.law.max_judgements,
        cost=challenge.law.max_expected_cost,
    )


def _head(challenge: DbChallenge, contents: Contents) -> dict[str, object]:
    total = sum(contents.rows.values())
    present = {split: path for split, path in contents.files.items() if contents.rows[split]}
    files = present or contents.files
    return {
        "pretty_name": f"Verified errors: {challenge.title}",
        "license": "other",
        "language": sorted(contents.languages) or ["und"],
        "size_categories": [next((name for most, name in SIZES if total < most), LARGEST)],
        "task_categories": ["text-classification"],
        "tags": ["adversarial", "unknown-unknowns"],
        "configs": [
            {
                "config_name": "default",
                "data_files": [{"split": split, "path": path} for split, path in files.items()],
            }
        ],
    }


def _part(query: ExportQuery) -> str:
    asked: Mapping[str, object] = {
        name: getattr(query, name) for name in NAMES if name not in ("test_share", "part")
    }
    given = [f"`{name}` {value}" for name, value in asked.items() if value is not None]
    return "Only a part of the corpus: " + ", ".join(given) + "." if given else "The whole corpus."


def _line(text: str) -> str:
    return " ".join(text.split())


_TEXT = """\
# Verified errors: {title}

Web pages that a page classifier got wrong. People looked for them on purpose: {sought} A page is here because the machine
that played at the time gave the wrong label most weight, and people who judged the page gave it another.

{part}

| split | rows |
|---|---|
{splits}

## How it was verified

Each page was judged by people who had passed a test for this task, and who saw neither what the machine said nor what the finder
claimed: at least {judgements} judgements, at most {most}. Their answers are combined by the Dawid-Skene model, which weighs each judge
by their own record; judging ended when the expected cost of deciding was at most {cost}. `verdict_probability` is what the
model gave the verified label. All judgements that count are in `judgements`.

## Labels

{labels}

`verified_label` is the verdict, `predicted` what the machine chose, `probabilities` what it gave each label. Players
looked for pages that are `{target}`; some turned out to be another label, and were errors all the same.

## The split

By cluster: all finds of one cause are on one side, and a find that belongs to no cluster stands for itself. About {test_share} of the
causes are for testing, chosen by a keyed hash of the cluster's id. So a cluster keeps its side as finds arrive; a find that stood
alone takes its cluster's side once it joins one.

## Pseudonyms

Finders are not named. Judges are pseudonyms made with a key of this challenge's own, so that one judge has one name here and
another elsewhere. What a judge wrote in `reason` and `other` is as they wrote it. Pages are as they were published, and may name people.

## Limits

These pages were looked for, so they say nothing of how common such errors are. They are errors of the machine versions in `machine` and
`machine_version`; `versions` says which later ones still get them wrong. The text is what was extracted from the page when it
was fetched; `recheck` says whether the page was found changed or gone later. The rights in the pages are with their authors, which is why
the licence is "other": look at the sources before passing the data on.
"""
