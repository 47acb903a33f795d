"""What the judges of a topic are worth, and what their answers say of an item. Shared by the services; writes only to the rows it is handed."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from btm.rules import repeated_labelling
from btm.rules.dawid_skene import confusion_prior
from btm.rules.dawid_skene_online import Belief, add_judgement, confusion_of, new_belief
from btm.rules.em import PRIOR_STRENGTH
from btm.rules.judgements import Floats
from btm.rules.judging_pay import Pay, judging_price
from btm.rules.priority import label_uncertainty, priority, worth
from btm.rules.settings import ChallengeRules
from btm.rules.verification import NeedMore, Undecided, Verdict, decide
from btm.store import juries
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_judges import DbJudge, DbJury
from btm.store.tables_review import DbJudgement, DbReviewItem
from btm.store.transaction import Session, insert_once

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
SOME_STAKE = 0.25
"""What is at stake with a page that no submission sent, as a share of the most that a page may pay."""


def jury_of(session: Session, challenge: DbChallenge) -> DbJury:
    """The jury of a challenge's topic; written down where there is none yet."""
    return juries.get_jury(session, challenge.topic, challenge.label_keys)


def find_panel(session: Session, challenge: DbChallenge) -> DbJury:
    """The same for whoever only looks: where nobody judged yet, one that is not in the database."""
    labels = challenge.label_keys
    even = [1 / len(labels)] * len(labels)
    return juries.find_jury(session, challenge.topic) or DbJury(
        topic=challenge.topic, labels=labels, priors=even, pace=[0.0, 1.0, 0], version=0, fitted_to=0
    )


def newcomer(jury: DbJury, rules: ChallengeRules) -> Floats:
    """The pseudo-counts behind every judge, shape (k, k)."""
    return confusion_prior(len(jury.labels), PRIOR_STRENGTH, rules.judge_accuracy)


def counts_of(jury: DbJury, judge: DbJudge | None, rules: ChallengeRules) -> Floats:
    """A judge's counts with the prior behind them, shape (k, k), rows true, columns given."""
    prior = newcomer(jury, rules)
    return prior + np.asarray(judge.counts) if judge is not None else prior


def price_for(jury: DbJury, judge: DbJudge | None, challenge: DbChallenge) -> Pay:
    """What this judge is paid for a page now, and how many such judges reach the specification.

    Labels count as equally likely: a judge does not choose the mix of pages.
    """
    rules = challenge.law
    counts = counts_of(jury, judge, rules)
    given = round(float(np.sum(judge.counts))) if judge is not None else 0
    even = np.full(len(jury.labels), 1 / len(jury.labels))
    return judging_price(
        rules.judging_price, confusion_of(counts), even, cost_of(jury, challenge), given, rules
    )


def cost_of(jury: DbJury, challenge: DbChallenge) -> Floats:
    """The challenge's cost matrix in the order of the jury's labels."""
    order = [challenge.label_keys.index(key) for key in jury.labels]
    return np.asarray(challenge.cost, dtype=float)[np.ix_(order, order)]


def hear(
    jury: DbJury, item: DbReviewItem, judge: DbJudge, label: str, rules: ChallengeRules, truth: str | None
) -> None:
    """One more label: moves the item's belief and the judge's counts, in the two rows. truth: of a gold item."""
    belief = new_belief(len(jury.labels)) if item.belief is None else Belief(np.asarray(item.belief))
    at = jury.labels.index(truth) if truth is not None else None
    after, moved = add_judgement(
        belief, counts_of(jury, judge, rules), jury.labels.index(label), jury.priors, at
    )
    item.belief = after.log_likelihood.tolist()
    judge.counts = (moved - newcomer(jury, rules)).tolist()


def posterior_of(jury: DbJury, item: DbReviewItem) -> Floats:
    """The probability of each of the jury's labels, shape (k,)."""
    belief = new_belief(len(jury.labels)) if item.belief is None else Belief(np.asarray(item.belief))
    return belief.posterior(jury.priors)


