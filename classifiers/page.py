"""What a machine is shown: one page, already fetched and taken apart."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """One page's words, by where they stood. Anything unknown stays empty; a bare text is a page too.

    `links` holds the visible text of links, not their addresses. `language` is an ISO 639-1 code.
    """

    url: str = ""
    title: str = ""
    description: str = ""
    headings: tuple[str, ...] = ()
    text: str = ""
    links: tuple[str, ...] = ()
    language: str = ""


def as_page(page: Page | str) -> Page:
    """A page as it is; a plain string as the body of an otherwise empty page. Raises TypeError for others."""
    if isinstance(page, Page):
        return page
    if isinstance(page, str):
        return Page(text=page)
    raise TypeError(f"a page is a string or a classifiers.machine.Page, not {type(page).__name__}")
