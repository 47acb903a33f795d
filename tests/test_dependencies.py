"""What the product is made of: locked whole, with hashes, and under licences that it may be used under."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from .support.licences import asked_for, is_allowed, licence_of, plain, whole_tree

ROOT = Path(__file__).resolve().parent.parent
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
LISTED = dict(
    re.findall(
        r"^\| (?!package)([\w.-]+) \| (.+) \|$",
        (ROOT / "docs/licences.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
)


def entries() -> list[tuple[Requirement, list[str]]]:
    """What each entry of the lock pins, and its hashes."""
    parsed = []
    for entry in re.split(r"\n(?=\S)", LOCK):
        if not entry.startswith("#"):
            head, *hashes = [line.strip().removesuffix("\\").strip() for line in entry.strip().splitlines()]
            parsed.append((Requirement(head), hashes))
    return parsed


def locked() -> dict[str, str]:
    """The version of each package that is installed from the lock on this Python and system."""
    here = [pin for pin, _ in entries() if pin.marker is None or pin.marker.evaluate()]
    pinned = {plain(pin.name): version_of(pin) for pin in here}
    assert len(pinned) == len(here)
    return pinned


def version_of(pin: Requirement) -> str:
    (only,) = pin.specifier
    assert only.operator == "==", pin
    return only.version


def test_every_entry_of_the_lock_is_one_version_with_hashes() -> None:
    for pin, hashes in entries():
        assert version_of(pin)
        assert hashes, pin
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", line) for line in hashes), pin


def test_the_lock_names_no_place_that_packages_come_from() -> None:
    assert "://" not in LOCK
    assert "-index" not in LOCK


def test_the_lock_pins_what_the_requirements_pin() -> None:
    asked = {plain(wish.name): version_of(wish) for wish in asked_for()}
    assert len(asked) > 30
    assert asked.items() <= locked().items(), "requirements.txt has changed: run `make lock`"


def test_the_lock_holds_every_package_of_the_tree_at_a_version_that_all_who_need_it_take() -> None:
    pinned = locked()
    found, wishes = whole_tree()
    assert set(found) == set(pinned), "run `make lock`"
    for wish in wishes:
        assert wish.specifier.contains(pinned[plain(wish.name)], prereleases=True), wish


def test_every_package_is_listed_with_its_licence() -> None:
    assert set(LISTED) == {plain(pin.name) for pin, _ in entries()}, "run `make lock`"
    assert {name: licence_of(part) for name, part in whole_tree()[0].items()}.items() <= LISTED.items(), (
        "run `make lock`"
    )


def test_no_package_s_licence_binds_the_product_to_the_gpl() -> None:
    assert not {name: licence for name, licence in LISTED.items() if not is_allowed(licence)}
    assert {name for name, licence in LISTED.items() if licence.startswith("LGPL")} == {
        "psycopg",
        "psycopg-binary",
    }


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [
        ("MIT", True), ("MPL-1.1 OR GPL-2.0-only", True), ("LGPL-3.0-only", True), ("Apache-2.0 AND MIT", True),
        ("GPL-3.0-or-later", False), ("AGPL-3.0", False), ("MIT AND GPL-2.0-only", False), ("GPLv2", False), ("", False),
    ],
)  # fmt: skip
def test_licences_are_told_apart(licence: str, allowed: bool) -> None:
    assert is_allowed(licence) is allowed
