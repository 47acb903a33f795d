"""The mother of the reading children: `python -m btm.pages.zygote FD`.

Small, single-threaded, with every parser loaded, so that a child costs a fork of a few milliseconds. It takes requests on a
control socket, two descriptors each: the child's own socket, and a pipe on which it leaves a note of how the child ended.
It ends, with all its children, when the control socket closes: when its worker ends, however that ends.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import select
import signal
import socket
import sys
import time
from dataclasses import dataclass

from btm.pages import child
from btm.pages.zygote_request import REQUEST

_GRACE = 0.5
_PR_SET_PDEATHSIG = 1


@dataclass
class _Child:
    note: int
    ends_at: float


class Zygote:
    """Forks a child a request, ends those that overstay, and notes how each ended."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._children: dict[int, _Child] = {}
        self._wake, self._woken = socket.socketpair()
        self._wake.setblocking(False)
        self._woken.setblocking(False)
        self._libc = _libc()

    def serve(self) -> None:
        """Work until the control socket closes."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, lambda signum, frame: None)
        signal.set_wakeup_fd(self._woken.fileno(), warn_on_full_buffer=False)
        child.warm_up()
        gc.collect()
        gc.freeze()  # keeps the children's pages shared
        try:
            while self._turn():
                pass
        finally:
            self._end_all()

    def _turn(self) -> bool:
        ready, _, _ = select.select([self._control, self._wake], [], [], self._patience())
        if self._wake in ready:
            with contextlib.suppress(BlockingIOError):
                self._wake.recv(4096)
        self._reap()
        self._end_overdue()
        return self._take() if self._control in ready else True

    def _take(self) -> bool:
        try:
            message, descriptors, _, _ = socket.recv_fds(self._control, REQUEST.size, 2)
        except OSError:
            return False
        if len(message) != REQUEST.size or len(descriptors) != 2:
            return False
        self._fork(descriptors[0], descriptors[1], REQUEST.unpack(message)[0])
        return True

    def _fork(self, data: int, note: int, seconds: float) -> None:
        mother = os.getpid()
        try:
            pid = os.fork()
        except OSError:
            os.close(data)
            os.close(note)
            return
        if pid == 0:
            self._be_child(data, mother)
        os.close(data)
        self._children[pid] = _Child(note, time.monotonic() + seconds + _GRACE)

    def _be_child(self, data: int, mother: int) -> None:
        try:
            if self._libc is not None:
                self._libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != mother:
                os._exit(0)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(data, 3)
            os.closerange(4, 4096)
            child.answer(socket.socket(fileno=3))
        finally:
            os._exit(0)

    def _reap(self) -> None:
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            ended = self._children.pop(pid, None)
            if ended is not None:
                with contextlib.suppress(OSError):
                    os.write(ended.note, b"%d\n" % (os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0))
                os.close(ended.note)

    def _end_overdue(self) -> None:
        now = time.monotonic()
        for pid, running in self._children.items():
            if now > running.ends_at:
                running.ends_at = now + _GRACE
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def _patience(self) -> float | None:
        if not self._children:
            return None
        return max(0.01, min(running.ends_at for running in self._children.values()) - time.monotonic())

    def _end_all(self) -> None:
        for pid in self._children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in self._children:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


def _libc() -> ctypes.CDLL | None:
    """The C library, on Linux, for the one call that Python lacks."""
    if not sys.platform.startswith("linux"):
        return None
    with contextlib.suppress(OSError):
        return ctypes.CDLL(None, use_errno=True)
    return None


def main() -> None:
    """Serve on the descriptor that the command line names."""
    Zygote(socket.socket(fileno=int(sys.argv[1]))).serve()


if __name__ == "__main__":
    main()
