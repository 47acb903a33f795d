"""Gold's rows to view values, and what several uses of gold share: words, and how judges are expected to answer. Shared by the services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from btm.rules.dawid_skene_online import confusion_of
from btm.services.jury import counts_of
from btm.services.presenting import host_of, label_view
from btm.services.views_judges import DisputeView, GoldCandidate, GoldView
from btm.store import disputes, gold_shelf, juries
from btm.store.gold_shelf import Verified
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_judges import DbDispute, DbGold
from btm.store.tables_review import DbReviewItem
from btm.store.transaction import Session

MOST_REASONS = 3
LONGEST_WHY = 600
LONGEST_LINE = 300


def gold_views(session: Session, challenge: DbChallenge, rows: Sequence[DbGold]) -> list[GoldView]:
    """Gold pages as a modeler sees them; the rows come with their pages."""
    ids = [row.id for row in rows]
    tallies, about = gold_shelf.tallies(session, ids), disputes.open_by_gold(session, ids)
    expected = expected_right(session, challenge, rows)
    items = gold_shelf.public_ids(session, [row.item_id for row in rows if row.item_id is not None])
    return [
        _gold_view(
            challenge, row, tallies.get(row.id, (0, 0)), expected.get(row.id, 0.0), about.get(row.id, 0),
            items.get(row.item_id or 0, ""),
        )
        for row in rows
    ]  # fmt: skip


def _gold_view(
    challenge: DbChallenge,
    row: DbGold,
    tally: tuple[int, int],
    expected: float,
    open_disputes: int,
    item: str,
) -> GoldView:
    asked, right = tally
    return GoldView(
        public_id=row.public_id,
        title=row.page.title,
        host=host_of(row.page.final_url),
        url=row.page.final_url,
        truth=label_view(challenge, row.truth),
        why=row.why,
        source=row.source,
        state=row.state,
        retired_why=row.retired_why,
        asked=asked,
        right=right,
        expected=round(expected, 2),
        revealed=asked - right,
        disputes=open_disputes,
        created_at=row.created_at,
        retired_at=row.retired_at,
        item_public_id=item,
    )


def dispute_view(
    challenge: DbChallenge, row: DbDispute, gold: GoldView, given: str | None, handle: str
) -> DisputeView:
    """A dispute as a modeler sees it."""
    return DisputeView(
        id=row.id,
        gold=gold,
        given=label_view(challenge, given) if given else None,
        handle=handle,
        reason=row.reason,
        state=row.state,
        answer=row.answer,
        made_at=row.made_at,
    )


def candidate(challenge: DbChallenge, row: Verified) -> GoldCandidate:
    """A verified item that may be marked as gold."""
    item = row.item
    return GoldCandidate(
        item_public_id=item.public_id,
        title=item.page.title,
        host=host_of(item.page.final_url),
        truth=label_view(challenge, item.verdict or ""),
        probability=item.verdict_probability if item.verdict_probability is not None else 1.0,
        judgements=row.labels,
        decided_at=item.decided_at or item.opened_at,
    )


def expected_right(session: Session, challenge: DbChallenge, rows: Sequence[DbGold]) -> Mapping[int, float]:
    """By gold: how many right answers its judges' matrices lead to expect. Each judge is taken as their other items show
    them: the answer in question is left out of their counts."""
    panel = juries.find_jury(session, challenge.topic)
    if panel is None:
        return {}
    truths = {row.id: panel.labels.index(row.truth) for row in rows if row.truth in panel.labels}
    given = gold_shelf.answers(session, list(truths))
    judges = juries.judges_of(session, challenge.topic, sorted({account for _, account, _ in given}))
    sums = dict.fromkeys(truths, 0.0)
    for gold_id, account, label in given:
        truth, others = truths[gold_id], counts_of(panel, judges.get(account), challenge.law).copy()
        if account in judges and label in panel.labels:
            without_prior = float(np.asarray(judges[account].counts)[truth, panel.labels.index(label)])
            others[truth, panel.labels.index(label)] -= min(1.0, max(0.0, without_prior))
        sums[gold_id] += float(confusion_of(others)[truth, truth])
    return sums


def why_of(session: Session, item: DbReviewItem, agreeing: int) -> str:
    """Why an item is what its verdict says: in the words of the modeler, or of its judges, or how many they were."""
    said = [item.decided_why] if item.decided_why else []
    said = said or gold_shelf.reasons(session, item.id, item.verdict or "", MOST_REASONS)
    if said:
        return " ".join(_ended(words) for words in dict.fromkeys(said))[:LONGEST_WHY]
    if item.decided_by is not None:
        return "Somebody of the team looked at it."
    return "One judge said so." if agreeing == 1 else f"{agreeing} judges agreed."


def one_line(words: str, most: int = LONGEST_LINE) -> str:
    """Somebody's words on one line, without what a line cannot hold."""
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())[:most]


def _ended(words: str) -> str:
    return words if words.endswith((".", "!", "?", "…")) else words + "."
