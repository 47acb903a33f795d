"""Reading the data that the shipped machines are trained and judged on, and splitting it. No copy of it is kept.

Posts carry their own split. Real pages are split by host, hate posts by a hash of their text, so that a split
never changes when a row is added, and no site stands on both sides.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import html
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from classifiers.page import Page

TOPICS = ("drugs", "alcohol", "guns", "gambling")
_TITLE_LENGTH = 150
_ABOUT = {
    "alcohol": re.compile(
        r"\b(wines?|winery|beers?|brewery|whiske?y|cocktails?|vodka|spirits)\b", re.IGNORECASE
    )
}
_ENOUGH = 5


@dataclass(frozen=True)
class Example:
    """A page with its label. `source` is what it was cut from (a community, a host), `kind` what it is."""

    page: Page
    label: str
    source: str
    kind: str


@dataclass(frozen=True)
class Split:
    """Examples to train on, and examples that no machine has seen."""

    train: list[Example]
    test: list[Example]


def read_posts(data: Path, *, lookalikes: bool = False) -> Split:
    """Forum posts: those of communities that only look like a topic (`lookalikes`), or all others."""
    train: list[Example] = []
    test: list[Example] = []
    for row in _rows(data / "posts" / "posts.csv.gz"):
        if row["kind"].startswith("lookalike") == lookalikes:
            example = Example(Page(text=row["text"]), row["label"], row["community"], row["kind"])
            (train if row["split"] == "train" else test).append(example)
    return Split(train, test)


def read_hate(data: Path) -> Split:
    """Short posts labelled hate, offensive or neither; a fifth of them, by a hash of the text, held out."""
    train: list[Example] = []
    test: list[Example] = []
    for row in _rows(data / "hate" / "tweets.csv.gz"):
        example = Example(Page(text=row["text"]), row["label"], row["label"], "post")
        (train if _hash(row["text"]) % 5 else test).append(example)
    return Split(train, test)


def read_web(data: Path) -> Split:
    """Real web pages, about none of the topics save by chance; half of the hosts held out.

    The first line stands for the title on every page, because it does on most.
    """
    train: list[Example] = []
    test: list[Example] = []
    for row in _rows(data / "pages" / "texts.csv.gz"):
        host = (urlsplit(row["url"]).hostname or "").removeprefix("www.")
        title = row["text"].split("\n", 1)[0][:_TITLE_LENGTH]
        example = Example(Page(title=title, text=row["text"]), "none", host, row["page_type"])
        (train if _hash(host) % 2 else test).append(example)
    return Split(train, test)


def without_title(examples: Sequence[Example]) -> list[Example]:
    """The same, every second one without its title, so that a machine learns to do without."""
    return [
        Example(Page(text=each.page.text), each.label, each.source, each.kind) if index % 2 else each
        for index, each in enumerate(examples)
    ]


def not_about(topic: str, examples: Sequence[Example]) -> list[Example]:
    """Those that do not speak of the topic all the time. A dozen real pages are about wine or beer."""
    pattern = _ABOUT.get(topic)
    if pattern is None:
        return list(examples)
    return [each for each in examples if len(pattern.findall(each.page.text)) < _ENOUGH]


def plain(text: str) -> str:
    """A short post without what no web page has: entities, addresses, names of accounts, marks of re-posting."""
    text = html.unescape(html.unescape(text))
    return re.sub(r"https?://\S+|@\w+|\bRT\b", " ", text).strip()


def stitch(posts: Sequence[Example], fillers: Sequence[Example], count: int, seed: int) -> list[Example]:
    """Long pages made of short posts: 4 to 15 of one source, the first as title, half with a stretch of filler.

    Posts are short and pages are long; a machine that met posts only is at a loss with the length of a page.
    """
    random = np.random.default_rng(seed)
    by_source: dict[tuple[str, str], list[Example]] = {}
    for post in posts:
        by_source.setdefault((post.source, post.label), []).append(post)
    sources = list(by_source.values())
    weight = np.sqrt([len(source) for source in sources])
    made = []
    for _ in range(count):
        source = sources[random.choice(len(sources), p=weight / weight.sum())]
        chosen = [source[int(index)] for index in random.integers(0, len(source), random.integers(4, 16))]
        parts = [each.page.text for each in chosen[1:]]
        if fillers and random.random() < 0.5:
            filler = fillers[int(random.integers(len(fillers)))].page.text
            start = random.integers(0, max(1, len(filler) - 1500))
            parts.append(filler[start : start + 1200])
        page = Page(title=chosen[0].page.text[:_TITLE_LENGTH], text="\n".join(parts))
        made.append(Example(page, chosen[0].label, chosen[0].source, "stitched"))
    return made


def _rows(path: Path) -> Iterator[dict[str, str]]:
    csv.field_size_limit(sys.maxsize)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def _hash(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest(), 16)
