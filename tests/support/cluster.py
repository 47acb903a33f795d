"""The product's parts as an operator of several machines starts them: web and worker processes that can be killed one at a time.

Linux only (/proc). Whoever uses it over HTTP goes on at another web server when one is gone.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import requests

from .product import ROOT, free_port, wait_for

GIVE_UP_SECONDS = 90.0


class Part:
    """One process of the cluster, in a data folder of its own, as on a machine of its own."""

    def __init__(self, name: str, command: list[str], environ: dict[str, str], url: str = "") -> None:
        self.name, self.url = name, url
        self._command, self._environ = command, environ
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, cwd=ROOT, env=self._environ, start_new_session=True)

    def kill(self) -> None:
        """SIGKILL, for all that it is made of."""
        for number in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        self.process.wait(10)

    def start_again(self) -> None:
        """A new process in the place of the dead one."""
        self.process = self._start()

    def processes(self) -> list[int]:
        """Its living processes, known by a mark in their environment."""
        mark, found = f"BTM_TEST_PART={self.name}\0".encode(), []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                with contextlib.suppress(OSError):
                    if mark in (entry / "environ").read_bytes() + b"\0":
                        found.append(int(entry.name))
        return found

    def children(self) -> list[int]:
        """The processes that it started itself."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(word) for word in path.read_text().split()] if path.exists() else []

    def is_up(self) -> bool:
        """Whether this web server answers."""
        try:
            return requests.get(f"{self.url}/healthz", timeout=2).ok
        except requests.RequestException:
            return False


class Cluster:
    """Web servers and workers that share what `environ` names."""

    def __init__(
        self, environ: dict[str, str], folder: Path, *, webs: int, workers: int, web_processes: int = 1
    ) -> None:
        plain = {name: word for name, word in os.environ.items() if not name.startswith("BTM_")}
        self._environ = {**plain, **environ, "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
        self._folder, self._mark = folder, os.urandom(6).hex()
        self.webs = [self._web(number, web_processes) for number in range(webs)]
        self.workers = [self._worker(number) for number in range(workers)]

    def _own(self, name: str) -> dict[str, str]:
        shared = {"BTM_DATA_DIR": str(self._folder / name)} if "BTM_DATA_DIR" not in self._environ else {}
        return {**self._environ, **shared, "BTM_TEST_PART": f"{name}-{self._mark}"}

    def _web(self, number: int, processes: int) -> Part:
        port, name = free_port(), f"web{number}"
        command = [
            sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", str(processes), "--threads", "6",
            "--worker-class", "gthread", "--timeout", "60", "--graceful-timeout", "2", "--log-level", "critical", "app:app",
        ]  # fmt: skip
        return Part(f"{name}-{self._mark}", command, self._own(name), f"http://127.0.0.1:{port}")

    def _worker(self, number: int) -> Part:
        name = f"worker{number}"
        return Part(f"{name}-{self._mark}", [sys.executable, "-m", "btm.worker"], self._own(name))

    def wait(self) -> None:
        """Until every web server answers."""
        for web in self.webs:
            wait_for(web.is_up, 60, f"{web.name} did not start")

    def end(self) -> None:
        """Leave nothing behind."""
        for part in (*self.webs, *self.workers):
            part.kill()


@contextlib.contextmanager
def cluster(
    environ: dict[str, str], folder: Path, *, webs: int, workers: int, web_processes: int = 1
) -> Iterator[Cluster]:
    """A running cluster, ended with the block."""
    made = Cluster(environ, folder, webs=webs, workers=workers, web_processes=web_processes)
    try:
        made.wait()
        yield made
    finally:
        made.end()


class Person:
    """Somebody with cookies, who tries again, elsewhere, when a server is gone or its database is."""

    def __init__(self, cluster: Cluster, first: int = 0) -> None:
        self._urls = [web.url for web in cluster.webs]
        self._at = first % len(self._urls)
        self.session = requests.Session()
        self.session.trust_env = False
        self._token = ""
        self.retries = 0

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> requests.Response:
        """An answer that is not an error of the server's, however long that takes (within reason)."""
        until = time.monotonic() + GIVE_UP_SECONDS
        while True:
            url = self._urls[self._at]
            try:
                answer = self.session.request(
                    method, url + path, data=form, timeout=15, headers={"Referer": f"{url}/"}
                )
                if answer.status_code < 500:
                    return answer
                problem = f"{answer.status_code}"
            except requests.RequestException as error:
                problem = type(error).__name__
            assert time.monotonic() < until, f"{method} {path}: {problem} for {GIVE_UP_SECONDS} s"
            self.retries += 1
            self._at = (self._at + 1) % len(self._urls)
            time.sleep(0.15)

    def post(self, path: str, form_on: str, **fields: str) -> requests.Response:
        """Post a form with the token of the page that it stands on."""
        if not self._token:
            found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.ask("GET", form_on).text)
            assert found, f"no form on {form_on}"
            self._token = found[1]
        answer = self.ask("POST", path, {"csrf_token": self._token, **fields})
        if answer.status_code == 400 and "csrf" in answer.text.casefold():
            self._token = ""
            return self.post(path, form_on, **fields)
        return answer

    def register(self, handle: str) -> None:
        """Become somebody."""
        self.post("/register", "/register", handle=handle, password="a fine long password")
        self._token = ""  # the browser session is a new one
        if handle not in self.ask("GET", "/me/settings").text:  # it was made, and the answer was lost
            self.post("/login", "/login", handle=handle, password="a fine long password")
            self._token = ""
        assert handle in self.ask("GET", "/me/settings").text

    def submit(self, slug: str, url: str) -> str:
        """Paste an address; returns the submission's public id."""
        answer = self.post(f"/c/{slug}/submissions", f"/c/{slug}", url=url)
        found = re.search(r"/s/(\w+)$", answer.url)
        assert found, (answer.status_code, answer.url, re.sub(r"<[^>]+>|\s+", " ", answer.text)[:600])
        return found[1]

    def commit(self, slug: str, public_id: str) -> None:
        """Take the quote."""
        self.post(f"/s/{public_id}/commit", f"/c/{slug}")

    def judge(self, slug: str, label: str) -> bool:
        """Judge the next page; False where there is none now."""
        page = self.ask("GET", f"/c/{slug}/judge").text
        fields = dict(re.findall(r'name="(item|token|shown_at)" value="([^"]*)"', page))
        if "token" not in fields:
            return False
        self.post(f"/c/{slug}/judge", f"/c/{slug}", label=label, seconds="6", **fields)
        return True
