"""A game in a wiped database: builders with defaults for everything that a test does not care about."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import select

from btm.rules import money as law
from btm.services import bell, collecting, machines, memory
from btm.services.commit_submission import commit_submission
from btm.services.examine_page import Tools, examine_page
from btm.services.jury import promised_rules
from btm.services.lease_review import lease_review
from btm.services.passwords import hash_password
from btm.services.record_judgement import record_judgement
from btm.services.settle import settle
from btm.services.show_submission import show_submission
from btm.services.submit_page import submit_page
from btm.services.views_play import SubmissionView
from btm.store import money, play, review
from btm.store.tables import DbAccount, DbChallenge, DbMachine, DbQualification, DbReviewItem, DbSubmission
from btm.store.transaction import reading, transaction
from classifiers.machine import Checked

from . import texts
from .clock import Clock
from .databases import Database, value
from .fakes import Bell, FakeMachine, FakeReader, MemorySnapshots, read_page

SURE = 0.98
"""How sure the machine is, unless a test says otherwise, that a page is not what the player claims."""

LABELS = [
    {"key": "spam", "name": "Spam", "statement": "this page is spam", "help": "Unasked-for selling."},
    {"key": "ham", "name": "Not spam", "statement": "this page is NOT spam", "help": "Anything else."},
]
QUALIFICATION = [
    {"title": "Offer", "text": "Buy now, today only.", "label": "spam", "why": "It sells."},
    {"title": "Oak", "text": "Plant the oak in spring.", "label": "ham", "why": "It is about a tree."},
    {"title": "Win", "text": "You have won a prize.", "label": "spam", "why": "Nobody asked."},
    {"title": "Knee", "text": "Rest the knee for five days.", "label": "ham", "why": "It is advice."},
    {"title": "Pills", "text": "Cheap pills, no questions.", "label": "spam", "why": "It sells."},
]


@dataclass
class Game:
    """The fakes and the builders of one test. Everything happens at `clock()`."""

    database: Database
    clock: Clock
    reader: FakeReader
    machine: FakeMachine
    snapshots: MemorySnapshots
    bell: Bell

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)

    @property
    def app(self) -> Flask:
        return self.database.app

    @property
    def tools(self) -> Tools:
        """What a worker works with here."""
        return Tools(reader=self.reader, snapshots=self.snapshots, clock=self.clock, machines=self.shelf)  # type: ignore[arg-type]

    @property
    def shelf(self) -> machines.MachineShelf:
        """The machines; a trained one is unpacked beside the database."""
        return machines.MachineShelf(self.snapshots, self.database.settings.machine_dir)

    def new(self, kind: str = "id") -> str:
        """A fresh id or token."""
        return f"{kind}{next(self._numbers):06d}"

    def challenge(
        self,
        slug: str = "spam",
        *,
        budget: int = 1_000_000,
        target: str = "spam",
        state: str = "live",
        harmful: bool = False,
        labels: Sequence[dict[str, str]] = LABELS,
        cost: Sequence[Sequence[float]] = ((0, 1), (1, 0)),
        machine: FakeMachine | None = None,
        topic: str | None = None,
        mode: str = "beat",
        proportions: dict[str, float] | None = None,
        **rules: Any,
    ) -> int:
        """A funded challenge over the toy machine (without one in the mode `collect`); keywords are its rules where they differ.
        Returns its row's id."""
        machine_id = self.machine_row(machine)
        with transaction() as session:
            made = DbChallenge(
                slug=slug, topic=topic or slug, title=f"Find {slug}", sought=f"Pages of {slug}.", mode=mode, state=state,
                is_harmful=harmful, labels=list(labels), target=target, cost=[list(line) for line in cost],
                brief={"summary": "Find it.", "question": "Is it?", "counts": [], "counts_not": []}, live_at=self.clock(),
                qualification=QUALIFICATION, rules=rules, machine_id=machine_id if mode == "beat" else None,
                proportions=proportions or {}, salt=f"salt of {slug}", created_at=self.clock(),
            )  # fmt: skip
            session.add(made)
            session.flush()
            money.post(
                session, law.fund(f"test:{slug}", budget, "For tests"), challenge_id=made.id, at=self.clock()
            )
            return made.id

    def machine_row(self, machine: FakeMachine | None = None) -> int:
        """The toy machine, or another one, on the shelf. Returns its row's id."""
        machine = machine or self.machine
        machines._loaded[machine.name, machine.version] = Checked(machine)
        with transaction() as session:
            row = session.query(DbMachine).filter_by(name=machine.name, version=machine.version).one_or_none()
            if row is None:
                row = DbMachine(
                    name=machine.name, version=machine.version, kind="default", labels=list(machine.classes_),
                    card={}, created_at=self.clock(),
                )  # fmt: skip
                session.add(row)
                session.flush()
            return row.id

    def player(self, handle: str | None = None, password: str | None = None) -> int:
        """A registered person. Without a password they cannot log in, which saves the hashing."""
        name = handle or self.new("player")
        hashed = hash_password(password) if password else "unusable"
        return self._account(handle=name, handle_key=name.casefold(), password_hash=hashed)

    def visitor(self) -> int:
        """Somebody without a name."""
        return self._account()

    def judge(self, slug: str = "spam", handle: str | None = None) -> int:
        """A registered person who passed the test of a challenge."""
        account_id = self.player(handle or self.new("judge"))
        self.qualify(account_id, slug)
        return account_id

    def qualify(self, account_id: int, slug: str = "spam") -> None:
        with transaction() as session:
            challenge_id = session.query(DbChallenge.id).filter_by(slug=slug).scalar()
            session.add(
                DbQualification(
                    account_id=account_id, challenge_id=challenge_id, right=5, asked=5, passed=True,
                    taken_at=self.clock(),
                )
            )  # fmt: skip

    def page(
        self,
        url: str | None = None,
        *,
        text: str | None = None,
        title: str = "A page",
        final_url: str | None = None,
        beliefs: Sequence[float] | None = None,
        language: str = "en",
    ) -> str:
        """A page on the fake web, about which the machine holds `beliefs` (by default it is SURE of the second label)."""
        address = url or f"https://{self.new('site')}.example/page"
        content = text if text is not None else texts.text(address)
        page = read_page(address, content, title=title, final_url=final_url, language=language)
        self.reader.pages[address] = page
        self.machine.believe(page.final_url, beliefs or (1 - SURE, SURE))
        return address

    def submitted(
        self, player_id: int | None = None, url: str | None = None, *, slug: str = "spam", label: str = ""
    ) -> str:
        """A page, handed in; examined at once unless the bell is held. Returns the submission's public id."""
        player = player_id if player_id is not None else self.player()
        address = url if url is not None else self.page()
        return submit_page(
            slug, address, player_id=player, now=self.clock(), new_id=self.new("sub"), label=label
        )

    def quoted(
        self, player_id: int | None = None, url: str | None = None, *, slug: str = "spam", label: str = ""
    ) -> str:
        """A submission that was quoted."""
        public_id = self.submitted(player_id, url, slug=slug, label=label)
        assert self._told(public_id, DbSubmission.state) == "quoted", self.row(public_id).refusal
        return public_id

    def committed(
        self, player_id: int | None = None, url: str | None = None, *, slug: str = "spam", label: str = ""
    ) -> str:
        """A submission whose quote was taken."""
        public_id = self.quoted(player_id, url, slug=slug, label=label)
        self.commit(public_id)
        assert self._told(public_id, DbSubmission.state) == "in_review"
        return public_id

    def settled(
        self, label: str = "spam", player_id: int | None = None, url: str | None = None, *, slug: str = "spam"
    ) -> str:
        """A submission that two judges called `label`."""
        public_id = self.committed(player_id, url, slug=slug)
        self.judged(public_id, label, label)
        return public_id

    def settled_example(self, label: str = "spam", url: str | None = None, *, slug: str = "spam") -> str:
        """An example that its player and two judges called `label`."""
        public_id = self.committed(url=url, slug=slug, label=label)
        self.judged(public_id, label, label)
        return public_id

    def commit(self, public_id: str) -> None:
        player = self._told(public_id, DbSubmission.player_id)
        commit_submission(public_id, player_id=player, now=self.clock(), new_id=self.new("item"))

    def judged(self, public_id: str, *labels: str) -> list[int]:
        """Fresh judges give these answers, a label or `cannot:reason`, in turn. Returns the judges' ids."""
        return [self.judge_says(public_id, label) for label in labels]

    def judge_says(
        self,
        public_id: str,
        answer: str,
        judge_id: int | None = None,
        *,
        seconds: float = 8.0,
        other: str = "",
        reason: str = "",
    ) -> int:
        """One judge leases the item of a submission and answers."""
        judge = judge_id if judge_id is not None else self.judge(self._told(public_id, DbChallenge.slug))
        item = self.item(public_id)
        self.lease_to(item.public_id, judge, "token of the test")
        label, cannot = (
            (None, answer.removeprefix("cannot:")) if answer.startswith("cannot:") else (answer, None)
        )
        record_judgement(
            item.public_id, judge_id=judge, token="token of the test", label=label, cannot=cannot, seconds=seconds,
            now=self.clock(), other=other, reason=reason,
        )  # fmt: skip
        return judge

    def lease_to(self, item_public_id: str, judge_id: int, token: str) -> None:
        """Put a chosen item under a judge's lease, whatever the queue's order says."""
        with transaction() as session:
            item = session.query(DbReviewItem).filter_by(public_id=item_public_id).one()
            item.lease_judge_id, item.lease_token = judge_id, token
            item.lease_price = promised_rules(item).judging_price
            item.lease_until = self.clock() if item.state != "open" else self.clock().replace(year=2100)

    def lease(
        self, judge_id: int, slug: str = "spam", *, beside: str | None = None, dice: float = 0.0
    ) -> Any:
        """What the queue gives to a judge."""
        return lease_review(
            slug, judge_id=judge_id, now=self.clock(), new_token=self.new("token"), dice=dice, beside=beside
        ).item

    def row(self, public_id: str) -> DbSubmission:
        """The submission's row as it is now."""
        with reading() as session:
            found = play.find_submission(session, public_id)
            assert found is not None
            return found

    def _told(self, public_id: str, column: Any) -> Any:
        """One column of a submission or of its challenge as it is now: far cheaper than `row`, and asked for each answer of each test."""
        with reading() as session:
            challenge = DbChallenge.id == DbSubmission.challenge_id
            return session.scalar(select(column).where(DbSubmission.public_id == public_id, challenge))

    def item(self, public_id: str) -> DbReviewItem:
        """The review item of a submission as it is now."""
        with reading() as session:
            found = review.item_of_submission(session, self._told(public_id, DbSubmission.id))
            assert found is not None
            return found

    def view(self, public_id: str, viewer_id: int | None = None) -> SubmissionView:
        """The submission as its player sees it, or as `viewer_id` does."""
        viewer = viewer_id if viewer_id is not None else self.row(public_id).player_id
        return show_submission(public_id, viewer_id=viewer, now=self.clock())

    def balance(self, account_id: int) -> int:
        with reading() as session:
            return money.balance(session, account_id)

    def check_books(self) -> None:
        """Every point that ever came in is in the budgets, promised, a worker's, or paid out; no pot is below zero."""
        assert value("SELECT coalesce(sum(budget + escrow + worker), 0) FROM ledger") == value(
            "SELECT coalesce(sum(budget + worker), 0) FROM ledger WHERE kind IN ('fund', 'payout')"
        )
        for query in (
            "SELECT count(*) FROM (SELECT challenge_id FROM ledger GROUP BY challenge_id HAVING sum(budget) < 0) a",
            "SELECT count(*) FROM (SELECT submission_id FROM ledger GROUP BY submission_id HAVING sum(escrow) < 0) a",
            "SELECT count(*) FROM (SELECT account_id FROM ledger GROUP BY account_id HAVING sum(worker) < 0) a",
        ):
            assert value(query) == 0, query

    def check_nothing_is_promised(self) -> None:
        """No points wait for anything any more."""
        assert value("SELECT coalesce(sum(escrow), 0) FROM ledger") == 0

    def _account(self, **values: Any) -> int:
        with transaction() as session:
            account = DbAccount(created_at=self.clock(), **values)
            session.add(account)
            session.flush()
            return account.id


def open_game(database: Database) -> Game:
    """A fresh game in a wiped database, its bell installed, with nothing remembered from before."""
    database.wipe()
    memory._memories.clear()
    collecting._known.clear()
    machines._loaded.clear()
    clock, work = Clock(), dict[str, Callable[[int], None]]()
    game = Game(database, clock, FakeReader(), FakeMachine(), MemorySnapshots(), Bell(work))
    work["examine"] = lambda row_id: examine_page(row_id, game.tools)
    work["settle"] = lambda row_id: settle(row_id, now=clock())
    bell.install(game.bell)
    return game
