"""A labelled file, CSV or JSONL, row by row to pages. Shared by the services; asks the database for nothing.

Each row has a `label` and one of `url` (fetched), `text` or `html`; `title`, `description`, `language` and `source` may be
there too. A row that cannot be used is left out and said so, with its number; a file that cannot be used raises Invalid. A file for
a pool may have no labels, or noisy ones, of which a page has any number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from btm.pages.clean import one_line
from btm.pages.language import language
from btm.pages.reader import PageReader
from btm.pages.reasons import ReadFailed
from btm.services.labelled_files import BAD, BadRow, Row, rows_of
from btm.services.labelled_files import FORMATS as FORMATS
from btm.services.noisy_labels import noisy_labels
from btm.services.views_machines import BadRowView
from classifiers.page import Page

MOST_LISTED = 50
MOST_CHARACTERS = 1_000_000
_TOGETHER, _CHUNK = 8, 64
Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class LabelledPage:
    """One usable row. `source` is what the row says, else the host of its address; pages of one source are split together. Of a
    pool: `given`, the noisy labels, and `name`, the file's word for the page."""

    number: int
    page: Page
    label: str
    source: str = ""
    given: tuple[str, ...] = ()
    name: str = ""


@dataclass(slots=True)
class Labelled:
    """What a file held: the usable pages, and the first rows that were left out, with how many they were in all."""

    pages: list[LabelledPage] = field(default_factory=list)
    bad: list[BadRowView] = field(default_factory=list)
    bad_count: int = 0

    def leave_out(self, number: int, reason: str) -> None:
        self.bad_count += 1
        if len(self.bad) < MOST_LISTED:
            self.bad.append(BadRowView(number, reason))


def read_labelled(
    stream: BinaryIO,
    format: str,
    *,
    labels: Sequence[str] | None,
    reader: PageReader | None,
    progress: Progress | None = None,
    noisy: Sequence[str] | None = None,
) -> Labelled:
    """Read a whole file. `reader` fetches the rows that are addresses; without one they are left out. Without `labels` a label is
    neither wanted nor looked at, and every page's is empty. noisy: the labels that a row of a pool may give; rows of the same text
    are then one page, with the labels of all.

    `progress` is called with the share that was read (0 to 1) and a word. Raises Invalid (field `data` or `format`).
    """
    rows = rows_of(stream, format, labelled=labels is not None)
    return read_rows(rows, labels=labels, reader=reader, progress=progress, noisy=noisy)


def read_rows(
    rows: Iterator[Row],
    *,
    labels: Sequence[str] | None,
    reader: PageReader | None,
    progress: Progress | None = None,
    noisy: Sequence[str] | None = None,
) -> Labelled:
    """The same of rows, wherever they come from."""
    found = Labelled()
    seen: dict[bytes, int] = {}
    with ThreadPoolExecutor(_TOGETHER) as pool:
        while chunk := list(islice(rows, _CHUNK)):
            for number, answer in _made(pool, chunk, labels, reader, noisy):
                _sort_in(found, seen, number, answer, merge=noisy is not None)
            if progress is not None:
                progress(chunk[-1].share, f"{len(found.pages):,} rows read")
    return found


def _made(
    pool: ThreadPoolExecutor,
    chunk: Sequence[Row],
    labels: Sequence[str] | None,
    reader: PageReader | None,
    noisy: Sequence[str] | None,
) -> Iterable[tuple[int, LabelledPage | BadRow]]:
    """Each row made a page, in order; side by side where there is something to fetch."""

    def make(row: Row) -> tuple[int, LabelledPage | BadRow]:
        try:
            page = _page(row.number, row.values, labels, reader)
            return row.number, page if noisy is None else _of_pool(page, row.values, noisy)
        except BadRow as bad:
            return row.number, bad

    fetches = any(not row.bad and not row.values.get("text") and row.values.get("url") for row in chunk)
    return pool.map(make, chunk) if fetches else map(make, chunk)


def _of_pool(page: LabelledPage, values: dict[str, Any], noisy: Sequence[str]) -> LabelledPage:
    name = one_line(str(values.get("id") or values.get("name") or ""), 200)
    return replace(page, given=noisy_labels(values, noisy), name=name)


def _sort_in(
    found: Labelled, seen: dict[bytes, int], number: int, answer: LabelledPage | BadRow, *, merge: bool
) -> None:
    if isinstance(answer, BadRow):
        found.leave_out(number, str(answer))
        return
    digest = hashlib.sha256(answer.page.text.encode("utf-8", "replace")).digest()[:16]
    first = seen.setdefault(digest, len(found.pages))
    if first == len(found.pages):
        found.pages.append(answer)
    elif merge:
        there = found.pages[first]
        found.pages[first] = replace(there, given=there.given + answer.given)
    else:
        found.leave_out(number, f"has the same text as row {found.pages[first].number}")


def _page(
    number: int, values: dict[str, Any], labels: Sequence[str] | None, reader: PageReader | None
) -> LabelledPage:
    if BAD in values:
        raise BadRow(values[BAD])
    label = _label(_string(values, "label"), labels) if labels is not None else ""
    url, text, html = (_string(values, key) for key in ("url", "text", "html"))
    if max(len(text), len(html)) > MOST_CHARACTERS:
        raise BadRow(f"holds more than {MOST_CHARACTERS:,} characters; shorten it")
    if text:
        page = _from_text(url, text, values)
    elif html:
        page = _from_html(url, html)
    elif url:
        page = _from_url(url, reader)
    else:
        raise BadRow("has neither url, text nor html")
    return LabelledPage(number, page, label, one_line(_string(values, "source"), 200) or _host(page.url))


def _label(given: str, labels: Sequence[str]) -> str:
    if not given:
        raise BadRow("has no label")
    for label in labels:
        if label.casefold() == given.casefold():
            return label
    raise BadRow(f"has the label {given[:40]!r}; the labels are {', '.join(labels)}")


def _string(values: dict[str, Any], key: str) -> str:
    value = values.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadRow(f"has a {key} that is no text")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise BadRow(f"has a {key} that is not UTF-8; save the file as UTF-8") from error
    return value.replace("\0", "").strip()


def _from_text(url: str, text: str, values: dict[str, Any]) -> Page:
    if not any(map(str.isalnum, text)):
        raise BadRow("has a text without letters")
    title, description = _string(values, "title"), _string(values, "description")
    code = language(text, _string(values, "language"))
    return Page(
        url=url, title=title, description=description, text=text, language="" if code == "und" else code
    )


def _from_html(url: str, html: str) -> Page:
    from btm.pages.extract import extract  # the parsers: only where html is read

    try:
        found = extract(html.encode("utf-8", "replace"), "text/html", "utf-8")
    except ReadFailed as failure:
        raise BadRow(f"has html that cannot be read: {failure.sentence}") from failure
    except (RecursionError, MemoryError) as error:
        raise BadRow("has html that takes too much work to read") from error
    parts = found.segments
    return Page(
        url=url,
        title=parts.title,
        description=parts.description,
        headings=tuple(parts.headings),
        text=found.text,
        links=tuple(parts.links),
        language=language(found.text, parts.language_hint),
    )


def _from_url(url: str, reader: PageReader | None) -> Page:
    if reader is None:
        raise BadRow("is an address, and nothing is fetched here; give its text or html")
    try:
        page = reader.read(url)
    except ReadFailed as failure:
        raise BadRow(f"could not be fetched: {failure.sentence}") from failure
    return Page(
        url=page.final_url,
        title=page.title,
        description=page.description,
        headings=tuple(page.headings),
        text=page.text,
        links=tuple(page.links),
        language=page.language,
    )


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
