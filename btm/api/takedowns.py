"""Content that must never be shown or kept: take a page of a challenge down, and list what was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf

from btm.api import bearer, tools
from btm.api.wing import Asked, Wing
from btm.rules.takedowns import REASONS
from btm.services import show_takedowns, take_down
from btm.services.views_takedowns import TombstoneView

wing = Wing("api_takedowns", "Take pages down for good, and list what was.")


@dataclass(frozen=True, slots=True)
class TakenView:
    """What was taken down, in one go: `takedown` names it in the list of tombstones."""

    takedown: str


class TakedownSchema(Schema):
    """A page, and why it has to go."""

    what = fields.String(
        required=True,
        validate=Length(min=1, max=4000),
        metadata={"description": "The id of a submission or of what judges see, or an address"},
    )
    reason = fields.String(required=True, validate=OneOf(REASONS))
    note = fields.String(
        load_default="",
        validate=Length(max=take_down.LONGEST_NOTE),
        metadata={"description": "A line for the modelers; nothing of the page itself"},
    )


@wing.lists("/challenges/<slug>/takedowns", of=TombstoneView, scope="model")
def list_tombstones(asked: Asked, slug: str) -> tuple[list[TombstoneView], str | None]:
    """What was taken down, page by page, newest first"""
    view = show_takedowns.show_takedowns(
        slug, asker_id=bearer.account_id(), cursor=asked.cursor, limit=asked.limit
    )
    return list(view.tombstones), view.cursor


@wing.writes(
    "POST", "/challenges/<slug>/takedowns", scope="model", takes=TakedownSchema, shows=TakenView, status=201
)
def take(body: dict[str, Any], slug: str) -> TakenView:
    """Take down a page, and whatever has its text

    Its text, title, address and snapshot are removed, and it cannot be handed in again. What was taken down already keeps its first
    takedown; 409 (`taken_down`) where somebody else does it at this moment."""
    return TakenView(
        take_down.take_down(
            slug, body["what"], reason=body["reason"], note=body["note"], asker_id=bearer.account_id(),
            now=bearer.now(), new_id=tools.new_id(),
        )
    )  # fmt: skip
