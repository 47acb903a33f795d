"""A finished design over the toy machine."""

from __future__ import annotations

from btm.rules.design import Brief, Design, Example, Label, Question

from .game import LABELS, QUALIFICATION


def spam_design(slug: str = "", **changes: object) -> Design:
    values: dict[str, object] = {
        "slug": slug,
        "title": "Spam 2",
        "sought": "Pages of spam.",
        "machine": "toy",
        "target": "spam",
        "labels": tuple(Label(**each) for each in LABELS),
        "cost": ((0.0, 1.0), (1.0, 0.0)),
        "budget": 100_000,
        "brief": Brief("Find it.", "Is it?", (Example("An offer.", "It sells."),), (Example("A tree."),)),
        "qualification": tuple(Question(**each) for each in QUALIFICATION),
        **changes,
    }
    return Design(**values)  # type: ignore[arg-type]
