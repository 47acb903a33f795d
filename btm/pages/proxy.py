"""A way out of the house: fetching through an egress proxy that speaks HTTP CONNECT, such as Smokescreen.

With a proxy, names are looked up by it and not here: addresses that are spelt as numbers are still checked here, what a name leads to is
checked by the proxy.
"""

from __future__ import annotations

import base64
import contextlib
import socket
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from btm.pages.reasons import FetchFailed, ReadFailed, Refused

_MOST_HEAD = 8_192
_REFUSES = (403, 407)
_TOO_LATE = (408, 504)


@dataclass(frozen=True)
class Proxy:
    """Where the proxy is, and what to say to it about ourselves ("" where nothing)."""

    host: str
    port: int
    authorization: str = field(default="", repr=False)


def parse_proxy(url: str) -> Proxy:
    """The proxy at `http://[user:password@]host:port`. Raises ValueError, which does not repeat the address."""
    wrong = ValueError("BTM_FETCH_PROXY must be an address such as http://proxy.internal:4750")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise wrong from error
    if parts.scheme != "http" or not host or not port or parts.path not in ("", "/") or parts.query:
        raise wrong
    authorization = ""
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        authorization = "Basic " + base64.b64encode(pair.encode()).decode()
    return Proxy(host, port, authorization)


def open_tunnel(proxy: Proxy, host: str, port: int, timeout: float) -> socket.socket:
    """A socket that the proxy has connected to `host:port`, for TLS or plain HTTP to go over.

    Raises Refused (`blocked_address`) where the proxy will not, and FetchFailed where it cannot (`unreachable`, `timeout`), or is
    not there itself (`interrupted`).
    """
    try:
        sock = socket.create_connection((proxy.host, proxy.port), timeout)
    except OSError as error:
        raise FetchFailed("interrupted") from error
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.sendall(_request(proxy, host, port))
        status = _status(_head(sock))
    except TimeoutError as error:
        sock.close()
        raise FetchFailed("timeout") from error
    except OSError as error:
        sock.close()
        raise FetchFailed("interrupted") from error
    if not 200 <= status < 300:
        sock.close()
        raise _as_failure(status)
    return sock


def _request(proxy: Proxy, host: str, port: int) -> bytes:
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}"]
    if proxy.authorization:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def _head(sock: socket.socket) -> bytes:
    """The proxy's answer up to its empty line and not a byte further: what follows is the site's."""
    head = bytearray()
    while not head.endswith(b"\r\n\r\n"):
        byte = sock.recv(1)
        if not byte or len(head) >= _MOST_HEAD:
            raise OSError("no answer from the proxy")
        head += byte
    return bytes(head)


def _status(head: bytes) -> int:
    parts = head.split(b" ", 2)
    with contextlib.suppress(IndexError, ValueError):
        if parts[0].startswith(b"HTTP/1."):
            return int(parts[1][:3])
    raise OSError("no HTTP from the proxy")


def _as_failure(status: int) -> ReadFailed:
    if status in _REFUSES:
        return Refused("blocked_address")
    return FetchFailed("timeout" if status in _TOO_LATE else "unreachable")
