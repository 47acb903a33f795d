"""200 judges at once on one challenge. Five seconds a database; the whole minute with BTM_TEST_LONG=1.

They are shared out to processes, as gunicorn's workers are. Some walk away from a page and let the lease run out, some send
their answer twice, some are blocked half way, and pages are opened meanwhile. Afterwards the rows are counted.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from btm.services import jury
from btm.services.lease_review import lease_review
from btm.store.tables import DbAccount, DbChallenge, DbPage, DbQualification
from btm.store.transaction import transaction

from ..support.databases import rows, value
from ..support.game import Game

ROOT = Path(__file__).resolve().parents[2]
JUDGES, PROCESSES, ITEMS = 200, 4, 400
IS_LONG = os.environ.get("BTM_TEST_LONG") == "1"
SECONDS = 60 if IS_LONG else 5
LEASE_SECONDS, MOST = 5, 4
AT_ONCE = {"sqlite": 4, "postgres": 12}
"""Requests that a process answers at the same time. SQLite has one writer and no line in front of it: of dozens who wait, one may
wait longer than the 30 s after which it gives up."""

pytestmark = pytest.mark.timeout(400)


def people(game: Game, challenge_id: int, count: int) -> list[int]:
    """Accounts that passed the test."""
    with transaction() as session:
        made = [DbAccount(created_at=game.clock()) for _ in range(count)]
        session.add_all(made)
        session.flush()
        session.add_all(
            DbQualification(
                account_id=a.id,
                challenge_id=challenge_id,
                right=5,
                asked=5,
                passed=True,
                taken_at=game.clock(),
            )
            for a in made
        )
        return [account.id for account in made]


def put_up(challenge_id: int, count: int, name: str, now: datetime) -> None:
    """Pages of nobody's, up for judgement."""
    with transaction() as session:
        challenge = session.get_one(DbChallenge, challenge_id)
        for number in range(count):
            page = DbPage(
                url="", canonical_url="", final_url="https://a.example/", final_canonical_url="", redirects=[], fetched_at=now,
                status=200, content_type="", content_hash=f"{name}{number}", snapshot="", title="", description="",
                headings=[], links=[], language="en", text="", blocks=[["p", "Text."]], signature=b"",
            )  # fmt: skip
            session.add(page)
            session.flush()
            values = {
                "public_id": f"{name}{number}", "page_id": page.id, "origin": "pool", "deadline_at": now + timedelta(days=7),
            }  # fmt: skip
            assert jury.open_item(session, challenge, values, now) is not None


def start(game: Game, judges: list[int], number: int) -> subprocess.Popen[str]:
    """One process with its share of the judges."""
    orders = {"judges": judges, "seconds": SECONDS, "seed": number, "at_once": AT_ONCE[game.database.kind]}
    plain = {name: word for name, word in os.environ.items() if not name.startswith("BTM_")}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.load.crowd_process", json.dumps(orders)],
        cwd=ROOT, env={**plain, **game.database.environ}, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def finish(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What a process counted."""
    out, problems = process.communicate(timeout=SECONDS + 200)
    assert process.returncode == 0, problems[-3000:]
    return dict(json.loads(out.splitlines()[-1]))


def test_200_judges_at_once_lose_nothing_and_judge_nothing_twice(
    game: Game, capsys: pytest.CaptureFixture[str]
) -> None:
    challenge_id = game.challenge(lease_seconds=LEASE_SECONDS, max_judgements=MOST, budget=100_000_000)
    judges = people(game, challenge_id, JUDGES)
    put_up(challenge_id, ITEMS, "first", datetime.now(UTC))
    share = JUDGES // PROCESSES
    processes = [start(game, judges[n * share : (n + 1) * share], n) for n in range(PROCESSES)]
    try:
        opened, until = 0, time.monotonic() + SECONDS
        while time.monotonic() < until and any(process.poll() is None for process in processes):
            time.sleep(0.5)
            put_up(challenge_id, 10, f"later{opened}x", datetime.now(UTC))
            opened += 1
        counted = [finish(process) for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert [problem for one in counted for problem in one["problems"]] == []
    answers = int(str(value("SELECT count(*) FROM judgement")))
    check_what_was_judged(opened)
    game.check_books()
    check_what_is_left(game, challenge_id)
    assert answers > 100, "hardly anybody came to judge"
    with capsys.disabled():
        asked = sum(one["asked"] for one in counted)
        print(
            f"\n{game.database.kind}: {answers} judgements in {SECONDS} s ({answers / SECONDS:.0f}/s), {asked} asked,"
            f" {sum(one['abandoned'] for one in counted)} abandoned, {sum(one['passed'] for one in counted)} too late,"
            f" {sum(one['blocked'] for one in counted)} blocked"
        )


def check_what_was_judged(opened: int) -> None:
    """Nobody judged an item twice, no item has too many answers, none is missing, and each answer was paid once."""
    assert rows("SELECT item_id FROM judgement GROUP BY item_id, judge_id HAVING count(*) > 1") == []
    over = "SELECT item_id FROM judgement WHERE withdrawn_at IS NULL GROUP BY item_id, round HAVING count(*) > :most"
    assert rows(over, most=MOST) == []
    assert value("SELECT count(*) FROM review_item") == ITEMS + 10 * opened
    assert value("SELECT count(*) FROM judgement") == value(
        "SELECT count(*) FROM ledger WHERE kind = 'judging'"
    )
    unpaid = "SELECT id FROM judgement WHERE judge_id NOT IN (SELECT account_id FROM ledger WHERE kind = 'judging')"
    assert rows(unpaid) == []
    unpaid = (
        "SELECT id FROM judgement j WHERE NOT EXISTS (SELECT 1 FROM ledger l WHERE l.account_id = j.judge_id"
        " AND l.key = 'judging:' || j.id)"
    )
    assert rows(unpaid) == []


def check_what_is_left(game: Game, challenge_id: int) -> None:
    """Once the leases have run out, somebody new is given every item that is still open, each once, and then nothing."""
    [fresh] = people(game, challenge_id, 1)
    now = datetime.now(UTC) + timedelta(seconds=LEASE_SECONDS + 1)
    still_open = {str(row[0]) for row in rows("SELECT public_id FROM review_item WHERE state = 'open'")}
    given: set[str] = set()
    for number in range(len(still_open) + 1):
        view = lease_review("spam", judge_id=fresh, now=now, new_token=f"t{number}", dice=number % 7 / 7)
        if view.item is None:
            break
        assert view.item.public_id not in given
        given.add(view.item.public_id)
        with transaction() as session:
            session.execute(
                text(
                    "INSERT INTO judgement (item_id, judge_id, label, other, reason, seconds, judged_at)"
                    " SELECT id, :judge, 'spam', '', '', 1, opened_at FROM review_item WHERE public_id = :item"
                ),
                {"judge": fresh, "item": view.item.public_id},
            )
    assert given == still_open
