from __future__ import annotations

from collections.abc import Callable

import pytest

from btm.services import regroup_finds as module
from btm.services.due import is_due
from btm.services.edit_cluster import edit_cluster
from btm.services.find_stuck import find_ungrouped
from btm.services.regroup_finds import regroup_finds
from btm.store.clusters import Growth
from btm.store.tables import DbCluster
from btm.store.transaction import reading, transaction

from ..support.databases import value
from ..support.finding import cluster, clusters_now, find, finds, modeler, place, placement, regroup
from ..support.game import Game
from .test_place_find import judged_anew


@pytest.mark.parametrize(
    ("finds_then", "fresh", "due"),
    [(0, 9, False), (0, 10, True), (50, 9, False), (50, 10, True), (1000, 99, False), (1000, 100, True)],
)
def test_ten_finds_and_a_tenth_more_make_another_grouping_worth_it(
    finds_then: int, fresh: int, due: bool
) -> None:
    assert is_due(Growth(1, finds_then, fresh)) is due


def test_finds_are_grouped_by_cause_and_named_by_their_words(game: Game) -> None:
    challenge_id = game.challenge()
    oak, knee = finds(game, "oak", 6), finds(game, "knee", 5)
    game.bell.work["regroup"] = lambda row_id: regroup_finds(row_id, now=game.clock(), new_id=game.new)
    find_ungrouped(now=game.clock())
    assert ("regroup", challenge_id) in game.bell.rung
    first, second = clusters_now(challenge_id)
    assert {cluster(game, each).id for each in oak} == {first.id}  # type: ignore[union-attr]
    assert {cluster(game, each).id for each in knee} == {second.id}  # type: ignore[union-attr]
    from ..support import texts

    assert first.name.split(", ") == first.terms[:3]
    assert {word.lower() for term in first.terms for word in term.split()} <= set(texts.words("oak"))
    assert (first.truth, first.assigned, first.state, first.weight) == ("spam", "ham", "new", 1.0)
    assert set(first.exemplars) <= {game.row(each).id for each in oak}
    game.bell.rung.clear()
    find_ungrouped(now=game.clock())
    assert game.bell.rung == []


def test_too_few_finds_are_not_grouped(game: Game) -> None:
    challenge_id = game.challenge()
    finds(game, "oak", 9)
    assert not regroup(game, challenge_id)
    assert value("SELECT count(*) FROM cluster") == 0
    assert not regroup_finds(10**9, now=game.clock(), new_id=game.new)


def test_a_cluster_keeps_its_id_its_name_and_notes_when_finds_are_grouped_anew(game: Game) -> None:
    challenge_id = game.challenge()
    oak = finds(game, "oak", 6)
    finds(game, "knee", 5)
    regroup(game, challenge_id)
    old, unnamed = clusters_now(challenge_id)
    edit_cluster(
        "spam",
        old.public_id,
        name="Trees",
        notes="Ask the gardener.",
        asker_id=modeler(game),
        now=game.clock(),
    )
    with transaction() as session:
        row = session.get(DbCluster, old.id)
        row.weight, row.prevalence = 1.5, {"share": 0.1}  # type: ignore[union-attr]
        session.get(DbCluster, unnamed.id).state = "fixed"  # type: ignore[union-attr]
    finds(game, "oak", 10, start=50)
    assert regroup(game, challenge_id)
    new, other = clusters_now(challenge_id)
    assert (new.id, new.public_id, new.name, new.notes) == (
        old.id,
        old.public_id,
        "Trees",
        "Ask the gardener.",
    )
    assert (new.weight, new.prevalence, new.state) == (1.5, {"share": 0.1}, "known")
    assert (other.id, other.state) == (unnamed.id, "fixed")
    assert cluster(game, oak[0]).id == old.id  # type: ignore[union-attr]


def test_points_stay_where_they_were(game: Game) -> None:
    challenge_id = game.challenge()
    made = [*finds(game, "oak", 18), *finds(game, "knee", 15)]
    regroup(game, challenge_id)
    before = [(p.x, p.y) for p in (placement(game, each) for each in made) if p]
    place(game, *finds(game, "ship", 10))
    assert regroup(game, challenge_id)
    assert [(p.x, p.y) for p in (placement(game, each) for each in made) if p] == before
    assert value("SELECT count(*) FROM placement") == 43


def test_a_find_that_comes_meanwhile_is_not_lost(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    challenge_id = game.challenge()
    oak = finds(game, "oak", 6)
    finds(game, "knee", 5)
    regroup(game, challenge_id)
    finds(game, "oak", 10, start=50)
    late: list[str] = []
    meanwhile(monkeypatch, lambda: late.append(find(game, "oak", 200)) or place(game, late[0]))
    assert regroup(game, challenge_id)
    assert cluster(game, late[0]).id == cluster(game, oak[0]).id  # type: ignore[union-attr]
    with reading() as session:
        [growth] = module.clusters.growth(session, challenge_id)
    assert growth.fresh == 1


def test_a_find_that_is_judged_anew_meanwhile_does_not_come_back(
    game: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    challenge_id = game.challenge()
    oak = finds(game, "oak", 10)
    meanwhile(monkeypatch, lambda: judged_anew(oak[0], game, truth="ham", is_error=False))
    assert regroup(game, challenge_id)
    assert placement(game, oak[0]) is None
    assert placement(game, oak[1]) is not None


def test_of_two_groupings_at_once_one_counts(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    challenge_id = game.challenge()
    finds(game, "oak", 10)
    inner: list[bool] = []

    def other_process() -> None:
        monkeypatch.setattr(module, "_terms", terms)
        module._busy.clear()
        inner.append(regroup(game, challenge_id))

    terms = module._terms
    meanwhile(monkeypatch, other_process)
    assert not regroup(game, challenge_id)
    assert inner == [True]
    assert value("SELECT count(*) FROM cluster") == 1


def meanwhile(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Let something happen while a grouping is being worked out."""
    terms = module._terms

    def slow(*arguments: object) -> object:
        happens()
        return terms(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "_terms", slow)


def test_a_cluster_without_finds_is_retired_and_revived_when_they_come_back(game: Game) -> None:
    challenge_id = game.challenge()
    oak, knee = finds(game, "oak", 6), finds(game, "knee", 10)
    regroup(game, challenge_id)
    old = cluster(game, oak[0])
    assert old is not None
    game.clock.advance(hours=1)
    for public_id in oak:
        judged_anew(public_id, game, truth="ham", is_error=False)
        place(game, public_id)
    assert [row.id for row in clusters_now(challenge_id)] == [cluster(game, knee[0]).id]  # type: ignore[union-attr]
    game.clock.advance(hours=1)
    for public_id in oak:
        judged_anew(public_id, game, truth="spam", is_error=True)
    finds(game, "knee", 5, start=50)
    assert regroup(game, challenge_id)
    back = cluster(game, oak[0])
    assert back is not None
    assert (back.id, back.retired_at) == (old.id, None)


def test_only_so_many_of_the_newest_are_grouped(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_FINDS", 10)
    challenge_id = game.challenge()
    old = finds(game, "oak", 5)
    finds(game, "knee", 10)
    assert regroup(game, challenge_id)
    assert [placement(game, each) for each in old] == [None] * 5
    assert value("SELECT count(*) FROM placement") == 10
