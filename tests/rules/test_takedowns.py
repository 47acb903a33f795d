from __future__ import annotations

import pytest

from btm.rules.submissions import STATES, may_move
from btm.rules.takedowns import REASONS, UNPAID, owed


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("state", ["in_review", "undecided"])
def test_who_waits_for_a_verdict_is_paid_what_was_promised_unless_nobody_may_hand_that_in(
    reason: str, state: str
) -> None:
    assert owed(reason, state, is_settled=False, promised=400, paid=0) == (0 if reason in UNPAID else 400)


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("state", ["confirmed", "rejected", "undecided"])
def test_what_was_settled_keeps_what_it_brought(reason: str, state: str) -> None:
    assert owed(reason, state, is_settled=True, promised=400, paid=10) == 0


@pytest.mark.parametrize("state", ["queued", "quoted", "refused", "withdrawn"])
def test_what_was_not_committed_was_promised_nothing(state: str) -> None:
    assert owed("private", state, is_settled=False, promised=400, paid=0) == 0


def test_nobody_is_paid_more_than_was_promised() -> None:
    assert owed("other", "in_review", is_settled=False, promised=400, paid=150) == 250
    assert owed("other", "in_review", is_settled=False, promised=400, paid=900) == 0


def test_every_state_but_those_that_have_ended_may_become_refused() -> None:
    assert [state for state in STATES if not may_move(state, "refused")] == ["refused", "withdrawn"]
