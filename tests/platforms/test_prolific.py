"""What only Prolific has: studies in a currency, completion codes, a least reward."""

from __future__ import annotations

import pytest

from btm.platforms.market import Arrival
from btm.platforms.platform import PlatformRefused
from btm.rules.errors import Invalid

from .stages import CODE, Stage


def test_a_study_leads_to_our_page_with_prolific_s_ids_in_it(prolific: Stage) -> None:
    unit = prolific.unit()
    study = prolific.fake.studies[unit]
    assert study["status"] == "ACTIVE"
    assert study["external_study_url"].endswith("SESSION_ID={{%SESSION_ID%}}")
    assert study["completion_codes"][0]["code"] == CODE
    session = prolific.take(unit)
    assert f"SESSION_ID={session}" in prolific.fake.page_of(unit, session, prolific.worker)


def test_a_workspace_in_another_currency_is_refused_and_no_draft_is_left(prolific: Stage) -> None:
    prolific.fake.currency = "GBP"
    with pytest.raises(PlatformRefused, match="pays in GBP"):
        prolific.unit()
    assert prolific.fake.studies == {}


def test_an_arrival_that_prolific_does_not_know_is_no_arrival(prolific: Stage) -> None:
    unit = prolific.unit()
    session = prolific.take(unit)
    known = Arrival(prolific.worker, session, unit)
    assert prolific.market.check_arrival(known) is True
    for wrong in (
        Arrival("5fother", session, unit),
        Arrival(prolific.worker, "f" * 24, unit),
        Arrival(prolific.worker, session, "x"),
    ):
        assert prolific.market.check_arrival(wrong) is False


def test_too_small_a_reward_is_told_with_the_least_one(prolific: Stage) -> None:
    task = prolific.task()
    prolific.market.check_task(task)
    values = {name: getattr(task, name) for name in task.__slots__}
    with pytest.raises(Invalid, match="200 cents"):
        prolific.market.check_task(type(task)(**values | {"reward_cents": 199}))


def test_a_refusal_bears_prolific_s_own_words(prolific: Stage) -> None:
    task = prolific.task()
    values = {name: getattr(task, name) for name in task.__slots__}
    with pytest.raises(PlatformRefused, match="required"):
        prolific.market.publish(type(task)(**values | {"places": "three"}))


def test_somebody_who_gave_the_place_back_is_gone(prolific: Stage) -> None:
    unit = prolific.unit()
    prolific.fake.give_back(prolific.take(unit))
    assert [seen.state for seen in prolific.market.list_assignments(unit)] == ["gone"]


def test_an_amount_that_prolific_reads_otherwise_is_not_paid(
    prolific: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = prolific.payment(prolific.handed_in())
    real = prolific.fake._set_up
    monkeypatch.setattr(prolific.fake, "_set_up", lambda given: (201, real(given)[1] | {"amount": 12500}))
    with pytest.raises(PlatformRefused, match="Nothing was paid"):
        prolific.market.pay(payment)
    assert prolific.paid() == []
