"""How much memory an export takes, and how fast it goes: a corpus of many small pages in a scratch SQLite, each format in a
process of its own, as the command line runs it.

    python bench/export.py [--rows 1000000] [--formats jsonl csv parquet dataset] [--limit 200]

Ends with exit code 1 where a format's peak resident memory is above the limit (MB).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

FORMATS = ("jsonl", "csv", "parquet", "dataset")
CLUSTERS = 500
CHUNK = 5_000
START = datetime(2026, 1, 1, tzinfo=UTC)
TEXT = "Cheap pills and no questions asked, buy them now and only today. " * 8


def fill(rows: int) -> None:
    """A challenge with so many verified errors, each with two judgements; nine of ten stand in a cluster."""
    from btm.store import tables as t
    from btm.store.transaction import insert_many, transaction

    with transaction() as session:
        machine = t.DbMachine(
            name="toy", version="1", kind="default", labels=["spam", "ham"], card={}, created_at=START
        )
        accounts = [t.DbAccount(created_at=START) for _ in range(3)]
        session.add_all([machine, *accounts])
        session.flush()
        challenge = t.DbChallenge(
            slug="spam", title="Find spam", sought="Pages of spam.", is_harmful=False, target="spam", salt="salt",
            labels=[{"key": key, "name": key, "statement": key, "help": ""} for key in ("spam", "ham")],
            cost=[[0, 1], [1, 0]], brief={}, qualification=[], rules={}, machine_id=machine.id, created_at=START,
        )  # fmt: skip
        session.add(challenge)
        session.flush()
        insert_many(
            session, t.DbCluster, [_cluster(number, challenge.id) for number in range(1, CLUSTERS + 1)]
        )
        ids = challenge.id, machine.id, [account.id for account in accounts]
    for start in range(1, rows + 1, CHUNK):
        numbers = range(start, min(start + CHUNK, rows + 1))
        with transaction() as session:
            for table in (
                t.DbPage, t.DbSubmission, t.DbQuote, t.DbReviewItem, t.DbJudgement, t.DbOutcome, t.DbPlacement,
            ):  # fmt: skip
                insert_many(
                    session, table, [row for number in numbers for row in _rows(table.__name__, number, *ids)]
                )


def _cluster(number: int, challenge_id: int) -> dict[str, Any]:
    return {
        "id": number, "public_id": f"c{number}", "challenge_id": challenge_id, "truth": "spam", "assigned": "ham",
        "name": f"Cluster {number}", "terms": [], "exemplars": [], "created_at": START,
    }  # fmt: skip


def _rows(
    table: str, n: int, challenge_id: int, machine_id: int, accounts: list[int]
) -> list[dict[str, Any]]:
    url, at = f"https://site{n}.example/page", START + timedelta(seconds=n)
    player, *judges = accounts
    own = {"challenge_id": challenge_id, "submission_id": n}
    if table == "DbPage":
        return [{
            "id": n, "url": url, "canonical_url": url, "final_url": url, "final_canonical_url": url, "redirects": [],
            "fetched_at": at, "status": 200, "content_type": "text/html", "content_hash": f"{n:064x}", "snapshot": f"{n:064x}",
            "title": f"Page {n}", "description": "", "headings": [], "links": [], "language": "en", "text": f"{n} {TEXT}",
            "blocks": [], "signature": b"",
        }]  # fmt: skip
    if table == "DbSubmission":
        return [{
            "id": n, "public_id": f"s{n}", "challenge_id": challenge_id, "player_id": player, "url": url, "canonical_url": url,
            "state": "confirmed", "created_at": at, "page_id": n,
        }]  # fmt: skip
    if table == "DbQuote":
        return [{
            "id": n, "submission_id": n, "machine_id": machine_id, "probabilities": [0.02, 0.98], "assigned": "ham",
            "target": "spam", "severity": 0.98, "foreseeable": 0.1, "novelty": 0.9, "max_bonus": 1000, "sharpness": 2.0,
            "points": 800, "reserve": 800, "neighbours": [], "quoted_at": at,
        }]  # fmt: skip
    if table == "DbReviewItem":
        return [_item(n, challenge_id, at)]
    if table == "DbJudgement":
        return [
            {
                "item_id": n,
                "judge_id": judge,
                "label": "spam",
                "cannot": None,
                "seconds": 8.0,
                "judged_at": at,
            }
            for judge in judges
        ]
    if table == "DbOutcome":
        return [{
            "id": n, **own, "page_id": n, "truth": "spam", "assigned": "ham", "is_error": True, "severity": 0.98,
            "probability": 0.99, "points": 800, "label_counts": {"spam": 2}, "settled_at": at,
        }]  # fmt: skip
    cluster_id = n % CLUSTERS + 1 if n % 10 else None
    return [{"id": n, **own, "cluster_id": cluster_id, "x": 0.5, "y": 0.5, "placed_at": at}]


def _item(n: int, challenge_id: int, at: datetime) -> dict[str, Any]:
    return {
        "id": n, "public_id": f"i{n}", "challenge_id": challenge_id, "submission_id": n, "page_id": n, "origin": "submission",
        "topic": "spam", "state": "decided", "shuffle": 0.5, "opened_at": at, "deadline_at": at,
    }  # fmt: skip


def measure(kind: str, folder: Path) -> None:
    """Run one export as the command does, and print what it took as JSON."""
    from app import create_app

    target = folder / f"out.{kind}"
    begun = time.perf_counter()
    done = (
        create_app()
        .test_cli_runner()
        .invoke(
            args=["btm", "export", "corpus", "--challenge", "spam", "--format", kind, "--output", str(target)]
        )
    )
    assert done.exit_code == 0, done.output
    files = [target] if target.is_file() else [path for path in target.rglob("*") if path.is_file()]
    print(
        json.dumps(
            {
                "seconds": time.perf_counter() - begun,
                "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "size": sum(path.stat().st_size for path in files) / 1e6,
            }
        )
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=list(FORMATS))
    parser.add_argument("--limit", type=float, default=200.0, help="megabytes of resident memory")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(options.measure, Path(os.environ["BTM_DATA_DIR"]))
        return 0
    with tempfile.TemporaryDirectory() as name:
        os.environ |= {"BTM_DATA_DIR": name, "BTM_DATABASE_URL": f"sqlite:///{name}/btm.db"}
        return run(options)


def run(options: argparse.Namespace) -> int:
    """Fill the database, then export it in every format. 1 where one took too much memory."""
    from app import create_app
    from btm.store.database import Base, db

    begun, failed = time.perf_counter(), 0
    with create_app().app_context():
        Base.metadata.create_all(db.engine)
        fill(options.rows)
    print(f"{options.rows:,} rows made in {time.perf_counter() - begun:.0f} s", flush=True)
    for kind in options.formats:
        done = subprocess.run(
            [sys.executable, __file__, "--measure", kind], capture_output=True, text=True, check=False
        )
        if done.returncode:
            print(done.stderr)
            return 1
        found = json.loads(done.stdout.splitlines()[-1])
        rate = options.rows / found["seconds"]
        print(
            f"{kind:8} peak {found['peak']:4.0f} MB  {rate:7,.0f} rows/s  {found['size']:7.1f} MB written",
            flush=True,
        )
        failed |= found["peak"] > options.limit
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
