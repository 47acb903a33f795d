"""Compute exactly, from all judgements of a topic, what is known of its judges and items, and swap it in whole.

In between, each judgement moves its own item and judge alone (see btm.services.jury). Judges go on while this computes: only the
start, for an instant, and the swap hold the topic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from btm.services import bell, jury
from btm.services.jury_fit import JuryFit, Pins, fit_jury
from btm.store import challenges, fits, juries, quality
from btm.store.fits import Weighed, Withdrawals
from btm.store.tables_judges import DbJury
from btm.store.tables_review import DbJudgement, DbReviewItem
from btm.store.transaction import Session, reading, transaction


@dataclass(frozen=True, slots=True)
class _Start:
    """Where a computation began: all judgements up to `fence` are in the database, and none up to it will come any more."""

    topic: str
    labels: tuple[str, ...]
    version: int
    fence: int
    withdrawn: Withdrawals
    changes_done: int
    accuracy: float


def refit_jury(jury_id: int, *, now: datetime) -> bool:
    """Compute a jury anew and swap the result in. Returns whether it did.

    It gives up where another computation swapped in as much meanwhile, or where judgements that it used were withdrawn or
    restored; the sweep rings again. Memory grows with the number of judgements, by about a hundred bytes for each.
    """
    start = _start(jury_id)
    with reading() as session:
        known = fits.read_labelled(session, start.topic, start.labels, start.fence)
        place = {label: number for number, label in enumerate(start.labels)}
        truths = fits.gold_truths(session, start.topic).items()
        desk = fits.desk_verdicts(session, start.topic)
    pins = Pins(
        {gold: place[label] for gold, label in truths if label in place},
        {(item, round_): place[label] for item, round_, label in desk if label in place},
    )
    fit = fit_jury(known, start.labels, start.accuracy, pins)
    weighed = _weigh(start, fit, set(known.item[known.waits].tolist()), now)
    rings = _swap(jury_id, start, fit, weighed, now)
    for item_id in rings or ():
        bell.ring("settle", item_id)
    return rings is not None


def _start(jury_id: int) -> _Start:
    with transaction() as session:
        topic = fits.topic_of(session, jury_id)
        juries.hold(session, topic)  # until all who record in it have committed
        panel = fits.get_jury(session, jury_id)
        fence = quality.last_judgement(session)
        return _Start(
            topic=topic,
            labels=tuple(panel.labels),
            version=panel.version,
            fence=fence,
            withdrawn=fits.withdrawals(session, topic, fence),
            changes_done=quality.changes_done(session, topic),
            accuracy=challenges.speaker(fits.challenges_of(session, topic)).law.judge_accuracy,
        )


def _weigh(start: _Start, fit: JuryFit, waiting: set[int], now: datetime) -> list[Weighed]:
    """What the rules say of every item that waits with judgements, by what is now known of its judges."""
    panel = DbJury(topic=start.topic, labels=list(start.labels), priors=fit.priors)
    weighed = []
    with reading() as session:
        for item, answers in fits.items_with_answers(session, waiting):
            if item.state in fits.WAITS:
                weighed.append(_weighed(panel, fit, item, answers, now))
    return weighed


def _weighed(
    panel: DbJury, fit: JuryFit, item: DbReviewItem, answers: list[DbJudgement], now: datetime
) -> Weighed:
    """Weighs the row handed in; of what it then says only a verdict is new, since no answer came."""
    item.belief = fit.belief(item.id, item.round).log_likelihood.tolist()
    jury.weigh(panel, item, answers, now)
    decided = item.state == "decided"
    return Weighed(
        item=item.id,
        round=item.round,
        belief=item.belief,
        expected_cost=item.expected_cost,
        priority=item.priority,
        verdict=item.verdict if decided else None,
        probability=item.verdict_probability if decided else None,
    )


def _swap(
    jury_id: int, start: _Start, fit: JuryFit, weighed: Sequence[Weighed], now: datetime
) -> list[int] | None:
    """Write everything in one transaction that is alone with the topic's judges: first items, then judges. Returns the items that
    have a verdict now, or None where the result is no longer true."""
    with transaction() as session:
        juries.hold(session, start.topic)
        panel = fits.get_jury(session, jury_id)
        overtaken = panel.version != start.version and panel.fitted_to >= start.fence
        if overtaken or fits.withdrawals(session, start.topic, start.fence) != start.withdrawn:
            return None
        touched = _hear_late(session, panel, start, fit)
        panel.priors = fit.priors
        fresh = _weigh_late(session, panel, fit, touched, now)
        items = [each for each in weighed if each.item not in touched] + fresh
        fits.write_items(session, items, now)
        counts = {account: counts.tolist() for account, counts in fit.counts.items()}
        fits.write_judges(session, panel, counts, now)
        panel.pace = [fit.pace.mean, fit.pace.sd, fit.pace.count]
        panel.version, panel.fitted_to, panel.fitted_at = panel.version + 1, start.fence, now
        left = {
            "judgements": fit.judgements, "changes_done": start.changes_done,
            "disputed": start.withdrawn.disputed, "pairs": fit.pairs,
        }  # fmt: skip
        fits.write_fit(session, start.topic, left)
    return sorted(each.item for each in items if each.verdict is not None)


def _hear_late(session: Session, panel: DbJury, start: _Start, fit: JuryFit) -> set[int]:
    """Add what was judged while this computed, in its order. Returns the items that were judged, but for gold."""
    late = fits.judgements_since(session, panel, start.fence)
    priors = {row.id: jury.newcomer(panel, row.law) for row in fits.challenges_of(session, start.topic)}
    for each in late:
        if each.label is not None:
            prior = priors[each.challenge]
            fit.hear(each.judge, (each.item, each.round), each.label, each.truth, prior)
    return {each.item for each in late if not each.is_gold}


def _weigh_late(
    session: Session, panel: DbJury, fit: JuryFit, touched: set[int], now: datetime
) -> list[Weighed]:
    """The same as `_weigh` for items that were judged meanwhile."""
    weighed = []
    for item, answers in fits.items_with_answers(session, touched, lock=True):
        session.expunge(item)  # written with all others
        if item.state in fits.WAITS:
            weighed.append(_weighed(panel, fit, item, answers, now))
    return weighed
