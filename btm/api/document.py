"""The OpenAPI document (3.1), and the application's pages of the API put together."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_smorest import Api

from btm.api import limits
from btm.api.problems import MIME_TYPE, ProblemSchema
from btm.rules.tokens import SCOPES

DESCRIPTION = """Everything that the console can do, and playing and judging for programs.

Show a personal token (`Authorization: Bearer btm_...`), made in your settings. Lists come in pages: `next` is the `cursor` of the page after.
Whatever is read has an `ETag`; send it as `If-None-Match` and get 304 while it is still the same. Whatever changes something takes an
`Idempotency-Key`. Errors are `application/problem+json`; their `code` stays, their `detail` is for people."""


class Document(Api):  # type: ignore[misc]
    """flask-smorest's document, with errors left to the API's own handler, and a response for them."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_responses(self) -> None:
        self.spec.components.schema("Problem", schema=ProblemSchema)
        self.spec.components.response(
            "Problem",
            {"description": "Why not, and what to do.", "content": {MIME_TYPE: {"schema": ProblemSchema}}},
        )

    def _register_error_handlers(self) -> None:
        """None: every wing has its own."""


def register_document(app: Flask, wings: list[Any]) -> None:
    """Serve the wings, and their description at /api/v1/openapi.json."""
    app.config.update(
        API_TITLE="Beat the Machine",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api/v1",
        OPENAPI_JSON_PATH="openapi.json",
    )
    limits.register_limits(app)
    scopes = "\n".join(f"- `{name}`: {words}" for name, words in SCOPES.items())
    api = Document(
        app,
        spec_kwargs={
            "info": {
                "description": DESCRIPTION,
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "servers": [{"url": "/"}],
        },
    )
    api.spec.components.security_scheme(
        "token",
        {
            "type": "http",
            "scheme": "bearer",
            "description": f"A personal token. What it may be for (its scopes):\n{scopes}",
        },
    )
    for wing in wings:
        api.register_blueprint(wing)
    app.extensions["btm_api"] = api
