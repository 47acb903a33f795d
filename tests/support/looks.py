"""At which width and in which colours the tests in a real browser look at a page.

A desk is light and a phone dark. The other two have nothing of their own, the layout of the one and the colours of the other, and are looked at where
pictures are taken (BTM_SCREENSHOTS) or time is no matter (BTM_TEST_LONG=1).
"""

from __future__ import annotations

import os

DESK, PHONE = (1280, 800), (390, 844)
USUAL = ((DESK, "light"), (PHONE, "dark"))
OTHERS = ((DESK, "dark"), (PHONE, "light"))


def is_thorough() -> bool:
    """Whether all four are looked at."""
    return os.environ.get("BTM_TEST_LONG") == "1" or "BTM_SCREENSHOTS" in os.environ


def looks() -> tuple[tuple[tuple[int, int], str], ...]:
    """(width and height, colour scheme), one after the other."""
    return USUAL + OTHERS if is_thorough() else USUAL
