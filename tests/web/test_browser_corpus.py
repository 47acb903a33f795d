"""The console of the corpus in a real browser: clean for axe at every width, and a map that answers to pointer, finger and keys."""

from __future__ import annotations

import pytest

from . import samples_clusters as c
from .browsing import inspect, wait_until
from .test_console_corpus import AUDITS, CLUSTERS, CORPUS, MAP, ROUNDS, STATES

pytestmark = pytest.mark.browser

SHOWN = (
    CORPUS, MAP, f"{MAP}?by=severity", f"{MAP}?by=state", f"{CLUSTERS}/c1", f"{CLUSTERS}/c7", AUDITS, f"{AUDITS}/a1", f"{AUDITS}/a3", ROUNDS,
    f"{ROUNDS}/ready", f"{ROUNDS}/training", f"{ROUNDS}/failed", f"{ROUNDS}/adverse/promote", f"{ROUNDS}/promoted/roll-back",
)  # fmt: skip


@pytest.mark.parametrize("path", SHOWN)
def test_axe_finds_nothing_and_nothing_overflows(open_page, violations, path):
    page = open_page(path, "modeler")
    page.evaluate("for (const each of document.querySelectorAll('main details')) each.open = true")
    inspect(page)
    assert violations == []


@pytest.mark.parametrize("name", STATES)
def test_axe_finds_nothing_where_there_is_little_or_much(open_page, violations, services, name):
    service, answer, path, _ = STATES[name]
    services.answers[service] = answer
    inspect(open_page(path, "modeler"))
    assert violations == []


def dot(page, index: int) -> dict[str, float]:
    """Where a find of the sample lies on the screen."""
    from btm.web.charts_map import WIDTH, place

    point = c.MAP.points[index]
    x, y = place(point.x, point.y)
    page.locator(".map-picture").scroll_into_view_if_needed()
    box = page.locator(".map-picture").bounding_box()
    scale = box["width"] / WIDTH
    return {"x": box["x"] + x * scale, "y": box["y"] + y * scale}


def lonely() -> int:
    """A find with nothing near it, so that it is surely the nearest."""

    def room(i: int) -> float:
        here = c.MAP.points[i]
        return min(
            (here.x - each.x) ** 2 + (here.y - each.y) ** 2 for each in c.MAP.points if each is not here
        )

    return max(range(len(c.MAP.points)), key=room)


def hover(page, index: int) -> None:
    page.locator(".map-picture").hover(position={"x": 3, "y": 3})
    page.locator("[data-map][data-ready]").wait_for()
    at = dot(page, index)
    page.mouse.move(at["x"] + 2, at["y"] + 1)


def test_a_pointer_names_the_find_and_a_click_opens_it(open_page, violations):
    index = lonely()
    page = open_page(MAP, "modeler", viewport={"width": 1280, "height": 900})
    hover(page, index)
    point = c.MAP.points[index]
    assert page.locator(".map-title").text_content() == (point.title or point.host)
    assert point.host in page.locator("[data-map-read]").text_content()
    at = dot(page, index)
    with page.expect_navigation():
        page.mouse.click(at["x"] + 2, at["y"] + 1)
    assert page.url.endswith(f"/s/{point.public_id}")
    assert violations == []


def test_away_from_the_map_it_says_again_how_to_read_it(open_page):
    page = open_page(MAP, "modeler", viewport={"width": 1280, "height": 900})
    hover(page, lonely())
    page.locator(".map-title").wait_for()
    page.locator("h1").hover()
    page.get_by_text("Names are sized by").wait_for()


def test_a_finger_asks_first_and_then_follows_the_link(open_page, violations):
    index = lonely()
    page = open_page(MAP, "modeler", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    at = dot(page, index)
    page.touchscreen.tap(at["x"], at["y"])
    page.locator(".map-title").wait_for()
    assert page.url.endswith("/map?who=modeler")
    assert page.locator(".map-title").get_attribute("href") == f"/s/{c.MAP.points[index].public_id}"
    assert violations == []


def test_a_name_on_the_map_leads_to_its_cluster(open_page):
    page = open_page(MAP, "modeler", viewport={"width": 1280, "height": 900})
    page.locator('.map-names.is-broad a[data-cluster="c1"] text').click()
    page.wait_for_url(f"**{CLUSTERS}/c1")


def test_the_list_does_with_keys_what_the_map_does(open_page):
    page = open_page(MAP, "modeler", viewport={"width": 1280, "height": 900})
    link = page.locator(".map-clusters a").nth(1)
    link.focus()
    wait_until(page, lambda: (page.locator("[data-map-marked]").get_attribute("d") or "").count("h0") == 41)
    link.blur()
    wait_until(page, lambda: not page.locator("[data-map-marked]").get_attribute("d"))
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{CLUSTERS}/c2")


def test_without_scripts_a_dot_leads_to_its_cluster(open_page):
    index = next(i for i, each in enumerate(c.MAP.points) if each.cluster == "c1")
    page = open_page(MAP, "modeler", viewport={"width": 1280, "height": 900}, java_script_enabled=False)
    box = page.locator(".map-picture").bounding_box()
    from btm.web.charts_map import WIDTH, place

    x, y = place(c.MAP.points[index].x, c.MAP.points[index].y)
    scale = box["width"] / WIDTH
    page.mouse.click(box["x"] + x * scale, box["y"] + y * scale)
    page.wait_for_url(f"**{CLUSTERS}/*")


def test_a_map_of_twenty_thousand_is_few_elements(open_page, services):
    services.answers["show_map"] = c.MAP_MANY
    page = open_page(MAP, "modeler", viewport={"width": 1280, "height": 900})
    assert page.evaluate("document.querySelectorAll('.map-picture *').length") < 400
    page.locator(".map-picture").hover(position={"x": 3, "y": 3})
    page.locator("[data-map][data-ready]").wait_for()


def test_a_cluster_is_named_in_place(open_page, services):
    page = open_page(f"{CLUSTERS}/c1", "modeler")
    page.get_by_text("Rename it, or write something down").click()
    page.get_by_label("Name").fill("Cacti by the cutting")
    page.get_by_role("button", name="Keep it").click()
    page.get_by_text("Kept. The name and the notes stay").wait_for()
    assert services.called("edit_cluster")[0]["name"] == "Cacti by the cutting"


def test_a_round_is_promoted_in_two_steps(open_page, services):
    page = open_page(f"{ROUNDS}/ready", "modeler")
    page.get_by_role("link", name="Promote it").click()
    page.get_by_role("button", name="Let it play").click()
    page.get_by_text("plays from now on").wait_for()
    assert services.called("promote_round")[0]["force"] is False


def test_a_round_under_way_is_followed_to_its_end(open_page, services, violations):
    page = open_page(f"{ROUNDS}/training", "modeler")
    page.locator(".task-percent", has_text="42%").wait_for()
    services.answers["show_round"] = c.READY
    page.get_by_role("link", name="See its report").wait_for()
    assert violations == []
