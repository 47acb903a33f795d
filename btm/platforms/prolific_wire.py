"""Calls to Prolific's REST API, and what their failures mean."""

from __future__ import annotations

from typing import Any

import requests

from btm.platforms.keys import PlatformKeys
from btm.platforms.platform import PlatformDown, PlatformRefused

TIMEOUT = (5.0, 20.0)
MOST_BYTES = 20_000_000
PAGE = 200
WAIT = "Prolific did not answer. Nothing is lost; it is tried again."
NO_KEYS = "Prolific does not accept this instance's token. Check BTM_PROLIFIC_TOKEN."
NO_MONEY = "The Prolific workspace has not enough money for this. Add some there; it is tried again."


class Wire:
    """Prolific's API under one token. A call is made once and never repeated here: some of Prolific's calls pay."""

    def __init__(self, keys: PlatformKeys) -> None:
        self.base = keys.prolific_api.rstrip("/")
        self._headers = {"Authorization": f"Token {keys.prolific_token}", "Accept": "application/json"}

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        return self._call("GET", path, params=query)

    def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        return self._call("POST", path, json=body if body is not None else {})

    def delete(self, path: str) -> None:
        self._call("DELETE", path)

    def all_of(self, path: str) -> list[dict[str, Any]]:
        """Every entry of a paged list."""
        found: list[dict[str, Any]] = []
        while True:
            page = self.get(path, limit=PAGE, offset=len(found)).get("results", [])
            found += page
            if len(page) < PAGE:
                return found

    def _call(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        try:
            with requests.Session() as session:
                session.trust_env = False
                answer = session.request(
                    method, f"{self.base}/api/v1{path}", headers=self._headers, timeout=TIMEOUT, allow_redirects=False, **more
                )  # fmt: skip
        except requests.RequestException as error:
            raise PlatformDown(WAIT) from error
        if answer.status_code in (401, 403):
            raise PlatformDown(NO_KEYS)
        if answer.status_code == 429 or answer.status_code >= 500 or 300 <= answer.status_code < 400:
            raise PlatformDown(WAIT)
        body = _json(answer)
        if answer.status_code >= 400:
            reason = _reason(body) or f"error {answer.status_code}"
            if any(word in reason.lower() for word in ("balance", "insufficient", "funds")):
                raise PlatformDown(NO_MONEY)
            raise PlatformRefused(f"Prolific says no: {reason}")
        return body


def _json(answer: requests.Response) -> dict[str, Any]:
    """The answer's object; an empty one where there is none to read. Raises PlatformDown where a good answer is not JSON."""
    if not answer.content or len(answer.content) > MOST_BYTES:
        return {}
    try:
        found = answer.json()
    except ValueError as error:
        if answer.status_code < 400:
            raise PlatformDown(WAIT) from error
        return {}
    return found if isinstance(found, dict) else {"results": found}


def _reason(body: dict[str, Any]) -> str:
    """What an error says, whichever of its forms it has, on one line."""
    error = body.get("error", body)
    if isinstance(error, dict):
        error = error.get("detail") or error.get("title") or error.get("message") or ""
    return " ".join(str(error).split())[:500]
