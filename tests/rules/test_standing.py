from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from btm.rules.settings import ChallengeRules
from btm.rules.standing import JudgeRecord, Standing, advice, should_block

RULES = ChallengeRules()
FINE = JudgeRecord(judgements=100, hasty=1, cannot=5, gold_asked=20, gold_right=19, missed_labels={"hate": 1})


def test_the_standings_are_stored_as_words() -> None:
    assert json.dumps(list(Standing)) == '["active", "blocked"]'
    assert Standing("blocked") is Standing.BLOCKED
    assert Standing.ACTIVE == "active"


@pytest.mark.parametrize(
    ("right", "asked", "blocked"),
    [
        (0, 0, False),
        (0, 9, False),
        (0, 10, True),
        (5, 10, True),
        (6, 10, False),
        (59, 100, True),
        (60, 100, False),
        (10, 10, False),
    ],
)
def test_who_is_below_the_least_accuracy_after_enough_gold_is_blocked(
    right: int, asked: int, blocked: bool
) -> None:
    assert should_block(right, asked, RULES) is blocked


@given(st.integers(1, 60), st.data())
def test_a_right_answer_never_blocks_who_was_not_blocked(asked: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, asked))
    if asked >= RULES.min_gold_answers and not should_block(right, asked, RULES):
        assert not should_block(right + 1, asked + 1, RULES)
    if right < asked and should_block(right + 1, asked, RULES):
        assert should_block(right, asked, RULES)


@pytest.mark.parametrize(("right", "asked"), [(2, 1), (-1, 5)])
def test_more_right_than_asked_is_refused(right: int, asked: int) -> None:
    with pytest.raises(ValueError, match="right is"):
        should_block(right, asked, RULES)


@pytest.mark.parametrize(
    ("record", "codes"),
    [
        (FINE, ["doing_well"]),
        (replace(FINE, hasty=10), ["hasty"]),
        (replace(FINE, hasty=9), ["doing_well"]),
        (replace(FINE, cannot=25), ["unsure_often"]),
        (replace(FINE, cannot=24), ["doing_well"]),
        (replace(FINE, gold_right=17, missed_labels={"hate": 1, "spam": 2}), ["misses:spam"]),
        (replace(FINE, gold_right=16, missed_labels={"spam": 2, "hate": 2}), ["misses:hate"]),
        (
            replace(FINE, hasty=50, cannot=40, gold_right=5, missed_labels={"hate": 15}),
            ["hasty", "misses:hate", "unsure_often"],
        ),
        (replace(FINE, gold_asked=100, gold_right=97, missed_labels={"hate": 3}), ["doing_well"]),
        (replace(FINE, gold_right=15, missed_labels={"a": 1, "b": 1, "c": 1, "d": 1, "e": 1}), []),
        (replace(FINE, gold_asked=4, gold_right=4, missed_labels={}), []),
        (JudgeRecord(19, 19, 19, 5, 5, {}), []),
        (JudgeRecord(0, 0, 0, 0, 0, {}), []),
    ],
)
def test_a_judge_is_told_what_to_do_better(record: JudgeRecord, codes: list[str]) -> None:
    assert advice(record) == codes


records = st.builds(
    JudgeRecord,
    judgements=st.integers(0, 200),
    hasty=st.integers(0, 200),
    cannot=st.integers(0, 200),
    gold_asked=st.integers(0, 100),
    gold_right=st.integers(0, 100),
    missed_labels=st.dictionaries(st.sampled_from(["hate", "fine", "spam"]), st.integers(0, 50)),
)


@given(records)
def test_praise_stands_alone_and_no_number_is_ever_told(record: JudgeRecord) -> None:
    codes = advice(record)
    assert len(codes) == len(set(codes)) <= 3
    assert "doing_well" not in codes or codes == ["doing_well"]
    assert not any(character.isdigit() for code in codes for character in code)
    named = [code.removeprefix("misses:") for code in codes if code.startswith("misses:")]
    for label in named:
        assert record.missed_labels[label] == max(record.missed_labels.values())
