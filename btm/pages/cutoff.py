"""An end to a conversation, whatever the other side does. A socket's own timeout begins anew with every byte that comes, so whoever
drips holds us for as long as they like."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType


class CutOff:
    """Within it, every connection that it watches is shut down once `seconds` are over; whoever reads then reads an end."""

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self._lock = threading.Lock()
        self._watched: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> CutOff:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            for handle in self._watched:
                handle.close()
            self._watched.clear()

    def watch(self, sock: socket.socket) -> None:
        """Have a connection end in time. A handle of our own is kept: TLS takes the given one over."""
        with self._lock:
            self._watched.append(sock.dup())
            if self.is_over:
                self._shut_down()

    def _end(self) -> None:
        with self._lock:
            self.is_over = True
            self._shut_down()

    def _shut_down(self) -> None:
        for handle in self._watched:
            with contextlib.suppress(OSError):  # the other side has closed it
                handle.shutdown(socket.SHUT_RDWR)
