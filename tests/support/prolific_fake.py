"""Prolific on loopback: studies, submissions and bonuses of the REST API v1.

A bonus is carried out `delay_seconds` after it was asked for, and asking twice for one set-up pays twice, as the real one says of itself.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from .loopback import DROP, Loopback

JSON = "application/json"
REQUIRED = {
    "name": str, "description": str, "external_study_url": str, "prolific_id_option": str, "completion_codes": list,
    "total_available_places": int, "estimated_completion_time": int, "reward": int, "device_compatibility": list,
}  # fmt: skip


class Refuse(Exception):
    def __init__(self, status: int, title: str, detail: Any) -> None:
        super().__init__(title)
        self.status, self.title, self.detail = status, title, detail


class FakeProlific(Loopback):
    """The API, and the site to which participants go back."""

    token = "a token for tests"

    def __init__(self) -> None:
        self.balance_cents = 1_000_000
        self.currency = "USD"
        self.delay_seconds = 0.0
        self.studies: dict[str, dict[str, Any]] = {}
        self.submissions: dict[str, dict[str, Any]] = {}
        self.bulks: dict[str, list[tuple[str, int]]] = {}
        self.bonuses: list[tuple[float, str, int]] = []
        """When each is carried out, the submission, and the cents."""
        self.number = 0
        super().__init__()

    def environ(self) -> dict[str, str]:
        """The settings of an instance that takes this for Prolific."""
        return {
            "BTM_PROLIFIC_TOKEN": self.token,
            "BTM_PROLIFIC_ENDPOINT": self.url,
            "BTM_PROLIFIC_SITE": self.url,
        }

    def now(self) -> float:
        return time.time() + self.skipped

    def new(self) -> str:
        self.number += 1
        return f"{self.number:024x}"

    # What participants do

    def take(self, study_id: str, participant: str) -> str:
        """A participant takes a place; returns the submission's id. Raises LookupError where there is none."""
        study = self.studies[study_id]
        taken = [
            row
            for row in self.submissions.values()
            if row["study_id"] == study_id and row["status"] != "RETURNED"
        ]
        if study["status"] != "ACTIVE" or len(taken) >= study["total_available_places"]:
            raise LookupError("this study has no place")
        row = {
            "id": self.new(),
            "study_id": study_id,
            "participant": participant,
            "status": "ACTIVE",
            "entered_code": None,
        }
        self.submissions[row["id"]] = row
        return str(row["id"])

    def page_of(self, study_id: str, session: str, participant: str) -> str:
        """The address that a participant is sent to."""
        url = self.studies[study_id]["external_study_url"]
        for name, value in (("PROLIFIC_PID", participant), ("STUDY_ID", study_id), ("SESSION_ID", session)):
            url = url.replace(f"{{{{%{name}%}}}}", value)
        return str(url)

    def complete(self, session: str, code: str) -> bool:
        """A participant comes back with a completion code. A wrong code is kept, and looked at by the researcher."""
        row = self.submissions[session]
        codes = [each["code"] for each in self.studies[row["study_id"]]["completion_codes"]]
        row |= {"status": "AWAITING REVIEW", "entered_code": code}
        return code in codes

    def give_back(self, session: str) -> None:
        self.submissions[session]["status"] = "RETURNED"

    # The wire

    def answer(self, method: str, parts: Any, headers: Any, body: bytes) -> Any:
        if parts.path == "/submissions/complete":
            return 200, b"<!doctype html><html lang=en><title>Done</title><p>Thank you</p>", "text/html"
        name = f"{method} {re.sub(r'[0-9a-f]{24}', '*', parts.path.removeprefix('/api/v1'))}"
        self.calls.append(name)
        fault = self.fault_of(name)
        if fault == "down":
            return DROP
        try:
            if fault == "throttled":
                raise Refuse(429, "Too many requests", "Request was throttled.")
            if fault == "fault":
                return 502, b"<html>Bad gateway</html>", "text/html"
            if headers.get("Authorization") != f"Token {self.token}":
                raise Refuse(401, "Authentication error", "Invalid token.")
            status, found = self._route(name, parts, json.loads(body) if body else {})
        except Refuse as error:
            told = {
                "status": error.status,
                "title": error.title,
                "detail": error.detail,
                "error_code": 140100,
            }
            return error.status, {"error": told}, JSON
        return DROP if fault == "lost" else (status, found, JSON)

    def _route(self, name: str, parts: Any, given: dict[str, Any]) -> tuple[int, Any]:
        found = re.search(r"[0-9a-f]{24}", parts.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        routes: dict[str, Callable[[], tuple[int, Any]]] = {
            "POST /studies/": lambda: self._create(given),
            "GET /studies/": lambda: (200, _page([_brief(row) for row in self.studies.values()], query)),
            "GET /studies/*/": lambda: (200, self._study(found)),
            "DELETE /studies/*/": lambda: self._delete(found),
            "POST /studies/*/transition/": lambda: self._transition(self._study(found), given),
            "GET /studies/*/submissions/": lambda: (200, self._listed(self._study(found), query)),
            "GET /submissions/*/": lambda: (200, self._submission(found)),
            "POST /submissions/*/transition/": lambda: self._review(self._submission(found), given),
            "POST /submissions/bonus-payments/": lambda: self._set_up(given),
            "POST /bulk-bonus-payments/*/pay/": lambda: self._pay(found),
        }
        if name not in routes:
            raise Refuse(404, "Not found", "Not found.")
        return routes[name]()

    def _study(self, found: Any) -> dict[str, Any]:
        if not found or found[0] not in self.studies:
            raise Refuse(404, "Not found", "There is no such study.")
        return self.studies[found[0]]

    def _submission(self, found: Any) -> dict[str, Any]:
        row = self.submissions.get(found[0]) if found else None
        if row is None:
            raise Refuse(404, "Not found", "There is no such submission.")
        paid = [
            float(cents) for at, session, cents in self.bonuses if session == row["id"] and at <= self.now()
        ]
        return {**row, "bonus_payments": paid}

    def _create(self, given: dict[str, Any]) -> tuple[int, Any]:
        wrong = {
            field: ["This field is required."]
            for field, kind in REQUIRED.items()
            if not isinstance(given.get(field), kind)
        }
        if wrong:
            raise Refuse(400, "Error creating the study", wrong)
        cost = given["reward"] * given["total_available_places"] * 4 / 3
        study = {
            **given, "id": self.new(), "status": "UNPUBLISHED", "total_cost": cost, "presentment_currency_code": self.currency,
        }  # fmt: skip
        self.studies[study["id"]] = study
        return 201, study

    def _delete(self, found: Any) -> tuple[int, Any]:
        if self._study(found)["status"] != "UNPUBLISHED":
            raise Refuse(400, "Error", "Only unpublished studies can be deleted.")
        del self.studies[found[0]]
        return 204, {}

    def _transition(self, study: dict[str, Any], given: dict[str, Any]) -> tuple[int, Any]:
        allowed = {"PUBLISH": ("UNPUBLISHED", "ACTIVE"), "STOP": ("ACTIVE", "AWAITING REVIEW")}
        before, after = allowed.get(given.get("action", ""), ("", ""))
        if study["status"] != before:
            raise Refuse(
                400, "Error", f"Action {given.get('action')} is not allowed in status {study['status']}."
            )
        if after == "ACTIVE" and study["total_cost"] > self.balance_cents:
            raise Refuse(400, "Error", "You do not have enough balance to publish this study.")
        study["status"] = after
        return 200, study

    def _listed(self, study: dict[str, Any], query: dict[str, str]) -> dict[str, Any]:
        rows = [
            {
                "id": row["id"],
                "participant_id": row["participant"],
                "status": row["status"],
                "study_code": row["entered_code"],
            }
            for row in self.submissions.values()
            if row["study_id"] == study["id"]
        ]
        return _page(rows, query)

    def _review(self, row: dict[str, Any], given: dict[str, Any]) -> tuple[int, Any]:
        if given.get("action") != "APPROVE":
            raise Refuse(400, "Error", "A rejection needs a category.")
        if row["status"] != "AWAITING REVIEW":
            raise Refuse(400, "Error", f"A submission in status {row['status']} cannot be approved.")
        self.submissions[row["id"]]["status"] = "APPROVED"
        return 200, self.submissions[row["id"]]

    def _set_up(self, given: dict[str, Any]) -> tuple[int, Any]:
        lines = []
        for line in given["csv_bonuses"].splitlines():
            who, _, amount = line.partition(",")
            known = self.submissions.get(who.strip())
            if (
                known is None
                or known["study_id"] != given["study_id"]
                or not re.fullmatch(r"\d+(\.\d\d?)?", amount.strip())
            ):
                raise Refuse(400, "Error", f"Line {line!r} is no bonus.")
            lines.append((known["id"], round(float(amount) * 100)))
        key, total = self.new(), sum(cents for _, cents in lines)
        self.bulks[key] = lines
        return 201, {
            "id": key,
            "study": given["study_id"],
            "amount": total,
            "fees": total / 3,
            "vat": 0,
            "total_amount": total * 4 / 3,
        }

    def _pay(self, found: Any) -> tuple[int, Any]:
        if not found or found[0] not in self.bulks:
            raise Refuse(404, "Not found", "There is no such bonus payment.")
        lines = self.bulks[found[0]]
        total = sum(cents for _, cents in lines)
        if total > self.balance_cents:
            raise Refuse(400, "Error", "You do not have enough balance to pay these bonuses.")
        self.balance_cents -= total
        self.bonuses += [(self.now() + self.delay_seconds, session, cents) for session, cents in lines]
        return 202, "We'll process your bonuses in the background, this may take a few minutes."


def _brief(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: row.get(name) for name in ("id", "name", "internal_name", "status", "total_available_places")
    }


def _page(rows: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
    start, most = int(query.get("offset", 0)), int(query.get("limit", 20))
    return {"results": rows[start : start + most], "meta": {"count": len(rows)}}
