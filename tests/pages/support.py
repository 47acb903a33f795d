"""What the tests of this floor share: the hostile cases, which of them a test covers, and short-lived readers."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from btm.pages.policy import Policy, parse_networks
from btm.pages.reader import PageReader
from btm.pages.reasons import ReadFailed

LOOPBACK = parse_networks("127.0.0.0/8,::1/128")
NAMES = (
    ("pub.test", ("127.0.0.1",)),
    ("www.pub.test", ("127.0.0.1",)),
    ("other.test", ("127.0.0.1",)),
    ("sub.other.test", ("127.0.0.2",)),
)
LIVE_KINDS = (
    "ip-literal",
    "metadata",
    "ipv6",
    "parser",
    "scheme",
    "port",
    "dns",
    "redirect",
    "response",
    "html",
)
APP_KINDS = ("display", "abuse")
"""What needs the whole product: tests/hostile."""

covered: set[str] = set()
Test = TypeVar("Test", bound=Callable[..., Any])


def covers(*cases: str) -> Callable[[Test], Test]:
    """Says which cases of the hostile list a test plays out; another test checks that none is left over."""
    covered.update(cases)

    def same(test: Test) -> Test:
        return test

    return same


def data_file(*names: str) -> Path:
    """A file of the development data; skips the test where it is absent, unless BTM_TEST_ALL=1."""
    root = Path(os.environ.get("BTM_TEST_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
    path = root.joinpath(*names)
    if not path.exists():
        if os.environ.get("BTM_TEST_ALL") == "1":
            pytest.fail(f"{'/'.join(names)} is missing from the development data")
        pytest.skip("the development data is not beside the checkout (see CONTRIBUTING.md)")
    return path


def hostile_cases() -> list[dict[str, Any]]:
    """The list of hostile fetches, or nothing where it is absent (for parametrising)."""
    try:
        cases: list[dict[str, Any]] = json.loads(data_file("hostile_fetches.json").read_text())
    except (pytest.skip.Exception, pytest.fail.Exception):
        return []
    return cases


def loopback_policy(**changes: Any) -> Policy:
    """A policy that opens loopback, knows the test names, and has little patience."""
    return Policy(**{"allow_private": LOOPBACK, "resolve_map": NAMES, "deadline": 2.5, **changes})


def reason_of(reader: PageReader, url: str) -> str:
    """The reason for which a page is not read; `read` if it is."""
    try:
        reader.read(url)
    except ReadFailed as failed:
        return failed.reason
    return "read"


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fails where the block takes longer."""
    started = time.monotonic()
    yield
    took = time.monotonic() - started
    assert took <= seconds, f"took {took:.2f} s, of {seconds} s allowed"


class PeakMemory:
    """Watches the children of a reader's mother and keeps the largest resident size seen, in bytes."""

    def __init__(self, mother: int) -> None:
        self.peak = 0
        self._children = Path(f"/proc/{mother}/task/{mother}/children")
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> PeakMemory:
        if not self._children.exists():
            pytest.skip("this system does not list a process's children")
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.01):
            for pid in self._read(self._children).split():
                for line in self._read(Path(f"/proc/{pid}/status")).splitlines():
                    if line.startswith("VmHWM:"):
                        self.peak = max(self.peak, int(line.split()[1]) * 1024)

    @staticmethod
    def _read(path: Path) -> str:
        try:
            return path.read_text()
        except OSError:
            return ""


def running_children(mother: int) -> list[int]:
    """The living children of a mother."""
    try:
        return [int(pid) for pid in Path(f"/proc/{mother}/task/{mother}/children").read_text().split()]
    except OSError:
        return []


def eventually(condition: Callable[[], bool], seconds: float = 3.0) -> bool:
    """Whether the condition comes true in time."""
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        if condition():
            return True
        time.sleep(0.02)
    return condition()
