"""Fetching through a proxy: everything goes by it, names are its business, and what it says reaches the player as a plain reason."""

from __future__ import annotations

import base64
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from btm.pages.policy import Policy
from btm.pages.proxy import parse_proxy
from btm.pages.reader import PageReader

from .hostile import CERTS, SENTENCE, HostileServer, answer
from .support import loopback_policy, reason_of

ESTABLISHED = b"HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n"


class ConnectProxy:
    """A small CONNECT proxy on loopback. It leads every name to loopback; `says` is answered in place of a tunnel."""

    def __init__(self, says: bytes = ESTABLISHED) -> None:
        self.asked: list[str] = []
        self.heads: list[bytes] = []
        self._says = says
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    @contextlib.contextmanager
    def serving(self) -> Iterator[ConnectProxy]:
        threading.Thread(target=self._accept, daemon=True).start()
        try:
            yield self
        finally:
            self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with sock, contextlib.suppress(OSError):
            sock.settimeout(5)
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += sock.recv(1)
            self.heads.append(head)
            self.asked.append(head.split(b" ")[1].decode())
            if self._says != ESTABLISHED:
                sock.sendall(self._says)
                time.sleep(0 if self._says else 5)
                return
            with socket.create_connection(("127.0.0.1", int(self.asked[-1].rpartition(":")[2])), 5) as site:
                sock.sendall(self._says)
                back = threading.Thread(target=_pour, args=(site, sock), daemon=True)
                back.start()
                _pour(sock, site)
                back.join(5)


def _pour(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65_536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)


@pytest.fixture
def proxy() -> Iterator[ConnectProxy]:
    with ConnectProxy().serving() as made:
        yield made


@pytest.fixture(scope="module")
def reader() -> Iterator[PageReader]:
    """One reader for all, since starting one takes a second; `through` gives it another policy."""
    with PageReader() as made:
        made.start()
        yield made


@pytest.fixture
def through(reader: PageReader) -> Callable[..., PageReader]:
    """The reader behind a proxy; it knows no name of its own."""

    def put(way: ConnectProxy, **changes: object) -> PageReader:
        reader.policy = loopback_policy(
            **{"resolve_map": (), "proxy": way.url, "deadline": 20.0, "connect_timeout": 10.0, **changes}
        )
        return reader

    return put


Through = Callable[..., PageReader]


@pytest.mark.parametrize("certificate", [None, "pub.pem"])
def test_a_page_comes_through_the_proxy_which_looks_the_name_up(
    proxy: ConnectProxy, through: Through, certificate: str | None
) -> None:
    reader = through(proxy, ca_bundle=str(CERTS / "root.pem"))
    with HostileServer(certificate=certificate) as server:
        server.on("/", answer())
        assert SENTENCE in reader.read(server.url("/", "pub.test")).text
        assert proxy.asked == [f"pub.test:{server.port}"]
        assert server.requests[0].header("Host") == f"pub.test:{server.port}"


def test_every_hop_goes_through_it_and_certificates_are_still_checked_by_name(
    proxy: ConnectProxy, through: Through
) -> None:
    reader = through(proxy, ca_bundle=str(CERTS / "root.pem"))
    with HostileServer(certificate="pub.pem") as tls, HostileServer() as plain:
        there = tls.url("/", "other.test")
        plain.on("/", f"HTTP/1.1 302 Found\r\nLocation: {there}\r\nContent-Length: 0\r\n\r\n".encode())
        assert reason_of(reader, plain.url("/", "pub.test")) == "tls"
        assert proxy.asked == [f"pub.test:{plain.port}", f"other.test:{tls.port}"]


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest/", "http://[::1]/", "http://0x7f.1/", "http://localhost/", "http://a.example:8080/"]
)  # fmt: skip
def test_numbers_local_names_and_odd_ports_never_reach_it(
    proxy: ConnectProxy, through: Through, url: str
) -> None:
    assert reason_of(through(proxy, allow_private=()), url) in ("blocked_address", "port")
    assert proxy.asked == []


def test_a_redirect_to_a_number_inside_is_refused_here(proxy: ConnectProxy, through: Through) -> None:
    with HostileServer() as server:
        server.on("/", b"HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\nContent-Length: 0\r\n\r\n")
        assert reason_of(through(proxy), server.url("/", "pub.test")) == "blocked_address"
    assert len(proxy.asked) == 1


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        (b"HTTP/1.1 407 Request rejected by proxy\r\n\r\nno", "blocked_address"),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "blocked_address"),
        (b"HTTP/1.1 502 Bad gateway\r\n\r\n", "unreachable"),
        (b"HTTP/1.1 504 Gateway timeout\r\n\r\n", "timeout"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "interrupted"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000, "interrupted"),
        (b"", "timeout"),
    ],
)
def test_what_it_refuses_and_cannot_is_told_apart(through: Through, says: bytes, reason: str) -> None:
    patience = {} if says else {"connect_timeout": 0.5}
    with ConnectProxy(says).serving() as proxy:
        assert reason_of(through(proxy, **patience), "http://pub.test/") == reason
        assert proxy.asked[0] == "pub.test:80"


def test_a_proxy_that_is_not_there_is_our_own_failing(through: Through) -> None:
    gone = ConnectProxy()
    gone._listener.close()
    assert reason_of(through(gone), "http://pub.test/") == "interrupted"


def test_it_is_told_who_we_are_and_the_site_is_not(proxy: ConnectProxy, through: Through) -> None:
    with HostileServer() as server:
        server.on("/", answer())
        reader = through(proxy, proxy=proxy.url.replace("//", "//ops:s%20cret@"))
        assert reason_of(reader, server.url("/", "pub.test")) == "read"
        assert base64.b64encode(b"ops:s cret") in proxy.heads[0]
        assert "proxy-authorization" not in server.requests[0].header_names


@pytest.mark.parametrize(
    "url", ["elsewhere.internal:4750", "https://elsewhere:4750", "http://ops:s3cret@elsewhere", "http://elsewhere:x", "http://elsewhere:1/path"]
)  # fmt: skip
def test_what_is_no_address_of_a_proxy_is_said_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match="BTM_FETCH_PROXY") as refused:
        parse_proxy(url)
    assert url not in str(refused.value)


def test_its_password_is_in_no_text_about_it() -> None:
    policy = Policy(proxy="http://ops:s3cret@proxy:1")
    assert "s3cret" not in repr(policy) + repr(parse_proxy(policy.proxy))
    assert Policy.from_json(policy.to_json()) == policy
