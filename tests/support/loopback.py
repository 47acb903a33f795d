"""A server on loopback that a test drives from within: it keeps its state while clients come, are killed, and come again."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

DROP = object()
"""An answer that is none: the connection is closed without a word."""


class Loopback:
    """Answers requests one at a time. `answer` returns (status, body, content type), or DROP."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.skipped = 0.0
        """Seconds by which this server's clock is ahead."""
        self.calls: list[str] = []
        self._faults: list[tuple[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                with outer.lock:
                    answer = outer.answer(self.command, urlsplit(self.path), self.headers, body)
                if answer is DROP:
                    self.close_connection = True
                    return
                status, content, kind = answer
                data = content if isinstance(content, bytes) else json.dumps(content).encode()
                with contextlib.suppress(OSError):
                    self.send_response(status)
                    self.send_header("Content-Type", kind)
                    self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)

            do_GET = do_POST = do_DELETE = do_PATCH = _serve

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def answer(self, method: str, parts: Any, headers: Any, body: bytes) -> Any:
        raise NotImplementedError

    def fail_next(self, call: str, how: str) -> None:
        """Let the next call of this name fail: "lost" does it and drops the answer, "down" drops it undone, anything else is for
        the fake to understand (such as "throttled")."""
        self._faults.append((call, how))

    def fault_of(self, call: str) -> str:
        """How this call is to fail; an empty string where it is not."""
        for each in self._faults:
            if each[0] == call:
                self._faults.remove(each)
                return each[1]
        return ""

    def skip(self, *, hours: float) -> None:
        """Let time pass for this server."""
        self.skipped += hours * 3600

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextlib.contextmanager
def closing(server: Any) -> Iterator[Any]:
    """A server for the length of a test."""
    try:
        yield server
    finally:
        server.close()
