"""A process with judges in threads, for tests/load/test_many_judges.py: `python -m tests.load.crowd_process ORDERS`.

ORDERS is JSON: judges (account ids), seconds, seed, at_once (how many requests it answers at the same time; the others wait in line). Prints JSON: what was asked, answered, abandoned, came too late, and went wrong.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from flask import Flask

from btm.config import read_settings
from btm.factory import create_app
from btm.rules.errors import Conflict, Forbidden
from btm.services import bell
from btm.services.blocking import block
from btm.services.lease_review import lease_review
from btm.services.record_judgement import record_judgement
from btm.store import juries
from btm.store.transaction import transaction

ABANDONS, ANSWERS_TWICE, IS_BLOCKED = 0.05, 0.1, 0.05


class Crowd:
    """Judges who ask and answer until the time is over."""

    def __init__(self, app: Flask, seconds: float, at_once: int) -> None:
        self.app, now = app, time.monotonic()
        self.until, self.half = now + seconds, now + seconds / 2
        self.line = threading.BoundedSemaphore(at_once)
        self.counts: Counter[str] = Counter()
        self.problems: list[str] = []

    def judge(self, account_id: int, seed: str) -> None:
        luck = random.Random(seed)
        is_bad = luck.random() < IS_BLOCKED
        with self.app.app_context():
            try:
                while time.monotonic() < self.until:
                    if is_bad and time.monotonic() > self.half:
                        self.block(account_id)
                        is_bad = False
                    self.look(account_id, luck)
            except Forbidden as error:
                self.counts["blocked" if error.code == "blocked" else "forbidden"] += 1
            except Exception as error:
                self.problems.append(f"{type(error).__name__}: {error}"[:300])

    def look(self, account_id: int, luck: random.Random) -> None:
        """Ask for a page and, mostly, answer."""
        self.counts["asked"] += 1
        token, dice = luck.randbytes(8).hex(), luck.random()
        with self.line:
            view = lease_review(
                "spam", judge_id=account_id, now=datetime.now(UTC), new_token=token, dice=dice
            )
        if view.item is None:
            self.counts["empty"] += 1
            time.sleep(0.2)
            return
        if luck.random() < ABANDONS:
            self.counts["abandoned"] += 1
            time.sleep(luck.random() * 6)
            return
        time.sleep(luck.random() * 0.1)
        label = "spam" if luck.random() < 0.7 else "ham"
        for _ in range(2 if luck.random() < ANSWERS_TWICE else 1):
            self.answer(view.item, account_id, label)

    def answer(self, item: Any, account_id: int, label: str) -> None:
        try:
            with self.line:
                record_judgement(
                    item.public_id, judge_id=account_id, token=item.token, label=label, cannot=None, seconds=8.0,
                    now=datetime.now(UTC),
                )  # fmt: skip
            self.counts["answered"] += 1
        except Conflict:
            self.counts["passed"] += 1

    def block(self, account_id: int) -> None:
        with self.line, transaction() as session:
            panel = juries.find_jury(session, "spam")
            if panel is not None:
                now = datetime.now(UTC)
                judge = juries.get_judge(session, panel, account_id, now)
                block(session, judge, why="modeler", note="", changed_by=None, now=now)


def main() -> None:
    orders = json.loads(sys.argv[1])
    app = create_app(read_settings(os.environ))
    bell.install(lambda kind, row_id: None)  # verdicts are not settled while the crowd is at work
    crowd = Crowd(app, orders["seconds"], orders["at_once"])
    threads = [
        threading.Thread(target=crowd.judge, args=(account_id, f"{orders['seed']}:{account_id}"), daemon=True)
        for account_id in orders["judges"]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(orders["seconds"] + 120)
    left = sum(thread.is_alive() for thread in threads)
    problems = [*crowd.problems, *(["a judge was still waiting"] if left else [])]
    keys = ("asked", "answered", "empty", "abandoned", "passed", "blocked", "forbidden")
    with contextlib.suppress(BrokenPipeError):
        print(json.dumps({**{key: crowd.counts[key] for key in keys}, "problems": problems}), flush=True)


if __name__ == "__main__":
    main()
