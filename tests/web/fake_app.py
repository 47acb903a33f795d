"""The pages over fake services: `python -m tests.web.fake_app` serves them for a look, without a database.

Who you are follows the `who` query parameter: `/?who=member`, `visitor`, `modeler`, `admin` or `nobody`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

from flask import Flask, request, session
from jinja2.bccache import Bucket, BytecodeCache

from btm.pages.snapshot import FolderSnapshots

from .fake_services import FakeServices, install

ROOT = Path(__file__).resolve().parents[2]


class Compiled(BytecodeCache):
    """What templates were compiled to, for all apps of this process: each test makes one, and compiling takes most of its time."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


def make_app(**config: object) -> Flask:
    """An app with all pages. The services must have been replaced before."""
    from btm.web import register_web

    app = Flask("btm", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.jinja_options = {"bytecode_cache": COMPILED}
    app.config.update(SECRET_KEY="for tests only", RATELIMIT_STORAGE_URI="memory://", **config)
    app.extensions["btm_settings"] = SimpleNamespace(machine_dir=ROOT / "nowhere")
    app.extensions["btm_snapshots"] = FolderSnapshots(ROOT / "nowhere")
    app.before_request(become)
    register_web(app)
    return app


def become() -> None:
    """Take the identity that the URL asks for; the fake `find_account` reads it as a token."""
    who = request.args.get("who")
    if who:
        session["t"] = "" if who == "nobody" else who


def main() -> None:
    install(FakeServices())
    app = make_app(BTM_LIMITS={"probe": "1000 per minute"})
    app.run(port=int(sys.argv[1]) if len(sys.argv) > 1 else 8099, threaded=True)


if __name__ == "__main__":
    main()
