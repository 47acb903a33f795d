"""create_app: configuration, extensions, pages, the bell and the command line, put together."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path

import click
from flask import Flask
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from btm.api import register_api
from btm.config import Settings, read_settings
from btm.jobs.engine import make_bell
from btm.jobs.policy import make_policy
from btm.pages.reader import PageReader
from btm.pages.snapshot import open_snapshots
from btm.services import bell
from btm.services.machines import MachineShelf
from btm.store import tables
from btm.store.database import db, engine_options, prepare_sqlite
from btm.web import register_web
from btm.web.forms import csrf

ROOT = Path(__file__).resolve().parent.parent
MOST_BYTES_IN = 1_000_000
COMMANDS_HELP = "Run Beat the Machine: seed, export, accounts, machines, judges, rounds."
migrate = Migrate()


class Commands(click.Group):
    """The commands of `btm.cli`, loaded when one is asked for: servers start sooner without them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        from btm.cli import btm

        return btm.list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        from btm.cli import btm

        return btm.get_command(ctx, cmd_name)


def create_app(settings: Settings | None = None) -> Flask:
    """The whole product as a Flask application. `settings` default to what the BTM_* variables say.

    `app.extensions` holds the settings (btm_settings), the snapshot store (btm_snapshots), the machines
    (btm_machines) and what makes a reader of pages (btm_reader).
    Touches no table, so that it also serves to make them. Raises ValueError where a variable cannot be used.
    """
    settings = settings or read_settings()
    app = Flask(
        "btm",
        root_path=str(ROOT),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    app.config.from_mapping(_flask_config(settings))
    app.extensions["btm_settings"] = settings
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    _open_database(app)
    register_web(app)
    register_api(app, free_of_forms=csrf.exempt)
    app.cli.add_command(Commands("btm", help=COMMANDS_HELP))
    snapshots = open_snapshots(settings.snapshot_place)
    app.extensions["btm_snapshots"] = snapshots
    app.extensions["btm_machines"] = MachineShelf(snapshots, settings.machine_dir)
    app.extensions["btm_policy"] = make_policy(settings)
    app.extensions["btm_reader"] = lambda: PageReader(make_policy(settings))
    bell.install(make_bell(settings))
    if settings.redis_url == "" and settings.web_workers > 1:
        logging.getLogger(__name__).warning(
            "rate limits are counted per process; set BTM_REDIS_URL to share them"
        )
    return app


def _open_database(app: Flask) -> None:
    if not tables.Base.metadata.tables:
        raise LookupError("no tables are known")
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    with app.app_context():
        prepare_sqlite(db.engine)


def _flask_config(settings: Settings) -> dict[str, object]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": list(settings.secret_key_fallbacks) or None,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(settings.database_url),
        "MAX_CONTENT_LENGTH": MOST_BYTES_IN,
        "MAX_FORM_MEMORY_SIZE": MOST_BYTES_IN,
        "MAX_FORM_PARTS": 200,
        "SESSION_COOKIE_NAME": "btm",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.is_secure,
        "PERMANENT_SESSION_LIFETIME": timedelta(days=30),
        "TRUSTED_HOSTS": list(settings.trusted_hosts) or None,
        "RATELIMIT_STORAGE_URI": settings.redis_url or "memory://",
        "RATELIMIT_HEADERS_ENABLED": True,
        "RATELIMIT_SWALLOW_ERRORS": True,
        "BTM_LIMITS": {
            "log_in": settings.limit_log_in,
            "register": settings.limit_register,
            "probe": settings.limit_probe,
            "judge": settings.limit_judge,
            "api": settings.limit_api,
        },
    }
