"""The console of judges in a real browser: clean for axe at every width, and a desk that is worked with keys."""

from __future__ import annotations

import pytest

from .browsing import inspect
from .test_console_judges import DESK, GOLD, JUDGES, STATES

pytestmark = pytest.mark.browser

TAME = "/console/c/not-drugs/desk"
TAKEN = "/console/c/drugs/takedowns"


@pytest.mark.parametrize("path", [JUDGES, f"{JUDGES}?cursor=c", f"{JUDGES}/7", f"{JUDGES}/13", DESK, TAME, f"{DESK}/item2", GOLD, TAKEN])  # fmt: skip
def test_axe_finds_nothing_and_nothing_overflows(open_page, violations, path):
    inspect(open_page(path, "modeler"))
    assert violations == []


@pytest.mark.parametrize("name", STATES)
def test_axe_finds_nothing_where_there_is_little_or_much(open_page, violations, services, name):
    service, answer, path, _ = STATES[name]
    services.answers[service] = answer
    inspect(open_page(path, "modeler"))
    assert violations == []


@pytest.mark.parametrize("path", [JUDGES, f"{JUDGES}/7", DESK, GOLD])
def test_axe_finds_nothing_in_what_was_folded(open_page, violations, path):
    page = open_page(path, "modeler")
    page.evaluate("for (const each of document.querySelectorAll('main details')) each.open = true")
    inspect(page)
    assert violations == []


def test_a_page_is_decided_with_keys_alone(open_page, services, violations):
    page = open_page(TAME, "modeler")
    page.keyboard.press("2")
    assert page.evaluate("document.activeElement.name") == "reason"
    assert not services.called("decide_at_desk")
    page.keyboard.type("A shop with 3 plants")
    page.keyboard.press("Enter")
    page.get_by_text("Decided.").wait_for()
    (call,) = services.called("decide_at_desk")
    assert (call["label"], call["reason"]) == ("none", "A shop with 3 plants")
    assert violations == []


def test_keys_that_are_turned_off_choose_nothing(open_page):
    page = open_page(TAME, "modeler")
    page.get_by_role("button", name="Number keys: on").click()
    page.keyboard.press("1")
    assert page.locator("[name=label]:checked").count() == 0


def test_a_page_is_decided_without_scripts(open_page, services):
    page = open_page(TAME, "modeler", java_script_enabled=False)
    page.get_by_label("Not about drugs").check()
    page.get_by_label("Why, for the player to read").fill("A shop.")
    page.get_by_label("Use it as gold from now on").check()
    page.get_by_role("button", name="Decide").click()
    page.get_by_text("It is gold from now on.").wait_for()
    assert services.called("decide_at_desk")[0]["label"] == "none"


def test_the_form_does_not_hide_the_end_of_the_page(open_page):
    page = open_page(TAME, "modeler", viewport={"width": 1280, "height": 800})
    page.locator(".desk-page p").last.scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    words, form = page.locator(".desk-page p").last.bounding_box(), page.locator(".decide").bounding_box()
    assert words["y"] + words["height"] <= form["y"]


def test_a_judge_is_blocked_in_two_steps(open_page, services):
    page = open_page(f"{JUDGES}/7", "modeler")
    page.get_by_text("Block marta_k").first.click()
    page.get_by_label("Reason").fill("Copies.")
    page.get_by_role("button", name="Block marta_k").click()
    page.get_by_text("Blocked. Their answers are being withdrawn.").wait_for()
    assert services.called("block_judge")[0]["note"] == "Copies."


def test_a_dispute_is_answered(open_page, services):
    page = open_page(GOLD, "modeler")
    form = page.locator(".dispute-form").first
    form.get_by_label("Decline").check()
    form.get_by_label("Your answer, which they read").fill("The forum is linked at the bottom.")
    form.get_by_role("button", name="Answer").click()
    page.get_by_text("Declined. They will read your answer.").wait_for()
    assert services.called("decide_dispute")[0]["upheld"] is False
