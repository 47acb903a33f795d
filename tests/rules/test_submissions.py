from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from btm.rules.submissions import (
    COMMITTED,
    MOVES,
    ON_THE_WAY,
    STATES,
    appeal_until,
    may_move,
    may_withdraw,
    why_no_appeal,
)

FINAL = {"refused", "withdrawn"}
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


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
        assert reached & {*FINAL, "confirmed", "rejected"}


def test_nothing_is_on_its_way_and_committed_at_once() -> None:
    assert not set(ON_THE_WAY) & set(COMMITTED)
    assert set(ON_THE_WAY) | set(COMMITTED) | {"refused", "withdrawn"} == set(STATES)


def test_what_was_refused_or_taken_back_is_never_reopened() -> None:
    for state in FINAL:
        assert not any(may_move(state, new) for new in STATES)


def test_a_verdict_only_ever_gives_way_to_another_end() -> None:
    assert {new for new in STATES if may_move("confirmed", new)} == {"rejected", "refused"}
    assert {new for new in STATES if may_move("rejected", new)} == {"confirmed", "undecided", "refused"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, ""),
        ({"now": NOW + timedelta(days=7)}, ""),
        ({"now": NOW + timedelta(days=7, seconds=1)}, "too_late"),
        ({"is_appealed": True}, "appealed"),
        ({"is_reopened": True}, "reopened"),
        ({"by_team": True}, "decided_by_team"),
        ({"settled_at": None}, "not_rejected"),
        *[({"state": state}, "not_rejected") for state in STATES if state != "rejected"],
    ],
)
def test_only_a_rejection_by_judges_can_be_appealed_once_and_in_good_time(
    change: dict[str, object], code: str
) -> None:
    asked = {
        "state": "rejected", "settled_at": NOW, "now": NOW, "appeal_days": 7, "is_appealed": False,
        "is_reopened": False, "by_team": False,
    }  # fmt: skip
    assert why_no_appeal(**{**asked, **change}) == code  # type: ignore[arg-type]
    assert appeal_until(NOW, 7) == NOW + timedelta(days=7)


def test_withdrawing_is_free_until_the_first_judgement() -> None:
    assert [state for state in STATES if may_withdraw(state, 0)] == [
        "queued",
        "fetching",
        "quoted",
        "in_review",
    ]
    assert not may_withdraw("in_review", 1)
