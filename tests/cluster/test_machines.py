"""Two web and two worker processes share PostgreSQL, Redis and object storage; one of each is killed half way through the game."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask_migrate import upgrade
from sqlalchemy import select, text

from btm.config import read_settings
from btm.factory import create_app
from btm.pages.snapshot import open_snapshots
from btm.services.roles import qualify_account
from btm.services.seed_challenges import seed_challenges
from btm.store.database import db
from btm.store.tables import DbChallenge
from btm.store.transaction import transaction

from ..support.cluster import Cluster, Person, cluster
from ..support.databases import rows, scratch_postgres, scratch_redis, value
from ..support.product import SlowSite, slow_site, wait_for

PAGES = 8
SLUG = "drugs"

pytestmark = [pytest.mark.postgres, pytest.mark.redis]


@pytest.fixture
def environ(s3: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    if sys.platform != "linux":
        pytest.skip("these tests look into /proc")
    with scratch_postgres() as url, scratch_redis() as queue:
        yield {
            "BTM_DATABASE_URL": url, **queue, "BTM_SNAPSHOT_URL": f"s3://btm/{tmp_path.name}", "BTM_SNAPSHOT_ENDPOINT": s3,
            "BTM_SECRET_KEY": "for tests only, not for use", "BTM_FETCH_ALLOW_PRIVATE": "127.0.0.0/8",
            "BTM_FETCH_DEADLINE": "6", "BTM_WORKER_THREADS": "4",
        }  # fmt: skip


def prepare() -> None:
    """Tables and challenges; no verdict becomes gold, so that what is judged can be foretold."""
    upgrade()
    seed_challenges(now=datetime.now(UTC), new_salt=lambda: "salt")
    with transaction() as session:
        for challenge in session.scalars(select(DbChallenge)):
            challenge.rules = {**challenge.rules, "gold_pool": 0}


def states() -> dict[str, int]:
    return {str(s): int(str(n)) for s, n in rows("SELECT state, count(*) FROM submission GROUP BY state")}


def let_time_pass() -> None:
    """What a dead worker held is due again: as if its half minute were over."""
    with db.engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE submission SET wake_at = '2026-01-01T00:00:00+00:00' WHERE state IN ('queued', 'fetching')"
            )
        )


def hand_in(machines: Cluster, ada: Person, site: SlowSite) -> list[str]:
    """Pages at both web servers; a worker is killed while it fetches."""
    ids = [ada.submit(SLUG, f"{site.url}/{number}") for number in range(1, PAGES + 1)]
    wait_for(lambda: states().get("fetching", 0) >= 2, 30, f"nothing is being fetched: {states()}")
    machines.workers[0].kill()
    assert states().get("fetching", 0) >= 1, "the kill came too late to prove anything"
    let_time_pass()
    wait_for(lambda: states() == {"quoted": PAGES}, 60, f"not all were quoted: {states()}")
    return ids


def test_a_game_goes_on_when_a_web_server_and_a_worker_are_lost_half_way(
    environ: dict[str, str], tmp_path: Path
) -> None:
    settings = read_settings({**environ, "BTM_DATA_DIR": str(tmp_path / "desk")})
    with create_app(settings).app_context():
        prepare()
        with slow_site(0.4) as site, cluster(environ, tmp_path, webs=2, workers=2) as machines:
            ready = wait_for(
                lambda: Person(machines, 1).session.get(f"{machines.webs[1].url}/readyz", timeout=5).ok,
                40,
                "not ready",
            )
            assert ready
            ada = Person(machines)
            ada.register("ada")
            ids = hand_in(machines, ada, site)
            for number, public_id in enumerate(ids):
                if number == PAGES // 2:
                    machines.webs[0].kill()
                ada.commit(SLUG, public_id)
            assert ada.retries > 0, "nobody noticed that a server was gone"
            judge_all(machines)
            wait_for(lambda: states() == {"confirmed": PAGES}, 60, f"not all were settled: {states()}")
            assert "ada" in ada.ask("GET", "/leaderboard?period=all").text
        check_what_is_there(settings.snapshot_place)
        db.engine.dispose()


def judge_all(machines: Cluster) -> None:
    """Two people, at the server that is left."""
    for handle in ("bea", "cem"):
        judge = Person(machines, 1)
        judge.register(handle)
        qualify_account(handle, SLUG, now=datetime.now(UTC))
        while judge.judge(SLUG, SLUG):
            pass


def check_what_is_there(place: str) -> None:
    """One find and one bonus a page, two judgements paid for each, no point lost, every snapshot in the store as it was fetched."""
    assert value("SELECT count(*) FROM outcome") == PAGES
    assert value("SELECT count(*) FROM ledger WHERE kind = 'bonus'") == PAGES
    assert value("SELECT count(*) FROM ledger WHERE kind = 'judging'") == 2 * PAGES
    assert value("SELECT sum(worker) FROM ledger WHERE kind = 'bonus'") == value(
        "SELECT sum(points) FROM quote"
    )
    assert value("SELECT sum(escrow) FROM ledger") == 0
    assert value("SELECT sum(budget + worker) FROM ledger") == value(
        "SELECT sum(budget) FROM ledger WHERE kind = 'fund'"
    )
    kept = open_snapshots(place)
    assert all(kept.verify(str(key)) for (key,) in rows("SELECT snapshot FROM page"))
    assert len(list(kept.keys())) >= PAGES
