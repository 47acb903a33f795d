"""The challenges as everybody sees them, and what was found in them."""

from __future__ import annotations

from marshmallow import fields
from marshmallow.validate import OneOf

from btm.api import bearer
from btm.api.wing import Asked, PageQuery, Wing
from btm.services import list_challenges, list_finds, show_challenge
from btm.services.views_challenges import ChallengeCard, ChallengeView
from btm.services.views_corpus import FindView

wing = Wing("api_challenges", "The challenges: what is sought, and what it pays.")


class ChallengeQuery(PageQuery):
    sort = fields.String(load_default="reward", validate=OneOf(list_challenges.SORTS))


@wing.lists("/challenges", of=ChallengeCard, scope=None, query=ChallengeQuery)
def list_all(asked: Asked, sort: str) -> tuple[list[ChallengeCard], str | None]:
    """The challenges that players find, the open ones first"""
    return asked.cut(list_challenges.list_challenges(sort, now=bearer.now()))


@wing.reads("/challenges/<slug>", shows=ChallengeView, scope=None)
def show_one(slug: str) -> ChallengeView:
    """One challenge with its brief; a draft, for whoever models it"""
    return show_challenge.show_challenge(slug, now=bearer.now(), viewer_id=bearer.viewer_id())


@wing.lists("/challenges/<slug>/finds", of=FindView, scope=None)
def list_public_finds(asked: Asked, slug: str) -> tuple[list[FindView], str | None]:
    """The verified errors of a challenge, newest first, as everybody sees them"""
    page = list_finds.list_finds(slug, now=bearer.now(), cursor=asked.cursor, limit=asked.limit)
    return list(page.finds), page.next_cursor
