"""What the tests in a real browser share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from axe_playwright_python.sync_playwright import Axe

from ..support.looks import looks


def inspect(page: Any) -> None:
    """Nothing for axe to find in any look, and nothing wider than the screen."""
    for (width, height), scheme in looks():
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found = Axe().run(page)
        assert found.violations_count == 0, f"{width} {scheme}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{width} overflows"


def wait_until(page: Any, holds: Callable[[], Any]) -> None:
    for _ in range(100):
        if holds():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it did not happen within five seconds")
