"""One judge of a challenge's topic in full, for its modelers."""

from __future__ import annotations

from datetime import datetime

from btm.rules.errors import NotFound
from btm.services.cursors import read_cursor
from btm.services.judge_views import figures_of, get_judged, judge_view, pair_views
from btm.services.jury import find_panel
from btm.services.presenting import host_of, label_view
from btm.services.views_judges import JudgementLine, JudgeReportView, StandingChangeView
from btm.store import challenges, judge_figures, quality
from btm.store.judge_figures import Line
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_judges import DbStandingChange
from btm.store.transaction import reading

A_PAGE = 50


def show_judge(
    slug: str, account_id: int, *, asker_id: int | None, cursor: str | None = None, now: datetime
) -> JudgeReportView:
    """A judge, how they stood, whom they agree with too often, and their answers, newest first.

    asker_id: a modeler of the challenge; None for the operator. Raises NotFound (also for somebody who never judged the topic),
    Forbidden, and Invalid for a broken cursor.
    """
    before = read_cursor(cursor)
    with reading() as session:
        challenge = get_judged(session, slug, asker_id)
        judges = judge_figures.all_judges(session, challenge.topic)
        found = [(judge, handle) for judge, handle in judges if judge.account_id == account_id]
        if not found:
            raise NotFound("Nobody of that number ever judged these pages.")
        [(judge, handle)] = found
        panel = find_panel(session, challenge)
        lines = judge_figures.lines(session, challenge.topic, account_id, before, A_PAGE + 1)
        together = [row.id for row in challenges.judged_together(session, challenge)]
        figures = figures_of(session, challenge.topic, together, [account_id])
        shown, fit = lines[:A_PAGE], quality.find_fit(session, challenge.topic)
        return JudgeReportView(
            slug=slug,
            labels=tuple(label_view(challenge, key) for key in panel.labels),
            judge=judge_view(panel, challenge, judge, handle, figures),
            history=tuple(_change(*row) for row in judge_figures.history(session, judge.id)),
            pairs=pair_views(session, panel, challenge, judges, fit, account_id),
            lines=tuple(_line(challenge, line) for line in shown),
            cursor=str(shown[-1][0].id) if len(lines) > A_PAGE else None,
        )


def _change(change: DbStandingChange, by: str, judgements: int) -> StandingChangeView:
    return StandingChangeView(
        action=change.action, why=change.why, note=change.note, by=by, at=change.changed_at, judgements=judgements
    )  # fmt: skip


def _line(challenge: DbChallenge, line: Line) -> JudgementLine:
    answer, item, title, url, gold = line
    truth = gold or (item.verdict if item.state in ("decided", "settled") else None)
    return JudgementLine(
        item_public_id=item.public_id,
        title=title,
        host=host_of(url),
        given=label_view(challenge, answer.label) if answer.label is not None else None,
        cannot=answer.cannot or "",
        other=answer.other,
        reason=answer.reason,
        truth=label_view(challenge, truth) if truth is not None else None,
        is_gold=item.gold_id is not None,
        is_hasty=answer.is_hasty,
        is_withdrawn=answer.withdrawn_at is not None,
        seconds=answer.seconds,
        at=answer.judged_at,
    )
