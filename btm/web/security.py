"""Headers that every answer carries. The policy allows our own origin only, and nothing inline."""

from __future__ import annotations

from flask import Flask, Response, request

from btm.web import frames, identity

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "font-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
}


def register_security(app: Flask) -> None:
    app.after_request(add_headers)


def add_headers(response: Response) -> Response:
    """Put the security headers on, and keep pages about a person out of every cache."""
    response.headers.setdefault("Content-Security-Policy", frames.policy(CONTENT_SECURITY_POLICY))
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if request.endpoint not in ("static", "assets"):
        response.vary.update(
            ("Cookie", "X-Partial")
        )  # the same address answers a script with a part of the page
        kept = "no-store" if identity.current_account() else "private, no-cache"
        response.headers.setdefault("Cache-Control", kept)
    return response
