"""Should a candidate take the place of a machine? Two machines on three held-out sets, and a plain recommendation.

The sets: natural traffic, the stratified audit, and the corpus by cluster. The same pages are shown to both machines, so
that differences are paired. Intervals are percentile bootstraps (Efron 1979) over pages, and over whole clusters in the
corpus, because finds of one cluster are not independent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classifiers.learning_data import Example
from classifiers.machine import Machine, check_probabilities
from classifiers.promotion_measures import Asked, Difference, differences

Floats = NDArray[np.float64]
Status = Literal["fixed", "better", "same", "worse"]
Recommendation = Literal["promote", "do_not", "not_enough_data"]


@dataclass(frozen=True)
class Needs:
    """What a recommendation rests on: the fewest natural pages, and of them of labels but the commonest, finds, clusters."""

    natural: int = 200
    sought: int = 20
    finds: int = 20
    clusters: int = 3


@dataclass(frozen=True)
class ClusterChange:
    """One cluster before and after. Shares are of its held-out pages; severity is the mean probability of wrong labels."""

    name: str
    size: int
    wrong_before: float
    wrong_after: float
    severity_before: float
    severity_after: float
    status: Status


@dataclass(frozen=True)
class SetReport:
    """One held-out set: its pages, and each measure before, after, and the difference with its interval."""

    pages: int
    measures: dict[str, Difference]


@dataclass(frozen=True)
class PromotionReport:
    """What was measured, and what follows. `reasons` are sentences, the deciding ones first."""

    recommendation: Recommendation
    reasons: tuple[str, ...]
    natural_margin: float
    natural: SetReport
    audit: SetReport
    corpus: SetReport
    clusters: tuple[ClusterChange, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain dictionaries, lists, strings, numbers and None."""
        return asdict(self)


def compare(
    before: Machine,
    after: Machine,
    natural: Sequence[Example],
    audit: Sequence[Example],
    corpus_by_cluster: Mapping[str, Sequence[Example]],
    labels: Sequence[str],
    cost: ArrayLike,
    *,
    rng: np.random.Generator,
    natural_margin: float = 0.003,
    calibration_margin: float = 0.02,
    fixed_share: float = 0.1,
    resamples: int = 200,
    needs: Needs | None = None,
) -> PromotionReport:
    """Ask both machines about pages that neither was trained on, and recommend.

    `cost[true][assigned]`, in the order of `labels`, which both machines must have (in any order). `natural_margin`: how
    much average precision and expected cost (in shares of the largest) may get worse on natural pages.
    `calibration_margin`: the same for the expected calibration error. `fixed_share`: the largest share of wrong pages at
    which a cluster is fixed. Raises ValueError for unknown labels or a cost of another shape; MachineError.
    """
    price = _check_cost(cost, labels)
    finds = [each for examples in corpus_by_cluster.values() for each in examples]
    names = [name for name, examples in corpus_by_cluster.items() for _ in examples]
    asked = [_ask(before, after, pages, labels, price) for pages in (natural, audit, finds)]
    groups = np.unique(np.array(names, dtype=np.str_), return_inverse=True)[1] if names else None
    reports = [
        SetReport(len(each.truth), differences(each, rng, resamples, group))
        for each, group in zip(asked, (None, None, groups), strict=True)
    ]
    clusters = _clusters(asked[2], names, fixed_share)
    missing = _missing(asked[0], len(finds), len(clusters), needs or Needs())
    verdict, reasons = _recommend(reports, clusters, missing, natural_margin, calibration_margin)
    return PromotionReport(
        verdict, tuple(reasons), natural_margin, reports[0], reports[1], reports[2], clusters
    )


def _check_cost(cost: ArrayLike, labels: Sequence[str]) -> Floats:
    price = np.asarray(cost, np.float64)
    if price.shape != (len(labels), len(labels)) or not np.isfinite(price).all() or price.max() <= 0:
        raise ValueError(f"the cost matrix must be {len(labels)} by {len(labels)}, with some positive cost")
    return np.asarray(price / price.max())


def _ask(
    before: Machine, after: Machine, examples: Sequence[Example], labels: Sequence[str], price: Floats
) -> Asked:
    if unknown := sorted({each.label for each in examples} - set(labels)):
        raise ValueError(f"{unknown[0]!r} is none of the labels")
    truth = np.array([labels.index(each.label) for each in examples], np.int64)
    pages = [each.page for each in examples]
    tables = []
    for machine in (before, after):
        classes = list(machine.classes_)
        if sorted(classes) != sorted(labels):
            raise ValueError(f"the machine {machine.name!r} has other labels than {', '.join(labels)}")
        order = [classes.index(label) for label in labels]
        if not pages:
            tables.append(np.zeros((0, len(labels))))
            continue
        answer = check_probabilities(machine.predict_proba(pages), len(pages), len(labels), machine.name)
        tables.append(answer[:, order])
    return Asked(truth, tables[0], tables[1], price)


