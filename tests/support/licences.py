"""What the product is made of and under which licences: `make lock` writes it to docs/licences.md by `python -m tests.support.licences`."""

from __future__ import annotations

import re
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent.parent

SAID_ELSEWHERE = {
    "huey": "MIT",
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",
    "async-timeout": "Apache-2.0",
    "tzdata": "Apache-2.0",
}
"""Licences that a package's own files give, but not its metadata; and those of packages that only other Pythons or systems need."""
SPELLINGS = {
    "MIT License": "MIT",
    "BSD License": "BSD-3-Clause",
    "BSD": "BSD-3-Clause",
    "The BSD 2-Clause License": "BSD-2-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
}
TOP = """# Licences

Everything that `requirements.txt` brings along, by `make lock`. Where a package leaves the choice, the product takes the
first licence that is not the GPL. Why the LGPL of psycopg is no matter: [decision 2](decisions/0002-libraries.md).

| package | licence |
|---|---|
"""


def plain(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def asked_for(file: str = "requirements.txt") -> list[Requirement]:
    """The lines of a requirements file."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-r "))]


def whole_tree() -> tuple[dict[str, Distribution], list[Requirement]]:
    """Every installed distribution that requirements.txt leads to, by name, and every wish that any of them has on this Python."""
    waiting, wishes, found = asked_for(), [], {}
    met: set[tuple[str, str]] = set()
    while waiting:
        wish = waiting.pop()
        wishes.append(wish)
        name = plain(wish.name)
        found[name] = distribution(name)
        for extra in {"", *wish.extras}:
            if (name, extra) not in met:
                met.add((name, extra))
                needs = [Requirement(line) for line in found[name].requires or []]
                waiting += [
                    need for need in needs if not need.marker or need.marker.evaluate({"extra": extra})
                ]
    return found, wishes


def licence_of(distribution: Distribution) -> str:
    """A package's licence, in SPDX's words where its metadata can be brought to them."""
    meta = distribution.metadata
    classified = [line.split(" :: ")[-1] for line in meta.get_all("Classifier") or [] if "License ::" in line]
    free_text = meta.get("License") or ""
    short = free_text if "\n" not in free_text and len(free_text) < 40 else ""
    said = meta.get("License-Expression") or short or " AND ".join(classified)
    return SAID_ELSEWHERE.get(plain(meta["Name"])) or SPELLINGS.get(said, said)


def is_allowed(licence: str) -> bool:
    """Whether one of the licences to choose from has no part that is the GPL or AGPL. The LGPL is decided case by case."""
    choices = re.split(r"\s+OR\s+", licence.strip("()"))
    return any(choice and not re.search(r"(?<!L)GPL", choice) for choice in choices)


if __name__ == "__main__":
    listed = SAID_ELSEWHERE | {name: licence_of(found) for name, found in whole_tree()[0].items()}
    print(TOP + "\n".join(f"| {name} | {licence} |" for name, licence in sorted(listed.items())))
