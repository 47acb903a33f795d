"""How sure the machine is, in words that a newcomer knows."""

from __future__ import annotations

SURE = (
    (0.98, "almost certain"),
    (0.90, "very confident"),
    (0.75, "pretty confident"),
    (0.60, "fairly sure"),
    (0.0, "not sure, but leaning to think"),
)


def sure_word(probability: float) -> str:
    """A word for the probability (0 to 1) of the machine's likeliest label, to be followed by "that ..."."""
    return next(word for threshold, word in SURE if probability >= threshold)


def out_of_100(probability: float) -> int:
    """The probability as a frequency, never claiming all or none."""
    return min(99, max(1, round(100 * probability)))
