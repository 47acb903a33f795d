"""The player takes the quote: freeze it, claim the page, reserve the points, and put the page up for review."""

from __future__ import annotations

from datetime import datetime

from btm.pages.signature import bands
from btm.rules import money as law
from btm.rules.challenge_states import takes_pages
from btm.rules.errors import Conflict, SignInNeeded
from btm.rules.priority import model_uncertainty
from btm.rules.stops import SENTENCES
from btm.services.collecting import is_example
from btm.services.finding import get_own_submission, get_page, get_quote
from btm.services.jury import open_item
from btm.services.near_duplicates import find_repeat, how_taken
from btm.services.presenting import verdict_deadline
from btm.services.stopping import stop_reason
from btm.services.taken_down import is_page_down
from btm.store import challenges, money, people, play
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_play import DbSubmission
from btm.store.transaction import Session, transaction


def commit_submission(public_id: str, *, player_id: int, now: datetime, new_id: str) -> None:
    """Commit a quoted submission; doing it twice is the same as once.

    Raises SignInNeeded for a visitor, NotFound for another's submission, Conflict (`quote_expired`, `already_found`,
    `budget_spent`, `stopped`) when the moment has passed; the submission is refused then only if its page is taken.
    """
    with transaction() as session:
        submission = get_own_submission(session, public_id, player_id)
        if submission.state != "quoted":
            _check_done(submission)
            return
        account = people.find_account(session, player_id)
        if account is None or account.handle is None:
            raise SignInNeeded("Make an account first: a name and a password. This quote waits for you.")
        if submission.wake_at is not None and submission.wake_at <= now:
            raise Conflict(
                "This quote has run out. Paste the address again for a new one.", code="quote_expired"
            )
        challenge = challenges.lock_challenge(session, submission.challenge_id)
        taken = _take(session, challenge, submission, now=now, new_id=new_id)
    if not taken:
        raise Conflict(
            "Somebody handed in this page a moment before you. Nothing was promised.", code="already_found"
        )


def _check_done(submission: DbSubmission) -> None:
    if submission.committed_at is None:
        raise Conflict("There is no quote to take here any more.", code="no_quote")


def _take(
    session: Session, challenge: DbChallenge, submission: DbSubmission, *, now: datetime, new_id: str
) -> bool:
    """Under the challenge's lock. Returns whether the page was still free; refuses the submission where it was not."""
    if not takes_pages(challenge.state):
        raise Conflict(
            "This challenge takes no pages at the moment. Your quote stays until it runs out.", code="closed"
        )
    page, quote, rules = get_page(submission), get_quote(submission), challenge.law
    amount = law.whole_price(quote.reserve, rules)
    if money.free_budget(session, challenge.id) < amount:
        raise Conflict(
            "This challenge has just spent its budget, so nothing can be promised for this page.",
            code="budget_spent",
        )
    if is_page_down(session, challenge.id, page):
        raise Conflict("This page was taken down here, so it stays out of the game.", code="taken_down")
    if reason := stop_reason(session, challenge.id, now, amount):
        raise Conflict(
            f"{SENTENCES[reason]} It takes no new pages, so nothing can be promised for this one.",
            code="stopped",
        )
    repeat = find_repeat(session, challenge.id, page)
    if repeat is not None or not play.claim(
        session, submission, play.claim_keys(page), bands(page.signature)
    ):
        submission.state, submission.wake_at, submission.repeats_id = "refused", None, repeat
        submission.refusal = how_taken(session, repeat) if repeat is not None else "already_handed_in"
        play.unclaim(session, submission.id)
        return False
    money.post(
        session,
        law.reserve(submission.id, amount),
        challenge_id=challenge.id,
        submission_id=submission.id,
        at=now,
    )
    _open_review(session, challenge, submission, now=now, new_id=new_id)
    submission.state, submission.committed_at, submission.wake_at = "in_review", now, None
    return True


def _open_review(
    session: Session, challenge: DbChallenge, submission: DbSubmission, *, now: datetime, new_id: str
) -> None:
    quote = get_quote(submission)
    collected = is_example(quote)
    values = {
        "public_id": new_id, "challenge_id": challenge.id, "page_id": submission.page_id,
        "origin": "collected" if collected else "submission", "submission_id": submission.id, "author_id": submission.player_id, "deadline_at": verdict_deadline(challenge, now),
        "model_uncertainty": 1.0 if collected else model_uncertainty(quote.probabilities),
        "stake": quote.points / quote.max_bonus,
    }  # fmt: skip
    open_item(session, challenge, values, now)
