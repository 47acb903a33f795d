"""Parsing HTML, and dropping what a reader of the page does not see."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping

import lxml.etree
import lxml.html
from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning, XMLParsedAsHTMLWarning
from bs4.element import NavigableString, PreformattedString, Tag

from btm.pages.blocks import Block, BlockWriter

# XHTML is read as HTML on purpose: no entities of its own, no external ones.
for _warning in (XMLParsedAsHTMLWarning, MarkupResemblesLocatorWarning):
    warnings.filterwarnings("ignore", category=_warning)

_UNSEEN = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "svg",
        "canvas",
        "iframe",
        "frame",
        "frameset",
        "noframes",
        "object",
        "applet",
        "audio",
        "video",
        "select",
        "datalist",
        "textarea",
        "map",
    ]
)
_WITHOUT_CONTENT = frozenset(["area", "embed", "param", "source", "track"])
"""libxml2 does not know all of these, and puts what stands after one into it: its children are what comes next on the page."""
_HIDING = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?:\.0*)?\s*(?:;|$|!)|font-size\s*:\s*0)",
    re.I,
)
_LONG_TAG = re.compile(r"<[a-zA-Z][^<>]{8000,}")
_BETWEEN = re.compile(r"[\s/\"']+")
_MOST_ATTRIBUTES = 4000
_STRUCTURED = (
    "application/ld+json"  # kept for trafilatura, which learns from it that a page is a forum thread
)
_KINDS = {
    **{f"h{level}": f"h{level}" for level in range(1, 7)},
    **dict.fromkeys(
        [
            "p",
            "div",
            "section",
            "article",
            "main",
            "header",
            "footer",
            "nav",
            "aside",
            "address",
            "center",
            "figure",
            "figcaption",
            "form",
            "fieldset",
            "legend",
            "ul",
            "ol",
            "dl",
            "dd",
            "dt",
            "details",
            "summary",
            "table",
            "tbody",
            "thead",
            "tfoot",
            "caption",
            "hr",
            "body",
            "html",
        ],
        "p",
    ),
    "li": "li",
    "blockquote": "quote",
    "pre": "code",
    "tr": "row",
}


def is_unseen(name: str, attributes: Mapping[str, object], reveal: bool = False) -> bool:
    """Whether an element and all inside it is hidden from a reader: not text, or (unless `reveal`) hidden by its own attributes."""
    if name in _UNSEEN or name in _WITHOUT_CONTENT:
        return name in _UNSEEN
    return not reveal and (
        "hidden" in attributes or bool(_HIDING.search(str(attributes.get("style", ""))[:2000]))
    )


def parse_tree(text: str, reveal: bool = False) -> lxml.html.HtmlElement | None:
    """An lxml tree without the unseen; None where there is no element, or one with thousands of attributes (libxml2 takes
    quadratic time for those). Nesting deeper than 255 is lost.

    `reveal` keeps what attributes hide: some sites hide the whole page until their script has run.
    """
    if any(len(_BETWEEN.findall(tag[0])) > _MOST_ATTRIBUTES for tag in _LONG_TAG.finditer(text)):
        return None
    parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        tree = lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        return None
    for element in list(tree.iter(lxml.etree.Element)):
        if element.tag in _WITHOUT_CONTENT and element.getparent() is not None:
            element.drop_tag()
        elif is_unseen(element.tag, element.attrib, reveal) and element.get("type") != _STRUCTURED:
            parent = element.getparent()
            if parent is not None:
                element.drop_tree()
    return tree


def parse_soup(text: str, reveal: bool = False) -> BeautifulSoup:
    """A BeautifulSoup, through lxml, without the unseen. Keeps the text of any depth of nesting. `reveal` as in `parse_tree`."""
    soup = BeautifulSoup(text, "lxml")
    unseen: list[Tag] = []
    stack: list[Iterator[object]] = [iter(soup.contents)]
    while stack:
        node = next(stack[-1], None)
        if node is None:
            stack.pop()
        elif isinstance(node, Tag):
            if is_unseen(node.name, node.attrs, reveal):
                unseen.append(
                    node
                )  # the outermost only: removing one inside another again costs its whole depth
            else:
                stack.append(iter(node.contents))
    for tag in unseen:
        tag.extract()
    return soup


def soup_blocks(soup: BeautifulSoup) -> list[Block]:
    """Everything a reader sees on a page, menus and all."""
    writer = BlockWriter(_KINDS)
    for event, node in _walk(soup.body or soup):
        if event == "close":
            writer.close()
        elif isinstance(node, Tag):
            writer.open(node.name)
        elif not isinstance(node, PreformattedString):  # comments, doctypes, CDATA
            writer.text(str(node))
    return writer.finish()


def _walk(root: Tag) -> Iterator[tuple[str, Tag | NavigableString | None]]:
    stack: list[Iterator[object]] = [iter(root.contents)]
    while stack:
        node = next(stack[-1], None)
        if node is None:
            stack.pop()
            yield "close", None
        elif isinstance(node, Tag):
            if node.name not in ("title", "head"):
                yield "open", node
                stack.append(iter(node.contents))
        elif isinstance(node, NavigableString):
            yield "text", node
