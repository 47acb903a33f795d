"""The constants of one challenge, with the game's defaults. A challenge stores only what it changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

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
    verdict_days: float = 7.0
    lease_seconds: float = 300.0
    min_judgements: int = 2
    max_judgements: int = 7
    max_expected_cost: float = 0.05
    judge_accuracy: float = 0.85
    qualification_pass: float = 0.8
    qualification_wait_minutes: float = 10.0

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
        if self.min_quote > self.max_bonus:
            raise Invalid("min_quote is above max_bonus, so every page would be refused.", field="min_quote")


BOUNDS: dict[str, tuple[float, float]] = {
    "max_bonus": (1, 10_000_000),
    "min_quote": (0, 10_000_000),
    "sharpness": (0.1, 10),
    "novelty_floor": (0, 1),
    "points_per_usd": (1, 10_000_000),
    "judging_price": (0, 1_000_000),
    "base_pay": (0, 1_000_000),
    "base_pay_daily_cap": (0, 10_000_000),
    "quote_hours": (0.01, 24 * 30),
    "verdict_days": (0.0001, 90),
    "lease_seconds": (5, 3600),
    "min_judgements": (1, 50),
    "max_judgements": (1, 50),
    "max_expected_cost": (0, 1),
    "judge_accuracy": (0.51, 0.999),
    "qualification_pass": (0, 1),
    "qualification_wait_minutes": (0, 60 * 24 * 7),
}
WHOLE = {f.name for f in fields(ChallengeRules) if f.type == "int"}


def rules_from(stored: Mapping[str, object]) -> ChallengeRules:
    """The rules of a challenge from what it stores. Raises Invalid for a name that is no setting, or a value out of bounds."""
    known = {f.name for f in fields(ChallengeRules)}
    unknown = sorted(set(stored) - known)
    if unknown:
        raise Invalid(
            f"{unknown[0]!r} is not a setting of a challenge. The settings are: {', '.join(sorted(known))}."
        )
    for name in WHOLE & set(stored):
        if not isinstance(stored[name], int):
            raise Invalid(f"{name} is {stored[name]!r}; it must be a whole number.", field=name)
    return ChallengeRules(**stored)  # type: ignore[arg-type]


def changes(rules: ChallengeRules) -> dict[str, object]:
    """Only what differs from the defaults, for storing."""
    defaults = asdict(ChallengeRules())
    return {name: value for name, value in asdict(rules).items() if value != defaults[name]}
