"""Texts made of invented words: as unlike, as alike or as nearly the same as a test needs. No randomness but the seed's."""

from __future__ import annotations

import random

_ONSETS = (
    "b",
    "br",
    "d",
    "dr",
    "f",
    "g",
    "gl",
    "h",
    "k",
    "kl",
    "m",
    "n",
    "p",
    "pr",
    "s",
    "st",
    "t",
    "tr",
    "v",
    "z",
)
_VOWELS = ("a", "e", "i", "o", "u", "ai", "ou")
_ENDS = ("", "n", "r", "l", "sk", "m", "t")


def words(seed: object, count: int = 80) -> list[str]:
    """Invented words; other seeds give others."""
    dice = random.Random(str(seed))
    return [_word(dice) for _ in range(count)]


def text(seed: object, count: int = 80) -> str:
    """A text unlike that of any other seed."""
    return sentences(words(seed, count))


def same_topic(seed: object, turn: int, count: int = 80) -> str:
    """A text of the same words as `text(seed)` in another order: the same topic, and no near-duplicate."""
    shuffled = words(seed, count)
    random.Random(f"{seed} {turn}").shuffle(shuffled)
    return sentences(shuffled)


def nearly_the_same(seed: object, changed: int = 1, count: int = 80) -> str:
    """`text(seed)` with some words replaced: a near-duplicate."""
    kept = words(seed, count)
    kept[-changed:] = words(f"{seed} changed", changed)
    return sentences(kept)


def sentences(all_words: list[str]) -> str:
    """The words as sentences of ten."""
    rows = [" ".join(all_words[start : start + 10]).capitalize() for start in range(0, len(all_words), 10)]
    return ". ".join(rows) + "."


def _word(dice: random.Random) -> str:
    syllables = (dice.choice(_ONSETS) + dice.choice(_VOWELS) for _ in range(dice.choice((2, 2, 3))))
    return "".join(syllables) + dice.choice(_ENDS)
