"""How long work in the background stands."""

from __future__ import annotations

from btm.rules.errors import NotFound
from btm.rules.permissions import may_model
from btm.services.modelling import get_modelled
from btm.services.views_machines import BadRowView, TaskView
from btm.store import people, tasks
from btm.store.tables_machines import DbTask
from btm.store.transaction import reading

MOST = 20


def show_task(public_id: str, *, asker_id: int) -> TaskView:
    """Raises NotFound, also for a task of a challenge that the asker does not model."""
    with reading() as session:
        row = tasks.find_task(session, public_id)
        if row is None or not may_model(people.roles_of(session, asker_id), row.challenge.slug):
            raise NotFound("There is no such task of yours.")
        return _view(row)


def list_tasks(slug: str, *, asker_id: int) -> list[TaskView]:
    """The latest 20 tasks of a challenge, newest first. Raises NotFound, Forbidden."""
    with reading() as session:
        challenge = get_modelled(session, slug, asker_id, drafts=True)
        return [_view(row) for row in tasks.tasks_of(session, challenge.id, MOST)]


def _view(row: DbTask) -> TaskView:
    result = row.result
    return TaskView(
        public_id=row.public_id,
        kind=row.kind,
        state=row.state,
        progress=row.progress,
        message=row.message,
        challenge_slug=row.challenge.slug,
        data_name=row.input.get("data_name", ""),
        created_at=row.created_at,
        finished_at=row.finished_at,
        machine_name=result.get("machine", ""),
        machine_version=result.get("version", ""),
        evaluation_id=result.get("evaluation"),
        rows=result.get("rows", 0),
        bad_rows=tuple(BadRowView(number, reason) for number, reason in result.get("bad", ())),
        bad_count=result.get("bad_count", 0),
        added=result.get("added", 0),
        known=result.get("known", 0),
        put_up=result.get("put_up", 0),
    )
