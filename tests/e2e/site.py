"""Real pages over loopback: each under its own host and path, so that `http://127.0.0.1:PORT/example.org/a` is example.org's /a.

Standard library only, so that the benches can use it too. It serves files that it was given, and nothing else.
"""

from __future__ import annotations

import csv
import gzip
import html
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
MOST_AT_ONCE = 32
MOST_SECONDS = 20.0
LONGEST_TITLE = 90
HELD = "/held/"
"""Pages below this path are answered once `let_go` is set."""
LONGEST_HELD = 50.0
MIRRORED = 0.45
"""The share of a post's words that its mirror has: too few for the same page, plenty for one like it."""


def data_folder() -> Path | None:
    """The development data: BTM_TEST_DATA, or `../shared/data` beside the checkout; None where it is absent."""
    folder = Path(os.environ.get("BTM_TEST_DATA") or ROOT.parent / "shared" / "data")
    return folder if (folder / "pages" / "index.csv").is_file() else None


@dataclass(frozen=True)
class Post:
    """A forum post; its page is made here. `label` is the development data's."""

    id: str
    label: str
    kind: str
    community: str
    text: str

    @property
    def title(self) -> str:
        """The first line, or as much of it as a title holds."""
        first = " ".join(self.text.split("\n", 1)[0].split())
        return first if len(first) <= LONGEST_TITLE else first[: LONGEST_TITLE - 1].rsplit(" ", 1)[0] + "…"

    @property
    def path(self) -> str:
        return f"/r/{self.community}/{self.id}"

    def page(self) -> bytes:
        """The post as a plain page: a title and paragraphs, all of it escaped."""
        return self._page([line for line in self.text.split("\n") if line.strip()])

    def mirror(self) -> bytes:
        """A page with the first part of the post: much like it, and not the same."""
        words = self.text.split()
        return self._page([" ".join(words[: int(len(words) * MIRRORED)])])

    def _page(self, paragraphs: list[str]) -> bytes:
        title = html.escape(self.title)
        body = "\n".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in paragraphs)
        return (
            f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>\n'
            f"<body><main><h1>{title}</h1>\n{body}\n</main></body></html>\n"
        ).encode()


def read_posts(data: Path) -> list[Post]:
    """The posts that no shipped machine was trained on."""
    with gzip.open(data / "posts" / "posts.csv.gz", "rt", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == "test"]
    return [Post(row["id"], row["label"], row["kind"], row["community"], row["text"]) for row in rows]


@lru_cache(maxsize=256)
def unpacked(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())


class PageSite:
    """The real pages, and the posts that it was given."""

    def __init__(self, data: Path) -> None:
        self.posts: dict[str, Post] = {}
        self.asked: list[str] = []
        self.let_go = threading.Event()
        with (data / "pages" / "index.csv").open(encoding="utf-8") as file:
            self.files = {own_path(row["url"]): data / "pages" / row["file"] for row in csv.DictReader(file)}
        self.real_urls = list(self.files)
        self._by_path = {path.partition("?")[0]: file for path, file in self.files.items()}
        self.base = ""

    def add(self, post: Post) -> None:
        self.posts[post.path] = post

    def url(self, path: str) -> str:
        """Where a page is: `path` is `/host/path` of a real page, or a post's."""
        return f"{self.base}{path}"

    def find(self, target: str) -> bytes | None:
        """The page at a request target, with or without its query, or None."""
        path = target.partition("?")[0]
        file = self.files.get(target) or self._by_path.get(path)
        if file is not None:
            return unpacked(file)
        if path.endswith("/mirror") and path.removesuffix("/mirror") in self.posts:
            return self.posts[path.removesuffix("/mirror")].mirror()
        return self.posts[path].page() if path in self.posts else None

    @contextmanager
    def serving(self) -> Iterator[PageSite]:
        """Serve on a free port of 127.0.0.1 until the block ends."""
        server = _Server(("127.0.0.1", 0), _handler(self))
        self.base = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join(timeout=5)


def own_path(url: str) -> str:
    """A real page's path here: its host, path and query."""
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"/{parts.netloc}{parts.path or '/'}{query}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._seats = threading.BoundedSemaphore(MOST_AT_ONCE)

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._seats.acquire(timeout=MOST_SECONDS):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._seats.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A reader that hangs up early is none of our business."""


def _handler(site: PageSite) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = MOST_SECONDS

        def do_GET(self) -> None:
            site.asked.append(self.path)
            if self.path.startswith(HELD):
                site.let_go.wait(LONGEST_HELD)
            body = site.find(self.path)
            self.send_response(200 if body is not None else 404)
            body = body if body is not None else b"<!doctype html><title>Nothing here</title><p>Nothing here."
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet: `asked` keeps what was asked for."""

    return Handler
