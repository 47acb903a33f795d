from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .stages import Stage, stage


@pytest.fixture(params=["mturk", "prolific"])
def at(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    """Each platform in turn."""
    with stage(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def mturk(tmp_path: Path) -> Iterator[Stage]:
    with stage("mturk", tmp_path) as made:
        yield made


@pytest.fixture
def prolific(tmp_path: Path) -> Iterator[Stage]:
    with stage("prolific", tmp_path) as made:
        yield made
