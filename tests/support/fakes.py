"""Stand-ins at the edges: the web, the machine, the snapshot folder and the bell."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from btm.pages.blocks import Block
from btm.pages.canonical import canonical_url
from btm.pages.clean import content_hash
from btm.pages.fetch import Redirect
from btm.pages.page import ReadPage
from btm.pages.policy import DEFAULT_POLICY
from btm.pages.reasons import failure
from btm.pages.snapshot import SnapshotMissing
from classifiers.page import Page


def read_page(
    url: str,
    text: str,
    *,
    title: str = "A page",
    final_url: str | None = None,
    redirects: Sequence[Redirect] = (),
    language: str = "en",
) -> ReadPage:
    """A page as the reader would have brought it."""
    body = text.encode()
    final = final_url or url
    return ReadPage(
        url=url,
        canonical_url=canonical_url(url),
        final_url=final,
        final_canonical_url=canonical_url(final),
        redirects=tuple(redirects),
        status=200,
        headers={},
        content_type="text/html",
        charset="utf-8",
        content_hash=content_hash(text),
        body_hash=hashlib.sha256(body).hexdigest(),
        title=title,
        description="",
        headings=(),
        links=(),
        canonical_link="",
        language=language,
        text=text,
        blocks=(Block("p", text),),
        body=body,
        seconds=0.01,
    )


class FakeReader:
    """Answers from a dictionary: address -> page, or a reason of `btm.pages.reasons`; what is not there is `not_found`.

    `meanwhile` is called while a page is being fetched, so that a test can let things happen in between.
    """

    def __init__(self) -> None:
        self.policy = DEFAULT_POLICY
        self.pages: dict[str, ReadPage | str] = {}
        self.asked: list[str] = []
        self.meanwhile: Callable[[str], None] | None = None

    def read(self, url: str, progress: Callable[[str], None] | None = None) -> ReadPage:
        self.asked.append(url)
        say = progress or (lambda stage: None)
        say("fetching")
        if self.meanwhile is not None:
            self.meanwhile(url)
        say("reading")
        answer = self.pages.get(url, "not_found")
        if isinstance(answer, str):
            raise failure(answer)
        return answer

    def start(self) -> None:
        pass

    def close(self) -> None:
        pass


class FakeMachine:
    """Believes what it is told about each address: the probability of its first class. `trouble` is raised instead, once set."""

    name = "toy"
    version = "1"
    card: dict[str, Any] = {}

    def __init__(self, classes: Sequence[str] = ("spam", "ham"), *, version: str = "1") -> None:
        self.classes_ = tuple(classes)
        self.version = version
        self.beliefs: dict[str, Sequence[float]] = {}
        self.trouble: Exception | None = None

    def believe(self, url: str, probabilities: Sequence[float]) -> None:
        self.beliefs[canonical_url(url)] = probabilities

    def predict_proba(self, pages: Sequence[Page | str]) -> np.ndarray:
        if self.trouble is not None:
            raise self.trouble
        unknown = [1 / len(self.classes_)] * len(self.classes_)
        return np.array(
            [
                self.beliefs.get(canonical_url(p.url), unknown) if isinstance(p, Page) else unknown
                for p in pages
            ]
        )


class MemorySnapshots:
    """A snapshot store that forgets everything with the test."""

    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}

    def put(self, body: bytes) -> str:
        key = hashlib.sha256(body).hexdigest()
        self.bodies[key] = body
        return key

    def get(self, key: str) -> bytes:
        if key not in self.bodies:
            raise SnapshotMissing(key)
        return self.bodies[key]

    def verify(self, key: str) -> bool:
        return key in self.bodies

    def delete(self, key: str) -> None:
        self.bodies.pop(key, None)

    def keys(self) -> Iterator[str]:
        return iter(list(self.bodies))

    def check_writable(self) -> None:
        pass


@dataclass
class Bell:
    """A bell that does the work at once, in the ringer's own thread; while it is held, it only notes what was rung."""

    work: dict[str, Callable[[int], None]]
    rung: list[tuple[str, int]] = field(default_factory=list)
    is_held: bool = False

    def __call__(self, kind: str, row_id: int) -> None:
        self.rung.append((kind, row_id))
        if not self.is_held:
            self.work[kind](row_id)

    def hold(self) -> None:
        """From now on nothing is done when it rings."""
        self.is_held = True

    def let_go(self) -> None:
        """Do all that was rung and not yet done, each once, and work at once from now on."""
        self.is_held = False
        waiting, self.rung = self.rung, []
        for kind, row_id in waiting:
            self(kind, row_id)
