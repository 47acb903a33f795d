"""The parts of a page around its text: title, description, headings, links, language hint, canonical link."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import lxml.etree
import lxml.html
from bs4 import BeautifulSoup

from btm.pages.clean import one_line

MAX_HEADINGS = 100
MAX_LINKS = 300
_LIMITS = {"title": 300, "description": 1000, "heading": 300, "link": 200, "url": 2000, "language": 35}
_KEPT = frozenset(["html", "head", "body", "title", "meta", "link", "h1", "h2", "h3", "h4", "h5", "h6", "a"])
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


@dataclass(frozen=True)
class Segments:
    """`main_heading` is the first h1, `language_hint` what the page says of itself, `canonical_link` inert text: it is never fetched."""

    title: str = ""
    description: str = ""
    headings: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    main_heading: str = ""
    language_hint: str = ""
    canonical_link: str = ""


def outline(tree: lxml.html.HtmlElement) -> BeautifulSoup:
    """A soup of the parts that `segments` looks at: BeautifulSoup's cost is in the number of tags."""
    bare = copy.deepcopy(tree)
    lxml.etree.strip_tags(
        bare, *{tag for element in bare.iter(lxml.etree.Element) if (tag := element.tag) not in _KEPT}
    )
    return BeautifulSoup(lxml.html.tostring(bare, encoding="unicode"), "lxml")


def segments(soup: BeautifulSoup) -> Segments:
    """The segments of a page; what it lacks is empty."""
    headings = [_text(tag, "heading") for tag in soup.find_all(_HEADINGS, limit=MAX_HEADINGS)]
    links = [_text(tag, "link") for tag in soup.find_all("a", href=True, limit=MAX_LINKS * 2)]
    first = soup.find("h1")
    main_heading = _text(first, "heading") if first else ""
    title = (
        (_text(soup.title, "title") if soup.title else "") or _meta(soup, "og:title", "title") or main_heading
    )
    canonical = soup.find("link", rel="canonical", href=True)
    return Segments(
        title=title or (headings[0] if headings else ""),
        description=_meta(soup, "description", "description") or _meta(soup, "og:description", "description"),
        headings=tuple(filter(None, headings)),
        links=tuple(list(filter(None, links))[:MAX_LINKS]),
        main_heading=main_heading,
        language_hint=_language(soup),
        canonical_link=one_line(str(canonical.get("href") or ""), _LIMITS["url"]) if canonical else "",
    )


def _text(tag: object, limit: str) -> str:
    # get_text of a huge element is cut, not joined whole, by one_line's own slice
    return one_line(tag.get_text(" "), _LIMITS[limit])  # type: ignore[attr-defined]


def _meta(soup: BeautifulSoup, name: str, limit: str) -> str:
    key = "property" if name.startswith("og:") else "name"
    tag = soup.find("meta", attrs={key: lambda value: value is not None and value.lower() == name})
    return one_line(str(tag.get("content") or ""), _LIMITS[limit]) if tag else ""


def _language(soup: BeautifulSoup) -> str:
    root = soup.find("html")
    return (
        one_line(str(root.get("lang") or root.get("xml:lang") or ""), _LIMITS["language"]).lower()
        if root
        else ""
    )
