from __future__ import annotations

from functools import partial

import pytest

from btm.rules.money import Entry
from btm.services.find_stuck import find_stuck
from btm.services.freeze_payouts import freeze_batch, open_batch
from btm.services.move_batch import cancel_batch
from btm.services.reconsider import reconsider
from btm.services.settle import settle
from btm.services.show_leaderboard import show_leaderboard
from btm.services.show_statement import show_statement
from btm.store import money, play
from btm.store.tables import DbChallenge
from btm.store.transaction import reading, transaction

from ..support.crowd import at_once, errors
from ..support.databases import rows, value
from ..support.fakes import FakeMachine
from ..support.game import Game
from ..support.paying import earn
from ..support.rejudging import (
    appeal,
    block,
    budget,
    decide,
    die_everywhere,
    lift,
    listen,
    modeler,
    promised,
)
from .test_settle import GRADES, ORDINAL


@pytest.fixture(autouse=True)
def all_work_is_done(game: Game) -> None:
    listen(game)


def paid_out(game: Game, account_id: int, points: int) -> None:
    """So many points go into a batch of payments, with everything else left where it is."""
    spare = game.balance(account_id) - points
    earn(game, account_id, -spare, _a_challenge())
    freeze_batch(opened_for_all(game), asker_id=None, now=game.clock())
    earn(game, account_id, spare, _a_challenge())


def opened_for_all(game: Game) -> str:
    """A batch for whatever anybody has, to the cent."""
    public_id = game.new("batch")
    open_batch("local", cutoff=game.clock(), least_cents=1, asker_id=None, now=game.clock(), new_id=public_id)
    return public_id


def _a_challenge() -> int:
    return int(str(value("SELECT min(id) FROM challenge")))


@pytest.mark.parametrize(
    ("first", "second", "state", "is_new"),
    [
        ("spam", "ham", "rejected", True),
        ("ham", "spam", "confirmed", True),
        ("spam", "spam", "confirmed", False),
        ("ham", "ham", "rejected", False),
    ],
)
def test_a_page_judged_again_is_worth_what_the_new_verdict_says(
    game: Game, first: str, second: str, state: str, is_new: bool
) -> None:
    game.challenge(budget=10_000, base_pay=10)
    player = game.player()
    public_id = game.committed(player)
    judges = game.judged(public_id, first, first)
    [[old]] = rows("SELECT id FROM outcome")
    block(game, *judges)
    row = game.row(public_id)
    assert (row.state, row.reopened_why) == ("confirmed" if first == "spam" else "rejected", "judge")
    worth = {"spam": promised(game, public_id), "ham": 10}
    assert game.balance(player) == worth[first], "the old verdict stands until there is a new one"
    game.judged(public_id, second, second)
    row = game.row(public_id)
    assert (row.state, row.reopened_at) == (state, None)
    assert game.balance(player) == worth[second]
    assert budget() == 10_000 - worth[second] - 2 * 50, "the blocked judges' pay went back"
    [[new, truth]] = rows("SELECT id, truth FROM outcome")
    assert (truth, int(str(new)) > int(str(old))) == (second, is_new)
    game.check_books()
    game.check_nothing_is_promised()


@pytest.mark.parametrize(("first", "second"), [("x", "r"), ("r", "x"), ("r", "pg"), ("pg", "g"), ("g", "r")])
def test_another_label_brings_the_difference_to_its_own_severity(game: Game, first: str, second: str) -> None:
    machine = FakeMachine(("x", "r", "pg", "g"), version="grades")
    game.challenge(target="x", labels=GRADES, cost=ORDINAL, machine=machine, sharpness=1, base_pay=10)
    urls = [game.page(), game.page()]
    for url in urls:
        machine.believe(url, (0.0, 0.0, 0.1, 0.9))
    straight, player = game.player(), game.player()
    other, public_id = game.committed(straight, urls[0]), game.committed(player, urls[1])
    game.judged(other, second, second)
    judges = game.judged(public_id, first, first)
    assert game.balance(player) != game.balance(straight)
    block(game, *judges)
    game.judged(public_id, second, second)
    assert game.balance(player) == game.balance(straight)
    assert game.view(public_id).outcome.verdict.key == second  # type: ignore[union-attr]
    game.check_books()
    game.check_nothing_is_promised()


