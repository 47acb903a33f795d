"""Keep a topic's gold fresh: new verdicts come in, old ones go, and what judges know of too well is retired.

Part of the worker's sweep. A topic with nothing to do is only read; otherwise one short transaction, under the lock of the
challenge that speaks for the topic, plans again and writes. Running twice at once does nothing twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from btm.rules import gold as law
from btm.rules.settings import ChallengeRules
from btm.services import bell, jury
from btm.services.gold_promises import end_promise
from btm.services.gold_views import expected_right, why_of
from btm.services.retiring import disprove, hold_gold, retire
from btm.store import challenges, gold_shelf, juries
from btm.store.gold_shelf import Verified
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_judges import DbGold
from btm.store.transaction import Session, insert_once, reading, transaction

STAYS = timedelta(days=1)
"""So long a page stays gold before a newer one takes its place, so that enough judges meet it to be told apart by it."""
LOOKED_AT = 100
"""Of each challenge so many of the newest verdicts are looked at."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done with a topic's gold. overturned: made by a verdict that has become another label."""

    add: list[Verified]
    rotated: list[DbGold]
    leaked: list[DbGold]
    overturned: list[DbGold]

    @property
    def is_empty(self) -> bool:
        return not (self.add or self.rotated or self.leaked or self.overturned)


def rotate_gold(*, now: datetime, new_id: Callable[[], str]) -> None:
    """Rotate the gold of every topic. new_id gives a fresh public id each time."""
    with reading() as session:
        topics = gold_shelf.topics(session)
    for topic in topics:
        with reading() as session:
            challenge = _speaker(session, topic)
            plan = _plan(session, challenge, now)
            left_over = gold_shelf.any_left_over(session, topic, now)
        if left_over or not plan.is_empty:
            _rotate(topic, now, new_id)
        if plan.overturned:
            _disprove(topic, now)


def _rotate(topic: str, now: datetime, new_id: Callable[[], str]) -> None:
    with transaction() as session:
        challenge = hold_gold(session, _speaker(session, topic))
        plan = _plan(session, challenge, now)
        retire(session, plan.leaked, "leaked", now)
        retire(session, plan.rotated, "rotated", now)
        for row in plan.add:
            _add(session, row, now, new_id())
        for item_id, challenge_id, points in gold_shelf.take_back_left_over(session, topic, now):
            end_promise(session, item_id, challenge_id, points, now)


def _disprove(topic: str, now: datetime) -> None:
    """Gold whose own verdict was overturned was wrong: its judges' records are put right."""
    changes: list[int] = []
    with transaction() as session:
        juries.hold(session, topic)
        challenge = hold_gold(session, _speaker(session, topic))
        panel = jury.jury_of(session, challenge)
        for row, is_other in gold_shelf.verdicts_changed(session, topic):
            if is_other:
                changes += disprove(session, panel, challenge, row, changed_by=None, now=now)
    for change in changes:
        bell.ring("standing", change)


def _speaker(session: Session, topic: str) -> DbChallenge:
    return challenges.speaker([row for row in challenges.all_challenges(session) if row.topic == topic])


def _add(session: Session, row: Verified, now: datetime, public_id: str) -> None:
    item = row.item
    values = {
        "public_id": public_id, "topic": item.topic, "challenge_id": item.challenge_id, "page_id": item.page_id,
        "item_id": item.id, "truth": item.verdict, "why": why_of(session, item, row.agreeing), "source": "verdict",
        "state": "active", "retired_why": "", "created_at": now,
    }  # fmt: skip
    insert_once(session, DbGold, values)


def _plan(session: Session, challenge: DbChallenge, now: datetime) -> Plan:
    rules, active = challenge.law, gold_shelf.active(session, challenge.topic)
    changed = gold_shelf.verdicts_changed(session, challenge.topic) if active else []
    overturned = [row for row, is_other in changed if is_other]
    leaked = _leaked(session, challenge, active, rules)
    gone = {row.id for row in (*leaked, *(row for row, _ in changed))}
    left = [row for row in active if row.id not in gone]
    fresh = [row for row in gold_shelf.verified(session, challenge.topic, LOOKED_AT) if _is_fit(row, rules)]
    add, rotated = choose(left, _one_a_text(fresh), rules.gold_pool, now)
    taken_up_again = [row for row, is_other in changed if not is_other and row not in leaked]
    return Plan(add, [*rotated, *taken_up_again], [r for r in leaked if r not in overturned], overturned)


def _leaked(
    session: Session, challenge: DbChallenge, active: Sequence[DbGold], rules: ChallengeRules
) -> list[DbGold]:
    """Gold that is answered suspiciously well, or whose truth was told to too many."""
    tallies = gold_shelf.tallies(session, [row.id for row in active]) if active else {}
    often = [row for row in active if tallies.get(row.id, (0, 0))[0] >= rules.gold_leak_answers]
    expected = expected_right(session, challenge, often) if often else {}
    leaked = []
    for row in active:
        asked, right = tallies.get(row.id, (0, 0))
        known = row.id in expected and law.is_leaked(asked, right, expected[row.id], rules)
        if known or law.seen_by_too_many(asked - right):
            leaked.append(row)
    return leaked


def _is_fit(row: Verified, rules: ChallengeRules) -> bool:
    """Whether a verdict is good enough to measure others by: a modeler's, or one that its judges agreed on."""
    if row.item.decided_by is not None:
        return True
    probability = row.item.verdict_probability or 0.0
    return law.may_become_gold(probability, row.labels, row.agreeing, rules)


def _one_a_text(rows: Iterable[Verified]) -> list[Verified]:
    """The same text, judged in two challenges of a topic, is one page."""
    return list({row.item.page.content_hash: row for row in reversed(list(rows))}.values())[::-1]


def choose(
    active: Sequence[DbGold], fresh: Sequence[Verified], pool: int, now: datetime
) -> tuple[list[Verified], list[DbGold]]:
    """What becomes gold and what makes room for it, so that at most `pool` are active and the labels are as even as they can be.

    active, fresh: newest first. The places that marked gold leaves are filled one at a time, each with the label of which there is
    least so far: so a common label never pushes out a rare one. Of one label, gold younger than STAYS goes before new
    verdicts, and these before older gold.
    """
    counts = Counter(row.truth for row in active if row.source == "marked")
    by_verdict = [row for row in active if row.source != "marked"]
    young = [row for row in by_verdict if now - row.created_at < STAYS]
    waiting: dict[str, list[Verified | DbGold]] = {}
    ordered: list[Verified | DbGold] = [*young, *fresh, *(row for row in by_verdict if row not in young)]
    for row in ordered:
        label = row.truth if isinstance(row, DbGold) else str(row.item.verdict)
        waiting.setdefault(label, []).append(row)
    chosen: list[Verified | DbGold] = []
    for _ in range(max(0, pool - counts.total())):
        label = min(
            (key for key, rows in waiting.items() if rows), key=lambda key: (counts[key], key), default=""
        )
        if not label:
            break
        chosen.append(waiting[label].pop(0))
        counts[label] += 1
    add = [row for row in chosen if isinstance(row, Verified)]
    return add, [row for row in by_verdict if row not in chosen]
