"""Many submissions in flight while web and worker processes are killed at random, and the database server once.

24 submissions and 6 kills; 200 and 30 with BTM_TEST_LONG=1. The PostgreSQL that is killed is the test's own.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from btm.config import read_settings
from btm.factory import create_app
from btm.pages.snapshot import open_snapshots
from btm.rules.submissions import STATES
from btm.services.roles import qualify_account
from btm.store.database import db

from ..support.cluster import Cluster, Person, cluster
from ..support.databases import rows, value
from ..support.postgres_server import Server, own_postgres
from ..support.product import slow_site, wait_for
from .test_machines import SLUG, prepare, states

IS_LONG = os.environ.get("BTM_TEST_LONG") == "1"
PLAYERS, EACH, KILLS = (10, 20, 30) if IS_LONG else (4, 6, 6)
JUDGES = ("bea", "cem", "dov")
ENOUGH = 420 if IS_LONG else 150
ENDED = {"confirmed", "rejected"}

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[Server | None]:
    """The database server to be killed; None for SQLite, which is a file."""
    if sys.platform != "linux":
        pytest.skip("these tests look into /proc")
    if request.param == "sqlite":
        yield None
    else:
        with own_postgres() as server:
            yield server


class Players:
    """Threads of people who hand in and take quotes, and of judges who judge, until all is done."""

    def __init__(self, machines: Cluster, app: Flask, site: str) -> None:
        self.machines, self.app, self.site = machines, app, site
        self.done, self.problems = threading.Event(), list[str]()
        self.retries = 0
        self._threads = [
            *(
                threading.Thread(target=self._safely, args=(self._play, n), daemon=True)
                for n in range(PLAYERS)
            ),
            *(
                threading.Thread(target=self._safely, args=(self._judge, handle), daemon=True)
                for handle in JUDGES
            ),
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        self.done.set()
        for thread in self._threads:
            thread.join(60)

    def _safely(self, act: Callable[[object], None], who: object) -> None:
        try:
            with self.app.app_context():
                act(who)
        except BaseException as error:
            self.problems.append(f"{who}: {type(error).__name__}: {error}")

    def _play(self, number: object) -> None:
        person = Person(self.machines, int(str(number)))
        person.register(f"player{number}")
        ids = [person.submit(SLUG, f"{self.site}/{number}-{n}") for n in range(EACH)]
        waiting = set(ids)
        while waiting and not self.done.is_set():
            for public_id in sorted(waiting):
                state = patiently(
                    lambda wanted=public_id: value(
                        "SELECT state FROM submission WHERE public_id = :id", id=wanted
                    )
                )  # type: ignore[misc]
                if state == "quoted":
                    person.commit(SLUG, public_id)
                elif state not in ("queued", "fetching"):
                    waiting.discard(public_id)
            time.sleep(0.2)
        self.retries += person.retries

    def _judge(self, handle: object) -> None:
        person = Person(self.machines)
        person.register(str(handle))
        patiently(lambda: qualify_account(str(handle), SLUG, now=datetime.now(UTC)))
        while not self.done.is_set():
            if not person.judge(SLUG, SLUG):
                time.sleep(0.3)
        self.retries += person.retries


def patiently(ask: Callable[[], object]) -> object:
    """What the database says, once it is there again."""
    for _ in range(100):
        try:
            return ask()
        except DBAPIError:
            time.sleep(0.2)
    raise AssertionError("the database stayed away")


def kill_at_random(machines: Cluster, server: Server | None, luck: random.Random) -> Counter[str]:
    """SIGKILL by SIGKILL; half way the database server."""
    killed: Counter[str] = Counter()
    for number in range(KILLS):
        time.sleep(0.3 + luck.random())
        if server is not None and number == KILLS // 2:
            server.crash_and_start()
            killed["database"] += 1
        if number % 2:
            worker = luck.choice(machines.workers)
            worker.kill()
            worker.start_again()
            killed["worker"] += 1
        elif children := wait_for(machines.webs[0].children, 30, "no web process came back"):
            with contextlib.suppress(ProcessLookupError):
                os.kill(luck.choice(children), signal.SIGKILL)  # its parent starts another
                killed["web"] += 1
    return killed


def let_time_pass() -> None:
    """Half a minute is over for whoever was with a worker that died."""
    with contextlib.suppress(DBAPIError), db.engine.begin() as connection:
        connection.execute(
            text("UPDATE submission SET wake_at = '2026-01-01 00:00:00+00:00' WHERE state = 'fetching'")
        )


def test_whatever_is_killed_every_submission_ends_right_and_no_point_is_lost(
    database: Server | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = {
        "BTM_DATA_DIR": str(tmp_path), "BTM_SECRET_KEY": "for tests only, not for use", "BTM_FETCH_ALLOW_PRIVATE": "127.0.0.0/8",
        "BTM_FETCH_DEADLINE": "8", "BTM_WORKER_THREADS": "4", **({"BTM_DATABASE_URL": database.url} if database else {}),
        **{f"BTM_LIMIT_{name}": "100000 per minute" for name in ("LOG_IN", "REGISTER", "PROBE", "JUDGE")},
    }  # fmt: skip
    app, began = create_app(read_settings(environ)), time.monotonic()
    with app.app_context():
        prepare()
        with (
            slow_site(0.2) as site,
            cluster(environ, tmp_path, webs=1, workers=2, web_processes=2) as machines,
        ):
            players = Players(machines, app, site.url)
            players.start()
            wait_for(lambda: states().get("fetching", 0) >= 2, 60, "nothing is in flight")
            killed = kill_at_random(machines, database, random.Random(7))
            let_time_pass()
            wait_until_all_ended(players)
            players.finish()
        assert players.problems == []
        check_everything(str(read_settings(environ).snapshot_place))
        with capsys.disabled():
            print(
                f"\n{PLAYERS * EACH} submissions, {dict(killed)} killed, {players.retries} retries, {time.monotonic() - began:.0f} s"
            )
        db.engine.dispose()


def wait_until_all_ended(players: Players) -> None:
    deadline, passed = time.monotonic() + ENOUGH, time.monotonic()
    while time.monotonic() < deadline and not players.problems:
        now = patiently(states)
        assert isinstance(now, dict)
        if sum(now.values()) == PLAYERS * EACH and set(now) <= ENDED:
            return
        if time.monotonic() - passed > 12:  # longer than a fetch may take, so that nobody alive is robbed
            let_time_pass()
            passed = time.monotonic()
        time.sleep(0.3)
    raise AssertionError(f"not all ended: {states()}; {players.problems}")


def check_everything(place: str) -> None:
    """Each page was found once and paid once, each judgement too; all points are somewhere; snapshots are what was fetched."""
    count = PLAYERS * EACH
    assert set(states()) <= set(STATES)
    assert states() == {"confirmed": count}
    assert value("SELECT count(*) FROM outcome") == count
    assert value("SELECT count(*) FROM ledger WHERE kind = 'bonus'") == count
    assert value("SELECT sum(worker) FROM ledger WHERE kind = 'bonus'") == value(
        "SELECT sum(points) FROM quote"
    )
    assert value("SELECT count(*) FROM judgement") == value(
        "SELECT count(*) FROM ledger WHERE kind = 'judging'"
    )
    assert rows("SELECT item_id FROM judgement GROUP BY item_id, judge_id HAVING count(*) > 1") == []
    assert value("SELECT sum(escrow) FROM ledger") == 0
    assert value("SELECT sum(budget + worker) FROM ledger") == value(
        "SELECT sum(budget) FROM ledger WHERE kind = 'fund'"
    )
    kept = open_snapshots(place)
    pages = rows("SELECT snapshot FROM page WHERE id IN (SELECT page_id FROM submission)")
    assert len(pages) == count
    assert all(kept.verify(str(key)) for (key,) in pages)
