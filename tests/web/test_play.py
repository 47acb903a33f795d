"""Probing, committing and withdrawing, with and without scripts."""

from __future__ import annotations

import re

from btm.rules.errors import Conflict, Invalid, NotFound, SignInNeeded

from . import samples as s

URL = {"url": "  https://desert-garden.example/shop "}


def test_a_pasted_address_leads_to_its_submission(services, enter, post):
    enter("member")
    answer = post("/c/drugs/submissions", URL)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/s/queued"
    (call,) = services.called("submit_page")
    assert call[0] == "drugs"
    assert call[1] == "https://desert-garden.example/shop"
    assert call["player_id"] == s.MEMBER.id


def test_a_script_gets_the_card_at_once(enter, post):
    enter("member")
    answer = post("/c/drugs/submissions", URL, headers={"X-Partial": "1"})
    assert answer.status_code == 201
    assert 'data-poll="/s/queued/card"' in answer.text
    assert "<html" not in answer.text


def test_a_stranger_becomes_a_visitor_and_keeps_the_submission(services, client, post):
    assert post("/c/drugs/submissions", URL).status_code == 303
    assert len(services.called("open_visitor")) == 1
    assert services.called("submit_page")[0]["player_id"] == s.VISITOR.id
    post("/c/drugs/submissions", URL)
    assert len(services.called("open_visitor")) == 1


def test_the_page_that_made_a_visitor_can_be_used_again(services, client):
    page = client.get("/c/drugs").text
    key = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert key
    for _ in range(2):
        answer = client.post("/c/drugs/submissions", data={**URL, "csrf_token": key[1]})
        assert answer.status_code == 303
    assert len(services.called("open_visitor")) == 1


def test_an_empty_box_makes_nobody_a_visitor(services, client, post):
    answer = post("/c/drugs/submissions", {"url": " "})
    assert answer.status_code == 422
    assert "Paste the address of a page first." in answer.text
    assert not services.called("open_visitor")


def test_what_was_typed_is_still_there_when_it_is_no_address(services, enter, post):
    services.answers["submit_page"] = Invalid("That is not an address of a web page.", field="url")
    enter("member")
    answer = post("/c/drugs/submissions", {"url": "not <an> address"})
    assert answer.status_code == 422
    assert "That is not an address of a web page." in answer.text
    assert 'value="not &lt;an&gt; address"' in answer.text
    answer = post("/c/drugs/submissions", {"url": "nonsense"}, headers={"X-Partial": "1"})
    assert answer.status_code == 422
    assert "data-sentence" in answer.text


def test_committing_leads_back_to_the_page_or_to_its_card(services, enter, post):
    enter("member")
    assert post("/s/quoted/commit").headers["Location"] == "/s/quoted"
    assert post("/s/quoted/commit", headers={"X-Partial": "1"}).headers["Location"] == "/s/quoted/card"
    assert services.called("commit_submission")[0]["player_id"] == s.MEMBER.id


def test_a_visitor_who_commits_is_offered_an_account_and_comes_back(services, enter, post):
    enter("visitor")
    answer = post("/s/visitor/commit")
    assert answer.status_code == 401
    assert "/register?next=/s/visitor" in answer.text
    assert not services.called("commit_submission")


def test_a_budget_spent_meanwhile_is_told_kindly(services, enter, post):
    services.answers["commit_submission"] = Conflict(
        "The budget was spent a moment ago.", code="budget_spent"
    )
    enter("member")
    answer = post("/s/quoted/commit", headers={"X-Partial": "1"})
    assert answer.status_code == 409
    assert 'data-code="budget_spent"' in answer.text
    assert "The budget was spent a moment ago." in answer.text


def test_a_visitor_may_withdraw(services, enter, post):
    enter("visitor")
    assert post("/s/visitor/withdraw").status_code == 303
    assert services.called("withdraw_submission")[0]["player_id"] == s.VISITOR.id


def test_somebody_elses_submission_is_not_found(services, enter):
    services.answers["show_submission"] = NotFound("There is no such page.")
    assert enter("member").get("/s/any").status_code == 404


def test_the_list_comes_whole_or_as_rows(services, enter):
    page = enter("member").get("/me/submissions").text
    assert "Earlier pages" in page
    rows = enter("member").get("/me/submissions?challenge=drugs", headers={"X-Partial": "1"}).text
    assert "<html" not in rows
    assert services.called("list_submissions")[-1]["slug"] == "drugs"


def test_a_stranger_has_an_empty_list(services, client):
    assert "Nothing yet" in client.get("/me/submissions").text
    assert not services.called("list_submissions")


def test_sign_in_needed_by_a_service_becomes_an_offer(services, enter, post):
    services.answers["commit_submission"] = SignInNeeded("You need an account for this.")
    enter("member")
    assert "Create an account" in post("/s/quoted/commit").text
