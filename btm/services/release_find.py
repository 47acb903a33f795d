"""A modeler's word on a find whose points wait: pay them all the same, or take the page to the desk and decide there what it is."""

from __future__ import annotations

from datetime import datetime

from btm.rules.errors import Conflict, Forbidden, NotFound
from btm.services import resettling
from btm.services.financing import get_financed
from btm.services.holding import Held, find_holds, held_view
from btm.services.recording import record
from btm.services.views_money import HeldPage, HeldView
from btm.store import challenges, holds, play, review
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_play import DbSubmission
from btm.store.transaction import Session, reading, transaction

MOST = 2000
"""So many finds of a challenge are looked through for its page, those verified longest ago first."""
URGENCY = ("changed", "desk", "unseen")


def list_held(slug: str, *, asker_id: int | None, now: datetime, limit: int = 100) -> HeldPage:
    """What waits in a challenge: pages that a modeler can say something about come first. Raises NotFound, Forbidden."""
    with reading() as session:
        challenge = get_financed(session, slug, asker_id)
        found = find_holds(session, cutoff=now, now=now, challenge_id=challenge.id, most=MOST)
    found.sort(key=lambda held: (URGENCY.index(held.wait.why), held.wait.until))
    return HeldPage(
        held=tuple(held_view(each) for each in found[:limit]),
        pages=len(found),
        points=sum(each.find.points for each in found),
        is_all=len(found) < MOST,
    )


def release_find(slug: str, public_id: str, *, asker_id: int | None, now: datetime) -> HeldView:
    """Say that a find's points may be paid out, whatever was found at its address since. They go into the next batch.

    Raises NotFound, Forbidden (no modeler, or `own_page`), Conflict (`not_held`).
    """
    with transaction() as session:
        challenge, submission = _find(session, slug, public_id, asker_id)
        held = _get_held(session, submission, now)
        holds.release(session, submission.id, asker_id, now)
        _record(session, challenge, "release_points", held, asker_id, now)
        return held_view(held)


def question_find(slug: str, public_id: str, *, asker_id: int | None, now: datetime) -> HeldView:
    """Take a find at whose address another page was found to the desk, where a modeler decides what it is and says why. Its verdict
    stands until then, and for good where nobody decides in time.

    Raises NotFound, Forbidden (no modeler, or `own_page`), Conflict (`not_held`, `not_changed`).
    """
    with transaction() as session:
        challenge, submission = _find(session, slug, public_id, asker_id, lock=True)
        held = _get_held(session, submission, now)
        item = review.item_of_submission(session, submission.id, lock=True)
        if held.wait.why != "changed" or item is None or item.state != "settled" or submission.reopened_at:
            raise Conflict(
                "Only a page at whose address another one was found since can be taken to the desk.",
                code="not_changed",
            )
        resettling.take_up(challenge, submission, item, why="desk", now=now)
        item.state = "undecided"
        _record(session, challenge, "question_find", held, asker_id, now)
        return held_view(held)


def _find(
    session: Session, slug: str, public_id: str, asker_id: int | None, *, lock: bool = False
) -> tuple[DbChallenge, DbSubmission]:
    challenge = get_financed(session, slug, asker_id)
    row = play.find_submission(session, public_id, lock=lock)
    if row is None or row.challenge_id != challenge.id:
        raise NotFound("There is no such page in this challenge.")
    if asker_id is not None and row.player_id == asker_id:
        raise Forbidden("This is a page of yours, so somebody else has to say that.", code="own_page")
    if lock:
        challenge = challenges.lock_challenge(session, challenge.id)
    return challenge, row


def _get_held(session: Session, submission: DbSubmission, now: datetime) -> Held:
    found = find_holds(session, cutoff=now, now=now, submission_id=submission.id)
    if not found:
        raise Conflict("The points of this page do not wait, or not any more.", code="not_held")
    return found[0]


def _record(
    session: Session, challenge: DbChallenge, verb: str, held: Held, asker_id: int | None, now: datetime
) -> None:
    detail = {"submission": held.find.public_id, "points": held.find.points, "why": held.wait.why}
    record(session, challenge, verb, asker_id, now, **detail)
