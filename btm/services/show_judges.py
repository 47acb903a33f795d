"""The judges of a challenge's topic, for its modelers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from btm.rules.errors import Invalid
from btm.services.cursors import read_cursor
from btm.services.judge_views import figures_of, get_judged, judge_view, pair_views, scores
from btm.services.jury import find_panel
from btm.services.presenting import label_view
from btm.services.views_judges import JudgeListView
from btm.store import challenges, judge_figures, quality
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_judges import DbJudge, DbJury
from btm.store.transaction import Session, reading

A_PAGE = 25
SORTS = ("judgements", "quality", "pace", "gold", "earned", "recent")
"""By most judgements, lowest quality, fastest, worst on gold, most earned, last seen: what needs a look comes first."""


def show_judges(
    slug: str, *, asker_id: int | None, sort: str = "judgements", cursor: str | None = None, now: datetime
) -> JudgeListView:
    """A page of 25 judges, sorted by one of SORTS; judges of whom there is nothing to sort by come last.

    asker_id: a modeler of the challenge; None for the operator. Raises NotFound, Forbidden, and Invalid for another sort or a
    broken cursor.
    """
    if sort not in SORTS:
        raise Invalid(f"Judges are not sorted by that. Choose one of: {', '.join(SORTS)}.", field="sort")
    start = read_cursor(cursor) or 0
    with reading() as session:
        challenge = get_judged(session, slug, asker_id)
        panel = find_panel(session, challenge)
        judges = judge_figures.all_judges(session, challenge.topic)
        together = [row.id for row in challenges.judged_together(session, challenge)]
        key = _key(sort, session, panel, challenge, judges, together)
        order = sorted(judges, key=lambda each: (key.get(each[0].account_id, math.inf), each[0].account_id))
        shown = order[start : start + A_PAGE]
        figures = figures_of(session, challenge.topic, together, [judge.account_id for judge, _ in shown])
        fit = quality.find_fit(session, challenge.topic)
        return JudgeListView(
            slug=slug,
            topic=challenge.topic,
            labels=tuple(label_view(challenge, key) for key in panel.labels),
            judges=tuple(judge_view(panel, challenge, *each, figures) for each in shown),
            total=len(judges),
            active=sum(judge.state == "active" for judge, _ in judges),
            blocked=sum(judge.state == "blocked" for judge, _ in judges),
            cursor=str(start + A_PAGE) if len(order) > start + A_PAGE else None,
            pairs=pair_views(session, panel, challenge, judges, fit),
            fitted_at=panel.fitted_at,
            waiting_judgements=quality.labels_since(session, panel) if panel.id is not None else 0,
        )


def _key(
    sort: str,
    session: Session,
    panel: DbJury,
    challenge: DbChallenge,
    judges: Sequence[tuple[DbJudge, str]],
    together: Sequence[int],
) -> dict[int, float]:
    """What to sort by, the least first, by account: the only figure that all judges are asked for. Of equals the older account
    comes first."""
    if sort == "quality":
        found = scores(panel, [judge for judge, _ in judges], challenge)
        return {
            judge.account_id: score
            for (judge, _), score in zip(judges, found, strict=True)
            if score is not None
        }
    if sort == "pace":
        return judge_figures.median_seconds(session, challenge.topic)
    if sort == "gold":
        records = judge_figures.gold_records(session, challenge.topic)
        return {account: right / asked for account, (asked, right) in records.items()}
    if sort == "earned":
        return {account: -points for account, points in judge_figures.earned(session, together).items()}
    answers = judge_figures.answers(session, challenge.topic)
    if sort == "recent":
        return {account: -sums.last_at.timestamp() for account, sums in answers.items() if sums.last_at}
    return {account: -sums.given for account, sums in answers.items()}
