"""The JSON API for programs (`/api/v1`): parse, one service call, answer. Nothing here decides anything about the game."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask


def register_api(app: Flask, *, free_of_forms: Callable[[Any], Any]) -> None:
    """Wire every wing of the API and its document into `app`. free_of_forms: takes a blueprint out of the check of forms' keys,
    which guards cookies; whoever asks here shows a token. Imports wait until here, so that importing stays cheap."""
    from btm.api import (
        authoring,
        budgets,
        challenges,
        corpus,
        document,
        judges,
        machines,
        me,
        money,
        pages,
        platforms,
        play,
        pool,
        problems,
        review,
        takedowns,
        webhooks,
    )

    wings = [
        me.wing,
        challenges.wing,
        play.wing,
        review.wing,
        authoring.wing,
        machines.wing,
        corpus.wing,
        takedowns.wing,
        judges.wing,
        pool.wing,
        platforms.wing,
        budgets.wing,
        money.wing,
        webhooks.wing,
    ]
    document.register_document(app, wings)
    for wing in wings:
        free_of_forms(wing)
    app.register_blueprint(pages.bp)
    app.extensions["btm_problem"] = problems.problem
