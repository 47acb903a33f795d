"""Those who judge, for those who run a challenge: their work, gold, disputes, and what waits for a modeler."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf

from btm.api import bearer, tools
from btm.api.wing import PageQuery, Wing
from btm.services import (
    change_standing,
    decide_at_desk,
    decide_dispute,
    mark_gold,
    retire_gold,
    show_agreement,
    show_desk,
    show_gold,
    show_judge,
    show_judges,
    show_players,
)
from btm.services.views_judges import (
    AgreementView,
    DeskView,
    GoldShelfView,
    JudgeListView,
    JudgeReportView,
    PlayersView,
)

wing = Wing("api_judges", "Judges, gold, disputes, and the desk where a modeler decides.")
ID = "<int(max=9223372036854775807):{}>"
JUDGE = "/challenges/<slug>/judges/" + ID.format("account_id")


class JudgesQuery(PageQuery):
    sort = fields.String(load_default="judgements", validate=OneOf(show_judges.SORTS))


class NoteSchema(Schema):
    """Why, for the judge to read."""

    note = fields.String(load_default="", validate=Length(max=1000))


class GoldMarkSchema(Schema):
    """A verified item to be made gold."""

    item = fields.String(
        required=True, validate=Length(min=1, max=40), metadata={"description": "Its public id"}
    )
    truth = fields.String(
        load_default=None,
        allow_none=True,
        validate=Length(max=40),
        metadata={"description": "Its verdict, if left out"},
    )
    why = fields.String(load_default="", validate=Length(max=1000))


class DisputeAnswerSchema(Schema):
    """Whether the judge is right, and what to tell them."""

    upheld = fields.Boolean(required=True)
    answer = fields.String(load_default="", validate=Length(max=1000))


class DecisionSchema(Schema):
    """What a page is, and why, for its player to read."""

    label = fields.String(required=True, validate=Length(min=1, max=40))
    reason = fields.String(required=True, validate=Length(min=1, max=1000))


@wing.reads("/challenges/<slug>/judges", shows=JudgeListView, scope="model", query=JudgesQuery)
def list_judges(asked: dict[str, Any], slug: str) -> JudgeListView:
    """Judges of a challenge, 25 at a time; `cursor` of the answer leads on"""
    return show_judges.show_judges(
        slug, asker_id=bearer.account_id(), sort=asked["sort"], cursor=asked["cursor"], now=bearer.now()
    )


@wing.reads(JUDGE, shows=JudgeReportView, scope="model", query=PageQuery)
def show(asked: dict[str, Any], slug: str, account_id: int) -> JudgeReportView:
    """One judge: quality, history, answers"""
    return find(slug, account_id, asked["cursor"])


@wing.writes("POST", JUDGE + "/block", scope="model", takes=NoteSchema, shows=JudgeReportView)
def block(body: dict[str, Any], slug: str, account_id: int) -> JudgeReportView:
    """Block a judge; their answers are withdrawn"""
    change_standing.block_judge(
        slug, account_id, note=body["note"], asker_id=bearer.account_id(), now=bearer.now()
    )
    return find(slug, account_id)


@wing.writes("POST", JUDGE + "/lift", scope="model", takes=NoteSchema, shows=JudgeReportView)
def lift(body: dict[str, Any], slug: str, account_id: int) -> JudgeReportView:
    """Let a blocked judge in again"""
    change_standing.lift_block(
        slug, account_id, note=body["note"], asker_id=bearer.account_id(), now=bearer.now()
    )
    return find(slug, account_id)


@wing.reads("/challenges/<slug>/agreement", shows=AgreementView, scope="model")
def agreement(slug: str) -> AgreementView:
    """How much judges agree, and what that costs"""
    return show_agreement.show_agreement(slug, asker_id=bearer.account_id())


@wing.reads("/challenges/<slug>/gold", shows=GoldShelfView, scope="model", query=PageQuery)
def list_gold(asked: dict[str, Any], slug: str) -> GoldShelfView:
    """The gold, open disputes, and what could be made gold"""
    return show_gold.show_gold(slug, asker_id=bearer.account_id(), cursor=asked["cursor"], now=bearer.now())


@wing.writes(
    "POST", "/challenges/<slug>/gold", scope="model", takes=GoldMarkSchema, shows=GoldShelfView, status=201
)
def mark(body: dict[str, Any], slug: str) -> GoldShelfView:
    """Make a verified page gold"""
    mark_gold.mark_gold(
        slug, body["item"], truth=body["truth"], why=body["why"], asker_id=bearer.account_id(), now=bearer.now(),
        new_id=tools.new_id(),
    )  # fmt: skip
    return shelf(slug)


@wing.writes("POST", "/challenges/<slug>/gold/<gold_id>/retire", scope="model", shows=GoldShelfView)
def retire(slug: str, gold_id: str) -> GoldShelfView:
    """Ask nobody this gold any more"""
    retire_gold.retire_gold(slug, gold_id, asker_id=bearer.account_id(), now=bearer.now())
    return shelf(slug)


@wing.writes(
    "POST", "/challenges/<slug>/disputes/" + ID.format("dispute_id"), scope="model", takes=DisputeAnswerSchema,
    shows=GoldShelfView,
)  # fmt: skip
def settle_dispute(body: dict[str, Any], slug: str, dispute_id: int) -> GoldShelfView:
    """Uphold or decline a judge's dispute of gold"""
    decide_dispute.decide_dispute(
        slug,
        dispute_id,
        upheld=body["upheld"],
        answer=body["answer"],
        asker_id=bearer.account_id(),
        now=bearer.now(),
    )
    return shelf(slug)


@wing.reads("/challenges/<slug>/desk", shows=DeskView, scope="model")
def desk(slug: str) -> DeskView:
    """What judges could not decide, the nearest deadline first"""
    return show_desk.show_desk(slug, asker_id=bearer.account_id())


@wing.writes("POST", "/challenges/<slug>/desk/<item_id>", scope="model", takes=DecisionSchema, shows=DeskView)
def decide(body: dict[str, Any], slug: str, item_id: str) -> DeskView:
    """Decide what judges could not"""
    decide_at_desk.decide_at_desk(
        slug,
        item_id,
        label=body["label"],
        reason=body["reason"],
        asker_id=bearer.account_id(),
        now=bearer.now(),
    )
    return show_desk.show_desk(slug, asker_id=bearer.account_id())


def find(slug: str, account_id: int, cursor: str | None = None) -> JudgeReportView:
    return show_judge.show_judge(
        slug, account_id, asker_id=bearer.account_id(), cursor=cursor, now=bearer.now()
    )


def shelf(slug: str) -> GoldShelfView:
    return show_gold.show_gold(slug, asker_id=bearer.account_id(), now=bearer.now())


@wing.reads("/challenges/<slug>/players", shows=PlayersView, scope="model")
def suspects(slug: str) -> PlayersView:
    """Players who may hand in pages of their own making, the most suspicious first; a reason to look, never a proof"""
    return show_players.show_players(slug, asker_id=bearer.account_id(), now=bearer.now())