def weigh(jury: DbJury, item: DbReviewItem, answers: list[DbJudgement], now: datetime) -> None:
    """Ask the rules whether the answers suffice, and write what they say, and the item's new place in the queue, into its row.

    answers: those of the item's round that were not withdrawn.
    """
    challenge, rules = item.challenge, rules_for(item)
    post, cost = posterior_of(jury, item), cost_of(jury, challenge)
    labelled = sum(answer.label is not None for answer in answers)
    decision = decide(post, cost, labelled, rules)
    item.expected_cost = decision.expected_cost
    item.priority = place_of(item, label_uncertainty(post, cost), rules, labels_of(jury, item, answers))
    corrections = sum(answer.cannot == "other" for answer in answers)
    if corrections >= rules.most_corrections or isinstance(decision, Undecided):
        item.state = "undecided"
    elif isinstance(decision, Verdict):
        item.state, item.decided_at, item.decided_by = "decided", now, None
        item.verdict, item.verdict_probability = jury.labels[decision.label], decision.probability
    elif isinstance(decision, NeedMore) and len(answers) >= rules.max_judgements:
        item.state = "undecided"
    else:
        item.state = "open"


def rules_for(item: DbReviewItem) -> ChallengeRules:
    """The challenge's rules; before fresh judges, more than two have to agree."""
    rules = promised_rules(item)
    if item.round == 0:
        return rules
    least = min(max(rules.min_judgements, rules.appeal_min_judgements), rules.max_judgements)
    return replace(rules, min_judgements=least)


def promised_rules(item: DbReviewItem) -> ChallengeRules:
    """The challenge's rules, with what was promised to the item's judges when it was put up: that much is set aside, and no more."""
    rules = item.challenge.law
    most = rules.max_judgements if item.max_judgements is None else item.max_judgements
    price = rules.judging_price if item.judging_price is None else item.judging_price
    return replace(
        rules, judging_price=price, max_judgements=most, min_judgements=min(rules.min_judgements, most)
    )


def labels_of(jury: DbJury, item: DbReviewItem, answers: list[DbJudgement]) -> list[int]:
    """How often each of the jury's labels was given to a page: by its judges, and by the file that it was imported with."""
    counts = list(item.given or [0] * len(jury.labels))
    for answer in answers:
        if answer.label is not None:
            counts[jury.labels.index(answer.label)] += 1
    return counts


def place_of(
    item: DbReviewItem, uncertainty: float, rules: ChallengeRules, counts: Sequence[int] = ()
) -> float:
    """The item's place in the queue: higher is sooner. counts: as `labels_of` gives them; imported pages are ordered by these."""
    if item.ranked_by:
        value = ranked_worth(item.ranked_by, counts, item.model_uncertainty)
    else:
        value = worth(uncertainty, item.model_uncertainty, item.stake)
    return priority(value, _hours(item.opened_at), rules.ageing_hours)


def ranked_worth(ranking: str, counts: Sequence[int], model: float) -> float:
    """What one more label of an imported page is worth: its score, beside which pages with points at stake come first."""
    return repeated_labelling.worth(SOME_STAKE * repeated_labelling.score(ranking, counts, model))


def _hours(moment: datetime) -> float:
    return (moment - EPOCH).total_seconds() / 3600


def open_item(
    session: Session, challenge: DbChallenge, values: Mapping[str, Any], now: datetime
) -> int | None:
    """Put a page up for judgement, at its place in the queue. Returns the item's id, or None where it was up already.

    values: public_id, page_id, origin, deadline_at, and what else there is to say; `stake` and `model_uncertainty` lie in 0 to 1.
    With `ranked_by`, `given` counts labels in the order of the jury's, and `model_uncertainty` is that of btm.rules.repeated_labelling.
    """
    rules = challenge.law
    row = {
        "challenge_id": challenge.id, "topic": challenge.topic, "state": "open", "opened_at": now, "lease_token": "",
        "shuffle": random.Random(str(values["public_id"])).random(), "stake": SOME_STAKE, "model_uncertainty": 1.0,
        "judging_price": rules.judging_price, "max_judgements": rules.max_judgements,
        **values,
    }  # fmt: skip
    ranking = row.get("ranked_by", "")
    value = (
        ranked_worth(ranking, row["given"], row["model_uncertainty"])
        if ranking
        else worth(1.0, row["model_uncertainty"], row["stake"])
    )
    row["priority"] = priority(value, _hours(now), rules.ageing_hours)
    return insert_once(session, DbReviewItem, row)