def test_a_process_that_remembers_the_error_learns_that_it_was_none(game: Game) -> None:
    challenge_id = game.challenge()
    public_id = game.committed()
    judges = game.judged(public_id, "spam", "spam")
    seen = int(str(value("SELECT max(id) FROM outcome")))
    block(game, *judges)
    game.judged(public_id, "ham", "ham")
    with reading() as session:
        news = play.probes_since(session, challenge_id, seen, 10)
    assert [(submission, is_error) for _, submission, is_error, _ in news] == [
        (game.row(public_id).id, False)
    ]


def test_settling_again_twenty_times_at_once_moves_points_once(game: Game) -> None:
    game.challenge(budget=10_000, base_pay=10)
    player = game.player()
    public_id = game.committed(player)
    judges = game.judged(public_id, "spam", "spam")
    block(game, *judges)
    game.bell.hold()
    game.judged(public_id, "ham", "ham")
    item_id = game.item(public_id).id
    assert errors(at_once(game.app, [lambda: settle(item_id, now=game.clock())] * 20)) == []
    assert game.balance(player) == 10
    assert value("SELECT count(*) FROM ledger WHERE kind = 'reversal' AND submission_id IS NOT NULL") == 1
    assert value("SELECT count(*) FROM outcome") == 1
    game.check_books()
    game.check_nothing_is_promised()


def test_no_more_is_taken_back_than_was_left_to_be_paid_out(game: Game) -> None:
    game.challenge(hold_days=0, base_pay=10)
    player = game.player()
    public_id = game.committed(player)
    judges = game.judged(public_id, "spam", "spam")
    block(game, *judges)
    paid_out(game, player, promised(game, public_id) - 100)
    game.judged(public_id, "ham", "ham")
    assert (game.row(public_id).state, game.balance(player)) == ("rejected", 0)
    game.check_nothing_is_promised()


def test_a_win_that_was_paid_out_stands(game: Game) -> None:
    game.challenge(hold_days=0)
    player = game.player()
    public_id = game.committed(player)
    judges = game.judged(public_id, "spam", "spam")
    paid_out(game, player, promised(game, public_id))
    block(game, *judges)
    assert game.row(public_id).reopened_at is None
    assert (game.item(public_id).state, game.item(public_id).is_stale) == ("settled", False)


def test_a_win_whose_payment_was_cancelled_can_be_taken_up_again(game: Game) -> None:
    game.challenge(hold_days=0)
    player = game.player()
    public_id = game.committed(player)
    judges = game.judged(public_id, "spam", "spam")
    batch = opened_for_all(game)
    freeze_batch(batch, asker_id=None, now=game.clock())
    cancel_batch(batch, asker_id=None, now=game.clock())
    block(game, *judges)
    assert game.row(public_id).reopened_at is not None


def test_a_win_that_came_after_the_cut_off_of_a_batch_can_be_taken_up_again(game: Game) -> None:
    game.challenge()
    player = game.player()
    earn(game, player, 5000, _a_challenge())
    batch = opened_for_all(game)
    game.clock.advance(hours=1)
    public_id = game.committed(player)
    judges = game.judged(public_id, "spam", "spam")
    freeze_batch(batch, asker_id=None, now=game.clock())
    block(game, *judges)
    assert game.row(public_id).reopened_at is not None


