"""The worker's side of the zygote: starting it, restarting it when it died, and handing it requests."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

from btm.pages.reasons import FetchFailed
from btm.pages.zygote_request import REQUEST

_ROOT = Path(__file__).resolve().parents[2]
_KEPT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR", "RES_OPTIONS", "LOCALDOMAIN")
_END_SECONDS = 3.0


class Mother:
    """One zygote process, made when first needed. Safe to share between threads."""

    def __init__(self, entry: tuple[str, ...]) -> None:
        self._entry = entry
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._owner = 0

    def start(self) -> None:
        """Start the process, unless it runs already."""
        with self._lock:
            self._ensure()

    def send(self, seconds: float, data: int, note: int) -> None:
        """Ask for a child that lives at most `seconds`, on these two descriptors.

        Raises FetchFailed (`interrupted`) where no zygote can be started.
        """
        with self._lock:
            for _ in range(2):
                try:
                    socket.send_fds(self._ensure(), [REQUEST.pack(seconds)], [data, note])
                    return
                except OSError:
                    self._drop()
        raise FetchFailed("interrupted")

    def close(self) -> None:
        """End the process and all its children."""
        with self._lock:
            self._drop()

    def _ensure(self) -> socket.socket:
        if self._owner != os.getpid():  # a fork of the worker: the zygote is the parent's
            self._process, self._owner = None, os.getpid()
            if self._control is not None:
                self._control.close()
                self._control = None
        if self._control is None or self._process is None or self._process.poll() is not None:
            self._drop()
            self._launch()
        assert self._control is not None  # noqa: S101 - for the type checker
        return self._control

    def _launch(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # None of the worker's environment goes along but this: secrets and proxies stay here.
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment |= {"PYTHONPATH": str(_ROOT), "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", *self._entry, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
                cwd="/",
            )
        self._control = ours

    def _drop(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_END_SECONDS)
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()
            self._process = None
