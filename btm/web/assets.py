"""Static files under a URL that carries their version, so that browsers keep them for a year.

The version is a directory of the URL, not a query: a module's relative imports inherit it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask, Response, current_app, send_from_directory, url_for

FOREVER = "public, max-age=31536000, immutable"
EXTENSION_KEY = "btm-assets-version"


def register_assets(app: Flask) -> None:
    """Serve `/static/v/<version>/...` and give templates `asset("css/base.css")`."""
    app.extensions[EXTENSION_KEY] = digest_of(Path(app.static_folder or "static"))
    app.add_url_rule("/static/v/<version>/<path:filename>", "assets", serve)
    app.jinja_env.globals["asset"] = asset


def digest_of(folder: Path) -> str:
    """A short hash of every file's name and content."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def asset(filename: str) -> str:
    return url_for("assets", version=current_app.extensions[EXTENSION_KEY], filename=filename)


def serve(version: str, filename: str) -> Response:
    """The file; only under the running version's URL may it be kept for good (deployments overlap)."""
    response = send_from_directory(current_app.static_folder or "static", filename)
    is_current = version == current_app.extensions[EXTENSION_KEY] and not current_app.debug
    response.headers["Cache-Control"] = FOREVER if is_current else "no-cache"
    return response
