"""Every page in its states, on the running product: axe, policy, width, keyboard, and life without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from . import inspection
from .people import Person, Watch
from .server import Product
from .site import HELD
from .story import PLAYERS, VERIFIERS, Record, brief

pytestmark = [pytest.mark.browser, pytest.mark.data, pytest.mark.timeout(900)]

STRANGERS = {
    "home": "/", "about": "/about", "machines": "/machines", "machine": "/machines/drugs", "leaders-empty": "/leaderboard",
    "challenge-empty": "/c/drugs", "lookalikes-empty": "/c/drugs-lookalikes", "found-empty": "/c/drugs/found",
    "challenge-leaders-empty": "/c/drugs/leaderboard", "register": "/register", "login": "/login", "your-pages-nobody": "/me/submissions",
    "error-404": "/nowhere",
}  # fmt: skip
NEWCOMERS = {
    "points-empty": "/me", "your-pages-empty": "/me/submissions", "judge-offers-empty": "/judge", "test": "/c/drugs/qualify",
    "test-lookalikes": "/c/drugs-lookalikes/qualify", "settings": "/me/settings", "developers": "/developers", "delete-account": "/me/delete", "error-403": "/console",
}  # fmt: skip
FILLED = {
    "home-filled": (PLAYERS[0], "/"),
    "challenge-filled": (PLAYERS[0], "/c/drugs"),
    "your-pages": (PLAYERS[0], "/me/submissions"),
    "points": (PLAYERS[1], "/me"),
    "points-player-and-judge": (PLAYERS[2], "/me"),
    "leaders": (PLAYERS[1], "/leaderboard"),
    "challenge-leaders": (VERIFIERS[0], "/c/alcohol/leaderboard?period=all"),
    "found-harmful": (PLAYERS[0], "/c/drugs/found"),
    "found-links": (PLAYERS[0], "/c/alcohol/found"),
    "judge-offers": (VERIFIERS[0], "/judge"),
    "judge-covered": (VERIFIERS[0], "/c/drugs/judge"),
    "judge-open": (VERIFIERS[1], "/c/alcohol/judge"),
    "judge-none": (VERIFIERS[0], "/c/alcohol-lookalikes/judge"),
    "test-passed-before": (VERIFIERS[0], "/c/drugs/qualify"),
    "test-wait": (PLAYERS[2], "/c/alcohol-lookalikes/qualify"),
    "console": ("admin", "/console"),
    "console-machines": ("admin", "/console/c/drugs/machines"),
    "console-train": ("admin", "/console/c/drugs/machines/train"),
    "console-register": ("admin", "/console/c/drugs/machines/register"),
    "console-challenges": ("admin", "/console/challenges"),
    "console-new-challenge": ("admin", "/console/challenges/new"),
    "write-labels": ("admin", "/console/c/drugs/write/labels"),
    "write-money": ("admin", "/console/c/drugs/write/money"),
    "write-check": ("admin", "/console/c/drugs/write/check"),
    "console-pool-empty": ("admin", "/console/c/drugs/pool"),
    "console-money": ("admin", "/console/c/drugs/money"),
    "console-search-empty": ("admin", "/console/c/drugs/money/search"),
    "console-payouts-empty": ("admin", "/console/payouts"),
    "console-acts": ("admin", "/console/acts"),
}
CARDS = {
    "quoted": lambda played: fate(played, "leave"),
    "in-review": lambda played: fate(played, "open"),
    "withdrawn": lambda played: fate(played, "take back"),
    "withdrawn-offer": lambda played: fate(played, "withdraw"),
    "known": lambda played: fate(played, "refused"),
    "late": lambda played: fate(played, "late"),
    "confirmed": lambda played: next(one.card.id for one in played.committed() if one.hunt.is_find),
    "rejected": lambda played: next(one.card.id for one in played.committed() if not one.hunt.is_find),
    "repeat": lambda played: played.again["found"].id,
    "judged-before": lambda played: played.again["judged"].id,
    "quoted-like-a-find": lambda played: played.again["like"].id,
}
MAIN_ACTIONS = {
    "challenge-filled": "[data-probe] button",
    "home-filled": ".challenge-list a",
    "judge-offers": '.challenge-list a[href$="/judge"]',
    "judge-open": "button.answer",
    "judge-covered": "details.cover summary",
    "points": "table.ledger a",
    "console": 'a[href$="corpus.csv"]',
    "write-money": "[data-writing] .writing-save button",
}


def fate(played: Record, name: str) -> str:
    return next(one.card.id for one in played.submitted if one.fate == name)


def owner(played: Record, submission: str) -> Person:
    """Whose page it is: their card shows the most."""
    for one in played.submitted:
        if one.card.id == submission:
            return played.people[one.player]
    return next(
        p
        for name, p in played.people.items()
        if name in PLAYERS and p.context.request.get(f"{p.base}/s/{submission}").ok
    )


@pytest.fixture(scope="module")
def stranger(chromium: Any, fresh: Product) -> Iterator[Person]:
    person = Person(chromium, fresh.url, "nobody", Watch())
    yield person
    person.close()


@pytest.fixture(scope="module")
def newcomer(chromium: Any, fresh: Product) -> Iterator[Person]:
    person = Person(chromium, fresh.url, "Newcomer", Watch())
    person.register()
    yield person
    person.close()


@pytest.mark.parametrize("name", STRANGERS)
def test_a_page_for_strangers(stranger, name):
    inspection.look_over(stranger.go(STRANGERS[name]), name, stranger.watch)


@pytest.mark.parametrize("name", NEWCOMERS)
def test_a_page_with_nothing_on_it_yet(newcomer, name):
    inspection.look_over(newcomer.go(NEWCOMERS[name]), name, newcomer.watch)


@pytest.mark.parametrize("name", FILLED)
def test_a_page_after_the_story(played, name):
    who, path = FILLED[name]
    inspection.look_over(played.people[who].go(path), name, played.watch)


@pytest.mark.parametrize("name", CARDS)
def test_a_card(played, name):
    submission = CARDS[name](played)
    person = owner(played, submission)
    inspection.look_over(person.go(f"/s/{submission}"), f"card-{name}", played.watch)


def test_what_is_opened_on_a_page(played):
    page = played.people[VERIFIERS[0]].go("/c/drugs/judge")
    for summary in ("details.cover summary", "details.cannot summary"):
        page.locator(f"[data-item] {summary}").click()
    inspection.look_over(page, "judge-uncovered", played.watch)
    page.locator("[data-item] details.brief summary").click()
    inspection.look_over(page, "judge-brief", played.watch)
    like = played.again["like"].id
    page = owner(played, like).go(f"/s/{like}")
    for summary in page.locator("[data-card] summary").all():
        summary.click()
    page.locator("details.menu summary").click()
    inspection.look_over(page, "card-opened", played.watch)


def test_the_report_of_a_machine(played):
    page = played.people["admin"].go("/console/c/drugs/machines")
    page.locator('main a[href*="/console/c/drugs/machines/drugs/"]').first.click()
    page.wait_for_url("**/console/c/drugs/machines/drugs/*")
    inspection.look_over(page, "console-report", played.watch)
    page.goto(f"{page.url}/evaluate")
    inspection.look_over(page, "console-evaluate", played.watch)


def test_a_find_as_a_stranger_sees_it(chromium, played):
    stranger = Person(chromium, played.product.url, "nobody", played.watch)
    inspection.look_over(
        stranger.go(f"/s/{CARDS['confirmed'](played)}"), "card-confirmed-stranger", played.watch
    )
    stranger.close()


def test_a_card_on_its_way_and_an_offer_to_a_visitor(chromium, fresh, site):
    visitor = Person(chromium, fresh.url, "nobody", Watch())
    site.let_go.clear()
    page = visitor.ask("drugs", site.url(f"{HELD}page"))
    page.locator('[data-card][data-poll][data-step="fetching"]').wait_for()
    inspection.look_over(page, "challenge-fetching", visitor.watch)
    site.let_go.set()
    assert visitor.answer().state == "refused"
    inspection.look_over(page, "challenge-no-page-there", visitor.watch)
    assert visitor.probe("drugs", site.url(site.real_urls[0])).state == "quoted"
    inspection.look_over(page, "challenge-visitor-offer", visitor.watch)
    inspection.look_over(visitor.go("/me/submissions"), "your-pages-visitor", visitor.watch)
    visitor.close()


def test_forms_that_are_turned_down(chromium, fresh):
    person = Person(chromium, fresh.url, "nobody", Watch())
    page = person.go("/register")
    page.locator("input[name=handle]").fill("newcomer")
    page.locator("input[name=password]").fill("short")
    page.locator("main form button").click()
    page.locator("[aria-invalid]").first.wait_for()
    inspection.look_over(page, "register-fault", person.watch)
    page = person.ask("drugs", "no address at all")
    page.locator('[data-probe] [aria-invalid="true"]').wait_for()
    inspection.look_over(page, "challenge-fault", person.watch)
    for _ in range(4):
        page = person.go("/login")
        page.locator("input[name=handle]").fill("nobody-at-all")
        page.locator("input[name=password]").fill("not the password")
        page.locator("main form button").click()
        page.locator("[role=alert], .error-number").first.wait_for()
        if not page.locator(".error-number").count():
            inspection.look_over(page, "login-fault", person.watch)
    assert page.locator(".error-number").inner_text() == "429"
    inspection.look_over(page, "error-429", person.watch)
    person.close()


def test_the_tests_results(chromium, fresh):
    person = Person(chromium, fresh.url, "Test taker", Watch())
    person.handle = "test-taker"
    person.register()
    for challenge, name in (("drugs-lookalikes", "test-passed"), ("alcohol", "test-failed")):
        right = [item["label"] for item in brief(challenge)["qualification"]]
        answers = right if name == "test-passed" else ["none"] * len(right)
        assert person.take_test(challenge, answers) == (name == "test-passed")
        inspection.look_over(person.page, name, person.watch)
    person.close()


@pytest.mark.parametrize("name", MAIN_ACTIONS)
def test_the_main_action_is_within_reach_of_the_keyboard(played, name):
    who, path = FILLED[name]
    inspection.tab_to(played.people[who].go(path), MAIN_ACTIONS[name])


def test_the_offer_can_be_taken_and_refused_by_keyboard(played):
    page = played.people[PLAYERS[0]].go(f"/s/{fate(played, 'leave')}")
    inspection.tab_to(page, 'form[action$="/commit"] button')
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('form[action$=\"/withdraw\"] button')")


def test_the_forms_can_be_sent_by_keyboard(stranger):
    for path in ("/register", "/login"):
        inspection.tab_to(stranger.go(path), "main form button")


def test_the_whole_game_without_scripts(chromium, fresh, site):
    player = Person(chromium, fresh.url, "no-scripts", Watch(), java_script_enabled=False)
    player.register()
    page = player.go("/c/alcohol")
    page.locator("[data-probe] input[name=url]").fill(site.url(site.real_urls[1]))
    page.locator("[data-probe] button").click()
    page.locator('[data-card][data-state="quoted"]').wait_for()  # the page reloads itself until then
    page.locator('[data-card] form[action$="/commit"] button').click()
    page.locator('[data-card][data-state="in_review"]').wait_for()
    assert page.url.split("/")[-2] == "s"
    judge = Person(chromium, fresh.url, "no-scripts-judge", Watch(), java_script_enabled=False)
    judge.register()
    assert judge.take_test("alcohol", [item["label"] for item in brief("alcohol")["qualification"]])
    page = judge.go("/c/alcohol/judge")
    page.locator('button.answer[value="none"]').click()
    page.locator('[data-item=""]').wait_for()
    assert judge.statement()[1][0][1] == 50
    for person in (player, judge):
        person.close()
