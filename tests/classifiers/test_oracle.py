"""The bench that measures how well a machine can be copied: its pieces, on a toy machine whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from bench.oracle import REFUSED_BELOW, SHOWN, account_days, ask_copy, compare, copy_machine

CHANCES = np.array([0.001, 0.1, 0.3, 0.5, 0.56, 0.949, 0.999])


def test_what_is_shown_is_as_coarse_as_it_says_and_nothing_is_shown_of_a_refusal() -> None:
    shown = {kind: show(CHANCES) for kind, show in SHOWN.items()}
    assert np.allclose(shown["exact"], CHANCES)
    assert shown["percents"][2:].tolist() == pytest.approx([0.3, 0.5, 0.56, 0.95, 0.99])
    assert shown["tenths"][2:].tolist() == pytest.approx([0.35, 0.55, 0.55, 0.95, 0.95])
    assert np.abs(shown["points"][2:] - CHANCES[2:]).max() < 0.002, (
        "the offer tells what the percents leave out"
    )
    assert set(shown["halves"]) == {0.12, 0.88}
    for kind in ("percents", "points", "tenths"):
        assert shown[kind][:2].tolist() == [REFUSED_BELOW / 2] * 2


def test_a_copy_comes_nearer_the_more_is_asked() -> None:
    dice = np.random.default_rng(0)
    weights = dice.normal(size=60)
    features = dice.normal(size=(1200, 60))
    chance = 1 / (1 + np.exp(-features @ weights / 4))
    truth = dice.random(1200) < chance
    agreed = {
        kind: [
            compare(
                chance[1000:],
                ask_copy(copy_machine(csr_matrix(features[:n]), SHOWN[kind](chance[:n])), csr_matrix(features[1000:])),
                truth[1000:],
            )
            for n in (30, 1000)
        ]
        for kind in ("exact", "halves")
    }  # fmt: skip
    for few, many in agreed.values():
        assert many[0] > few[0]
        assert many[1] < few[1]
    assert agreed["exact"][1][0] > 0.98
    assert abs(agreed["exact"][1][2]) < 0.01
    assert agreed["exact"][1][1] < agreed["halves"][1][1]


def test_what_it_costs_in_days_of_an_account() -> None:
    assert account_days(6000) == 2
