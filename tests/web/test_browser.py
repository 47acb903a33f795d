"""A real browser over the fake pages: nothing for axe to find, no violation of the policy, and scripts that do their part."""

from __future__ import annotations

from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe

from btm.rules.errors import Conflict, Invalid

from . import samples as s
from .browsing import inspect, wait_until

pytestmark = pytest.mark.browser

PAGES = {
    **{f"/s/{name}": "member" for name in s.SUBMISSIONS if name not in ("queued", "visitor")},
    "/": "nobody", "/register": "nobody", "/login": "nobody", "/about": "nobody", "/s/visitor": "visitor", "/nowhere": "nobody",
    "/c/drugs": "member", "/c/paused": "member", "/me/submissions": "member", "/judge": "member", "/c/drugs/judge": "member",
    "/c/not-drugs/judge": "member", "/c/drugs/qualify": "member", "/c/drugs/judge/record": "member", "/me": "member", "/leaderboard": "member",
    "/c/drugs/leaderboard": "member", "/c/drugs/found": "member", "/machines": "member", "/machines/drugs": "member",
    "/me/settings": "member", "/console": "modeler",
}  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_and_nothing_overflows(open_page, violations, path):
    page = open_page(path, PAGES[path])
    inspect(page)
    assert violations == []


def test_axe_finds_nothing_in_what_is_opened(open_page):
    page = open_page("/c/drugs/judge")
    page.get_by_text("Show the text").click()
    page.get_by_text("I cannot judge this").click()
    page.get_by_text("Add a reason").click()
    assert Axe().run(page).violations_count == 0
    page = open_page("/s/quoted")
    page.get_by_text("Finds like this one").click()
    page.locator("details.menu summary").click()
    assert Axe().run(page).violations_count == 0


def test_axe_finds_nothing_in_an_appeal_a_dispute_a_pause_and_a_question(open_page, services, violations):
    page = open_page("/s/appealable")
    page.get_by_text("They are wrong about this page").click()
    assert Axe().run(page).violations_count == 0
    page = open_page("/c/drugs/judge/record")
    page.get_by_text("I think you are wrong").first.click()
    assert Axe().run(page).violations_count == 0
    for view in (s.JUDGING_PAUSE, s.JUDGING_CHECK):
        services.answers["lease_review"] = view
        assert Axe().run(open_page("/c/drugs/judge")).violations_count == 0
    assert violations == []


def test_a_reason_goes_with_the_answer_and_enter_in_it_sends_nothing(open_page, services):
    page = open_page("/c/not-drugs/judge")
    page.get_by_text("Add a reason").click()
    page.get_by_label("One line.").fill("2 sentences about 1 oak")
    page.keyboard.press("Enter")
    assert not services.called("record_judgement")
    page.locator(".answer").first.click()
    page.locator("[data-undo-button]").wait_for()
    page.keyboard.press("Enter")
    wait_until(page, lambda: services.called("record_judgement"))
    (call,) = services.called("record_judgement")
    assert (call["reason"], call["label"] is not None) == ("2 sentences about 1 oak", True)


def test_none_of_these_says_what_it_is(open_page, services):
    page = open_page("/c/not-drugs/judge")
    page.get_by_text("I cannot judge this").click()
    page.get_by_role("button", name="Send").click()
    assert page.evaluate("document.activeElement.name") == "other"
    page.get_by_label("None of these. It is").fill("a shop for aquariums")
    page.get_by_role("button", name="Send").click()
    page.locator("[data-undo-button]").wait_for()
    page.keyboard.press("Enter")
    wait_until(page, lambda: services.called("record_judgement"))
    (call,) = services.called("record_judgement")
    assert (call["cannot"], call["other"], call["label"]) == ("other", "a shop for aquariums", None)


def test_during_a_pause_the_answers_are_closed_and_say_so(open_page, services):
    services.answers["lease_review"] = replace(s.JUDGING_PAUSE, pause_seconds=2.0, is_covered=False)
    page = open_page("/c/drugs/judge")
    assert page.locator(".answer").first.is_disabled()
    page.get_by_text("The answers are open.").wait_for(timeout=10_000)
    assert page.locator(".answer").first.is_enabled()


def test_a_pasted_address_is_answered_on_the_spot(open_page, violations, services):
    page = open_page("/c/drugs")
    page.get_by_label("Paste the address of a page").fill("https://desert-garden.example/shop")
    page.keyboard.press("Enter")
    page.get_by_text("If people agree with you, you get").wait_for()
    assert page.evaluate("document.activeElement.tagName") == "H2"
    assert page.locator("[data-announce]").inner_text() == "The machine has answered. Offer: 759 points"
    assert page.url.split("?")[0].endswith("/c/drugs")
    assert services.called("list_submissions")[-1]["slug"] == "drugs"
    assert violations == []


def test_a_fault_is_told_at_the_box_and_the_address_stays(open_page, services):
    services.answers["submit_page"] = Invalid("That is not an address of a web page.", field="url")
    page = open_page("/c/drugs")
    box = page.get_by_label("Paste the address of a page")
    box.fill("nonsense")
    page.get_by_role("button", name="Ask the machine").click()
    page.get_by_text("That is not an address of a web page.").wait_for()
    assert box.input_value() == "nonsense"
    assert box.get_attribute("aria-invalid") == "true"


