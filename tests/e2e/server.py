"""The product itself, started as a user starts it: `python app.py`, in a data folder of its own, and ended by SIGTERM.

Standard library only, so that the benches can use it too.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 120.0
STOP_SECONDS = 25.0
ADMIN = re.compile(r"Name: (\S+)\s+One-time password: (\S+)")


class Product:
    """A running instance: where it is, what it said, and its first admin."""

    def __init__(self, data_dir: Path, port: int, environ: Mapping[str, str]) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.environ = dict(environ)
        self.output: list[str] = []
        self._ready = threading.Event()
        self._marker = f"BTM_DATA_DIR={data_dir}".encode()
        self.process = subprocess.Popen(
            [sys.executable, "app.py", "--port", str(port)],
            cwd=ROOT, env=self.environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output.append(line)
            if "Beat the Machine is at" in line:
                self._ready.set()
        self._ready.set()

    def wait_until_ready(self) -> None:
        """Return once it serves. Raises AssertionError with its own words where it does not."""
        self._ready.wait(READY_SECONDS)
        said = "".join(self.output)
        is_up = "Beat the Machine is at" in said and self.process.poll() is None
        assert is_up, f"it did not start:\n{said}"

    @property
    def admin(self) -> tuple[str, str]:
        """The first admin's name and one-time password, as printed."""
        found = ADMIN.search("".join(self.output))
        assert found, f"no admin was announced:\n{''.join(self.output)}"
        return found[1], found[2]

    def command(self, *arguments: str) -> bytes:
        """Run `flask --app app btm ...` on this instance; its standard output."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "app", "btm", *arguments],
            cwd=ROOT, env=self.environ, capture_output=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def processes(self) -> list[int]:
        """Every living process of this instance, known by the data folder in its environment."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                try:
                    is_ours = self._marker in (entry / "environ").read_bytes().split(b"\0")
                    is_dead = (entry / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
                except OSError:
                    continue
                if is_ours and not is_dead:
                    found.append(int(entry.name))
        return found

    def stop(self) -> None:
        """End it by SIGTERM. Raises AssertionError where it was not clean: a wrong exit code, or a process left behind."""
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            code = None
        deadline = time.monotonic() + 5
        while self.processes() and time.monotonic() < deadline:
            time.sleep(0.05)
        left = self.processes()
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        self._reader.join(timeout=5)
        assert code == 0, f"SIGTERM ended it with {code}:\n{''.join(self.output)}"
        assert not left, f"processes {left} outlived it"


def use_no_gold(data_dir: Path) -> None:
    """Let no verdict become gold. When one does hangs on the minute at which the sweep comes by, and whom it is asked on a secret: how
    often a page is judged, and what is set aside for that, could not be foretold."""
    with closing(sqlite3.connect(data_dir / "btm.db", timeout=30)) as database, database:
        database.execute("UPDATE challenge SET rules = json_set(rules, '$.gold_pool', 0)")


@contextmanager
def running(data_dir: Path, **settings: str) -> Iterator[Product]:
    """The product in `data_dir`, allowed to fetch from loopback; more settings as BTM_*. Checked to end cleanly."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("BTM_")}
    environ.update(BTM_DATA_DIR=str(data_dir), BTM_FETCH_ALLOW_PRIVATE="127.0.0.0/8", **settings)
    product = Product(data_dir, free_port(), environ)
    try:
        product.wait_until_ready()
        yield product
    finally:
        product.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
