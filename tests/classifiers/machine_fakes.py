"""Little made-up pages, a fitted machine, and an endpoint on loopback, for the tests of the machines."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from classifiers.text import PageClassifier

ROOT = Path(__file__).parents[2]
BOATS = [
    f"the {a} sailing boat {b} in the harbour"
    for a in ("old", "white", "fast")
    for b in ("left", "sank", "stays", "won")
]
BREAD = [
    f"bake {a} bread with {b} in the oven"
    for a in ("rye", "white", "flat")
    for b in ("yeast", "salt", "seeds", "water")
]


def pages_and_labels() -> tuple[list[str], list[str]]:
    return BOATS + BREAD, ["boats"] * len(BOATS) + ["bread"] * len(BREAD)


def fitted(**options: Any) -> PageClassifier:
    pages, labels = pages_and_labels()
    return PageClassifier(**{"bits": 14, **options}).fit(pages, labels)


def data_folder() -> Path:
    """The development data, or a skip with the reason; under BTM_TEST_ALL=1 a failure."""
    folder = Path(os.environ.get("BTM_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "posts" / "posts.csv.gz").is_file():
        reason = f"the development data is not at {folder} (set BTM_TEST_DATA)"
        if os.environ.get("BTM_TEST_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


Answer = Callable[[dict[str, Any]], "tuple[int, bytes]"]


def good_answer(request: dict[str, Any]) -> tuple[int, bytes]:
    rows = [[0.25, 0.75] if "boat" in page["text"] else [0.9, 0.1] for page in request["pages"]]
    return 200, json.dumps({"probabilities": rows}).encode()


class Endpoint:
    """A fake of somebody's model server. `answers` are given in turn, the last one for ever."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[dict[str, Any]] = []
        self.headers: dict[str, str] = {}
        self.delay = 0.0
        self.drip = 0.0
        self.url = ""

    def next_answer(self, request: dict[str, Any]) -> tuple[int, bytes]:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer(request)


@contextmanager
def serving(endpoint: Endpoint) -> Iterator[Endpoint]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            time.sleep(endpoint.delay)
            status, answer = endpoint.next_answer(body)
            self.send_response(status)
            for key, value in endpoint.headers.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            step = 1 if endpoint.drip else len(answer)
            for start in range(0, len(answer), step):
                try:
                    self.wfile.write(answer[start : start + step])
                    self.wfile.flush()
                except OSError:
                    return
                time.sleep(endpoint.drip)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    endpoint.url = f"http://127.0.0.1:{server.server_port}/predict"
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
