from __future__ import annotations

import pytest

from btm.rules.errors import Forbidden, Invalid, NotFound
from btm.services import roles, sessions
from btm.services.log_in import log_in

from ..support.crowd import at_once
from ..support.databases import rows, value
from ..support.game import Game

PASSWORD = "a fine long password"


def view(game: Game, account: int) -> sessions.AccountView:
    token = game.new("token")
    sessions.start_session(account, new_token=token, device="", now=game.clock())
    found = sessions.find_account(token, now=game.clock())
    assert found is not None
    return found


def test_the_first_admin_is_made_once(game: Game) -> None:
    assert roles.make_first_admin("admin", PASSWORD, now=game.clock())
    assert not roles.make_first_admin("admin", "another long password", now=game.clock())
    log_in("admin", PASSWORD, visitor_id=None, new_token="t", device="", now=game.clock())
    account = sessions.find_account("t", now=game.clock())
    assert account is not None
    assert account.is_admin
    assert account.is_modeler


def test_of_four_processes_that_start_at_once_one_makes_the_admin(game: Game) -> None:
    answers = at_once(game.app, [lambda: roles.make_first_admin("admin", PASSWORD, now=game.clock())] * 4)
    assert sorted(answers) == [False, False, False, True]
    assert value("SELECT count(*) FROM role") == 1


def test_no_second_admin_is_made_beside_one_who_was_granted_the_role(game: Game) -> None:
    game.player("ada")
    roles.grant_role("ada", "admin", now=game.clock())
    assert not roles.make_first_admin("admin", PASSWORD, now=game.clock())


def test_a_role_granted_twice_is_granted_once(game: Game) -> None:
    game.challenge()
    ada = game.player("Ada")
    for _ in range(2):
        roles.grant_role(" ADA", "modeler", slug="spam", now=game.clock())
    assert rows("SELECT role, scope FROM role") == [("modeler", "spam")]
    account = view(game, ada)
    assert (account.is_modeler, account.is_admin) == (True, False)


def test_what_does_not_exist_cannot_be_granted(game: Game) -> None:
    game.player("ada")
    with pytest.raises(NotFound):
        roles.grant_role("nobody", "modeler", now=game.clock())
    with pytest.raises(NotFound):
        roles.grant_role("ada", "modeler", slug="nowhere", now=game.clock())
    with pytest.raises(Invalid):
        roles.grant_role("ada", "king", now=game.clock())
    assert rows("SELECT * FROM role") == []


def test_somebody_may_be_let_in_to_judge_without_the_test(game: Game) -> None:
    game.challenge()
    ada = game.player("ada")
    for _ in range(2):
        roles.qualify_account("ada", "spam", now=game.clock())
    assert value("SELECT count(*) FROM qualification") == 1
    game.committed()
    assert game.lease(ada) is not None


@pytest.mark.parametrize("handle", ["admin", "ada"])
def test_a_forgotten_password_is_replaced_and_every_session_ended(game: Game, handle: str) -> None:
    roles.make_first_admin("admin", PASSWORD, now=game.clock())
    game.player("ada", PASSWORD)
    log_in(handle, PASSWORD, visitor_id=None, new_token="old", device="", now=game.clock())
    roles.reset_password(handle, "quite another password", now=game.clock())
    assert sessions.find_account("old", now=game.clock()) is None
    with pytest.raises(Forbidden):
        log_in(handle, PASSWORD, visitor_id=None, new_token="t", device="", now=game.clock())
    log_in(handle, "quite another password", visitor_id=None, new_token="t", device="", now=game.clock())


def test_a_password_is_reset_for_somebody_who_exists(game: Game) -> None:
    for handle in ("nobody", "", "a b"):
        with pytest.raises(NotFound):
            roles.reset_password(handle, "quite another password", now=game.clock())
