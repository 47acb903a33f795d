"""One machine on one set of pages: everything that a report with pictures shows, as plain JSON without NaN."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.evaluate import MEASURES, Floats, Truths, figure, macro_f1, reliability

BARS = 20
"""Bars of a score histogram."""
CURVE_POINTS = 200
"""The most points of a precision-recall curve."""
_FEW_IN_GROUP, _MOST_GROUPS = 20, 12
_MANY = 10_000


def full_report(
    truth: Sequence[str],
    probabilities: NDArray[np.float64],
    classes: Sequence[str],
    by: Mapping[str, Sequence[str]] | None = None,
    *,
    resamples: int = 200,
    seed: int = 0,
) -> dict[str, Any]:
    """Each label against all others, and the confusion matrix. The same input gives the same report.

    `truth`: n labels of `classes`. `probabilities`: shape (n, k). `by`: groupings such as language and source, of n values
    each; the commonest values with enough pages get figures of their own. Raises ValueError where shapes differ, or n is 0.
    """
    table = np.asarray(probabilities, np.float64)
    if table.shape != (len(truth), len(classes)) or not len(truth):
        raise ValueError(
            f"{len(truth)} labels and probabilities of the shape {table.shape}: nothing to report"
        )
    if unknown := sorted(set(truth) - set(classes)):
        raise ValueError(f"{unknown[0]!r} is no label of the machine")
    told = [classes[int(best)] for best in table.argmax(axis=1)]
    draws = resamples if len(truth) <= _MANY else max(50, resamples // 2)
    return {
        "pages": len(truth),
        "classes": list(classes),
        "accuracy": round(float(np.mean(np.asarray(truth) == np.asarray(told))), 5),
        "macro_f1": round(macro_f1(truth, told), 5),
        "matrix": confusion(truth, told, classes),
        "labels": {
            label: _one_label(np.asarray(truth) == label, table[:, place], by or {}, draws, seed)
            for place, label in enumerate(classes)
        },
    }


def confusion(truth: Sequence[str], told: Sequence[str], classes: Sequence[str]) -> list[list[int]]:
    """How many pages of each true label (row) were given each label (column)."""
    pairs = Counter(zip(truth, told, strict=True))
    return [[pairs[true, given] for given in classes] for true in classes]


def histogram(truth: Truths, scores: Floats, bars: int = BARS) -> list[list[float]]:
    """Bars of equal width over 0 to 1: [low, high, true pages, other pages], empty ones included."""
    place = np.minimum((scores * bars).astype(int), bars - 1)
    true = np.bincount(place[truth], minlength=bars)
    other = np.bincount(place[~truth], minlength=bars)
    return [[i / bars, (i + 1) / bars, int(true[i]), int(other[i])] for i in range(bars)]


def curve(truth: Truths, scores: Floats, most: int = CURVE_POINTS) -> list[list[float]]:
    """The precision-recall curve: [recall, precision, threshold], from the highest threshold down, thinned evenly in recall."""
    if not truth.any():
        return []
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    hits = np.cumsum(truth[order])[ends]
    recall, precision = hits / truth.sum(), hits / (ends + 1)
    kept = np.arange(len(ends))
    if len(ends) > most:
        wanted = np.searchsorted(recall, np.linspace(recall[0], 1.0, most - 1))
        kept = np.unique(np.append(np.minimum(wanted, len(ends) - 1), len(ends) - 1))
    return [[round(float(v), 5) for v in (recall[i], precision[i], scores[order][ends[i]])] for i in kept]


def _one_label(
    truth: Truths, scores: Floats, by: Mapping[str, Sequence[str]], resamples: int, seed: int
) -> dict[str, Any]:
    return {
        **_measured(truth, scores, resamples, seed),
        "reliability": [
            [each.low, each.high, each.count, round(each.mean_probability, 5), round(each.share_true, 5)]
            for each in reliability(truth, scores)
        ],
        "histogram": histogram(truth, scores),
        "curve": curve(truth, scores),
        "groups": {
            name: _grouped(truth, scores, np.asarray([str(value) for value in values]), resamples, seed)
            for name, values in by.items()
        },
    }


def _grouped(
    truth: Truths, scores: Floats, keys: NDArray[np.str_], resamples: int, seed: int
) -> dict[str, Any]:
    common = [
        key
        for key, count in Counter(keys.tolist()).most_common(_MOST_GROUPS)
        if count >= _FEW_IN_GROUP and key
    ]
    return {key: _measured(truth[keys == key], scores[keys == key], resamples, seed) for key in common}


def _measured(truth: Truths, scores: Floats, resamples: int, seed: int) -> dict[str, Any]:
    figures = {
        name: figure(measure, truth, scores, resamples=resamples, seed=seed)
        for name, measure in MEASURES.items()
    }
    return {
        "pages": len(truth),
        "true": int(truth.sum()),
        "figures": {
            name: [_plain(each.value), _plain(each.low), _plain(each.high)] for name, each in figures.items()
        },
    }


def _plain(value: float) -> float | None:
    return round(value, 5) if math.isfinite(value) else None
