"""A judge's own page for one topic: what they did and earned, and what to do better. It holds no score."""

from __future__ import annotations

from datetime import UTC, datetime
from statistics import median

from btm.rules.standing import JudgeRecord, advice
from btm.services import jury
from btm.services.finding import get_challenge
from btm.services.presenting import host_of, label_view
from btm.services.views_judges import MissedPage, OwnRecordView
from btm.services.views_review import BlockView
from btm.store import challenges, gold, juries, money
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_judges import DbDispute, DbGold
from btm.store.tables_play import DbPage
from btm.store.tables_review import DbJudgement
from btm.store.transaction import Session, reading

EVER = datetime(2000, 1, 1, tzinfo=UTC)
MOST_MISSED = 25
MOST_TIMED = 1000


def show_own_record(slug: str, *, account_id: int, now: datetime) -> OwnRecordView:
    """What somebody did in a challenge's topic; zeros for those who never judged it. Raises NotFound."""
    with reading() as session:
        challenge = get_challenge(session, slug)
        together = challenges.judged_together(session, challenge)
        topic, rules = challenge.topic, challenge.law
        panel, judge = juries.find_jury(session, topic), juries.find_judge(session, topic, account_id)
        last = juries.last_change(session, judge.id) if judge is not None else None
        is_blocked = judge is not None and judge.state == "blocked"
        given = gold.volume(session, topic, account_id, MOST_TIMED)
        record = _record(session, topic, account_id, given)
        found = gold.missed(session, topic, account_id, MOST_MISSED)
        return OwnRecordView(
            slug=challenge.slug,
            question=together[0].brief["question"],
            labels=tuple(label_view(challenge, key) for key in challenge.label_keys),
            standing="blocked" if is_blocked else "active",
            blocked_why=last.why if is_blocked and last is not None else "",
            blocked_note=last.note if is_blocked and last is not None else "",
            judgements=record.judgements,
            earned=money.judged_since(session, account_id, [row.id for row in together], EVER)[1],
            price=jury.price_for(panel, judge, challenge).points if panel else rules.judging_price,
            full_price=rules.judging_price,
            median_seconds=median(given.seconds) if given.seconds else None,
            advice=tuple(advice(record)),
            missed=tuple(_missed(challenge, *row) for row in found),
            points_per_usd=rules.points_per_usd,
        )


def _record(session: Session, topic: str, account_id: int, given: gold.Volume) -> JudgeRecord:
    asked, right = gold.record_of(session, topic, account_id)
    missed = gold.missed_by_label(session, topic, account_id)
    return JudgeRecord(given.judgements, given.hasty, given.cannot, asked, right, missed)


def _missed(
    challenge: DbChallenge, judgement: DbJudgement, row: DbGold, page: DbPage, dispute: DbDispute | None
) -> MissedPage:
    return MissedPage(
        judgement_id=judgement.id,
        title=page.title,
        host=host_of(page.final_url),
        blocks=tuple(BlockView(kind, text) for kind, text in page.blocks),
        given=label_view(challenge, judgement.label) if judgement.label else None,
        truth=label_view(challenge, row.truth),
        why=row.why,
        dispute=dispute.state if dispute is not None else "",
        dispute_answer=dispute.answer if dispute is not None else "",
        at=judgement.judged_at,
    )
