"""The life of a challenge: its states, which may follow which, and what each means for everybody else.

| | draft | live | paused | archived |
|---|---|---|---|---|
| its pages are there for | its modelers | all | all | all |
| is in the lists | no | yes | yes, as paused | no |
| a page can be handed in | no | yes | no | no |
| what was handed in is quoted | | yes | yes | no |
| a quote can be taken | no | yes | no (it runs on) | no |
| what is in review is judged, settled, appealed | | yes | yes | yes |
"""

from __future__ import annotations

from btm.rules.errors import Conflict

STATES = ("draft", "live", "paused", "archived")
MOVES: dict[str, frozenset[str]] = {
    "draft": frozenset({"live", "archived"}),
    "live": frozenset({"paused", "archived"}),
    "paused": frozenset({"live", "archived"}),
    "archived": frozenset({"draft", "paused"}),
}
"""What was archived comes back as what it was before it could be played: a draft, or paused where it has been live."""


def check_move(old: str, new: str, *, has_been_live: bool) -> None:
    """Raises Conflict (`wrong_state`) where a challenge in state `old` cannot become `new`."""
    allowed = MOVES.get(old, frozenset())
    if old == "archived":
        allowed = frozenset({"paused" if has_been_live else "draft"})
    if new not in STATES or new not in allowed:
        raise Conflict(
            f"A challenge that is {old} cannot become {new or 'nothing'}. It can become {', '.join(sorted(allowed)) or 'nothing else'}.",
            code="wrong_state",
        )


def is_public(state: str, *, has_been_live: bool) -> bool:
    """Whether its pages are there for everybody: a draft's are not, nor those of one that was archived as a draft."""
    return state != "draft" and (state != "archived" or has_been_live)


def is_listed(state: str) -> bool:
    """Whether players find it in the lists."""
    return state in ("live", "paused")


def takes_pages(state: str) -> bool:
    """Whether a page can be handed in, and a quote be taken."""
    return state == "live"
