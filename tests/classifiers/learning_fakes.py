"""A made-up world in which a machine has holes: boats are sought, and it takes every page with a sail for a boat."""

from __future__ import annotations

import numpy as np

from classifiers.features import FeatureSettings
from classifiers.learning import Example, Options

LABELS = ("boats", "none")
OPTIONS = Options(settings=FeatureSettings(bits=14), totals=(0.5, 1.0), natural_margin=0.02)
BOATS = ["sail", "mast", "keel", "harbour", "rudder", "deck", "anchor", "captain"]
OTHER = ["bread", "oven", "garden", "river", "street", "music", "winter", "school", "paper", "kitchen"]
HOLES = {
    "kites": ["sail", "kite", "string", "meadow", "gusts"],
    "blinds": ["sail", "awning", "terrace", "shade", "parasol"],
    "mills": ["sail", "miller", "grain", "windmill", "flour"],
    "birds": ["mast", "nest", "stork", "feathers", "chimney"],
    "quiz": ["captain", "football", "trophy", "league", "goals"],
}


def page(words: list[str], random: np.random.Generator, filler: int = 4) -> str:
    return " ".join([*random.choice(words, 5), *random.choice(OTHER, filler)])


def base(count: int = 240, seed: int = 0) -> list[Example]:
    random = np.random.default_rng(seed)
    return [
        Example(page(BOATS, random), "boats") if place % 3 == 0 else Example(page(OTHER, random), "none")
        for place in range(count)
    ]


def hole(name: str, count: int = 12, seed: int = 1) -> list[Example]:
    """Pages of one hole: about something else, in words of which the first is a boat's."""
    random = np.random.default_rng([seed, list(HOLES).index(name)])
    word = HOLES[name][0]
    return [
        Example(f"{word} {word} {word} {page(HOLES[name], random, 2)}", "none", name, "corpus")
        for _ in range(count)
    ]


def corpus(*names: str, count: int = 12, seed: int = 1) -> list[Example]:
    return [each for name in names or tuple(HOLES) for each in hole(name, count, seed)]
