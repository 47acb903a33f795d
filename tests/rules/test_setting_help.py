from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from btm.rules.errors import Invalid
from btm.rules.setting_help import GROUPS, HELP, read_setting, settings
from btm.rules.settings import ChallengeRules

PAGE = Path(__file__).parents[2] / "docs/settings.md"


def test_every_setting_has_a_sentence_of_help_and_a_group() -> None:
    assert set(HELP) == {each.name for each in fields(ChallengeRules)}
    assert {group for group, _ in HELP.values()} == set(GROUPS)
    assert all(help.strip() for _, help in HELP.values())
    assert [each.name for each in settings()] == list(HELP)


def test_the_page_of_settings_says_the_same() -> None:
    written = dict(
        re.findall(r"^\| `([a-z_]+)` \| [^|]+ \| ([^|]+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert {name: written.get(name) for name in HELP} == {name: help for name, (_, help) in HELP.items()}


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("max_bonus", " 1 000 ", 1000),
        ("max_bonus", "1000.0", 1000),
        ("max_bonus", "2,000", 2000),
        ("points_per_usd", "1.000.000", 1_000_000),
        ("sharpness", "1,5", 1.5),
        ("friction_share", "0", 0),
    ],
)
def test_what_is_typed_is_read(name: str, typed: str, value: float) -> None:
    assert read_setting(name, typed) == value


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("max_bonus", ""),
        ("max_bonus", "1.5"),
        ("max_bonus", "0"),
        ("sharpness", "nan"),
        ("sharpness", "much"),
        ("maxbonus", "1"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_type(name: str, typed: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_setting(name, typed)
    assert caught.value.field == name
    assert name == "maxbonus" or " from " in caught.value.sentence
