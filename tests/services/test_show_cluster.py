from __future__ import annotations

import pytest

from btm.rules.errors import Forbidden, Invalid, NotFound
from btm.services import show_cluster as module
from btm.services.edit_cluster import edit_cluster
from btm.services.show_cluster import show_cluster
from btm.services.views_clusters import ClusterView
from btm.store.tables import DbRecheck
from btm.store.transaction import transaction

from ..support.finding import cluster, find, modeler, place
from ..support.game import Game
from .test_place_find import grouped, judged_anew
from .test_show_map import replayed


def view(game: Game, public_id: str, cursor: str | None = None) -> ClusterView:
    row = cluster(game, public_id)
    assert row is not None
    return show_cluster("spam", row.public_id, asker_id=None, cursor=cursor, now=game.clock())


def test_a_cluster_s_page_says_what_it_is_and_who_finds_it_where(game: Game) -> None:
    _, oak, _ = grouped(game)
    row, asker = cluster(game, oak[0]), modeler(game)
    assert row is not None
    edit_cluster(
        "spam", row.public_id, name="Trees", notes="All about oaks.", asker_id=asker, now=game.clock()
    )
    page = show_cluster("spam", row.public_id, asker_id=asker, now=game.clock())
    assert (page.card.name, page.notes, page.card.size) == ("Trees", "All about oaks.", 5)
    assert [each.public_id for each in page.finds] == oak[::-1]
    assert {each.public_id for each in page.exemplars} == set(oak)
    assert [game.row(each.public_id).id for each in page.exemplars] == row.exemplars
    assert len(page.sites) == 5
    assert page.languages == (("en", 5),)
    assert [(each.machine, each.version, each.wrong, each.total) for each in page.versions] == [
        ("toy", "1", 5, 5)
    ]
    [(week, count)] = page.per_week
    assert (week.weekday(), week.hour, count) == (0, 0, 5)
    assert week <= game.clock()


def test_whether_players_still_find_it(game: Game) -> None:
    _, oak, _ = grouped(game)
    assert view(game, oak[0]).card.is_active
    game.clock.advance(days=15)
    assert not view(game, oak[0]).card.is_active
    late = find(game, "oak", 50)
    place(game, late)
    again = view(game, oak[0])
    assert again.card.is_active
    assert (again.card.last_at - again.card.first_at).days == 15
    assert [count for _, count in again.per_week] == [5, 0, 1]


def test_later_machine_versions_are_listed_in_order(game: Game) -> None:
    _, oak, _ = grouped(game)
    replayed(game, *oak[:4], version="2", wrong=False)
    replayed(game, oak[4], version="2", wrong=True)
    replayed(game, *oak, version="3", wrong=True)
    page = view(game, oak[0])
    assert [(each.version, each.wrong, each.total) for each in page.versions] == [
        ("1", 5, 5),
        ("2", 1, 5),
        ("3", 5, 5),
    ]


def test_finds_that_changed_since_are_counted_and_marked(game: Game) -> None:
    _, oak, knee = grouped(game)
    with transaction() as session:
        for public_id, states in {
            oak[0]: ["changed", "same"],
            oak[1]: ["same", "changed"],
            oak[2]: ["gone"],
            knee[0]: ["gone"],
        }.items():
            for state in states:
                session.add(
                    DbRecheck(
                        submission_id=game.row(public_id).id,
                        state=state,
                        status=200,
                        similarity=None,
                        checked_at=game.clock(),
                    )
                )
                session.flush()
    page = view(game, oak[0])
    assert (page.changed, page.gone) == (1, 1)
    assert page.rechecks == {oak[0]: "same", oak[1]: "changed", oak[2]: "gone"}


def test_many_finds_come_in_pages(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIMIT", 3)
    _, oak, _ = grouped(game)
    first = view(game, oak[0])
    second = view(game, oak[0], first.cursor)
    assert [each.public_id for each in (*first.finds, *second.finds)] == oak[::-1]
    assert second.cursor is None
    with pytest.raises(Invalid):
        view(game, oak[0], "broken")


def test_a_cluster_of_another_challenge_or_without_finds_is_not_there(game: Game) -> None:
    _, oak, _ = grouped(game)
    game.challenge("other")
    row = cluster(game, oak[0])
    assert row is not None
    for slug, public_id in (("other", row.public_id), ("spam", "nothing"), ("nowhere", row.public_id)):
        with pytest.raises(NotFound):
            show_cluster(slug, public_id, asker_id=None, now=game.clock())
    with pytest.raises(Forbidden):
        show_cluster("spam", row.public_id, asker_id=game.player(), now=game.clock())
    for public_id in oak:
        judged_anew(public_id, game, truth="ham", is_error=False)
        place(game, public_id)
    with pytest.raises(NotFound):
        show_cluster("spam", row.public_id, asker_id=None, now=game.clock())
