"""A stored report to view values. Shared by the services; asks the database for nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from btm.services.views_machines import (
    BinView,
    CurvePoint,
    FigureView,
    GroupView,
    LabelReport,
    MatrixView,
    ScoreBar,
    TermView,
)

FIGURES = {
    "average_precision": ("Average precision", "high"),
    "auc": ("AUC", "high"),
    "log_loss": ("Log loss", "low"),
    "brier": ("Brier score", "low"),
    "calibration_error": ("Calibration error", "low"),
}


def label_report(report: Mapping[str, Any], label: str) -> LabelReport:
    """One label of a report."""
    found = report["labels"][label]
    return LabelReport(
        label=label,
        pages=found["pages"],
        true=found["true"],
        figures=figure_views(found["figures"]),
        reliability=tuple(BinView(*each) for each in found["reliability"]),
        histogram=tuple(ScoreBar(*each) for each in found["histogram"]),
        curve=tuple(CurvePoint(*each) for each in found["curve"]),
        terms=terms_views(report.get("terms") or {}).get(label, ()),
        groups=tuple(
            GroupView(by, value, part["pages"], part["true"], figure_views(part["figures"]))
            for by, parts in found["groups"].items()
            for value, part in parts.items()
        ),
    )


def figure_views(figures: Mapping[str, Sequence[float | None]]) -> tuple[FigureView, ...]:
    """Figures in the order in which they are shown."""
    shown = []
    for key, (name, better) in FIGURES.items():
        if key in figures:
            value, low, high = figures[key]
            shown.append(FigureView(key, name, value, low, high, better))
    return tuple(shown)


def matrix_view(report: Mapping[str, Any]) -> MatrixView:
    """Who was taken for whom."""
    return MatrixView(tuple(report["classes"]), tuple(tuple(row) for row in report["matrix"]))


def terms_views(terms: Mapping[str, Sequence[Sequence[Any]]]) -> dict[str, tuple[TermView, ...]]:
    """Terms by label, strongest first."""
    return {
        label: tuple(TermView(str(term), float(weight)) for term, weight in each)
        for label, each in terms.items()
    }
