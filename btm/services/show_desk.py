"""The desk of a challenge: the pages that judges could not decide, and all that was said of one of them."""

from __future__ import annotations

import numpy as np

from btm.rules.dawid_skene_online import confusion_of
from btm.rules.errors import Conflict, NotFound
from btm.rules.worker_quality import quality
from btm.services import jury
from btm.services.modelling import get_modelled
from btm.services.presenting import host_of, label_view
from btm.services.views_challenges import LabelView
from btm.services.views_judges import DeskItem, DeskView, JudgeAnswer
from btm.services.views_review import BlockView
from btm.store import desk, juries, outcomes, play
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_judges import DbJudge, DbJury
from btm.store.tables_play import DbSubmission
from btm.store.tables_review import DbJudgement, DbReviewItem
from btm.store.transaction import Session, reading

SHOWN = 50


def show_desk(slug: str, *, asker_id: int | None, item_public_id: str | None = None) -> DeskView:
    """What waits for a modeler, those with the nearest deadline first, and one of them in full: the first, if none is named. The
    asker's own pages are left to others.

    Raises NotFound, Forbidden, and Conflict (`closed`) where the page named does not wait any more.
    """
    with reading() as session:
        challenge = get_modelled(session, slug, asker_id)
        waiting = desk.waiting(session, challenge.id, asker_id, SHOWN)
        chosen = item_public_id or (waiting[0][0] if waiting else None)
        return DeskView(
            slug=challenge.slug,
            labels=tuple(label_view(challenge, key) for key in challenge.label_keys),
            waiting=desk.count_waiting(session, challenge.id, asker_id),
            items=tuple((public_id, title, host_of(url), at) for public_id, title, url, at in waiting),
            item=_item(session, challenge, chosen, asker_id) if chosen else None,
        )


def _item(session: Session, challenge: DbChallenge, public_id: str, asker_id: int | None) -> DeskItem:
    item = desk.find_item(session, challenge.id, public_id)
    if item is None or (item.author_id is not None and item.author_id == asker_id):
        raise NotFound("There is no such page at this desk.")
    if item.state != "undecided":
        raise Conflict("This page does not wait for a decision any more.", code="closed")
    submission = play.get_submission(session, item.submission_id) if item.submission_id else None
    panel, said = jury.find_panel(session, challenge), desk.answers(session, item.id)
    appeal = outcomes.appeal_of(session, submission.id) if submission else None
    quote, page = submission.quote if submission else None, item.page
    chances = jury.posterior_of(panel, item)
    return DeskItem(
        public_id=item.public_id,
        title=page.title,
        host=host_of(page.final_url),
        url=page.final_url,
        language=page.language,
        blocks=tuple(BlockView(kind, text) for kind, text in page.blocks),
        origin=item.origin,
        claimed=label_view(challenge, quote.target) if quote else None,
        believed=label_view(challenge, quote.assigned) if quote else None,
        believed_probability=quote.probabilities[challenge.label_keys.index(quote.assigned)]
        if quote
        else None,
        promised=quote.points if quote else 0,
        chances=tuple(
            (label_view(challenge, key), float(chances[panel.labels.index(key)]))
            for key in challenge.label_keys
        ),
        answers=_answers(session, challenge, panel, said),
        why=_why(challenge, item, submission, [answer for answer, _ in said]),
        appeal_reason=appeal.reason if appeal else "",
        opened_at=item.opened_at,
        deadline_at=item.deadline_at,
    )


def _answers(
    session: Session, challenge: DbChallenge, panel: DbJury, said: list[tuple[DbJudgement, str | None]]
) -> tuple[JudgeAnswer, ...]:
    judges = juries.judges_of(session, panel.topic, [answer.judge_id for answer, _ in said])
    return tuple(
        JudgeAnswer(
            account_id=answer.judge_id,
            handle=handle or "",
            label=_label(challenge, answer.label),
            cannot=answer.cannot or "",
            other=answer.other,
            reason=answer.reason,
            seconds=answer.seconds,
            quality=_quality(challenge, panel, judges.get(answer.judge_id)),
            is_hasty=answer.is_hasty,
            is_withdrawn=answer.withdrawn_at is not None,
            round=answer.round,
            at=answer.judged_at,
        )
        for answer, handle in said
    )


def _label(challenge: DbChallenge, key: str | None) -> LabelView | None:
    return label_view(challenge, key) if key is not None else None


def _quality(challenge: DbChallenge, panel: DbJury, judge: DbJudge | None) -> float | None:
    """1 tells all, 0 tells nothing; None of somebody without a labelled judgement."""
    if judge is None or not np.any(judge.counts):
        return None
    confusion = confusion_of(jury.counts_of(panel, judge, challenge.law))
    return quality(confusion, panel.priors, jury.cost_of(panel, challenge))


def _why(
    challenge: DbChallenge, item: DbReviewItem, submission: DbSubmission | None, said: list[DbJudgement]
) -> str:
    """What brought an item to the desk: appeal, changed (another page was found at its address since), corrections or undecided."""
    reopened = submission.reopened_why if submission is not None and submission.reopened_at else ""
    if reopened in ("appeal", "desk"):
        return "appeal" if reopened == "appeal" else "changed"
    counting = [answer for answer in said if answer.round == item.round and answer.withdrawn_at is None]
    corrections = sum(answer.cannot == "other" for answer in counting)
    return "corrections" if corrections >= challenge.law.most_corrections else "undecided"
