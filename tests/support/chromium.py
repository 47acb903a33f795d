"""A Chromium without a window: the lean headless build where there is one, else the whole browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium_path() -> str:
    """The program named in BTM_CHROMIUM, or the first of NAMES. Skips the test where there is none (with BTM_TEST_ALL=1 it fails
    instead)."""
    path = os.environ.get("BTM_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        why = "there is no Chromium here: install it, or name it in BTM_CHROMIUM"
        if os.environ.get("BTM_TEST_ALL") == "1":
            pytest.fail(f"BTM_TEST_ALL=1, and {why}", pytrace=False)
        pytest.skip(why)
    return path


@contextmanager
def running(playwright: Any) -> Iterator[Any]:
    """The browser, until the block ends."""
    browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
    yield browser
    browser.close()
