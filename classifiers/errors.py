"""What can go wrong with a machine, by name. Each message is a sentence that a person can act on."""

from __future__ import annotations


class MachineError(Exception):
    """Any trouble with a machine. A caller that must lose nothing catches this one."""


class MachineNotFound(MachineError, LookupError):
    """There is no machine of that name, folder or import path."""


class MachineRefused(MachineError, ValueError):
    """A machine's file is not loaded, because it is unsafe, damaged or not what it says that it is."""


class MachineUnavailable(MachineError):
    """The machine cannot be asked now: it is slow, down or failing. Ask again later; nothing is lost.

    `retry_after`: seconds after which asking again makes sense.
    """

    def __init__(self, message: str, retry_after: float = 30.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class MachineMisbehaved(MachineError):
    """The machine answered, and the answer is no probability for each label: wrong in shape, NaN, negative."""
