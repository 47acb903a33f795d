"""A page that was read, as the rest of the product sees it, and how it is taken from the child's answer.

The child has met hostile input, so its answer is untrusted: shapes and lengths are checked here, and what can be
computed on this side (hashes, canonical address, language) is.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from btm.pages.blocks import KINDS, MAX_BLOCK, MAX_BLOCKS, MAX_TEXT, Block, joined
from btm.pages.canonical import canonical_url
from btm.pages.clean import content_hash, lines, one_line
from btm.pages.fetch import PAGE_TYPES, Redirect
from btm.pages.language import language
from btm.pages.reasons import FetchFailed, ReadFailed
from btm.pages.segments import MAX_HEADINGS, MAX_LINKS

_MAX_STRING = 5000


@dataclass(frozen=True)
class ReadPage:
    """One fetch of one address.

    `canonical_url` is the normal form of the address asked for, `final_canonical_url` of where it led. `content_hash` is SHA-256 of
    the normalised text (for duplicates), `body_hash` of the raw body (its key in the snapshot store). `text` is exactly the
    `blocks` joined. `canonical_link` is what the page claims, inert. `seconds` is what fetching and reading took.
    """

    url: str
    canonical_url: str
    final_url: str
    final_canonical_url: str
    redirects: tuple[Redirect, ...]
    status: int
    headers: dict[str, str]
    content_type: str
    charset: str
    content_hash: str
    body_hash: str
    title: str
    description: str
    headings: tuple[str, ...]
    links: tuple[str, ...]
    canonical_link: str
    language: str
    text: str
    blocks: tuple[Block, ...]
    body: bytes
    seconds: float

    @property
    def downgraded(self) -> bool:
        """Whether any hop led from https to http."""
        urls = [*(hop.url for hop in self.redirects), self.final_url]
        return any(a.startswith("https:") and b.startswith("http:") for a, b in pairwise(urls))


def page_from_answer(url: str, body: bytes, answer: bytes, seconds: float) -> ReadPage:
    """Build a page from the child's JSON. Raises FetchFailed (`broken`) where it does not have the right shape."""
    try:
        return _build(url, body, json.loads(answer), seconds)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, ReadFailed) as error:
        raise FetchFailed("broken") from error


def _build(url: str, body: bytes, plain: dict[str, Any], seconds: float) -> ReadPage:
    segments = plain["segments"]
    blocks = _blocks(plain["blocks"])
    text = joined(blocks)
    final_url = _string(plain["final_url"])
    if plain["content_type"] not in PAGE_TYPES or not text:
        raise ValueError("not a page")
    return ReadPage(
        url=url,
        canonical_url=canonical_url(url),
        final_url=final_url,
        final_canonical_url=canonical_url(final_url),
        redirects=tuple(Redirect(int(status), _string(hop)) for status, hop in plain["redirects"][:20]),
        status=int(plain["status"]),
        headers={_string(name): _string(value) for name, value in list(plain["headers"].items())[:20]},
        content_type=plain["content_type"],
        charset=_string(plain["charset"]),
        content_hash=content_hash(text),
        body_hash=hashlib.sha256(body).hexdigest(),
        title=_string(segments["title"]),
        description=_string(segments["description"]),
        headings=_strings(segments["headings"], MAX_HEADINGS),
        links=_strings(segments["links"], MAX_LINKS),
        canonical_link=_string(segments["canonical_link"]),
        language=language(text, _string(segments["language_hint"])),
        text=text,
        blocks=blocks,
        body=body,
        seconds=round(seconds, 4),
    )


def _blocks(pairs: list[Any]) -> tuple[Block, ...]:
    blocks, room = [], MAX_TEXT + _MAX_STRING
    for kind, text in pairs[: MAX_BLOCKS * 2 + 1]:
        if kind not in KINDS or not isinstance(text, str):
            raise ValueError("not a block")
        limit = min(MAX_BLOCK, room)
        cleaned = lines(text, limit) if kind == "code" else one_line(text, limit)
        if cleaned:
            blocks.append(Block(kind, cleaned))
            room -= len(cleaned)
    return tuple(blocks)


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a string")
    return one_line(value, _MAX_STRING)


def _strings(values: list[Any], most: int) -> tuple[str, ...]:
    return tuple(_string(value) for value in values[:most])
