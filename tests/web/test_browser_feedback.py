"""What happened is told at once, and nothing that people write breaks a page, in a real browser over the fake pages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from btm.services.views_corpus import ConsoleRow

from . import samples as s
from .browsing import inspect, wait_until

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamten"
LOOK_NOW = "document.dispatchEvent(new Event('visibilitychange'))"


def test_a_verdict_appears_while_its_player_looks(open_page, services, violations):
    page = open_page("/s/unjudged")
    page.get_by_text("It is with the judges.").wait_for()
    page.locator("details.card-url summary").click()
    services.answers["show_submission"] = s.SUBMISSIONS["in_review"]
    page.evaluate(LOOK_NOW)
    page.get_by_text("1 of 2").wait_for()
    assert page.locator("details.card-url[open]").count() == 1
    services.answers["show_submission"] = s.SUBMISSIONS["confirmed"]
    services.accounts["member"] = replace(s.MEMBER, balance=s.MEMBER.balance + 759)
    page.evaluate(LOOK_NOW)
    page.get_by_text("You beat the machine.").wait_for()
    assert page.locator("[data-announce]").inner_text() == "Confirmed"
    wait_until(page, lambda: "13" in page.locator("details.menu summary .points").inner_text())
    assert violations == []


def test_the_last_page_ends_with_what_was_earned_today(open_page):
    page = open_page("/c/not-drugs/judge")
    page.keyboard.press("1")
    page.get_by_text("Bread that needs no kneading").first.wait_for()
    page.keyboard.press("1")
    page.get_by_text("That was all, for now.").wait_for()
    end = page.locator(".item-none p", has_text="Today")
    wait_until(page, lambda: "16 judged, 400 points" in end.inner_text())


def test_the_offer_is_taken_without_scrolling_on_a_desk(open_page):
    page = open_page("/s/quoted", viewport={"width": 1280, "height": 800})
    box = page.get_by_role("button", name="Send it to be checked").bounding_box()
    assert box["y"] + box["height"] <= 800


def test_long_names_long_words_and_large_numbers_fit_a_phone(open_page, services, violations):
    services.accounts["member"] = replace(s.MEMBER, handle="W" * 32, balance=9_876_543_210)
    long = replace(s.LINES[0], reason=f"You beat the machine with “{WORD}”")
    services.answers["show_statement"] = replace(s.STATEMENT, lines=(long,))
    row = replace(s.SUBMISSIONS["confirmed"], title=WORD)
    services.answers["list_submissions"] = (
        [row, replace(row, title="دليل العناية بالنباتات الصحراوية")],
        None,
    )
    for path in ("/me", "/me/submissions", "/"):
        page = open_page(path, viewport=PHONE)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    services.answers["show_console"] = [
        ConsoleRow(replace(s.CARD, title=WORD, budget_left=5_000_000), *[1_234_567] * 12)
    ]
    page = open_page("/console", "modeler")
    page.locator(".console-all summary").click()
    inspect(page)
    assert violations == []
