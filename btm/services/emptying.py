"""Empty pages that are taken down, in one transaction: every word goes, every point that was earned stays. Shared by the services.

Locks are taken in the usual order: submissions, challenges, review items.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from btm.rules import money as law
from btm.rules.takedowns import owed
from btm.services.corpus_views import made_name
from btm.services.item_promises import ORIGINS
from btm.services.taken_down import NO_ADDRESS, TITLE, digests, text_digest
from btm.store import challenges, emptying, money, outcomes, play, pool, takedowns
from btm.store.tables_abuse import DbTakedown
from btm.store.tables_judges import DbGold
from btm.store.tables_play import DbPage, DbSubmission
from btm.store.tables_review import DbReviewItem
from btm.store.transaction import Session

MOST_READ = 200
"""So many pages of a cluster are read for the words that it may keep."""
ENDED = "A page of yours was taken down"
"""What the ledger says in the place of a page's title."""


def empty_pages(
    session: Session,
    takedown: DbTakedown,
    page_ids: Sequence[int],
    now: datetime,
    *,
    meant: int | None = None,
) -> list[int]:
    """Empty those of these pages that are in the takedown's reach and were not emptied yet. Returns which. meant: the page that was
    pointed at: it is its addresses that are closed; another page with the same text is known again by that."""
    scope = takedown.challenge_id
    owners = {
        page_id: owner
        for page_id, owner in emptying.owners(session, page_ids).items()
        if scope is None or owner[0] == scope
    }
    submissions = [
        play.get_submission(session, i, lock=True) for i in emptying.submissions_of(session, list(owners))
    ]
    gold = _hold(session, owners, list(owners))
    pages = emptying.lock_pages(session, list(owners))
    ids = [page.id for page in pages]
    items = emptying.lock_items(session, ids)
    submissions = [each for each in submissions if each.page_id in ids]
    finds = emptying.outcome_numbers(session, [each.id for each in submissions])
    by_submission = {item.submission_id: item for item in items if item.submission_id is not None}
    for item in items:
        _close_item(session, item, now)
    for submission in submissions:
        _end(session, takedown, submission, by_submission.get(submission.id), now)
    _forget(session, submissions, items, [each for each in gold if each.page_id in ids], now)
    emptying.forget_in_pool(session, ids)
    numbers = {each.page_id: finds.get(each.id) for each in submissions}
    for page in pages:
        known = digests(page) if page.id == meant else {text_digest(page.content_hash)}
        takedowns.add_digests(session, takedown.id, known)
        takedowns.doom(session, takedown.id, page.snapshot)
        challenge_id, name = owners[page.id]
        takedowns.bury(session, {
            "takedown_id": takedown.id, "challenge_id": challenge_id, "page_id": page.id, "name": name,
            "outcome_id": numbers.get(page.id), "at": now,
        })  # fmt: skip
        _blank(page, takedown)
    return ids


def _hold(session: Session, owners: Mapping[int, tuple[int, str]], page_ids: Sequence[int]) -> list[DbGold]:
    """Lock the challenges that the pages belong to, and those that speak for the topics whose gold they are. Returns that gold."""
    gold = emptying.gold_of(session, page_ids)
    wanted = {challenge_id for challenge_id, _ in owners.values()}
    for challenge in challenges.all_challenges(session):
        if any(each.challenge_id == challenge.id for each in gold):
            wanted.add(challenges.judged_together(session, challenge)[0].id)
    for challenge_id in sorted(wanted):
        challenges.lock_challenge(session, challenge_id)
    return gold


