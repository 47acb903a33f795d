"""The pages of a challenge's pool for its modelers, a part at a time."""

from __future__ import annotations

from collections.abc import Mapping

from btm.pages.clean import one_line
from btm.rules.errors import Invalid
from btm.services.cursors import read_cursor
from btm.services.jury import find_panel
from btm.services.modelling import get_modelled
from btm.services.pool_labels import Known, know
from btm.services.presenting import host_of, label_view
from btm.services.views_challenges import LabelView
from btm.services.views_collecting import PoolList, PoolPageView
from btm.store import imported
from btm.store.transaction import reading

STATES = ("waiting", "open", "undecided", "decided")
OPENING = 90


def list_pool(
    slug: str, *, state: str = "", cursor: str | None = None, asker_id: int | None, limit: int = 50
) -> PoolList:
    """Pages of a state, or of any where it is empty. Those that wait come in the order in which they are put up, all others in that in
    which they were imported. asker_id: None for the operator. Raises NotFound, Forbidden, and Invalid (field `state` or `cursor`)."""
    if state and state not in STATES:
        raise Invalid(f"A page of a pool is {', '.join(STATES[:-1])} or {STATES[-1]}.", field="state")
    after = read_cursor(cursor) or 0
    with reading() as session:
        challenge = get_modelled(session, slug, asker_id)
        rows = imported.listed(session, challenge.id, state=state, after=after, limit=limit + 1)
        known = know(session, challenge, find_panel(session, challenge), rows[:limit])
        labels = {key: label_view(challenge, key) for key in challenge.label_keys}
        return PoolList(
            state=state,
            pages=tuple(_view(each, labels) for each in known),
            next_cursor=str(rows[limit - 1].pool_page.id) if len(rows) > limit else None,
        )


def _view(known: Known, labels: Mapping[str, LabelView]) -> PoolPageView:
    pool_page, page = known.row.pool_page, known.row.page
    return PoolPageView(
        name=pool_page.name,
        title=page.title or _opening(page.text),
        host=host_of(page.url),
        state=known.state,
        given=_counts(pool_page.given, labels),
        judged=_counts(known.judged, labels),
        label=labels.get(known.label),
        probability=known.probability,
        score=pool_page.score,
        machine_says=labels.get(pool_page.assigned),
    )


def _counts(counts: Mapping[str, int], labels: Mapping[str, LabelView]) -> tuple[tuple[LabelView, int], ...]:
    return tuple((label, counts[key]) for key, label in labels.items() if counts.get(key))


def _opening(text: str) -> str:
    words = one_line(text[: 4 * OPENING], 4 * OPENING)
    return words if len(words) <= OPENING else words[:OPENING].rsplit(" ", 1)[0] + " …"
