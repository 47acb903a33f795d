"""Verification rules as a modeler chooses them: quick, careful or strict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from btm.rules.settings import ChallengeRules


@dataclass(frozen=True, slots=True)
class Preset:
    """What it is for, in a sentence, and the settings that it decides. All presets decide the same ones."""

    name: str
    sentence: str
    values: dict[str, Any]


PRESETS = (
    Preset(
        "quick",
        "Cheap, and wrong now and then: for trying out, and for pages that nobody argues about.",
        {
            "min_judgements": 2, "max_judgements": 3, "max_expected_cost": 0.12, "gold_rate_start": 0.25, "gold_rate_floor": 0.05,
            "gold_proof_answers": 10, "min_gold_accuracy": 0.6, "qualification_pass": 0.6, "appeal_min_judgements": 2,
        },
    ),
    Preset(
        "careful",
        "Two people who agree decide, and up to seven are asked: what most challenges need.",
        {
            "min_judgements": 2, "max_judgements": 7, "max_expected_cost": 0.05, "gold_rate_start": 0.4, "gold_rate_floor": 0.1,
            "gold_proof_answers": 20, "min_gold_accuracy": 0.6, "qualification_pass": 0.8, "appeal_min_judgements": 3,
        },
    ),
    Preset(
        "strict",
        "Three at least, and proven ones: for labels that people argue about, and for test sets.",
        {
            "min_judgements": 3, "max_judgements": 11, "max_expected_cost": 0.01, "gold_rate_start": 0.5, "gold_rate_floor": 0.2,
            "gold_proof_answers": 40, "min_gold_accuracy": 0.75, "qualification_pass": 1.0, "appeal_min_judgements": 5,
        },
    ),
)  # fmt: skip
NAMES = tuple(preset.name for preset in PRESETS)


def preset_of(rules: ChallengeRules) -> str:
    """The preset that the rules follow, or "" where they are somebody's own."""
    for preset in PRESETS:
        if all(getattr(rules, name) == value for name, value in preset.values.items()):
            return preset.name
    return ""
