"""The noisy labels that a row of a file gives a page. Shared by the services; asks the database for nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from btm.services.labelled_files import BadRow

COLUMN = re.compile(r"labels?|label[ _-]?\d{1,3}")
MOST_GIVEN = 100


def noisy_labels(values: dict[str, Any], labels: Sequence[str]) -> tuple[str, ...]:
    """Those of the columns `label`, `labels` and `label_1`, `label_2`, ...: each holds a label, several between | or ;, a JSON list of
    them, or nothing.

    Raises BadRow for a label that the challenge does not know, or for too many.
    """
    written: list[str] = []
    for column, value in values.items():
        if COLUMN.fullmatch(column):
            for each in value if isinstance(value, list) else [value]:
                written += (
                    re.split(r"[|;]", each) if isinstance(each, str) else [] if each is None else [str(each)]
                )
    known = {label.casefold(): label for label in labels}
    found = []
    for word in filter(None, map(str.strip, written)):
        if word.casefold() not in known:
            raise BadRow(f"has the label {word[:40]!r}; the labels are {', '.join(labels)}")
        found.append(known[word.casefold()])
    if len(found) > MOST_GIVEN:
        raise BadRow(f"has {len(found):,} labels; {MOST_GIVEN} are the most")
    return tuple(found)
