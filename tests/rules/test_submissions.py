from __future__ import annotations

from btm.rules.submissions import COMMITTED, MOVES, ON_THE_WAY, STATES, may_move, may_withdraw

FINAL = {"confirmed", "rejected", "refused", "withdrawn"}


def test_every_state_has_its_moves_and_leads_to_known_ones() -> None:
    assert set(MOVES) == set(STATES)
    assert all(targets <= set(STATES) for targets in MOVES.values())


def test_every_state_can_be_reached_from_queued() -> None:
    reached, edge = set(), {"queued"}
    while edge:
        reached |= edge
        edge = {new for old in edge for new in MOVES[old]} - reached
    assert reached == set(STATES)


def test_every_state_can_be_left_unless_it_is_final() -> None:
    assert {state for state in STATES if not MOVES[state]} == FINAL


def test_from_every_state_an_end_can_be_reached() -> None:
    for state in STATES:
        reached = {state}
        for _ in STATES:
            reached |= {new for old in reached for new in MOVES[old]}
        assert reached & FINAL


def test_nothing_is_on_its_way_and_committed_at_once() -> None:
    assert not set(ON_THE_WAY) & set(COMMITTED)
    assert set(ON_THE_WAY) | set(COMMITTED) | {"refused", "withdrawn"} == set(STATES)


def test_what_was_refused_or_won_is_never_reopened() -> None:
    for state in FINAL:
        assert not any(may_move(state, new) for new in STATES)


def test_withdrawing_is_free_until_the_first_judgement() -> None:
    assert [state for state in STATES if may_withdraw(state, 0)] == [
        "queued",
        "fetching",
        "quoted",
        "in_review",
    ]
    assert not may_withdraw("in_review", 1)
