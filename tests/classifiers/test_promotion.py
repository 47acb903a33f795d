"""The comparison that decides on promotion: what counts, what is said, and when it says that it cannot tell."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from classifiers.learning import Example
from classifiers.page import Page, as_page
from classifiers.promotion import Needs, PromotionReport, compare

LABELS = ("boats", "none")
COST = 1 - np.eye(2)


class Told:
    """A machine whose answers stand on the pages: `<first> <second>` are two machines' probabilities of boats."""

    name: str = "told"
    version: str = "1"
    card: Mapping[str, Any] = {}

    def __init__(self, place: int, classes: tuple[str, ...] = LABELS) -> None:
        self.place, self.classes_ = place, classes

    def predict_proba(self, pages: Sequence[Page | str]) -> np.ndarray:
        boats = np.array([float(as_page(page).text.split()[self.place]) for page in pages])
        table = np.column_stack((boats, 1 - boats))
        return table if self.classes_ == LABELS else table[:, ::-1]


def example(before: float, after: float, label: str, group: str = "") -> Example:
    return Example(f"{before:.4f} {after:.4f}", label, group)


def traffic(harm: float = 0.0, count: int = 400, seed: int = 0) -> list[Example]:
    """Pages of which a quarter are boats, ranked well by both; the second is worse about `harm` of them."""
    random = np.random.default_rng(seed)
    rows = []
    for place in range(count):
        boat = place % 4 == 0
        before = random.beta(8, 2) if boat else random.beta(2, 8)
        after = 1 - before if random.random() < harm else before
        rows.append(example(before, after, "boats" if boat else "none"))
    return rows


def clusters(after: float, count: int = 6, size: int = 10) -> dict[str, list[Example]]:
    """Finds that the first machine got wrong; of each cluster the second gets the share `after` wrong."""
    return {
        f"hole {number}": [
            example(0.95, 0.9 if place < after * size else 0.1, "none", f"hole {number}")
            for place in range(size)
        ]
        for number in range(count)
    }


def judged(
    natural: list[Example],
    corpus: dict[str, list[Example]],
    audit: list[Example] | None = None,
    **options: Any,
) -> PromotionReport:
    return compare(
        Told(0),
        Told(1),
        natural,
        audit or [],
        corpus,
        LABELS,
        COST,
        rng=np.random.default_rng(0),
        resamples=100,
        **options,
    )


def test_fewer_known_errors_and_the_same_traffic_is_promoted() -> None:
    report = judged(traffic(), clusters(0.0))
    assert report.recommendation == "promote"
    assert "100% before and 0% after" in report.reasons[0]
    assert {each.status for each in report.clusters} == {"fixed"}
    assert report.natural.measures["average_precision"].difference == 0


def test_traffic_that_gets_worse_beyond_the_margin_is_not_promoted() -> None:
    report = judged(traffic(harm=0.1), clusters(0.0))
    assert report.recommendation == "do_not"
    assert report.reasons[0].startswith("On natural traffic average precision goes from")
    assert judged(traffic(harm=0.1), clusters(0.0), natural_margin=1.0).recommendation == "promote"


def test_probabilities_that_lose_their_meaning_are_not_promoted() -> None:
    blurred = [
        example(p, (p + 0.5) / 2, each.label)
        for each in traffic()
        for p in [float(str(each.page).split()[0])]
    ]
    report = judged(blurred, clusters(0.0), natural_margin=1.0)
    assert report.recommendation == "do_not"
    assert "error of the probabilities" in report.reasons[0]
    loose = judged(blurred, clusters(0.0), natural_margin=1.0, calibration_margin=1.0)
    assert loose.recommendation == "promote"


def test_known_errors_that_do_not_get_fewer_beyond_doubt_are_not_promoted() -> None:
    lone = clusters(1.0) | {"hole 0": clusters(0.0)["hole 0"]}
    for corpus in (clusters(1.0), lone):
        report = judged(traffic(), corpus)
        assert report.recommendation == "do_not"
        assert "do not get fewer beyond doubt" in report.reasons[0]


def test_an_audit_that_gets_worse_beyond_doubt_stops_it() -> None:
    report = judged(traffic(), clusters(0.0), audit=traffic(harm=0.3, seed=5))
    assert report.recommendation == "do_not"
    assert "On the stratified audit" in report.reasons[0]


