"""A modeler blocks a judge of a topic, or lets them in again."""

from __future__ import annotations

from datetime import datetime

from btm.rules.errors import Invalid, NotFound
from btm.services import bell, jury
from btm.services.blocking import block
from btm.services.finding import get_challenge
from btm.services.modelling import get_modelled
from btm.services.recording import record
from btm.services.wording import one_line
from btm.store import juries
from btm.store.tables_judges import DbJudge, DbStandingChange
from btm.store.transaction import Session, insert_once, transaction

REASONS = ("by_hand", "collusion")
LONGEST_NOTE = 500


def block_judge(
    slug: str, account_id: int, *, note: str, asker_id: int | None, now: datetime, why: str = "by_hand"
) -> None:
    """Block a judge of the challenge's topic; blocking again has no effect. Their answers are withdrawn soon after.

    note: for the judge to read. Raises NotFound (no challenge, or nobody who judged it), Forbidden, Invalid for another reason.
    """
    if why not in REASONS:
        raise Invalid(f"A judge is blocked for one of these reasons: {', '.join(REASONS)}.", field="why")
    with transaction() as session:
        judge = _get(session, slug, account_id, asker_id, now)
        words = one_line(note, LONGEST_NOTE)
        change = block(session, judge, why=why, note=words, changed_by=asker_id, now=now)
        if change is not None:
            record(
                session,
                get_challenge(session, slug),
                "block_judge",
                asker_id,
                now,
                judge=account_id,
                why=why,
                note=words,
            )
    _ring(change)


def lift_block(slug: str, account_id: int, *, note: str, asker_id: int | None, now: datetime) -> None:
    """Let a blocked judge in again; for one who is not blocked it has no effect. Their answers count again soon after.

    Raises NotFound and Forbidden as `block_judge` does.
    """
    with transaction() as session:
        judge = _get(session, slug, account_id, asker_id, now)
        if judge.state != "blocked":
            return
        judge.state = "active"
        values = {
            "judge_id": judge.id, "action": "lifted", "why": "by_hand", "note": one_line(note, LONGEST_NOTE),
            "changed_by": asker_id, "changed_at": now, "is_done": False,
        }  # fmt: skip
        change = insert_once(session, DbStandingChange, values)
        record(
            session,
            get_challenge(session, slug),
            "lift_block",
            asker_id,
            now,
            judge=account_id,
            note=values["note"],
        )
    _ring(change)


def _get(session: Session, slug: str, account_id: int, asker_id: int | None, now: datetime) -> DbJudge:
    """The judge, locked, with nobody of the topic judging meanwhile: a judgement locks its item before its judge."""
    challenge = get_modelled(session, slug, asker_id)
    juries.hold(session, challenge.topic)
    if juries.find_judge(session, challenge.topic, account_id) is None:
        raise NotFound("Nobody by that number has judged here.")
    return juries.get_judge(session, jury.jury_of(session, challenge), account_id, now)


def _ring(change: int | None) -> None:
    if change is not None:
        bell.ring("standing", change)
