"""From bare judgements to item labels with probabilities and a ranking of the judges. Asks the database for nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from btm.rules.aggregation import MajorityVote
from btm.rules.dawid_skene import DawidSkene
from btm.rules.em import Learned
from btm.rules.errors import Invalid
from btm.rules.quality_vote import QualityVote
from btm.rules.worker_quality import Kind, judges_needed, pay_factor, qualities, quality_interval

METHODS = ("dawid-skene", "quality-vote", "majority")
DRAWS = 500


@dataclass(frozen=True, slots=True)
class ItemVerdictView:
    """What an item is. probabilities: in the order of the report's labels. expected_cost: of `label`; gold: its truth was given."""

    item: str
    label: str
    probability: float
    probabilities: tuple[float, ...]
    expected_cost: float
    judgements: int
    gold: bool


@dataclass(frozen=True, slots=True)
class JudgeQualityView:
    """What a judge is worth: quality with its 95% interval, how often they met gold and were right, their confusion matrix (rows
    true, columns given), how many such judges reach the specification (None: no number does), and their share of the price."""

    worker: str
    judgements: int
    quality: float
    low: float
    high: float
    gold_judgements: int
    gold_right: int
    confusion: tuple[tuple[float, ...], ...]
    judges_needed: int | None = None
    pay: float | None = None


@dataclass(frozen=True, slots=True)
class JudgesReport:
    """Items in their order, judges from the best to the worst."""

    labels: tuple[str, ...]
    priors: tuple[float, ...]
    items: tuple[ItemVerdictView, ...]
    judges: tuple[JudgeQualityView, ...]
    judgements: int
    log_likelihood: float
    rounds: int


def rank_judges(
    workers: Sequence[str],
    items: Sequence[str],
    labels: Sequence[str],
    *,
    rng: np.random.Generator,
    gold: Mapping[str, str] | None = None,
    classes: Sequence[str] | None = None,
    cost: np.ndarray | None = None,
    method: str = "dawid-skene",
    kind: Kind = "expected",
    specification: float | None = None,
) -> JudgesReport:
    """Label the items and rank the judges. Judges are measured by Dawid-Skene; `method` says what labels the items.

    classes, cost: all labels, and `cost[true][assigned]` in their order; an item gets the label that costs least. Without them
    every error costs 1. specification: the quality (0 to 1) that is paid in full, when pay is wanted. Raises Invalid.
    """
    judged = DawidSkene(classes=classes).fit(workers, items, labels, gold)
    names = tuple(str(name) for name in judged.classes_)
    if len(names) < 2:
        raise Invalid(f"Every judgement says {names[0]!r}, so there is nothing to tell apart.", field="file")
    costs = 1.0 - np.eye(len(names)) if cost is None else cost
    labelled: Learned = judged
    if method != "dawid-skene":
        labelled = _model(method, costs, kind, classes).fit(workers, items, labels, gold)
    met = _met_gold(workers, items, labels, gold or {})
    judges = _judges(judged, Counter(workers), met, costs, kind, rng)
    if specification is not None:
        judges = [_priced(view, judged, costs, kind, specification) for view in judges]
    verdicts = _items(labelled, names, costs, Counter(items), gold or {})
    return _report(judged, names, verdicts, judges, len(labels))


def _report(
    model: DawidSkene,
    names: tuple[str, ...],
    verdicts: Iterable[ItemVerdictView],
    judges: Iterable[JudgeQualityView],
    judgements: int,
) -> JudgesReport:
    return JudgesReport(
        labels=names,
        priors=tuple(model.priors_.tolist()),
        items=tuple(verdicts),
        judges=tuple(sorted(judges, key=lambda view: (-view.quality, view.worker))),
        judgements=judgements,
        log_likelihood=model.log_likelihood_,
        rounds=model.n_iter_,
    )


def _model(
    method: str, cost: np.ndarray, kind: Kind, classes: Sequence[str] | None
) -> QualityVote | MajorityVote:
    if method == "quality-vote":
        return QualityVote(cost, kind, classes=classes)
    if method == "majority":
        return MajorityVote(classes=classes)
    raise Invalid(f"The methods are {', '.join(METHODS)}.", field="method")


def _items(
    model: Learned, names: Sequence[str], cost: np.ndarray, counts: Counter[str], gold: Mapping[str, str]
) -> Iterable[ItemVerdictView]:
    deciding = model.posteriors_ @ cost
    best = deciding.argmin(axis=1)
    for at, item in enumerate(model.items_.tolist()):
        probabilities = tuple(model.posteriors_[at].tolist())
        label = int(best[at])
        yield ItemVerdictView(
            item, names[label], probabilities[label], probabilities, float(deciding[at, label]), counts[item], item in gold
        )  # fmt: skip


def _met_gold(
    workers: Sequence[str], items: Sequence[str], labels: Sequence[str], gold: Mapping[str, str]
) -> dict[str, tuple[int, int]]:
    """For each judge who met gold: how often, and how often they were right."""
    met: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for worker, item, label in zip(workers, items, labels, strict=True):
        if item in gold:
            met[worker] += 1
            right[worker] += label == gold[item]
    return {worker: (met[worker], right[worker]) for worker in met}


def _judges(
    model: DawidSkene,
    given: Counter[str],
    met_gold: Mapping[str, tuple[int, int]],
    cost: np.ndarray,
    kind: Kind,
    rng: np.random.Generator,
) -> list[JudgeQualityView]:
    scores = qualities(model.confusion_, model.priors_, cost, kind)
    views = []
    for at, worker in enumerate(model.workers_.tolist()):
        low, high = quality_interval(model.counts_[at], model.priors_, cost, rng=rng, kind=kind, draws=DRAWS)
        met, right = met_gold.get(worker, (0, 0))
        matrix = tuple(tuple(row) for row in model.confusion_[at].tolist())
        views.append(
            JudgeQualityView(worker, given[worker], float(scores[at]), low, high, met, right, matrix)
        )
    return views


def _priced(
    view: JudgeQualityView, model: DawidSkene, cost: np.ndarray, kind: Kind, specification: float
) -> JudgeQualityView:
    needed = judges_needed(view.confusion, model.priors_, cost, specification, kind)
    return replace(view, judges_needed=needed, pay=pay_factor(needed))
