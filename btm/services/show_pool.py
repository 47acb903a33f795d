"""How a challenge's imported pool stands, for its modelers."""

from __future__ import annotations

from collections import Counter

from btm.services.item_promises import price_of
from btm.services.modelling import get_modelled
from btm.services.views_collecting import PoolPointView, PoolView
from btm.store import imported, money, tasks
from btm.store.transaction import reading


def show_pool(slug: str, *, asker_id: int | None) -> PoolView:
    """asker_id: None for the operator. Raises NotFound, Forbidden."""
    with reading() as session:
        challenge = get_modelled(session, slug, asker_id)
        states: Counter[str] = Counter()
        labels: Counter[str] = Counter()
        given = checked = agreed = 0
        for state, verdict, said in imported.marks(session, challenge.id):
            is_decided = state in ("decided", "settled")
            states["decided" if is_decided else state] += 1
            given += sum(said.values())
            if is_decided and verdict is not None:
                labels[verdict] += 1
                checked += bool(said)
                agreed += bool(said) and max(said, key=lambda label: said[label]) == verdict
        price = price_of(challenge.law)
        free = max(0, money.free_budget(session, challenge.id))
        task = tasks.find_open(session, challenge.id, "pool")
        return PoolView(
            slug=challenge.slug,
            pages=sum(states.values()),
            waiting=states["waiting"],
            open=states["open"],
            undecided=states["undecided"],
            decided=states["decided"],
            labels=tuple((key, labels[key]) for key in challenge.label_keys),
            judgements=imported.count_judgements(session, challenge.id),
            given=given,
            given_checked=checked,
            given_right=agreed,
            affordable=free // price if price else states["waiting"],
            price=price,
            has_machine=challenge.machine is not None,
            task=task.public_id if task else None,
            points=tuple(
                PoolPointView(each.judgements, each.pages, each.label_quality, each.model_quality, each.measured_at)
                for each in imported.points(session, challenge.id)
            ),
        )  # fmt: skip
