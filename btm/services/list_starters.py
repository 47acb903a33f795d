"""Ready starting points for a new challenge, and those challenges that ship with the product."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

from btm.rules.design import Design
from btm.rules.errors import NotFound
from btm.services.challenge_files import read_challenge_file
from btm.services.views_authoring import Starter

STARTERS, SHIPPED = (Path(__file__).resolve().parent.parent / name for name in ("starters", "shipped"))


def list_starters() -> list[Starter]:
    """All starting points, those that fit most hunts first."""
    return [
        Starter(
            name,
            design.title,
            design.sought,
            tuple(label.name for label in design.labels),
            (SHIPPED / f"{name}.yaml").exists(),
        )
        for name, design in _designs().items()
    ]


def read_starter(name: str) -> Design:
    """The design of a starting point, without an address and a topic of its own. Raises NotFound."""
    design = _designs().get(name)
    if design is None:
        raise NotFound(f"There is no starting point called {name!r}. There are {', '.join(_designs())}.")
    return replace(design, slug="", topic="")


@cache
def _designs() -> dict[str, Design]:
    return {
        path.stem: read_challenge_file(path.read_bytes())
        for folder in (STARTERS, SHIPPED)
        for path in sorted(folder.glob("*.yaml"))
    }
