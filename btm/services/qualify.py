"""The short test before somebody may judge a challenge."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from btm.rules import qualification as law
from btm.rules.errors import Conflict, NotFound
from btm.services.finding import get_challenge
from btm.services.presenting import challenge_view, label_view
from btm.services.views_review import QualificationAnswer, QualificationItem, QualificationView
from btm.store import challenges, people
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_people import DbQualification
from btm.store.transaction import Session, reading, transaction


def show_qualification(slug: str, *, account_id: int, now: datetime) -> QualificationView:
    """The test's questions. Raises NotFound."""
    with reading() as session:
        return _view(session, get_challenge(session, slug), account_id, now)


def take_qualification(
    slug: str, answers: Mapping[int, str], *, account_id: int, now: datetime
) -> QualificationView:
    """Mark the answers (label keys by item number, from 0), each with the reason for the right one.

    Raises NotFound, and Conflict (`too_soon`) where the test was failed a moment ago. Passing twice is the same as once.
    """
    with transaction() as session:
        people.lock_account(session, account_id)
        challenge = get_challenge(session, slug)
        retry = _retry_at(session, challenge, account_id, now)
        passed_before = people.is_qualified(session, account_id, challenge.id)
        if retry is not None and not passed_before:
            raise Conflict(
                "You took this test a moment ago. Read the brief once more and come back.", code="too_soon"
            )
        truths = [item["label"] for item in challenge.qualification]
        right = law.count_right(answers, truths)
        passed = right >= law.pass_mark(len(truths), challenge.law.qualification_pass)
        if not passed_before:
            session.add(
                DbQualification(
                    account_id=account_id,
                    challenge_id=challenge.id,
                    right=right,
                    asked=len(truths),
                    passed=passed,
                    taken_at=now,
                )
            )
            session.flush()
        return _view(session, challenge, account_id, now, answers=answers, passed=passed)


def answer_one(slug: str, number: int, given: str) -> QualificationAnswer:
    """One question of the test, answered again between two pages: what is right, and why. Nothing is kept.

    Raises NotFound where there is no such question."""
    with reading() as session:
        challenge = get_challenge(session, slug)
        if not 0 <= number < len(challenge.qualification):
            raise NotFound("There is no such question in this test.")
        stored = challenge.qualification[number]
        item = QualificationItem(number, stored["title"], stored["text"])
        return _answer(challenge, item, {number: given})


def _retry_at(session: Session, challenge: DbChallenge, account_id: int, now: datetime) -> datetime | None:
    failed = people.last_failure(session, account_id, challenge.id)
    return law.retry_at(failed, challenge.law.qualification_wait_minutes, now)


def _view(
    session: Session,
    challenge: DbChallenge,
    account_id: int,
    now: datetime,
    answers: Mapping[int, str] | None = None,
    passed: bool | None = None,
) -> QualificationView:
    qualified = people.is_qualified(session, account_id, challenge.id)
    items = tuple(
        QualificationItem(number, item["title"], item["text"])
        for number, item in enumerate(challenge.qualification)
    )
    return QualificationView(
        challenge=challenge_view(challenge, challenges.figures(session, [challenge.id])[challenge.id], now),
        items=items,
        pass_mark=law.pass_mark(len(items), challenge.law.qualification_pass),
        is_qualified=qualified,
        is_covered=any(row.is_harmful for row in challenges.judged_together(session, challenge)),
        retry_at=None if qualified else _retry_at(session, challenge, account_id, now),
        answers=tuple(_answer(challenge, item, answers) for item in items) if answers is not None else (),
        passed=passed,
    )


def _answer(
    challenge: DbChallenge, item: QualificationItem, answers: Mapping[int, str]
) -> QualificationAnswer:
    stored = challenge.qualification[item.number]
    given = answers.get(item.number)
    known = given if given in challenge.label_keys else None
    return QualificationAnswer(
        item=item,
        given=label_view(challenge, known) if known else None,
        truth=label_view(challenge, stored["label"]),
        why=stored["why"],
        is_right=given == stored["label"],
    )
