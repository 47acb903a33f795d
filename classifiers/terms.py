"""Which terms speak for each label in a linear machine. Its features are hashed, so terms are looked for on given pages."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from classifiers.features import FeatureSettings, counts, weigh
from classifiers.linear import LinearMachine
from classifiers.page import Page, as_page

Term = tuple[str, float]

_WORD = re.compile(r"\w{2,40}")
_MOST_CHARACTERS = 20_000


def top_terms(
    machine: LinearMachine, pages: Sequence[Page | str], *, most: int = 25, most_pages: int = 3000
) -> dict[str, list[Term]]:
    """For each label the words and pairs of words that speak for it, strongest first: (term, weight).

    The weight is the term's mean contribution to the label's log odds (before calibration), over the pages that hold it.
    Terms are ranked by weight and, less, by the number of pages: neither an odd page nor the commonest words name a label.
    At most `most_pages` pages, evenly chosen, are looked at.
    """
    chosen = (
        [as_page(pages[i]) for i in np.unique(np.linspace(0, len(pages) - 1, most_pages).astype(int))]
        if pages
        else []
    )
    seen = Counter(term for page in chosen for term in set(_terms(page, machine.settings)))
    least = max(2, len(chosen) // 500)
    terms = [term for term, count in seen.items() if count >= least and not term.replace(" ", "").isdigit()]
    if not terms:
        return {label: [] for label in machine.classes_}
    columns = _columns(terms, machine.settings)
    contribution = _contributions(machine, chosen)
    frequency = np.array([seen[term] for term in terms])
    return {
        label: _best(terms, contribution[columns, place], frequency, most)
        for place, label in enumerate(machine.classes_)
    }


def _best(
    terms: list[str], weight: NDArray[np.float64], frequency: NDArray[np.int64], most: int
) -> list[Term]:
    rank = np.maximum(weight, 0) ** 1.5 * np.log2(1 + frequency)
    order = [int(i) for i in np.argsort(-rank, kind="stable")[: 3 * most] if rank[i] > 0]
    kept: list[int] = []
    for index in order:  # a pair says nothing beside a word of it that ranks higher
        if not any(set(terms[index].split()) & set(terms[other].split()) for other in kept):
            kept.append(index)
    kept = sorted(kept[:most], key=lambda index: -weight[index])
    return [(terms[index], round(float(weight[index]), 4)) for index in kept]


def _contributions(machine: LinearMachine, pages: Sequence[Page]) -> NDArray[np.float64]:
    """The mean contribution of each column to each label's log odds over the pages that hold it, shape (columns, k)."""
    matrix = counts(pages, machine.settings)
    values, _ = weigh(matrix, machine.idf, machine.settings)
    width = machine.settings.columns
    mean = np.bincount(matrix.indices, values, width) / np.maximum(
        np.bincount(matrix.indices, minlength=width), 1
    )
    told = mean[:, None] * np.asarray(machine.coef, np.float64)
    if len(machine.classes_) == 2:
        return np.column_stack((-told[:, 0], told[:, 0]))
    return np.asarray(told - (told.sum(axis=1, keepdims=True) - told) / max(1, told.shape[1] - 1))


def _columns(terms: list[str], settings: FeatureSettings) -> NDArray[np.int64]:
    """The body column of each term: for a pair, the one that neither of its words has."""
    plain = FeatureSettings(settings.bits, settings.word_ngrams, (), ("body",), settings.max_characters)
    words = sorted({word for term in terms for word in term.split()})
    rows = counts(words, plain)
    of_word = {
        word: set(rows.indices[rows.indptr[i] : rows.indptr[i + 1]].tolist()) for i, word in enumerate(words)
    }
    found = counts(terms, plain)
    columns = []
    for i, term in enumerate(terms):
        own = found.indices[found.indptr[i] : found.indptr[i + 1]].tolist()
        parts = set().union(*(of_word[word] for word in term.split())) if " " in term else set()
        columns.append(next((column for column in own if column not in parts), own[0] if own else 0))
    return np.array(columns)


def _terms(page: Page, settings: FeatureSettings) -> Iterable[str]:
    for part in (page.title, page.description, *page.headings, page.text[:_MOST_CHARACTERS]):
        words = _WORD.findall(unicodedata.normalize("NFKC", part).lower())
        yield from words
        if settings.word_ngrams > 1:
            yield from (f"{first} {second}" for first, second in pairwise(words))
