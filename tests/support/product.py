"""The product as processes: started as its operator does, used over HTTP, killed as fate does. Linux only (/proc)."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests

from . import texts

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(what: Callable[[], Any], seconds: float, why: str) -> Any:
    """Ask again and again until the answer is true; returns it. Fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := what():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"after {seconds} s: {why}")


def _heed_interrupts() -> None:
    """As in a terminal: what a script started in the background ignores Ctrl-C, and so would its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Product:
    """`python app.py` with its settings. `environ` holds BTM_* variables; all of them, and no others, are set."""

    def __init__(self, environ: dict[str, str], cwd: Path = ROOT) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        plain = {name: value for name, value in os.environ.items() if not name.startswith("BTM_")}
        self.environ = {**plain, **environ}
        self.cwd = cwd
        self.output = ""
        self.process: subprocess.Popen[str] | None = None

    def start(self, seconds: float = 60) -> float:
        """Start and wait until it says its address; returns how long that took."""
        started = time.monotonic()
        self.output = ""
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "app.py"), "--port", str(self.port)],
            cwd=self.cwd, env=self.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, preexec_fn=_heed_interrupts,
        )  # fmt: skip
        threading.Thread(target=self._read, args=(self.process,), daemon=True).start()
        wait_for(lambda: "Beat the Machine is at" in self.output, seconds, f"it did not start: {self.output}")
        return time.monotonic() - started

    def _read(self, process: subprocess.Popen[str]) -> None:
        for line in process.stdout or ():
            self.output += line

    def stop(self, how: signal.Signals = signal.SIGTERM, seconds: float = 20) -> int:
        """Send a signal to the parent alone; returns its exit code once it has ended."""
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(seconds)

    def processes(self, mark: str = "") -> list[int]:
        """The living processes that were started with this instance's data folder and whose command line has `mark`."""
        folder = f"BTM_DATA_DIR={self.environ['BTM_DATA_DIR']}\0".encode()
        found = []
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError, ValueError):
                number = int(entry.name)
                ours = folder in (entry / "environ").read_bytes() + b"\0"
                living = (entry / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
                if ours and living and mark.encode() in (entry / "cmdline").read_bytes():
                    found.append(number)
        return [number for number in found if number != os.getpid()]

    def kill_worker(self) -> int:
        """SIGKILL the worker, as soon as there is one; returns the id it had."""
        [number, *_] = wait_for(lambda: self.processes("btm.worker"), 20, "there is no worker to kill")
        os.kill(number, signal.SIGKILL)
        return int(number)

    def end(self) -> None:
        """Leave nothing behind."""
        if self.process is not None and self.process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.stop()
        for number in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)


class Browser:
    """Somebody with cookies."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.session = requests.Session()
        self.session.trust_env = False

    def get(self, path: str) -> requests.Response:
        return self.session.get(self.product.url + path, timeout=20)

    def post(self, path: str, form_on: str, **fields: str) -> requests.Response:
        """Post a form as it stands on the page `form_on`, with its CSRF token."""
        page = self.get(form_on).text
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert token, f"no form on {form_on}"
        return self.session.post(
            self.product.url + path, data={"csrf_token": token[1], **fields}, timeout=20,
            headers={"Referer": self.product.url + form_on},
        )  # fmt: skip

    def register(self, handle: str, password: str = "a fine long password") -> None:
        self.post("/register", "/register", handle=handle, password=password)
        assert handle in self.get("/me/settings").text

    def log_in(self, handle: str, password: str) -> bool:
        self.post("/login", "/login", handle=handle, password=password)
        return "/login" not in self.get("/me/settings").url

    def submit(self, slug: str, url: str) -> str:
        """Paste an address; returns the submission's public id."""
        answer = self.post(f"/c/{slug}/submissions", f"/c/{slug}", url=url)
        found = re.search(r"/s/(\w+)$", answer.url)
        assert found, (answer.status_code, answer.url, answer.text[:500])
        return found[1]


class SlowSite:
    """Pages `/1`, `/2`, ... of invented text, each of which takes `delay` seconds to come."""

    def __init__(self, delay: float) -> None:
        site = self
        self.delay = delay
        self.asked = 0
        self.answered = 0

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked += 1
                time.sleep(site.delay)
                site.answered += 1
                body = f"<title>Page {self.path}</title><p>{texts.text(self.path, 120)}</p>".encode()
                with contextlib.suppress(OSError):
                    self.send_response(200)
                    self.send_header("Content-Type", "text/html; charset=utf-8")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextlib.contextmanager
def slow_site(delay: float) -> Iterator[SlowSite]:
    """A SlowSite for the length of a test."""
    site = SlowSite(delay)
    try:
        yield site
    finally:
        site.close()