@pytest.mark.parametrize(
    ("natural", "corpus", "said"),
    [
        (traffic(count=40), clusters(0.0), "40 pages of natural traffic; at least 200"),
        ([e for e in traffic(count=900) if e.label == "none"], clusters(0.0), "labels other than"),
        (traffic(), clusters(0.0, count=4, size=2), "8 held-out finds"),
        (traffic(), clusters(0.0, count=2, size=30), "2 clusters"),
        (traffic(), {}, "0 held-out finds"),
        ([], {}, "0 pages of natural traffic"),
    ],
)
def test_too_little_to_tell_is_said(
    natural: list[Example], corpus: dict[str, list[Example]], said: str
) -> None:
    report = judged(natural, corpus)
    assert report.recommendation == "not_enough_data"
    assert any(said in reason for reason in report.reasons)


def test_what_is_needed_can_be_set() -> None:
    needs = Needs(natural=10, sought=2, finds=4, clusters=2)
    assert judged(traffic(count=40), clusters(0.0, 2, 4), needs=needs).recommendation == "promote"


@pytest.mark.parametrize(
    ("after", "status"), [(0.0, "fixed"), (0.1, "fixed"), (0.5, "better"), (1.0, "same")]
)
def test_a_cluster_has_a_status(after: float, status: str) -> None:
    (first, *_) = judged(traffic(), clusters(after)).clusters
    assert (first.size, first.wrong_before, first.status) == (10, 1.0, status)
    assert first.wrong_after == pytest.approx(after)
    assert first.severity_before == pytest.approx(0.95)


def test_a_cluster_can_get_worse() -> None:
    corpus = clusters(0.0) | {"sore": [example(0.1, 0.9, "none") for _ in range(8)]}
    report = judged(traffic(), corpus)
    assert {each.name: each.status for each in report.clusters}["sore"] == "worse"


def test_the_label_of_least_expected_cost_is_what_counts() -> None:
    corpus = {f"c{n}": [example(0.6, 0.3, "none") for _ in range(10)] for n in range(3)}
    dear = np.array([[0.0, 9.0], [1.0, 0.0]])
    report = compare(
        Told(0), Told(1), traffic(), [], corpus, LABELS, dear, rng=np.random.default_rng(0), resamples=50
    )
    assert {each.wrong_after for each in report.clusters} == {1.0}
    assert report.corpus.measures["cost"].after == pytest.approx(1 / 9, abs=1e-6)


def test_the_order_of_a_machines_labels_does_not_matter() -> None:
    options = {"rng": np.random.default_rng(0), "resamples": 50}
    turned = compare(Told(0), Told(1, LABELS[::-1]), traffic(), [], clusters(0.0), LABELS, COST, **options)
    assert turned.natural.measures["accuracy"].difference == 0
    assert turned.recommendation == "promote"


def test_intervals_are_paired_and_hold_the_difference() -> None:
    report = judged(traffic(harm=0.05), clusters(0.4))
    for part in (report.natural, report.corpus):
        for each in part.measures.values():
            if each.difference is not None and each.low is not None and each.high is not None:
                assert each.low <= each.difference <= each.high
    same = judged(traffic(), clusters(0.4)).natural.measures["log_loss"]
    assert same.low == same.high == 0


def test_the_report_is_json_and_repeats_itself() -> None:
    one, two = judged(traffic(harm=0.02), clusters(0.2)), judged(traffic(harm=0.02), clusters(0.2))
    assert one == two
    assert json.loads(json.dumps(one.as_json(), allow_nan=False))["recommendation"] == one.recommendation


def test_what_cannot_be_compared_is_said() -> None:
    with pytest.raises(ValueError, match="other labels"):
        compare(
            Told(0),
            Told(1, ("a", "b")),
            traffic(),
            [],
            {},
            LABELS,
            COST,
            rng=np.random.default_rng(0),
        )
    with pytest.raises(ValueError, match="cost matrix"):
        compare(Told(0), Told(1), [], [], {}, LABELS, np.eye(3), rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="none of the labels"):
        judged([Example("0.1 0.1", "trains")], {})
