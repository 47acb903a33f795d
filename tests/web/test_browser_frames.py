"""A worker's pages in the frame of another site, in a real browser: what a platform's workers see, from the preview to handing in."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from werkzeug.serving import make_server

from btm.web import clock

from ..platforms.stages import Stage
from ..support.databases import value
from ..support.game import Game
from .browsing import wait_until
from .test_arrivals import local, made, work_of

pytestmark = pytest.mark.browser

__all__ = ["made"]
SIZES = ((390, 844), (800, 700))
"""A phone, and the width that Mechanical Turk gives a frame."""


@pytest.fixture
def framed(made: tuple[Game, Stage], chromium: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A function that shows an address of ours in a frame of the platform's site, and the frame. `localhost` and 127.0.0.1 are two
    sites to a browser, so that no cookie of ours reaches the frame."""
    game, at = made
    platform = at.fake.url.replace("127.0.0.1", "localhost")
    settings = game.app.extensions["btm_settings"]
    keys = replace(settings.platforms, mturk_worker_site=platform)
    monkeypatch.setitem(game.app.extensions, "btm_settings", replace(settings, platforms=keys))
    monkeypatch.setattr(clock, "now", game.clock)
    server = make_server("127.0.0.1", 0, game.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    context = chromium.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda line: page.complaints.append(line.text) if "Policy" in line.text else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))

    own, shown = at.fake.answer, []

    def answer(method: str, parts: Any, headers: Any, body: bytes) -> Any:
        """The platform's page around the frame, and whatever else it answers."""
        return (200, shown[-1], "text/html") if parts.path == "/frame" else own(method, parts, headers, body)

    monkeypatch.setattr(at.fake, "answer", answer)

    def show(address: str) -> Any:
        src = escape(f"http://127.0.0.1:{server.server_port}{local(address)}")
        frame = f'<iframe title="Task" src="{src}" style="width:98%;height:95vh"></iframe>'
        shown.append(f'<!doctype html><html lang="en"><title>Platform</title>{frame}'.encode())
        page.goto(f"{platform}/frame")
        frame = page.frames[1]
        frame.wait_for_load_state()
        return page, frame

    yield show
    context.close()
    server.shutdown()
    thread.join()


def look(page: Any, frame: Any, name: str) -> None:
    """Nothing for axe to find in the frame, nothing wider than it, nothing that the policy forbade; a picture, where a folder is named."""
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        found = Axe().run(frame)
        assert found.violations_count == 0, f"{name} {width}: {found.generate_report()}"
        assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} {width}"
        if folder := os.environ.get("BTM_TEST_PICTURES"):
            page.screenshot(path=f"{folder}/frame-{name}-{width}.png")
    assert page.complaints == []


def test_a_worker_plays_in_the_frame_and_hands_in(framed: Any, made: tuple[Game, Stage]) -> None:
    game, at = made
    _, hit = work_of(game, at)
    page, frame = framed(at.fake.page_of(hit))
    look(page, frame, "preview")

    taken = at.take(hit)
    page, frame = framed(at.fake.page_of(hit, taken, at.worker))
    assert urlsplit(frame.url).path.endswith("/mine")
    look(page, frame, "task")

    frame.get_by_role("link", name="Begin").click()
    frame.locator("input[name=url]").fill(game.page())
    frame.locator("[data-probe] button").click()
    frame.get_by_role("button", name="Send it to be checked").wait_for()
    look(page, frame, "quoted")
    frame.get_by_role("button", name="Send it to be checked").click()
    wait_until(page, lambda: value("SELECT count(*) FROM submission WHERE state = 'in_review'") == 1)
    frame.get_by_role("button", name="Send it to be checked").wait_for(state="detached")
    look(page, frame, "committed")

    frame.goto(frame.url.partition("/c/")[0] + "/mine")
    frame.get_by_role("button", name="I am done").click()
    frame.get_by_role("button", name="Hand in on Mechanical Turk").wait_for()
    look(page, frame, "done")
    frame.get_by_role("button", name="Hand in on Mechanical Turk").click()
    frame.wait_for_url("**/mturk/externalSubmit")
    assert [seen.state for seen in at.market.list_assignments(hit)] == ["submitted"]
    assert page.context.cookies() == []
    assert value("SELECT count(*) FROM work_session") == 1


def test_a_frame_s_error_page_is_one_too_and_shows_no_token(framed: Any, made: tuple[Game, Stage]) -> None:
    game, at = made
    _, hit = work_of(game, at)
    page, frame = framed(at.fake.page_of(hit, at.take(hit), at.worker))
    head = frame.url.removesuffix("/mine")
    frame.goto(f"{head}/nowhere")
    assert head.rpartition("/")[2] not in frame.locator("body").inner_text()
    look(page, frame, "error")
