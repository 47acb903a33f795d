"""The pages over fake services: `python -m tests.web.fake_app` serves them for a look, without a database.

Who you are follows the `who` query parameter once: `/?who=member`, `visitor`, `modeler` or `nobody`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from flask import Flask, request, session

from . import samples
from .fake_services import FakeServices, install

ROOT = Path(__file__).resolve().parents[2]


def make_app(services: FakeServices, **config: object) -> Flask:
    """An app with all pages, and the services already replaced by `services`."""
    from btm.web import register_web

    app = Flask("btm", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.config.update(SECRET_KEY="for tests only", RATELIMIT_STORAGE_URI="memory://", **config)
    register_web(app)
    return app


def main() -> None:
    from btm.web import clock

    clock.now = lambda: samples.NOW  # type: ignore[assignment]
    services = FakeServices()
    install(services)
    app = make_app(services, BTM_LIMITS={"probe": "1000 per minute"})

    @app.before_request
    def become() -> None:
        who = request.args.get("who")
        if who:
            session["t"] = "" if who == "nobody" else who

    app.before_request_funcs[None].insert(0, app.before_request_funcs[None].pop())
    app.run(port=int(sys.argv[1]) if len(sys.argv) > 1 else 8099, threaded=True)


if __name__ == "__main__":
    main()