def _clusters(asked: Asked, names: Sequence[str], fixed_share: float) -> tuple[ClusterChange, ...]:
    found = []
    (wrong_before, wrong_after), (severe_before, severe_after) = asked.wrong(), asked.severity()
    keys = np.array(names, dtype=np.str_)
    for name in dict.fromkeys(names):
        mine = keys == name
        shares = [
            round(float(each[mine].mean()), 5)
            for each in (wrong_before, wrong_after, severe_before, severe_after)
        ]
        status = _status(int(mine.sum()), shares[0], shares[1], fixed_share)
        found.append(ClusterChange(name, int(mine.sum()), shares[0], shares[1], shares[2], shares[3], status))
    return tuple(sorted(found, key=lambda each: (-each.size, each.name)))


def _status(size: int, before: float, after: float, fixed_share: float) -> Status:
    """A change of less than a twentieth of the cluster is none."""
    if after <= fixed_share < before:
        return "fixed"
    if abs(after - before) * size < max(1.0, size / 20):
        return "same"
    return "better" if after < before else "worse"


def _missing(natural: Asked, finds: int, clusters: int, needs: Needs) -> list[str]:
    rare = len(natural.truth) - int(np.bincount(natural.truth).max(initial=0))
    wanted = [
        (len(natural.truth), needs.natural, "pages of natural traffic"),
        (rare, needs.sought, "natural pages of labels other than the commonest"),
        (finds, needs.finds, "held-out finds"),
        (clusters, needs.clusters, "clusters of finds"),
    ]
    return [
        f"There are {have:,} {what}; at least {need:,} are needed to tell."
        for have, need, what in wanted
        if have < need
    ]


def _recommend(
    reports: Sequence[SetReport],
    clusters: Sequence[ClusterChange],
    missing: list[str],
    margin: float,
    calibration_margin: float,
) -> tuple[Recommendation, list[str]]:
    if missing:
        return "not_enough_data", missing
    natural, audit, corpus = reports
    wrong = corpus.measures["wrong"]
    against = []
    if wrong.high is None or wrong.high >= 0:
        against.append(
            f"The known errors do not get fewer beyond doubt: {_percent(wrong)} of the held-out finds are wrong."
        )
    against += _worse(natural, "natural traffic", margin, calibration_margin, beyond_doubt=False)
    if audit.pages:
        against += _worse(audit, "the stratified audit", margin, calibration_margin, beyond_doubt=True)
    if against:
        return "do_not", against
    ranked, paid = natural.measures["average_precision"], natural.measures["cost"]
    closed = sum(each.status == "fixed" for each in clusters)
    return "promote", [
        f"Of the held-out finds {_percent(wrong)} are wrong; {closed} of {len(clusters)} clusters are fixed.",
        f"On natural traffic average precision goes {_figures(ranked)} and expected cost {_figures(paid)}: "
        f"not worse by more than {margin:g}.",
    ]


def _worse(
    report: SetReport, where: str, margin: float, calibration_margin: float, *, beyond_doubt: bool
) -> list[str]:
    """A sentence for each measure that got worse than its margin: by its estimate, or with its whole interval."""
    said = []
    limits = (("average_precision", -1, margin), ("cost", 1, margin), ("calibration", 1, calibration_margin))
    for key, worse, limit in limits:
        each = report.measures[key]
        if each.difference is None or each.low is None or each.high is None:
            continue
        nearest = each.low if worse > 0 else -each.high
        if (nearest if beyond_doubt else worse * each.difference) > limit:
            name = {"average_precision": "average precision", "cost": "expected cost"}.get(
                key, "the error of the probabilities"
            )
            said.append(f"On {where} {name} goes {_figures(each)}: worse by more than {limit:g}.")
    return said


def _percent(each: Difference) -> str:
    return f"{each.before or 0:.0%} before and {each.after or 0:.0%} after"


def _figures(each: Difference) -> str:
    return f"from {each.before:.4f} to {each.after:.4f} (difference {each.difference:+.4f}, {each.low:+.4f} to {each.high:+.4f})"
