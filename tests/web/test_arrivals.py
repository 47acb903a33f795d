"""People who come by a platform, in the browser's own words: addresses, headers, forms. The application is the real one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from btm.platforms.market import Arrival
from btm.rules.works import WorkTerms
from btm.services.publish_work import publish_work
from btm.services.tend_work import WorkTools, tend_work
from btm.web import clock
from btm.web.limits import limiter

from ..platforms.stages import Stage, stage
from ..support.databases import migrated, rows, value
from ..support.game import Game, open_game


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Game, Stage]]:
    folder: Path = tmp_path_factory.mktemp("arrivals")
    with migrated("sqlite", folder) as database, stage("mturk", folder) as at:
        app = database.app
        keys = app.extensions["btm_settings"].platforms
        fake = at.fake.environ()
        app.extensions["btm_settings"] = replace(
            app.extensions["btm_settings"],
            platforms=replace(
                keys, mturk_access_key=fake["BTM_MTURK_ACCESS_KEY"], mturk_secret_key=fake["BTM_MTURK_SECRET_KEY"],
                mturk_endpoint=at.fake.url, mturk_worker_site=at.fake.url,
            ),
        )  # fmt: skip
        before, limiter.enabled = clock.now, False
        with app.app_context():
            game = open_game(database)
            clock.now = game.clock
            yield game, at
        clock.now, limiter.enabled = before, True


def work_of(game: Game, at: Stage) -> tuple[str, str]:
    """A fresh game with published work: our id, and the HIT's."""
    game.database.wipe()
    game.challenge()
    game.bell.work["work"] = lambda row_id: None
    terms = WorkTerms("play", "Find pages", "Find pages.", 1, 2, 200, 15, 3)
    view = publish_work(
        "spam", terms, market=at.market, public_url="https://btm.example", asker_id=None, now=game.clock(),
        new_id=lambda: game.new("work") + "000000",
    )  # fmt: skip
    tools = WorkTools(lambda name: at.market, game.clock, lambda: game.new("w"))
    tend_work(int(value("SELECT id FROM work")), tools)
    return view.public_id, str(value("SELECT external_id FROM work_unit"))


def local(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def test_a_preview_takes_nothing_and_may_be_framed_by_the_platform_alone(made: tuple[Game, Stage]) -> None:
    game, at = made
    _, hit = work_of(game, at)
    answer = game.app.test_client().get(local(at.fake.page_of(hit)))
    assert "This is a preview" in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert f"frame-ancestors {at.fake.url}" in policy
    assert "form-action 'self';" in policy
    assert "Set-Cookie" not in answer.headers
    assert rows("SELECT id FROM account WHERE handle LIKE 'guest%'") == []


def test_somebody_works_in_a_frame_without_cookies_and_hands_in(made: tuple[Game, Stage]) -> None:
    game, at = made
    _, hit = work_of(game, at)
    taken = at.take(hit)
    browser = game.app.test_client(use_cookies=False)
    came = browser.get(local(at.fake.page_of(hit, taken, at.worker)))
    assert came.status_code == 303
    mine = came.headers["Location"]
    assert re.fullmatch(r"/at/[\w-]{43}/mine", mine)
    page = browser.get(mine)
    assert "0 of 1 done" in page.text
    assert f"frame-ancestors {at.fake.url}" in page.headers["Content-Security-Policy"]
    head = mine.removesuffix("/mine")
    key = key_of(page.text)
    assert browser.post(f"{head}/mine/done", data={"csrf_token": "made up"}).status_code == 400
    assert browser.post(f"{head}/mine/done", data={"csrf_token": key}).status_code == 409
    challenge = browser.get(f"{head}/c/spam")
    assert f'action="{head}/c/spam/submissions"' in challenge.text
    assert f"form-action 'self' {at.fake.url}" not in challenge.headers["Content-Security-Policy"]
    game.committed(int(value("SELECT account_id FROM assignment")))
    assert browser.post(f"{head}/mine/done", data={"csrf_token": key}).status_code == 303
    done = browser.get(mine)
    assert f'action="{at.fake.url}/mturk/externalSubmit"' in done.text
    assert f"form-action 'self' {at.fake.url};" in done.headers["Content-Security-Policy"]
    assert all("Set-Cookie" not in each.headers for each in (came, page, challenge, done))
    assert at.hand_in(taken)


def test_under_a_token_there_are_a_workers_pages_only(made: tuple[Game, Stage]) -> None:
    game, at = made
    _, hit = work_of(game, at)
    browser = game.app.test_client(use_cookies=False)
    came = browser.get(local(at.fake.page_of(hit, at.take(hit), at.worker)))
    head = came.headers["Location"].removesuffix("/mine")
    for path in ("/me", "/me/settings", "/login", "/console", "/nowhere"):
        assert browser.get(head + path).status_code == 404, path
    strange = f"/at/{'x' * 43}"
    assert browser.get(f"{strange}/c/spam").status_code == 404
    assert browser.get(f"{strange}/mine").status_code == 404
    assert "frame-ancestors 'none'" in browser.get("/c/spam").headers["Content-Security-Policy"]


def test_an_address_without_a_place_says_so(made: tuple[Game, Stage]) -> None:
    game, at = made
    public_id, hit = work_of(game, at)
    answer = game.app.test_client().get(f"/task/{public_id}?assignmentId=a%20b&hitId={hit}&workerId=x")
    assert "came without your place" in answer.text
    assert at.market.read_arrival({"assignmentId": "A1", "workerId": "A2", "hitId": hit}) == Arrival(
        "A2", "A1", hit
    )


def key_of(text: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', text)
    assert found is not None
    return found[1]
