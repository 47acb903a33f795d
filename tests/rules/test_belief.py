from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from btm.rules.belief import SURE, out_of_100, sure_word


@pytest.mark.parametrize(
    ("probability", "word"),
    [(1.0, "almost certain"), (0.98, "almost certain"), (0.97, "very confident"), (0.76, "pretty confident"),
     (0.6, "fairly sure"), (0.51, "not sure, but leaning to think"), (0.0, "not sure, but leaning to think")],
)  # fmt: skip
def test_a_probability_has_a_word(probability: float, word: str) -> None:
    assert sure_word(probability) == word


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_surer_word_never_stands_for_a_smaller_probability(a: float, b: float) -> None:
    words = [word for _, word in SURE]
    low, high = sorted((a, b))
    assert words.index(sure_word(high)) <= words.index(sure_word(low))


@given(st.floats(0, 1))
def test_it_is_never_all_and_never_none(probability: float) -> None:
    assert 1 <= out_of_100(probability) <= 99
