"""Measures against values that can be worked out by hand, and against scikit-learn's."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn import metrics

from classifiers.evaluate import (
    MEASURES,
    auc,
    average_precision,
    brier,
    calibration_error,
    figure,
    log_loss,
    macro_f1,
    reliability,
    report,
)

RANDOM = np.random.default_rng(5)
TRUTH = RANDOM.random(400) < 0.3
SCORES = np.round(np.clip(0.3 * TRUTH + RANDOM.random(400) * 0.7, 0, 1), 2)


def test_a_perfect_machine_scores_perfectly() -> None:
    truth, sure = [True, False, True], [1.0, 0.0, 1.0]
    assert (average_precision(truth, sure), auc(truth, sure), brier(truth, sure)) == (1, 1, 0)
    assert log_loss(truth, sure) == pytest.approx(0)
    assert calibration_error(truth, sure) == 0


def test_hand_worked_figures() -> None:
    truth, scores = [True, False, True, False], [0.9, 0.8, 0.7, 0.1]
    assert average_precision(truth, scores) == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    assert auc(truth, scores) == 0.75
    assert brier(truth, scores) == pytest.approx((0.01 + 0.64 + 0.09 + 0.01) / 4)
    assert calibration_error([True, False], [0.75, 0.75]) == 0.25


def test_all_tied_is_as_good_as_chance() -> None:
    assert auc([True, False, False], [0.5] * 3) == 0.5
    assert average_precision([True, False, False], [0.5] * 3) == pytest.approx(1 / 3)


def test_agrees_with_scikit_learn_ties_included() -> None:
    assert average_precision(TRUTH, SCORES) == pytest.approx(metrics.average_precision_score(TRUTH, SCORES))
    assert auc(TRUTH, SCORES) == pytest.approx(metrics.roc_auc_score(TRUTH, SCORES))
    assert brier(TRUTH, SCORES) == pytest.approx(metrics.brier_score_loss(TRUTH, SCORES))
    told, true = np.where(SCORES > 0.5, "a", "b"), np.where(TRUTH, "a", "b")
    assert macro_f1(true, told) == pytest.approx(metrics.f1_score(true, told, average="macro"))


def test_without_a_true_page_there_is_no_precision_to_speak_of() -> None:
    assert math.isnan(average_precision([False, False], [0.1, 0.2]))
    assert math.isnan(auc([True, True], [0.1, 0.2]))


def test_the_bars_of_a_reliability_diagram() -> None:
    bars = reliability([True, False, True, True], [0.05, 0.05, 1.0, 0.95])
    assert [(bar.low, bar.high, bar.count, bar.share_true) for bar in bars] == [
        (0, 0.1, 2, 0.5),
        (0.9, 1, 2, 1),
    ]
    assert bars[1].mean_probability == pytest.approx(0.975)


def test_an_interval_holds_the_value_and_narrows_with_more_pages() -> None:
    for measure in MEASURES.values():
        found = figure(measure, TRUTH, SCORES, resamples=100)
        assert found.low <= found.value + 0.02
        assert found.value - 0.02 <= found.high
    few = figure(auc, TRUTH[:60], SCORES[:60], resamples=100)
    many = figure(auc, np.tile(TRUTH, 5), np.tile(SCORES, 5), resamples=100)
    assert many.high - many.low < few.high - few.low


def test_the_same_seed_gives_the_same_interval() -> None:
    assert figure(auc, TRUTH, SCORES, resamples=50) == figure(auc, TRUTH, SCORES, resamples=50)


def test_a_report_splits_by_language_and_source() -> None:
    language = ["en" if index % 3 else "de" for index in range(400)]
    found = report(TRUTH, SCORES, {"language": language, "source": ["x"] * 400}, resamples=20)
    assert found["all"]["pages"] == 400
    assert set(found["language"]) == {"de", "en"}
    assert found["language"]["de"]["pages"] + found["language"]["en"]["pages"] == 400
    assert found["source"]["x"]["auc"].value == found["all"]["auc"].value


@pytest.mark.parametrize(
    ("truth", "scores", "why"),
    [([True], [0.1, 0.2], "shape"), ([], [], "no pages"), ([True], [float("nan")], "NaN")],
)
def test_what_cannot_be_measured_is_refused(truth: list[bool], scores: list[float], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        brier(truth, scores)


def test_a_grouping_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="3 values for 400"):
        report(TRUTH, SCORES, {"language": ["en"] * 3})
