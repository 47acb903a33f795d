from __future__ import annotations

import random

import pytest

from btm.services.find_stuck import find_stuck
from btm.services.settle import settle
from btm.store.tables import DbChallenge
from btm.store.transaction import transaction

from ..support.crowd import at_once, errors
from ..support.databases import rows, value
from ..support.game import Game

GRADES = [
    {"key": key, "name": key.upper(), "statement": f"this page is {key}"} for key in ("x", "r", "pg", "g")
]
ANCHORS = (0, 375, 675, 1000)
ORDINAL = tuple(tuple(abs(a - b) for b in ANCHORS) for a in ANCHORS)


def promised(game: Game, public_id: str) -> int:
    quote = game.view(public_id).quote
    assert quote is not None
    return quote.points


def test_a_confirmed_find_is_paid_what_was_promised(game: Game) -> None:
    game.challenge(budget=10_000)
    player = game.player()
    public_id = game.settled("spam", player)
    view = game.view(public_id)
    assert view.outcome is not None
    assert view.outcome.verdict is not None
    assert (view.state, view.outcome.verdict.key) == ("confirmed", "spam")
    assert game.balance(player) == view.outcome.points == promised(game, public_id)
    assert value("SELECT sum(budget) FROM ledger") == 10_000 - promised(game, public_id) - 2 * 50
    game.check_books()
    game.check_nothing_is_promised()


def test_a_rejected_page_brings_the_base_pay_and_a_reason(game: Game) -> None:
    game.challenge(budget=10_000, base_pay=10)
    player = game.player()
    view = game.view(game.settled("ham", player))
    assert view.outcome is not None
    assert (view.state, view.outcome.points) == ("rejected", 10)
    assert "2 of 2 people" in view.outcome.reason
    assert game.balance(player) == 10
    assert value("SELECT sum(budget) FROM ledger") == 10_000 - 10 - 2 * 50
    game.check_nothing_is_promised()


def test_base_pay_ends_at_the_day_s_cap_and_starts_again_at_midnight(game: Game) -> None:
    game.challenge(base_pay=10, base_pay_daily_cap=25)
    player = game.player()
    for _ in range(4):
        game.settled("ham", player)
    assert game.balance(player) == 20
    game.clock.advance(hours=12)
    game.settled("ham", player)
    assert game.balance(player) == 30
    game.check_books()
    game.check_nothing_is_promised()


def test_a_page_that_is_something_else_yet_wrong_for_the_machine_pays_its_own_severity(game: Game) -> None:
    from ..support.fakes import FakeMachine

    machine = FakeMachine(("x", "r", "pg", "g"), version="grades")
    game.challenge(target="x", labels=GRADES, cost=ORDINAL, machine=machine, sharpness=1)
    player, url = game.player(), game.page()
    machine.believe(url, (0.0, 0.0, 0.1, 0.9))
    view = game.view(game.settled("r", player, url))
    assert view.quote is not None
    assert view.outcome is not None
    assert view.quote.points == pytest.approx(round(1000 * (0.1 * 0.675 + 0.9) * view.quote.novelty), abs=1)
    assert view.state == "confirmed"
    assert view.outcome.points == pytest.approx(
        round(1000 * (0.1 * 0.3 + 0.9 * 0.625) * view.quote.novelty), abs=1
    )
    game.check_nothing_is_promised()


def test_a_page_that_costs_more_than_claimed_is_paid_for_and_was_reserved(game: Game) -> None:
    from ..support.fakes import FakeMachine

    machine = FakeMachine(("x", "r", "pg", "g"), version="grades")
    game.challenge(target="r", labels=GRADES, cost=ORDINAL, machine=machine, sharpness=1)
    url = game.page()
    machine.believe(url, (0.0, 0.0, 0.0, 1.0))
    view = game.view(game.settled("x", url=url))
    assert view.quote is not None
    assert view.outcome is not None
    assert view.outcome.points > view.quote.points
    game.check_books()
    game.check_nothing_is_promised()


@pytest.mark.parametrize(
    "change", [{"max_bonus": 50_000}, {"sharpness": 0.1}, {"max_bonus": 60}, {"sharpness": 9.0}]
)
def test_rewards_that_change_after_the_commit_change_nothing_for_the_player(
    game: Game, change: dict[str, float]
) -> None:
    game.challenge()
    player = game.player()
    public_id = game.committed(player, game.page(beliefs=(0.1, 0.9)))
    with transaction() as session:
        session.query(DbChallenge).update({"rules": change})
    game.judged(public_id, "spam", "spam")
    assert game.balance(player) == promised(game, public_id)
    game.check_books()
    game.check_nothing_is_promised()


