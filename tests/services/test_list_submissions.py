from __future__ import annotations

import pytest

from btm.rules.errors import Invalid, NotFound
from btm.services.list_submissions import list_submissions

from ..support.game import Game


def test_a_player_sees_their_own_newest_first_in_pages(game: Game) -> None:
    game.challenge()
    game.challenge("other")
    player = game.player()
    made = [game.quoted(player) for _ in range(4)]
    other = game.quoted(player, slug="other")
    game.quoted()
    first, cursor = list_submissions(player, now=game.clock(), slug="spam", limit=3)
    second, end = list_submissions(player, now=game.clock(), slug="spam", limit=3, cursor=cursor)
    assert [view.public_id for view in (*first, *second)] == made[::-1]
    assert end is None
    everything, _ = list_submissions(player, now=game.clock())
    assert [view.public_id for view in everything] == [other, *made[::-1]]


def test_the_number_of_queries_does_not_grow_with_the_list(game: Game) -> None:
    from sqlalchemy import event

    from btm.store.database import db

    game.challenge()
    player = game.player()
    counts = []
    for _ in range(2):
        for _ in range(4):
            game.settled("spam", player)
            game.submitted(player, "https://gone.example/")
        asked: list[str] = []
        listen = lambda *args, asked=asked: asked.append(args[2])  # noqa: E731
        event.listen(db.engine, "before_cursor_execute", listen)
        list_submissions(player, now=game.clock(), limit=50)
        event.remove(db.engine, "before_cursor_execute", listen)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_list_of_nowhere_or_a_broken_cursor_is_refused(game: Game) -> None:
    with pytest.raises(NotFound):
        list_submissions(1, now=game.clock(), slug="nowhere")
    with pytest.raises(Invalid):
        list_submissions(1, now=game.clock(), cursor="broken")
