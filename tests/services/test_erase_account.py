"""A person goes; the books, the judgements and the finds stay right."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from btm.rules.errors import Conflict, Forbidden, NotFound
from btm.services.appeal_submission import appeal_submission
from btm.services.erase_account import erase_account, show_erasure
from btm.services.export_own_data import export_own_data
from btm.services.freeze_payouts import freeze_batch, show_payable
from btm.services.log_in import log_in
from btm.services.move_batch import cancel_batch
from btm.services.note_device import note_device
from btm.services.reconcile_payouts import reconcile_batch
from btm.services.roles import grant_role, reset_password
from btm.services.sessions import find_account, start_session
from btm.services.show_leaderboard import show_leaderboard
from btm.store.tables import DbAssignment, DbWork, DbWorker
from btm.store.transaction import transaction

from ..support.crowd import at_once
from ..support.databases import rows, value
from ..support.game import Game
from ..support.paying import FakePlatform, approved, earn, pay

PASSWORD = "a fine long password"
PERSONAL = ("Ada", "Firefox", "mark-of-ada", "A-WORKER", "AN-ASSIGNMENT", "I swear", "ada writes")

DELETED = {
    "api_call.account_id",
    "fingerprint.account_id",
    "role.account_id",
    "session.account_id",
    "token.account_id",
}
RENAMED = {
    "act.actor_id", "assignment.account_id", "dispute.judge_id", "invite_use.account_id", "judge.account_id", "judgement.judge_id",
    "ledger.account_id", "payout.account_id", "platform_worker.account_id", "qualification.account_id", "review_item.author_id",
    "review_item.for_judge_id", "review_item.lease_judge_id", "submission.player_id",
}  # fmt: skip
"""What becomes of every column that says whose a row is: deleted, or kept under another name and without what names the person."""


@pytest.fixture
def hunt(game: Game) -> int:
    return game.challenge()


def erase(game: Game, account_id: int, giving_up: int = 10**9, *, password: str | None = None) -> str:
    """By the operator, or with their password by themselves."""
    return erase_account(
        account_id, giving_up=giving_up, password=password, is_operator=password is None, now=game.clock(),
        new_id=game.new("id"),
    )  # fmt: skip


def of_a_platform(game: Game, account_id: int, challenge_id: int, state: str = "approved") -> None:
    """Somebody who came by Mechanical Turk and took a task."""
    now = game.clock()
    with transaction() as session:
        worker = DbWorker(platform="mturk", external_id="A-WORKER", account_id=account_id, created_at=now)
        work = DbWork(
            public_id=game.new("work"), platform="mturk", challenge_id=challenge_id, kind="play", title="Find",
            description="Find.", pieces=1, places=1, reward_cents=1, minutes=1, days=1, requirements={}, url="",
            completion_code="", state="open", created_at=now,
        )  # fmt: skip
        session.add_all([worker, work])
        session.flush()
        session.add(
            DbAssignment(
                work_id=work.id, worker_id=worker.id, account_id=account_id, platform="mturk",
                external_id="AN-ASSIGNMENT", unit="hit", state=state, is_known=True, arrived_at=now,
                deadline_at=now + timedelta(minutes=1),
            )
        )  # fmt: skip


def lived(game: Game, hunt: int) -> int:
    """Ada played, judged, appealed, and was noted in every way there is."""
    ada = game.player("Ada")
    reset_password("Ada", PASSWORD, now=game.clock())
    start_session(ada, new_token="token of ada", device="Firefox", now=game.clock())
    note_device(ada, fingerprint="mark-of-ada", now=game.clock())
    of_a_platform(game, ada, hunt)
    game.settled("spam", ada)
    rejected = game.settled("ham", ada)
    appeal_submission(rejected, player_id=ada, reason="I swear", now=game.clock())
    game.qualify(ada, "spam")
    other = game.committed(game.player())
    game.judge_says(other, "spam", ada, reason="ada writes this")
    return ada


def everything() -> str:
    """All that is in the database, as text."""
    from btm.store.backups import one_moment, read_rows, tables

    with one_moment() as session:
        return json.dumps([list(read_rows(session, table)) for table in tables()], default=str)


def test_nothing_says_any_more_who_it_was(game: Game, hunt: int) -> None:
    ada = lived(game, hunt)
    before = everything()
    assert all(word in before for word in PERSONAL)
    handle = erase(game, ada, password=PASSWORD)
    after = everything()
    assert [word for word in PERSONAL if word in after] == []
    assert find_account("token of ada", now=game.clock()) is None
    with pytest.raises(Forbidden):
        log_in("Ada", PASSWORD, visitor_id=None, new_token="t", device="", now=game.clock())
    assert rows("SELECT verb, subject, actor_id FROM act WHERE verb = 'erase_account'") == [
        ("erase_account", f"account:{handle}", ada)
    ]
    assert game.player("Ada") != ada  # the name is free again


def test_points_judgements_and_finds_stay_under_another_name(game: Game, hunt: int) -> None:
    ada = lived(game, hunt)
    counted = (
        "SELECT count(*) FROM ledger", "SELECT sum(worker) FROM ledger", "SELECT count(*) FROM outcome",
        "SELECT count(*) FROM judgement WHERE label = 'spam'", "SELECT count(*) FROM submission",
    )  # fmt: skip
    before = [value(query) for query in counted]
    handle = erase(game, ada)
    assert [value(query) for query in counted] == before
    board = show_leaderboard(slug=None, period="all", viewer_id=None, now=game.clock())
    assert handle in {row.handle for row in board.rows}
    game.check_books()


def test_what_would_be_lost_is_said_first_and_has_to_be_agreed_to(game: Game, hunt: int) -> None:
    ada = game.player("Ada")
    earn(game, ada, 700, hunt)
    promised = game.row(game.committed(ada)).quote
    assert promised is not None
    view = show_erasure(ada, now=game.clock())
    assert (view.unpaid, view.waiting, view.why_not) == (700, promised.points, "")
    with pytest.raises(Conflict) as refused:
        erase(game, ada, giving_up=700)
    assert refused.value.code == "unpaid"
    erase(game, ada, giving_up=700 + promised.points)


def test_a_wrong_password_deletes_nothing_and_the_operator_needs_none(game: Game, hunt: int) -> None:
    ada = game.player("Ada", PASSWORD)
    with pytest.raises(Forbidden) as refused:
        erase_account(ada, giving_up=0, password="another one", now=game.clock(), new_id="x")
    assert refused.value.code == "wrong_password"
    assert show_erasure(ada, now=game.clock()).handle == "Ada"
    erase_account(ada, giving_up=0, is_operator=True, now=game.clock(), new_id="x")
    with pytest.raises(NotFound):
        show_erasure(ada, now=game.clock())


def test_a_batch_that_holds_a_payment_holds_the_account(game: Game, hunt: int) -> None:
    ada = game.player("Ada")
    earn(game, ada, 5000, hunt)
    batch = approved(game)
    with pytest.raises(Conflict) as refused:
        erase(game, ada)
    assert refused.value.code == "held"
    assert batch.public_id in refused.value.sentence
    cancel_batch(batch.public_id, asker_id=None, now=game.clock())
    erase(game, ada)


def test_payments_lose_the_platform_s_ids_once_they_are_reconciled(game: Game, hunt: int) -> None:
    ada = game.player("Ada")
    of_a_platform(game, ada, hunt)
    earn(game, ada, 5000, hunt)
    platform = FakePlatform("mturk")
    first = approved(game, platform="mturk")
    pay(game, first.public_id, platform)
    erase(game, ada)
    assert rows("SELECT worker, cents FROM payout") == [("A-WORKER", 100)]
    from btm.services.forget_old import Keep, forget_old

    forget_old(Keep(), snapshots=game.snapshots, now=game.clock.advance(days=91))
    assert rows("SELECT worker, assignment, cents FROM payout") == [("", "", 100)]
    reconcile_batch(first.public_id, asker_id=None, now=game.clock())


def test_a_task_that_is_not_settled_and_the_last_admin_stay(game: Game, hunt: int) -> None:
    ada, bea = game.player("Ada"), game.player("bea")
    of_a_platform(game, ada, hunt, state="submitted")
    grant_role("bea", "admin", now=game.clock())
    for who, word in ((ada, "task"), (bea, "admin")):
        with pytest.raises(Conflict, match=word):
            erase(game, who)
    grant_role("Ada", "admin", now=game.clock())
    erase(game, bea)


def test_a_page_that_was_to_be_judged_goes_back_and_an_offer_is_withdrawn(game: Game, hunt: int) -> None:
    ada = game.judge(handle="Ada")
    item = game.item(game.committed(game.player()))
    game.lease_to(item.public_id, ada, "token")
    offer = game.quoted(ada)
    erase(game, ada)
    assert value("SELECT count(*) FROM review_item WHERE lease_judge_id IS NOT NULL") == 0
    assert game.row(offer).state == "withdrawn"


def test_who_is_gone_is_not_paid(game: Game, hunt: int) -> None:
    ada, bea = game.player("Ada"), game.player("bea")
    for who in (ada, bea):
        earn(game, who, 5000, hunt)
    erase(game, ada)
    view = show_payable("local", cutoff=game.clock(), least_cents=1, asker_id=None, now=game.clock())
    assert [each.handle for each in view.payees] == ["bea"]


def test_freezing_and_erasing_at_once_never_pays_somebody_who_is_gone(game: Game, hunt: int) -> None:
    from btm.services.freeze_payouts import open_batch

    for turn in range(4):
        ada = game.player(f"Ada{turn}")
        earn(game, ada, 5000, hunt)
        batch = game.new("batch")
        open_batch(
            "local", cutoff=game.clock(), least_cents=1, asker_id=None, now=game.clock(), new_id=batch
        )  # fmt: skip
        at_once(
            game.database.app,
            [
                lambda ada=ada: erase(game, ada),
                lambda batch=batch: freeze_batch(batch, asker_id=None, now=game.clock()),
            ],
        )
    held = "SELECT count(*) FROM payout JOIN account ON account.id = account_id WHERE erased_at IS NOT NULL"
    assert value(held) == 0
    assert (
        value("SELECT count(*) FROM account WHERE erased_at IS NOT NULL")
        + value("SELECT count(*) FROM payout")
        == 4
    )


def test_everything_kept_about_somebody_is_in_their_file_and_nothing_secret(game: Game, hunt: int) -> None:
    ada = lived(game, hunt)
    text = export_own_data(ada, now=game.clock())
    document = json.loads(text)
    assert [word for word in PERSONAL if word not in text] == []
    assert document["account"]["name"] == "Ada"
    assert len(document["submissions"]) == 2
    assert document["judgements"][0]["reason"] == "ada writes this"
    assert sum(line["points"] for line in document["points"]) == game.balance(ada)
    assert "argon2" not in text
    assert value("SELECT token_hash FROM session") not in text
    assert json.loads(export_own_data(game.player("bea"), now=game.clock()))["submissions"] == []


def test_of_every_table_that_says_whose_a_row_is_it_was_decided_what_becomes_of_it() -> None:
    from btm.store.tables import Base

    found = {
        f"{table.name}.{key.parent.name}"
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name == "account" and not key.parent.name.endswith("_by")
    }
    assert found == DELETED | RENAMED, (
        "a new column: delete, rename or blank it in btm/store/erasure.py, and say so here"
    )
