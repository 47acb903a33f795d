"""A platform's adapter, and the fake that it speaks to, driven in the same words whichever it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import requests

from btm.config import read_settings
from btm.platforms.directory import market_named
from btm.platforms.market import Arrival, Market, Requirements, Task
from btm.platforms.mturk import MTurk
from btm.platforms.mturk_wire import make_client
from btm.platforms.platform import Payment

from ..support.loopback import closing
from ..support.mturk_fake import FakeMTurk
from ..support.prolific_fake import FakeProlific

CODE = "C0DE1234"


@dataclass
class Stage:
    """One platform. `worker` is somebody there."""

    name: str
    fake: FakeMTurk | FakeProlific
    market: Market
    worker: str
    calls: dict[str, str]
    """Our verbs, as this platform's wire calls them."""

    def task(self, *, places: int = 2, requirements: Requirements | None = None, key: str = "w0rk") -> Task:
        return Task(
            key=key, title="Find pages", description="Find pages that a machine gets wrong.", url="https://btm.example/work/w0rk",
            reward_cents=200, places=places, minutes=15, days=3, completion_code=CODE, keywords=("web", "pages"),
            requirements=requirements or Requirements(),
        )  # fmt: skip

    def unit(self, **task: object) -> str:
        """A published work's first unit."""
        return self.market.publish(self.task(**task)).units[0].external_id

    def take(self, unit: str, worker: str | None = None) -> str:
        who = worker or self.worker
        return self.fake.accept(unit, who) if isinstance(self.fake, FakeMTurk) else self.fake.take(unit, who)

    def arrive(self, unit: str, assignment: str = "", worker: str | None = None) -> Arrival | None:
        """What the adapter makes of the address to which the platform sends a worker, or shows in a preview."""
        if isinstance(self.fake, FakeMTurk):
            address = self.fake.page_of(unit, assignment, (worker or self.worker) if assignment else "")
        elif assignment:
            address = self.fake.page_of(unit, assignment, worker or self.worker)
        else:
            address = self.fake.studies[unit]["external_study_url"]
        return self.market.read_arrival(dict(parse_qsl(urlsplit(address).query)))

    def hand_in(self, assignment: str) -> bool:
        """The worker does what the way back says."""
        back = self.market.way_back(assignment, code=CODE, pieces=2)
        if isinstance(self.fake, FakeMTurk):
            return requests.post(back.action, data=back.fields, timeout=10).status_code == 200
        return back.action.endswith(f"cc={CODE}") and self.fake.complete(assignment, back.code)

    @property
    def other(self) -> str:
        """Somebody else there."""
        return f"{self.worker[:-1]}9" if isinstance(self.fake, FakeProlific) else "A9OTHER"

    def hand_in_with(self, assignment: str, code: str) -> bool:
        """As `hand_in`, with a work's own completion code."""
        back = self.market.way_back(assignment, code=code, pieces=1)
        if isinstance(self.fake, FakeMTurk):
            return requests.post(back.action, data=back.fields, timeout=10).status_code == 200
        return self.fake.complete(assignment, back.code)

    def published(self) -> int:
        """How many HITs or studies the platform has."""
        return len(self.fake.hits if isinstance(self.fake, FakeMTurk) else self.fake.studies)

    def granted(self) -> set[str]:
        """Workers who hold a qualification of ours."""
        assert isinstance(self.fake, FakeMTurk)
        return {worker for _, worker in self.fake.holders}

    def handed_in(self, worker: str | None = None) -> str:
        """An assignment that was taken and handed in."""
        unit = next(
            iter(self.fake.hits if isinstance(self.fake, FakeMTurk) else self.fake.studies), None
        ) or self.unit(places=9)
        assignment = self.take(unit, worker)
        assert self.hand_in(assignment)
        return assignment

    def payment(
        self, assignment: str, *, key: str = "payout:1:7", cents: int = 125, **more: object
    ) -> Payment:
        return Payment(
            key=key,
            worker=self.worker,
            assignment=assignment,
            cents=cents,
            reason="Your finds of this week",
            **more,
        )

    def paid(self) -> list[int]:
        """The cents of every bonus that the platform has paid."""
        if isinstance(self.fake, FakeMTurk):
            return [round(float(row["BonusAmount"]) * 100) for row in self.fake.bonuses]
        return [cents for _, _, cents in self.fake.bonuses]


MTURK_CALLS = {
    "publish": "CreateHITWithHITType", "pay": "SendBonus", "find": "ListBonusPayments", "list": "ListAssignmentsForHIT",
    "approve": "ApproveAssignment", "close": "UpdateExpirationForHIT",
}  # fmt: skip
PROLIFIC_CALLS = {
    "publish": "POST /studies/", "pay": "POST /bulk-bonus-payments/*/pay/", "find": "GET /submissions/*/",
    "list": "GET /studies/*/submissions/", "approve": "POST /submissions/*/transition/", "close": "POST /studies/*/transition/",
}  # fmt: skip


@contextmanager
def stage(name: str, tmp_path: object) -> Iterator[Stage]:
    """A stage for the length of a test."""
    fake: FakeMTurk | FakeProlific = FakeMTurk() if name == "mturk" else FakeProlific()
    with closing(fake):
        market = _market(name, fake, tmp_path)
        if name == "mturk":
            yield Stage(name, fake, market, "A1WORKER", MTURK_CALLS)
        else:
            yield Stage(name, fake, market, "5f0000000000000000000aaa", PROLIFIC_CALLS)


def fresh_market(at: Stage, tmp_path: object) -> Market:
    """Another adapter for the same fake, with connections of its own."""
    return _market(at.name, at.fake, tmp_path)


def _market(name: str, fake: FakeMTurk | FakeProlific, tmp_path: object) -> Market:
    settings = read_settings({"BTM_DATA_DIR": str(tmp_path), **fake.environ()})
    if name == "mturk":
        return MTurk(settings.platforms, make_client(settings.platforms, attempts=1))
    return market_named(name, settings)


def now() -> datetime:
    return datetime.now(UTC)
