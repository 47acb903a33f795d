"""Queries about what is known of judges: which topics are due for an exact computation, and a modeler's figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from btm.store.costly import costly
from btm.store.tables import DbGold, DbJudge, DbJudgement, DbJury, DbJuryFit, DbReviewItem, DbStandingChange

MANY_NEW, SHARE_NEW = 50, 0.05
"""A topic is computed anew after so many new labels, or after this share of those that it knew, whichever is more;"""
AT_LATEST = timedelta(minutes=10)
"""after so long for any new label at all;"""
FAR_BEHIND = 50_000
"""and when so many judgements of other topics came since, so that a look for new ones never has more of them to pass over."""


def juries_to_refit(session: Session, now: datetime, limit: int) -> list[int]:
    """Juries whose exact computation is due, those with the most new labels first. Four queries, however many topics there are."""
    panels = list(session.scalars(select(DbJury)))
    if not panels:
        return []
    newest = last_judgement(session)
    near = [panel for panel in panels if newest - panel.fitted_to <= FAR_BEHIND]
    fresh = _labels_since(session, near)
    fits = {row.topic: row for row in session.scalars(select(DbJuryFit))}
    changes, disputed = _changes_done(session), _disputed(session)
    due = []
    for panel in panels:
        fit, count = fits.get(panel.topic), fresh.get(panel.topic, 0)
        known = fit.judgements if fit else 0
        waited = panel.fitted_at is None or panel.fitted_at <= now - AT_LATEST
        seen = (fit.changes_done, fit.disputed) if fit else (0, 0)
        if (
            count >= max(MANY_NEW, SHARE_NEW * known)
            or (count and waited)
            or newest - panel.fitted_to > FAR_BEHIND
            or (changes.get(panel.topic, 0), disputed.get(panel.topic, 0)) != seen
        ):
            due.append((-count, panel.id))
    return [jury_id for _, jury_id in sorted(due)[:limit]]


def last_judgement(session: Session) -> int:
    """The newest judgement of all topics, 0 where there is none."""
    return int(session.scalar(select(func.max(DbJudgement.id))) or 0)


def _labels_since(session: Session, panels: Sequence[DbJury]) -> dict[str, int]:
    if not panels:
        return {}
    rows = session.execute(
        select(DbJury.topic, func.count())
        .select_from(DbJudgement)
        .join(DbReviewItem, DbReviewItem.id == DbJudgement.item_id)
        .join(DbJury, DbJury.topic == DbReviewItem.topic)
        .where(
            DbJudgement.id > min(panel.fitted_to for panel in panels),
            DbJudgement.id > DbJury.fitted_to,
            DbJury.id.in_([panel.id for panel in panels]),
            DbJudgement.label.is_not(None),
            DbJudgement.withdrawn_at.is_(None),
        )
        .group_by(DbJury.topic)
    )
    return dict(rows.all())


@costly
def labels_since(session: Session, panel: DbJury) -> int:
    """How many labels of a topic came after its last exact computation; for show."""
    return _labels_since(session, [panel]).get(panel.topic, 0)


def _changes_done(session: Session, topic: str | None = None) -> dict[str, int]:
    query = (
        select(DbJudge.topic, func.count())
        .join(DbStandingChange, DbStandingChange.judge_id == DbJudge.id)
        .where(DbStandingChange.is_done)
        .group_by(DbJudge.topic)
    )
    return dict(session.execute(query if topic is None else query.where(DbJudge.topic == topic)).all())


def changes_done(session: Session, topic: str) -> int:
    """How many changes of standing were carried out in a topic."""
    return _changes_done(session, topic).get(topic, 0)


def _disputed(session: Session, topic: str | None = None) -> dict[str, int]:
    query = select(DbGold.topic, func.count()).where(DbGold.retired_why == "disputed").group_by(DbGold.topic)
    return dict(session.execute(query if topic is None else query.where(DbGold.topic == topic)).all())


def count_disputed(session: Session, topic: str) -> int:
    """How much gold of a topic was found to be wrong."""
    return _disputed(session, topic).get(topic, 0)


def find_fit(session: Session, topic: str) -> DbJuryFit | None:
    """What the last exact computation left, if there was one."""
    return session.scalar(select(DbJuryFit).where(DbJuryFit.topic == topic))
