from __future__ import annotations

import pytest

from btm.services.place_find import place_find
from btm.store import clusters
from btm.store.tables import DbOutcome
from btm.store.transaction import reading, transaction

from ..support.databases import value
from ..support.finding import cluster, find, finds, place, placement, regroup
from ..support.game import Game


def grouped(game: Game) -> tuple[int, list[str], list[str]]:
    """A challenge whose finds of two causes are grouped."""
    challenge_id = game.challenge()
    oak, knee = finds(game, "oak", 5), finds(game, "knee", 5)
    place(game, *oak, *knee)
    assert regroup(game, challenge_id)
    return challenge_id, oak, knee


def judged_anew(public_id: str, game: Game, **values: object) -> None:
    """The outcome of a submission is replaced, as an appeal or a blocked judge would have it."""
    from btm.store import outcomes, play

    with transaction() as session:
        old = play.outcome_of(session, game.row(public_id).id)
        assert old is not None
        kept = {
            column.name: getattr(old, column.name)
            for column in DbOutcome.__table__.columns
            if column.name != "id"
        }
        outcomes.replace_outcome(session, old, {**kept, "settled_at": game.clock(), **values})


def test_a_find_joins_the_cluster_of_its_like_and_stands_near_it(game: Game) -> None:
    _, oak, knee = grouped(game)
    late = find(game, "oak", 99)
    place(game, late)
    assert cluster(game, late).id == cluster(game, oak[0]).id != cluster(game, knee[0]).id  # type: ignore[union-attr]

    def apart(one: str, other: str) -> float:
        a, b = placement(game, one), placement(game, other)
        assert a is not None
        assert b is not None
        return (a.x - b.x) ** 2 + (a.y - b.y) ** 2

    assert max(apart(late, each) for each in oak) < min(apart(late, each) for each in knee)


def test_a_find_unlike_all_others_stays_alone(game: Game) -> None:
    grouped(game)
    alone = game.settled(
        url=game.page(text="The quarterly figures of the shipping company were better than expected.")
    )
    place(game, alone)
    where = placement(game, alone)
    assert where is not None
    assert where.cluster_id is None
    assert 0 <= where.x <= 1
    assert 0 <= where.y <= 1


def test_the_first_find_of_all_has_a_place(game: Game) -> None:
    game.challenge()
    first = find(game, "oak", 0)
    place(game, first)
    assert placement(game, first).cluster_id is None  # type: ignore[union-attr]


def test_a_cluster_of_other_labels_is_not_joined(game: Game) -> None:
    labels = [{"key": key, "name": key, "statement": key, "help": ""} for key in ("spam", "ham", "phish")]
    game.machine.classes_ = ("spam", "ham", "phish")
    game.challenge(labels=labels, cost=((0, 1, 1), (1, 0, 1), (1, 1, 0)))
    from ..support import texts

    def one(turn: int, label: str) -> str:
        url = game.page(text=texts.same_topic("oak", turn), beliefs=(0.01, 0.98, 0.01))
        return game.settled(label, url=url)

    challenge_id = game.row(one(0, "spam")).challenge_id
    for turn in range(1, 12):
        one(turn, "spam")
    regroup(game, challenge_id)
    other = one(50, "phish")
    place(game, other)
    assert placement(game, other).cluster_id is None  # type: ignore[union-attr]


def test_placing_twice_changes_nothing(game: Game) -> None:
    _, oak, _ = grouped(game)
    before = placement(game, oak[0])
    place(game, oak[0])
    after = placement(game, oak[0])
    assert (before.id, before.x, before.y) == (after.id, after.x, after.y)  # type: ignore[union-attr]
    assert value("SELECT count(*) FROM placement") == 10


@pytest.mark.parametrize("label", ["ham"])
def test_what_is_no_error_has_no_place(game: Game, label: str) -> None:
    game.challenge()
    public_id = game.settled(label)
    place(game, public_id)
    waiting = game.committed()
    place(game, waiting)
    assert value("SELECT count(*) FROM placement") == 0
    place_find(10**9, now=game.clock())


def test_what_is_no_error_any_more_loses_its_place_and_an_empty_cluster_is_retired(game: Game) -> None:
    _, oak, knee = grouped(game)
    game.clock.advance(hours=1)
    for public_id in oak:
        judged_anew(public_id, game, truth="ham", is_error=False)
    with reading() as session:
        waiting = clusters.to_place(session, 100)
    assert waiting == [game.row(public_id).id for public_id in oak]
    for submission_id in waiting:
        place_find(submission_id, now=game.clock())
    assert [placement(game, each) for each in oak] == [None] * 5
    assert value("SELECT count(*) FROM cluster WHERE retired_at IS NOT NULL") == 1
    assert cluster(game, knee[0]).retired_at is None  # type: ignore[union-attr]
    with reading() as session:
        assert clusters.to_place(session, 100) == []


def test_an_error_of_another_label_is_placed_anew(game: Game) -> None:
    _, oak, _ = grouped(game)
    game.clock.advance(hours=1)
    judged_anew(oak[0], game, truth="ham", assigned="spam")
    with reading() as session:
        assert clusters.to_place(session, 100) == [game.row(oak[0]).id]
    place(game, oak[0])
    assert placement(game, oak[0]).cluster_id is None  # type: ignore[union-attr]
    with reading() as session:
        assert clusters.to_place(session, 100) == []


def test_the_sweep_learns_of_errors_without_a_place(game: Game) -> None:
    game.challenge()
    first, second = finds(game, "oak", 2)
    game.settled("ham")
    place(game, first)
    with reading() as session:
        assert clusters.to_place(session, 100) == [game.row(second).id]
