"""Pages to hashed counts of words and characters, in NumPy alone.

Every machine with the same settings shares one pass of this module per page, so nothing in here is learned.
It must never import scikit-learn: a web worker that only *asks* a machine has no need of it.

A row of counts is divided into blocks of columns, one per name space. Each block is normalised by itself
(`weigh`), so that a name space that a machine never met in training (its coefficients are zero) cannot dilute
the ones that it knows.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classifiers.page import Page, as_page

Codes = NDArray[np.uint32]
Hashes = NDArray[np.uint64]
Integers = NDArray[np.int64]

NAMESPACES: tuple[str, ...] = (
    "body",
    "characters",
    "title",
    "headings",
    "description",
    "links",
    "url",
    "language",
)
"""The blocks of columns, in order. `characters` are character n-grams of the body."""

_SHARES = (0.5, 0.25, 0.0625, 0.0625, 0.0475, 0.0475, 0.0275, 0.0025)
_MULTIPLIER = 0x9E3779B97F4A7C15
_LONGEST_WORD = 40
_BATCH_CHARACTERS = 400_000
_FIELD_BREAK, _PAGE_BREAK = "\x1e", "\x1f"


@dataclass(frozen=True)
class FeatureSettings:
    """What is counted. Equal settings give equal columns, so that machines can share counts.

    `bits`: the number of columns is 2**bits. `word_ngrams`: the most words in a row (1 or 2).
    `character_ngrams`: lengths of character n-grams within words. `max_characters`: a body is read so far.
    """

    bits: int = 19
    word_ngrams: int = 2
    character_ngrams: tuple[int, ...] = (4,)
    namespaces: tuple[str, ...] = NAMESPACES
    max_characters: int = 20_000
    edges: Integers = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        unknown = set(self.namespaces) - set(NAMESPACES)
        if unknown:
            raise ValueError(f"unknown name spaces {sorted(unknown)}; there are {', '.join(NAMESPACES)}")
        if not 10 <= self.bits <= 24:
            raise ValueError(f"bits is {self.bits}; it must be from 10 to 24")
        if self.word_ngrams not in (1, 2):
            raise ValueError(f"word_ngrams is {self.word_ngrams}; it must be 1 or 2")
        edges = np.round(np.cumsum((0.0, *_SHARES)) * 2**self.bits).astype(np.int64)
        object.__setattr__(self, "edges", edges)

    @property
    def columns(self) -> int:
        """The number of columns of every count matrix."""
        return int(2**self.bits)

    def block(self, namespace: str) -> tuple[int, int]:
        """The first column of a name space, and its number of columns."""
        position = NAMESPACES.index(namespace)
        return int(self.edges[position]), int(self.edges[position + 1] - self.edges[position])


def counts(pages: Sequence[Page | str], settings: FeatureSettings) -> csr_matrix:
    """Count the features of pages: float32, shape (n, settings.columns), rows in the order given."""
    rows: list[csr_matrix] = [_count(batch, settings) for batch in _batches(pages, settings)]
    if not rows:
        return csr_matrix((0, settings.columns), dtype=np.float32)
    return rows[0] if len(rows) == 1 else _stack(rows)


def weigh(
    matrix: csr_matrix, idf: NDArray[np.floating], settings: FeatureSettings
) -> tuple[NDArray[np.float32], Integers]:
    """Sublinear TF-IDF of counts, each name space of each row scaled to length 1.

    Returns the values, in the order of `matrix.data`, and the row of each. TF-IDF as in Salton and Buckley
    (1988): (1 + ln tf) * idf, then the Euclidean norm, here once a block.
    """
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    values = (1.0 + np.log(matrix.data)) * idf[matrix.indices].astype(np.float32)
    block = np.searchsorted(settings.edges[1:-1], matrix.indices, side="right")
    cell = row * len(NAMESPACES) + block
    length = np.sqrt(np.bincount(cell, values * values, matrix.shape[0] * len(NAMESPACES)))
    length[length == 0] = 1.0
    return (values / length[cell]).astype(np.float32), row


def _stack(rows: list[csr_matrix]) -> csr_matrix:
    from scipy.sparse import vstack

    return vstack(rows, format="csr")


def _batches(pages: Sequence[Page | str], settings: FeatureSettings) -> Iterable[list[Page]]:
    batch: list[Page] = []
    size = 0
    for page in pages:
        batch.append(as_page(page))
        size += min(len(batch[-1].text), settings.max_characters) + 200
        if size >= _BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _count(pages: list[Page], settings: FeatureSettings) -> csr_matrix:
    rows: list[Integers] = []
    columns: list[Integers] = []
    for namespace in settings.namespaces:
        if namespace == "characters":
            continue
        texts = [_field(page, namespace, settings.max_characters) for page in pages]
        if not any(texts):
            continue
        codes = _codes(texts)
        found = [("words", *_words(codes, settings.word_ngrams))]
        if namespace == "body" and "characters" in settings.namespaces:
            found += [("characters", *_characters(codes, settings.character_ngrams))]
        for kind, row, hashes in found:
            first, size = settings.block("characters" if kind == "characters" else namespace)
            rows.append(row)
            columns.append(first + (hashes % np.uint64(size)).astype(np.int64))
    return _tally(rows, columns, len(pages), settings.columns)


def _tally(rows: list[Integers], columns: list[Integers], n: int, width: int) -> csr_matrix:
    if not rows:
        return csr_matrix((n, width), dtype=np.float32)
    keys = np.concatenate(rows) * width + np.concatenate(columns)
    keys.sort()
    first = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if keys.size else keys
    tally = np.diff(np.append(first, keys.size)).astype(np.float32)
    keys = keys[first]
    pointer = np.searchsorted(keys, np.arange(n + 1) * width)
    matrix = csr_matrix((n, width), dtype=np.float32)
    matrix.data, matrix.indices, matrix.indptr = (
        tally,
        (keys % width).astype(np.int32),
        pointer.astype(np.int32),
    )
    return matrix


def _field(page: Page, namespace: str, limit: int) -> str:
    return _FIELD_BREAK.join(
        part.replace(_FIELD_BREAK, " ").replace(_PAGE_BREAK, " ") for part in _parts(page, namespace, limit)
    )[: 2 * limit]


def _parts(page: Page, namespace: str, limit: int) -> tuple[str, ...]:
    if namespace == "body":
        # Title, description and headings feed the body too: a machine that was trained on bare posts has
        # met no other name space, and must not be blind to a page's most telling words.
        parts = (page.title, page.description, *page.headings, page.text[:limit])
        return tuple(part for part in parts if part)
    if namespace in ("headings", "links"):
        return tuple(getattr(page, namespace))
    return (str(getattr(page, namespace))[:limit],)


def _codes(texts: list[str]) -> Codes:
    """Code points of all texts, folded; everything that is no letter or digit is 0, pages end in _PAGE_BREAK."""
    whole = unicodedata.normalize("NFKC", _PAGE_BREAK.join(texts) + _PAGE_BREAK).lower()
    return np.frombuffer(whole.encode("utf-32-le", "replace"), dtype=np.uint32)


@lru_cache(maxsize=1)
def _is_word() -> NDArray[np.bool_]:
    table = np.fromiter((chr(code).isalnum() or chr(code) == "_" for code in range(0x3400)), np.bool_, 0x3400)
    table[0x300:0x370] = True  # combining marks stay in their word
    return table


def _word_mask(codes: Codes) -> NDArray[np.bool_]:
    table = _is_word()
    clipped = np.minimum(codes, np.uint32(len(table) - 1))
    return np.where(codes < len(table), table[clipped], codes >= 0x3400)


def _mix(hashes: Hashes) -> Hashes:
    """The finaliser of splitmix64 (Steele, Lea and Flood 2014): every bit depends on every bit."""
    hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    hashes = (hashes ^ (hashes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return hashes ^ (hashes >> np.uint64(31))


@lru_cache(maxsize=1)
def _powers() -> Hashes:
    return np.cumprod(np.full(_LONGEST_WORD, _MULTIPLIER, dtype=np.uint64), dtype=np.uint64)


def _words(codes: Codes, ngrams: int) -> tuple[Integers, Hashes]:
    """The page number and the hash of every word of two characters or more, and of every pair of neighbours."""
    inside = _word_mask(codes)
    change = np.flatnonzero(np.diff(inside, prepend=False, append=False))
    starts, ends = change[::2], change[1::2]
    kept = ends - starts >= 2
    starts, ends = starts[kept], np.minimum(ends[kept], starts[kept] + _LONGEST_WORD)
    if not starts.size:
        return np.empty(0, np.int64), np.empty(0, np.uint64)
    lengths = ends - starts
    first = np.cumsum(lengths) - lengths
    offset = np.arange(lengths.sum()) - np.repeat(first, lengths)
    letters = codes[np.repeat(starts, lengths) + offset].astype(np.uint64)
    words = _mix(np.add.reduceat(letters * _powers()[offset], first))
    page = np.searchsorted(np.flatnonzero(codes == ord(_PAGE_BREAK)), starts)
    if ngrams == 1:
        return page, words
    fields = np.searchsorted(
        np.flatnonzero((codes == ord(_FIELD_BREAK)) | (codes == ord(_PAGE_BREAK))), starts
    )
    together = fields[1:] == fields[:-1]
    pairs = _mix(words[:-1] * np.uint64(_MULTIPLIER) + words[1:])[together]
    return np.concatenate((page, page[1:][together])), np.concatenate((words, pairs))


def _characters(codes: Codes, lengths: tuple[int, ...]) -> tuple[Integers, Hashes]:
    """The page number and the hash of every character n-gram within a word, its borders counted as a character."""
    inside = _word_mask(codes)
    kept = inside | np.concatenate(([False], inside[:-1])) | (codes == ord(_PAGE_BREAK))
    page = np.cumsum(codes == ord(_PAGE_BREAK))[kept]
    letters = np.where(inside, codes, 0)[kept].astype(np.uint64)
    letters = np.concatenate((np.zeros(1, np.uint64), letters))
    page = np.concatenate((page[:1], page)).astype(np.int64)
    gaps = np.concatenate(([0], np.cumsum(letters == 0)))
    rows: list[Integers] = []
    found: list[Hashes] = []
    for length in lengths:
        windows = letters.size - length + 1
        if windows < 1:
            continue
        # A window may begin and end with a border, and hold none between.
        whole = (gaps[length - 1 : length - 1 + windows] - gaps[1 : 1 + windows]) == 0
        start = np.flatnonzero(whole)
        hashes = np.full(start.size, length, np.uint64)
        for step in range(length):
            hashes = hashes * np.uint64(_MULTIPLIER) + letters[start + step]
        rows.append(page[start + 1])
        found.append(_mix(hashes))
    if not rows:
        return np.empty(0, np.int64), np.empty(0, np.uint64)
    return np.concatenate(rows), np.concatenate(found)
