"""Whoever asks: their account, and their statement."""

from __future__ import annotations

from typing import Any

from btm.api import bearer
from btm.api.wing import PageQuery, Wing
from btm.services import show_statement
from btm.services.views_money import Statement
from btm.services.views_people import BearerView

wing = Wing("api_me", "You: who the token stands for, and what you have earned.")


@wing.reads("/me", shows=BearerView, scope="read")
def show_me() -> BearerView:
    """Who the token stands for, and what it is for"""
    return bearer.bearer()


@wing.reads("/me/statement", shows=Statement, scope="read", query=PageQuery)
def statement(asked: dict[str, Any]) -> Statement:
    """What is waiting, approved and paid, and a page of your ledger, newest first"""
    return show_statement.show_statement(
        bearer.account_id(), now=bearer.now(), cursor=asked["cursor"], limit=asked["limit"]
    )