@pytest.mark.parametrize("label", ["spam", "ham"])
def test_settling_fifty_times_at_once_pays_once(game: Game, label: str) -> None:
    game.challenge()
    player = game.player()
    public_id = game.committed(player)
    game.bell.hold()
    game.judged(public_id, label, label)
    item_id = game.item(public_id).id
    assert game.row(public_id).state == "in_review"
    answers = at_once(game.app, [lambda: settle(item_id, now=game.clock())] * 50)
    assert errors(answers) == []
    assert value("SELECT count(*) FROM ledger WHERE kind IN ('bonus', 'base')") == 1
    assert value("SELECT count(*) FROM ledger WHERE kind = 'release'") == 1
    assert value("SELECT count(*) FROM outcome") == 1
    game.check_books()
    game.check_nothing_is_promised()


def test_a_verdict_whose_settlement_was_lost_is_settled_by_the_sweep(game: Game) -> None:
    game.challenge()
    public_id = game.committed()
    game.bell.hold()
    game.judged(public_id, "spam", "spam")
    game.bell.rung.clear()
    game.bell.is_held = False
    find_stuck(now=game.clock())
    assert game.row(public_id).state == "confirmed"


def test_when_nobody_decides_in_time_the_promise_is_paid(game: Game) -> None:
    game.challenge(verdict_days=7)
    player = game.player()
    public_id = game.committed(player)
    game.judged(public_id, "ham")
    find_stuck(now=game.clock.advance(days=6, hours=23))
    assert game.row(public_id).state == "in_review"
    find_stuck(now=game.clock.advance(hours=2))
    view = game.view(public_id)
    assert view.outcome is not None
    assert (view.state, view.outcome.points) == ("undecided", promised(game, public_id))
    assert game.balance(player) == promised(game, public_id)
    assert value("SELECT count(*) FROM outcome") == 0, "nothing was learned from it"
    game.check_books()
    game.check_nothing_is_promised()
    find_stuck(now=game.clock.advance(days=1))
    assert game.balance(player) == promised(game, public_id)


def test_a_disagreement_waits_for_its_deadline_and_then_pays_the_promise(game: Game) -> None:
    game.challenge(max_judgements=2)
    player = game.player()
    public_id = game.committed(player)
    game.judged(public_id, "spam", "ham")
    assert (game.row(public_id).state, game.balance(player)) == ("undecided", 0)
    find_stuck(now=game.clock.advance(days=7, minutes=1))
    assert (game.row(public_id).state, game.balance(player)) == ("undecided", promised(game, public_id))
    game.check_nothing_is_promised()


def test_an_overdue_page_takes_no_more_answers(game: Game) -> None:
    from btm.rules.errors import Conflict

    game.challenge(lease_seconds=3600)
    public_id = game.committed()
    find_stuck(now=game.clock.advance(days=8))
    with pytest.raises(Conflict):
        game.judge_says(public_id, "spam")
    assert game.lease(game.judge()) is None


def test_a_withdrawn_page_is_never_settled(game: Game) -> None:
    from btm.services.withdraw_submission import withdraw_submission

    game.challenge()
    player = game.player()
    public_id = game.committed(player)
    withdraw_submission(public_id, player_id=player, now=game.clock())
    settle(game.item(public_id).id, now=game.clock.advance(days=30))
    find_stuck(now=game.clock())
    assert (game.row(public_id).state, game.balance(player)) == ("withdrawn", 0)


def test_settling_what_is_not_there_does_nothing(game: Game) -> None:
    settle(4711, now=game.clock())


def test_the_claim_that_a_machine_is_right_about_is_paid_its_little_and_is_no_find(game: Game) -> None:
    game.challenge()
    player = game.player()
    view = game.view(game.settled("spam", player, game.page(beliefs=(0.6, 0.4))))
    assert (view.state, game.balance(player)) == ("confirmed", view.quote.points)  # type: ignore[union-attr]
    assert rows("SELECT is_error FROM outcome") in ([(0,)], [(False,)])


def test_the_books_balance_after_fifty_games_of_every_kind(game: Game) -> None:
    game.challenge(budget=30_000, max_judgements=3)
    dice = random.Random(7)
    players = [game.player() for _ in range(5)]
    judges = [game.judge() for _ in range(6)]
    for _ in range(50):
        public_id = game.submitted(
            dice.choice(players), game.page(beliefs=dice.choice([(0.02, 0.98), (0.3, 0.7)]))
        )
        if game.row(public_id).state != "quoted" or dice.random() < 0.1:
            continue
        try:
            game.commit(public_id)
        except Exception:
            continue
        for judge in dice.sample(judges, dice.randint(0, 3)):
            if game.row(public_id).state == "in_review":
                game.judge_says(public_id, dice.choice(["spam", "spam", "ham", "cannot:unsure"]), judge)
        game.clock.advance(hours=1)
    for _ in range(10):
        find_stuck(now=game.clock.advance(days=9))
    game.check_books()
    game.check_nothing_is_promised()
    assert value("SELECT count(*) FROM submission WHERE state = 'in_review'") == 0
