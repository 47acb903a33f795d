"""The probe index finds what a plain product finds, however the probes came."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import hstack
from scipy.sparse import random as random_rows

from classifiers.probes import ProbeIndex


@pytest.mark.parametrize("steps", [[1] * 40, [300], [300, 1, 1], [100] * 5, [0, 5, 0]])
def test_the_nearest_are_those_of_a_plain_product_however_the_probes_came(steps: list[int]) -> None:
    rows = random_rows(sum(steps), 500, density=0.05, format="csr", dtype=np.float32, random_state=1)
    wrong = np.arange(sum(steps)) % 2 == 0
    index = ProbeIndex(500)
    done = 0
    for step in steps:
        index.add(rows[done : done + step], wrong[done : done + step], None)
        done += step
    page = random_rows(1, 500, density=0.1, format="csr", dtype=np.float32, random_state=2)
    product = (page @ rows.T).toarray().ravel()
    assert len(index) == done
    assert index.ids == list(range(done))
    for found, group in zip(index.nearest(page, 7), (wrong, ~wrong), strict=True):
        expected = np.sort(np.where(group, product, 0))[::-1][:7]
        assert np.allclose(found.similarity, expected[expected > 0], atol=1e-6)
        assert np.allclose(found.similarity, product[found.places], atol=1e-6)
        assert group[found.places].all()


def test_among_very_many_a_near_copy_is_found_though_it_shares_what_is_common() -> None:
    random = np.random.default_rng(3)
    common = random_rows(3000, 20, density=0.5, format="csr", dtype=np.float32, random_state=1)
    rare = random_rows(3000, 4000, density=0.002, format="csr", dtype=np.float32, random_state=2)
    rows = hstack([common, rare], format="csr")
    index = ProbeIndex(4020)
    index.add(rows, np.ones(3000, bool), None)
    for place in random.integers(0, 3000, 20):
        if rows[place].indices[-1] >= 20:
            product = (rows[place] @ rows.T).toarray().ravel()
            assert index.nearest(rows[place], 1)[0].similarity[0] >= product[place] - 1e-5


def test_a_known_id_keeps_its_row_and_takes_the_new_judgement() -> None:
    rows = random_rows(3, 50, density=0.2, format="csr", dtype=np.float32, random_state=1)
    index = ProbeIndex(50)
    index.add(rows[:2], np.array([True, True]), ["a", "b"])
    index.add(rows, np.array([False, True, True]), ["b", "c", "d"])
    assert index.ids == ["a", "b", "c", "d"]
    assert index.is_error.tolist() == [True, False, True, True]
