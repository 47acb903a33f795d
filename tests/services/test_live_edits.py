"""What was promised stands, whatever is changed of a live challenge afterwards."""

from __future__ import annotations

import json
from typing import Any

import pytest

from btm.rules.errors import Conflict, Invalid
from btm.rules.money import whole_price
from btm.rules.settings import BOUNDS, ChallengeRules
from btm.services.appeal_submission import appeal_submission
from btm.services.edit_challenge import edit_challenge
from btm.services.settle import settle
from btm.store.tables_challenges import DbChallenge
from btm.store.transaction import transaction

from ..support.crowd import at_once
from ..support.databases import rows, value
from ..support.game import Game

PROMISES = (
    "SELECT * FROM quote ORDER BY id",
    "SELECT id, state, wake_at FROM submission ORDER BY id",
    "SELECT id, state, deadline_at, judging_price, max_judgements, lease_price FROM review_item ORDER BY id",
    "SELECT * FROM ledger ORDER BY id",
)
EDITS: dict[str, dict[str, Any]] = {
    "dearer and longer": {"judging_price": 1_000_000, "max_judgements": 50, "min_judgements": 9},
    "cheaper and shorter": {"judging_price": 0, "max_judgements": 1, "min_judgements": 1},
    "a find pays more": {"max_bonus": 1_000_000, "base_pay": 1_000_000, "base_pay_daily_cap": 1_000_000},
    "a find pays nothing": {"max_bonus": 1, "min_quote": 0, "base_pay": 0, "novelty_floor": 0.0, "sharpness": 10.0},
}  # fmt: skip


def edit(game: Game, **changes: Any) -> int:
    return edit_challenge("spam", changes, asker_id=None, now=game.clock())


def promises() -> list[Any]:
    return [rows(query) for query in PROMISES]


def test_no_setting_moves_what_was_promised_or_paid(game: Game) -> None:
    game.challenge()
    game.settled("spam")
    game.settled("ham")
    game.committed()
    game.quoted()
    before, moved, where = promises(), 0, set()
    for name, bounds in BOUNDS.items():
        for extreme in bounds:
            try:
                edit(game, rules={name: extreme})
                moved += 1
            except (Invalid, Conflict) as refused:  # against another setting, or fixed
                where.add((refused.field or "").partition(".")[0])
            assert promises() == before, name
            edit(game, rules={name: None})
    assert moved > len(BOUNDS)
    assert where == {"rules"}
    edit(game, harmful=True, title="Another", cost=[[0, 9], [3, 0]], brief={"summary": "Anew."})
    assert promises() == before


@pytest.mark.parametrize("changes", EDITS.values(), ids=EDITS.keys())
@pytest.mark.parametrize("answers", ["spam spam", "ham ham", "spam ham spam ham spam ham spam ham"])
def test_a_page_is_judged_and_settled_out_of_what_was_set_aside_for_it(
    game: Game, answers: str, changes: dict[str, Any]
) -> None:
    rules = ChallengeRules()
    player, address = game.player(), game.page()
    game.challenge(budget=100_000)
    public_id = game.quoted(player, address)
    promised = game.row(public_id).quote
    assert promised is not None
    game.commit(public_id)
    reserved = value("SELECT sum(escrow) FROM ledger")
    assert reserved == whole_price(promised.reserve, rules)
    before = value("SELECT sum(budget) FROM ledger")
    edit(game, rules=changes)
    edit(game, cost=[[0, 7], [2, 0]])
    for answer in answers.split():
        if game.item(public_id).state == "open":
            judge = game.judge()
            assert game.lease(judge) is not None
            assert game.item(public_id).lease_price <= rules.judging_price
            game.judge_says(public_id, answer, judge)
    item = game.item(public_id)
    if item.state in ("open", "undecided"):
        game.clock.advance(days=rules.verdict_days + 1)
        settle(item.id, now=game.clock())
    paid = value("SELECT coalesce(sum(worker), 0) FROM ledger")
    assert paid <= reserved
    assert value("SELECT sum(budget) FROM ledger") == before + reserved - paid
    state = game.row(public_id).state
    assert state in ("confirmed", "rejected", "undecided")  # the last was overdue, and so paid
    assert game.balance(player) == (rules.base_pay if state == "rejected" else promised.points)
    game.check_books()
    game.check_nothing_is_promised()


def test_what_an_appeal_may_cost_is_what_was_promised_first(game: Game) -> None:
    game.challenge(budget=100_000)
    public_id = game.settled("ham")
    edit(game, rules={"judging_price": 1_000_000, "max_judgements": 50})
    appeal_submission(public_id, player_id=game.row(public_id).player_id, reason="Look.", now=game.clock())
    assert game.item(public_id).state == "open"
    game.judged(public_id, "spam", "spam", "spam")
    assert game.row(public_id).state == "confirmed"
    game.check_books()
    game.check_nothing_is_promised()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"target": "ham"}, "target"),
        ({"topic": "other"}, "topic"),
        ({"mode": "collect"}, "mode"),
        ({"slug": "other"}, "slug"),
        ({"budget": 5}, "budget"),
        ({"rules": {"points_per_usd": 1}}, "rules.points_per_usd"),
        ({"labels": [{"key": "spam", "name": "S", "statement": "s"}, {"key": "egg", "name": "E", "statement": "e"}]}, "labels"),
    ],
)  # fmt: skip
def test_labels_target_and_the_like_are_fixed_once_there_is_work(
    game: Game, changes: dict[str, Any], field: str
) -> None:
    game.challenge()
    game.committed()
    before = rows("SELECT * FROM challenge")
    with pytest.raises(Conflict) as caught:
        edit(game, **changes)
    assert (caught.value.code, caught.value.field) == ("fixed", field)
    assert rows("SELECT * FROM challenge") == before


def test_of_two_who_edit_the_same_revision_one_is_told_of_the_other(game: Game) -> None:
    game.challenge()

    def write(title: str) -> int:
        return edit_challenge("spam", {"title": title}, asker_id=None, now=game.clock(), revision=0)

    answers = at_once(game.app, [lambda: write("One"), lambda: write("Two")])
    conflicts = [each for each in answers if isinstance(each, Conflict)]
    assert [each.code for each in conflicts] == ["edited_meanwhile"]
    assert "title" in conflicts[0].sentence
    assert rows("SELECT revision FROM challenge") == [(1,)]
    [detail] = rows("SELECT detail FROM act WHERE verb = 'edit_challenge'")[0]
    kept = json.loads(detail) if isinstance(detail, str) else detail
    assert kept["changed"]["title"] == ["Find spam", rows("SELECT title FROM challenge")[0][0]]


@pytest.mark.parametrize("state", ["paused", "archived", "draft"])
def test_what_is_no_longer_live_takes_nothing_new_and_finishes_what_is_under_way(
    game: Game, state: str
) -> None:
    game.challenge()
    in_review, quoted = game.committed(), game.quoted()
    with_state(state)
    with pytest.raises(Conflict):
        game.commit(quoted)
    if state != "draft":
        assert game.row(game.submitted()).refusal == "closed"
        game.judged(in_review, "spam", "spam")
        assert game.row(in_review).state == "confirmed"
    game.check_books()


def with_state(state: str) -> None:
    with transaction() as session:
        session.query(DbChallenge).update({"state": state})
