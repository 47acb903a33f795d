"""Reading an address the way browsers do (WHATWG), and refusing what no honest address contains."""

from __future__ import annotations

import re
from dataclasses import dataclass

import ada_url

from btm.pages.reasons import Refused

MAX_URL_LENGTH = 4096
_DEFAULT_PORTS = {"http": 80, "https": 443}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_EDGES = " \t\r\n\f"
_DOMAIN = 0  # ada's host types: 0 a name, 1 IPv4, 2 IPv6


@dataclass(frozen=True)
class Parts:
    """An http(s) address in its normal spelling. `host` has no brackets and no trailing dot; `path` has the query."""

    url: str
    scheme: str
    host: str
    port: int
    path: str
    query: str
    is_literal: bool

    @property
    def netloc(self) -> str:
        """Host with brackets if it is IPv6, and the port if it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def parse(url: str) -> Parts:
    """Take an address apart.

    Raises Refused: `bad_url`, `scheme` (neither http nor https) or `credentials`.
    """
    text = url.strip(_EDGES)
    if not text or len(text) > MAX_URL_LENGTH or _CONTROL.search(text) or "\\" in text.partition("#")[0]:
        raise Refused("bad_url")
    try:
        parsed = ada_url.URL(text)
    except (ValueError, UnicodeError) as error:
        raise Refused("bad_url") from error
    scheme = parsed.protocol.removesuffix(":")
    if scheme not in _DEFAULT_PORTS:
        raise Refused("scheme")
    if parsed.username or parsed.password:
        raise Refused("credentials")
    literal = int(parsed.host_type) != _DOMAIN
    host = parsed.hostname.strip("[]") if literal else _checked_name(parsed.hostname)
    port = int(parsed.port) if parsed.port else _DEFAULT_PORTS[scheme]
    parts = Parts("", scheme, host, port, parsed.pathname, parsed.search, literal)
    return Parts(
        f"{scheme}://{parts.netloc}{parts.path}{parts.query}",
        scheme,
        host,
        port,
        parts.path,
        parts.query,
        literal,
    )


def join(base: str, location: str) -> str:
    """The address that a redirect's `Location` means, seen from `base`. Raises Refused: `bad_url`."""
    if len(location) > MAX_URL_LENGTH or _CONTROL.search(location) or "\\" in location.partition("#")[0]:
        raise Refused("bad_url")
    try:
        return ada_url.join_url(base, location)
    except (ValueError, UnicodeError) as error:
        raise Refused("bad_url") from error


def _checked_name(name: str) -> str:
    host = name.lower().removesuffix(".")
    labels = host.split(".")
    if len(host) > 253 or not all(0 < len(label) <= 63 for label in labels):
        raise Refused("bad_url")
    return host
