"""Workers are killed at the worst moments: nothing is lost, and nothing is paid twice."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from btm.config import read_settings
from btm.factory import create_app
from btm.services.change_standing import block_judge
from btm.services.commit_submission import commit_submission
from btm.services.lease_review import lease_review
from btm.services.record_judgement import record_judgement
from btm.services.refit_jury import refit_jury
from btm.services.register import register
from btm.services.roles import qualify_account
from btm.store.database import db

from ..support.databases import rows, value
from ..support.product import Browser, Product, SlowSite, slow_site, wait_for

Make = Callable[..., Product]
PAGES = 8
DELAY = 1.5


@dataclass(frozen=True)
class Scene:
    """A running product, with its database open beside it."""

    product: Product
    player: Browser


@pytest.fixture
def scene(make_product: Make, storage: dict[str, str]) -> Iterator[Scene]:
    product = make_product(
        **storage,
        BTM_FETCH_ALLOW_PRIVATE="127.0.0.0/8",
        BTM_FETCH_DEADLINE="6",
        BTM_SECRET_KEY="for tests only, not for use",
    )
    product.start()
    app = create_app(replace(read_settings(product.environ), public_url=product.url))
    player = Browser(product)
    player.register("ada")
    with app.app_context():
        yield Scene(product, player)
        db.engine.dispose()


def states() -> dict[str, int]:
    return {
        str(state): int(str(n)) for state, n in rows("SELECT state, count(*) FROM submission GROUP BY state")
    }


def let_time_pass() -> None:
    """What the dead worker held is due again: as if its half minute were over."""
    with db.engine.begin() as connection:
        long_ago = datetime(2026, 1, 1, tzinfo=UTC).isoformat(sep=" ")
        connection.execute(
            text(f"UPDATE submission SET wake_at = '{long_ago}' WHERE state IN ('queued', 'fetching')")
        )


def hand_in(scene: Scene, site_url: str) -> list[str]:
    return [scene.player.submit("drugs", f"{site_url}/{number}") for number in range(1, PAGES + 1)]


def kill_in_the_middle_of_fetches(scene: Scene, site: SlowSite, times: int) -> None:
    for _ in range(times):
        wait_for(
            lambda: states().get("fetching", 0) >= 2 and site.asked > site.answered,
            20,
            f"nothing is being fetched: {states()}",
        )
        scene.product.kill_worker()
        assert states().get("fetching", 0) >= 1, "the kill came too late to prove anything"
        let_time_pass()


def judge_everything(scene: Scene, kill_every: int) -> None:
    """Two people judge all pages; after every few answers the worker, which settles, is killed."""
    ids = itertools.count(1)
    now = datetime.now(UTC)
    for handle in ("bea", "cem"):
        judge = register(handle, "a fine long password", visitor_id=None, now=now)
        qualify_account(handle, "drugs", now=now)
        answers = 0
        while item := lease_review(
            "drugs", judge_id=judge, now=now, new_token=f"{handle}{next(ids)}", dice=0.5
        ).item:
            record_judgement(
                item.public_id,
                judge_id=judge,
                token=item.token,
                label="drugs",
                cannot=None,
                seconds=5,
                now=now,
            )
            answers += 1
            if answers % kill_every == 0:
                for number in scene.product.processes("btm.worker"):
                    _kill(number)
        assert answers == PAGES
    compute_the_jury()


def compute_the_jury() -> None:
    """What the sweep does once a minute: two newcomers who always give the same label suffice for all pages only once their answers
    are weighed together. Where the worker's own computation comes first, that one counts."""

    def is_all_decided() -> bool:
        refit_jury(int(str(value("SELECT id FROM jury"))), now=datetime.now(UTC))
        return value("SELECT count(*) FROM review_item WHERE state = 'open'") == 0

    wait_for(is_all_decided, 20, f"not all were decided: {states()}")


def _kill(number: int) -> None:
    import contextlib
    import os
    import signal

    with contextlib.suppress(ProcessLookupError):
        os.kill(number, signal.SIGKILL)


