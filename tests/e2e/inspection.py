"""What must hold of every page, at every look of tests/support/looks.py; and pictures of it where BTM_SCREENSHOTS names a folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe

from ..support.looks import DESK, PHONE, is_thorough, looks
from .people import Watch

MOST_TABS = 80
LONGEST_PICTURE = 6000
FOCUS = """() => {
  const drawn = (one) => {
    const style = getComputedStyle(one);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  };
  let one = document.activeElement;
  for (let up = 0; one && up < 5; up += 1, one = one.parentElement) if (drawn(one)) return true;
  return false;
}"""
"""Whether a ring is drawn around what has the focus, or around the row that it fills."""


def look_over(page: Any, name: str, watch: Watch) -> None:
    """Nothing for axe to find, nothing wider than the phone, nothing in the console. All faults are told at once."""
    faults: list[str] = []
    already = len(watch.complaints)
    for (width, height), scheme in looks():
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        if (width, height) == PHONE or is_thorough():  # tests/web lets axe see the same templates on a desk
            found = Axe().run(page)
            if found.violations_count:
                faults.append(f"{width} {scheme}: {found.generate_report()}")
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            faults.append(f"{width} {scheme}: {wide} px too wide")
        picture(page, f"{name}-{width}-{scheme}")
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    faults += watch.complaints[already:]
    assert not faults, f"{name} ({page.url}):\n" + "\n".join(faults)


def picture(page: Any, name: str) -> None:
    folder = os.environ.get("BTM_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        is_short = page.evaluate("document.documentElement.scrollHeight") <= LONGEST_PICTURE
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=is_short)


def tab_to(page: Any, selector: str) -> None:
    """Reach an element with the Tab key alone, from the top of the page, and see where one is."""
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            assert page.evaluate(FOCUS), f"{selector} has the focus, and does not show it"
            return
    raise AssertionError(f"{selector} cannot be reached with the Tab key on {page.url}")
