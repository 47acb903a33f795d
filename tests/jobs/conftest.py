from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ..support.databases import scratch_postgres, scratch_redis
from ..support.product import Product


@pytest.fixture(autouse=True)
def linux_only() -> None:
    if sys.platform != "linux":
        pytest.skip("these tests look into /proc")


@pytest.fixture
def make_product(tmp_path: Path) -> Iterator[Callable[..., Product]]:
    """Make an instance with a data folder of its own; keywords are settings without BTM_."""
    made: list[Product] = []

    def make(cwd: Path | None = None, **settings: str) -> Product:
        environ = {"BTM_DATA_DIR": str(tmp_path / "data"), "BTM_WORKER_THREADS": "4", **settings}
        made.append(Product(environ, *([cwd] if cwd else [])))
        return made[-1]

    yield make
    for product in made:
        product.end()


@pytest.fixture(params=["sqlite", "postgres"])
def storage(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """Settings of both set-ups: SQLite alone; PostgreSQL, with Redis as the queue where there is one."""
    if request.param == "sqlite":
        yield {}
        return
    with scratch_postgres() as url, scratch_redis() as queue:
        yield {"BTM_DATABASE_URL": url, **queue}
