"""Whose turn it is to write on SQLite, which has one writer at a time.

SQLite lets those who wait look again after ever longer sleeps, in no order: of sixteen who wait, some sleep while nobody writes. Here
the threads of a process stand in line, and of each process only the first in line asks, often, for a lock on a file beside the
database. Nothing rests on it but the time it takes: the database's own lock is what keeps writers apart, and whoever gets no turn in
time goes on to wait for that. The kernel ends the lock of a process that is killed.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # a system without it: its processes wait as SQLite does
    fcntl = None  # type: ignore[assignment]

LOOK_EVERY = 0.0007
LONGEST = 10.0
_lines: dict[str, threading.Lock] = {}
_making = threading.Lock()


@contextmanager
def write_turn(database: str | None) -> Iterator[None]:
    """Hold the turn to write to the SQLite database in this file, or none after LONGEST seconds of waiting."""
    if not database or database == ":memory:" or fcntl is None:
        yield
        return
    ends = time.monotonic() + LONGEST
    line = _line(database)
    is_first = line.acquire(timeout=LONGEST)
    lock = _lock_file(database, ends) if is_first else None
    try:
        yield
    finally:
        if lock is not None:
            os.close(lock)
        if is_first:
            line.release()


def _line(database: str) -> threading.Lock:
    with _making:
        return _lines.setdefault(database, threading.Lock())


def _lock_file(database: str, ends: float) -> int | None:
    """An open file whose lock is ours until it is closed; None where it could not be had."""
    path = Path(f"{database}-turn")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return None
    while time.monotonic() < ends:
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return descriptor
        time.sleep(LOOK_EVERY)
    os.close(descriptor)
    return None
