"""A page's text as an ordered list of blocks, from a stream of markup events. Iterative: nesting costs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from btm.pages.clean import lines, one_line

MAX_BLOCKS = 4000
MAX_BLOCK = 20_000
MAX_TEXT = 200_000

KINDS = ("title", "h1", "h2", "h3", "h4", "h5", "h6", "p", "li", "quote", "code", "row")
_LASTING = ("li", "quote", "code", "row")  # kinds that a paragraph inside them takes on


@dataclass(frozen=True)
class Block:
    """A piece of a page: `kind` is one of `KINDS`, `text` is plain and not escaped."""

    kind: str
    text: str


class BlockWriter:
    """Collects blocks from open, text and close events."""

    def __init__(self, kinds: Mapping[str, str]) -> None:
        """`kinds` says which elements begin a block, and of which kind; all others are inline."""
        self.blocks: list[Block] = []
        self._kinds = kinds
        self._open: list[str] = []
        self._parts: list[str] = []
        self._room = MAX_TEXT

    def open(self, tag: str, kind: str | None = None) -> None:
        """An element begins; `kind` overrides what its name stands for."""
        begun = kind or self._kinds.get(tag, "")
        current = self._current()
        if tag in ("td", "th", "cell"):
            self._parts.append(" | ")
        elif tag in ("br", "lb"):
            self._parts.append("\n")
        elif begun and current != "row":
            self._flush()
            begun = current if begun == "p" and current in _LASTING else begun
        self._open.append(begun if current != "row" else "")

    def text(self, text: str | None) -> None:
        """Characters inside the innermost open element."""
        if text:
            self._parts.append(text)

    def close(self) -> None:
        """The innermost element ends."""
        if self._open and self._open[-1]:
            self._flush()
        if self._open:
            self._open.pop()

    def finish(self) -> list[Block]:
        """All blocks, in the page's order."""
        self._flush()
        return self.blocks

    def _current(self) -> str:
        return next((kind for kind in reversed(self._open[-64:]) if kind), "p")

    def _flush(self) -> None:
        if not self._parts:
            return
        joined, self._parts, kind = "".join(self._parts), [], self._current()
        limit = min(MAX_BLOCK, self._room)
        text = lines(joined, limit) if kind == "code" else one_line(joined, limit)
        text = text.strip(" |") if kind == "row" else text
        if text and len(self.blocks) < MAX_BLOCKS:
            self.blocks.append(Block(kind, text))
            self._room -= len(text)


def joined(blocks: Iterable[Block]) -> str:
    """The text of a page: its blocks, an empty line between each two."""
    return "\n\n".join(block.text for block in blocks)
