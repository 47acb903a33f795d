"""How long answers take in a challenge, and which came too fast for anybody to have read the page.

Times to answer are spread evenly about their middle on a logarithmic scale (W. van der Linden, "A lognormal model for response
times on test items", Journal of Educational and Behavioral Statistics 31, 2006), so a challenge is measured against its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

LEAST_SECONDS = 0.1
"""Shorter times, and clocks that went backwards, are taken as this."""
LEAST_SD = 0.25
"""Where all answer in nearly the same time, a little less than usual is still nothing to hold against anybody."""
NEVER_HASTY_SECONDS = 10.0
"""In so long anybody may have seen what a page is, however long others take."""
MAD_TO_SD = 1.4826
"""The median distance from the median, times this, is the standard deviation of a normal distribution."""


class PaceSettings(Protocol):
    """What `is_hasty` reads of a challenge's rules."""

    @property
    def too_fast_z(self) -> float: ...
    @property
    def too_fast_least(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Pace:
    """The middle and spread of ln(seconds) over `count` answers."""

    mean: float
    sd: float
    count: int


def measure(seconds: ArrayLike) -> Pace:
    """The pace of these answers, shape (n,), by the median and the median distance from it, which a few clickers do not move.

    Without answers the pace has count 0. Raises ValueError where a time is no finite number.
    """
    times = np.asarray(seconds, dtype=float).ravel()
    if not np.isfinite(times).all():
        raise ValueError("seconds must be finite numbers")
    if times.size == 0:
        return Pace(0.0, LEAST_SD, 0)
    logs = np.log(times.clip(LEAST_SECONDS))
    middle = float(np.median(logs))
    spread = float(np.median(np.abs(logs - middle))) * MAD_TO_SD
    return Pace(middle, max(LEAST_SD, spread), int(times.size))


def is_hasty(seconds: float, pace: Pace, settings: PaceSettings) -> bool:
    """Whether an answer came too fast: ln(seconds) more than `too_fast_z` standard deviations below the middle.

    Never while fewer than `too_fast_least` answers are known, and never for one that took NEVER_HASTY_SECONDS or longer.
    """
    if pace.count < settings.too_fast_least or seconds >= NEVER_HASTY_SECONDS:
        return False
    return math.log(max(seconds, LEAST_SECONDS)) < pace.mean - settings.too_fast_z * pace.sd
