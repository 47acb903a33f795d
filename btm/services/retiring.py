"""Retire gold, and put right what gold that was wrong has done to its judges. Shared by the services.

Writers of one topic's gold follow each other: each holds the challenge that speaks for the topic.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from btm.rules.standing import should_block
from btm.services.gold_promises import end_promise
from btm.store import challenges, gold, gold_shelf, juries
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_judges import DbGold, DbJudge, DbJury, DbStandingChange
from btm.store.transaction import Session, insert_once


def hold_gold(session: Session, challenge: DbChallenge) -> DbChallenge:
    """Be the only one to change the gold of a challenge's topic until the transaction ends. Returns the topic's speaker."""
    first = challenges.judged_together(session, challenge)[0]
    return challenges.lock_challenge(session, first.id)


def retire(session: Session, rows: Sequence[DbGold], why: str, now: datetime) -> None:
    """Ask nobody these gold pages any more. Who holds one may still answer it; those that were let run out are taken back."""
    for row in rows:
        row.state, row.retired_why, row.retired_at = "retired", why, now
    session.flush()
    for item_id, challenge_id, points in gold_shelf.take_back(session, [row.id for row in rows], now):
        end_promise(session, item_id, challenge_id, points, now)


def disprove(
    session: Session,
    panel: DbJury,
    challenge: DbChallenge,
    row: DbGold,
    *,
    changed_by: int | None,
    now: datetime,
) -> list[int]:
    """Gold was wrong: it leaves every record, what it taught of its judges is taken back, and whom it got blocked is let in again.

    Called under `juries.hold`. Returns the changes of standing that have to be carried out (bell "standing").
    """
    retire(session, [row], "disputed", now)
    changes = []
    for _, account_id, label in gold_shelf.answers(session, [row.id]):
        judge = juries.get_judge(session, panel, account_id, now)
        _unlearn(panel, judge, row.truth, label)
        changes.append(_let_in(session, challenge, judge, changed_by, now))
    return [change for change in changes if change is not None]


def _unlearn(panel: DbJury, judge: DbJudge, truth: str, given: str) -> None:
    """Take one gold answer out of a judge's counts. They never fall below none: a computation over all may have come between."""
    if truth not in panel.labels or given not in panel.labels:
        return
    counts = np.asarray(judge.counts, dtype=float)
    at = panel.labels.index(truth), panel.labels.index(given)
    counts[at] = max(0.0, counts[at] - 1.0)
    judge.counts = counts.tolist()


def _let_in(
    session: Session, challenge: DbChallenge, judge: DbJudge, changed_by: int | None, now: datetime
) -> int | None:
    last = juries.last_change(session, judge.id)
    if judge.state != "blocked" or last is None or last.why != "gold" or is_below(session, challenge, judge):
        return None
    judge.state = "active"
    values = {
        "judge_id": judge.id, "action": "lifted", "why": "gold", "note": "", "changed_by": changed_by,
        "changed_at": now, "is_done": False,
    }  # fmt: skip
    return insert_once(session, DbStandingChange, values)


def is_below(session: Session, challenge: DbChallenge, judge: DbJudge) -> bool:
    """Whether a judge's gold record blocks them. After a modeler let somebody in again it begins anew."""
    since = gold.let_in_by_hand_at(session, judge.id)
    asked, right = gold.record_of(session, judge.topic, judge.account_id, since)
    return should_block(right, asked, challenge.law)