def test_a_worker_killed_at_any_moment_loses_nothing_and_pays_nothing_twice(scene: Scene) -> None:
    with slow_site(DELAY) as site:
        handed_in = hand_in(scene, site.url)
        kill_in_the_middle_of_fetches(scene, site, times=2)
        wait_for(lambda: states() == {"quoted": PAGES}, 60, f"not all were quoted: {states()}")
    assert site.asked > PAGES, "no fetch was cut short, so nothing was shown"
    assert value("SELECT count(*) FROM quote") == PAGES
    assert value("SELECT count(*) FROM page") == PAGES

    [[player]] = rows("SELECT id FROM account WHERE handle = 'ada'")
    for number, public_id in enumerate(handed_in):
        commit_submission(
            public_id, player_id=int(str(player)), now=datetime.now(UTC), new_id=f"item{number}"
        )
    judge_everything(scene, kill_every=3)
    wait_for(lambda: states() == {"confirmed": PAGES}, 60, f"not all were settled: {states()}")

    assert value("SELECT count(*) FROM ledger WHERE kind = 'bonus'") == PAGES
    assert value("SELECT count(*) FROM ledger WHERE kind = 'judging'") == 2 * PAGES
    assert value("SELECT count(*) FROM outcome") == PAGES
    assert value("SELECT sum(worker) FROM ledger WHERE kind = 'bonus'") == value(
        "SELECT sum(points) FROM quote"
    )
    assert value("SELECT sum(escrow) FROM ledger") == 0
    assert value("SELECT sum(budget + worker) FROM ledger") == value(
        "SELECT sum(budget) FROM ledger WHERE kind = 'fund'"
    )
    assert "Nothing was lost" in scene.product.output

    assert scene.product.stop() == 0
    wait_for(lambda: not scene.product.processes(), 15, f"left behind: {scene.product.processes()}")


def test_a_worker_killed_while_a_judge_s_answers_are_withdrawn_takes_them_back_once(scene: Scene) -> None:
    with slow_site(0.05) as site:
        handed_in = hand_in(scene, site.url)
        wait_for(lambda: states() == {"quoted": PAGES}, 60, f"not all were quoted: {states()}")
    [[player]] = rows("SELECT id FROM account WHERE handle = 'ada'")
    for number, public_id in enumerate(handed_in):
        commit_submission(
            public_id, player_id=int(str(player)), now=datetime.now(UTC), new_id=f"item{number}"
        )
    judge_everything(scene, kill_every=PAGES + 1)
    wait_for(lambda: states() == {"confirmed": PAGES}, 60, f"not all were settled: {states()}")
    [[bea]] = rows("SELECT id FROM account WHERE handle = 'bea'")
    block_judge("drugs", int(str(bea)), note="", asker_id=None, now=datetime.now(UTC))
    for _ in range(3):
        for number in scene.product.processes("btm.worker"):
            _kill(number)
        wait_for(lambda: bool(scene.product.processes("btm.worker")), 20, "no worker came back")
    waiting = "SELECT (SELECT count(*) FROM standing_change WHERE NOT is_done) + (SELECT count(*) FROM review_item WHERE is_stale)"
    wait_for(lambda: value(waiting) == 0, 60, "not all was looked at again")
    assert value("SELECT count(*) FROM submission WHERE reopened_why = 'judge'") == PAGES
    assert value("SELECT count(*) FROM ledger WHERE kind = 'reversal'") == 1
    assert value("SELECT count(*) FROM ledger WHERE kind = 'reserve'") == 2 * PAGES
    assert value("SELECT sum(worker) FROM ledger WHERE account_id = :bea", bea=bea) == 0
    assert value("SELECT sum(budget + escrow + worker) FROM ledger") == value(
        "SELECT sum(budget) FROM ledger WHERE kind = 'fund'"
    )


def test_a_whole_product_killed_in_the_middle_goes_on_where_it_was(scene: Scene) -> None:
    import signal

    with slow_site(DELAY) as site:
        hand_in(scene, site.url)
        wait_for(lambda: states().get("fetching", 0) >= 2, 20, f"nothing is being fetched: {states()}")
        scene.product.stop(signal.SIGKILL)
        wait_for(lambda: not scene.product.processes(), 15, f"left behind: {scene.product.processes()}")
        assert states().get("quoted", 0) < PAGES
        let_time_pass()
        scene.product.start()
        wait_for(lambda: states() == {"quoted": PAGES}, 60, f"not all were quoted: {states()}")
    assert value("SELECT count(*) FROM quote") == PAGES
    assert "ada" in scene.player.get("/me/settings").text
