from __future__ import annotations

import pytest

from btm.rules.errors import Invalid
from btm.services.register import register

from ..support.crowd import at_once, errors
from ..support.databases import rows, value
from ..support.game import Game

PASSWORD = "a fine long password"


def test_a_visitor_who_registers_keeps_what_was_probed(game: Game) -> None:
    game.challenge()
    visitor = game.visitor()
    public_id = game.quoted(visitor)
    account = register("newcomer", PASSWORD, visitor_id=visitor, now=game.clock())
    assert account == visitor
    assert game.view(public_id, account).may_commit


def test_a_stranger_gets_a_row_of_their_own(game: Game) -> None:
    account = register("  Newcomer ", PASSWORD, visitor_id=None, now=game.clock())
    assert rows("SELECT id, handle, handle_key FROM account") == [(account, "Newcomer", "newcomer")]


@pytest.mark.parametrize("is_visitor", [False, True])
@pytest.mark.parametrize("handle", ["taken", "TAKEN", "ｔａｋｅｎ"])
def test_a_name_that_is_taken_is_not_given_again(game: Game, handle: str, is_visitor: bool) -> None:
    register("Taken", PASSWORD, visitor_id=None, now=game.clock())
    visitor = game.visitor() if is_visitor else None
    with pytest.raises(Invalid) as caught:
        register(handle, PASSWORD, visitor_id=visitor, now=game.clock())
    assert (caught.value.code, caught.value.field) == ("handle_taken", "handle")
    if visitor:
        assert register("other", PASSWORD, visitor_id=visitor, now=game.clock()) == visitor


def test_fifty_who_want_the_same_name_at_once_are_one_who_gets_it(game: Game) -> None:
    visitors = [game.visitor() for _ in range(25)]
    answers = at_once(
        game.app,
        [
            lambda v=v: register("wanted", PASSWORD, visitor_id=v, now=game.clock())
            for v in [*visitors, *[None] * 25]
        ],
    )
    assert [type(error) for error in errors(answers)] == [Invalid] * 49
    assert value("SELECT count(*) FROM account WHERE handle_key = 'wanted'") == 1


def test_a_member_s_row_is_never_renamed(game: Game) -> None:
    member = game.player("member")
    assert register("second", PASSWORD, visitor_id=member, now=game.clock()) != member
    assert value("SELECT handle FROM account WHERE id = :id", id=member) == "member"


def test_a_password_is_never_kept_as_it_is(game: Game) -> None:
    register("newcomer", PASSWORD, visitor_id=None, now=game.clock())
    kept = str(value("SELECT password_hash FROM account"))
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept


@pytest.mark.parametrize(
    ("handle", "password", "field"), [("x", PASSWORD, "handle"), ("fine", "short", "password")]
)
def test_a_bad_name_or_password_makes_nothing(game: Game, handle: str, password: str, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        register(handle, password, visitor_id=None, now=game.clock())
    assert caught.value.field == field
    assert value("SELECT count(*) FROM account") == 0
