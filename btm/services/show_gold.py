"""A topic's gold, for its modelers."""

from __future__ import annotations

from datetime import datetime

from btm.services.cursors import read_cursor
from btm.services.gold_views import candidate, dispute_view, gold_views
from btm.services.modelling import get_modelled
from btm.services.presenting import label_view
from btm.services.views_judges import DisputeView, GoldShelfView
from btm.store import disputes, gold_shelf
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_judges import DbGold
from btm.store.transaction import Session, reading

SHOWN = 25
CANDIDATES = 12
DISPUTES = 50


def show_gold(
    slug: str, *, asker_id: int | None, cursor: str | None = None, now: datetime | None = None
) -> GoldShelfView:
    """A page of the shelf, the open disputes, and the latest verified items that could be marked.

    Raises NotFound, Forbidden, and Invalid for a broken cursor.
    """
    after = read_cursor(cursor)
    with reading() as session:
        challenge = get_modelled(session, slug, asker_id)
        topic = challenge.topic
        rows = gold_shelf.shelf(session, topic, _place(after), SHOWN + 1)
        counts = gold_shelf.counts(session, topic)
        by_state = {
            state: sum(n for (s, _), n in counts.items() if s == state) for state in ("active", "retired")
        }
        waiting = gold_shelf.verified(session, topic, CANDIDATES * 2)[:CANDIDATES]
        return GoldShelfView(
            slug=challenge.slug,
            labels=tuple(label_view(challenge, key) for key in challenge.label_keys),
            gold=tuple(gold_views(session, challenge, rows[:SHOWN])),
            cursor=_cursor(rows[SHOWN - 1]) if len(rows) > SHOWN else None,
            active=by_state["active"],
            retired=by_state["retired"],
            by_label=tuple(
                (label_view(challenge, key), counts.get(("active", key), 0)) for key in challenge.label_keys
            ),
            disputes=_disputes(session, challenge),
            candidates=tuple(candidate(challenge, row) for row in waiting),
        )


def _disputes(session: Session, challenge: DbChallenge) -> tuple[DisputeView, ...]:
    found = disputes.waiting(session, challenge.topic, DISPUTES)
    golds = list({dispute.gold.id: dispute.gold for dispute, _, _ in found}.values())
    views = dict(zip((row.id for row in golds), gold_views(session, challenge, golds), strict=True))
    return tuple(
        dispute_view(challenge, dispute, views[dispute.gold_id], given, handle)
        for dispute, given, handle in found
    )


def _cursor(last: DbGold) -> str:
    """One number: twice the id, and one more while it is active."""
    return str(2 * last.id + (last.state == "active"))


def _place(cursor: int | None) -> tuple[str, int] | None:
    return None if cursor is None else ("active" if cursor % 2 else "retired", cursor // 2)
