from __future__ import annotations

import pytest

from btm.rules.errors import DomainError, Forbidden
from btm.services import passwords
from btm.services.log_in import log_in
from btm.services.sessions import find_account

from ..support.databases import value
from ..support.game import Game

PASSWORD = "a fine long password"


def enter(game: Game, handle: str, password: str = PASSWORD, visitor: int | None = None) -> str:
    return log_in(
        handle, password, visitor_id=visitor, new_token=game.new("token"), device="Firefox", now=game.clock()
    )


@pytest.mark.parametrize("handle", ["Ada", "ada", " ADA ", "ａｄａ"])
def test_the_right_password_opens_a_session_however_the_name_is_written(game: Game, handle: str) -> None:
    ada = game.player("Ada", PASSWORD)
    account = find_account(enter(game, handle), now=game.clock())
    assert account is not None
    assert (account.id, account.handle, account.is_visitor) == (ada, "Ada", False)


def test_a_wrong_name_and_a_wrong_password_cannot_be_told_apart(
    game: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same sentence, and the same work: one password is checked against one hash of the same cost."""
    game.player("ada", PASSWORD)
    passwords.matches(None, "to make the hash of nobody")
    work: list[str] = []
    plain = passwords.hasher.verify

    def verify(hashed: str, password: str) -> bool:
        work.append(hashed.split("$")[3])
        return plain(hashed, password)

    monkeypatch.setattr(passwords, "hasher", type("Hasher", (), {"verify": staticmethod(verify)}))
    said = set()
    for handle, password in (
        ("ada", "wrong password"),
        ("nobody", PASSWORD),
        ("nobody", "nobody has this password"),
    ):
        with pytest.raises(Forbidden) as caught:
            enter(game, handle, password)
        said.add((caught.value.sentence, caught.value.code, caught.value.field))
    assert len(said) == 1
    assert work == [work[0]] * 3


def test_a_name_with_a_nul_is_a_wrong_name(game: Game) -> None:
    with pytest.raises(DomainError):
        enter(game, "a\x00da")


def test_a_visitor_s_probes_come_along(game: Game) -> None:
    game.challenge()
    ada, visitor = game.player("ada", PASSWORD), game.visitor()
    public_id = game.quoted(visitor)
    enter(game, "ada", visitor=visitor)
    assert game.view(public_id, ada).may_commit


def test_a_probe_that_both_are_at_stays_behind(game: Game) -> None:
    game.challenge()
    ada, visitor, url = game.player("ada", PASSWORD), game.visitor(), game.page()
    mine, theirs, other = game.quoted(ada, url), game.quoted(visitor, url), game.quoted(visitor)
    enter(game, "ada", visitor=visitor)
    assert [game.row(i).player_id for i in (mine, theirs, other)] == [ada, visitor, ada]


def test_a_probe_comes_along_when_one_s_own_of_the_same_page_has_ended(game: Game) -> None:
    game.challenge()
    ada, visitor, url = game.player("ada", PASSWORD), game.visitor(), game.page()
    game.settled("spam", ada, url)
    theirs = game.submitted(visitor, url)
    enter(game, "ada", visitor=visitor)
    assert game.row(theirs).player_id == ada


def test_an_old_hash_is_renewed(game: Game) -> None:
    from argon2 import PasswordHasher

    from btm.store.tables import DbAccount
    from btm.store.transaction import transaction

    ada = game.player("ada", PASSWORD)
    with transaction() as session:
        weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
        session.get_one(DbAccount, ada).password_hash = weak
    enter(game, "ada")
    assert value("SELECT password_hash FROM account") != weak
    enter(game, "ada")
