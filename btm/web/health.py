"""How the instance does: for balancers (/readyz), for Prometheus (/metrics) and for admins (a page)."""

from __future__ import annotations

import hmac
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_address
from typing import TypeVar

from flask import Blueprint, Response, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from btm.pages.addresses import parse_networks
from btm.rules.errors import Forbidden, NotFound
from btm.services import check_ready, show_figures
from btm.services.views_operations import FiguresView, PartView
from btm.web import clock, identity, metrics, uploads

bp = Blueprint("health", __name__)

READY_FOR, FIGURES_FOR = 2.0, 5.0
"""Seconds for which an answer is given again, so that whoever asks often costs nothing."""
TOLD_FOR = timedelta(days=180)
Answer = TypeVar("Answer")
_asking = threading.Lock()


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    parts = _parts()
    wrong = [part for part in parts if not part.is_well]
    body = {
        "ready": not wrong,
        "wrong": [part.name for part in wrong],
        "parts": {part.name: part.sentence for part in parts},
    }
    return jsonify(body), 503 if wrong else 200


@bp.get("/.well-known/security.txt")
def contact() -> ResponseReturnValue:
    """Where to report a hole, in the form of RFC 9116."""
    told = current_app.extensions["btm_settings"].report_contact
    if not told:
        raise NotFound("There is no such page here.")
    until = (clock.now() + TOLD_FOR).strftime("%Y-%m-%dT00:00:00Z")
    return Response(f"Contact: {told}\nExpires: {until}\nPreferred-Languages: en\n", mimetype="text/plain")


@bp.get("/metrics")
def prometheus() -> ResponseReturnValue:
    if not may_read_metrics():
        raise NotFound("There is no such page here.")
    parts = _parts()
    can_ask = all(part.is_well for part in parts if part.name in ("database", "schema"))
    return Response(metrics.exposition(_figures() if can_ask else None, parts), mimetype=metrics.MIME_TYPE)


@bp.get("/console/status")
@identity.sign_in_needed
def status() -> ResponseReturnValue:
    member = identity.current_member()
    if member is None or not member.is_admin:
        raise Forbidden("This page is for the people who run this service.", code="not_an_admin")
    parts = _parts()
    can_ask = all(part.is_well for part in parts if part.name in ("database", "schema"))
    return render_template("operations/status.html", parts=parts, figures=_figures() if can_ask else None)


def may_read_metrics() -> bool:
    """Whether the token is right, or the address is one of those named. Nobody may, unless a setting says who."""
    settings = current_app.extensions["btm_settings"]
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if settings.metrics_token and scheme.lower() == "bearer":
        return hmac.compare_digest(token.strip().encode(), settings.metrics_token.encode())
    networks = parse_networks(settings.metrics_networks)
    address = ip_address(request.remote_addr or "0.0.0.0")  # noqa: S104  # nosec B104 - an address to compare, not one to listen on
    return any(address in network for network in networks)


def _parts() -> tuple[PartView, ...]:
    return _kept(
        "parts", READY_FOR, lambda: check_ready.check_ready(now=clock.now(), snapshots=uploads.snapshots())
    )


def _figures() -> FiguresView:
    return _kept("figures", FIGURES_FOR, lambda: show_figures.show_figures(now=clock.now()))


def _kept(name: str, seconds: float, ask: Callable[[], Answer]) -> Answer:
    """An answer that is kept for some seconds. Of many who ask at once, one asks and the others wait for it."""
    kept: dict[str, tuple[float, Answer]] = current_app.extensions.setdefault("btm_health", {})
    with _asking:
        if name not in kept or time.monotonic() >= kept[name][0]:
            answer = ask()
            kept[name] = (time.monotonic() + seconds, answer)
        return kept[name][1]
