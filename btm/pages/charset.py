"""Bytes to text, the way browsers choose an encoding, and never by a codec that does more than decode."""

from __future__ import annotations

import codecs
import re

_META = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([a-zA-Z0-9_.:-]{1,40})""", re.IGNORECASE)
_META_WINDOW = 4096
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
# What the labels mean on the web (WHATWG Encoding), where that is not what they say.
_MEANT = {
    "iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874", "gb2312": "gb18030",
    "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs", "utf-16": "utf-16-le",
}  # fmt: skip
_SAFE = re.compile(
    r"utf-8|utf-16-[lb]e|cp(125\d|874|866|932|949)|iso8859-\d+|koi8-[ru]|gb18030|big5hkscs|euc_jp|iso2022_jp|mac-roman"
)


def decode(body: bytes, label: str = "") -> tuple[str, str]:
    """The text of a page and the encoding that was used.

    A byte-order mark beats `label` (the HTTP header's charset), which beats the page's own `<meta>`; an unknown, unsafe or missing
    label means UTF-8 if it fits and Windows-1252 otherwise. Never raises: what does not decode becomes U+FFFD.
    """
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace"), encoding
    meta = _META.search(body[:_META_WINDOW])
    declared = _usable(label) or (_usable(meta[1].decode("ascii")) if meta else "")
    if declared.startswith("utf-16") and not _usable(label):
        declared = "utf-8"  # a <meta> that could be read as ASCII cannot be in a page of UTF-16
    if declared:
        return body.decode(declared, "replace"), declared
    try:
        return body.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace"), "cp1252"


def _usable(label: str) -> str:
    """The codec that a label means on the web, or an empty string."""
    try:
        name = codecs.lookup(label.strip()).name if label.strip().isascii() else ""
    except (LookupError, ValueError):
        return ""
    name = _MEANT.get(name, name)
    return name if _SAFE.fullmatch(name) else ""
