"""How much the judges of a challenge agree, and what a verified page costs, for its modelers."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np

from btm.rules.agreement import alpha_interval, distance_from_cost, krippendorff_alpha
from btm.services.judge_views import get_judged
from btm.services.views_judges import AgreementView
from btm.store import agreement_figures
from btm.store.costly import costly
from btm.store.tables_challenges import DbChallenge
from btm.store.transaction import Session, reading

WAITS_OF = 10_000
"""The median wait is that of so many of the latest verdicts."""


def show_agreement(slug: str, *, asker_id: int | None) -> AgreementView:
    """Agreement and cost of one challenge; in a topic of several, of this one alone.

    asker_id: a modeler of the challenge; None for the operator. `judgements` counts all answers that count, also those without
    a label; agreement is that of the labels. Raises NotFound, Forbidden.
    """
    with reading() as session:
        challenge = get_judged(session, slug, asker_id)
        alpha, low, high, by_cost = _alphas(session, challenge)
        by_item = agreement_figures.answers_by_item(session, challenge.id)
        counts = agreement_figures.counts(session, challenge.id)
        waits = agreement_figures.waits(session, challenge.id, WAITS_OF)
    decided: Counter[int] = Counter()
    for is_decided, answers, items in by_item:
        decided[answers] += items if is_decided else 0
    per_item = tuple((answers, items) for answers, items in sorted(decided.items()) if items)
    judged = sum(items for _, items in per_item)
    hours = [(end - start).total_seconds() / 3600 for start, end in waits]
    return AgreementView(
        alpha=alpha,
        alpha_low=low,
        alpha_high=high,
        alpha_cost=by_cost,
        items_judged=sum(items for _, _, items in by_item),
        items_decided=counts.decided,
        items_undecided=counts.undecided,
        judgements=sum(answers * items for _, answers, items in by_item),
        gold_judgements=counts.gold,
        per_item=per_item,
        mean_judgements=sum(answers * items for answers, items in per_item) / judged if judged else None,
        spent_on_judging=counts.spent,
        cost_per_item=counts.spent / counts.decided if counts.decided else None,
        points_per_usd=challenge.law.points_per_usd,
        median_hours=float(np.median(hours)) if hours else None,
        overturned=counts.overturned,
        appeals=counts.appeals,
    )


@costly
def _alphas(session: Session, challenge: DbChallenge) -> tuple[float | None, ...]:
    """Alpha, both ends of its interval, and alpha weighed by the cost matrix. The interval is drawn with the challenge as the
    seed, so that it is the same each time."""
    keys = challenge.label_keys
    items, labels = agreement_figures.labels(session, challenge.id, keys)
    if not len(items):
        return None, None, None, None
    classes = list(range(len(keys)))
    alpha = krippendorff_alpha(items, labels, classes=classes)
    low, high = alpha_interval(items, labels, classes=classes, rng=np.random.default_rng(challenge.id))
    by_cost = krippendorff_alpha(items, labels, distance_from_cost(challenge.cost), classes)
    return tuple(None if math.isnan(each) else each for each in (alpha, low, high, by_cost))
