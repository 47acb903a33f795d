"""The pages. A handler parses, makes its service call and renders; nothing here decides anything about the game."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register_web(app: Flask) -> None:
    """Wire every page, filter, guard and error page into `app`. Imports wait until here, so that importing stays cheap."""
    from btm.web import (
        assets,
        challenges,
        console,
        console_work,
        corpus,
        errors,
        filters,
        forms,
        identity,
        limits,
        machines,
        money,
        people,
        play,
        review,
        security,
        uploads,
    )

    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)
    security.register_security(app)
    assets.register_assets(app)
    filters.register_filters(app)
    identity.register_identity(app)  # before the limiter, whose keys ask who it is
    app.before_request(uploads.allow_large_files)  # before the token's check, which reads the form
    forms.csrf.init_app(app)
    limits.limiter.init_app(app)
    errors.register_error_pages(app)
    for wing in (challenges, play, review, money, corpus, people, machines, console, console_work):
        app.register_blueprint(wing.bp)
