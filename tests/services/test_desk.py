from __future__ import annotations

import pytest

from btm.rules.errors import Conflict, Forbidden, Invalid, NotFound
from btm.services.decide_at_desk import decide_at_desk
from btm.services.show_desk import show_desk

from ..support.crowd import at_once, errors
from ..support.databases import value
from ..support.game import Game
from ..support.rejudging import appeal, block, decide, listen, modeler, promised


@pytest.fixture(autouse=True)
def all_work_is_done(game: Game) -> None:
    listen(game)


def undecided(game: Game, player: int | None = None) -> str:
    public_id = game.committed(player)
    game.judge_says(public_id, "spam", reason="It sells.")
    game.judge_says(public_id, "ham", reason="A recipe.")
    assert game.item(public_id).state == "undecided"
    return public_id


def test_the_desk_shows_all_that_was_said_side_by_side(game: Game) -> None:
    game.challenge(max_judgements=2)
    first, second = undecided(game), undecided(game)
    view = show_desk("spam", asker_id=modeler(game))
    assert view.waiting == 2
    assert [row[0] for row in view.items] == [game.item(each).public_id for each in (first, second)]
    item = view.item
    assert item is not None
    assert (item.public_id, item.why, item.origin) == (game.item(first).public_id, "undecided", "submission")
    assert [(a.label.key, a.reason) for a in item.answers if a.label] == [
        ("spam", "It sells."),
        ("ham", "A recipe."),
    ]
    assert sum(chance for _, chance in item.chances) == pytest.approx(1)
    assert item.promised == promised(game, first)
    assert all(answer.quality is not None and 0 <= answer.quality <= 1 for answer in item.answers)


def test_corrections_come_to_the_desk_and_the_desk_pays_by_its_verdict(game: Game) -> None:
    game.challenge(most_corrections=2)
    player = game.player()
    public_id = game.committed(player)
    for other in ("a shop for trees", "a garden shop"):
        game.judge_says(public_id, "cannot:other", other=other)
    by = modeler(game)
    item = show_desk("spam", asker_id=by).item
    assert item is not None
    assert (item.why, [answer.other for answer in item.answers]) == (
        "corrections",
        ["a shop for trees", "a garden shop"],
    )
    decide(game, public_id, "ham", by)
    row = game.item(public_id)
    assert (row.state, row.decided_by, row.verdict_probability, row.expected_cost) == (
        "settled",
        by,
        1.0,
        0.0,
    )
    assert game.row(public_id).state == "rejected"
    assert [said.other for said in game.view(public_id).outcome.said] == ["a shop for trees", "a garden shop"]  # type: ignore[union-attr]
    game.check_books()
    game.check_nothing_is_promised()


def test_an_appeal_at_the_desk_shows_both_rounds_and_what_was_withdrawn(game: Game) -> None:
    game.challenge(max_judgements=2, appeal_min_judgements=2)
    public_id = game.committed()
    judges = game.judged(public_id, "ham", "ham")
    appeal(game, public_id, "Look at the foot.")
    game.judged(public_id, "spam", "ham")
    block(game, judges[0])
    item = show_desk("spam", asker_id=modeler(game)).item
    assert item is not None
    assert (item.why, item.appeal_reason) == ("appeal", "Look at the foot.")
    assert [(answer.round, answer.is_withdrawn) for answer in item.answers] == [
        (0, True), (0, False), (1, False), (1, False)
    ]  # fmt: skip


def test_fifty_decisions_at_once_are_one(game: Game) -> None:
    game.challenge(max_judgements=2)
    public_id, by = undecided(game), modeler(game)
    assert errors(at_once(game.app, [lambda: decide(game, public_id, "spam", by)] * 50)) == []
    assert value("SELECT count(*) FROM ledger WHERE kind = 'bonus'") == 1
    game.check_books()
    game.check_nothing_is_promised()


def test_of_two_modelers_who_differ_the_first_decides(game: Game) -> None:
    game.challenge(max_judgements=2)
    public_id, a, b = undecided(game), modeler(game), modeler(game)
    answers = at_once(
        game.app, [lambda: decide(game, public_id, "spam", a), lambda: decide(game, public_id, "ham", b)]
    )
    [late] = errors(answers)
    assert isinstance(late, Conflict)
    assert game.row(public_id).state == ("confirmed" if answers[0] is None else "rejected")


def test_nobody_decides_their_own_page_nor_what_does_not_wait(game: Game) -> None:
    game.challenge(max_judgements=2)
    own = modeler(game)
    public_id = undecided(game, own)
    assert show_desk("spam", asker_id=own).waiting == 0
    with pytest.raises(Forbidden):
        decide(game, public_id, "spam", own)
    with pytest.raises(NotFound):
        show_desk("spam", asker_id=own, item_public_id=game.item(public_id).public_id)
    with pytest.raises(Conflict):
        decide(game, game.committed(), "spam", own)
    with pytest.raises(NotFound):
        decide_at_desk("spam", "nothing", label="spam", reason="x", asker_id=None, now=game.clock())
    with pytest.raises(Forbidden):
        show_desk("spam", asker_id=game.player())


@pytest.mark.parametrize(("label", "reason"), [("drugs", "x"), ("", "x"), ("spam", " ")])
def test_a_decision_needs_a_label_and_a_reason(game: Game, label: str, reason: str) -> None:
    game.challenge(max_judgements=2)
    item = game.item(undecided(game))
    with pytest.raises(Invalid):
        decide_at_desk("spam", item.public_id, label=label, reason=reason, asker_id=None, now=game.clock())
    assert game.item(_public(item.submission_id)).state == "undecided"


def _public(submission_id: int | None) -> str:
    return str(value("SELECT public_id FROM submission WHERE id = :id", id=submission_id))
