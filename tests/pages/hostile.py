"""A server that misbehaves as told. Raw sockets on loopback; every connection ends by itself within seconds."""

from __future__ import annotations

import contextlib
import gzip
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path

CERTS = Path(__file__).parent / "certs"
_LIFE = 8.0  # seconds that a connection lives at most
_MOST = 80_000_000  # bytes that a connection sends at most


class Wire:
    """One connection, as a behaviour sees it: the request that came, and what to send."""

    def __init__(self, sock: socket.socket, request: bytes, stop: threading.Event) -> None:
        self.request = request
        self._sock = sock
        self._stop = stop
        self._ends_at = time.monotonic() + _LIFE
        self._left = _MOST

    @property
    def header_names(self) -> set[str]:
        """The request's header names, in lower case."""
        return {line.partition(b":")[0].decode().lower() for line in self.request.split(b"\r\n")[1:] if line}

    def header(self, name: str) -> str:
        """One request header, or an empty string."""
        for line in self.request.decode("latin-1").split("\r\n")[1:]:
            if line.lower().startswith(name.lower() + ":"):
                return line.partition(":")[2].strip()
        return ""

    @property
    def alive(self) -> bool:
        """Whether there is time and volume left."""
        return not self._stop.is_set() and time.monotonic() < self._ends_at and self._left > 0

    def send(self, data: bytes) -> None:
        """Send, as long as the connection may live."""
        if not self.alive:
            raise ConnectionAbortedError
        self._left -= len(data)
        self._sock.sendall(data)

    def pause(self, seconds: float) -> None:
        """Wait, or not, if the server stops."""
        self._stop.wait(seconds)


Behaviour = Callable[[Wire], None]


class HostileServer:
    """Serves a behaviour per path. `requests` keeps what came, `connections` how often somebody connected."""

    def __init__(self, address: str = "127.0.0.1", certificate: str | None = None) -> None:
        self.requests: list[Wire] = []
        self.connections = 0
        self.names: list[str | None] = []
        self._paths: dict[str, Behaviour] = {}
        self._stop = threading.Event()
        self._listener = socket.create_server(
            (address, 0), family=socket.AF_INET6 if ":" in address else socket.AF_INET, backlog=64
        )
        self._listener.settimeout(0.1)
        self.port: int = self._listener.getsockname()[1]
        self._tls = self._context(certificate) if certificate else None
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def on(self, path: str, behaviour: Behaviour | bytes) -> str:
        """Serve a behaviour (or just these bytes) on a path, and return its address under `pub.test`."""
        if isinstance(behaviour, bytes):
            data = behaviour
            self._paths[path] = lambda wire: wire.send(data)
        else:
            self._paths[path] = behaviour
        return self.url(path)

    def url(self, path: str = "/", host: str = "pub.test") -> str:
        """An address here."""
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{path}"

    def __enter__(self) -> HostileServer:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        self._thread.join()
        self._listener.close()

    def _context(self, certificate: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTS / certificate)
        context.sni_callback = lambda sock, name, context: self.names.append(name)
        return context

    def _accept(self) -> None:
        while not self._stop.is_set():
            with contextlib.suppress(TimeoutError):
                sock, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        sock.settimeout(_LIFE)
        with contextlib.suppress(OSError, ValueError):
            if self._tls:
                sock = self._tls.wrap_socket(sock, server_side=True)
            request = b""
            while b"\r\n\r\n" not in request and len(request) < 65_536:
                piece = sock.recv(4096)
                if not piece or piece.startswith(b"\x16\x03"):  # the end, or TLS where none is spoken
                    request += b"GET / HTTP/1.1\r\n" if piece else b""
                    break
                request += piece
            wire = Wire(sock, request.partition(b"\r\n\r\n")[0], self._stop)
            path = request.split(b" ")[1].decode().partition("?")[0] if b" " in request else "/"
            if path in self._paths:
                self.requests.append(wire)
                self._paths[path](wire)
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
        sock.close()


SENTENCE = "An old lighthouse keeper counted the boats that came home each evening."


def page(body: str = f"<p>{SENTENCE}</p>", title: str = "A page") -> bytes:
    """HTML of a small honest page."""
    return (
        f"<!doctype html><html lang=en><head><title>{title}</title></head><body>{body}</body></html>".encode()
    )


def answer(
    body: bytes | None = None,
    content_type: str = "text/html; charset=utf-8",
    status: str = "200 OK",
    **headers: str,
) -> bytes:
    """A whole response, with its length. Header names are written with underscores."""
    body = page() if body is None else body
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"Content-Type: {content_type}"] if content_type else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


def redirect(location: str, status: str = "302 Found", body: bytes = b"") -> bytes:
    """A response that sends on."""
    return answer(body, status=status, Location=location)


def squeezed(data: bytes) -> bytes:
    """Gzip, the same bytes at any time, so that a test's name is the same in every process."""
    return gzip.compress(data, mtime=0)


def gzip_bomb(size: int = 1 << 30) -> bytes:
    """A gzip stream of about a thousandth of `size` that inflates to `size` zero bytes; made in no time and little memory."""
    block = 1 << 24
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = squeezer.compress(bytes(block)) + squeezer.flush(zlib.Z_FULL_FLUSH)
    header = squeezed(b"")[:10]
    return header + piece * (size // block) + b"\x03\x00" + bytes(8)


def forever(piece: bytes, pause: float = 0.0) -> Behaviour:
    """Send the same piece again and again."""

    def behave(wire: Wire) -> None:
        while wire.alive:
            wire.send(piece)
            if pause:
                wire.pause(pause)

    return behave


def then(first: bytes, following: Behaviour) -> Behaviour:
    """Send something, then misbehave."""

    def behave(wire: Wire) -> None:
        wire.send(first)
        following(wire)

    return behave


def silence(wire: Wire) -> None:
    """Say nothing."""
    while wire.alive:
        wire.pause(0.2)
