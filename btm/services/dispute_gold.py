"""A judge says that a gold answer is wrong."""

from __future__ import annotations

from datetime import datetime

from btm.rules.errors import Conflict, Invalid, NotFound, TooMany
from btm.services.gold_views import one_line
from btm.services.retiring import hold_gold
from btm.store import disputes
from btm.store.tables_judges import DbDispute
from btm.store.transaction import insert_once, transaction

MOST_OPEN = 5
"""While a dispute is open its answer does not count, so that nobody can put off being measured for ever, only so many wait at once."""


def dispute_gold(judgement_id: int, *, judge_id: int, reason: str, now: datetime) -> None:
    """Say, once, why an answer of one's own that was counted wrong was right. It is left out of the record until a modeler answers.

    Raises NotFound for everything that is not the judge's own missed gold (so that nothing is learned about other answers),
    Invalid without a reason, Conflict (`already_disputed`, `already_upheld`), TooMany.
    """
    words = one_line(reason)
    with transaction() as session:
        found = disputes.missed_gold(session, judgement_id, judge_id)
        if found is None:
            raise NotFound("There is no checked page of yours here that you could dispute.")
        if not words:
            raise Invalid("Say in a line why you think so.", field="reason")
        hold_gold(session, found[1].challenge)
        found = disputes.missed_gold(session, judgement_id, judge_id)
        if found is None or found[1].retired_why == "disputed":
            raise Conflict(
                "This was found to be wrong already, and it counts for nobody.", code="already_upheld"
            )
        judgement, gold = found
        values = {
            "gold_id": gold.id, "judgement_id": judgement.id, "judge_id": judge_id, "reason": words, "state": "open",
            "made_at": now, "answer": "",
        }  # fmt: skip
        if insert_once(session, DbDispute, values) is None:
            raise Conflict("You said this already. Somebody will answer.", code="already_disputed")
        if disputes.open_of_judge(session, gold.topic, judge_id) > MOST_OPEN:
            raise TooMany(
                f"You have {MOST_OPEN} of these waiting. When one is answered, you can say the next."
            )
