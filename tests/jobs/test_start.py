"""`python app.py` as its operator meets it."""

from __future__ import annotations

import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ..support.product import ROOT, Browser, Product, wait_for

Make = Callable[..., Product]


def test_the_first_start_makes_an_admin_and_later_starts_lose_nothing(
    make_product: Make,
) -> None:
    product = make_product()
    product.start()
    said = re.search(r"Name: admin +One-time password: (\S+)", product.output)
    assert said, product.output
    ada = Browser(product)
    ada.register("ada")
    assert product.stop() == 0
    assert wait_for(lambda: not product.processes(), 10, f"left behind: {product.processes()}")

    product.start()
    assert "password" not in product.output
    assert "ada" in ada.get("/me/settings").text, "her session went on"
    assert Browser(product).log_in("admin", said[1])
    assert Browser(product).log_in("ada", "a fine long password")
    assert product.stop(signal.SIGINT) == 0
    assert wait_for(lambda: not product.processes(), 10, f"left behind: {product.processes()}")


def test_when_the_parent_is_killed_its_parts_end_too(make_product: Make) -> None:
    product = make_product()
    product.start()
    assert wait_for(lambda: product.processes("btm.worker"), 10, "no worker")
    product.stop(signal.SIGKILL)
    wait_for(lambda: not product.processes(), 15, f"left behind: {product.processes()}")


def test_it_starts_from_any_folder(make_product: Make, tmp_path: Path) -> None:
    product = make_product(cwd=tmp_path, BTM_DATA_DIR="data")
    product.start()
    Browser(product).register("ada")
    assert (tmp_path / "data" / "btm.db").exists()
    product.environ["BTM_DATA_DIR"] = str(tmp_path / "data")
    assert wait_for(lambda: product.processes("btm.worker"), 10, "the worker works elsewhere")


def refused(product: Product) -> str:
    """Start what cannot start; returns its one line of complaint."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "app.py"), "--port", str(product.port)],
        env=product.environ, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    [line] = done.stderr.strip().splitlines()
    return line


def test_a_port_that_is_taken_is_said_plainly(make_product: Make) -> None:
    product = make_product()
    with socket.socket() as other:
        other.bind(("127.0.0.1", product.port))
        other.listen()
        line = refused(product)
    assert line.startswith(f"Cannot start: 127.0.0.1:{product.port} is taken")
    assert f"--port {product.port + 1}" in line


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BTM_WEB_THREADS", "many"),
        ("BTM_FETCH_ALLOW_PRIVATE", "everything"),
        ("BTM_DATABASE_URL", "no database at all"),
        ("BTM_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none"),
    ],
)
def test_a_setting_that_cannot_work_is_said_plainly(make_product: Make, name: str, value: str) -> None:
    line = refused(make_product(**{name: value}))
    assert line.startswith("Cannot start: ")
    assert name in line or "database" in line


def test_a_data_folder_that_cannot_be_written_is_said_plainly(make_product: Make, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert "file" in refused(make_product(BTM_DATA_DIR=str(tmp_path / "file")))


def test_a_port_beyond_all_ports_is_a_mistake_of_usage(make_product: Make) -> None:
    product = make_product()
    product.port = 70_000
    done = subprocess.run(
        [sys.executable, str(ROOT / "app.py"), "--port", "70000"],
        env=product.environ, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    shutil.rmtree(product.environ["BTM_DATA_DIR"], ignore_errors=True)
