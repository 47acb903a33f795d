"""Simulated people: each a kept connection and a cookie, asking again as soon as they were answered. Bounded in time and in count.

Raw sockets and regular expressions instead of a browser, so that little of what is measured is the client's own.
"""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from bench.load.world import Person

CSRF = re.compile(rb'name="csrf_token" value="([^"]+)"')
ITEM = re.compile(rb'name="item" value="([^"]+)"')
LEASE = re.compile(rb'name="token" value="([^"]+)"')
LABEL = re.compile(rb'name="label" value="([^"]+)"')
STATUS = re.compile(rb"HTTP/1\.1 (\d{3})")
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
COOKIE = re.compile(rb"\r\nset-cookie: *([^=\r]+)=([^;\r]*)", re.IGNORECASE)
MOST_REQUESTS = 200_000
TIMEOUT = 60.0


@dataclass
class Measured:
    """Seconds of every request by what it was, and how many requests ended how."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    statuses: dict[int, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str, seconds: float, status: int) -> None:
        with self.lock:
            self.seconds.setdefault(what, []).append(seconds)
            self.statuses[status] = self.statuses.get(status, 0) + 1


class Browser:
    """One person's connection."""

    def __init__(self, port: int, person: Person, measured: Measured) -> None:
        self.person, self.measured, self.port = person, measured, port
        self.cookies = dict([person.cookie.split("=", 1)])
        self.socket: socket.socket | None = None

    def ask(self, what: str, method: str, path: str, form: dict[str, str] | None = None) -> bytes:
        """One request, timed until its last byte."""
        body = urlencode(form) if form is not None else ""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        lines = [
            f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", f"Cookie: {cookies}", "X-Partial: 1", "Accept: text/html",
        ]  # fmt: skip
        if form is not None:
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        request = "\r\n".join([*lines, "", body]).encode()
        started = time.perf_counter()
        try:
            head, read = self._exchange(request)
        except OSError:
            self._close()
            self.measured.note(what, time.perf_counter() - started, 0)
            return b""
        status = STATUS.match(head)
        self.measured.note(what, time.perf_counter() - started, int(status[1]) if status else 0)
        for name, value in COOKIE.findall(head):
            self.cookies[name.decode()] = value.decode()
        if b"\r\nconnection: close" in head.lower():
            self._close()
        return read

    def _exchange(self, request: bytes) -> tuple[bytes, bytes]:
        """Send a request on the kept connection. Returns the head of the answer and its body, which must say how long it is."""
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), TIMEOUT)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(request)
        came = b""
        while b"\r\n\r\n" not in came:
            came += self._more()
        head, _, body = came.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        parts, left = [body], (int(length[1]) if length else 0) - len(body)
        while left > 0:
            parts.append(self._more())
            left -= len(parts[-1])
        return head, b"".join(parts)

    def _more(self) -> bytes:
        assert self.socket is not None
        some = self.socket.recv(65536)
        if not some:
            raise ConnectionError("the service hung up in the middle of an answer")
        return some

    def _close(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    def judge(self, slug: str) -> Iterator[None]:
        """The next page, an answer, and so on."""
        beside = ""
        while True:
            page = self.ask("next", "GET", f"/c/{slug}/judge/next?beside={beside}")
            item, lease, csrf, labels = (
                ITEM.search(page),
                LEASE.search(page),
                CSRF.search(page),
                LABEL.findall(page),
            )
            if not (item and lease and csrf and labels):
                time.sleep(0.05)
                yield
                continue
            beside = item[1].decode()
            answer = {
                "csrf_token": csrf[1].decode(), "item": beside, "token": lease[1].decode(), "label": labels[-1].decode(),
                "seconds": "8.0",
            }  # fmt: skip
            self.ask("answer", "POST", f"/c/{slug}/judge", answer)
            yield

    def commit(self, slug: str) -> Iterator[None]:
        """Take every quote that the person has."""
        for public_id in self.person.quoted:
            csrf = CSRF.search(self.ask("card", "GET", f"/s/{public_id}/card"))
            if csrf:
                self.ask("commit", "POST", f"/s/{public_id}/commit", {"csrf_token": csrf[1].decode()})
            yield

    def submit(self, slug: str, urls: Sequence[str]) -> Iterator[None]:
        """Paste addresses. Whether they are read is for the workers."""
        csrf = CSRF.search(self.ask("challenge", "GET", f"/c/{slug}"))
        for url in urls:
            if csrf:
                self.ask(
                    "submit", "POST", f"/c/{slug}/submissions", {"csrf_token": csrf[1].decode(), "url": url}
                )
            yield

    def look_once(self, paths: Sequence[str]) -> Iterator[None]:
        """One page after the other, each once."""
        for path in paths:
            self.ask(f"GET {path}", "GET", path)
            yield

    def browse(self, paths: Sequence[str]) -> Iterator[None]:
        """One page after the other, again and again."""
        while True:
            yield from self.look_once(paths)


def play(
    port: int,
    people: Sequence[Person],
    seconds: float,
    act: Callable[[Browser, int], Iterator[None]],
    every: float = 0.0,
) -> tuple[Measured, float]:
    """All of them at once, until the time is up or they have nothing left to do. Returns what was measured, and how long it took.

    every: so many seconds lie between the beginnings of two acts of one person, if the service keeps up; 0 for no pause.
    """
    measured = Measured()
    ends = time.perf_counter() + seconds
    budget = threading.Semaphore(MOST_REQUESTS)

    def live(person: Person, number: int) -> None:
        browser = Browser(port, person, measured)
        due = time.perf_counter() + every * number / len(people)
        time.sleep(max(0.0, due - time.perf_counter()))
        for _ in act(browser, number):
            due = max(due + every, time.perf_counter())
            if due >= ends or not budget.acquire(blocking=False):
                return
            time.sleep(max(0.0, due - time.perf_counter()))

    threads = [threading.Thread(target=live, args=(person, n)) for n, person in enumerate(people)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return measured, time.perf_counter() - started
