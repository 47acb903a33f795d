"""The words of the access table: who asks, what kinds of route there are, and what each answers to each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ROLES = ("stranger", "visitor", "player", "verifier", "blocked", "modeler", "other", "admin")
"""stranger: no session; visitor: a session without a name; player: owns the submissions of the seeded game; verifier: passed the
test; blocked: a judge who was blocked; modeler: of the challenge asked for; other: modeler of another challenge; admin."""

Answers = Mapping[str, int]
NAMELESS = ("stranger", "visitor")
OK = 0
"""Stands in a kind for the status that a row gives to those who may."""


def kind(unless: int = OK, **each: int) -> dict[str, int]:
    """What a kind answers: `unless` to whoever is not named."""
    return {role: each.get(role, unless) for role in ROLES}


OPEN = kind()
MEMBER = kind(stranger=401, visitor=401)
MODELER = kind(unless=403, stranger=401, visitor=401, modeler=OK, admin=OK)
ANY_MODELER = MODELER | {"other": OK}
HIDDEN = MODELER | {"other": 404}
"""As MODELER, but one may not even learn that the thing is there."""
ADMIN = MODELER | {"modeler": 403}
OWNER = kind(unless=404, stranger=401, visitor=401, player=OK)
"""What belongs to the player, and takes a name."""
OWNER_NAMELESS = kind(unless=404, player=OK)
"""The same, where somebody without a name could own such a thing too."""


@dataclass(frozen=True)
class Row:
    """One route and method. ok: the status for those who may; at: the values in its address, args: those of its query;
    form: what is posted, bytes as a file; but: roles that are answered otherwise than their kind; unrecorded: why what a modeler does
    here leaves no privileged act on record."""

    answers: Answers
    ok: int = 200
    at: Mapping[str, str] = field(default_factory=dict)
    args: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    but: Answers = field(default_factory=dict)
    unrecorded: str = ""
    by_token: bool = False
    """Whether it is the API that is asked: everybody who has a name shows a token for everything, and `form` goes as JSON."""

    @property
    def is_privileged(self) -> bool:
        """Whether only modelers or admins may."""
        return self.answers["player"] == 403

    def expected(self, role: str, method: str) -> int:
        """The status for a role. Whoever needs a name is sent to log in where a page was asked for."""
        if role in self.but:
            return self.but[role]
        status = self.answers[role]
        if status == OK:
            return self.ok
        return 302 if status == 401 and method == "GET" and not self.by_token else status
