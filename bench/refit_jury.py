"""How long the exact computation of a topic takes, and how long its judges wait for it.

    python bench/refit_jury.py [--judgements 200000] [--judges 500] [--postgres URL]

Fills a scratch database (SQLite in a temporary folder, or the empty PostgreSQL database at URL) with made-up judgements, one item
in ten still waiting, computes twice, and prints the seconds of each part. Then a modeler's pages of judges and of agreement.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path[0] = str(
    Path(__file__).resolve().parent.parent
)  # not this folder, whose names hide those of the standard library

import numpy as np  # noqa: E402
from flask_migrate import upgrade  # noqa: E402
from sqlalchemy import insert  # noqa: E402

from btm.config import read_settings  # noqa: E402
from btm.factory import create_app  # noqa: E402
from btm.services import bell, jury_fit, refit_jury  # noqa: E402
from btm.services.show_agreement import show_agreement  # noqa: E402
from btm.services.show_judges import show_judges  # noqa: E402
from btm.store import fits, juries  # noqa: E402
from btm.store.tables import (  # noqa: E402
    DbAccount,
    DbChallenge,
    DbJudge,
    DbJudgement,
    DbJury,
    DbMachine,
    DbPage,
    DbReviewItem,
)
from btm.store.transaction import transaction  # noqa: E402

NOW = datetime(2026, 11, 4, tzinfo=UTC)
AN_ITEM = 5
KEYS = ("a", "b", "c", "d")


def fill(judgements: int, judges: int) -> None:
    """One topic of four labels, five judgements an item."""
    rng = np.random.default_rng(0)
    items = judgements // AN_ITEM
    labels = [{"key": key, "name": key, "statement": key, "help": ""} for key in KEYS]
    with transaction() as session:
        machine = DbMachine(name="m", version="1", kind="default", labels=list(KEYS), card={}, created_at=NOW)
        session.add(machine)
        session.flush()
        challenge = DbChallenge(
            slug="t", topic="t", title="t", sought="t", mode="beat", state="live", is_harmful=False, labels=labels,
            target="a", cost=(1 - np.eye(4)).tolist(), brief={}, qualification=[], rules={}, machine_id=machine.id,
            salt="", created_at=NOW,
        )  # fmt: skip
        page = DbPage(
            url="u", canonical_url="u", final_url="u", final_canonical_url="u", redirects=[], fetched_at=NOW, status=200,
            content_type="t", content_hash="h", snapshot="s", title="", description="", headings=[], links=[], language="en",
            text="", blocks=[], signature=b"",
        )  # fmt: skip
        session.add_all([challenge, page])
        session.flush()
        accounts = [
            {"id": n, "handle": f"j{n}", "handle_key": f"j{n}", "created_at": NOW}
            for n in range(1, judges + 1)
        ]
        session.execute(insert(DbAccount), accounts)
        zeros = np.zeros((4, 4)).tolist()
        session.execute(
            insert(DbJudge),
            [
                {"topic": "t", "account_id": n, "counts": zeros, "state": "active", "since": NOW}
                for n in range(1, judges + 1)
            ],
        )
        session.add(DbJury(topic="t", labels=list(KEYS), priors=[0.25] * 4, pace=[0.0, 1.0, 0]))
        session.execute(insert(DbReviewItem), [
            {
                "id": n, "public_id": f"i{n}", "challenge_id": challenge.id, "page_id": page.id, "topic": "t", "origin": f"p{n}",
                "state": "open" if n % 10 == 0 else "settled", "verdict": None if n % 10 == 0 else "a", "shuffle": 0.5,
                "belief": [0.0] * 4 if n % 10 == 0 else None, "opened_at": NOW, "deadline_at": NOW,
                "decided_at": None if n % 10 == 0 else NOW,
            }
            for n in range(1, items + 1)
        ])  # fmt: skip
        truth = rng.integers(4, size=items)
        skill = rng.uniform(0.4, 0.95, size=judges)
        for start in range(0, items, 5000):
            some = range(start, min(items, start + 5000))
            rows = []
            for item in some:
                for judge in rng.choice(judges, AN_ITEM, replace=False).tolist():
                    right = rng.random() < skill[judge]
                    rows.append({
                        "item_id": item + 1, "judge_id": judge + 1, "judged_at": NOW, "seconds": float(rng.lognormal(2.5, 0.5)),
                        "label": KEYS[int(truth[item]) if right else int(rng.integers(4))],
                    })  # fmt: skip
            session.execute(insert(DbJudgement), rows)


def timed(found: dict[str, float], name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    def timing(*args: Any, **kwargs: Any) -> Any:
        start, busy = time.perf_counter(), time.thread_time()
        try:
            return call(*args, **kwargs)
        finally:
            found[name] = time.perf_counter() - start
            found[f"{name} (this process alone)"] = time.thread_time() - busy

    return timing


@contextmanager
def watching(found: dict[str, float]) -> Iterator[None]:
    """Time the parts; `held` runs from the lock of the swap to its commit."""
    since: list[float] = []
    hold, swap = juries.hold, refit_jury._swap

    def holding(session: Any, topic: str) -> None:
        hold(session, topic)
        since.append(time.perf_counter())

    def swapping(*args: Any) -> Any:
        done = swap(*args)
        found["held"] = time.perf_counter() - since[-1]
        return done

    read, fit, weigh = fits.read_labelled, jury_fit.fit_jury, refit_jury._weigh
    juries.hold, refit_jury._swap = holding, swapping
    fits.read_labelled = timed(found, "reading", read)
    refit_jury.fit_jury = timed(found, "fitting", fit)
    refit_jury._weigh = timed(found, "weighing", weigh)
    try:
        yield
    finally:
        juries.hold, refit_jury._swap, fits.read_labelled = hold, swap, read
        refit_jury.fit_jury, refit_jury._weigh = fit, weigh


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--judgements", type=int, default=200_000)
    ask.add_argument("--judges", type=int, default=500)
    ask.add_argument("--postgres", default="")
    asked = ask.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = asked.postgres or f"sqlite:///{Path(folder) / 'btm.db'}"
        app = create_app(
            read_settings(
                {
                    "BTM_DATABASE_URL": url,
                    "BTM_DATA_DIR": folder,
                    "BTM_SECRET_KEY": "for measuring only, not for use",
                }
            )
        )
        bell.install(lambda kind, row_id: None)
        with app.app_context():
            upgrade()
            fill(asked.judgements, asked.judges)
            for turn in ("first", "again"):
                found: dict[str, float] = {}
                with watching(found):
                    total = time.perf_counter()
                    assert refit_jury.refit_jury(1, now=NOW)
                    found["all"] = time.perf_counter() - total
                print(turn, ", ".join(f"{name} {seconds:.2f} s" for name, seconds in found.items()))
            pages: dict[str, float] = {}
            timed(pages, "judges", show_judges)("t", asker_id=None, now=NOW)
            timed(pages, "agreement", show_agreement)("t", asker_id=None)
            print("pages", ", ".join(f"{name} {seconds:.2f} s" for name, seconds in pages.items()))


if __name__ == "__main__":
    main()
