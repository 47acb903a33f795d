"""Frames between the worker and the reading child: one letter, a length, a payload. Nothing is ever unpickled."""

from __future__ import annotations

import socket
import struct
import time

HEAD = struct.Struct("!cI")
MAX_FRAME = 16_000_000

ASK, PROGRESS, BODY, PAGE, FAILED = b"q", b"p", b"b", b"j", b"f"


class Gone(Exception):
    """The other side closed, or broke the rules, before it had said everything."""


class Late(Exception):
    """The other side did not speak in time."""


def send_frame(sock: socket.socket, kind: bytes, payload: bytes) -> None:
    """Send one frame. Raises OSError."""
    sock.sendall(HEAD.pack(kind, len(payload)))
    sock.sendall(payload)


def receive_frame(sock: socket.socket, ends_at: float, max_payload: int = MAX_FRAME) -> tuple[bytes, bytes]:
    """One frame as (letter, payload).

    `ends_at` is on `time.monotonic`'s clock. Raises Gone where the frame is cut or larger than `max_payload`, Late after `ends_at`.
    """
    kind, length = HEAD.unpack(_exactly(sock, HEAD.size, ends_at))
    if length > max_payload:
        raise Gone
    return kind, _exactly(sock, length, ends_at)


def _exactly(sock: socket.socket, count: int, ends_at: float) -> bytes:
    data = bytearray()
    while len(data) < count:
        remaining = ends_at - time.monotonic()
        if remaining <= 0:
            raise Late
        sock.settimeout(remaining)
        try:
            piece = sock.recv(min(count - len(data), 262_144))
        except TimeoutError as error:
            raise Late from error
        except OSError as error:
            raise Gone from error
        if not piece:
            raise Gone
        data += piece
    return bytes(data)
