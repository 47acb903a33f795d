"""How long a judge waits for the next page, with few and with very many pages in the queue.

    python bench/review_queue.py [--items 10000 1000000] [--judges 1000] [--database sqlite postgres both] [--limit 10] [--ratio 2]

Each size of queue is a scratch database of its own, made by the migrations and opened as in production: SQLite with
`synchronous=FULL`, PostgreSQL with the server's own settings. Every judge asks in turn, all of them before the first answers, so
that as many leases are held; then each answers and asks again. What is timed is the whole call `lease_review` (who asks, what
they are paid, gold, the lease, the page, what today brought) until its transaction is committed; and `take_lease`, the part
within it that finds an item and writes the lease. Then come those for whom the queue is hardest: somebody who judged the 10,000
items that come first, and somebody who judged all of a topic.

Ends with exit code 1 where the p95 of the whole call at the largest size is above the limit (ms), or its ratio to that of the
smallest is above `--ratio`. PostgreSQL is that of BTM_TEST_POSTGRES_URL.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[0] = str(ROOT)  # in place of this folder, whose queue.py would stand before the standard library's
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse  # noqa: E402
import random  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable, Iterator  # noqa: E402
from contextlib import contextmanager  # noqa: E402
from datetime import UTC, datetime, timedelta  # noqa: E402
from typing import Any  # noqa: E402

import numpy as np  # noqa: E402

from bench.filling import Row, numbers, production, put, settle_down  # noqa: E402
from btm.rules.priority import priority, worth  # noqa: E402
from btm.services import jury, list_judging  # noqa: E402
from btm.services.checkpoint_ledger import checkpoint_ledger  # noqa: E402
from btm.services.lease_review import lease_review  # noqa: E402
from btm.services.record_judgement import record_judgement  # noqa: E402
from btm.store import queue  # noqa: E402
from btm.store.tables import (  # noqa: E402
    DbAccount,
    DbChallenge,
    DbEntry,
    DbGold,
    DbJudgement,
    DbMachine,
    DbPage,
    DbQualification,
    DbReviewItem,
)

SEED = 2011
NOW = datetime(2026, 11, 4, 12, tzinfo=UTC)
CHALLENGES, ORIGINS, GOLD, ALONE, HEAVY = 5, ("submission", "collected", "audit", "pool"), 40, 2_000, 10_000
REPEATS = 20
LUCK = random.Random(SEED)


def fill(items: int, judges: int) -> None:
    """A topic of CHALLENGES with `items` waiting, opened within a week, and everybody qualified; a topic for one who is alone.

    Accounts 1 to `judges` judge; the two after them are the one who judged what comes first, and the one who judged all.
    """
    put(
        DbMachine,
        [
            {
                "id": 1,
                "name": "m",
                "version": "1",
                "kind": "default",
                "labels": ["spam", "ham"],
                "card": {},
                "created_at": NOW,
            }
        ],
    )
    put(DbChallenge, (challenge(n) for n in range(1, CHALLENGES + 2)))
    put(
        DbAccount,
        (
            {"id": n, "handle": f"judge{n}", "handle_key": f"judge{n}", "created_at": NOW}
            for n in range(1, judges + 3)
        ),
    )
    put(DbEntry, (entry(f"fund:{n}", n, None, 10**9, 0) for n in range(1, CHALLENGES + 2)))
    put(DbQualification, (
        {"account_id": n, "challenge_id": c, "right": 5, "asked": 5, "passed": True, "taken_at": NOW}
        for n in range(1, judges + 3) for c in (1, CHALLENGES + 1)
    ))  # fmt: skip
    shares = CHALLENGES * len(ORIGINS)
    pages = max(ALONE, -(-items // shares)) + GOLD
    put(DbPage, (page(n) for n in range(1, pages + 1)))
    put(
        DbReviewItem,
        (item(n, 1 + n % CHALLENGES, 1 + n // shares, ORIGINS[n // CHALLENGES % 4]) for n in range(items)),
    )
    put(DbReviewItem, (item(items + n, CHALLENGES + 1, 1 + n, "pool") for n in range(ALONE)))
    put(DbGold, (
        {"public_id": f"gold{n}", "topic": "t", "challenge_id": 1, "page_id": pages - n, "truth": truth(pages - n),
         "why": "", "source": "modeler", "state": "active", "retired_why": "", "created_at": NOW}
        for n in range(GOLD)
    ))  # fmt: skip
    first = "SELECT id FROM review_item WHERE topic = 't' ORDER BY priority DESC, shuffle LIMIT :most"
    judged(judges + 1, numbers(first, most=min(HEAVY, items * 9 // 10)))
    judged(judges + 2, numbers("SELECT id FROM review_item WHERE topic = 'alone'"))


def truth(page_id: int) -> str:
    """What a page is. The judges here are always right, so that nobody is blocked for their answers to gold."""
    return ("spam", "ham")[page_id % 2]


def challenge(n: int) -> Row:
    names = [{"key": key, "name": key, "statement": key, "help": ""} for key in ("spam", "ham")]
    slug = "alone" if n > CHALLENGES else f"t{n}" if n > 1 else "t"
    return {
        "id": n, "slug": slug, "topic": "alone" if n > CHALLENGES else "t", "title": slug, "sought": slug, "mode": "beat",
        "state": "live", "is_harmful": False, "labels": names, "target": "spam", "cost": [[0, 1], [1, 0]],
        "brief": {"summary": "", "question": "Is it?", "counts": [], "counts_not": []}, "qualification": [], "rules": {},
        "machine_id": 1, "salt": "", "created_at": NOW,
    }  # fmt: skip


def page(n: int) -> Row:
    url = f"https://site{n}.example/"
    return {
        "id": n, "url": url, "canonical_url": url, "final_url": url, "final_canonical_url": url, "redirects": [], "fetched_at": NOW,
        "status": 200, "content_type": "text/html", "content_hash": f"{n:064x}", "snapshot": f"{n:064x}", "title": f"Page {n}",
        "description": "", "headings": [], "links": [], "language": "en", "text": f"Page {n} " * 20,
        "blocks": [["p", f"Page {n} " * 20]], "signature": b"",
    }  # fmt: skip


def item(n: int, challenge_id: int, page_id: int, origin: str) -> Row:
    """An item opened at some moment of the last week, of some worth."""
    luck = LUCK
    opened, stake, doubt = NOW - timedelta(days=7 * luck.random()), luck.random(), luck.random()
    hours = (opened - jury.EPOCH).total_seconds() / 3600
    return {
        "id": n + 1, "public_id": f"item{n:08d}", "challenge_id": challenge_id, "page_id": page_id,
        "topic": "t" if challenge_id <= CHALLENGES else "alone", "origin": origin, "state": "open", "lease_token": "",
        "priority": priority(worth(1.0, doubt, stake), hours, 24.0), "shuffle": luck.random(), "stake": stake,
        "model_uncertainty": doubt, "opened_at": opened, "deadline_at": opened + timedelta(days=14),
    }  # fmt: skip


def entry(key: str, challenge_id: int, account_id: int | None, budget: int, worker: int) -> Row:
    kind = "fund" if account_id is None else "judging"
    return {
        "key": key, "kind": kind, "challenge_id": challenge_id, "account_id": account_id, "budget": budget, "escrow": 0,
        "worker": worker, "reason": "", "at": NOW - timedelta(days=2),
    }  # fmt: skip


def judged(account_id: int, ids: list[int]) -> None:
    """Answers of one person, two days ago, each paid."""
    put(DbJudgement, (
        {"item_id": i, "judge_id": account_id, "label": "spam", "seconds": 8.0, "judged_at": NOW - timedelta(days=2)} for i in ids
    ))  # fmt: skip
    put(DbEntry, (entry(f"{account_id}:{i}", 1, account_id, -50, 50) for i in ids))


class Stopwatch:
    """Milliseconds by case; `take_lease` is timed wherever it is called."""

    def __init__(self) -> None:
        self.cases: dict[str, list[float]] = {}
        self.cpu: dict[str, list[float]] = {}
        self.take = queue.take_lease

    def time(self, case: str, call: Callable[[], Any]) -> Any:
        started, worked = time.perf_counter(), time.process_time()
        answer = call()
        self.cases.setdefault(case, []).append(1000 * (time.perf_counter() - started))
        self.cpu.setdefault(case, []).append(1000 * (time.process_time() - worked))
        return answer

    @contextmanager
    def watching(self, case: str) -> Iterator[None]:
        queue.take_lease = lambda *some, **more: self.time(
            f"  of which take_lease, {case}", lambda: self.take(*some, **more)
        )
        try:
            yield
        finally:
            queue.take_lease = self.take

    def ask(self, case: str, judge_id: int, slug: str, luck: random.Random, now: datetime) -> Any:
        token, dice = f"{luck.random()}", luck.random()
        with self.watching(case):
            return self.time(
                case, lambda: lease_review(slug, judge_id=judge_id, now=now, new_token=token, dice=dice)
            )


def measure(watch: Stopwatch, judges: int) -> None:
    """All judges in turn, twice; then those for whom it is hardest."""
    luck, slugs = random.Random(SEED), ["t", *(f"t{n}" for n in range(2, CHALLENGES + 1))]
    warm = Stopwatch()
    for judge in range(1, min(20, judges) + 1):
        warm.ask("warm", judge, "t", luck, NOW - timedelta(hours=1))
    held = {
        judge: watch.ask("first", judge, luck.choice(slugs), luck, NOW).item for judge in range(1, judges + 1)
    }
    for judge, held_item in held.items():
        watch.time("answer", lambda i=held_item, j=judge: answer(i, j))
        watch.ask("second", judge, luck.choice(slugs), luck, NOW + timedelta(seconds=9))
    for _ in range(REPEATS):
        found = watch.ask("judged the first 10,000", judges + 1, "t", luck, NOW).item
        answer(found, judges + 1)
        none = watch.ask(f"judged all {ALONE} of a topic", judges + 2, "alone", luck, NOW).item
        assert none is None
        watch.time("list of topics", lambda: list_judging.list_judging(1, now=NOW))
        watch.time(
            "list of topics, judged the first 10,000", lambda: list_judging.list_judging(judges + 1, now=NOW)
        )


def answer(leased: Any, judge_id: int) -> None:
    label = truth(int(leased.title.removeprefix("Page ")))
    record_judgement(
        leased.public_id, judge_id=judge_id, token=leased.token, label=label, cannot=None, seconds=8.0,
        now=NOW + timedelta(seconds=8),
    )  # fmt: skip


def report(kind: str, items: int, cases: dict[str, list[float]]) -> None:
    print(f"\n{kind}, {items:,} items waiting: milliseconds{'':34}p50    p95    p99    max      n")
    for case, times in cases.items():
        p50, p95, p99 = np.percentile(times, (50, 95, 99))
        print(f"  {case:62}{p50:7.1f}{p95:7.1f}{p99:7.1f}{max(times):7.1f}{len(times):7}", flush=True)


def p95(cases: dict[str, list[float]]) -> float:
    return float(np.percentile(cases["first"] + cases["second"], 95))


def run(kind: str, sizes: list[int], judges: int, limit: float, most: float) -> bool:
    """Every size, the smallest first; whether what is promised held."""
    figures = []
    for items in sorted(sizes):
        with tempfile.TemporaryDirectory() as folder, production(kind, Path(folder)):
            started = time.perf_counter()
            fill(items, judges)
            settle_down(kind)
            checkpoint_ledger()
            print(
                f"\n{kind}: {items:,} items were put up in {time.perf_counter() - started:.0f} s", flush=True
            )
            watch = Stopwatch()
            measure(watch, judges)
            report(kind, items, watch.cases)
            own = np.percentile(watch.cpu["first"] + watch.cpu["second"], (50, 95))
            print(
                f"  lease_review, CPU of this process alone (p50, p95): {own[0]:.1f} ms, {own[1]:.1f} ms; load of the machine, last"
                f" minute: {os.getloadavg()[0]:.1f}",
                flush=True,
            )
            figures.append(p95(watch.cases))
    ratio = figures[-1] / figures[0]
    print(
        f"\n{kind}: lease_review p95, first and second together: {figures[0]:.1f} ms, then {figures[-1]:.1f} ms, ratio {ratio:.2f}"
    )
    return (limit <= 0 or figures[-1] <= limit) and (most <= 0 or ratio <= most)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--judges", type=int, default=1000)
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument("--limit", type=float, default=10.0, help="milliseconds; 0 for none")
    parser.add_argument("--ratio", type=float, default=2.0, help="0 for none")
    options = parser.parse_args()
    kinds = ("sqlite", "postgres") if options.database == "both" else (options.database,)
    held = [run(kind, options.items, options.judges, options.limit, options.ratio) for kind in kinds]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
