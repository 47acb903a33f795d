"""What only MTurk has: HIT groups, requirements, qualifications, tokens, signed calls."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from btm.config import read_settings
from btm.platforms.directory import is_set_up, market_named
from btm.platforms.market import Requirements
from btm.platforms.mturk import MTurk
from btm.platforms.mturk_wire import make_client, token_of
from btm.platforms.platform import PlatformDown, PlatformRefused
from btm.rules.errors import Invalid

from .stages import Stage


def test_many_places_become_hits_of_one_group_with_fewer_than_ten_each(mturk: Stage) -> None:
    published = mturk.market.publish(mturk.task(places=20))
    hits = mturk.fake.hits
    assert [unit.places for unit in published.units] == [7, 7, 6]
    assert {hit["HITTypeId"] for hit in hits.values()} == {published.group_id}
    assert published.page.endswith(f"groupId={published.group_id}")


def test_a_hit_shows_our_own_page(mturk: Stage) -> None:
    unit = mturk.unit()
    assert mturk.fake.page_of(unit).startswith("https://btm.example/work/w0rk?hitId=")


def test_only_who_meets_the_requirements_can_accept(mturk: Stage) -> None:
    type_id = mturk.market.make_qualification("Beat the Machine: spam", "Passed the short test.")
    assert mturk.market.make_qualification("Beat the Machine: spam", "Passed the short test.") == type_id
    unit = mturk.unit(
        requirements=Requirements(
            min_approval=95, min_approved=100, countries=("US", "GB"), qualification=type_id
        )
    )
    wanted = mturk.fake.hits[unit]["QualificationRequirements"]
    assert [each["Comparator"] for each in wanted] == [
        "GreaterThanOrEqualTo",
        "GreaterThanOrEqualTo",
        "In",
        "Exists",
    ]
    assert {each["ActionsGuarded"] for each in wanted} == {"Accept"}
    with pytest.raises(LookupError):
        mturk.take(unit)
    mturk.market.grant(type_id, mturk.worker)
    mturk.market.grant(type_id, mturk.worker)
    assert mturk.take(unit)


def test_an_assignment_that_somebody_gave_back_may_go_to_somebody_else(mturk: Stage) -> None:
    unit = mturk.unit(places=1)
    mturk.fake.give_back(mturk.take(unit))
    assert mturk.take(unit, "A2NEXT")


def test_a_token_holds_for_a_day_and_the_mark_in_the_reason_for_good(mturk: Stage) -> None:
    payment = mturk.payment(mturk.handed_in())
    mturk.market.pay(payment)
    raw = {
        "WorkerId": payment.worker, "AssignmentId": payment.assignment, "BonusAmount": "1.25", "Reason": "again",
        "UniqueRequestToken": token_of(payment.key),
    }  # fmt: skip
    client = mturk.market.client
    with pytest.raises(client.exceptions.RequestError, match="already been processed"):
        client.send_bonus(**raw)
    mturk.fake.skip(hours=25)
    client.send_bonus(**raw)
    assert mturk.paid() == [125, 125], "the fake forgets tokens, as the real one does"
    mturk.market.pay(payment)
    assert mturk.paid() == [125, 125]


def test_a_payment_that_mturk_has_and_does_not_list_yet_is_asked_for_again(mturk: Stage) -> None:
    payment = mturk.payment(mturk.handed_in())
    mturk.market.pay(payment)
    hidden, mturk.fake.bonuses = mturk.fake.bonuses, []
    with pytest.raises(PlatformDown, match="does not list it yet"):
        mturk.market.pay(payment)
    assert mturk.paid() == []
    mturk.fake.bonuses = hidden
    assert mturk.market.find_payment(payment)


def test_what_the_service_s_model_does_not_allow_is_refused_with_its_reason(mturk: Stage) -> None:
    payment = mturk.payment(mturk.handed_in())
    with pytest.raises(PlatformRefused, match="does not match"):
        mturk.market.grant("3QUAL", "not a worker")
    with pytest.raises(PlatformRefused):
        mturk.market.pay(type(payment)("key", "lower", payment.assignment, 10, "Because"))


def test_an_unsigned_call_is_not_answered(mturk: Stage) -> None:
    answer = requests.post(
        mturk.fake.url, data=b"{}", timeout=10,
        headers={"X-Amz-Target": "MTurkRequesterServiceV20170117.GetAccountBalance", "Content-Type": "application/x-amz-json-1.1"},
    )  # fmt: skip
    assert answer.status_code == 403


def test_the_way_back_leads_to_the_worker_s_site_and_nowhere_else(mturk: Stage) -> None:
    back = mturk.market.way_back("3ABC", code="XYZ", pieces=4)
    assert back.action == f"{mturk.fake.url}/mturk/externalSubmit"
    assert back.fields == {"assignmentId": "3ABC", "pieces": "4", "receipt": "XYZ"}


@pytest.mark.parametrize(
    ("live", "site"), [("0", "https://workersandbox.mturk.com"), ("1", "https://www.mturk.com")]
)
def test_the_sandbox_is_the_default_and_one_setting_leaves_it(live: str, site: str, tmp_path: Path) -> None:
    keys = read_settings({"BTM_DATA_DIR": str(tmp_path), "BTM_MTURK_LIVE": live}).platforms
    assert ("sandbox" in keys.mturk_api) == (live == "0")
    market = MTurk(keys, client=object())
    assert market.way_back("3ABC", code="", pieces=1).action == f"{site}/mturk/externalSubmit"
    assert all(origin.endswith("mturk.com") for origin in market.frames)


def test_a_page_without_https_cannot_be_published(mturk: Stage) -> None:
    task = mturk.task()
    mturk.market.check_task(task)
    with pytest.raises(Invalid, match="https"):
        mturk.market.check_task(
            type(task)(
                **{name: getattr(task, name) for name in task.__slots__} | {"url": "http://btm.example"}
            )
        )


def test_without_keys_the_platform_says_which_are_missing(tmp_path: Path) -> None:
    settings = read_settings({"BTM_DATA_DIR": str(tmp_path)})
    for name, variable in (("mturk", "BTM_MTURK_ACCESS_KEY"), ("prolific", "BTM_PROLIFIC_TOKEN")):
        assert not is_set_up(name, settings)
        with pytest.raises(PlatformRefused, match=variable):
            market_named(name, settings)


def test_no_key_is_in_what_settings_print(mturk: Stage, tmp_path: Path) -> None:
    settings = read_settings({"BTM_DATA_DIR": str(tmp_path), **mturk.fake.environ()})
    assert mturk.fake.secret_key not in repr(settings) + repr(settings.platforms)
    assert make_client(settings.platforms).meta.endpoint_url == mturk.fake.url


@pytest.mark.parametrize("value", ["ftp://x", "https://", "https://host/path", "host"])
def test_an_address_that_is_none_is_named(value: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="BTM_MTURK_ENDPOINT"):
        read_settings({"BTM_DATA_DIR": str(tmp_path), "BTM_MTURK_ENDPOINT": value})
