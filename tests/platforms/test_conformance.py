"""What every platform has to do, whatever it speaks: pay (all four), and bring people (those that do)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from btm.platforms.directory import NAMES, platform_named
from btm.platforms.platform import Payment, Platform, PlatformDown, PlatformRefused

from .stages import Stage, now, stage

Payer = tuple[Platform, Callable[..., Payment]]
"""A platform, and payments to somebody whom it may pay."""


@pytest.fixture(params=NAMES)
def payer(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Payer]:
    """Each platform there is, as those who pay know it."""
    if request.param in ("local", "link"):
        yield (
            platform_named(request.param, None),
            lambda **more: Payment(
                **(
                    {
                        "key": "payout:1:7",
                        "worker": "ada",
                        "assignment": "",
                        "cents": 125,
                        "reason": "Your finds",
                    }
                    | more
                )
            ),
        )
        return
    with stage(request.param, tmp_path) as made:
        assignment = made.handed_in()
        yield made.market, lambda **more: made.payment(assignment, **more)


def test_each_is_known_by_its_name_and_pays_one_payment_however_often_it_is_asked(payer: Payer) -> None:
    platform, payment = payer
    assert platform.name in NAMES
    first = platform.pay(payment())
    assert first.reference
    assert platform.pay(payment()).reference == first.reference


def test_each_finds_nothing_that_was_not_paid_and_changes_nothing_by_looking(payer: Payer) -> None:
    platform, payment = payer
    assert platform.find_payment(payment()) is None
    assert platform.find_payment(payment()) is None
    assert platform.pay(payment()).reference


@pytest.mark.parametrize("cents", [0, -5])
def test_each_refuses_a_sum_that_is_no_payment(payer: Payer, cents: int) -> None:
    platform, payment = payer
    with pytest.raises(PlatformRefused, match="one cent"):
        platform.pay(payment(cents=cents))


def test_work_goes_up_and_a_worker_does_it_hands_it_in_is_approved_and_paid(at: Stage) -> None:
    published = at.market.publish(at.task(places=2))
    assert sum(unit.places for unit in published.units) == 2
    unit = published.units[0].external_id

    look = at.arrive(unit)
    assert look is not None
    assert look.is_preview
    assert (look.worker, look.assignment) == ("", "")

    assignment = at.take(unit)
    arrival = at.arrive(unit, assignment)
    assert arrival is not None
    assert (arrival.worker, arrival.assignment, arrival.unit, arrival.is_preview) == (
        at.worker,
        assignment,
        unit,
        False,
    )
    assert at.market.check_arrival(arrival) in (True, None)
    assert [seen for seen in at.market.list_assignments(unit) if seen.state != "working"] == []

    assert at.hand_in(assignment)
    [seen] = at.market.list_assignments(unit)
    assert (seen.assignment, seen.worker, seen.unit, seen.state) == (assignment, at.worker, unit, "submitted")

    at.market.approve(assignment)
    at.market.approve(assignment)
    assert [seen.state for seen in at.market.list_assignments(unit)] == ["approved"]

    receipt = at.market.pay(at.payment(assignment))
    assert receipt.reference
    assert at.paid() == [125]


def test_the_same_key_paid_again_is_one_payment(at: Stage) -> None:
    payment = at.payment(at.handed_in())
    at.market.pay(payment)
    at.market.pay(payment)
    assert at.market.find_payment(payment)
    assert at.paid() == [125]


def test_the_same_key_is_one_payment_a_month_later_too(at: Stage) -> None:
    payment = at.payment(at.handed_in())
    at.market.pay(payment)
    at.fake.skip(hours=24 * 30)
    at.market.pay(payment)
    assert at.paid() == [125]


def test_two_payments_of_one_sum_to_one_worker_are_two(at: Stage) -> None:
    assignment = at.handed_in()
    at.market.pay(at.payment(assignment, key="one"))
    second = at.payment(assignment, key="two", paid_before=(125,))
    assert at.market.find_payment(second) is None
    at.market.pay(second)
    assert at.paid() == [125, 125]
    assert at.market.find_payment(second)


def test_a_lost_answer_is_found_before_anybody_pays_again(at: Stage) -> None:
    payment = at.payment(at.handed_in())
    at.fake.fail_next(at.calls["pay"], "lost")
    with pytest.raises(PlatformDown):
        at.market.pay(payment)
    assert at.paid() == [125]
    again = at.payment(payment.assignment, tried_at=now())
    assert at.market.find_payment(again)
    at.market.pay(again)
    assert at.paid() == [125]


@pytest.mark.parametrize("how", ["down", "throttled", "fault"])
def test_a_platform_that_does_not_answer_is_tried_again(at: Stage, how: str) -> None:
    payment = at.payment(at.handed_in())
    for call in ("pay", "find"):
        at.fake.fail_next(at.calls[call], how)
        with pytest.raises(PlatformDown, match="tried again"):
            at.market.pay(payment)
    assert at.paid() == []
    at.fake.fail_next(at.calls["list"], how)
    with pytest.raises(PlatformDown):
        at.market.list_assignments(at.unit(key="other"))
    at.market.pay(payment)
    assert at.paid() == [125]


def test_too_little_money_there_is_no_final_refusal(at: Stage) -> None:
    payment = at.payment(at.handed_in())
    at.fake.balance_cents = 3
    with pytest.raises(PlatformDown, match="money"):
        at.market.pay(payment)
    with pytest.raises(PlatformDown, match="money"):
        at.market.publish(at.task(key="dear"))
    at.fake.balance_cents = 1_000_000
    at.market.pay(payment)
    assert at.paid() == [125]


def test_a_payment_to_somebody_else_s_assignment_is_refused_with_the_reason(at: Stage) -> None:
    payment = at.payment(at.handed_in("A2OTHER" if at.name == "mturk" else "5f0000000000000000000bbb"))
    with pytest.raises(PlatformRefused, match=r"MTurk says no: The worker did not|somebody else"):
        at.market.pay(payment)
    assert at.paid() == []


@pytest.mark.parametrize("assignment", ["", "3NEVERWAS00000000000001"])
def test_a_payment_to_no_assignment_is_refused(at: Stage, assignment: str) -> None:
    with pytest.raises(PlatformRefused):
        at.market.pay(at.payment(assignment))


def test_wrong_keys_pay_nothing_and_refuse_nothing_for_good(at: Stage) -> None:
    payment = at.payment(at.handed_in())
    kept = at.fake.access_key if at.name == "mturk" else at.fake.token
    at.fake.access_key = at.fake.token = "another"
    with pytest.raises(PlatformDown, match="does not accept this instance's"):
        at.market.pay(payment)
    at.fake.access_key = at.fake.token = kept
    at.market.pay(payment)
    assert at.paid() == [125]


def test_work_whose_publishing_was_interrupted_is_not_there_twice(at: Stage) -> None:
    at.fake.fail_next(at.calls["publish"], "lost")
    with pytest.raises(PlatformDown):
        at.market.publish(at.task(places=12))
    at.fake.skip(hours=48)
    published = at.market.publish(at.task(places=12), resuming=True)
    things = at.fake.hits if at.name == "mturk" else at.fake.studies
    assert sorted(unit.external_id for unit in published.units) == sorted(things)
    assert at.market.publish(at.task(places=12), resuming=True) == published


def test_closed_work_takes_nobody_and_loses_nobody(at: Stage) -> None:
    unit = at.unit(places=5)
    assignment = at.take(unit)
    at.market.close([unit])
    at.market.close([unit])
    with pytest.raises(LookupError):
        at.take(unit, "A3LATE")
    assert at.hand_in(assignment)
    assert [seen.state for seen in at.market.list_assignments(unit)] == ["submitted"]


def test_a_visitor_with_no_ids_is_no_arrival(at: Stage) -> None:
    for query in (
        {},
        {"assignmentId": "", "workerId": ""},
        {"assignmentId": "<b>", "workerId": "A1", "PROLIFIC_PID": "a b"},
    ):
        assert at.market.read_arrival(query) is None


def test_what_it_costs_is_told_before(at: Stage) -> None:
    cost = at.market.estimate(200, 10)
    assert cost.rewards == 2000
    assert 400 <= cost.fee <= 900
    assert "%" in cost.note


def test_no_key_is_shown_where_an_adapter_is(at: Stage) -> None:
    shown = f"{at.market!r} {vars(at.market).get('keys', '')!r}"
    assert "a secret for tests" not in shown
    assert "a token for tests" not in shown


def test_a_bonus_under_way_is_neither_found_nor_paid_again(prolific: Stage) -> None:
    prolific.fake.delay_seconds = 600
    payment = prolific.payment(prolific.handed_in())
    prolific.fake.fail_next(prolific.calls["pay"], "lost")
    with pytest.raises(PlatformDown):
        prolific.market.pay(payment)
    sent = prolific.payment(payment.assignment, tried_at=now())
    with pytest.raises(PlatformDown, match="an hour"):
        prolific.market.pay(sent)
    prolific.fake.skip(hours=1)
    assert prolific.market.find_payment(sent)
    assert prolific.paid() == [125]


def test_what_was_set_up_and_never_paid_is_paid_once_the_hour_is_over(prolific: Stage) -> None:
    payment = prolific.payment(prolific.handed_in())
    prolific.fake.fail_next(prolific.calls["pay"], "down")
    with pytest.raises(PlatformDown):
        prolific.market.pay(payment)
    assert len(prolific.fake.bulks) == 1
    with pytest.raises(PlatformDown):
        prolific.market.pay(prolific.payment(payment.assignment, tried_at=now()))
    prolific.market.pay(prolific.payment(payment.assignment, tried_at=now() - timedelta(minutes=61)))
    assert prolific.paid() == [125]


def test_an_earlier_bonus_under_way_makes_the_next_one_wait(prolific: Stage) -> None:
    prolific.fake.delay_seconds = 600
    assignment = prolific.handed_in()
    prolific.market.pay(prolific.payment(assignment, key="one"))
    second = prolific.payment(assignment, key="two", cents=80, paid_before=(125,))
    with pytest.raises(PlatformDown, match="earlier bonus"):
        prolific.market.pay(second)
    prolific.fake.skip(hours=1)
    prolific.market.pay(second)
    assert prolific.paid() == [125, 80]
