"""What is known of judges, as values for modelers. Shared by the services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from btm.rules.dawid_skene_online import confusion_of
from btm.rules.judgements import Floats
from btm.rules.worker_quality import qualities, quality_interval
from btm.services import jury
from btm.services.modelling import get_modelled
from btm.services.views_judges import JudgeView, PairView
from btm.store import judge_figures
from btm.store.judge_figures import Answers, Pair
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_fits import DbJuryFit
from btm.store.tables_judges import DbJudge, DbJury
from btm.store.transaction import Session

MOST_PAIRS = 100


def get_judged(session: Session, slug: str, asker_id: int | None) -> DbChallenge:
    """The challenge, if the asker models it; None asks for the operator. Raises NotFound, Forbidden."""
    return get_modelled(session, slug, asker_id, why_not="The judges of this challenge are for its modelers.")


def counts_of_all(panel: DbJury, judges: Sequence[DbJudge], challenge: DbChallenge) -> Floats:
    """The judges' counts with the prior behind them, shape (n, k, k)."""
    k = len(panel.labels)
    seen = np.array([judge.counts for judge in judges], dtype=float).reshape(-1, k, k)
    return np.asarray(seen + jury.newcomer(panel, challenge.law))


def scores(panel: DbJury, judges: Sequence[DbJudge], challenge: DbChallenge) -> list[float | None]:
    """Each judge's quality, None for one without a labelled judgement.

    Labels count as equally likely, as they do for the price: so quality and price say the same.
    """
    if not judges:
        return []
    matrices = confusion_of_all(counts_of_all(panel, judges, challenge))
    even = np.full(len(panel.labels), 1 / len(panel.labels))
    found = qualities(matrices, even, jury.cost_of(panel, challenge)).tolist()
    return [score if _is_known(judge) else None for judge, score in zip(judges, found, strict=True)]


def confusion_of_all(counts: Floats) -> Floats:
    """Confusion matrices, shape (n, k, k), of counts in the same shape."""
    return np.asarray(counts / counts.sum(axis=2, keepdims=True))


def _is_known(judge: DbJudge) -> bool:
    return float(np.sum(judge.counts)) > 0.5


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums over the answers of some judges, by account."""

    answers: Mapping[int, Answers]
    seconds: Mapping[int, float]
    gold: Mapping[int, tuple[int, int]]
    earned: Mapping[int, int]


def figures_of(
    session: Session, topic: str, challenge_ids: Sequence[int], accounts: Sequence[int]
) -> Figures:
    """The sums of these judges over a topic and its challenges, in four queries; of nobody, in none."""
    if not accounts:
        return Figures({}, {}, {}, {})
    return Figures(
        answers=judge_figures.answers(session, topic, accounts),
        seconds=judge_figures.median_seconds(session, topic, accounts),
        gold=judge_figures.gold_records(session, topic, accounts),
        earned=judge_figures.earned(session, challenge_ids, accounts),
    )


def judge_view(
    panel: DbJury, challenge: DbChallenge, judge: DbJudge, handle: str, figures: Figures
) -> JudgeView:
    """One judge. The interval is drawn with the account as the seed, so that it is the same each time."""
    account = judge.account_id
    told = figures.answers.get(account, Answers())
    asked, right = figures.gold.get(account, (0, 0))
    [score] = scores(panel, [judge], challenge)
    low, high = _interval(panel, challenge, judge) if score is not None else (None, None)
    pay = jury.price_for(panel, judge, challenge)
    return JudgeView(
        account_id=account,
        handle=handle,
        standing=judge.state,
        judgements=told.given,
        withdrawn=told.withdrawn,
        cannot=told.cannot,
        hasty=told.hasty,
        quality=score,
        quality_low=low,
        quality_high=high,
        needed=pay.needed,
        price=pay.points,
        matrix=tuple(tuple(row) for row in judge.counts),
        median_seconds=figures.seconds.get(account),
        gold_asked=asked,
        gold_right=right,
        earned=figures.earned.get(account, 0),
        since=judge.since,
        last_at=told.last_at,
    )


def _interval(panel: DbJury, challenge: DbChallenge, judge: DbJudge) -> tuple[float, float]:
    even = np.full(len(panel.labels), 1 / len(panel.labels))
    [counts] = counts_of_all(panel, [judge], challenge)
    rng = np.random.default_rng(judge.account_id)
    return quality_interval(counts, even, jury.cost_of(panel, challenge), rng=rng)


def pair_views(
    session: Session,
    panel: DbJury,
    challenge: DbChallenge,
    judges: Sequence[tuple[DbJudge, str]],
    fit: DbJuryFit | None,
    account: int | None = None,
) -> tuple[PairView, ...]:
    """Pairs who agree beyond what their matrices explain, the most suspicious first, then those who only share a device; of one
    judge, or of all. In two queries."""
    by_account = {judge.account_id: (judge, handle) for judge, handle in judges}
    shared = set(judge_figures.device_pairs(session, challenge.topic, MOST_PAIRS, account))
    evident = [
        (a, b, met, same, expected, probability)
        for a, b, met, same, expected, probability in (fit.pairs if fit else [])
        if (account is None or account in (a, b)) and a in by_account and b in by_account
    ]
    only_shared = sorted(shared - {(a, b) for a, b, *_ in evident})
    met = judge_figures.together(session, challenge.topic, only_shared)
    rows = [*evident]
    for a, b in only_shared:
        both, same = met.get((a, b), (0, 0))
        chance = _agreement(panel, challenge, by_account[a][0], by_account[b][0])
        rows.append((a, b, both, same, both * chance, None))
    return tuple(_pair(row, by_account, shared) for row in rows)


def _agreement(panel: DbJury, challenge: DbChallenge, one: DbJudge, two: DbJudge) -> float:
    """How often two independent judges with these matrices give the same label."""
    a, b = (confusion_of(jury.counts_of(panel, judge, challenge.law)) for judge in (one, two))
    return float(np.asarray(panel.priors) @ (a * b).sum(axis=1))


def _pair(
    row: tuple[int, int, int, int, float, float | None],
    judges: Mapping[int, tuple[DbJudge, str]],
    shared: set[Pair],
) -> PairView:
    a, b, met, same, expected, probability = row
    return PairView(
        a_id=a, a=judges[a][1], b_id=b, b=judges[b][1], together=met, agreed=same, expected=expected,
        probability=probability, shares_device=(a, b) in shared,
    )  # fmt: skip
