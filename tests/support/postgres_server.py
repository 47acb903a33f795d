"""A PostgreSQL server of a test's own, in a temporary folder, that may be killed and started again. Never the one that others use."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .product import free_port


def find_programs() -> Path | None:
    """The folder of the newest server that is installed."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(found, key=lambda path: float(path.parent.name), default=None)


class Server:
    """One server. `url` names its database."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs, self._folder, self._port = programs, folder, free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        """Make it and start it."""
        self._run(
            "initdb",
            "-D",
            str(self._folder / "data"),
            "-A",
            "trust",
            "-U",
            "postgres",
            "--no-sync",
            "-E",
            "UTF8",
        )
        options = f"-p {self._port} -k {self._folder} -c listen_addresses=127.0.0.1 -c max_connections=200"
        self._control("start", "-o", options, "-l", str(self._folder / "log"))

    def crash_and_start(self) -> None:
        """End it as a power cut would, and start it again: it recovers from its log."""
        self._control("restart", "-m", "immediate", "-l", str(self._folder / "log"))

    def stop(self) -> None:
        """For good."""
        self._control("stop", "-m", "immediate")

    def _control(self, verb: str, *options: str) -> None:
        self._run("pg_ctl", verb, "-D", str(self._folder / "data"), "-w", *options)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        if os.geteuid() == 0:  # the server refuses to run as root
            command = ["runuser", "-u", "postgres", "--", *command]
        done = subprocess.run(
            command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr.decode(errors="replace")


@contextmanager
def own_postgres() -> Iterator[Server]:
    """A fresh server until the block ends. Skips where none is installed (with BTM_TEST_ALL=1 it fails)."""
    programs = find_programs()
    if programs is None:
        if os.environ.get("BTM_TEST_ALL") == "1":
            pytest.fail("BTM_TEST_ALL=1, and no PostgreSQL server is installed under /usr/lib/postgresql")
        pytest.skip("no PostgreSQL server is installed under /usr/lib/postgresql")
    folder = Path(tempfile.mkdtemp(prefix="btm-pg-"))
    try:
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(folder, user.pw_uid, user.pw_gid)
        server = Server(programs, folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
