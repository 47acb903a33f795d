from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError, StatementError

from btm.rules.errors import Invalid, TooMany
from btm.store import database
from btm.store.database import db
from btm.store.tables import DbAccount, DbChallenge, DbEntry
from btm.store.transaction import insert_once, reading, transaction

from ..support.crowd import at_once, errors
from ..support.databases import rows, value
from ..support.game import Game


def account(game: Game, key: str) -> dict[str, object]:
    return {"handle": key, "handle_key": key, "password_hash": "x", "created_at": game.clock()}


def test_a_transaction_is_kept_whole_or_not_at_all(game: Game) -> None:
    def fail() -> None:
        with transaction() as session:
            insert_once(session, DbAccount, account(game, "ada"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert value("SELECT count(*) FROM account") == 0
    with transaction() as session:
        insert_once(session, DbAccount, account(game, "ada"))
    assert value("SELECT count(*) FROM account") == 1


def test_a_row_is_inserted_once_and_what_was_written_before_it_stays(game: Game) -> None:
    with transaction() as session:
        first = insert_once(session, DbAccount, account(game, "ada"))
        assert insert_once(session, DbAccount, account(game, "ada")) is None
        assert insert_once(session, DbAccount, account(game, "ben")) not in (None, first)
    assert rows("SELECT handle_key FROM account ORDER BY id") == [("ada",), ("ben",)]


def test_of_twenty_inserts_at_once_one_happens(game: Game) -> None:
    def insert() -> int | None:
        with transaction() as session:
            return insert_once(session, DbAccount, account(game, "ada"))

    answers = at_once(game.app, [insert] * 20)
    assert errors(answers) == []
    assert len([answer for answer in answers if answer is not None]) == 1


def test_reading_first_and_writing_then_loses_no_update(game: Game) -> None:
    """What SQLite's default transactions and a read without a lock would lose."""
    challenge_id = game.challenge()

    def add_one() -> None:
        from btm.store import challenges

        with transaction() as session:
            row = challenges.lock_challenge(session, challenge_id)
            row.title = str(int(row.title) + 1)

    with transaction() as session:
        session.get_one(DbChallenge, challenge_id).title = "0"
    assert errors(at_once(game.app, [lambda: [add_one() for _ in range(5)]] * 8)) == []
    assert value("SELECT title FROM challenge") == "40"


def test_an_entry_that_makes_points_is_refused_by_the_database_itself(game: Game) -> None:
    challenge_id = game.challenge()
    with pytest.raises(IntegrityError), transaction() as session:
        session.add(
            DbEntry(
                key="k",
                kind="bonus",
                challenge_id=challenge_id,
                budget=0,
                escrow=0,
                worker=5,
                reason="",
                at=game.clock(),
            )
        )


def test_foreign_keys_are_checked(game: Game) -> None:
    with pytest.raises(IntegrityError), transaction() as session:
        session.add(
            DbEntry(
                key="k",
                kind="fund",
                challenge_id=99,
                budget=1,
                escrow=0,
                worker=0,
                reason="",
                at=game.clock(),
            )
        )


def test_moments_come_back_as_they_went_in_utc(game: Game) -> None:
    berlin = datetime(2026, 11, 4, 13, 0, 0, 123456, tzinfo=timezone(timedelta(hours=1)))
    with transaction() as session:
        insert_once(session, DbAccount, {"created_at": berlin})
    with reading() as session:
        kept = session.query(DbAccount).one().created_at
    assert (kept, kept.tzinfo) == (berlin, UTC)


def test_a_moment_without_a_time_zone_is_a_mistake(game: Game) -> None:
    with pytest.raises(StatementError), transaction() as session:
        insert_once(session, DbAccount, {"created_at": datetime(2026, 11, 4)})


def test_a_nul_is_the_asker_s_mistake(game: Game) -> None:
    if game.database.kind == "sqlite":
        pytest.skip("SQLite keeps NUL characters")
    with pytest.raises(Invalid), transaction() as session:
        insert_once(session, DbAccount, account(game, "a\x00"))


@pytest.fixture
def one_writes(game: Game, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    """Somebody who writes to SQLite and does not come to an end, where nobody waits for them any more."""
    if game.database.kind != "sqlite":
        pytest.skip("on PostgreSQL nobody waits for a place to write")
    monkeypatch.setattr(database, "BUSY_SECONDS", 0)
    db.engine.dispose()
    with db.engine.connect().execution_options(btm_write=True) as connection:
        connection.begin()
        yield connection
    monkeypatch.undo()
    db.engine.dispose()


def test_who_finds_no_place_to_write_is_told_to_try_again(game: Game, one_writes: Connection) -> None:
    def write() -> int | None:
        with transaction() as session:
            return insert_once(session, DbAccount, account(game, "ada"))

    with pytest.raises(TooMany, match="Try again") as caught:
        write()
    assert caught.value.code == "busy"
    one_writes.rollback()
    assert write() is not None


def test_who_was_passed_over_once_gets_their_place_the_next_time(game: Game, one_writes: Connection) -> None:
    def make_room(_context: object) -> None:
        one_writes.rollback()

    event.listen(db.engine, "handle_error", make_room)
    try:
        with transaction() as session:
            insert_once(session, DbAccount, account(game, "ada"))
    finally:
        event.remove(db.engine, "handle_error", make_room)
    assert value("SELECT count(*) FROM account") == 1


def patience(lasting: bool) -> object:
    """What the database says of how a commit waits for the disk."""
    asked = {"sqlite": "PRAGMA synchronous", "postgresql": "SHOW synchronous_commit"}[db.engine.dialect.name]
    with transaction(lasting=lasting) as session:
        return session.execute(text(asked)).scalar()


def test_only_a_commit_that_need_not_last_is_not_waited_for(game: Game) -> None:
    db.engine.dispose()
    if db.engine.dialect.name == "sqlite":
        connection = db.engine.raw_connection()
        connection.cursor().execute("PRAGMA synchronous=FULL")  # as in production, and unlike in other tests
        connection.close()
        assert [patience(lasting) for lasting in (True, False, False, True)] == [2, 1, 1, 2]
    else:
        with db.engine.connect() as opened:
            usual = opened.execute(text("SHOW synchronous_commit")).scalar()
        assert [patience(lasting) for lasting in (True, False, True)] == [usual, "off", usual]
    db.engine.dispose()
