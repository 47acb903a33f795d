"""A modeler answers a judge who says that gold is wrong."""

from __future__ import annotations

from datetime import datetime

from btm.rules.errors import Conflict, Invalid, NotFound
from btm.services import bell, jury
from btm.services.blocking import block
from btm.services.gold_views import one_line
from btm.services.modelling import get_modelled
from btm.services.recording import record
from btm.services.retiring import disprove, hold_gold, is_below
from btm.store import disputes, juries
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_judges import DbDispute, DbJury
from btm.store.transaction import Session, transaction


def decide_dispute(
    slug: str, dispute_id: int, *, upheld: bool, answer: str, asker_id: int | None, now: datetime
) -> None:
    """Uphold it: the gold is retired and leaves every judge's record, and whom it got blocked is let in again; all who dispute the
    same page are right with it. Or decline it, with a line for the judge: the answer counts again.

    Raises NotFound, Forbidden, Invalid (`answer`: missing where it is declined) and Conflict (`already_decided`).
    """
    words = one_line(answer)
    if not upheld and not words:
        raise Invalid("Say in a line why you stay with it.", field="answer")
    with transaction() as session:
        challenge = get_modelled(session, slug, asker_id)
        juries.hold(session, challenge.topic)
        hold_gold(session, challenge)
        row = disputes.find_dispute(session, challenge.topic, dispute_id)
        if row is None:
            raise NotFound("There is no such dispute here.")
        if row.state != "open":
            raise Conflict("Somebody has answered this already.", code="already_decided")
        panel = jury.jury_of(session, challenge)
        decided = disputes.open_about(session, row.gold_id) if upheld else [row]
        for each in decided:
            each.state, each.answer = ("upheld" if upheld else "declined"), words
            each.decided_by, each.decided_at = asker_id, now
        session.flush()
        record(
            session,
            challenge,
            "decide_dispute",
            asker_id,
            now,
            dispute=dispute_id,
            upheld=upheld,
            answer=words,
        )
        if upheld:
            changes = disprove(session, panel, challenge, row.gold, changed_by=asker_id, now=now)
        else:
            changes = _count_again(session, panel, challenge, row, now)
    for change in changes:
        bell.ring("standing", change)


def _count_again(
    session: Session, panel: DbJury, challenge: DbChallenge, row: DbDispute, now: datetime
) -> list[int]:
    """The answer counts from now on, and may be the one too many."""
    judge = juries.get_judge(session, panel, row.judge_id, now)
    if not is_below(session, challenge, judge):
        return []
    change = block(session, judge, why="gold", note="", changed_by=None, now=now)
    return [change] if change is not None else []
