"""A batch of payments whose process is killed at every point in turn: after a restart everybody has been paid once, by the books of
whoever paid them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest

from btm.platforms.local import LocalPlatform
from btm.platforms.platform import Platform
from btm.platforms.prolific import Prolific
from btm.rules.errors import NotFound
from btm.services.carry_out_payouts import carry_out_payouts
from btm.services.freeze_payouts import freeze_batch, open_batch
from btm.services.move_batch import approve_batch, pay_batch
from btm.services.reconcile_payouts import reconcile_batch
from btm.services.show_payouts import show_batch, write_bank_file
from btm.services.views_payouts import BatchView
from btm.store.tables import DbAssignment, DbWork, DbWorker
from btm.store.transaction import transaction

from ..support.databases import rows, value
from ..support.game import Game
from ..support.killing import SharedClock, dies, spared
from ..support.mturk_fake import FakeMTurk
from ..support.paying import earn, tools
from ..support.prolific_fake import FakeProlific
from .stages import Stage, fresh_market, stage

EARNED = (5000, 2500)
"""Points of the two workers for each batch."""
CENTS = (100, 50)
PROCESSING_SECONDS = 600.0
"""How long Prolific takes to list a bonus."""
MOST_STEPS = 40
STEPS = {"open": freeze_batch, "frozen": approve_batch, "approved": pay_batch}


class World:
    """Two workers of one platform, and the person who presses whatever button is next."""

    def __init__(self, game: Game, name: str, at: Stage | None, folder: Path) -> None:
        self.game, self.name, self.at, self.folder = game, name, at, folder
        game.bell.work["payout"] = lambda row_id: None
        game.clock = self.clock = SharedClock()
        self.hunt = game.challenge(budget=100_000_000)
        self.accounts = [game.player(f"worker{number}") for number in range(len(EARNED))]
        self.workers = [f"worker{number}" for number in range(len(EARNED))]
        if at is not None:
            self.workers = [at.worker, at.other]
            at.fake.now = lambda: self.clock().timestamp()  # type: ignore[method-assign]
            if isinstance(at.fake, FakeProlific):
                at.fake.delay_seconds = PROCESSING_SECONDS
            self._let_them_come(at)
        self.platforms: dict[bool, Platform] = {is_child: self._platform() for is_child in (False, True)}
        """Two, since a child must not go on with a connection of its parent's."""

    @property
    def is_simplest(self) -> bool:
        """Where even what only reads is a point to die at. Elsewhere a reader leaves the same rows as whoever died just before."""
        return self.at is None and self.game.database.kind == "sqlite"

    def _platform(self) -> Platform:
        if self.at is None:
            return LocalPlatform()
        market = fresh_market(self.at, self.folder)
        if isinstance(market, Prolific):
            market.clock = self.clock
        return market

    def _let_them_come(self, at: Stage) -> None:
        now = self.clock()
        with transaction() as session:
            work = DbWork(
                public_id="work", platform=self.name, challenge_id=self.hunt, kind="play", title="Find", description="Find.",
                pieces=1, places=9, reward_cents=200, minutes=15, days=3, requirements={}, url="https://btm.example",
                completion_code="C0DE1234", state="open", created_at=now,
            )  # fmt: skip
            session.add(work)
            session.flush()
            for account_id, worker in zip(self.accounts, self.workers, strict=True):
                row = DbWorker(platform=self.name, external_id=worker, account_id=account_id, created_at=now)
                session.add(row)
                session.flush()
                session.add(
                    DbAssignment(
                        work_id=work.id, worker_id=row.id, account_id=account_id, platform=self.name,
                        external_id=at.handed_in(worker), unit="unit", state="approved", is_known=True, arrived_at=now,
                        deadline_at=now,
                    )
                )  # fmt: skip

    def earn(self) -> None:
        for account_id, points in zip(self.accounts, EARNED, strict=True):
            earn(self.game, account_id, points, self.hunt)

    def live(self, public_id: str, until: str = "reconciled", *, is_child: bool = False) -> None:
        """Press the next button until the batch is as far."""
        for _ in range(MOST_STEPS):
            with spared():
                view = self._look(public_id)
            if view is not None and view.state == until:
                return
            self._press(public_id, view, self.platforms[is_child])
        raise AssertionError(f"still not {until}: {view}")

    def _look(self, public_id: str) -> BatchView | None:
        try:
            return show_batch(public_id, asker_id=None)
        except NotFound:
            return None

    def _press(self, public_id: str, view: BatchView | None, platform: Platform) -> None:
        now = self.clock()
        if view is None:
            open_batch(self.name, cutoff=now, least_cents=1, asker_id=None, now=now, new_id=public_id)
        elif view.is_busy:
            carry_out_payouts(self._row_id(public_id), tools(self.game, platform))
            self.clock.advance(hours=1)
        elif view.state == "paid":
            file = self._to_the_bank(public_id, now) if self.at is None else None
            reconcile_batch(public_id, file, asker_id=None, now=now)
        else:
            STEPS[view.state](public_id, asker_id=None, now=now)

    def _row_id(self, public_id: str) -> int:
        with spared():
            return int(str(value("SELECT id FROM payout_batch WHERE public_id = :it", it=public_id)))

    def _to_the_bank(self, public_id: str, now: datetime) -> bytes:
        """A person gives the bank a file for each batch. It carries out every line of it."""
        given = self.folder / f"{public_id}.csv"
        if not given.exists():
            file = b"".join(write_bank_file(public_id, asker_id=None, now=now))
            given.with_suffix(".new").write_bytes(file)
            given.with_suffix(".new").rename(given)
        return given.read_bytes()

    def book(self) -> list[tuple[str, int]]:
        """Every payment, as those have it who made it."""
        if self.at is None:
            lines = [line for file in self.folder.glob("*.csv") for line in file.read_text().splitlines()[1:]]
            paid = (line.split(",") for line in lines)
            return sorted((name, round(float(amount) * 100)) for name, _, amount, _ in paid)
        if isinstance(self.at.fake, FakeMTurk):
            return sorted(
                (row["WorkerId"], round(float(row["BonusAmount"]) * 100)) for row in self.at.fake.bonuses
            )
        who = self.at.fake.submissions
        return sorted((who[session]["participant"], cents) for _, session, cents in self.at.fake.bonuses)

    def check(self, batches: int) -> None:
        """Everybody has been paid once for each batch, and our own books say the same."""
        due = sorted(zip(self.workers, CENTS, strict=True))
        assert self.book() == sorted(due * batches)
        assert rows("SELECT state, count(*), sum(cents) FROM payout GROUP BY state") == [
            ("paid", len(due) * batches, sum(CENTS) * batches)
        ]
        assert rows("SELECT state, count(*) FROM payout_batch GROUP BY state") == [("reconciled", batches)]
        assert [self.game.balance(each) for each in self.accounts] == [0, 0]


@pytest.fixture(params=["local", "mturk", "prolific"])
def world(request: pytest.FixtureRequest, game: Game, tmp_path: Path) -> Iterator[World]:
    """Each platform in turn, on both databases."""
    if request.param == "local":
        yield World(game, "local", None, tmp_path)
    else:
        with stage(request.param, tmp_path) as at:
            yield World(game, request.param, at, tmp_path)


def test_whenever_it_is_killed_everybody_is_paid_once(world: World) -> None:
    n, has_died = 0, True
    while has_died:
        n += 1
        public_id = f"batch{n}"
        world.earn()
        if world.at is not None:
            world.live(public_id, until="approved")  # up to here no platform is asked: `local` stands for all
        child = partial(world.live, public_id, is_child=True)
        has_died = dies(n, child, only_writes=not world.is_simplest)
        world.clock.advance(hours=1)
        world.live(public_id)
        world.check(n)
    assert n > 25, "fewer points than there are steps"
    world.game.check_books()
