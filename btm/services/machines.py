"""Machines by their rows, loaded once a process. Shared by the services that ask a machine."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from btm.pages.snapshot import SnapshotDamaged, SnapshotMissing, SnapshotStore
from btm.services.bulkhead import Bulkhead
from btm.store.tables_challenges import DbMachine
from btm.store.tables_play import DbPage
from classifiers import machine as machines
from classifiers.correction import load_corrected
from classifiers.errors import MachineError, MachineRefused
from classifiers.foreign import from_import_path
from classifiers.machine import Checked, Machine
from classifiers.packing import unpack
from classifiers.page import Page
from classifiers.remote import RemoteMachine, RemoteOptions

_loaded: dict[tuple[str, str], Machine] = {}
_locks: dict[tuple[str, str], threading.Lock] = {}
_guard = threading.Lock()


class MachineShelf:
    """Hands out machines. Each is loaded once a process, and while one loads, nobody waits who wants another.

    `cache_dir`: where packed machines are unpacked, to be mapped into memory by every process of this computer.
    `secret`: the value of an environment variable, for the key of a remote machine.
    """

    def __init__(
        self,
        snapshots: SnapshotStore,
        cache_dir: str | Path,
        secret: Callable[[str], str | None] = os.environ.get,
    ) -> None:
        self._snapshots = snapshots
        self._cache = Path(cache_dir)
        self._secret = secret

    def get(self, row: DbMachine) -> Machine:
        """The machine behind a row, its output checked at every call. Raises classifiers.errors.MachineError."""
        return self.find(row.name, row.version, row.kind, row.labels, row.location)

    def find(
        self, name: str, version: str, kind: str, labels: list[str], location: Mapping[str, Any]
    ) -> Machine:
        """As `get`, without a row. Raises MachineError."""
        key = (name, version)
        if key in _loaded:
            return _loaded[key]
        with _guard:
            lock = _locks.setdefault(key, threading.Lock())
        with lock:
            if key not in _loaded:
                _loaded[key] = Checked(self.open(name, version, kind, labels, location))
            return _loaded[key]

    def open(
        self, name: str, version: str, kind: str, labels: list[str], location: Mapping[str, Any]
    ) -> Machine:
        """The machine at a location, loaded anew and unchecked. Raises MachineError."""
        try:
            if kind == "default":
                return _shipped(name, version)
            if kind == "trained":
                return self._artifact(location["artifact"], machines.load)
            if kind == "corrected":
                below = self.find(**parts_of(location["base"]))
                return self._artifact(location["artifact"], lambda folder: load_corrected(folder, below))
            if kind == "import":
                return from_import_path(location["path"], name=name, version=version)
            if kind == "remote":
                return Bulkhead(self._remote(name, version, labels, location), _options(location).timeout)
        except MachineError:
            raise
        except Exception as error:
            raise MachineRefused(f"The machine {name!r} does not load: {type(error).__name__}.") from error
        raise MachineRefused(f"The machine {name!r} is of the kind {kind!r}, which is not known here.")

    def _artifact(self, key: str, load: Callable[[Path], Machine]) -> Machine:
        folder = self._cache / key
        if folder.is_dir():
            try:
                return load(folder)
            except MachineError:  # a damaged copy: the original is in the store
                shutil.rmtree(folder, ignore_errors=True)
        try:
            packed = self._snapshots.get(key)
        except (SnapshotMissing, SnapshotDamaged) as error:
            raise MachineRefused(
                "The machine's file is missing or damaged in the store. Train it anew."
            ) from error
        unpack(packed, folder)
        return load(folder)

    def _remote(
        self, name: str, version: str, labels: list[str], location: Mapping[str, Any]
    ) -> RemoteMachine:
        headers = {}
        if variable := location.get("key_variable"):
            key = self._secret(variable)
            if not key:
                raise MachineRefused(f"The key of {name!r} belongs into {variable}, which is not set here.")
            headers["Authorization"] = f"Bearer {key}"
        return RemoteMachine(
            location["url"], labels, name=name, version=version, headers=headers, options=_options(location)
        )


def answer_seconds(row: DbMachine) -> float:
    """How long asking this machine may take at worst."""
    location = row.location["base"]["location"] if row.kind == "corrected" else row.location
    if "url" not in location:
        return 0.0
    options = _options(location)
    return (options.timeout * (options.retries + 1)) + options.timeout * (4 * options.retries + 1)


def parts_of(base: Mapping[str, Any]) -> dict[str, Any]:
    """What is to be known of the machine below a correction in order to load it, from the correction's location."""
    return {key: base[key] for key in ("name", "version", "kind", "labels", "location")}


def _shipped(name: str, version: str) -> Machine:
    machine = machines.load_default(name)
    if machine.version != version:
        raise MachineRefused(f"Version {version} of {name!r} is not here any more; {machine.version} is.")
    return machine


def _options(location: Mapping[str, Any]) -> RemoteOptions:
    given = {key: location[key] for key in ("timeout", "batch", "retries") if key in location}
    return RemoteOptions(**{"retries": 1, **given})


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
