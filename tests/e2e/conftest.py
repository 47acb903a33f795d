from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from . import plan, server, story
from .site import PageSite, data_folder, read_posts


def missing(what: str) -> None:
    """Skip, or fail where everything is to be tested."""
    if os.environ.get("BTM_TEST_ALL") == "1":
        pytest.fail(f"BTM_TEST_ALL=1, and {what}", pytrace=False)
    pytest.skip(what)


@pytest.fixture(scope="session")
def data() -> Path:
    folder = data_folder()
    if folder is None:
        missing("there is no development data: put it beside the checkout, or name it in BTM_TEST_DATA")
    assert folder is not None
    return folder


@pytest.fixture(scope="session")
def site(data: Path) -> Iterator[PageSite]:
    with PageSite(data).serving() as pages:
        yield pages


@pytest.fixture(scope="session")
def hunts(site: PageSite, data: Path) -> list[plan.Hunt]:
    return plan.draw(site, read_posts(data))


@pytest.fixture(scope="session")
def played(
    chromium: Any, site: PageSite, hunts: list[plan.Hunt], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[story.Record]:
    """The story, played to its end on a running product, which goes on running."""
    data_dir = tmp_path_factory.mktemp("played")
    with server.running(data_dir) as product:
        server.use_no_gold(data_dir)
        yield story.play(chromium, product, site, hunts)


@pytest.fixture(scope="session")
def fresh(
    chromium: Any, site: PageSite, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[server.Product]:
    """A product that nobody has used yet, patient enough for nobody to be slowed down, except at the log-in."""
    with server.running(
        tmp_path_factory.mktemp("fresh"), BTM_LIMIT_LOG_IN="3 per hour", BTM_FETCH_DEADLINE="60"
    ) as product:
        yield product


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of the story go to one worker, so that it is played once, and so do those of a product that nobody has used
    (`-n auto --dist loadgroup`)."""
    for item in items:
        for name in {"played", "fresh"}.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.xdist_group(name))
