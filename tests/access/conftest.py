from __future__ import annotations

from collections.abc import Iterator

import pytest

from .world import World, open_world


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The seeded game, made once for this folder."""
    with open_world(tmp_path_factory.mktemp("access")) as made, made.app.app_context():
        yield made


@pytest.fixture(autouse=True)
def afresh(world: World) -> None:
    """Each test finds the database as it was seeded."""
    world.put_back()
