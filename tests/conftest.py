"""Fixtures for every floor: a migrated database of each kind, and a game in it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest

from btm.store import costly

from .support import chromium as browsers
from .support import databases, object_store
from .support.game import Game, open_game


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, figures are asked for anew, in as many statements as ever."""
    monkeypatch.setattr(costly, "WORTHWHILE", math.inf)


@pytest.fixture(scope="session", params=databases.KINDS)
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[databases.Database]:
    """A migrated database and the application on it: once with SQLite, once with PostgreSQL."""
    with databases.migrated(request.param, tmp_path_factory.mktemp(request.param)) as made:
        yield made


@pytest.fixture
def game(database: databases.Database) -> Iterator[Game]:
    """A fresh game; the test runs inside its application context."""
    with database.app.app_context():
        yield open_game(database)


@pytest.fixture(scope="session")
def chromium(playwright: Any) -> Iterator[Any]:
    """A running browser."""
    with browsers.running(playwright) as browser:
        yield browser


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The address of a store that speaks S3."""
    with object_store.serving() as url:
        yield url


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs PostgreSQL, so that `-m "not postgres"` leaves it out."""
    for item in items:
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        if "postgres" in parameters.values():
            item.add_marker(pytest.mark.postgres)


@pytest.fixture
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing connect anywhere (the database's own library does not go through Python's sockets)."""
    import socket

    def refuse(_socket: object, address: object) -> None:
        raise AssertionError(f"this test tried to connect to {address}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
