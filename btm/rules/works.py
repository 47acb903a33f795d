"""Work for people who come by a platform: what may be asked of them, and where an assignment stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from btm.rules.errors import Invalid

KINDS = ("play", "judge")
GRACE = timedelta(minutes=30)
"""So long after its time somebody may still end what they do: platforms are generous, and so are we."""
BOUNDS = {
    "pieces": (1, 100, "pages an assignment"),
    "places": (1, 1000, "assignments"),
    "reward": (0, 10_000, "cents of reward"),
    "minutes": (1, 24 * 60, "minutes"),
    "days": (1, 30, "days"),
    "min_approval": (0, 100, "percent of approved work"),
    "min_approved": (0, 1_000_000, "approved tasks"),
}
AFTER = {
    "working": frozenset({"submitted", "approved", "rejected", "gone"}),
    "done": frozenset({"submitted", "approved", "rejected", "gone"}),
    "submitted": frozenset({"approved", "rejected", "gone"}),
    "gone": frozenset({"submitted", "approved"}),
    "rejected": frozenset({"approved"}),
    "approved": frozenset(),
}
"""Where an assignment may go from each state when its platform tells something new. What was approved stays so."""


@dataclass(frozen=True, slots=True)
class WorkTerms:
    """What is asked and offered. `reward` in cents for each assignment of `pieces` pages; `places` assignments in all."""

    kind: str
    title: str
    description: str
    pieces: int
    places: int
    reward: int
    minutes: int
    days: int
    min_approval: int = 0
    min_approved: int = 0
    countries: tuple[str, ...] = ()
    needs_test: bool = False


def check_terms(terms: WorkTerms) -> None:
    """Raises Invalid with the field to blame and what to do about it."""
    if terms.kind not in KINDS:
        raise Invalid("Choose whether people play or judge.", field="kind")
    for field, (least, most, what) in BOUNDS.items():
        value = getattr(terms, field)
        if not least <= value <= most:
            raise Invalid(f"{value:,} {what} cannot be: from {least:,} to {most:,}.", field=field)
    if not terms.title.strip():
        raise Invalid("Give the task a title: it is what people see in the platform's list.", field="title")
    if not terms.description.strip():
        raise Invalid("Say in a sentence or two what is to be done.", field="description")
    for code in terms.countries:
        if not (len(code) == 2 and code.isascii() and code.isalpha() and code.isupper()):
            raise Invalid(
                f"{code!r} is no country's code. Write two letters, such as US or GB.", field="countries"
            )


def state_after(state: str, seen: str) -> str:
    """Where an assignment stands once its platform says `seen`."""
    return seen if seen in AFTER[state] else state


def may_hand_in(done: int, pieces: int, *, is_nothing_left: bool) -> bool:
    """Whether enough was done. Who judges and finds nothing left to judge has done what there was."""
    return done >= pieces or is_nothing_left


def deadline(arrived_at: datetime, minutes: int) -> datetime:
    """Until when somebody may work on an assignment."""
    return arrived_at + timedelta(minutes=minutes) + GRACE
