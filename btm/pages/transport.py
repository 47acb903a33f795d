"""One GET on one fresh connection to addresses that were already checked.

`HTTPAdapter.send` is used directly: a Session would follow or at least read redirects, keep cookies, and take proxies and
credentials from the environment.
"""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable, Mapping
from typing import Any, cast

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ProtocolError

from btm.pages.guard import Target
from btm.pages.policy import Policy
from btm.pages.proxy import open_tunnel, parse_proxy
from btm.pages.reasons import FetchFailed, ReadFailed, Refused

MAX_HEAD_BYTES = 2_500_000
_MAX_HEADER_LINE = 1_250_000
_MAX_TRIES = 6
_READ_TIMEOUT = 6.0
_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,text/plain;q=0.8",
    "Accept-Encoding": "gzip",
    "Accept-Language": "en,*;q=0.5",
    "Connection": "close",
}


def allow_long_header_lines() -> None:
    """Let one header line be as long as real sites' cookies get; all lines together are bounded by `MAX_HEAD_BYTES`.

    It changes http.client for the whole process, so only the reading child calls it.
    """
    http.client._MAXLINE = _MAX_HEADER_LINE  # type: ignore[attr-defined]


class _HeadReader:
    """Counts the bytes of status line and headers, over any number of `100 Continue` answers."""

    def __init__(self, raw: Any) -> None:
        self.raw = raw
        self._left = MAX_HEAD_BYTES

    def readline(self, limit: int = -1) -> bytes:
        line = cast(bytes, self.raw.readline(limit))
        self._left -= len(line)
        if self._left < 0:
            raise http.client.HTTPException("head too long")
        return line

    def flush(self) -> None:
        self.raw.flush()

    def close(self) -> None:
        self.raw.close()


class _BoundedResponse(http.client.HTTPResponse):
    fp: Any

    def begin(self) -> None:
        counting = _HeadReader(self.fp)
        self.fp = counting
        super().begin()
        if self.fp is counting:
            self.fp = counting.raw


def _connect(connection: HTTPConnection, addresses: tuple[str, ...]) -> socket.socket:
    """A socket to the first checked address that answers. Names are never looked up here."""
    last: OSError = OSError("no address")
    for address in addresses[:_MAX_TRIES]:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(connection.timeout)
            sock.connect((address, connection.port))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            sock.close()
            last = error
        else:
            return sock
    if isinstance(last, TimeoutError):
        raise ConnectTimeoutError(connection, "timed out") from last
    raise NewConnectionError(connection, "refused") from last


Connect = Callable[[HTTPConnection], socket.socket]


def _pool_classes(connect: Connect) -> dict[str, type]:
    class Plain(HTTPConnection):
        response_class = _BoundedResponse

        def _new_conn(self) -> socket.socket:
            return connect(self)

    class Tls(HTTPSConnection):
        response_class = _BoundedResponse

        def _new_conn(self) -> socket.socket:
            return connect(self)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = Tls

    return {"http": PlainPool, "https": TlsPool}


class PinnedAdapter(HTTPAdapter):
    """An adapter whose every connection is the one that `connect` makes, whatever the URL says; name checks use the URL's host."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """As requests does it, with our own kind of connection."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pool_classes(self._connect)

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        """As requests does it, less the cookies."""
        response = requests.Response()
        response.status_code = resp.status
        response.headers = requests.structures.CaseInsensitiveDict(resp.headers)
        response.raw = resp
        response.url = req.url or ""
        response.request = req
        return response


def send(
    target: Target,
    policy: Policy,
    seconds: float,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] = _HEADERS,
    opened: Callable[[socket.socket], None] = lambda sock: None,
) -> requests.Response:
    """Ask for one page, or bring `body` there; the answer's body is left unread. `seconds` is what remains of the deadline; it bounds
    the wait for each byte, not for all of them. `opened` is told of the connection before anything is said.

    Raises FetchFailed or Refused. The caller closes the response.
    """
    try:
        request = requests.Request(
            "GET" if body is None else "POST",
            target.url,
            data=body,
            headers={**headers, "User-Agent": policy.user_agent},
        ).prepare()
    except (requests.RequestException, ValueError) as error:
        raise Refused("bad_url") from error
    timeout = (min(policy.connect_timeout, seconds), min(_READ_TIMEOUT, seconds))
    way = _way_to(target, policy)

    def connect(connection: HTTPConnection) -> socket.socket:
        sock = way(connection)
        opened(sock)
        return sock

    try:
        return PinnedAdapter(connect).send(
            request, stream=True, timeout=timeout, verify=policy.ca_bundle or True, proxies={}
        )
    except ReadFailed:
        raise
    except (requests.RequestException, HTTPError, OSError, http.client.HTTPException, ValueError) as error:
        raise _as_failure(error) from error


def _way_to(target: Target, policy: Policy) -> Connect:
    """How to connect: to the checked addresses, or through the proxy."""
    if not policy.proxy:
        return lambda connection: _connect(connection, target.addresses)
    proxy = parse_proxy(policy.proxy)
    return lambda connection: open_tunnel(proxy, target.host, target.port, policy.connect_timeout)


def _as_failure(error: Exception) -> ReadFailed:
    if isinstance(error, requests.exceptions.SSLError):
        return FetchFailed("tls")
    if isinstance(error, requests.Timeout | TimeoutError):
        return FetchFailed("timeout")
    if isinstance(error, requests.exceptions.InvalidURL):
        return Refused("bad_url")
    cause = error.args[0] if error.args else None
    if isinstance(error, requests.ConnectionError) and not isinstance(cause, ProtocolError):
        return FetchFailed(
            "unreachable" if isinstance(getattr(cause, "reason", None), NewConnectionError) else "broken"
        )
    return FetchFailed("broken")


def raw_of(response: requests.Response) -> HTTPResponse:
    """The urllib3 response underneath, with its body unread."""
    return cast(HTTPResponse, response.raw)
