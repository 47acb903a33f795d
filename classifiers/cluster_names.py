"""What a cluster is called: the terms that set its finds apart, as people wrote them.

Class-based TF-IDF (Grootendorst 2022, "BERTopic"): each cluster is read as one document, and a term t weighs
tf(t, cluster) * ln(1 + A / f(t)), A the mean number of words a cluster and f(t) those of t in all. Two things are
different here: a term counts once a page, so that one long page names nothing; and everyday words are kept out,
both those of the shipped background and, in any language, those that stand in half as many pages elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from math import log
from typing import TypeVar

from classifiers.cluster_words import (
    Lines,
    as_written,
    everyday,
    folded,
    pages_with_pair,
    pages_with_word,
    words_of,
)
from classifiers.page import Page

Cluster = TypeVar("Cluster", bound=Hashable)
Weights = dict[str, float]

_MOST_PAGES = 200
_ELSEWHERE = 0.5
_CANDIDATES = 40
_FUNCTION = 3.2
_MOSTLY = 0.6
_ENDING = 3


def distinguishing_terms(
    texts_by_cluster: Mapping[Cluster, Sequence[Page | str]],
    k: int = 5,
    *,
    others: Sequence[Page | str] = (),
) -> dict[Cluster, list[str]]:
    """The k words and pairs of words that set each cluster apart, most telling first.

    `others` are pages of no cluster: what stands in them too tells less. Of terms that say the same (`tree` and
    `trees`, `red maple` and `maple`) the more telling one is kept. A cluster without any telling word has none.
    At most 200 pages a cluster, evenly chosen, are read.
    """
    written = [[words_of(page) for page in _some(texts)] for texts in (*texts_by_cluster.values(), others)]
    pages = [folded(each) for each in written]
    seen = [pages_with_word(each) for each in pages]
    sizes = list(map(len, pages))
    asked = {
        word
        for counted, size in zip(seen, sizes, strict=True)
        for word, count in counted.items()
        if count >= _least(size)
    }
    words = _weights(seen, sizes, everyday(asked))
    pairs = _pairs(pages, seen, words, everyday(asked, _FUNCTION))
    answer = {}
    for place, cluster in enumerate(texts_by_cluster):
        weights = {**words[place], **pairs[place]}
        ranked = sorted(weights, key=lambda term: (-weights[term], term))
        answer[cluster] = as_written(_apart(ranked, k), written[place])
    return answer


def cluster_name(terms: Sequence[str], most: int = 3) -> str:
    """A name from a cluster's terms, to be replaced by a better one: the first few, with commas. Empty for none."""
    return ", ".join(terms[:most])


def _some(texts: Sequence[Page | str]) -> list[Page | str]:
    step = max(1.0, len(texts) / _MOST_PAGES)
    return [texts[int(place * step)] for place in range(min(len(texts), _MOST_PAGES))]


def _least(size: int) -> int:
    """A term must stand on this many of a group's pages."""
    return 2 if size > 2 else 1


def _weights(
    seen: Sequence[Counter[str]], sizes: Sequence[int], ordinary: set[str], mean: float = 0.0
) -> list[Weights]:
    """The class-based TF-IDF of each group's terms, of those that are telling at all. `mean`: A, by default of these."""
    everywhere = sum(seen, Counter())
    mean = mean or sum(everywhere.values()) / max(1, sum(map(bool, sizes)))
    answer = []
    for counted, size in zip(seen, sizes, strict=True):
        outside = max(1, sum(sizes) - size)
        answer.append(
            {
                term: count / size * log(1 + mean / everywhere[term])
                for term, count in counted.items()
                if count >= _least(size)
                and term not in ordinary
                and (everywhere[term] - count) / outside <= _ELSEWHERE * count / size
            }
        )
    return answer


def _pairs(
    pages: Sequence[list[Lines]], seen: Sequence[Counter[str]], words: Sequence[Weights], function: set[str]
) -> list[Weights]:
    """The weights of pairs of words around each group's most telling words."""
    telling = {
        word for each in words for word in sorted(each, key=lambda word: (-each[word], word))[:_CANDIDATES]
    }
    sizes = list(map(len, pages))
    mean = sum(sum(each.values()) for each in seen) / max(1, sum(map(bool, sizes)))
    counted = [pages_with_pair(each, telling, function) for each in pages]
    return [
        {
            term: _whole(term, weight, counted[place], seen[place], words[place])
            for term, weight in each.items()
        }
        for place, each in enumerate(_weights(counted, sizes, set(), mean))
    ]


def _whole(pair: str, weight: float, pairs: Counter[str], seen: Counter[str], words: Weights) -> float:
    """A pair that most pages with its word have is the whole term (Breaking Bad): it goes before the word."""
    of_words = [words.get(word, 0.0) for word in pair.split(" ") if pairs[pair] >= _MOSTLY * seen[word]]
    return max(weight, max(of_words, default=0.0) * (1 + 1e-9))


def _apart(ranked: list[str], k: int) -> list[str]:
    chosen: list[str] = []
    for term in ranked:
        if len(chosen) == k:
            break
        if not any(_say_the_same(term, other) for other in chosen):
            chosen.append(term)
    return chosen


def _say_the_same(one: str, other: str) -> bool:
    return any(_inflected(a, b) for a in one.split(" ") for b in other.split(" "))


def _inflected(one: str, other: str) -> bool:
    """Two forms of one word, as far as their letters tell: a long common beginning and short endings."""
    shared = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        shared += 1
    return one == other or (shared >= 4 and max(len(one), len(other)) - shared <= _ENDING)