def _close_item(session: Session, item: DbReviewItem, now: datetime) -> None:
    """Nobody judges it any more. Who has it before them at this moment is paid as if they had answered."""
    is_open, judge, price = item.state == "open", item.lease_judge_id, item.lease_price
    is_held = is_open and judge is not None and item.lease_until is not None and item.lease_until > now
    if item.gold_id is not None and is_open:
        entry = law.Entry(f"release:gold:{item.id}", "release", price, -price, 0, "Not needed")
        money.post(session, entry, challenge_id=item.challenge_id, at=now)
    left = pool.escrow_of_item(session, item.id) if item.origin in ORIGINS else 0
    if item.submission_id is not None:
        left = money.escrow_of(session, item.submission_id)
    if is_held and judge is not None:
        make = law.pay if left >= price else law.pay_from_budget
        words = "The page was taken down while you looked at it"
        money.post(
            session,
            make("judging", f"takedown:{item.id}:{judge}", price, words),
            challenge_id=item.challenge_id,
            account_id=judge,
            submission_id=item.submission_id,
            at=now,
        )
        left -= price if left >= price else 0
    if item.origin in ORIGINS:
        entry = law.Entry(f"release:item:{item.id}", "release", left, -left, 0, "Not needed")
        money.post(session, entry, challenge_id=item.challenge_id, at=now)
    item.state, item.is_stale = "withdrawn", False
    item.lease_judge_id, item.lease_token, item.lease_until, item.lease_ready_at = None, "", None, None
    item.decided_why = ""


def _end(
    session: Session,
    takedown: DbTakedown,
    submission: DbSubmission,
    item: DbReviewItem | None,
    now: datetime,
) -> None:
    """Pay the player what the rules say, give the rest back, and close the submission."""
    paid = money.paid_for(session, [submission.id]).get(submission.id, 0)
    more = owed(
        takedown.reason,
        submission.state,
        is_settled=submission.settled_at is not None,
        promised=submission.quote.points if submission.quote else 0,
        paid=paid,
    )
    more = min(more, money.escrow_of(session, submission.id))
    turn = item.reopened if item else 0
    money.post(
        session,
        law.pay("deadline", law.of_turn(submission.id, turn), more, ENDED),
        challenge_id=submission.challenge_id,
        account_id=submission.player_id,
        submission_id=submission.id,
        at=now,
    )
    left = law.release(submission.id, money.escrow_of(session, submission.id), turn)
    money.post(session, left, challenge_id=submission.challenge_id, submission_id=submission.id, at=now)
    appeal = outcomes.appeal_of(session, submission.id)
    if appeal is not None and appeal.state == "open":
        appeal.state, appeal.decided_at = "declined", now
    if submission.state != "withdrawn":
        submission.state, submission.refusal = "refused", "taken_down"
    submission.settled_at = submission.settled_at or (now if more else None)
    submission.step, submission.wake_at, submission.reopened_at = "", None, None
    submission.url = submission.canonical_url = address_of(takedown)
    submission.site = ""


def _forget(
    session: Session,
    submissions: Sequence[DbSubmission],
    items: Sequence[DbReviewItem],
    gold: Sequence[DbGold],
    now: datetime,
) -> None:
    ids, item_ids = [each.id for each in submissions], [item.id for item in items]
    touched = emptying.forget_finds(session, ids)
    for row in gold:
        row.why = ""
        if row.state == "active":
            row.state, row.retired_why, row.retired_at = "retired", "taken_down", now
    emptying.forget_words(session, ids, item_ids, [row.id for row in gold])
    emptying.rename_entries(session, ids, ENDED)
    emptying.forget_in_acts(
        session, {item.challenge_id for item in items}, {item.public_id for item in items}
    )
    emptying.forget_calls(
        session, {each.public_id for each in submissions} | {item.public_id for item in items}
    )
    session.flush()
    for cluster in emptying.clusters_named(session, touched):
        cluster.exemplars = [each for each in cluster.exemplars if each not in ids]
        rest = [
            " ".join(each).casefold() for each in emptying.texts_of_cluster(session, cluster.id, MOST_READ)
        ]
        cluster.terms = [term for term in cluster.terms if any(term.casefold() in text for text in rest)]
        if cluster.named_by is None:
            cluster.name = made_name(cluster.terms)
        if not rest:
            cluster.retired_at = cluster.retired_at or now


def address_of(takedown: DbTakedown) -> str:
    """What stands in the place of an address."""
    return f"{NO_ADDRESS}{takedown.public_id}"


def _blank(page: DbPage, takedown: DbTakedown) -> None:
    page.url = page.canonical_url = page.final_url = page.final_canonical_url = address_of(takedown)
    page.title, page.description, page.text, page.language = TITLE, "", "", ""
    page.redirects, page.headings, page.links, page.blocks = [], [], [], []
    page.content_hash = page.snapshot = ""
    page.signature = b""
