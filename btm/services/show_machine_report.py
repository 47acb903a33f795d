"""How good a version of a machine is: all that a page with pictures needs."""

from __future__ import annotations

from btm.rules.errors import NotFound
from btm.services.modelling import get_machine_row, version_views
from btm.services.report_views import label_report, matrix_view, terms_views
from btm.services.views_machines import EvaluationView, MachineReportView
from btm.store import machines
from btm.store.tables_machines import DbEvaluation
from btm.store.transaction import reading


def show_machine_report(
    name: str, version: str | None = None, *, evaluation_id: int | None = None
) -> MachineReportView:
    """The report of a version (the newest where none is named), from one of its evaluations (the latest). Raises NotFound."""
    with reading() as session:
        row = get_machine_row(session, name, version)
        [view] = version_views(session, [row])
        evaluations = machines.evaluations_of(session, row.id)
    chosen = _choose(evaluations, evaluation_id)
    report = chosen.report if chosen is not None else {}
    return MachineReportView(
        machine=view,
        card=row.card,
        evaluation=_evaluation_view(chosen) if chosen is not None else None,
        evaluations=tuple(_evaluation_view(each) for each in evaluations),
        matrix=matrix_view(report) if report else None,
        accuracy=report.get("accuracy"),
        macro_f1=report.get("macro_f1"),
        labels=tuple(label_report(report, label) for label in report.get("classes", ())),
        terms=terms_views(report.get("terms") or row.card.get("top_terms") or {}),
    )


def _choose(evaluations: list[DbEvaluation], evaluation_id: int | None) -> DbEvaluation | None:
    if evaluation_id is None:
        return evaluations[0] if evaluations else None
    for each in evaluations:
        if each.id == evaluation_id:
            return each
    raise NotFound("There is no such measurement of this machine.")


def _evaluation_view(row: DbEvaluation) -> EvaluationView:
    return EvaluationView(row.id, row.data, row.rows, row.created_at)
