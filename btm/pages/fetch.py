"""One guarded fetch: vet, ask, follow redirects by hand, and take the body only of what is a page."""

from __future__ import annotations

import time
from dataclasses import dataclass

import requests

from btm.pages.body import read_body
from btm.pages.guard import Resolve, Target, vet
from btm.pages.policy import Policy
from btm.pages.reasons import FetchFailed
from btm.pages.transport import raw_of, send
from btm.pages.urls import join

PAGE_TYPES = ("text/html", "application/xhtml+xml", "text/plain")
_REDIRECTS = (301, 302, 303, 307, 308)
_GONE = (404, 410)
_KEPT_HEADERS = ("Content-Type", "Content-Language", "Last-Modified", "Date", "Server", "X-Robots-Tag")
_MAX_HEADER = 300
# How files begin that call themselves pages and are not.
_FILE_STARTS = (
    b"PK\x03\x04", b"%PDF-", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"RIFF", b"\x1f\x8b", b"\x7fELF", b"MZ", b"Rar!",
    b"7z\xbc\xaf", b"\xfd7zXZ", b"BZh", b"OggS", b"ID3", b"\x00\x00\x01\x00", b"wOFF", b"wOF2", b"\x28\xb5\x2f\xfd", b"\xd0\xcf\x11\xe0",
)  # fmt: skip
_HTML_STARTS = (b"<!doctype html", b"<html", b"<head", b"<body", b"<!--", b"<title", b"<?xml")


@dataclass(frozen=True)
class Redirect:
    """One hop: the status that sent us on, and the address that sent it."""

    status: int
    url: str


@dataclass(frozen=True)
class Fetched:
    """A page as it came: `body` is raw, after decompression. `charset` is the header's word, unchecked."""

    url: str
    final_url: str
    redirects: tuple[Redirect, ...]
    status: int
    headers: dict[str, str]
    content_type: str
    charset: str
    body: bytes


def fetch(url: str, policy: Policy, resolve: Resolve) -> Fetched:
    """Fetch a page, vetting every hop.

    It bounds itself by the policy's deadline between reads only; the reading child's alarm is what ends a fetch that drips.
    Raises Refused and FetchFailed with a reason from `reasons.REASONS`.
    """
    ends_at = time.monotonic() + policy.deadline
    hops: list[Redirect] = []
    target = vet(url, resolve, policy)
    while True:
        response = send(target, policy, max(0.05, ends_at - time.monotonic()))
        try:
            if response.status_code not in _REDIRECTS:
                return _page(url, target, tuple(hops), response, policy, ends_at)
            location = _location(response, target)
        finally:
            raw_of(response).close()
        hops.append(Redirect(response.status_code, target.url))
        if len(hops) > policy.max_redirects:
            raise FetchFailed("too_many_redirects")
        if time.monotonic() > ends_at:
            raise FetchFailed("timeout")
        target = vet(location, resolve, policy)


def _location(response: requests.Response, target: Target) -> str:
    header = response.headers.get("Location", "").strip()
    if not header:
        raise FetchFailed("http_status")
    return join(target.url, header.encode("latin-1", "replace").decode("utf-8", "replace"))


def _page(
    url: str,
    target: Target,
    hops: tuple[Redirect, ...],
    response: requests.Response,
    policy: Policy,
    ends_at: float,
) -> Fetched:
    if response.status_code != 200:
        raise FetchFailed("not_found" if response.status_code in _GONE else "http_status")
    declared, charset = _content_type(response.headers.get("Content-Type", ""))
    if declared and declared not in PAGE_TYPES:
        raise FetchFailed("not_a_page")
    body = read_body(raw_of(response), response.headers, policy.max_bytes, ends_at)
    content_type = declared or _sniffed(body)
    if not content_type or body.startswith(_FILE_STARTS):
        raise FetchFailed("not_a_page")
    headers = {
        name: response.headers[name][:_MAX_HEADER] for name in _KEPT_HEADERS if name in response.headers
    }
    return Fetched(url, target.url, hops, 200, headers, content_type, charset, body)


def _content_type(header: str) -> tuple[str, str]:
    kind, _, rest = header[:_MAX_HEADER].partition(";")
    charset = ""
    for parameter in rest.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            charset = charset or value.strip().strip("\"'").lower()
    return kind.strip().lower(), charset


def _sniffed(body: bytes) -> str:
    start = body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return "text/html" if start.startswith(_HTML_STARTS) else ""
