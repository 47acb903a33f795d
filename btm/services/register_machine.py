"""Register a machine that was made elsewhere: an import path, or an HTTP endpoint."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from btm.rules import machines as law
from btm.rules.errors import Forbidden, Invalid
from btm.rules.permissions import may_administer
from btm.services.machines import MachineShelf
from btm.services.modelling import version_views
from btm.services.recording import record_machine
from btm.services.views_machines import MachineVersionView
from btm.store import machines, people
from btm.store.transaction import Session, reading, transaction
from classifiers.errors import MachineError
from classifiers.machine import Checked
from classifiers.page import Page

_VARIABLE = re.compile(r"BTM_MACHINE_KEY[A-Z0-9_]*")
_SAMPLES = (
    Page(title="A page", text="A page about nothing in particular, long enough to be read."),
    Page(url="https://www.example.com/", text="Another page, so that there are two.", language="en"),
)


def register_machine(
    name: str,
    *,
    path: str = "",
    url: str = "",
    labels: Sequence[str] = (),
    version: str = "",
    timeout: float = 10.0,
    batch: int = 32,
    key_variable: str = "",
    asker_id: int | None,
    shelf: MachineShelf,
    now: datetime,
) -> MachineVersionView:
    """Register a version (numbered on where none is given) of the machine at `path` (module:attribute) or at `url` (whose
    `labels` must be given), after asking it once. `key_variable` names the environment variable that holds the endpoint's key.
    asker_id: None for the operator, who alone may name an import path, because it runs code; an endpoint is for admins too.

    Raises Forbidden, and Invalid with the field to blame, also where the machine does not answer properly.
    """
    name = law.check_name(name)
    kind, location = _location(path.strip(), url.strip(), timeout, batch, key_variable.strip())
    with reading() as session:
        _check_asker(session, asker_id, kind)
        law.check_kind(name, kind, machines.kinds_of(session, name))
        version = _version(session, name, version.strip(), location)
    labels = _ask(shelf, name, version, kind, _labels(kind, labels), location)
    values = {
        "name": name, "version": version, "kind": kind, "labels": labels, "location": location,
        "card": _card(kind), "created_by": asker_id, "created_at": now,
    }  # fmt: skip
    with transaction() as session:
        row = machines.add_version(session, values)
        record_machine(session, row, "register_machine", asker_id, now)
        [view] = version_views(session, [row])
    return view


def _location(
    path: str, url: str, timeout: float, batch: int, key_variable: str
) -> tuple[str, dict[str, Any]]:
    if bool(path) == bool(url):
        raise Invalid("Give either an import path or the address of an endpoint.", field="url")
    if path:
        return "import", {"path": path}
    _check_url(url)
    if not 0.1 <= timeout <= 60:
        raise Invalid("The timeout is from 0.1 to 60 seconds.", field="timeout")
    if not 1 <= batch <= 1000:
        raise Invalid("A batch is from 1 to 1000 pages.", field="batch")
    if key_variable and not _VARIABLE.fullmatch(key_variable):
        raise Invalid(
            "The variable that holds the endpoint's key is called BTM_MACHINE_KEY, or BTM_MACHINE_KEY_ and more.",
            field="key_variable",
        )
    location = {"url": url, "timeout": timeout, "batch": batch}
    return "remote", location | ({"key_variable": key_variable} if key_variable else {})


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not url.isascii() or any(character <= " " for character in url):
        raise Invalid("An endpoint's address begins with http:// or https:// and names a host.", field="url")
    if "@" in parts.netloc:
        raise Invalid(
            "Leave name and password out of the address; put a key into an environment variable.", field="url"
        )


def _check_asker(session: Session, asker_id: int | None, kind: str) -> None:
    if asker_id is None:
        return
    if kind == "import":
        raise Forbidden(
            "An import path runs code, so it is registered at the command line only.", code="operator_only"
        )
    if not may_administer(people.roles_of(session, asker_id)):
        raise Forbidden("Endpoints are registered by admins.", code="not_admin")


def _version(session: Session, name: str, version: str, location: dict[str, Any]) -> str:
    known = machines.versions(session, name)
    if not version:
        same = [row.version for row in known if row.location == location]
        return same[0] if same else str(len(known) + 1)
    if len(version) > 40 or not version.isprintable():
        raise Invalid("A version has at most 40 characters.", field="version")
    for row in known:
        if row.version == version and row.location != location:
            raise Invalid(
                f"Version {version} of {name} is somewhere else already. Versions never change: give another one.",
                field="version",
            )
    return version


def _labels(kind: str, labels: Sequence[str]) -> list[str]:
    if kind == "import":
        return []
    given = [label.strip() for label in labels if label.strip()]
    if len(given) < 2 or len(set(given)) < len(given):
        raise Invalid("Name the endpoint's labels: two or more, no two the same.", field="labels")
    return given


def _ask(
    shelf: MachineShelf, name: str, version: str, kind: str, labels: list[str], location: dict[str, Any]
) -> list[str]:
    """Ask the machine about two pages. Returns its labels."""
    try:
        machine = Checked(shelf.open(name, version, kind, labels, location))
        machine.predict_proba(_SAMPLES)
    except MachineError as error:
        raise Invalid(
            f"The machine was asked about two pages and did not pass. {error}",
            field="url" if "url" in location else "path",
        ) from error
    return [str(label) for label in machine.classes_]


def _card(kind: str) -> dict[str, Any]:
    method = "asked over HTTP" if kind == "remote" else "an estimator of the operator's own"
    return {"task": "A machine that was made elsewhere.", "method": method}
