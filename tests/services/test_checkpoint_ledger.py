"""A budget with a checkpoint is the plain sum, at every moment."""

from __future__ import annotations

import random
import threading
import time

import pytest
from sqlalchemy import text

from btm.rules.budget import Pots
from btm.rules.money import Entry
from btm.services.checkpoint_ledger import checkpoint_ledger
from btm.store import checkpoints, money
from btm.store.transaction import Session, reading, transaction

from ..support.crowd import at_once, errors
from ..support.databases import rows, value
from ..support.game import Game

WRITERS, TURNS = 6, 40


@pytest.fixture(autouse=True)
def _every_row_is_worth_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "WORTHWHILE", 1)


def move(game: Game, session: Session, challenge_id: int, points: int) -> None:
    entry = Entry(game.new("key"), "reserve", -points, points, 0, "")
    assert money.post(session, entry, challenge_id=challenge_id, at=game.clock())


def plain(session: Session, challenge_id: int) -> Pots:
    """Where a challenge's points are, by all of its rows."""
    query = """SELECT coalesce(sum(CASE WHEN kind = 'fund' THEN budget END), 0), coalesce(sum(escrow), 0),
        coalesce(sum(CASE WHEN kind != 'payout' THEN worker END), 0) FROM ledger WHERE challenge_id = :id"""
    return Pots(*map(int, session.execute(text(query), {"id": challenge_id}).one()))


def test_the_sum_goes_on_from_the_checkpoint(game: Game) -> None:
    first, second = game.challenge(budget=1000), game.challenge("other", budget=500)
    with transaction() as session:
        move(game, session, first, 30)
    assert checkpoint_ledger() == 2
    assert checkpoint_ledger() == 0, "nothing is new"
    with transaction() as session:
        move(game, session, first, 7)
        assert money.free_budget(session, first) == 963, "also before it is committed"
        assert money.free_budget(session, second) == 500
    assert checkpoint_ledger() == 1
    assert value("SELECT budget FROM ledger_checkpoint WHERE challenge_id = :id", id=first) == 963
    assert value("SELECT count(*) FROM ledger_checkpoint WHERE up_to_id = (SELECT max(id) FROM ledger)") == 1


def test_pots_are_the_plain_sums_at_every_moment(game: Game) -> None:
    """Through all that moves points, with checkpoints anywhere in between."""
    one, none = game.challenge(budget=1000), game.challenge("other", budget=0)
    worker, luck = game.player("worker"), random.Random(7)

    def check() -> None:
        with reading() as session:
            pots = money.pots(session, [one, none])
            assert pots == {one: plain(session, one), none: Pots(0, 0, 0)}
            assert pots[one].free == money.free_budget(session, one)
            assert pots[one].spent == money.spent(session, one)

    acts = {
        "fund": (5, 0, 0), "reserve": (-9, 9, 0), "release": (3, -3, 0), "bonus": (0, -4, 4), "judging": (-2, 0, 2),
        "reversal": (1, 0, -1), "payout": (0, 0, -2),
    }  # fmt: skip
    for kind in [*acts, *luck.choices(list(acts), k=25)]:
        with transaction() as session:
            entry = Entry(game.new("key"), kind, *acts[kind], "")
            money.post(session, entry, challenge_id=one, account_id=worker, at=game.clock())
        check()
        if luck.random() < 0.3:
            checkpoint_ledger()
            check()
    assert rows("SELECT challenge_id FROM ledger_checkpoint") == [(one,)]


def test_a_newer_checkpoint_is_not_replaced_by_an_older_one(game: Game) -> None:
    challenge = game.challenge(budget=1000)
    with reading() as session:
        [old] = checkpoints.ahead(session, int(str(value("SELECT max(id) FROM ledger"))))
    with transaction() as session:
        move(game, session, challenge, 30)
    assert checkpoint_ledger() == 1
    with transaction() as session:
        checkpoints.keep(session, [old])
    assert value("SELECT budget FROM ledger_checkpoint") == 970
    with reading() as session:
        assert money.free_budget(session, challenge) == 970


def test_no_checkpoint_passes_a_row_that_is_not_committed_yet(game: Game) -> None:
    """On PostgreSQL somebody draws an id, and another one, who draws a higher, commits before them."""
    if game.database.kind == "sqlite":
        pytest.skip("a writing transaction is alone on SQLite")
    challenge = game.challenge(budget=1000)
    drawn, done = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction() as session:
            move(game, session, challenge, 30)
            drawn.set()
            assert done.wait(20)

    def quick() -> tuple[int, int]:
        assert drawn.wait(20)
        with transaction() as session:
            move(game, session, challenge, 7)
        written = checkpoint_ledger()
        with reading() as session:
            free = money.free_budget(session, challenge)
        done.set()
        return written, free

    assert at_once(game.app, [slow, quick])[1] == (0, 993)
    assert checkpoint_ledger() == 1
    with reading() as session:
        assert money.free_budget(session, challenge) == 963


def test_whoever_looks_while_many_post_sees_the_plain_sum(game: Game) -> None:
    ids = [game.challenge(f"c{n}", budget=1_000_000) for n in range(2)]
    going = threading.Event()
    going.set()

    def post(seed: int) -> None:
        luck = random.Random(seed)
        for _ in range(TURNS):
            with transaction() as session:
                move(game, session, luck.choice(ids), luck.randrange(1, 50))
                time.sleep(0.003 * luck.random())
                if luck.random() < 0.2:
                    session.rollback()

    def tend() -> int:
        written = 0
        while going.is_set():
            written += checkpoint_ledger()
            time.sleep(0.002)
        return written

    def look() -> list[tuple[Pots, Pots]]:
        seen = []
        while going.is_set():
            for challenge_id in ids:
                with reading() as session:
                    if game.database.kind == "postgres":
                        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
                    pots = money.pots(session, [challenge_id])[challenge_id]
                    assert pots.free == money.free_budget(session, challenge_id)
                    seen.append((pots, plain(session, challenge_id)))
        return seen

    def all_posted() -> None:
        try:
            assert errors(at_once(game.app, [lambda n=n: post(n) for n in range(WRITERS)])) == []  # type: ignore[misc]
        finally:
            going.clear()

    answers = at_once(game.app, [all_posted, tend, tend, look])
    assert errors(answers) == []
    assert [pair for pair in answers[3] if pair[0] != pair[1]] == []
    assert len(answers[3]) > 20
    checkpoint_ledger()
    below = "SELECT sum(budget), sum(escrow) FROM ledger WHERE challenge_id = :id AND id <= :up_to"
    for challenge_id, up_to_id, *sums in rows(
        "SELECT challenge_id, up_to_id, budget, escrow FROM ledger_checkpoint"
    ):
        assert rows(below, id=challenge_id, up_to=up_to_id) == [tuple(sums)]
    assert len(rows("SELECT 1 FROM ledger_checkpoint")) == 2
