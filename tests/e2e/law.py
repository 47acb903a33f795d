"""The published rules of the game, worked out anew: nothing here is taken from the product's own code."""

from __future__ import annotations

MAX_BONUS = 1000
MIN_QUOTE = 50
SHARPNESS = 2
NOVELTY_FLOOR = 0.2
JUDGING_PRICE = 50
MOST_JUDGEMENTS = 7
BASE_PAY = 10
POINTS_PER_USD = 5000
FUNDED = 5_000_000
JUDGEMENTS = (2, 3)
SLIP_JUDGEMENTS = (3, 4)
"""Two agreeing judges decide, or three where the judges are weighed anew in between and found not to be as good as a newcomer is
taken to be; after one wrong answer, it takes one or two more."""


def severity(probabilities: dict[str, float], truth: str) -> float:
    """For two labels: the probability given to the wrong one."""
    return 1.0 - probabilities[truth]


def bonus(probabilities: dict[str, float], truth: str, novelty: float) -> int:
    return min(MAX_BONUS, round(MAX_BONUS * severity(probabilities, truth) ** SHARPNESS * novelty))


def assigned(probabilities: dict[str, float]) -> str:
    return max(probabilities, key=lambda label: probabilities[label])


def reserve(points: int) -> int:
    """What a commit sets aside where the machine says something else than the player: the offer (its truth pays the
    most), and every judgement that the page may need."""
    return max(points, BASE_PAY) + JUDGING_PRICE * MOST_JUDGEMENTS


def pay(probabilities: dict[str, float], target: str, truth: str, offered: int) -> int:
    """What a settled page of two labels pays its player: a right claim its offer, honest effort a little."""
    if truth == target:
        return offered
    assert truth == assigned(probabilities), (
        "with two labels, who does not agree with the player agrees with the machine"
    )
    return BASE_PAY
