"""Put work up on a platform: write down what is asked and offered, and let the worker put it up there. Nothing is called here, so that a
platform that is down loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from btm.platforms.market import Market
from btm.rules.errors import Conflict, Invalid
from btm.rules.works import WorkTerms, check_terms
from btm.services import bell
from btm.services.modelling import get_modelled
from btm.services.recording import record
from btm.services.views_platforms import WorkView
from btm.services.working import task_of, work_view
from btm.store import works
from btm.store.tables_platforms import DbWork
from btm.store.transaction import transaction


def publish_work(
    slug: str,
    terms: WorkTerms,
    *,
    market: Market,
    public_url: str,
    asker_id: int | None,
    now: datetime,
    new_id: Callable[[], str],
) -> WorkView:
    """New work of a challenge, on its way to `market`. public_url: this instance's own address, by which people come. asker_id: None
    for the operator. Raises NotFound, Forbidden, Conflict (the challenge is not live), Invalid with the field to blame."""
    check_terms(terms)
    if not public_url:
        raise Invalid(
            "People must be able to reach this instance. Set BTM_PUBLIC_URL, and start it again.",
            field="platform",
        )
    with transaction() as session:
        challenge = get_modelled(session, slug, asker_id)
        if challenge.state != "live":
            raise Conflict("This challenge is not live. Start it first, then bring people to it.")
        public_id = new_id()
        work = DbWork(
            public_id=public_id, platform=market.name, challenge_id=challenge.id, kind=terms.kind,
            title=terms.title.strip(), description=terms.description.strip(), pieces=terms.pieces, places=terms.places,
            reward_cents=terms.reward, minutes=terms.minutes, days=terms.days,
            requirements={
                "min_approval": terms.min_approval, "min_approved": terms.min_approved,
                "countries": list(terms.countries), "needs_test": terms.needs_test,
            },
            url=f"{public_url}/task/{public_id}", completion_code=new_id()[:10].upper(), state="publishing",
            created_by=asker_id, created_at=now, wake_at=now,
        )  # fmt: skip
        market.check_task(task_of(work))
        if terms.needs_test and not market.tells_qualified:
            raise Invalid(
                f"{market.title} cannot be asked for people who passed the test here. Leave this out.",
                field="needs_test",
            )
        session.add(work)
        session.flush()
        record(
            session, challenge, "publish_work", asker_id, now, work=public_id, platform=market.name,
            places=terms.places, reward_cents=terms.reward,
        )  # fmt: skip
        view = work_view(work, works.tallies(session, [work.id])[work.id])
        work_id = work.id
    bell.ring("work", work_id)
    return view
