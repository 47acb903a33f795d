"""The API on SQLite, asked in the same process by somebody with a token."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from btm.api import bearer
from btm.rules.tokens import SCOPES
from btm.services.tokens import make_token
from btm.store.tables import DbRole
from btm.store.transaction import transaction

from ..support.game import Game

EVERYTHING = tuple(SCOPES)


class Asker:
    """Somebody's program. A write takes a fresh key unless one is named."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self._client, self.token = client, token
        self._keys = itertools.count()

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.ask("GET", path, None, **headers)

    def post(self, path: str, body: Any = None, *, key: str | None = None, **headers: str) -> TestResponse:
        return self.ask("POST", path, body, key=key, **headers)

    def ask(
        self, method: str, path: str, body: Any, *, key: str | None = None, **headers: str
    ) -> TestResponse:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent.setdefault("Authorization", f"Bearer {self.token}")
        if method != "GET":
            sent["Idempotency-Key"] = key or f"{self.token}-{next(self._keys)}"
        return self._client.open("/api/v1" + path, method=method, json=body, headers=sent)


class Api:
    """The game, and programs that ask about it."""

    def __init__(self, game: Game) -> None:
        self.game, self.client = game, game.app.test_client()

    def asker(self, account_id: int, scopes: Sequence[str] = EVERYTHING, days: int = 30) -> Asker:
        token = make_token(
            account_id, "test", scopes, days=days, secret=self.game.new("s"), now=self.game.clock()
        )
        return Asker(self.client, token)

    def stranger(self) -> Asker:
        return Asker(self.client, "")

    def modeler(self, scope: str = "", role: str = "modeler") -> Asker:
        account_id = self.game.player()
        with transaction() as session:
            session.add(DbRole(account_id=account_id, role=role, scope=scope, granted_at=self.game.clock()))
        return self.asker(account_id)


@pytest.fixture
def api(game: Game, monkeypatch: pytest.MonkeyPatch) -> Api:
    monkeypatch.setattr(bearer, "now", game.clock)
    game.app.extensions["btm_api_limits"].storage.reset()
    return Api(game)
