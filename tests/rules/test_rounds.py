from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from btm.rules import rounds
from btm.rules.errors import Conflict, Invalid
from btm.rules.machines import check_name

STATES = ("new", "known", "fixed", "regressed")


@pytest.mark.parametrize(
    ("state", "wrong", "total", "then"),
    [
        ("known", 1, 10, "fixed"),
        ("known", 2, 10, "known"),
        ("new", 0, 3, "fixed"),
        ("new", 1, 3, "new"),
        ("fixed", 1, 10, "fixed"),
        ("fixed", 25, 100, "fixed"),
        ("fixed", 26, 100, "regressed"),
        ("regressed", 2, 10, "regressed"),
        ("regressed", 1, 10, "fixed"),
        ("fixed", 0, 0, "fixed"),
        ("known", 0, 0, "known"),
    ],
)
def test_the_life_of_a_cluster(state: str, wrong: int, total: int, then: str) -> None:
    assert rounds.life(state, wrong, total) == then


@given(st.sampled_from(STATES), st.integers(0, 500), st.integers(0, 500))
def test_measuring_twice_is_measuring_once(state: str, wrong: int, more: int) -> None:
    once = rounds.life(state, wrong, wrong + more)
    assert rounds.life(once, wrong, wrong + more) == once
    assert once in STATES


@given(st.sampled_from(STATES), st.integers(1, 200), st.data())
def test_fewer_errors_never_make_it_worse(state: str, total: int, data: st.DataObject) -> None:
    few, many = sorted((data.draw(st.integers(0, total)), data.draw(st.integers(0, total))))
    order = ("fixed", "new", "known", "regressed")
    assert order.index(rounds.life(state, few, total)) <= order.index(rounds.life(state, many, total))


def test_counts_that_cannot_be_are_refused() -> None:
    for wrong, total in ((3, 2), (-1, 2)):
        with pytest.raises(ValueError, match="cannot be wrong"):
            rounds.life("known", wrong, total)


@pytest.mark.parametrize(
    ("wanted", "machine", "has_base", "is_given", "kind"),
    [
        (None, "trained", True, False, "candidate"),
        (None, "trained", False, False, "correction"),
        (None, "default", False, False, "correction"),
        (None, "default", True, True, "candidate"),
        (None, "remote", False, False, "correction"),
        (None, "corrected", True, False, "correction"),
        ("correction", "trained", True, True, "correction"),
        ("candidate", "remote", True, True, "candidate"),
    ],
)
def test_what_is_made_of_what(
    wanted: str | None, machine: str, has_base: bool, is_given: bool, kind: str
) -> None:
    assert rounds.choose_kind(wanted, machine, has_base=has_base, is_given=is_given) == kind


def test_a_candidate_takes_base_data() -> None:
    with pytest.raises(Invalid) as caught:
        rounds.choose_kind("candidate", "remote", has_base=False, is_given=False)
    assert caught.value.field == "data"
    with pytest.raises(Invalid) as caught:
        rounds.choose_kind("better", "remote", has_base=True, is_given=False)
    assert caught.value.field == "kind"


@pytest.mark.parametrize(
    ("kind", "base", "base_kind", "name"),
    [
        ("candidate", "mine", "trained", "mine"),
        ("candidate", "drugs", "default", "boats-own"),
        ("correction", "drugs", "default", "drugs-corrected"),
        ("correction", "drugs-corrected", "corrected", "drugs-corrected"),
    ],
)
def test_versions_go_on_under_the_machines_name(kind: str, base: str, base_kind: str, name: str) -> None:
    assert rounds.name_candidate(kind, "boats", base, base_kind) == name


@given(
    st.sampled_from(("candidate", "correction")),
    st.sampled_from(("trained", "default", "remote")),
    st.integers(3, 60),
)
def test_a_name_is_one_that_a_machine_may_have(kind: str, base_kind: str, length: int) -> None:
    name = rounds.name_candidate(kind, "s" * 80, "n" * length, base_kind)
    assert check_name(name) == name


def test_a_corpus_and_ordinary_pages_must_suffice() -> None:
    rounds.check_corpus(rounds.LEAST_FINDS, rounds.LEAST_CAUSES)
    rounds.check_ordinary([360, 40])
    for finds, causes, says in (
        (39, 6, "39 finds of 6 causes"),
        (1, 1, "is 1 find of 1 cause "),
        (0, 0, "no finds"),
    ):
        with pytest.raises(Invalid, match=says):
            rounds.check_corpus(finds, causes)
    for counts in ([399, 0], [361, 39], [200, 199], []):
        with pytest.raises(Invalid, match="at least 400 and 40"):
            rounds.check_ordinary(counts)


@given(st.integers(0, 100_000))
def test_a_half_to_a_quarter_is_held_out_and_always_enough(finds: int) -> None:
    parts = rounds.parts(finds)
    assert 2 <= parts <= 4
    assert finds < rounds.LEAST_FINDS or finds // parts >= rounds.LEAST_FINDS // 2


def test_only_a_ready_and_recommended_round_is_promoted_unforced() -> None:
    rounds.check_promotion("ready", [], advised=True, plays_base=True)
    for state in ("training", "failed", "promoted", "declined", "rolled_back"):
        with pytest.raises(Conflict) as caught:
            rounds.check_promotion(state, [], advised=True, plays_base=True)
        assert caught.value.code == "conflict"
    with pytest.raises(Conflict, match=r"not recommended\. It is worse\.") as caught:
        rounds.check_promotion("ready", ["It is worse."], advised=False, plays_base=True)
    assert caught.value.code == "not_advised"
    with pytest.raises(Conflict) as caught:
        rounds.check_promotion("ready", [], advised=True, plays_base=False)
    assert caught.value.code == "not_advised"


def test_only_what_plays_is_rolled_back() -> None:
    assert rounds.may_roll_back("promoted", plays_candidate=True)
    assert not rounds.may_roll_back("promoted", plays_candidate=False)
    assert not rounds.may_roll_back("rolled_back", plays_candidate=True)
