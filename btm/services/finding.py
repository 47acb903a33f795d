"""Get a row, or raise the error that says what was asked for in vain. Shared by the services."""

from __future__ import annotations

from btm.rules.challenge_states import is_public
from btm.rules.errors import Conflict, NotFound
from btm.store import challenges, play
from btm.store.tables_challenges import DbChallenge, DbMachine
from btm.store.tables_play import DbPage, DbQuote, DbSubmission
from btm.store.transaction import Session


def get_challenge(session: Session, slug: str) -> DbChallenge:
    """The challenge with this slug. Raises NotFound, also for one that was never public."""
    return require_public(challenges.find_challenge(session, slug))


def require_public(challenge: DbChallenge | None) -> DbChallenge:
    """The challenge, if everybody may know of it. Raises NotFound, in the same words where there is none."""
    if challenge is None or not is_known(challenge):
        raise NotFound("There is no such challenge. It may have been renamed or taken down.")
    return challenge


def is_known(challenge: DbChallenge) -> bool:
    """Whether everybody may know of the challenge."""
    return is_public(challenge.state, has_been_live=challenge.live_at is not None)


def get_machine(challenge: DbChallenge) -> DbMachine:
    """The machine that a challenge plays against. Raises Conflict (`no_machine`) while it has none."""
    if challenge.machine is None:
        raise Conflict(
            "This challenge has no machine yet: it collects its first examples. Train the first machine from them, or "
            "activate one that knows its labels; then try again.",
            code="no_machine",
        )
    return challenge.machine


def get_own_submission(session: Session, public_id: str, player_id: int) -> DbSubmission:
    """A player's own submission, locked. Raises NotFound for anybody else's."""
    submission = play.find_submission(session, public_id, lock=True)
    if submission is None or submission.player_id != player_id:
        raise NotFound("There is no such submission of yours.")
    return submission


def get_quote(submission: DbSubmission) -> DbQuote:
    """The quote of a submission that must have one."""
    if submission.quote is None:
        raise LookupError(f"submission {submission.id} is {submission.state} without a quote")
    return submission.quote


def get_page(submission: DbSubmission) -> DbPage:
    """The page of a submission that must have one."""
    if submission.page is None:
        raise LookupError(f"submission {submission.id} is {submission.state} without a page")
    return submission.page
