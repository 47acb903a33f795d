"""A pause or one more question before a page, for judges whose answers tell little. Shared by the services; off unless a challenge asks for it."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import numpy as np

from btm.rules.dawid_skene_online import confusion_of
from btm.rules.friction import Friction, friction
from btm.rules.settings import ChallengeRules
from btm.rules.worker_quality import quality
from btm.services import jury
from btm.store import queue
from btm.store.queue import Leased
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_judges import DbJudge, DbJury
from btm.store.transaction import Session


def slow_down(
    panel: DbJury, judge: DbJudge | None, challenge: DbChallenge, rules: ChallengeRules, item: Leased
) -> Friction | None:
    """What stands before this judge's answer to an item that they were just given. The same item meets the same, however often
    the page is loaded."""
    if judge is None or rules.friction_share <= 0:
        return None
    given = float(np.sum(judge.counts))
    if given < rules.pay_proof_judgements:
        return None
    even = np.full(len(panel.labels), 1 / len(panel.labels))
    confusion = confusion_of(jury.counts_of(panel, judge, rules))
    worth = quality(confusion, even, jury.cost_of(panel, challenge))
    dice = random.Random(f"{item.public_id}:{judge.account_id}").random()
    return friction(worth, rules, dice)


def with_pause(session: Session, item: Leased, met: Friction | None, now: datetime) -> Leased:
    """The item with its pause, which is written into the lease, so that no answer counts before it is over."""
    if met is None or met.kind != "wait" or item.ready_at is not None:
        return item
    return queue.hold_back(session, item, now + timedelta(seconds=met.seconds))
