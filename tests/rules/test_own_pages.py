from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from btm.rules.own_pages import Handed, SitePage, frames, own_year, suspect, usual_share

FRAME = frozenset({"our quiet corner", "written by hand in june", "more of this kind"})


def site(number: int, *lines: str, framed: bool = True) -> SitePage:
    return SitePage(
        f"s{number}.example", frozenset({f"only {number}", *lines}) | (FRAME if framed else frozenset())
    )


def handed(own: int, pages: int, new: int = 0) -> Handed:
    return Handed(pages, {f"s{number}.example": 1 for number in range(own)}, new)


def test_sites_of_one_make_are_the_strongest_sign() -> None:
    made = suspect(handed(5, 5), 0.8, [site(n) for n in range(5)], {})
    honest = suspect(handed(5, 5), 0.8, [site(n, framed=False) for n in range(5)], {})
    assert made is not None and honest is not None  # noqa: PT018
    assert (made.score > 0.7, honest.score < 0.35) == (True, True)
    assert made.reasons[0].code == "alike"
    assert "5 of 5 sites" in made.reasons[0].sentence


def test_alike_wording_is_a_sign_without_a_common_frame() -> None:
    pages = [site(n, framed=False) for n in range(4)]
    assert suspect(handed(4, 4), 1.0, pages, {(0, 1): 0.1, (2, 3): 0.15}).score == 0  # type: ignore[union-attr]
    found = suspect(handed(4, 4), 1.0, pages, {(0, 1): 0.3, (1, 2): 0.3})
    assert found is not None
    assert [reason.code for reason in found.reasons] == ["alike"]


@pytest.mark.parametrize("usual", [0.0, 0.5, 0.9])
def test_sites_that_nobody_else_knows_count_only_beyond_what_is_usual(usual: float) -> None:
    found = suspect(handed(9, 10), usual, [], {})
    assert found is not None
    assert found.score == pytest.approx(0.3 * (0.9 - usual) / (1 - usual) if usual < 0.9 else 0, abs=1e-4)


def test_many_pages_of_one_such_site_and_new_sites_add_to_it() -> None:
    one = Handed(10, {"mine.example": 10}, 1)
    found = suspect(one, 1.0, [], {})
    assert found is not None
    assert {reason.code for reason in found.reasons} == {"one_site", "new"}
    assert "10 pages are of mine.example" in found.reasons[0].sentence


def test_of_a_few_pages_nothing_is_said() -> None:
    assert suspect(handed(3, 3, 3), 0.0, [site(n) for n in range(3)], {}) is None


@given(st.integers(4, 40), st.integers(0, 40), st.floats(0, 1), st.integers(0, 40))
def test_a_suspicion_is_a_share(pages: int, own: int, usual: float, new: int) -> None:
    own = min(own, pages)
    found = suspect(handed(own, pages, min(new, own)), usual, [site(n) for n in range(min(own, 6))], {})
    assert found is not None
    assert 0 <= found.score < 1


def test_what_other_players_pages_say_too_makes_nobody_alike() -> None:
    told = frames({1: [["cookies", "mine"], ["cookies", "mine"]], 2: [["cookies"]]})
    assert told == {1: [frozenset({"mine"})] * 2, 2: [frozenset()]}


def test_what_is_usual_is_asked_of_the_others() -> None:
    everybody = {1: handed(9, 10), 2: handed(1, 10), 3: handed(2, 10)}
    assert usual_share(everybody, 1) == pytest.approx(0.15)
    assert usual_share({1: handed(9, 10)}, 1) == 0


@pytest.mark.parametrize(
    ("line", "year"),
    [("© 2012 to 2024 A. Smith", 2012), ("Copyright (c) by us, 1999", 1999), ("In 2012 it rained", None), ("", None)],
)  # fmt: skip
def test_a_page_s_own_word_on_its_age(line: str, year: int | None) -> None:
    assert own_year([line]) == year
