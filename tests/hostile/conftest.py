from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient

from btm.pages.reader import PageReader
from btm.services.sessions import start_session
from btm.web import clock
from btm.web.limits import limiter

from ..pages.hostile import HostileServer
from ..pages.support import loopback_policy
from ..support.game import Game


@pytest.fixture(scope="package")
def reader() -> Iterator[PageReader]:
    """The product's own reader, which loopback is opened to."""
    with PageReader(loopback_policy()) as made:
        made.start()
        yield made


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with HostileServer() as made:
        yield made


@pytest.fixture
def live(game: Game, reader: PageReader, monkeypatch: pytest.MonkeyPatch) -> Game:
    """The game with pages that are really fetched, and with its own pages to look at."""
    game.reader = reader  # type: ignore[assignment]
    monkeypatch.setitem(game.app.config, "WTF_CSRF_ENABLED", False)
    monkeypatch.setattr(limiter, "enabled", False)
    monkeypatch.setattr(clock, "now", game.clock)
    return game


def browser_of(game: Game, account_id: int) -> FlaskClient:
    """A browser that is signed in as somebody."""
    start_session(account_id, new_token=f"token {account_id}", device="A browser", now=game.clock())
    signer = SecureCookieSessionInterface().get_signing_serializer(game.app)
    assert signer is not None
    browser = game.app.test_client()
    browser.set_cookie("btm", str(signer.dumps({"t": f"token {account_id}", "_permanent": True})))
    return browser
