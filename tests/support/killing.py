"""Real death: a forked child does something, and is gone without a word at the n-th point at which that could matter."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import requests
from sqlalchemy import event

from btm.store.database import db

from .clock import WEDNESDAY_NOON, Clock

KILLED = 137
LONGEST_SECONDS = 60
WRITES = ("INSERT", "UPDATE", "DELETE")
_spared = [False]


class SharedClock(Clock):
    """One clock of a process and its children: whoever moves it, moves it for all."""

    def __init__(self) -> None:
        self._seconds = multiprocessing.RawValue("d", 0.0)

    def __call__(self) -> datetime:
        return WEDNESDAY_NOON + timedelta(seconds=self._seconds.value)

    def advance(self, **much: float) -> datetime:
        self._seconds.value += timedelta(**much).total_seconds()
        return self()


@contextmanager
def spared() -> Iterator[None]:
    """What only looks, for the test's own sake, is no point at which to be killed."""
    before, _spared[0] = _spared[0], True
    try:
        yield
    finally:
        _spared[0] = before


def dies(n: int, work: Callable[[], object], *, only_writes: bool = False) -> bool:
    """Have a child do `work`, killed at the n-th point: before a statement (only_writes: one that writes), before a commit, before or
    after a call of a platform. Returns whether it died of that; once n is beyond all points, it did not. Nothing of the child but what
    it wrote and sent is left.

    To be called inside an application context. The caller's connections are closed first, since a child must not share them.
    """
    db.engine.dispose()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the fakes' threads are asleep, and hold no lock
        child = os.fork()
    if child == 0:
        _live(n, work, only_writes)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, KILLED), f"the child ended with {code} at point {n}"
    return code == KILLED


def _live(n: int, work: Callable[[], object], only_writes: bool) -> None:
    """The child's whole life. Never returns, whatever happens."""
    code = 1
    gc.disable()  # it lives shortly, and would copy every page that it looks through
    try:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(LONGEST_SECONDS)
        _lay_mines(n, only_writes)
        work()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _lay_mines(n: int, only_writes: bool) -> None:
    passed = 0

    def tick(*_: object) -> None:
        nonlocal passed
        if _spared[0]:
            return
        passed += 1
        if passed == n:
            os._exit(KILLED)

    def around(call: Callable[..., Any]) -> Callable[..., Any]:
        def made(*given: Any, **named: Any) -> Any:
            tick()
            answer = call(*given, **named)
            tick()
            return answer

        return made

    def at_statement(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not only_writes or statement.split(None, 1)[0].upper() in WRITES:
            tick()

    event.listen(db.engine, "before_cursor_execute", at_statement)
    event.listen(db.engine, "commit", tick)
    requests.Session.send = around(requests.Session.send)  # type: ignore[method-assign]
    from botocore.httpsession import URLLib3Session

    URLLib3Session.send = around(URLLib3Session.send)