def test_committing_shows_the_card_as_it_is_then(open_page, services, violations):
    page = open_page("/s/quoted")
    services.answers["show_submission"] = s.SUBMISSIONS["in_review"]
    page.get_by_role("button", name="Send it to be checked").click()
    page.get_by_text("judgements are in").wait_for()
    assert len(services.called("commit_submission")) == 1
    assert violations == []


def test_without_scripts_everything_posts_and_redirects(open_page, services):
    page = open_page("/c/drugs", java_script_enabled=False)
    page.get_by_label("Paste the address of a page").fill("https://desert-garden.example/shop")
    page.get_by_role("button", name="Ask the machine").click()
    assert page.url.endswith("/s/queued")
    page.get_by_text("If people agree with you, you get").wait_for(timeout=20_000)
    page.get_by_role("button", name="Withdraw").click()
    assert len(services.called("withdraw_submission")) == 1


def test_judging_without_scripts(open_page, services):
    page = open_page("/c/not-drugs/judge", java_script_enabled=False)
    page.get_by_role("button", name="Not about drugs").click()
    page.get_by_text("Bread that needs no kneading").first.wait_for()
    assert services.called("record_judgement")[0]["label"] == "none"


def test_a_number_answers_and_the_next_page_is_there(open_page, services, violations):
    page = open_page("/c/not-drugs/judge")
    page.keyboard.press("1")
    page.get_by_text("Bread that needs no kneading").first.wait_for()
    assert page.get_by_text("You said: About drugs").is_visible()
    assert page.locator("[data-judged]").inner_text() == "15"
    assert services.called("lease_review")[-1]["beside"] == "item1"
    assert not services.called("record_judgement")
    page.keyboard.press("Enter")
    page.locator("[data-undo]").wait_for(state="hidden")
    wait_until(page, lambda: services.called("record_judgement"))
    call = services.called("record_judgement")[0]
    assert (call[0], call["token"], call["label"]) == ("item1", "tok1", "drugs")
    assert 0 < call["seconds"] < 60
    assert violations == []


def test_an_answer_can_be_taken_back_and_the_other_page_is_not_lost(open_page, services):
    page = open_page("/c/not-drugs/judge")
    page.keyboard.press("1")
    page.get_by_role("button", name="Undo").click()
    assert page.locator("[data-item]").get_attribute("data-item") == "item1"
    page.keyboard.press("2")
    page.get_by_text("Bread that needs no kneading").first.wait_for()
    assert len(services.called("lease_review")) == 2
    page.keyboard.press("1")
    page.get_by_text("That was all, for now.").wait_for()
    assert [call["label"] for call in services.called("record_judgement")] == ["none"]
    page.keyboard.press("Enter")
    wait_until(page, lambda: len(services.called("record_judgement")) == 2)


def test_leaving_sends_the_answer_that_waited(open_page, services):
    page = open_page("/c/not-drugs/judge")
    page.keyboard.press("1")
    page.get_by_text("Bread that needs no kneading").first.wait_for()
    page.get_by_role("link", name="Stop").click()
    page.get_by_role("heading", name="Judge").wait_for()
    wait_until(page, lambda: services.called("record_judgement"))
    assert len(services.called("record_judgement")) == 1


def test_cannot_judge_is_an_answer_too(open_page, services):
    page = open_page("/c/not-drugs/judge")
    page.get_by_text("I cannot judge this").click()
    page.get_by_role("button", name="The page is broken or empty").click()
    page.get_by_text("Bread that needs no kneading").first.wait_for()
    page.keyboard.press("Enter")
    wait_until(page, lambda: services.called("record_judgement"))
    assert services.called("record_judgement")[0]["cannot"] == "broken"


def test_a_passed_lease_is_told_and_judging_goes_on(open_page, services):
    services.answers["record_judgement"] = Conflict("Somebody else has that page now.", code="lease_passed")
    page = open_page("/c/not-drugs/judge")
    page.keyboard.press("1")
    page.get_by_text("Bread that needs no kneading").first.wait_for()
    page.keyboard.press("Enter")
    page.get_by_text("Somebody else has that page now.").first.wait_for()
    assert page.locator("[data-judged]").inner_text() == "14"


def test_number_keys_can_be_turned_off(open_page, services):
    page = open_page("/c/not-drugs/judge")
    page.get_by_role("button", name="Number keys: on").click()
    page.keyboard.press("1")
    page.wait_for_timeout(300)
    assert page.locator("[data-item]").get_attribute("data-item") == "item1"


def test_the_answers_are_within_reach_on_a_phone(open_page):
    page = open_page("/c/not-drugs/judge", viewport={"width": 390, "height": 844}, has_touch=True)
    box = page.get_by_role("button", name="Not about drugs").bounding_box()
    assert box["y"] > 844 * 0.6
    assert box["y"] + box["height"] <= 844


def test_colours_chosen_by_hand_are_there_from_the_first_byte(open_page, site):
    page = open_page("/about", "nobody")
    button = page.get_by_role("button", name="Colours: system")
    button.click()
    page.get_by_role("button", name="Colours: light").click()
    page.goto(f"{site}/about")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.get_by_role("button", name="Colours: dark").click()
    page.goto(f"{site}/about")
    assert page.locator("html").get_attribute("data-theme") is None
