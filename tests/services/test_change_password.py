from __future__ import annotations

import pytest

from btm.rules.errors import DomainError, Forbidden, Invalid, NotFound
from btm.services import sessions
from btm.services.change_password import change_password
from btm.services.log_in import log_in

from ..support.game import Game

OLD, NEW = "the first password", "the second password"


def test_a_new_password_ends_every_session_but_this_one(game: Game) -> None:
    ada, other = game.player("ada", OLD), game.player("other")
    for account, token in ((ada, "here"), (ada, "there"), (ada, "stolen"), (other, "other")):
        sessions.start_session(account, new_token=token, device="", now=game.clock())
    change_password(ada, OLD, NEW, keep_token="here", now=game.clock())
    alive = [t for t in ("here", "there", "stolen", "other") if sessions.find_account(t, now=game.clock())]
    assert alive == ["here", "other"]
    with pytest.raises(Forbidden):
        log_in("ada", OLD, visitor_id=None, new_token="x", device="", now=game.clock())
    log_in("ada", NEW, visitor_id=None, new_token="y", device="", now=game.clock())


@pytest.mark.parametrize(
    ("old", "new", "field"), [("wrong", NEW, "old"), ("", NEW, "old"), (OLD, "short", "password")]
)
def test_a_mistake_changes_nothing(game: Game, old: str, new: str, field: str) -> None:
    ada = game.player("ada", OLD)
    sessions.start_session(ada, new_token="there", device="", now=game.clock())
    with pytest.raises(Invalid) as caught:
        change_password(ada, old, new, keep_token="here", now=game.clock())
    assert caught.value.field == field
    assert sessions.find_account("there", now=game.clock()) is not None
    log_in("ada", OLD, visitor_id=None, new_token="x", device="", now=game.clock())


def test_a_visitor_has_no_password_to_change(game: Game) -> None:
    with pytest.raises(NotFound):
        change_password(game.visitor(), "", NEW, keep_token="", now=game.clock())
    with pytest.raises(DomainError):
        change_password(10**6, "", NEW, keep_token="", now=game.clock())
