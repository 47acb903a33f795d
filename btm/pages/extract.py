"""From bytes to what a person and a machine read: the same blocks for both."""

from __future__ import annotations

from dataclasses import dataclass

from btm.pages.blocks import Block, BlockWriter, joined
from btm.pages.charset import decode
from btm.pages.clean import letters
from btm.pages.maintext import main_blocks
from btm.pages.markup import parse_soup, parse_tree, soup_blocks
from btm.pages.reasons import FetchFailed
from btm.pages.segments import Segments, outline, segments

MIN_LETTERS = 20
_THIN = 200  # letters below which the main text is suspect
_MUCH = 5  # and is replaced by the whole page's, if that has this many times as many
_MAX_ODD = 0.02  # share of characters that no text has


@dataclass(frozen=True)
class Extract:
    """What was read: `text` is the blocks joined, the title first."""

    segments: Segments
    blocks: tuple[Block, ...]
    text: str
    charset: str


def extract(body: bytes, content_type: str = "text/html", charset: str = "") -> Extract:
    """Read a page.

    `content_type` is one of `fetch.PAGE_TYPES`, `charset` the header's label. Bounded in length, not in time or memory.
    Raises FetchFailed: `nothing_to_read` (fewer than MIN_LETTERS letters outside the title) or `not_a_page` (binary).
    """
    text, used = decode(body, charset)
    if _is_binary(text):
        raise FetchFailed("not_a_page")
    if content_type == "text/plain":
        found, blocks = Segments(), _plain_blocks(text)
    else:
        found, blocks = _html(text)
    blocks = [block for block in blocks if any(map(str.isalnum, block.text)) or block.kind == "code"]
    if sum(letters(block.text) for block in blocks) < MIN_LETTERS:
        raise FetchFailed("nothing_to_read")
    blocks = _headed(found, blocks)
    return Extract(found, tuple(blocks), joined(blocks), used)


def _headed(found: Segments, blocks: list[Block]) -> list[Block]:
    """The blocks under the page's title and main heading, which trafilatura takes for metadata and leaves out."""
    heads = [Block("title", found.title)] if found.title else []
    known = {block.text for block in blocks}
    if (
        found.main_heading
        and found.main_heading not in known
        and found.main_heading.casefold() not in found.title.casefold()
    ):
        heads.append(Block("h1", found.main_heading))
    rest = blocks[1:] if blocks[0].text == found.title else blocks
    return heads + rest


def _html(text: str) -> tuple[Segments, list[Block]]:
    found, blocks = _seen(text, reveal=False)
    return (found, blocks) if _count(blocks) >= MIN_LETTERS else _seen(text, reveal=True)


def _seen(text: str, reveal: bool) -> tuple[Segments, list[Block]]:
    tree = parse_tree(text, reveal)
    blocks = main_blocks(tree) if tree is not None else []
    count = _count(blocks)
    if tree is not None and count >= _THIN:
        return segments(outline(tree)), blocks
    soup = parse_soup(text, reveal)
    whole = soup_blocks(soup)
    return segments(soup), whole if count < MIN_LETTERS or _count(whole) > _MUCH * count else blocks


def _count(blocks: list[Block]) -> int:
    return sum(letters(block.text) for block in blocks)


def _plain_blocks(text: str) -> list[Block]:
    writer = BlockWriter({"p": "p"})
    for paragraph in text.replace("\r\n", "\n").split("\n\n"):
        writer.open("p")
        writer.text(paragraph)
        writer.close()
    return writer.finish()


def _is_binary(text: str) -> bool:
    sample = text[:20_000]
    odd = sum(
        1
        for character in sample
        if character == "\ufffd" or (character < " " and character not in "\t\n\r\f\x1b")
    )
    return (odd > _MAX_ODD * len(sample) and "\x00" in sample) or odd > 0.2 * max(1, len(sample))
