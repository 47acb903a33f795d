"""Servers and readers for the tests of this floor."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from btm.pages.reader import PageReader

from .hostile import HostileServer
from .support import loopback_policy


@pytest.fixture(scope="module")
def reader() -> Iterator[PageReader]:
    """A reader of loopback with a deadline of 2.5 seconds."""
    with PageReader(loopback_policy()) as made:
        made.start()
        yield made


@pytest.fixture
def server() -> Iterator[HostileServer]:
    """A misbehaving server."""
    with HostileServer() as made:
        yield made
