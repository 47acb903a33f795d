"""The console of machines in a real browser: clean for axe at every width, charts that can be read, work that is followed."""

from __future__ import annotations

import pytest

from btm.services.handing_over import MOST_UPLOAD

from . import samples_machines as m
from .browsing import inspect
from .test_pages import CONSOLE, MACHINES, TRAINED

pytestmark = pytest.mark.browser

STATES = {
    "many": ("show_machine_report", m.REPORT_MANY, TRAINED),
    "bare": ("show_machine_report", m.REPORT_BARE, TRAINED),
    "terms": ("show_machine_report", m.REPORT_TERMS, TRAINED),
    "once": ("show_machine_report", m.REPORT_ONCE, TRAINED),
    "crowd": ("list_machine_versions", m.CROWD, f"{MACHINES}?all=1"),
    "nothing": ("list_machine_versions", [], MACHINES),
}


@pytest.mark.parametrize("path", [path for path in CONSOLE if not path.endswith("/queued")])
def test_axe_finds_nothing_and_nothing_overflows(open_page, violations, path):
    inspect(open_page(path, "modeler"))
    assert violations == []


@pytest.mark.parametrize("name", STATES)
def test_axe_finds_nothing_where_there_is_little_or_much(open_page, violations, services, name):
    service, answer, path = STATES[name]
    services.answers[service] = answer
    inspect(open_page(path, "modeler"))
    assert violations == []


def test_axe_finds_nothing_in_the_form_for_endpoints_and_in_open_tables(open_page, violations):
    inspect(open_page(f"{MACHINES}/register", "admin"))
    page = open_page(TRAINED, "modeler")
    for summary in page.locator(".numbers summary").all():
        summary.click()
    page.locator("[data-chart-box]").first.hover()
    inspect(page)
    assert violations == []


def test_a_chart_is_read_by_pointing(open_page):
    page = open_page(TRAINED, "modeler")
    chart = page.locator("[data-chart]").nth(2)
    area = chart.locator("[data-chart-box]").bounding_box()
    chart.locator("[data-chart-box]").hover(position={"x": area["width"] * 0.5, "y": area["height"] * 0.1})
    assert "of what it flags is right" in chart.locator("[data-chart-read]").inner_text()
    assert chart.locator(".is-near").count() == 1
    page.mouse.move(0, 0)
    assert chart.locator(".is-near").count() == 0


def test_a_chart_is_read_by_keyboard(open_page):
    page = open_page(TRAINED, "modeler")
    chart = page.locator("[data-chart]").first
    page.locator("h1").click()
    while page.evaluate("!document.activeElement.matches('[data-chart-box]')"):
        page.keyboard.press("Tab")
    read = chart.locator("[data-chart-read]")
    first = read.inner_text()
    assert "scored 0.00 to 0.10" in first
    page.keyboard.press("ArrowRight")
    assert "scored 0.10 to 0.20" in read.inner_text()
    page.keyboard.press("End")
    assert "scored 0.90 to 1.00" in read.inner_text()
    page.keyboard.press("Home")
    assert read.inner_text() == first
    page.keyboard.press("Escape")
    assert chart.locator(".is-near").count() == 0


def test_a_pool_is_clean_with_its_tables_open_and_its_picture_is_read_by_pointing(open_page, violations):
    page = open_page("/console/c/drugs/pool", "modeler")
    for summary in page.locator("main details summary").all():
        summary.click()
    box = page.locator("[data-chart-box]")
    area = box.bounding_box()
    box.hover(position={"x": area["width"] * 0.5, "y": area["height"] * 0.5})
    assert "of 400 pages: labels 9" in page.locator("[data-chart-read]").inner_text()
    inspect(page)
    assert violations == []


def test_work_is_followed_to_its_end(open_page, violations):
    page = open_page("/console/tasks/queued", "modeler")
    page.get_by_role("link", name="See its report").wait_for()
    assert page.evaluate("document.activeElement.tagName") == "H2"
    assert page.locator("[data-announce]").inner_text() == "It is trained"
    assert violations == []


def test_work_is_followed_without_scripts(open_page):
    page = open_page("/console/tasks/queued", "modeler", java_script_enabled=False)
    page.get_by_role("link", name="See its report").wait_for(timeout=20_000)


def test_a_file_that_is_too_large_is_not_even_sent(open_page, services, tmp_path):
    big = tmp_path / "big.csv"
    with big.open("wb") as file:
        file.truncate(MOST_UPLOAD + 1_500_000)
    page = open_page(f"{MACHINES}/train", "modeler")
    page.get_by_label("Name").fill("mine")
    page.get_by_label("Labelled pages").set_input_files(big)
    assert "52 MB; 50 MB is the most" in page.locator("[data-fault]").inner_text()
    page.get_by_role("button", name="Train").click()
    page.wait_for_timeout(200)
    assert not services.called("start_training")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_file_is_sent_and_its_work_is_shown(open_page, services, tmp_path, scripts):
    (tmp_path / "pages.jsonl").write_text('{"label": "drugs", "text": "a"}\n')
    page = open_page(f"{MACHINES}/train", "modeler", java_script_enabled=scripts)
    page.get_by_label("Name").fill("mine")
    page.get_by_label("Labelled pages").set_input_files(tmp_path / "pages.jsonl")
    page.get_by_role("button", name="Train").click()
    page.get_by_role("heading", name="Training a machine").wait_for()
    assert services.called("start_training")[0]["format"] == "jsonl"


def test_a_machine_is_activated_in_two_steps(open_page, services):
    page = open_page(MACHINES, "modeler")
    page.get_by_role("link", name="Activate drugs-own 9f31c07be2aa").click()
    page.get_by_role("button", name="Let it play").click()
    page.get_by_text("drugs-own 9f31c07be2aa plays from now on.").wait_for()
    assert len(services.called("activate_machine")) == 1
