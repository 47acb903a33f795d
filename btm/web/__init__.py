"""The pages. A handler parses, makes its service call and renders; nothing here decides anything about the game."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register_web(app: Flask) -> None:
    """Wire every page, filter, guard and error page into `app`. Imports wait until here, so that importing stays cheap."""
    from btm.web import (
        arrivals,
        assets,
        challenges,
        console,
        console_audits,
        console_challenges,
        console_collect,
        console_corpus,
        console_judges,
        console_money,
        console_payouts,
        console_platforms,
        console_pool,
        console_rounds,
        console_takedowns,
        console_webhooks,
        console_work,
        console_writing,
        corpus,
        errors,
        filters,
        forms,
        frames,
        health,
        identity,
        limits,
        machines,
        metrics,
        money,
        people,
        play,
        request_log,
        review,
        security,
        uploads,
    )

    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)
    request_log.register_request_log(app)
    metrics.register_metrics(app)
    security.register_security(app)
    assets.register_assets(app)
    filters.register_filters(app)
    frames.register_frames(app)
    identity.register_identity(app)  # before the limiter, whose keys ask who it is
    app.before_request(uploads.allow_large_files)  # before the token's check, which reads the form
    forms.csrf.init_app(app)
    limits.limiter.init_app(app)
    errors.register_error_pages(app)
    for wing in (arrivals, challenges, health, play, review, money, corpus, people, machines):
        app.register_blueprint(wing.bp)
    for wing in (console, console_work, console_judges, console_corpus, console_audits, console_rounds):
        app.register_blueprint(wing.bp)
    app.register_blueprint(console_collect.bp)
    app.register_blueprint(console_pool.bp)
    app.register_blueprint(console_platforms.bp)
    app.register_blueprint(console_takedowns.bp)
    app.register_blueprint(console_webhooks.bp)
    app.register_blueprint(console_money.bp)
    app.register_blueprint(console_payouts.bp)
    app.register_blueprint(console_challenges.bp)
    app.register_blueprint(console_writing.bp)
