from __future__ import annotations

from btm.services import sessions
from btm.services.open_visitor import open_visitor
from btm.services.roles import grant_role

from ..support.databases import rows
from ..support.game import Game


def start(game: Game, account: int, token: str, device: str = "Firefox on Linux") -> str:
    sessions.start_session(account, new_token=token, device=device, now=game.clock())
    return token


def test_a_token_names_its_account_with_roles_and_balance(game: Game) -> None:
    game.challenge()
    player = game.player("ada")
    game.settled("spam", player)
    view = sessions.find_account(start(game, player, "t"), now=game.clock())
    assert view is not None
    assert (view.id, view.handle, view.is_modeler, view.is_admin) == (player, "ada", False, False)
    assert view.balance == game.balance(player) > 0


def test_somebody_with_several_roles_is_one_person(game: Game) -> None:
    game.challenge()
    player = game.player("ada")
    game.settled("spam", player)
    for role, slug in (("modeler", ""), ("modeler", "spam"), ("admin", "")):
        grant_role("ada", role, slug=slug, now=game.clock())
    token = start(game, player, "t")
    view = sessions.find_account(token, now=game.clock())
    assert view is not None
    assert (view.is_modeler, view.is_admin, view.balance) == (True, True, game.balance(player))
    bare = sessions.find_account(token, now=game.clock(), with_balance=False)
    assert bare is not None
    assert (bare.id, bare.is_admin, bare.balance) == (player, True, 0)


def test_logging_out_ends_every_copy_of_the_token(game: Game) -> None:
    player = game.player()
    token = start(game, player, "t")
    other = start(game, player, "u")
    sessions.log_out(token)
    assert sessions.find_account(token, now=game.clock()) is None
    assert sessions.find_account(other, now=game.clock()) is not None
    sessions.log_out(token)
    sessions.log_out("never was")


def test_only_a_hash_of_a_token_is_kept(game: Game) -> None:
    start(game, game.player(), "the secret token")
    assert "the secret token" not in repr(rows("SELECT * FROM session"))


def test_a_session_ends_a_month_after_it_was_last_used(game: Game) -> None:
    token = start(game, game.player(), "t")
    game.clock.advance(days=29)
    assert sessions.find_account(token, now=game.clock()) is not None
    game.clock.advance(days=29)
    assert sessions.find_account(token, now=game.clock()) is not None
    game.clock.advance(days=30, seconds=1)
    assert sessions.find_account(token, now=game.clock()) is None


def test_the_list_shows_the_living_sessions_with_the_latest_used_first(game: Game) -> None:
    player = game.player()
    start(game, player, "old")
    start(game, game.player(), "another's")
    game.clock.advance(hours=1)
    start(game, player, "new", "x" * 500)
    found = sessions.list_sessions(player, "old", now=game.clock())
    assert [(row.device[:7], row.is_current) for row in found] == [("xxxxxxx", False), ("Firefox", True)]


def test_one_ends_one_s_own_sessions_only(game: Game) -> None:
    mine, theirs = game.player(), game.player()
    start(game, mine, "mine")
    start(game, theirs, "theirs")
    [[my_row], [their_row]] = rows("SELECT id FROM session ORDER BY id")
    for number in (their_row, 0, -1, 2**63, 10**30):
        sessions.revoke_session(mine, int(str(number)))
    assert sessions.find_account("theirs", now=game.clock()) is not None
    assert sessions.find_account("mine", now=game.clock()) is not None
    sessions.revoke_session(mine, int(str(my_row)))
    assert sessions.find_account("mine", now=game.clock()) is None


def test_a_visitor_has_a_row_and_no_name(game: Game) -> None:
    token = open_visitor(now=game.clock(), new_token="t", device="Firefox")
    view = sessions.find_account(token, now=game.clock())
    assert view is not None
    assert (view.is_visitor, view.handle, view.balance) == (True, "", 0)
