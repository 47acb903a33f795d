"""Taking plain values (from a file, a form or a request) apart, with messages that say what to do. A complaint names its place as a
path: `brief.counts.2.why` is the reason of the third example, as a person counts."""

from __future__ import annotations

import difflib
import math
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from btm.rules.errors import Invalid


def refuse(sentence: str, path: str) -> NoReturn:
    raise Invalid(sentence, field=path)


def joined(path: str, part: str | int) -> str:
    return f"{path}.{part}" if path else str(part)


def mapping(value: object, path: str, known: Sequence[str], what: str) -> Mapping[str, Any]:
    """A table with no names but those known."""
    if not isinstance(value, Mapping):
        refuse(f"{what} is a table of names and values ({', '.join(known)}).", path)
    for name in value:
        if name not in known:
            close = difflib.get_close_matches(str(name), known, n=1)
            hint = f" Did you mean {close[0]}?" if close else f" What can be there: {', '.join(known)}."
            refuse(f"{str(name)[:60]!r} is no part of {what}.{hint}", joined(path, str(name)[:60]))
    return value


def sequence(value: object, path: str, most: int, what: str) -> Sequence[Any]:
    if value is None:
        return ()
    if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
        refuse(f"{what} is a list.", path)
    if len(value) > most:
        refuse(f"{what} has {len(value)} entries; {most} are the most.", path)
    return value


def text(value: object, path: str, most: int, *, lines: bool = False) -> str:
    """Words, without space around them; on one line unless `lines`."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str):
        refuse(f"{value!r} is no text. Put it in quotes.", path)
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\r\t" for c in value):
        refuse("This holds a character that cannot be shown. Type it anew.", path)
    words = value.replace("\r\n", "\n").strip() if lines else " ".join(value.split())
    if len(words) > most:
        refuse(f"This has {len(words):,} characters; {most:,} are the most. Make it shorter.", path)
    return words


def yes_or_no(value: object, path: str) -> bool:
    if not isinstance(value, bool):
        refuse(f"{value!r} is neither true nor false. Write one of these.", path)
    return value


def whole(value: object, path: str, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        refuse(f"{value!r} is no whole number.", path)
    if not low <= value <= high:
        refuse(f"This is {value:,}; it must be from {low:,} to {high:,}.", path)
    return value


def number(value: object, path: str, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        refuse(f"{value!r} is no number.", path)
    if not (math.isfinite(value) and 0 <= value <= high):
        refuse(f"This is {value}; it must be a number from 0 to {high:,.0f}.", path)
    return float(value)


def one_of(value: object, path: str, known: Sequence[str]) -> str:
    if value not in known:
        refuse(f"{value!r} is none of {', '.join(known)}.", path)
    return str(value)
