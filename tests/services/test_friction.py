from __future__ import annotations

import pytest

from btm.rules.errors import Conflict
from btm.services import qualify
from btm.services.lease_review import lease_review
from btm.services.record_judgement import record_judgement
from btm.services.views_review import JudgingView
from btm.store import juries
from btm.store.transaction import transaction

from ..support.game import Game


def poor_judge(game: Game) -> int:
    """Somebody whose forty answers told nothing."""
    judge = game.judge()
    with transaction() as session:
        panel = juries.get_jury(session, "spam", ["spam", "ham"])
        juries.get_judge(session, panel, judge, game.clock()).counts = [[10.0, 10.0], [10.0, 10.0]]
    return judge


def turn(game: Game, judge: int) -> JudgingView:
    return lease_review(
        "spam", judge_id=judge, now=game.clock(), new_token=game.new("token"), dice=0.5, beside=None
    )


def met(game: Game, judge: int, turns: int) -> list[str]:
    kinds = []
    for _ in range(turns):
        game.committed()
    for _ in range(turns):
        view = turn(game, judge)
        assert view.item is not None
        kinds.append("pause" if view.pause_seconds else "question" if view.check else "")
        game.clock.advance(seconds=30)
        record_judgement(
            view.item.public_id, judge_id=judge, token=view.item.token, label="ham", cannot=None, seconds=9, now=game.clock()
        )  # fmt: skip
    return kinds


def test_by_default_nobody_meets_friction(game: Game) -> None:
    game.challenge()
    assert met(game, poor_judge(game), 12) == [""] * 12


def test_a_judge_whose_answers_tell_nothing_meets_pauses_and_questions(game: Game) -> None:
    game.challenge(friction_share=1.0, max_judgements=2)
    kinds = met(game, poor_judge(game), 24)
    assert kinds.count("pause") >= 4
    assert kinds.count("question") >= 4


def test_a_new_judge_meets_none(game: Game) -> None:
    game.challenge(friction_share=1.0)
    assert met(game, game.judge(), 12) == [""] * 12


def test_an_answer_before_the_pause_is_over_does_not_count_and_says_why(game: Game) -> None:
    game.challenge(friction_share=1.0, friction_seconds=20)
    judge = poor_judge(game)
    for _ in range(12):
        game.committed()
    view = turn(game, judge)
    while not view.pause_seconds:
        game.clock.advance(seconds=1)
        record_judgement(
            view.item.public_id, judge_id=judge, token=view.item.token, label="ham", cannot=None, seconds=9, now=game.clock()
        )  # type: ignore[union-attr]  # fmt: skip
        view = turn(game, judge)
    assert view.item is not None
    answer = {"judge_id": judge, "token": view.item.token, "label": "ham", "cannot": None, "seconds": 9}
    game.clock.advance(seconds=5)
    assert turn(game, judge).pause_seconds == pytest.approx(15)
    with pytest.raises(Conflict, match="not over yet") as caught:
        record_judgement(view.item.public_id, now=game.clock(), **answer)  # type: ignore[arg-type]
    assert caught.value.code == "pause"
    game.clock.advance(seconds=15)
    record_judgement(view.item.public_id, now=game.clock(), **answer)  # type: ignore[arg-type]


def test_a_question_of_the_test_is_explained(game: Game) -> None:
    game.challenge()
    answer = qualify.answer_one("spam", 1, "spam")
    assert (answer.is_right, answer.truth.key, answer.why) == (False, "ham", "It is about a tree.")
