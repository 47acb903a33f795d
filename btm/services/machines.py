"""Machines by name, loaded once a process. Shared by the services that ask a machine."""

from __future__ import annotations

import threading

from btm.store.tables_challenges import DbMachine
from btm.store.tables_play import DbPage
from classifiers import machine as machines
from classifiers.errors import MachineRefused
from classifiers.machine import Checked, Machine
from classifiers.page import Page

_loaded: dict[tuple[str, str], Machine] = {}
_lock = threading.Lock()


def get_machine(row: DbMachine) -> Machine:
    """The machine behind a row, its output checked at every call. Raises classifiers.errors.MachineError."""
    key = (row.name, row.version)
    with _lock:
        if key not in _loaded:
            machine = machines.load_default(row.name)
            if machine.version != row.version:
                raise MachineRefused(f"version {row.version} of {row.name} is not here; {machine.version} is")
            _loaded[key] = Checked(machine)
        return _loaded[key]


def as_page(page: DbPage) -> Page:
    """A stored page as a machine reads it."""
    return Page(
        url=page.final_url,
        title=page.title,
        description=page.description,
        headings=tuple(page.headings),
        text=page.text,
        links=tuple(page.links),
        language=page.language,
    )
