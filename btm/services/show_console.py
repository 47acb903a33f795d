"""The modeler's overview: each challenge, how its submissions stand, and its money."""

from __future__ import annotations

from datetime import datetime

from btm.rules.permissions import may_model
from btm.services.presenting import card_view
from btm.services.views_corpus import ConsoleRow
from btm.store import challenges, money, people
from btm.store.transaction import reading


def show_console(account_id: int, *, now: datetime) -> list[ConsoleRow]:
    """The challenges that this modeler may see."""
    with reading() as session:
        roles = people.roles_of(session, account_id)
        rows = [row for row in challenges.all_challenges(session) if may_model(roles, row.slug)]
        figures = challenges.figures(session, [row.id for row in rows])
        states = challenges.states_of_submissions(session)
        pots = money.pots(session, [row.id for row in rows])
    return [
        ConsoleRow(
            card=card_view(row, figures[row.id], now),
            probes=sum(states.get(row.id, {}).values()),
            refused=states.get(row.id, {}).get("refused", 0),
            underway=sum(states.get(row.id, {}).get(state, 0) for state in ("queued", "fetching")),
            withdrawn=states.get(row.id, {}).get("withdrawn", 0),
            quoted=states.get(row.id, {}).get("quoted", 0),
            in_review=states.get(row.id, {}).get("in_review", 0),
            confirmed=states.get(row.id, {}).get("confirmed", 0),
            rejected=states.get(row.id, {}).get("rejected", 0),
            undecided=states.get(row.id, {}).get("undecided", 0),
            points_paid=pots[row.id].paid,
            points_reserved=pots[row.id].promised,
            budget=pots[row.id].funded,
        )
        for row in rows
    ]
