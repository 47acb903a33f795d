"""Putting a change of some parts of a challenge together with all the rest of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from btm.rules.design import Design, plain_design, refit_cost

MERGED = ("brief", "rules")
"""Parts of which a change may name some only."""


def merge_changes(design: Design, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The whole plain design with the changes in it. Where labels change, the cost matrix follows, and what spoke of a label that is
    gone speaks of none, unless the change says what becomes of it. A topic that is named after the challenge is renamed with it."""
    plain: dict[str, Any] = plain_design(design)
    for part, value in changes.items():
        if part in MERGED and isinstance(value, Mapping) and isinstance(plain.get(part), Mapping):
            merged = {**plain[part], **value}
            plain[part] = {
                name: each for name, each in merged.items() if each is not None or name not in value
            }
        else:
            plain[part] = value
    if "topic" not in changes and design.topic == design.slug:
        plain["topic"] = plain["slug"]
    if "labels" in changes:
        _follow(plain, design, changes)
    return plain


def _follow(plain: dict[str, Any], design: Design, changes: Mapping[str, Any]) -> None:
    rows = plain["labels"] if isinstance(plain["labels"], (list, tuple)) else ()
    keys = [str(row.get("key")) if isinstance(row, Mapping) else "" for row in rows]
    if "cost" not in changes:
        plain["cost"] = [list(line) for line in refit_cost(design.cost, design.label_keys, keys)]
    if "target" not in changes and design.target not in keys:
        plain["target"] = ""
    if "proportions" not in changes and set(keys) != set(design.label_keys):
        plain["proportions"] = {}
    if "qualification" not in changes:
        plain["qualification"] = [
            each if each["label"] in keys else {**each, "label": ""} for each in plain["qualification"]
        ]
