"""From a record of a crawl to a page that a machine can be asked about.

A scan is told by a dotted name which extractor to use, because it is looked up in processes of its own. A machine should
see a crawl's pages the way it sees those of the game, so the product names its own; this plain one is for use without it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from bs4 import BeautifulSoup

from classifiers.page import Page
from classifiers.scan.records import Record

Extractor: TypeAlias = Callable[[Record], Page]
"""Whatever it raises, the record is counted as unreadable."""

_LONGEST = 100_000
_MOST_PARTS = 200
_TITLE = 300
_AROUND = ("script", "style", "noscript", "template", "svg", "nav", "footer", "form", "iframe")


def read_page(record: Record) -> Page:
    """A record's page: the text of HTML without navigation and scripts, plain text as it is. Raises ValueError without any."""
    if not record.is_html:
        return Page(url=record.url, text=str(record.body)[:_LONGEST])
    charset = record.charset if isinstance(record.body, bytes) else None
    soup = BeautifulSoup(record.body, "lxml", from_encoding=charset or None)
    title = soup.title.get_text(" ", strip=True)[:_TITLE] if soup.title else ""
    described = soup.find("meta", attrs={"name": "description"})
    links = tuple(link.get_text(" ", strip=True)[:_TITLE] for link in soup.find_all("a", limit=_MOST_PARTS))
    for part in soup(_AROUND):
        part.decompose()
    headings = tuple(
        part.get_text(" ", strip=True)[:_TITLE] for part in soup(["h1", "h2", "h3"], limit=_MOST_PARTS)
    )
    text = (soup.body or soup).get_text("\n", strip=True)[:_LONGEST]
    if not text:
        raise ValueError("no text")
    description = str(described.get("content") or "")[:_TITLE] if described else ""
    return Page(record.url, title, description, headings, text, links)
