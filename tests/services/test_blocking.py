from __future__ import annotations

import pytest

from btm.rules.errors import Forbidden, Invalid, NotFound
from btm.services.carry_out_standing import carry_out_standing
from btm.services.change_standing import block_judge, lift_block

from ..support.crowd import at_once, errors
from ..support.databases import rows, value
from ..support.game import Game
from ..support.rejudging import block, budget, lift, listen, modeler


@pytest.fixture(autouse=True)
def all_work_is_done(game: Game) -> None:
    listen(game)


def test_a_blocked_judge_s_answers_and_pay_are_withdrawn(game: Game) -> None:
    game.challenge(budget=10_000)
    first, second = game.committed(), game.committed()
    judge = game.judge()
    for public_id in (first, second):
        game.judge_says(public_id, "spam", judge)
    assert game.balance(judge) == 100
    block(game, judge)
    assert game.balance(judge) == 0
    assert value("SELECT count(*) FROM judgement WHERE withdrawn_at IS NULL") == 0
    assert rows("SELECT worker, reason FROM ledger WHERE kind = 'reversal'") == [
        (-100, "Your answers were withdrawn")
    ]
    assert value("SELECT count(*) FROM review_item WHERE is_stale") == 0, "all were looked at again"
    assert [game.item(each).belief for each in (first, second)] == [None, None]
    assert game.view(first).outcome.judgements == 0  # type: ignore[union-attr]
    with pytest.raises(Forbidden):
        game.lease(judge)
    game.check_books()


def test_a_page_that_lost_an_answer_still_has_the_price_of_all_that_may_come(game: Game) -> None:
    game.challenge(max_judgements=3, budget=100_000)
    public_id = game.committed()
    judge = game.judge()
    game.judge_says(public_id, "spam", judge)
    game.judged(public_id, "ham")
    block(game, judge)
    game.judged(public_id, "spam", "cannot:unsure")
    assert game.row(public_id).state == "undecided"
    assert value("SELECT sum(escrow) FROM ledger") == value("SELECT sum(reserve) FROM quote")
    game.check_books()


def test_an_undecided_page_goes_back_to_the_queue_when_a_judge_falls_out(game: Game) -> None:
    game.challenge(max_judgements=2)
    public_id = game.committed()
    liar = game.judge()
    game.judge_says(public_id, "ham", liar)
    game.judged(public_id, "spam")
    assert game.row(public_id).state == "undecided"
    block(game, liar)
    assert (game.row(public_id).state, game.item(public_id).state) == ("in_review", "open")
    game.judged(public_id, "spam")
    assert game.row(public_id).state == "confirmed"
    game.check_nothing_is_promised()


def test_with_no_budget_for_another_judgement_the_page_goes_to_the_desk(game: Game) -> None:
    game.challenge(budget=960 + 7 * 50)
    public_id = game.committed()
    judge = game.judge()
    game.judge_says(public_id, "spam", judge)
    with_nothing_to_take_back(game, judge)
    block(game, judge)
    state = game.item(public_id).state
    assert state == ("undecided" if budget() < 50 else "open")
    assert game.row(public_id).state == ("undecided" if budget() < 50 else "in_review")
    assert (
        value("SELECT min(total) FROM (SELECT sum(escrow) AS total FROM ledger GROUP BY submission_id) a")
        >= 0
    )  # type: ignore[operator]


def with_nothing_to_take_back(game: Game, judge: int) -> None:
    from btm.rules.money import Entry
    from btm.store import money
    from btm.store.transaction import transaction

    with transaction() as session:
        entry = Entry(f"payout:{judge}", "payout", 0, 0, -game.balance(judge), "Paid out")
        money.post(
            session,
            entry,
            challenge_id=int(str(value("SELECT min(id) FROM challenge"))),
            account_id=judge,
            at=game.clock(),
        )


def test_a_lift_restores_answers_and_pay_exactly(game: Game) -> None:
    game.challenge(budget=10_000, min_judgements=3)
    public_id = game.committed()
    judge = game.judge()
    game.judge_says(public_id, "spam", judge)
    before = (rows("SELECT id, withdrawn_at, withdrawn_by FROM judgement"), game.balance(judge))
    believed = game.item(public_id).belief
    block(game, judge)
    lift(game, judge)
    after = (rows("SELECT id, withdrawn_at, withdrawn_by FROM judgement"), game.balance(judge))
    assert after == before
    assert (game.item(public_id).belief is not None) == (believed is not None)
    game.judged(public_id, "spam", "spam")
    assert game.row(public_id).state == "confirmed"
    assert budget() == 10_000 - game.balance(game.row(public_id).player_id) - 150
    game.check_books()
    game.check_nothing_is_promised()


