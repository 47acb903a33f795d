"""Labelled toy data that a machine learns easily, and an endpoint that misbehaves as it is told."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from btm.services.read_labelled import LabelledPage
from classifiers.page import Page

WORDS = {
    "spam": ["offer", "prize", "cheap", "winner", "click"],
    "ham": ["oak", "garden", "knee", "river", "bread"],
}


def sentence(label: str, number: int) -> str:
    """A text of one label, unlike any other number's."""
    dice = random.Random(f"{label} {number}")
    return " ".join([*dice.choices(WORDS[label], k=20), f"number{label}{number}"])


def labelled(each: int = 30, source: str = "") -> list[LabelledPage]:
    """Rows of both labels, as many of each."""
    made = []
    for number in range(each):
        for label in WORDS:
            page = Page(text=sentence(label, number), language="en")
            made.append(LabelledPage(len(made) + 1, page, label, source))
    return made


def as_csv(each: int = 30) -> bytes:
    """The same as a CSV file."""
    lines = (f'{row.label},"{row.page.text}",https://s{row.number}.example/' for row in labelled(each))
    return "\n".join(["label,text,url", *lines, ""]).encode()


@dataclass
class Endpoint:
    """A machine behind HTTP. `mode`: well, slow, down (status 503), broken (500), shape, nan, garbage. Counts requests and pages."""

    url: str = ""
    mode: str = "well"
    spam: float = 0.02
    requests: int = 0
    pages: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def answer(self, pages: list[dict[str, Any]]) -> tuple[int, bytes]:
        rows = [[self.spam, 1 - self.spam] for _ in pages]
        if self.mode == "slow":
            time.sleep(1.5)
        if self.mode in ("down", "broken"):
            return (503 if self.mode == "down" else 500), b"no"
        if self.mode == "garbage":
            return 200, b"<html>hello</html>"
        if self.mode == "shape":
            rows = [[*row, 0.0] for row in rows]
        if self.mode == "nan":
            rows = [[float("nan")] * 2 for _ in rows]
        return 200, json.dumps({"probabilities": rows}).encode()


@contextmanager
def endpoint() -> Iterator[Endpoint]:
    """An endpoint on loopback."""
    made = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            pages = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["pages"]
            made.requests += 1
            made.pages += pages
            made.headers.append(dict(self.headers))
            status, body = made.answer(pages)
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                pass  # nobody waited

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_port}/predict"
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
