"""Block a judge of a topic. Shared by the services: the rules do it after gold answers, a modeler does it by hand."""

from __future__ import annotations

from datetime import datetime

from btm.store import review
from btm.store.tables_judges import DbJudge, DbStandingChange
from btm.store.transaction import Session, insert_once


def block(
    session: Session, judge: DbJudge, *, why: str, note: str, changed_by: int | None, now: datetime
) -> int | None:
    """Block a judge whose row is locked; their leases end. Returns the id of the change, which still has to be carried out
    (bell "standing"), or None where they were blocked already."""
    if judge.state == "blocked":
        return None
    judge.state = "blocked"
    review.end_leases(session, judge.account_id, judge.topic)
    values = {
        "judge_id": judge.id, "action": "blocked", "why": why, "note": note, "changed_by": changed_by,
        "changed_at": now, "is_done": False,
    }  # fmt: skip
    return insert_once(session, DbStandingChange, values)
