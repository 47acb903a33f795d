from __future__ import annotations

import pytest

from btm.rules.errors import Conflict, NotFound
from btm.services.record_judgement import record_judgement
from btm.services.withdraw_submission import withdraw_submission

from ..support.crowd import at_once
from ..support.databases import value
from ..support.game import Game


def withdraw(game: Game, public_id: str) -> None:
    withdraw_submission(public_id, player_id=game.row(public_id).player_id, now=game.clock())


def test_a_submission_on_its_way_can_be_taken_back(game: Game) -> None:
    game.challenge()
    game.bell.hold()
    public_id = game.submitted()
    withdraw(game, public_id)
    game.bell.let_go()
    assert game.row(public_id).state == "withdrawn"


def test_a_quote_can_be_turned_down(game: Game) -> None:
    game.challenge()
    public_id = game.quoted()
    withdraw(game, public_id)
    assert (game.row(public_id).state, game.row(public_id).wake_at) == ("withdrawn", None)


def test_taking_a_page_back_before_the_first_judgement_frees_points_and_page(game: Game) -> None:
    game.challenge(budget=10_000)
    url = game.page()
    public_id = game.committed(url=url)
    withdraw(game, public_id)
    assert value("SELECT sum(budget) FROM ledger") == 10_000
    game.check_nothing_is_promised()
    assert game.item(public_id).state == "withdrawn"
    game.committed(url=url)


def test_withdrawing_twice_is_the_same_as_once(game: Game) -> None:
    game.challenge(budget=10_000)
    public_id = game.committed()
    withdraw(game, public_id)
    withdraw(game, public_id)
    assert value("SELECT count(*) FROM ledger WHERE kind = 'release'") == 1


def test_a_page_that_somebody_judged_stays(game: Game) -> None:
    game.challenge()
    public_id = game.committed()
    game.judged(public_id, "spam")
    with pytest.raises(Conflict) as caught:
        withdraw(game, public_id)
    assert (caught.value.code, game.row(public_id).state) == ("too_late", "in_review")


@pytest.mark.parametrize("answers", [("spam", "spam"), ("ham", "ham")])
def test_what_has_ended_cannot_be_taken_back(game: Game, answers: tuple[str, ...]) -> None:
    game.challenge()
    public_id = game.committed()
    game.judged(public_id, *answers)
    with pytest.raises(Conflict):
        withdraw(game, public_id)


def test_a_refused_submission_cannot_be_taken_back(game: Game) -> None:
    game.challenge()
    with pytest.raises(Conflict):
        withdraw(game, game.submitted(url="https://gone.example/"))


def test_nobody_takes_back_another_s_page(game: Game) -> None:
    game.challenge()
    public_id = game.committed()
    with pytest.raises(NotFound):
        withdraw_submission(public_id, player_id=game.player(), now=game.clock())


def test_a_judge_who_looks_at_a_page_that_is_taken_back_is_told(game: Game) -> None:
    game.challenge()
    public_id = game.committed()
    judge = game.judge()
    item = game.lease(judge)
    withdraw(game, public_id)
    with pytest.raises(Conflict) as caught:
        record_judgement(
            item.public_id,
            judge_id=judge,
            token=item.token,
            label="spam",
            cannot=None,
            seconds=5,
            now=game.clock(),
        )
    assert caught.value.code == "closed"
    assert game.balance(judge) == 0


def test_taking_back_and_judging_at_the_same_instant_leaves_one_of_the_two(game: Game) -> None:
    game.challenge()
    for _ in range(5):
        player, judge = game.player(), game.judge()
        public_id = game.committed(player)
        item = game.lease(judge)
        at_once(
            game.app,
            [
                lambda p=public_id, a=player: withdraw_submission(p, player_id=a, now=game.clock()),
                lambda i=item, j=judge: record_judgement(
                    i.public_id,
                    judge_id=j,
                    token=i.token,
                    label="spam",
                    cannot=None,
                    seconds=5,
                    now=game.clock(),
                ),
            ],
        )
        is_withdrawn = game.row(public_id).state == "withdrawn"
        assert (game.balance(judge) == 0) == is_withdrawn
        if not is_withdrawn:
            game.judged(public_id, "spam")
    game.check_books()
    game.check_nothing_is_promised()
