"""Whatever people do, in whatever order, while work is late, done twice or lost: the books are right, nothing is promised that is not
there, no page is judged more often than was paid for, no state is moved to but as the law says, and everything comes to rest.

A few short stories on SQLite; with BTM_TEST_LONG=1 many long ones, on PostgreSQL too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from btm.rules import challenge_states, payouts
from btm.rules.errors import DomainError
from btm.rules.submissions import MOVES
from btm.services.appeal_submission import appeal_submission
from btm.services.carry_out_payouts import carry_out_payouts
from btm.services.change_standing import block_judge, lift_block
from btm.services.commit_submission import commit_submission
from btm.services.decide_at_desk import decide_at_desk
from btm.services.decide_dispute import decide_dispute
from btm.services.dispute_gold import dispute_gold
from btm.services.find_stuck import find_stuck
from btm.services.finish_takedown import finish_takedown
from btm.services.freeze_payouts import freeze_batch, open_batch
from btm.services.fund_challenge import fund_challenge
from btm.services.lease_review import lease_review
from btm.services.mark_gold import mark_gold
from btm.services.move_batch import approve_batch, cancel_batch, give_back_refused, pay_batch, retry_refused
from btm.services.record_judgement import record_judgement
from btm.services.refit_jury import refit_jury
from btm.services.rotate_gold import rotate_gold
from btm.services.submit_page import submit_page
from btm.services.take_down import take_down
from btm.services.withdraw_submission import withdraw_submission
from btm.store.tables import DbChallenge
from btm.store.transaction import transaction
from classifiers.errors import MachineUnavailable

from ..support import texts
from ..support.databases import Database, migrated, rows, value
from ..support.game import open_game
from ..support.moves import moves_of, watch_moves
from ..support.paying import FakePlatform, silence, tools
from ..support.rejudging import listen, modeler

IS_LONG = os.environ.get("BTM_TEST_LONG") == "1"
STORIES, STEPS = (200, 60) if IS_LONG else (12, 22)
SLUGS = ("spam", "ham")
LAWS = {
    "submission": MOVES,
    "payout_batch": payouts.NEXT,
    "challenge": challenge_states.MOVES,
}
ITEMS = {
    "open": {"decided", "undecided", "settled", "withdrawn"},
    "decided": {"open", "undecided", "settled", "withdrawn"},
    "undecided": {"open", "decided", "settled", "withdrawn"},
    "settled": {"open", "undecided", "decided", "withdrawn"},
}
PAYMENTS = {
    "pending": {"sending", "cancelled"},
    "sending": {"paid", "refused", "unsure", "sending"},
    "unsure": {"sending", "paid", "refused"},
    "refused": {"unsure", "returned"},
}
ENDED = {"confirmed", "rejected", "undecided", "refused", "withdrawn"}

people = st.integers(0, 5)
any_row = st.integers(0, 99)
labels = st.sampled_from(["spam", "spam", "spam", "ham", "ham", "cannot:unsure", "cannot:other"])
stories = st.tuples(people, st.sampled_from(SLUGS), st.lists(labels, max_size=3))
beginnings = st.lists(stories, min_size=2, max_size=6)
seen: dict[str, set[tuple[str, str]]] = {
    table: set() for table in ("submission", "review_item", "payout", "payout_batch")
}


class Story(RuleBasedStateMachine):
    """Six people who all play and judge, two modelers' challenges with one topic and little money, and one late worker."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.context = self.database.app.app_context()
        self.context.push()
        self.game = listen(open_game(self.database))
        if self.database.kind == "sqlite":
            watch_moves()
        self.platform = FakePlatform()
        self.held: dict[int, Any] = {}
        self.is_over = False
        bell = self.game.bell
        bell.work["payout"] = lambda row_id: carry_out_payouts(row_id, tools(self.game, self.platform))
        bell.work["takedown"] = lambda row_id: finish_takedown(
            row_id, snapshots=self.game.snapshots, now=self.game.clock()
        )
        bell.work["refit"] = lambda row_id: refit_jury(row_id, now=self.game.clock())
        bell.hold()

    def teardown(self) -> None:
        self.context.pop()

    @initialize(budget=st.sampled_from([2500, 6000, 20_000]), most=st.integers(2, 4), pages=beginnings)
    def begin(self, budget: int, most: int, pages: list[tuple[int, str, list[str]]]) -> None:
        game = self.game
        for slug in SLUGS:
            game.challenge(
                slug, topic="spam", target=slug, budget=budget, max_judgements=most, gold_rate_start=0.5, gold_rate_floor=0.2,
                min_gold_answers=3, gold_pool=2,
            )  # fmt: skip
        self.people = [game.judge(handle=f"p{number}") for number in range(6)]
        for account in self.people:
            game.qualify(account, "ham")
        self.modeler = modeler(game)
        self.urls = [
            game.page("https://a.example/"),
            game.page("https://a.example/copy", text=texts.text("https://a.example/")),
            game.page("https://a.example/near", text=texts.nearly_the_same("https://a.example/")),
            game.page("https://b.example/", final_url="https://b.example/landed"),
            game.page("https://b.example/landed"),
            game.page("https://unsure.example/", beliefs=(0.45, 0.55)),
            game.page("https://ham.example/", beliefs=(0.97, 0.03)),
            *[game.page(f"https://more.example/{number}") for number in range(8)],
            "https://nothing.example/",
        ]
        for url, (who, slug, answers) in enumerate(pages, start=7):
            self.go_far(who, url, slug, answers)

    # --- what people do

    @rule(who=people, url=any_row, slug=st.sampled_from(SLUGS))
    def submit(self, who: int, url: int, slug: str) -> None:
        address = self.urls[url % len(self.urls)]
        attempt(
            submit_page, slug, address, player_id=self.people[who], now=self.game.clock(), new_id=self.game.new("sub")
        )  # fmt: skip

    @rule(who=st.none() | people, which=any_row)
    def commit(self, who: int | None, which: int) -> None:
        if row := self.pick("submission", which, "state = 'quoted'"):
            attempt(
                commit_submission, row["public_id"], player_id=self.person(who, row), now=self.game.clock(),
                new_id=self.game.new("item"),
            )  # fmt: skip

    @rule(who=people, url=any_row, slug=st.sampled_from(SLUGS), answers=st.lists(labels, max_size=3))
    def go_far(self, who: int, url: int, slug: str, answers: list[str]) -> None:
        """A page is handed in, quoted and committed, and some are judged, with a worker who is awake."""
        self.submit(who, url, slug)
        self.work_off()
        self.commit(None, 99)
        for number, answer in enumerate(answers):
            self.judge((who + 1 + number) % 6, answer, slug)
        self.work_off()

    @rule(url=any_row, slug=st.sampled_from(SLUGS))
    def find_the_same(self, url: int, slug: str) -> None:
        """Two people are quoted for one page, and both take it."""
        for who in (0, 1):
            self.submit(who, url, slug)
        self.work_off()
        for _ in range(2):
            self.commit(None, 99)

    @rule(which=any_row)
    def take_back_meanwhile(self, which: int) -> None:
        """A page is taken back while it is being fetched."""
        self.game.reader.meanwhile = lambda url: self.take_back(None, which, "state = 'fetching'")
        self.work_off()
        self.game.reader.meanwhile = None

    @rule(who=st.none() | people, which=any_row)
    def take_back(
        self, who: int | None, which: int, where: str = "state IN ('queued', 'quoted', 'in_review')"
    ) -> None:
        if row := self.pick("submission", which, where):
            attempt(
                withdraw_submission, row["public_id"], player_id=self.person(who, row), now=self.game.clock()
            )

    @rule(who=people, slug=st.sampled_from(SLUGS))
    def take_a_page(self, who: int, slug: str) -> None:
        view = attempt(
            lease_review, slug, judge_id=self.people[who], now=self.game.clock(), new_token=self.game.new("token"), dice=0.5
        )  # fmt: skip
        if view is not None and view.item is not None:
            self.held[who] = view.item

    @rule(who=people, answer=labels)
    def answer(self, who: int, answer: str) -> None:
        """They answer the page that they took last, however long ago."""
        item = self.held.get(who)
        if item is None:
            return
        label, _, cannot = answer.partition(":")
        before = self.judgements(item.public_id)
        attempt(
            record_judgement, item.public_id, judge_id=self.people[who], token=item.token,
            label=None if cannot else label, cannot=cannot or None, other="a shop" if cannot == "other" else "", seconds=9.0,
            now=self.game.clock(),
        )  # fmt: skip
        if self.judgements(item.public_id) > before:
            [[most, origin]] = rows(
                "SELECT max_judgements, origin FROM review_item WHERE public_id = :id", id=item.public_id
            )
            assert origin == "gold" or before < int(str(most)), "one judgement more than was paid for"

    @rule(who=people, answer=labels, slug=st.sampled_from(SLUGS))
    def judge(self, who: int, answer: str, slug: str) -> None:
        self.take_a_page(who, slug)
        self.answer(who, answer)

    @rule(who=st.none() | people, which=any_row)
    def appeal(self, who: int | None, which: int) -> None:
        if row := self.pick("submission", which, "settled_at IS NOT NULL"):
            attempt(
                appeal_submission, row["public_id"], player_id=self.person(who, row), reason="Look.", now=self.game.clock()
            )  # fmt: skip

    @rule(which=any_row)
    def dispute(self, which: int) -> None:
        if row := self.pick("judgement", which, "label IS NOT NULL"):
            attempt(
                dispute_gold, row["id"], judge_id=row["judge_id"], reason="It is not.", now=self.game.clock()
            )

    # --- what modelers do

    @rule(who=people)
    def block(self, who: int) -> None:
        attempt(block_judge, "spam", self.people[who], note="", asker_id=self.modeler, now=self.game.clock())

    @rule(which=any_row, answers=st.lists(labels, max_size=3))
    def doubt_all_who_judged(self, which: int, answers: list[str]) -> None:
        """All whose answers carried a verdict are blocked, and others are asked about the page."""
        if row := self.pick("submission", which, "state = 'confirmed'"):
            judges = rows(
                "SELECT j.judge_id FROM judgement j JOIN review_item i ON i.id = j.item_id WHERE i.submission_id = :id",
                id=row["id"],
            )
            for [judge] in judges:
                self.block(self.people.index(int(str(judge))))
            self.work_off()
            for who, answer in zip(
                (who for who in range(6) if (self.people[who],) not in judges), answers, strict=False
            ):
                self.judge(who, answer, "spam")
            self.work_off()

    @rule(who=people)
    def lift(self, who: int) -> None:
        attempt(lift_block, "ham", self.people[who], note="", asker_id=self.modeler, now=self.game.clock())

    @rule(which=any_row, label=st.sampled_from(SLUGS))
    def decide(self, which: int, label: str) -> None:
        if row := self.pick("review_item", which, "state = 'undecided'"):
            slug = value("SELECT slug FROM challenge WHERE id = :id", id=row["challenge_id"])
            attempt(
                decide_at_desk, slug, row["public_id"], label=label, reason="It is plain.", asker_id=self.modeler,
                now=self.game.clock(),
            )  # fmt: skip

    @rule(which=any_row)
    def make_gold(self, which: int) -> None:
        if row := self.pick("review_item", which, "verdict IS NOT NULL AND gold_id IS NULL"):
            attempt(
                mark_gold, "spam", row["public_id"], truth=None, why="It sells.", asker_id=self.modeler,
                now=self.game.clock(), new_id=self.game.new("gold"),
            )  # fmt: skip

    @rule(which=any_row, upheld=st.booleans())
    def answer_a_dispute(self, which: int, upheld: bool) -> None:
        if row := self.pick("dispute", which, "state = 'open'"):
            attempt(
                decide_dispute, "spam", row["id"], upheld=upheld, answer="So be it.", asker_id=self.modeler,
                now=self.game.clock(),
            )  # fmt: skip

    @rule(which=any_row)
    def take_down(self, which: int) -> None:
        if row := self.pick("submission", which, "page_id IS NOT NULL"):
            slug = value("SELECT slug FROM challenge WHERE id = :id", id=row["challenge_id"])
            attempt(
                take_down, slug, row["public_id"], reason="private", asker_id=self.modeler, now=self.game.clock(),
                new_id=self.game.new("down"),
            )  # fmt: skip

    @rule(slug=st.sampled_from(SLUGS), points=st.sampled_from([2000, 300, -300, -2000]))
    def fund(self, slug: str, points: int) -> None:
        attempt(
            fund_challenge,
            slug,
            points,
            asker_id=self.modeler,
            now=self.game.clock(),
            key=self.game.new("key"),
        )

    @rule(slug=st.sampled_from(SLUGS), state=st.sampled_from(["live", "live", "paused", "archived"]))
    def open_or_close(self, slug: str, state: str) -> None:
        with transaction() as session:
            row = session.query(DbChallenge).filter_by(slug=slug).one()
            if state in challenge_states.MOVES[row.state]:
                row.state = state
            elif row.state == "archived":
                row.state = "paused"

    # --- payouts

    @rule(least=st.sampled_from([1, 5]))
    def freeze(self, least: int) -> None:
        now, public_id = self.game.clock(), self.game.new("batch")
        attempt(open_batch, "local", cutoff=now, least_cents=least, asker_id=None, now=now, new_id=public_id)
        attempt(freeze_batch, public_id, asker_id=None, now=now)

    @rule(
        which=any_row,
        step=st.sampled_from(
            [approve_batch, pay_batch, cancel_batch, retry_refused, give_back_refused, freeze_batch]
        ),
    )
    def move_a_batch(self, which: int, step: Callable[..., object]) -> None:
        if row := self.pick("payout_batch", which):
            attempt(step, row["public_id"], asker_id=None, now=self.game.clock())

    @rule(which=any_row)
    def pay(self, which: int) -> None:
        for step in (approve_batch, pay_batch):
            self.move_a_batch(which, step)
        self.work_off()

    @rule(
        refuses=st.sets(st.sampled_from([f"p{n}" for n in range(6)]), max_size=2),
        silent=st.sampled_from(["", "before", "after"]),
    )
    def trouble_on_the_platform(self, refuses: set[str], silent: str) -> None:
        platform, next_calls = self.platform, range(self.platform.calls + 1, self.platform.calls + 4)
        platform.refuses, nothing = refuses, silence()
        platform.before = silence(*next_calls) if silent == "before" else nothing
        platform.after = silence(*next_calls) if silent == "after" else nothing

    # --- what the machinery does

    @rule(is_away=st.booleans())
    def trouble_with_the_machine(self, is_away: bool) -> None:
        self.game.machine.trouble = MachineUnavailable("It is away.") if is_away else None

    @rule(which=any_row, twice=st.booleans())
    def work(self, which: int, twice: bool) -> None:
        """A worker hears one of the bells, perhaps one that was heard before."""
        bell = self.game.bell
        if bell.rung:
            kind, row_id = bell.rung[which % len(bell.rung)]
            if not twice:
                del bell.rung[which % len(bell.rung)]
            bell.work[kind](row_id)

    @rule()
    def work_off(self) -> None:
        bell = self.game.bell
        for _ in range(300):
            if not bell.rung:
                return
            kind, row_id = bell.rung.pop(0)
            bell.work[kind](row_id)
        raise AssertionError(f"work makes ever more work: {bell.rung[:5]}")

    @rule()
    def lose_all_bells(self) -> None:
        self.game.bell.rung.clear()

    @rule(with_gold=st.booleans())
    def sweep(self, with_gold: bool = False) -> None:
        find_stuck(now=self.game.clock())
        if with_gold:
            rotate_gold(now=self.game.clock(), new_id=self.game.new)

    @rule()
    def refit(self) -> None:
        for [jury] in rows("SELECT id FROM jury"):
            refit_jury(int(str(jury)), now=self.game.clock())

    @rule(much=st.sampled_from([{"minutes": 1}, {"minutes": 6}, {"hours": 25}, {"days": 3}, {"days": 8}]))
    def time_passes(self, much: dict[str, float]) -> None:
        self.game.clock.advance(**much)

    @precondition(lambda self: not self.is_over)
    @rule()
    def come_to_rest(self) -> None:
        """Nobody does anything any more, and all trouble is over: every page has its end, and nothing waits for anything."""
        self.is_over = True
        self.trouble_with_the_machine(False)
        self.trouble_on_the_platform(set(), "")
        for much in ({"minutes": 6}, {"hours": 25}, {"days": 8}, {"days": 8}):
            self.time_passes(much)
            for _ in range(2):
                self.sweep()
                self.work_off()
                self.game.clock.advance(minutes=1)
        states = {str(state) for [state] in rows("SELECT DISTINCT state FROM submission")}
        assert states <= ENDED, states
        for what, where in {
            "submission": "reopened_at IS NOT NULL",
            "review_item": "is_stale OR (state IN ('open', 'decided', 'undecided') AND submission_id IS NOT NULL)",
            "standing_change": "NOT is_done",
            "payout": "state IN ('sending', 'unsure')",
            "appeal": "state = 'open'",
        }.items():
            assert value(f"SELECT count(*) FROM {what} WHERE {where}") == 0, (
                what,
                rows(f"SELECT * FROM {what} WHERE {where}"),
            )
        self.game.check_nothing_is_promised()

    # --- what is always so

    @invariant()
    def the_books_are_right(self) -> None:
        self.game.check_books()
        assert nothing_of(
            "SELECT s.id FROM submission s LEFT JOIN ledger l ON l.submission_id = s.id WHERE s.state IN ('refused', 'withdrawn', "
            "'queued', 'fetching', 'quoted') OR (s.settled_at IS NOT NULL AND s.reopened_at IS NULL) "
            "GROUP BY s.id HAVING coalesce(sum(l.escrow), 0) <> 0"
        ), "something is promised for a page that waits for nothing"
        assert nothing_of(
            "SELECT s.id FROM submission s JOIN quote q ON q.submission_id = s.id LEFT JOIN ledger l ON l.submission_id = s.id "
            "WHERE s.state = 'in_review' GROUP BY s.id, q.reserve HAVING coalesce(sum(l.escrow), 0) < q.reserve"
        ), "less is promised than the page may bring"

    @invariant()
    def every_page_is_paid_what_it_is_worth(self) -> None:
        assert nothing_of(
            "SELECT s.id FROM submission s LEFT JOIN outcome o ON o.submission_id = s.id "
            "WHERE s.state IN ('confirmed', 'rejected') AND (o.id IS NULL OR o.is_error <> (s.state = 'confirmed'))"
        ), "a verdict without its outcome"
        assert nothing_of(
            "SELECT o.id FROM outcome o JOIN submission s ON s.id = o.submission_id LEFT JOIN appeal a ON a.submission_id = s.id "
            "WHERE s.state NOT IN ('confirmed', 'rejected') AND NOT (s.state = 'undecided' AND a.state = 'unanswered' AND NOT o.is_error)"
        ), "an outcome that no verdict stands for, but of a rejection whose appeal nobody answered in time"
        assert nothing_of(
            "SELECT o.id FROM outcome o LEFT JOIN ledger l ON l.submission_id = o.submission_id AND l.kind <> 'judging' "
            "GROUP BY o.id, o.points HAVING coalesce(sum(l.worker), 0) < o.points"
        ), "a page brought less than it is worth"
        assert nothing_of(
            "SELECT j.id FROM judgement j LEFT JOIN ledger l ON l.key = 'judging:' || j.id WHERE l.id IS NULL "
        ), "a judgement that was not paid"

    @invariant()
    def no_page_is_judged_too_often(self) -> None:
        assert nothing_of("SELECT item_id FROM judgement GROUP BY item_id, judge_id HAVING count(*) > 1")
        assert nothing_of(
            "SELECT j.id FROM judgement j JOIN review_item i ON i.id = j.item_id WHERE i.author_id = j.judge_id"
        )
        assert nothing_of(
            "SELECT lease_judge_id FROM review_item WHERE lease_judge_id IS NOT NULL AND state <> 'open' AND lease_until IS NOT NULL"
        ), "somebody holds a page that waits for nobody"

    @invariant()
    def one_page_is_the_find_of_one(self) -> None:
        assert nothing_of(
            "SELECT s.id FROM submission s LEFT JOIN claim c ON c.submission_id = s.id "
            "WHERE (s.state IN ('in_review', 'confirmed', 'rejected', 'undecided')) <> (c.id IS NOT NULL)"
        )
        assert nothing_of(
            "SELECT p.content_hash FROM submission s JOIN page p ON p.id = s.page_id WHERE s.state IN ('in_review', 'confirmed', "
            "'rejected', 'undecided') GROUP BY s.challenge_id, p.content_hash HAVING count(*) > 1"
        )

    @invariant()
    def nobody_is_paid_twice(self) -> None:
        made = [payment.key for payment in self.platform.made]
        assert len(made) == len(set(made)), "a payment was made twice"
        states = {str(key): str(state) for key, state in rows("SELECT key, state FROM payout")}
        assert {key for key, state in states.items() if state == "paid"} <= set(made)
        assert all(states[key] in ("paid", "sending", "unsure") for key in made), (
            "a payment was made and is not on record"
        )
        assert value(
            "SELECT coalesce(sum(points), 0) FROM payout WHERE state NOT IN ('returned', 'cancelled')"
        ) == value("SELECT coalesce(-sum(worker), 0) FROM ledger WHERE kind = 'payout'")

    @invariant()
    def states_move_as_the_law_says(self) -> None:
        if self.database.kind != "sqlite":
            return
        for table, law in {**LAWS, "review_item": ITEMS, "payout": PAYMENTS}.items():
            moves = moves_of(table)
            assert all(new in law.get(old, ()) for old, new in moves), (table, moves)
            seen.setdefault(table, set()).update(moves)

    # --- helpers

    def pick(self, table: str, which: int, where: str = "1 = 1") -> dict[str, Any] | None:
        """One of the rows of which something is true, as a dictionary."""
        columns = [column.name for column in DbChallenge.metadata.tables[table].columns]
        found = rows(f"SELECT {', '.join(columns)} FROM {table} WHERE {where} ORDER BY id")
        return dict(zip(columns, found[min(which, len(found) - 1)], strict=True)) if found else None

    def person(self, who: int | None, row: dict[str, Any]) -> int:
        """The one whose submission it is, or somebody."""
        return int(row["player_id"]) if who is None else self.people[who]

    def judgements(self, item: str) -> int:
        """How many of an item's round count."""
        return int(
            str(
                value(
                    "SELECT count(*) FROM judgement j JOIN review_item i ON i.id = j.item_id AND i.round = j.round "
                    "WHERE i.public_id = :item AND j.withdrawn_at IS NULL",
                    item=item,
                )
            )
        )


def attempt(call: Callable[..., Any], *args: object, **named: object) -> Any:
    """Do it, if the game lets one; every other error is a fault."""
    try:
        return call(*args, **named)
    except DomainError:
        return None


def nothing_of(query: str) -> bool:
    found = rows(query)
    return not found


@pytest.fixture(scope="module", params=["sqlite", "postgres"] if IS_LONG else ["sqlite"])
def base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with migrated(request.param, tmp_path_factory.mktemp("stories")) as made:
        yield made


def test_after_any_sequence_the_books_are_right_and_everything_comes_to_rest(base: Database) -> None:
    story = type("TheStory", (Story,), {"database": base})
    run_state_machine_as_test(
        story,
        settings=settings(
            max_examples=STORIES, stateful_step_count=STEPS, deadline=None, derandomize=not IS_LONG, database=None,
            suppress_health_check=list(HealthCheck), phases=[Phase.generate],
        ),
    )  # fmt: skip
    if IS_LONG and base.kind == "sqlite":
        law = {(old, new) for old, after in MOVES.items() for new in after}
        print(f"never made of what the law names: {sorted(law - seen['submission'])}")
