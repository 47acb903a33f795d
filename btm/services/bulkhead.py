"""A wall around a machine that may be slow, so that it cannot hold all workers at once. Shared by the services."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from classifiers.errors import MachineUnavailable
from classifiers.machine import Machine, Wrapped
from classifiers.page import Page

MOST_AT_ONCE = 6


class Bulkhead(Wrapped):
    """A machine of which at most `most` calls run at a time; who cannot begin within `seconds` is told to come again."""

    def __init__(self, machine: Machine, seconds: float, most: int = MOST_AT_ONCE) -> None:
        super().__init__(machine)
        self._seconds = seconds
        self._places = threading.BoundedSemaphore(most)

    def predict_proba(self, pages: Sequence[Page | str]) -> NDArray[np.float64]:
        """As the machine's own. Raises MachineUnavailable where too many ask already."""
        if not self._places.acquire(timeout=self._seconds):
            raise MachineUnavailable(f"The machine {self.name!r} has too much to do now.", 5.0)
        try:
            return self.machine.predict_proba(pages)
        finally:
            self._places.release()