def test_a_judge_blocked_lifted_and_blocked_again_is_paid_for_nothing_twice(game: Game) -> None:
    game.challenge(budget=10_000)
    public_id = game.committed()
    judge = game.judge()
    game.judge_says(public_id, "spam", judge)
    for _ in range(3):
        block(game, judge)
        assert game.balance(judge) == 0
        lift(game, judge)
        assert game.balance(judge) == 50
    game.check_books()


def test_changes_are_carried_out_in_their_order_whichever_is_rung_first(game: Game) -> None:
    game.challenge()
    public_id = game.committed()
    judge = game.judge()
    game.judge_says(public_id, "spam", judge)
    game.bell.hold()
    block(game, judge)
    lift(game, judge)
    [(first,), (second,)] = rows("SELECT id FROM standing_change ORDER BY id")
    for change in (second, first):
        carry_out_standing(int(str(change)), now=game.clock())
    assert value("SELECT count(*) FROM judgement WHERE withdrawn_at IS NULL") == 1
    assert game.balance(judge) == 50
    assert value("SELECT count(*) FROM standing_change WHERE NOT is_done") == 0


def test_fifty_blocks_at_once_are_one(game: Game) -> None:
    game.challenge()
    public_id = game.committed()
    judge = game.judge()
    game.judge_says(public_id, "spam", judge)
    assert errors(at_once(game.app, [lambda: block(game, judge)] * 50)) == []
    assert value("SELECT count(*) FROM standing_change") == 1
    assert value("SELECT count(*) FROM ledger WHERE kind = 'reversal'") == 1
    assert errors(at_once(game.app, [lambda: lift(game, judge)] * 50)) == []
    assert value("SELECT count(*) FROM standing_change") == 2
    assert game.balance(judge) == 50
    game.check_books()


def test_a_block_while_answers_arrive_loses_none_of_the_others_and_keeps_none_of_theirs(game: Game) -> None:
    game.challenge(min_judgements=3)
    pages = [game.committed() for _ in range(6)]
    liar = game.judge()
    for public_id in pages:
        game.judge_says(public_id, "ham", liar)
    others = [game.judge() for _ in pages]
    calls = [lambda p=p, j=j: game.judge_says(p, "spam", j) for p, j in zip(pages, others, strict=True)]
    answers = at_once(game.app, [*calls[:3], lambda: block(game, liar), *calls[3:]])
    assert errors(answers) == []
    assert {game.balance(judge) for judge in others} == {50}
    assert game.balance(liar) == 0
    assert value("SELECT count(*) FROM judgement WHERE withdrawn_at IS NULL") == 6
    for public_id in pages:
        game.judged(public_id, "spam", "spam")
    assert {game.row(public_id).state for public_id in pages} == {"confirmed"}
    game.check_books()
    game.check_nothing_is_promised()


def test_only_a_modeler_of_the_challenge_changes_a_judge_s_standing(game: Game) -> None:
    game.challenge()
    judge, nobody = game.judge(), game.player()
    game.judge_says(game.committed(), "spam", judge)
    for change in (block_judge, lift_block):
        with pytest.raises(Forbidden):
            change("spam", judge, note="", asker_id=nobody, now=game.clock())
        with pytest.raises(NotFound):
            change("spam", nobody, note="", asker_id=None, now=game.clock())
    with pytest.raises(Invalid):
        block_judge("spam", judge, note="", asker_id=None, now=game.clock(), why="a whim")
    by = modeler(game)
    block_judge("spam", judge, note="Two accounts.", asker_id=by, now=game.clock(), why="collusion")
    assert rows("SELECT action, why, note, changed_by FROM standing_change") == [
        ("blocked", "collusion", "Two accounts.", by)
    ]


def test_carrying_out_what_is_not_there_does_nothing(game: Game) -> None:
    carry_out_standing(4711, now=game.clock())
