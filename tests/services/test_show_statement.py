from __future__ import annotations

import pytest

from btm.rules.errors import Invalid
from btm.services.show_statement import show_statement
from btm.services.withdraw_submission import withdraw_submission

from ..support.game import Game


def test_waiting_approved_and_lines_tell_the_same_story(game: Game) -> None:
    game.challenge()
    player = game.judge()
    won = game.settled("spam", player)
    game.settled("ham", player)
    waiting = game.committed(player)
    game.quoted(player)
    game.judge_says(game.committed(), "spam", player)
    back = game.committed(player)
    withdraw_submission(back, player_id=player, now=game.clock())
    statement = show_statement(player, now=game.clock())
    quote = game.view(waiting).quote
    assert quote is not None
    assert statement.waiting == quote.points
    assert statement.approved == sum(line.points for line in statement.lines) == game.balance(player)
    assert [line.kind for line in statement.lines] == ["judging", "base", "bonus"]
    assert [line.submission for line in statement.lines][2] == won
    assert statement.lines[0].submission is None, "whose page was judged stays unknown"
    assert (statement.paid, statement.finds, statement.probes, statement.judgements) == (0, 1, 5, 1)
    assert all(line.reason and line.at == game.clock() for line in statement.lines)


def test_nobody_sees_another_s_money(game: Game) -> None:
    game.challenge()
    game.settled("spam", game.player())
    statement = show_statement(game.player(), now=game.clock())
    assert (statement.approved, statement.waiting, statement.lines) == (0, 0, ())


def test_a_long_statement_comes_in_pages_whose_sums_are_of_all(game: Game) -> None:
    game.challenge()
    judge = game.judge()
    for _ in range(7):
        game.judge_says(game.committed(), "spam", judge)
    first = show_statement(judge, now=game.clock(), limit=3)
    second = show_statement(judge, now=game.clock(), limit=3, cursor=first.next_cursor)
    third = show_statement(judge, now=game.clock(), limit=3, cursor=second.next_cursor)
    assert [len(page.lines) for page in (first, second, third)] == [3, 3, 1]
    assert {page.approved for page in (first, second, third)} == {350}
    assert third.next_cursor is None


@pytest.mark.parametrize("cursor", ["x", "-1", "1.5", "9" * 19, "٣", "1 OR 1=1"])
def test_a_broken_cursor_is_refused(game: Game, cursor: str) -> None:
    with pytest.raises(Invalid):
        show_statement(game.player(), now=game.clock(), cursor=cursor)
