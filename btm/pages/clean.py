"""Text made safe to show and to compare: no control characters, nothing that reorders or hides what is read."""

from __future__ import annotations

import hashlib
import re
import unicodedata

# Control characters that are not white space, soft hyphens, zero-width spaces, bidirectional controls, tag characters.
# Zero-width joiners stay: Persian, Indic scripts and emoji need them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e007f]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACES = re.compile(r"\s+")
_NEWLINES = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def visible(text: str) -> str:
    """The text without invisible characters, in NFC. What cannot be encoded becomes U+FFFD."""
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", _SURROGATE.sub("\ufffd", text)))


def one_line(text: str, limit: int) -> str:
    """`visible` text on one line, at most `limit` characters."""
    return _SPACES.sub(" ", visible(text[: limit * 4])).strip()[:limit].rstrip()


def lines(text: str, limit: int) -> str:
    """`visible` text that keeps its lines and indentation, at most `limit` characters."""
    kept = [line.rstrip() for line in _NEWLINES.sub("\n", visible(text[: limit * 4])).split("\n")]
    return "\n".join(kept).strip("\n")[:limit].rstrip()


def letters(text: str) -> int:
    """How many letters and digits there are to read."""
    return sum(map(str.isalnum, text))


def normalised(text: str) -> str:
    """Text for comparison: compatibility forms folded, case folded, white space collapsed."""
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def content_hash(text: str) -> str:
    """SHA-256 (64 hexadecimal digits) of the normalised text: equal for pages that read the same."""
    return hashlib.sha256(normalised(text).encode("utf-8", "replace")).hexdigest()