def test_a_win_that_the_other_judges_carry_stands(game: Game) -> None:
    game.challenge(min_judgements=3)
    public_id = game.committed()
    judges = game.judged(public_id, "spam", "spam", "spam")
    with transaction() as session:
        session.query(DbChallenge).filter_by(slug="spam").update({"rules": {"min_judgements": 2}})
    block(game, judges[0])
    assert (game.row(public_id).reopened_at, game.item(public_id).state) == (None, "settled")
    block(game, judges[1])
    assert game.item(public_id).state == "open"


def test_when_nobody_looks_again_in_time_the_old_verdict_stands(game: Game) -> None:
    game.challenge(budget=10_000)
    player = game.player()
    public_id = game.committed(player)
    judges = game.judged(public_id, "spam", "spam")
    block(game, *judges)
    game.judged(public_id, "ham")
    find_stuck(now=game.clock.advance(days=8))
    row, item = game.row(public_id), game.item(public_id)
    assert (row.state, row.reopened_at, item.state, item.verdict) == ("confirmed", None, "settled", "spam")
    assert game.balance(player) == promised(game, public_id)
    game.check_books()
    game.check_nothing_is_promised()


def test_leaderboard_and_statement_follow_a_verdict_both_ways(game: Game) -> None:
    game.challenge(base_pay=10)
    up, down, straight = game.player("up"), game.player("down"), game.player("straight")
    first, second = game.committed(up), game.committed(down)
    game.settled("spam", straight)
    block(game, *game.judged(first, "ham", "ham"), *game.judged(second, "spam", "spam"))
    game.judged(first, "spam", "spam")
    game.judged(second, "ham", "ham")
    board = show_leaderboard(slug=None, period="all", viewer_id=None, now=game.clock())
    assert {row.handle: (row.points, row.finds) for row in board.rows} == {
        "up": (promised(game, first), 1), "straight": (game.balance(straight), 1)
    }  # fmt: skip
    for account_id in (up, down):
        statement = show_statement(account_id, now=game.clock())
        assert statement.approved == game.balance(account_id) == sum(line.points for line in statement.lines)
        assert statement.lines[0].reason == "A page of yours was judged again: “A page”"


def _everything() -> list[list[tuple[object, ...]]]:
    return [
        rows(f"SELECT * FROM {table} ORDER BY id")
        for table in (
            "ledger",
            "submission",
            "review_item",
            "judgement",
            "outcome",
            "standing_change",
            "judge",
            "appeal",
        )
    ]


@pytest.mark.parametrize("second", ["ham", "spam"])
def test_a_death_at_any_statement_of_any_step_leaves_nothing_half_done(game: Game, second: str) -> None:
    game.challenge(budget=10_000, base_pay=10)
    player = game.player()
    public_id = game.committed(player)
    judges = game.judged(public_id, "spam", "spam")
    game.bell.hold()

    def do_all() -> int:
        """Whatever was rung for, with a death at each statement first."""
        deaths = 0
        while game.bell.rung:
            kind, row_id = game.bell.rung.pop(0)
            if kind == "reconsider" and not game.item(public_id).is_stale:
                continue
            deaths += die_everywhere(partial(game.bell.work[kind], row_id), _everything)
        return deaths

    game.bell.rung.clear()
    block(game, *judges)
    assert do_all() > 20
    assert game.row(public_id).reopened_why == "judge"
    game.judged(public_id, second, second)
    assert do_all() > 5
    assert game.balance(player) == {"ham": 10, "spam": promised(game, public_id)}[second]
    game.check_books()
    game.check_nothing_is_promised()


def test_doing_every_step_twice_is_the_same_as_once(game: Game) -> None:
    game.challenge(budget=10_000)
    public_id = game.committed()
    judges = game.judged(public_id, "spam", "spam")
    block(game, *judges)
    before = _everything()
    for (change_id,) in rows("SELECT id FROM standing_change"):
        game.bell.work["standing"](int(str(change_id)))
    reconsider(game.item(public_id).id, now=game.clock())
    settle(game.item(public_id).id, now=game.clock())
    assert _everything() == before


