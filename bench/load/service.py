"""The product under load: gunicorn, and a worker where one is asked for, as `python app.py` starts them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.server import free_port

ROOT = Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK")
OPEN = "1000000 per minute"


@dataclass(frozen=True)
class Service:
    """Where it listens, and the processes that it is."""

    port: int
    processes: tuple[subprocess.Popen[bytes], ...]

    def cpu(self) -> float:
        """Seconds of CPU that its processes and their children used so far."""
        return sum(_cpu_of(process.pid) for process in self.processes)


@contextmanager
def serving(
    environ: Mapping[str, str], *, workers: int, threads: int, with_worker: bool
) -> Iterator[Service]:
    """Serve the database that `environ` names. Limits for one person are lifted: here one stands for many."""
    port = free_port()
    limits = {f"BTM_LIMIT_{name}": OPEN for name in ("LOG_IN", "REGISTER", "PROBE", "JUDGE")}
    full = {**os.environ, **environ, **limits, "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1", "BTM_FETCH_ALLOW_PRIVATE": "127.0.0.0/8"}  # fmt: skip
    web = [
        sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", str(workers), "--threads", str(threads),
        "--worker-class", "gthread", "--timeout", "120", "--graceful-timeout", "2", "--log-level", "error", "app:app",
    ]  # fmt: skip
    commands = [web, [sys.executable, "-m", "btm.worker"]] if with_worker else [web]
    processes = tuple(
        subprocess.Popen(command, cwd=ROOT, env=full, start_new_session=True) for command in commands
    )
    try:
        _wait(port)
        yield Service(port, processes)
    finally:
        for process in processes:
            os.killpg(process.pid, signal.SIGTERM)
        for process in processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def _wait(port: int) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2)
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the service did not start")


def _cpu_of(pid: int) -> float:
    """Of a process and its living children, and of those that it waited for."""
    total = 0.0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parts = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(entry.name) == pid or int(parts[2]) == pid:  # the group that the process leads
                total += sum(int(part) for part in parts[11:13]) / TICKS
    return total
