"""What is past its time goes, and nothing else does."""

from __future__ import annotations

import pytest

from btm.pages.policy import DEFAULT_POLICY
from btm.services import forget_old as forget_old_module
from btm.services import repeat_call, sessions, tokens, webhooks
from btm.services.forget_old import Keep, forget_old
from btm.services.note_device import note_device
from btm.services.withdraw_submission import withdraw_submission
from btm.store.tables_webhooks import DbDelivery
from btm.store.transaction import transaction

from ..support.databases import overheard, rows, value
from ..support.game import Game


@pytest.fixture
def hunt(game: Game) -> int:
    return game.challenge()


def forget(game: Game, **later: float) -> None:
    forget_old(Keep(), snapshots=game.snapshots, now=game.clock.advance(**later))


def snapshot_of(game: Game, public_id: str) -> str:
    return str(value(f"SELECT snapshot FROM page WHERE id = {game.row(public_id).page_id}"))


def test_marks_of_devices_go_after_their_time(game: Game) -> None:
    account = game.player()
    note_device(account, fingerprint="old", now=game.clock())
    game.clock.advance(days=89)
    note_device(account, fingerprint="kept", now=game.clock())
    forget(game, days=2)
    assert rows("SELECT value FROM fingerprint") == [("kept",)]


def test_sessions_tokens_and_answers_of_the_api_go_after_their_time(game: Game) -> None:
    ada = game.player("ada")
    sessions.start_session(ada, new_token="t", device="", now=game.clock())
    tokens.make_token(ada, "mine", ["read"], days=10, secret="s" * 32, now=game.clock())
    repeat_call.begin_call(ada, "a-key", "print", now=game.clock())
    counts = (
        "SELECT (SELECT count(*) FROM api_call), (SELECT count(*) FROM token), (SELECT count(*) FROM session)"
    )
    for days, left in ((6, (1, 1, 1)), (2, (0, 1, 1)), (3, (0, 0, 1)), (20, (0, 0, 0))):
        forget(game, days=days)
        assert rows(counts) == [left]


def test_what_webhooks_were_told_goes_after_a_month_and_what_waits_stays(game: Game, hunt: int) -> None:
    webhooks.make_webhook(
        "spam", "https://hooks.example/", ("verdict",), policy=DEFAULT_POLICY, asker_id=None, now=game.clock(),
        new_id="hook", secret="s3cret",
    )  # fmt: skip
    game.settled()
    game.settled()
    told, waits = (row[0] for row in rows("SELECT id FROM delivery ORDER BY id"))
    with transaction() as session:
        session.get_one(DbDelivery, told).state = "sent"
    forget(game, days=29)
    assert value("SELECT count(*) FROM delivery") == 2
    forget(game, days=2)
    assert rows("SELECT id, state FROM delivery") == [(waits, "waiting")]


def test_a_refused_page_and_its_snapshot_go_and_the_submission_stays(game: Game, hunt: int) -> None:
    known = game.page(beliefs=(0.9, 0.1))
    refused = game.submitted(url=known)
    game.clock.advance(days=20)
    assert game.row(refused).refusal == "already_known"
    key = snapshot_of(game, refused)
    forget(game, days=9)
    assert game.row(refused).page_id is not None
    forget(game, days=2)
    assert game.row(refused).page_id is None
    assert value("SELECT count(*) FROM page") == 0
    assert game.snapshots.verify(key)  # left alone for an hour
    forget(game, hours=2)
    assert not game.snapshots.verify(key)
    assert value("SELECT count(*) FROM orphan") == 0
    assert game.view(refused).state == "refused"


def test_a_withdrawn_offer_goes_and_what_was_committed_or_judged_stays(game: Game, hunt: int) -> None:
    offer, committed, settled = game.quoted(), game.committed(), game.settled("ham")
    taken_back = game.committed()
    for public_id in (offer, taken_back):
        withdraw_submission(public_id, player_id=game.row(public_id).player_id, now=game.clock())
    forget(game, days=31)
    forget(game, hours=2)
    assert [game.row(each).page_id is None for each in (offer, committed, settled, taken_back)] == [
        True, False, False, False,
    ]  # fmt: skip
    assert game.view(offer).state == "withdrawn"
    assert all(game.snapshots.verify(snapshot_of(game, each)) for each in (committed, settled))


def test_many_snapshots_go_a_few_at_a_time(game: Game, hunt: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forget_old_module, "A_FEW", 2)
    keys = [snapshot_of(game, game.submitted(url=game.page(beliefs=(0.9, 0.1)))) for _ in range(3)]
    forget(game, days=31)
    with overheard() as asked:
        forget(game, hours=2)
    assert not any(game.snapshots.verify(key) for key in keys)
    deletes = [statement for statement, _ in asked if statement.startswith("DELETE FROM orphan")]
    assert len(deletes) == 3, "two, one, and a look for more"


def test_a_body_that_is_kept_anew_meanwhile_is_not_deleted(game: Game, hunt: int) -> None:
    address = game.page(beliefs=(0.9, 0.1))
    key = snapshot_of(game, game.submitted(url=address))
    forget(game, days=31)
    again = game.submitted(url=address)
    assert value("SELECT count(*) FROM orphan") == 0
    forget(game, hours=2)
    assert snapshot_of(game, again) == key
    assert game.snapshots.verify(key)


def test_a_body_that_was_just_deleted_is_written_anew(game: Game, hunt: int) -> None:
    address = game.page(beliefs=(0.9, 0.1))
    key = snapshot_of(game, game.submitted(url=address))
    forget(game, days=31)
    forget(game, hours=2)
    game.submitted(url=address)
    assert game.snapshots.verify(key)


def test_a_store_that_is_away_keeps_the_list_of_what_is_to_be_deleted(
    game: Game, hunt: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = snapshot_of(game, game.submitted(url=game.page(beliefs=(0.9, 0.1))))
    forget(game, days=31)

    def away(_key: str) -> None:
        raise OSError("the store does not answer")

    monkeypatch.setattr(game.snapshots, "delete", away)
    forget(game, hours=2)
    assert value("SELECT count(*) FROM orphan") == 1
    monkeypatch.undo()
    forget(game)
    assert not game.snapshots.verify(key)