def test_what_was_never_heard_is_found_by_the_sweep(game: Game) -> None:
    game.challenge()
    public_id = game.committed()
    judges = game.judged(public_id, "spam", "spam")
    game.bell.hold()
    block(game, *judges)
    game.bell.rung.clear()
    find_stuck(now=game.clock())
    assert [kind for kind, _ in game.bell.rung if kind != "place"] == ["standing", "standing"]
    game.bell.let_go()
    assert game.row(public_id).reopened_why == "judge"
    game.bell.rung.clear()
    find_stuck(now=game.clock())
    assert game.bell.rung == []


def test_a_verdict_at_the_desk_stands_whoever_is_blocked(game: Game) -> None:
    game.challenge(max_judgements=2)
    public_id = game.committed()
    judges = game.judged(public_id, "spam", "ham")
    decide(game, public_id, "spam", modeler(game))
    block(game, *judges)
    row = game.row(public_id)
    assert (row.state, row.reopened_at, game.item(public_id).is_stale) == ("confirmed", None, False)


def test_after_a_lift_the_old_answers_decide_again_and_nothing_has_moved(game: Game) -> None:
    game.challenge(budget=10_000)
    player = game.player()
    public_id = game.committed(player)
    judges = game.judged(public_id, "spam", "spam")
    before = (game.balance(player), [game.balance(judge) for judge in judges], budget())
    block(game, *judges)
    assert [game.balance(judge) for judge in judges] == [0, 0]
    lift(game, *judges)
    assert (game.balance(player), [game.balance(judge) for judge in judges], budget()) == before
    row = game.row(public_id)
    assert (row.state, row.reopened_at, game.item(public_id).state) == ("confirmed", None, "settled")
    assert value("SELECT count(*) FROM judgement WHERE withdrawn_at IS NULL") == 2
    game.check_books()
    game.check_nothing_is_promised()


@pytest.mark.parametrize("left", [0, 49, 200])
def test_with_too_little_budget_a_modeler_looks_again(game: Game, left: int) -> None:
    game.challenge(budget=10_000, base_pay=10)
    player = game.player()
    public_id = game.committed(player)
    judges = game.judged(public_id, "ham", "ham")
    drain(game, left)
    block(game, *judges)
    row, item = game.row(public_id), game.item(public_id)
    assert (row.state, row.reopened_why, item.state) == ("rejected", "judge", "undecided")
    game.check_books()
    decide(game, public_id, "spam", modeler(game))
    assert game.row(public_id).state == "confirmed"
    assert game.balance(player) == min(promised(game, public_id), 10 + left + 2 * 50), "as much as there is"
    game.check_nothing_is_promised()
    assert budget() >= 0


def drain(game: Game, left: int) -> None:
    """All but so many points of the budget are spent elsewhere."""
    with transaction() as session:
        entry = Entry("fund:drain", "fund", left - budget(), 0, 0, "Spent elsewhere")
        money.post(session, entry, challenge_id=_a_challenge(), at=game.clock())


def test_an_appeal_and_a_block_of_the_same_page_end_in_one_verdict(game: Game) -> None:
    game.challenge(base_pay=10)
    player = game.player()
    public_id = game.committed(player)
    judges = game.judged(public_id, "ham", "ham")
    appeal(game, public_id)
    block(game, *judges)
    assert game.row(public_id).reopened_why == "appeal"
    fresh = game.judged(public_id, "spam", "spam", "spam")
    assert game.row(public_id).state == "confirmed"
    block(game, *fresh[:2])
    assert game.row(public_id).reopened_why == "judge"
    game.judged(public_id, "ham", "ham", "ham")
    game.judged(public_id, "ham") if game.item(public_id).state == "open" else None
    assert (game.row(public_id).state, game.balance(player)) == ("rejected", 10)
    game.check_nothing_is_promised()
