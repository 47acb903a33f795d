"""What may still be changed of a challenge that people work on: what was promised stands."""

from __future__ import annotations

from btm.rules.design import Design
from btm.rules.errors import Conflict

CLONE = "Clone the challenge, and change the copy."


def check_edit(old: Design, new: Design, *, has_been_live: bool, has_work: bool) -> None:
    """Raises Conflict (`fixed`) with the field that cannot be changed. has_work: whether a page was handed in, or put up for review.

    Quotes, leases and items keep their own terms, so prices and rules may change for what comes after.
    """
    if has_been_live and new.slug != old.slug:
        _refuse("slug", "The address of a challenge that has been live stays, since people may have kept it.")
    if has_been_live and new.budget != old.budget:
        _refuse("budget", "The starting budget was put in when the challenge went live. Fund it to add more.")
    if not has_work:
        return
    if new.label_keys != old.label_keys:
        _refuse(
            "labels",
            f"The labels of a challenge that has submissions cannot be changed: quotes and answers rest on them. {CLONE}",
        )
    for field, what in (
        ("target", "The target"),
        ("topic", "The topic"),
        ("mode", "The mode"),
    ):
        if getattr(new, field) != getattr(old, field):
            _refuse(field, f"{what} of a challenge that has submissions cannot be changed. {CLONE}")
    if new.rules.points_per_usd != old.rules.points_per_usd:
        _refuse(
            "rules.points_per_usd",
            f"What a point is worth cannot be changed once people have been promised points. {CLONE}",
        )


def _refuse(field: str, sentence: str) -> None:
    raise Conflict(sentence, code="fixed", field=field)


def changed(old: dict[str, object], new: dict[str, object]) -> tuple[str, ...]:
    """Which parts of two plain designs differ, rules by their names."""
    parts = [part for part in new if part != "rules" and old.get(part) != new[part]]
    before, after = old.get("rules") or {}, new.get("rules") or {}
    if isinstance(before, dict) and isinstance(after, dict):
        parts += [
            f"rules.{name}" for name in sorted({*before, *after}) if before.get(name) != after.get(name)
        ]
    return tuple(parts)
