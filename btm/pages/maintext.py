"""The main text of a page, by trafilatura, as blocks."""

from __future__ import annotations

import logging
import sys

import lxml.etree
import lxml.html

from btm.pages.blocks import Block, BlockWriter

if "py3langid" not in sys.modules:
    # trafilatura would load it, NumPy and a thread with it, for a feature that is not used here.
    sys.modules["py3langid"] = None  # type: ignore[assignment]
    import trafilatura

    del sys.modules["py3langid"]
else:
    import trafilatura

from trafilatura.settings import Document

MAX_ELEMENTS = 60_000
_KINDS = {
    "p": "p",
    "item": "li",
    "quote": "quote",
    "code": "code",
    "row": "row",
    "list": "p",
    "table": "p",
    "div": "p",
    "body": "p",
    "ab": "p",
}

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


def main_blocks(tree: lxml.html.HtmlElement) -> list[Block]:
    """The article, thread or listing that a page is about, comments after it; empty where trafilatura finds none."""
    if sum(1 for _ in tree.iter()) > MAX_ELEMENTS:
        return []
    try:
        document = trafilatura.bare_extraction(tree, include_comments=True, include_tables=True)
    except (
        ValueError,
        TypeError,
        AttributeError,
        KeyError,
        IndexError,
        RecursionError,
        lxml.etree.LxmlError,
    ):
        return []  # the whole page's text is used instead
    if not isinstance(document, Document):
        return []
    return [*_blocks(document.body), *_blocks(document.commentsbody)]


def _blocks(body: lxml.etree._Element | None) -> list[Block]:
    if body is None:
        return []
    writer = BlockWriter(_KINDS)
    for event, element in lxml.etree.iterwalk(body, events=("start", "end")):
        if event == "start":
            writer.open(element.tag, _heading(element))
            writer.text(element.text)
        else:
            writer.close()
            writer.text(element.tail if element is not body else None)
    return writer.finish()


def _heading(element: lxml.etree._Element) -> str | None:
    if element.tag != "head":
        return None
    level = element.get("rend") or "h2"
    return level if level in ("h1", "h2", "h3", "h4", "h5", "h6") else "h2"
