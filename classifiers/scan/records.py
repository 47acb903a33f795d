"""What a crawl is made of: records that can be scored, and records that cannot, with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

MOST_BYTES = 2_000_000
"""The largest body that is read. A longer one costs seconds to take apart, and no page that people read is so long."""

MOST_TAGS = 60_000
"""The most tags of a page that is taken apart. Made-up pages of ten times as many cost a parser half a minute each."""

REASONS = {
    "columns": "a row without a URL and a text, or a file without these columns",
    "content_type": "neither HTML nor plain text",
    "damaged": "not what the format says: garbage between records, broken compression",
    "empty": "no text at all",
    "empty_file": "a file of no bytes",
    "encoding": "not UTF-8, in a format that must be",
    "heavy": "more tags than the limit",
    "oversized": "longer than the limit",
    "status": "an answer other than 200",
    "truncated": "the file ends within it",
    "unreadable": "the extractor found no page in it",
}
"""Why a record is left out, and what that means."""


class SourceRefused(ValueError):
    """A source that cannot be scanned at all: not there, of an unknown kind, or a package for it is missing."""


@dataclass(frozen=True, slots=True)
class Record:
    """One page of a crawl, not yet read.

    `body` is text (then it needs no extraction), or HTML as text or bytes where `is_html`. `charset` is what the server said.
    `offset` is where the record begins in its source: a byte, a row for Parquet.
    """

    url: str
    body: str | bytes
    offset: int
    is_html: bool = False
    charset: str = ""


@dataclass(frozen=True, slots=True)
class Bad:
    """A record that is left out. `reason` is a key of REASONS."""

    reason: str
    offset: int


Item: TypeAlias = "Record | Bad"
Kind = Literal["warc", "jsonl", "csv", "parquet"]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of a source that is scored as one unit: the records that begin in [start, end), or from start on.

    `start` and `end` are offsets of records; in gzipped CSV and JSONL, of the text that was compressed. `weight` is how many
    bytes of the source it stands for, for showing progress.
    """

    source: str
    kind: Kind
    gzipped: bool = False
    start: int = 0
    end: int | None = None
    weight: int = 0

    @property
    def key(self) -> str:
        """Names the chunk in the checkpoint."""
        return f"{self.source}#{self.start}-{'' if self.end is None else self.end}"

    @property
    def seeks(self) -> bool:
        """Whether going on in the middle costs nothing. In gzipped text it costs reading all that stands before."""
        return self.kind == "warc" or not self.gzipped
