"""Reading pages in children that can be killed: the one door through which the product fetches."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import time
from collections.abc import Callable

from btm.pages.guard import check_form
from btm.pages.language import warm_up
from btm.pages.mother import Mother
from btm.pages.page import ReadPage, page_from_answer
from btm.pages.policy import DEFAULT_POLICY, Policy
from btm.pages.reasons import FetchFailed, ReadFailed, failure
from btm.pages.wire import ASK, BODY, FAILED, MAX_FRAME, PAGE, PROGRESS, Gone, Late, receive_frame, send_frame

__all__ = ["PageReader", "Policy", "ReadFailed", "ReadPage"]

Progress = Callable[[str], None]
_GRACE = 1.0  # seconds beyond the deadline that the worker waits for the note of a killed child
_MOST_FRAMES = 8


class PageReader:
    """Reads pages, each in a child process of its own. Threads may share one reader; a fork makes itself a new mother."""

    def __init__(
        self, policy: Policy = DEFAULT_POLICY, entry: tuple[str, ...] = ("-m", "btm.pages.zygote")
    ) -> None:
        """`entry` is how the children's mother is started, as arguments to Python."""
        self.policy = policy
        self._mother = Mother(entry)

    def start(self) -> None:
        """Start the mother and load the language model now, so that the first page need not wait a second for them."""
        self._mother.start()
        warm_up()

    def read(self, url: str, progress: Progress | None = None) -> ReadPage:
        """Fetch and read one page.

        `progress` is called in this thread with `fetching` and then `reading`. Takes at most the policy's deadline and a second.
        Raises ReadFailed (Refused or FetchFailed), whose `code` and `sentence` say why.
        """
        check_form(url, self.policy)
        started = time.monotonic()
        ends_at = started + self.policy.deadline
        (progress or _silent)("fetching")
        try:
            return self._attempt(url, ends_at, started, progress or _silent)
        except FetchFailed as error:
            if error.reason != "interrupted" or time.monotonic() - started > self.policy.deadline / 2:
                raise
        return self._attempt(url, ends_at, started, progress or _silent)

    def close(self) -> None:
        """End the mother and any child. The reader may be used again; it then starts anew."""
        self._mother.close()

    def __enter__(self) -> PageReader:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _attempt(self, url: str, ends_at: float, started: float, progress: Progress) -> ReadPage:
        ours, theirs = socket.socketpair()
        note_read, note_write = os.pipe()
        with ours, open(note_read, "rb", buffering=0) as note:
            try:
                self._mother.send(max(0.05, ends_at - time.monotonic()), theirs.fileno(), note_write)
            finally:
                theirs.close()
                os.close(note_write)
            try:
                body, answer = self._converse(ours, url, ends_at, progress)
            except (Gone, Late) as error:
                raise FetchFailed(_how_it_ended(note.fileno(), isinstance(error, Late))) from error
            except OSError as error:
                raise FetchFailed("interrupted") from error
        return page_from_answer(url, body, answer, time.monotonic() - started)

    def _converse(
        self, sock: socket.socket, url: str, ends_at: float, progress: Progress
    ) -> tuple[bytes, bytes]:
        asked = {
            "url": url,
            "seconds": max(0.05, ends_at - time.monotonic()),
            "policy": self.policy.to_json(),
        }
        send_frame(sock, ASK, json.dumps(asked).encode())
        body = b""
        for _ in range(_MOST_FRAMES):
            kind, payload = receive_frame(sock, ends_at + _GRACE, max(MAX_FRAME, self.policy.max_bytes))
            if kind == PROGRESS:
                progress("reading")
            elif kind == BODY and len(payload) <= self.policy.max_bytes:
                body = payload
            elif kind == PAGE:
                return body, payload
            elif kind == FAILED:
                raise failure(payload.decode("ascii", "replace"))
        raise FetchFailed("broken")


def _silent(stage: str) -> None:
    pass


def _how_it_ended(note: int, late: bool) -> str:
    """The reason to give for a child that did not answer, from the signal that its mother noted."""
    ended = b""
    if not late:
        with contextlib.suppress(OSError):
            ended = _read_note(note)
    if not ended.strip().isdigit():
        return "timeout" if late else "interrupted"
    number = int(ended)
    if number == signal.SIGALRM:
        return "timeout"
    return (
        "too_heavy"
        if number in (signal.SIGXCPU, signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT)
        else "broken"
    )


def _read_note(note: int) -> bytes:
    ready, _, _ = select.select([note], [], [], _GRACE)
    return os.read(note, 16) if ready else b""
