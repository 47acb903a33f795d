"""Playing and judging."""

from __future__ import annotations

from .kinds import MEMBER, OPEN, OWNER, OWNER_NAMELESS, Row

UNTESTED = dict.fromkeys(("player", "modeler", "other", "admin"), 302)
"""Who has not passed the test is sent to it, and who is blocked to their record."""
NOT_HELD = {"item": "item-open", "token": "not mine", "label": "spam", "seconds": "9"}

ROWS = {
    "POST play.submit": Row(OPEN, 303, form={"url": "https://new.example/page"}),
    "GET play.submissions": Row(OPEN),
    "GET play.submission": Row(OWNER_NAMELESS, at={"public_id": "quoted"}),
    "GET play.card": Row(OWNER_NAMELESS, at={"public_id": "quoted"}),
    "POST play.commit": Row(OWNER, 303, at={"public_id": "quoted"}),
    "POST play.withdraw": Row(OWNER_NAMELESS, 303, at={"public_id": "quoted"}),
    "POST play.appeal": Row(OWNER, 303, at={"public_id": "rejected"}),
    "GET review.offers": Row(MEMBER),
    "GET review.judge": Row(MEMBER, but=UNTESTED | {"blocked": 302}),
    "GET review.next_item": Row(MEMBER, but=dict.fromkeys((*UNTESTED, "blocked"), 403)),
    "POST review.record": Row(MEMBER, 409, form=NOT_HELD, but=dict.fromkeys((*UNTESTED, "blocked"), 403)),
    "POST review.check": Row(MEMBER, form={"number": "0", "label": "spam", "item": "item-open"}),
    "GET review.own_record": Row(MEMBER),
    "POST review.dispute": Row(
        MEMBER, 404, at={"judgement_id": "missed"}, form={"reason": "It is."}, but={"verifier": 303}
    ),
    "GET review.qualification": Row(MEMBER),
    "POST review.take_qualification": Row(MEMBER),
}
