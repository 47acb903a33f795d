"""Pages as the words that people wrote, for naming clusters: split, counted by page, and found again in their own case."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from classifiers.features import counts
from classifiers.novelty import SETTINGS, background
from classifiers.page import Page, as_page

Lines = list[list[str]]
"""A page's words, line by line: pairs of words do not reach from one line to the next."""

_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_UNSPACED_RUN = re.compile(f"[{_UNSPACED}]+")
_WORD = re.compile(r"\w+(?:['’-]\w+)*")
_MOST_CHARACTERS = 10_000
_EVERYDAY = 4.0


def words_of(page: Page | str) -> Lines:
    """The words of a page's first 10,000 characters. Where nothing parts words (Chinese, Japanese), pairs of characters."""
    whole = as_page(page)
    text = "\n".join((whole.title, whole.description, *whole.headings, whole.text[:_MOST_CHARACTERS]))
    text = _ADDRESS.sub("\n", unicodedata.normalize("NFKC", text))
    text = _UNSPACED_RUN.sub(lambda run: "\n" + "\n".join(map("".join, pairwise(run[0]))) + "\n", text)
    return [_WORD.findall(line) for line in text.splitlines() if line.strip()]


def folded(pages: Sequence[Lines]) -> list[Lines]:
    """The same with letters folded, so that Oak and oak are one word."""
    return [[[word.casefold() for word in line] for line in page] for page in pages]


def pages_with_word(pages: Iterable[Lines]) -> Counter[str]:
    """On how many pages each word stands."""
    seen: Counter[str] = Counter()
    for page in pages:
        seen.update({word for line in page for word in line})
    return seen


def pages_with_pair(pages: Iterable[Lines], telling: set[str], ordinary: set[str]) -> Counter[str]:
    """On how many pages each pair of neighbouring words stands, one of them telling and neither of them ordinary."""
    seen: Counter[str] = Counter()
    for page in pages:
        seen.update(
            {
                f"{one} {two}"
                for line in page
                for one, two in pairwise(line)
                if (one in telling or two in telling) and one not in ordinary and two not in ordinary
            }
        )
    return seen


def everyday(words: Iterable[str], below: float = _EVERYDAY) -> set[str]:
    """Those of the words that are ordinary in the shipped background (inverse document frequency), or hold no letter."""
    asked = sorted(set(words))
    found = counts(asked, SETTINGS)
    first, size = SETTINGS.block("body")
    idf = background().idf
    ordinary = set()
    for place, word in enumerate(asked):
        columns = found.indices[found.indptr[place] : found.indptr[place + 1]]
        columns = columns[(columns >= first) & (columns < first + size)]
        # A compound (don't, follow-up) is as ordinary as the least ordinary of its parts.
        if not columns.size or float(np.max(idf[columns])) < below or not any(map(str.isalpha, word)):
            ordinary.add(word)
    return ordinary


def as_written(terms: Sequence[str], pages: Iterable[Lines]) -> list[str]:
    """Folded terms in their commonest spelling on these pages; of equals the one with fewer capitals."""
    forms: dict[str, Counter[str]] = {term: Counter() for term in terms}
    for page in pages:
        for line in page:
            for form in (*line, *map(" ".join, pairwise(line))):
                if form.casefold() in forms:
                    forms[form.casefold()][form] += 1
    return [
        min(
            forms[term],
            key=lambda form: (-forms[term][form], sum(map(str.isupper, form)), form),
            default=term,
        )
        for term in terms
    ]
