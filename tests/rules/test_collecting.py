from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from btm.rules import collecting as law
from btm.rules.errors import Conflict, Invalid
from btm.rules.settings import ChallengeRules

RULES = ChallengeRules()
LABELS = ("drugs", "none")


def test_as_many_of_each_label_are_wanted_where_nothing_is_said() -> None:
    assert law.shares(LABELS, {}) == [0.5, 0.5]
    assert law.shares(LABELS, {"drugs": 1, "none": 3}) == [0.25, 0.75]


def test_shares_are_rounded_up_and_never_below_what_a_machine_needs() -> None:
    assert law.wanted_counts([0.5, 0.5], 200, 30) == [100, 100]
    assert law.wanted_counts([1 / 3, 2 / 3], 100, 10) == [34, 67]
    assert law.wanted_counts([0.05, 0.95], 200, 30) == [30, 190]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((0, 0), (1.0, 1.0)),
        ((60, 60), (1.0, 1.0)),  # 40 and 40 are missing: as asked for
        ((60, 10), (40 / 130 * 2, 1.0)),  # 40 of the 130 that are missing, of which half were asked for
        ((100, 10), (0.0, 1.0)),
        ((130, 10), (0.0, 1.0)),
        ((100, 100), (0.0, 0.0)),
    ],
)
def test_a_label_is_wanted_by_its_share_of_what_is_missing(
    counts: tuple[int, int], expected: tuple[float, float]
) -> None:
    assert law.wants(counts, (100, 100)) == pytest.approx(expected)


@given(st.tuples(*[st.integers(0, 300)] * 3), st.tuples(*[st.integers(1, 300)] * 3), st.integers(0, 2))
def test_one_more_of_a_label_never_makes_it_more_wanted(
    counts: tuple[int, ...], wanted: tuple[int, ...], place: int
) -> None:
    more = [count + (at == place) for at, count in enumerate(counts)]
    before, after = law.wants(counts, wanted), law.wants(more, wanted)
    assert all(0 <= want <= 1 for want in after)
    assert after[place] <= before[place] + 1e-12
    # Until all is full, some label is wanted at its full price.
    if any(count < want for count, want in zip(counts, wanted, strict=True)):
        assert max(before) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("pages", "worth"),
    [
        (0, 1.0),
        (1, 2 / 1.3 - 1),
        (2, 3 / 1.6 - 2 / 1.3),
        (3, 4 / 1.9 - 3 / 1.6),
        (99, 100 / 30.7 - 99 / 30.4),
    ],
)
def test_one_more_page_of_a_site_is_worth_what_it_adds(pages: int, worth: float) -> None:
    assert law.site_novelty(pages, 0.3) == pytest.approx(worth)


def test_the_hundredth_page_of_a_site_pays_next_to_nothing() -> None:
    assert law.pay_for(1.0, law.site_novelty(99, 0.3), RULES) <= 1
    assert law.site_novelty(99, 0.0) == 1.0  # unless pages of one site are as different as of any two


@given(st.integers(0, 500), st.floats(0, 0.99))
def test_every_page_of_a_site_is_worth_less_than_the_one_before(pages: int, likeness: float) -> None:
    assert 0 <= law.site_novelty(pages + 1, likeness) <= law.site_novelty(pages, likeness) + 1e-9 <= 1 + 1e-8


def test_impossible_pages_of_a_site_are_an_error() -> None:
    for pages, likeness in ((-1, 0.3), (3, 1.0), (3, -0.1)):
        with pytest.raises(ValueError, match="pages of a site"):
            law.site_novelty(pages, likeness)


def test_a_quote_multiplies_what_is_wanted_and_what_is_new() -> None:
    new = law.newness(1, 0.5, RULES)
    assert new.novelty == pytest.approx((2 / 1.3 - 1) * 0.6)
    quote = law.quote_example(0, (1.0, 0.4), new, RULES)
    assert isinstance(quote, law.ExampleQuote)
    assert (quote.points, quote.want) == (round(1000 * (2 / 1.3 - 1) * 0.6), 1.0)
    assert quote.reserve == quote.points


def test_the_reserve_holds_what_any_truth_would_bring() -> None:
    quote = law.quote_example(0, (0.4, 1.0), law.newness(0, 0.0, RULES), RULES)
    assert isinstance(quote, law.ExampleQuote)
    assert (quote.points, quote.reserve) == (400, 1000)


@pytest.mark.parametrize(
    ("wants", "site_pages", "q", "reason"),
    [
        ((0.0, 0.0), 0, 0.0, "enough"),
        ((0.0, 1.0), 0, 0.0, "label_full"),
        ((0.04, 1.0), 0, 0.0, "label_full"),
        ((1.0, 1.0), 12, 0.0, "site_known"),
        ((0.2, 1.0), 0, 1.0, "too_alike"),
    ],
)
def test_a_page_that_brings_too_little_is_refused_with_the_reason_that_counts_most(
    wants: tuple[float, float], site_pages: int, q: float, reason: str
) -> None:
    assert law.quote_example(0, wants, law.newness(site_pages, q, RULES), RULES) == law.NotWanted(reason)


def settle(truth: int, wants: tuple[float, float] = (1.0, 0.5), base_today: int = 0) -> law.Settlement:
    return law.settle_example(law.CommittedExample(0, wants, 0.8, 800), truth, RULES, base_today)


def test_what_was_said_and_is_true_is_paid_as_promised() -> None:
    done = settle(0)
    assert (done.state, done.kind, done.points, done.is_error) == ("confirmed", "bonus", 800, False)


def test_a_page_of_another_label_is_paid_what_that_was_worth() -> None:
    assert (settle(1).state, settle(1).points) == ("confirmed", 400)


def test_a_page_of_a_label_that_nobody_wants_gets_the_base_pay_and_only_so_often_a_day() -> None:
    done = settle(1, (1.0, 0.0))
    assert (done.state, done.kind, done.points) == ("rejected", "base", RULES.base_pay)
    assert settle(1, (1.0, 0.0), RULES.base_pay_daily_cap).points == 0


def test_what_is_missing_is_said_label_by_label() -> None:
    assert law.missing({"drugs": 30, "none": 12}, LABELS, 30) == {"none": 18}
    assert law.missing({}, LABELS, 3) == {
        "drugs": 10,
        "none": 10,
    }  # fewer than training takes is never enough
    law.check_enough({"drugs": 30, "none": 30}, LABELS, 30)
    with pytest.raises(Conflict, match="18 more of none"):
        law.check_enough({"drugs": 30, "none": 12}, LABELS, 30)


def test_proportions_are_checked_in_words() -> None:
    assert law.check_proportions(LABELS, {}) == {}
    assert law.check_proportions(LABELS, {"drugs": 1, "none": 3}) == {"drugs": 1.0, "none": 3.0}
    for wrong in (
        {"drugs": 1},
        {"drugs": 0, "none": 1},
        {"drugs": 1, "none": True},
        {"drugs": float("nan"), "none": 1},
    ):
        with pytest.raises(Invalid, match="a share above 0"):
            law.check_proportions(LABELS, wrong)
    with pytest.raises(Invalid, match="'spam' is no label"):
        law.check_proportions(LABELS, {"spam": 1})
