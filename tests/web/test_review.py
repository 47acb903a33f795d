"""Judging: what is sent on, and what comes back."""

from __future__ import annotations

import pytest

from btm.rules.errors import Conflict, Forbidden

from . import samples as s

ANSWER = {"item": "item1", "token": "tok1", "shown_at": "0", "seconds": "4.2", "label": "drugs"}


def test_a_judgement_is_passed_on_and_the_next_page_follows(services, enter, post):
    enter("member")
    answer = post("/c/drugs/judge", ANSWER)
    assert answer.headers["Location"] == "/c/drugs/judge"
    (call,) = services.called("record_judgement")
    assert call[0] == "item1"
    assert (call["token"], call["label"], call["cannot"], call["seconds"]) == ("tok1", "drugs", None, 4.2)


def test_cannot_judge_is_passed_on_with_its_reason(services, enter, post):
    enter("member")
    post("/c/drugs/judge", {"item": "item1", "token": "t", "seconds": "1", "cannot": "broken"})
    (call,) = services.called("record_judgement")
    assert (call["label"], call["cannot"]) == (None, "broken")


def test_a_script_needs_no_page_back(enter, post):
    enter("member")
    assert post("/c/drugs/judge", ANSWER, headers={"X-Partial": "1"}).status_code == 204


@pytest.mark.parametrize(("seconds", "taken"), [("-5", 0.0), ("nan", 0.0), ("1e99", 86400.0), ("3", 3.0)])
def test_seconds_stay_within_reason(services, enter, post, seconds, taken):
    enter("member")
    post("/c/drugs/judge", {**ANSWER, "seconds": seconds})
    assert services.called("record_judgement")[0]["seconds"] == taken


def test_without_scripts_the_time_since_the_page_was_drawn_counts(services, enter, post):
    enter("member")
    post("/c/drugs/judge", {**ANSWER, "seconds": "", "shown_at": "0"})
    assert services.called("record_judgement")[0]["seconds"] == 86400.0


def test_unreadable_seconds_are_refused(services, enter, post):
    enter("member")
    assert post("/c/drugs/judge", {**ANSWER, "seconds": "soon"}).status_code == 422
    assert not services.called("record_judgement")


def test_a_lease_that_passed_on_is_told(services, enter, post):
    services.answers["record_judgement"] = Conflict("Somebody else has that page now.", code="lease_passed")
    enter("member")
    answer = post("/c/drugs/judge", ANSWER, headers={"X-Partial": "1"})
    assert answer.status_code == 409
    assert "Somebody else has that page now." in answer.text


def test_beside_asks_for_another_page_than_the_one_in_hand(services, enter):
    answer = enter("member").get("/c/not-drugs/judge/next?beside=item1")
    assert 'data-item="item2"' in answer.text
    (call,) = services.called("lease_review")
    assert call["beside"] == "item1"
    assert 0 <= call["dice"] < 1


def test_someone_not_qualified_is_sent_to_the_test(services, enter):
    services.answers["lease_review"] = Forbidden("Take the test first.", code="not_qualified")
    assert enter("member").get("/c/drugs/judge").headers["Location"] == "/c/drugs/qualify"


def test_someone_blocked_is_told_why_on_their_own_record(services, enter):
    services.answers["lease_review"] = Forbidden("Your answers do not count here any more.", code="blocked")
    services.answers["show_own_record"] = s.RECORD_BLOCKED
    answer = enter("member").get("/c/drugs/judge")
    assert answer.headers["Location"] == "/c/drugs/judge/record"
    record = enter("member").get(answer.headers["Location"]).text
    for words in (
        "Your answers do not count here any more",
        "too many of your answers",
        s.RECORD_BLOCKED.blocked_note,
    ):
        assert words in record


def test_someone_blocked_while_they_judge_is_given_no_further_page(services, enter):
    services.answers["lease_review"] = Forbidden("Your answers do not count here any more.", code="blocked")
    answer = enter("member").get("/c/drugs/judge/next?beside=item1", headers={"X-Partial": "1"})
    assert answer.status_code == 403
    assert "do not count here any more" in answer.text


def test_answers_to_the_short_test_are_read_by_number(services, enter, post):
    enter("member")
    answer = post("/c/drugs/qualify", {
        "item-1": "none", "item-2": "drugs", "item-x": "drugs", "item-²": "drugs", f"item-{'9' * 5000}": "drugs", "other": "1",
    })  # fmt: skip
    assert "Not yet." in answer.text
    (call,) = services.called("take_qualification")
    assert call[1] == {1: "none", 2: "drugs"}


@pytest.mark.parametrize("path", ["/judge", "/c/drugs/judge", "/c/drugs/qualify"])
def test_judging_needs_an_account(client, path):
    assert client.get(path).headers["Location"] == f"/login?next={path}"
