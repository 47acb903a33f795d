"""Whatever happens in whatever order, the books balance, no pot is below zero, and everything comes to an end."""

from __future__ import annotations

import os
import random

import pytest

from btm.rules.errors import DomainError
from btm.services.find_stuck import find_stuck

from ..support.databases import rows, value
from ..support.game import Game
from ..support.rejudging import appeal, block, decide, lift, listen, modeler

STEPS = 60


class Table:
    """A game at which things happen by the dice."""

    def __init__(self, game: Game, seed: int) -> None:
        self.game, self.dice = listen(game), random.Random(seed)
        self.judges = [game.judge() for _ in range(9)]
        self.players = [game.player() for _ in range(3)]
        self.modeler = modeler(game)
        self.pages: list[str] = []

    def step(self) -> None:
        name = self.dice.choice(
            ["commit", *["judge"] * 6, "block", "lift", "lift", "appeal", "decide", "hold", "time"]
        )
        try:
            getattr(self, name)()
        except DomainError:
            return

    def commit(self) -> None:
        beliefs = self.dice.choice([(0.02, 0.98), (0.3, 0.7)])
        public_id = self.game.submitted(self.dice.choice(self.players), self.game.page(beliefs=beliefs))
        self.game.commit(public_id)
        self.pages.append(public_id)

    def judge(self) -> None:
        if self.pages:
            answer = self.dice.choice(["spam", "spam", "ham", "ham", "cannot:unsure"])
            self.game.judge_says(self.dice.choice(self.pages), answer, self.dice.choice(self.judges))

    def block(self) -> None:
        block(self.game, self.dice.choice(self.judges))

    def lift(self) -> None:
        lift(self.game, self.dice.choice(self.judges))

    def appeal(self) -> None:
        if self.pages:
            appeal(self.game, self.dice.choice(self.pages))

    def decide(self) -> None:
        for public_id in self.pages:
            if self.game.item(public_id).state == "undecided":
                return decide(self.game, public_id, self.dice.choice(["spam", "ham"]), self.modeler)
        return None

    def hold(self) -> None:
        """The worker is down for a while, or up again, and what was rung for meanwhile was lost."""
        if self.game.bell.is_held:
            self.game.bell.is_held = False
            find_stuck(now=self.game.clock())
        else:
            self.game.bell.hold()

    def time(self) -> None:
        self.game.clock.advance(hours=self.dice.choice([1, 30, 100]))
        find_stuck(now=self.game.clock())

    def end(self) -> None:
        """The worker is up, and all deadlines pass."""
        self.game.bell.is_held = False
        for _ in range(4):
            find_stuck(now=self.game.clock())
            find_stuck(now=self.game.clock.advance(days=8))


SEEDS = range(12 if os.environ.get("BTM_TEST_LONG") == "1" else 4)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("budget", [4_000, 1_000_000])
def test_whatever_happens_the_books_balance_and_everything_ends(game: Game, seed: int, budget: int) -> None:
    game.challenge(budget=budget, base_pay=10, max_judgements=4)
    table = Table(game, seed)
    for _ in range(STEPS):
        table.step()
        game.check_books()
    table.end()
    game.check_books()
    game.check_nothing_is_promised()
    assert rows("SELECT state FROM review_item WHERE state <> 'settled'") == []
    assert (
        value("SELECT count(*) FROM submission WHERE reopened_at IS NOT NULL OR (state = 'in_review')") == 0
    )
    assert value("SELECT count(*) FROM standing_change WHERE NOT is_done") == 0
    assert value("SELECT count(*) FROM review_item WHERE is_stale") == 0
    for state, is_right in rows(
        "SELECT s.state, o.points = (SELECT sum(worker) FROM ledger l WHERE l.submission_id = s.id AND l.account_id = s.player_id)"
        " FROM submission s JOIN outcome o ON o.submission_id = s.id WHERE s.state IN ('confirmed', 'rejected')"
    ):
        assert is_right or budget < 10_000, state
