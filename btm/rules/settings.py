"""The constants of one challenge, with the game's defaults. A challenge stores only what it changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import lru_cache

from btm.rules.errors import Invalid


@dataclass(frozen=True, slots=True)
class ChallengeRules:
    """Money in points, times as their names say, the rest as in design section 3."""

    max_bonus: int = 1000
    min_quote: int = 50
    sharpness: float = 2.0
    novelty_floor: float = 0.2
    points_per_usd: int = 5000
    judging_price: int = 50
    base_pay: int = 10
    base_pay_daily_cap: int = 500
    quote_hours: float = 24.0
    hold_days: float = 14.0
    verdict_days: float = 7.0
    lease_seconds: float = 300.0
    min_judgements: int = 2
    max_judgements: int = 7
    max_expected_cost: float = 0.05
    judge_accuracy: float = 0.85
    ageing_hours: float = 24.0
    gold_rate_start: float = 0.4
    gold_rate_floor: float = 0.1
    gold_proof_answers: int = 20
    gold_pool: int = 40
    gold_min_probability: float = 0.97
    gold_min_judgements: int = 2
    gold_leak_answers: int = 20
    min_gold_accuracy: float = 0.6
    min_gold_answers: int = 10
    too_fast_z: float = 2.5
    too_fast_least: int = 50
    friction_share: float = 0.0
    friction_seconds: float = 20.0
    friction_quality: float = 0.3
    quality_specification: float = 0.4
    pay_proof_judgements: int = 20
    appeal_days: float = 7.0
    appeal_min_judgements: int = 3
    most_corrections: int = 2
    qualification_pass: float = 0.8
    qualification_wait_minutes: float = 10.0
    collect_goal: int = 200
    collect_least: int = 30
    site_likeness: float = 0.3
    given_accuracy: float = 0.6

    def __post_init__(self) -> None:
        for name, (low, high) in BOUNDS.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
                raise Invalid(
                    f"{name} is {value!r}; it must be a number from {low:g} to {high:g}.", field=name
                )
        if self.min_judgements > self.max_judgements:
            raise Invalid(
                "min_judgements is above max_judgements; lower the one or raise the other.",
                field="min_judgements",
            )
        if self.gold_rate_floor > self.gold_rate_start:
            raise Invalid(
                "gold_rate_floor is above gold_rate_start; lower the one or raise the other.",
                field="gold_rate_floor",
            )
        if self.min_quote > self.max_bonus:
            raise Invalid("min_quote is above max_bonus, so every page would be refused.", field="min_quote")


BOUNDS: dict[str, tuple[float, float]] = {
    "max_bonus": (1, 10_000_000),
    "min_quote": (0, 10_000_000),
    "sharpness": (0.1, 10),
    "novelty_floor": (0, 1),
    "points_per_usd": (0, 10_000_000),
    "judging_price": (0, 1_000_000),
    "base_pay": (0, 1_000_000),
    "base_pay_daily_cap": (0, 10_000_000),
    "quote_hours": (0.01, 24 * 30),
    "hold_days": (0, 90),
    "verdict_days": (0.0001, 90),
    "lease_seconds": (5, 3600),
    "min_judgements": (1, 50),
    "max_judgements": (1, 50),
    "max_expected_cost": (0, 1),
    "judge_accuracy": (0.51, 0.999),
    "ageing_hours": (0.1, 24 * 365),
    "gold_rate_start": (0, 0.9),
    "gold_rate_floor": (0, 0.9),
    "gold_proof_answers": (1, 10_000),
    "gold_pool": (0, 10_000),
    "gold_min_probability": (0.5, 1),
    "gold_min_judgements": (1, 50),
    "gold_leak_answers": (5, 10_000),
    "min_gold_accuracy": (0, 1),
    "min_gold_answers": (3, 10_000),
    "too_fast_z": (0.5, 10),
    "too_fast_least": (10, 100_000),
    "friction_share": (0, 1),
    "friction_seconds": (1, 300),
    "friction_quality": (0, 1),
    "quality_specification": (0.01, 0.99),
    "pay_proof_judgements": (0, 10_000),
    "appeal_days": (0, 90),
    "appeal_min_judgements": (1, 50),
    "most_corrections": (1, 50),
    "qualification_pass": (0, 1),
    "qualification_wait_minutes": (0, 60 * 24 * 7),
    "collect_goal": (20, 1_000_000),
    "collect_least": (10, 100_000),
    "site_likeness": (0, 0.99),
    "given_accuracy": (0.5, 0.999),
}
KNOWN = frozenset(f.name for f in fields(ChallengeRules))
WHOLE = {f.name for f in fields(ChallengeRules) if f.type == "int"}


def rules_from(stored: Mapping[str, object]) -> ChallengeRules:
    """The rules of a challenge from what it stores. Raises Invalid for a name that is no setting, or a value out of bounds."""
    unknown = sorted(set(stored) - KNOWN)
    if unknown:
        raise Invalid(
            f"{unknown[0]!r} is not a setting of a challenge. The settings are: {', '.join(sorted(KNOWN))}."
        )
    for name in WHOLE & set(stored):
        if not isinstance(stored[name], int):
            raise Invalid(f"{name} is {stored[name]!r}; it must be a whole number.", field=name)
    try:
        return _made(tuple((name, type(value), value) for name, value in sorted(stored.items())))
    except TypeError:  # a value that cannot be a number, which the rules say better
        return ChallengeRules(**stored)  # type: ignore[arg-type]


@lru_cache(maxsize=500)
def _made(stored: tuple[tuple[str, type, object], ...]) -> ChallengeRules:
    """The same rules again: they are asked for several times at every request. Types are told apart, since True equals 1."""
    return ChallengeRules(**{name: value for name, _, value in stored})  # type: ignore[arg-type]


def changes(rules: ChallengeRules) -> dict[str, object]:
    """Only what differs from the defaults, for storing."""
    defaults = asdict(ChallengeRules())
    return {name: value for name, value in asdict(rules).items() if value != defaults[name]}
