from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from .fake_app import make_app
from .fake_services import FakeServices, install


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> FakeServices:
    fakes = FakeServices()
    install(fakes, monkeypatch.setattr)
    return fakes


@pytest.fixture
def app(services: FakeServices) -> Flask:
    return make_app(TESTING=True)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def enter(client: FlaskClient) -> Callable[[str], FlaskClient]:
    """Become `member`, `visitor` or `modeler`."""

    def become(who: str) -> FlaskClient:
        with client.session_transaction() as session:
            session["t"] = who
        return client

    return become


@pytest.fixture
def post(client: FlaskClient) -> Callable[..., Any]:
    """Post a form as a browser would: with the CSRF token of a page that was open."""

    def send(path: str, data: dict[str, str] | None = None, **options: Any) -> Any:
        page = (
            client.get("/login").text
            if "csrf_token" in client.get("/login").text
            else client.get("/me/settings").text
        )
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token
        return client.post(path, data={**(data or {}), "csrf_token": token[1]}, **options)

    return send


@pytest.fixture
def site(services: FakeServices) -> Iterator[str]:
    """The address of the pages over fake services, served over loopback."""
    app = make_app(TESTING=True, BTM_LIMITS={"probe": "1000 per minute", "judge": "1000 per minute"})
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def violations() -> list[str]:
    return []


@pytest.fixture
def open_page(chromium: Any, site: str, violations: list[str]) -> Iterator[Callable[..., Any]]:
    """Open a path as somebody. Whatever the console complains about is collected in `violations`."""
    contexts = []

    def opener(path: str, who: str = "member", **options: Any) -> Any:
        context = chromium.new_context(reduced_motion="reduce", **options)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console", lambda line: violations.append(line.text) if "Security Policy" in line.text else None
        )
        page.on("pageerror", lambda error: violations.append(str(error)))
        joint = "&" if "?" in path else "?"
        page.goto(f"{site}{path}{joint}who={who}")
        return page

    yield opener
    for context in contexts:
        context.close()
