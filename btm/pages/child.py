"""What a reading child does between its fork and its end: take limits on itself, fetch, read, answer."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import signal
import socket
import time
import traceback
from dataclasses import asdict
from types import FrameType
from typing import Any

from btm.pages.extract import Extract, extract
from btm.pages.fetch import Fetched, fetch
from btm.pages.policy import Policy
from btm.pages.reasons import FetchFailed, ReadFailed
from btm.pages.resolver import resolver
from btm.pages.transport import allow_long_header_lines
from btm.pages.wire import BODY, FAILED, PAGE, PROGRESS, Gone, Late, receive_frame, send_frame

_ASK_SECONDS = 5.0
_BUSY_EVERY = (
    0.1  # seconds of CPU after which, again and again, a page yields more to others; most pages take less
)
_BUSY_STEP = 5
_BUSY_MOST = 15
_MANY_TAGS = (
    30_000  # a page of so many yields from the beginning; one real page in a hundred has half of that
)


def warm_up() -> None:
    """Read two pages, a short and a long one, so that what the parsers load when first used is there before the fork."""
    sentence = (
        "<p>A page of some sentences, <a href=/>with a link</a>, that stands for all the others to come.</p>"
    )
    for count in (1, 30):
        extract(
            f"<html><title>Page</title><body><h1>Head</h1>{sentence * count}<ul><li>Item</ul></body></html>".encode()
        )


def answer(sock: socket.socket) -> None:
    """Take one request from the socket and answer it. Never raises."""
    try:
        _, payload = receive_frame(sock, time.monotonic() + _ASK_SECONDS)
    except (Gone, Late):
        return
    asked = json.loads(payload)
    policy = Policy.from_json(asked["policy"])
    limit(policy, float(asked["seconds"]))
    sock.settimeout(None)
    try:
        body, page = _read(sock, asked["url"], policy)
        send_frame(sock, BODY, body)
        send_frame(sock, PAGE, page)
    except ReadFailed as error:
        _fail(sock, error.reason)
    except (MemoryError, RecursionError):
        _fail(sock, "too_heavy")
    except Exception as error:
        _report(error)
        _fail(sock, "broken")


def _report(error: Exception) -> None:
    """A line for the operator, with nothing in it that the page could have written."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    with contextlib.suppress(OSError):
        os.write(
            2,
            f"page reader: {type(error).__name__} in {os.path.basename(place.filename)}:{place.lineno}\n".encode(),
        )


def limit(policy: Policy, seconds: float) -> None:
    """Bound this process: memory, CPU, files, and its life. The alarm's default action ends it even inside C code."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, max(0.01, seconds))
    _cap(resource.RLIMIT_AS, policy.memory_bytes)
    _cap(resource.RLIMIT_CPU, policy.cpu_seconds)
    _cap(resource.RLIMIT_CORE, 0)
    _cap(resource.RLIMIT_FSIZE, 0)
    _cap(resource.RLIMIT_NOFILE, 64)
    gc.disable()  # a life this short has no use for it
    signal.signal(signal.SIGPROF, _yield_to_others)
    signal.setitimer(signal.ITIMER_PROF, _BUSY_EVERY, _BUSY_EVERY)


def _cap(what: int, most: int) -> None:
    with contextlib.suppress(OSError, ValueError):  # a stricter limit of the system's own stays
        resource.setrlimit(what, (most, most))


def _yield_to_others(signum: int, frame: FrameType | None) -> None:
    with contextlib.suppress(OSError):
        if os.nice(_BUSY_STEP) >= _BUSY_MOST:
            signal.setitimer(signal.ITIMER_PROF, 0)


def _read(sock: socket.socket, url: str, policy: Policy) -> tuple[bytes, bytes]:
    allow_long_header_lines()
    fetched = fetch(url, policy, resolver(policy))
    send_frame(sock, PROGRESS, b"reading")
    if not fetched.body.strip():
        raise FetchFailed("nothing_to_read")
    if fetched.body.count(b"<") > _MANY_TAGS:
        with contextlib.suppress(OSError):
            os.nice(2 * _BUSY_STEP)
    read = extract(fetched.body, fetched.content_type, fetched.charset)
    return fetched.body, json.dumps(_plain(fetched, read)).encode()


def _plain(fetched: Fetched, read: Extract) -> dict[str, Any]:
    return {
        "final_url": fetched.final_url,
        "redirects": [[hop.status, hop.url] for hop in fetched.redirects],
        "status": fetched.status,
        "headers": fetched.headers,
        "content_type": fetched.content_type,
        "charset": read.charset,
        "segments": asdict(read.segments),
        "blocks": [[block.kind, block.text] for block in read.blocks],
    }


def _fail(sock: socket.socket, reason: str) -> None:
    with contextlib.suppress(OSError, MemoryError):
        send_frame(sock, FAILED, reason.encode())
