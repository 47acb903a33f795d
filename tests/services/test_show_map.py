from __future__ import annotations

import pytest

from btm.rules.errors import Forbidden, Invalid, NotFound
from btm.services.edit_cluster import edit_cluster
from btm.services.show_map import show_map
from btm.store.tables import DbMachine, DbReplay
from btm.store.transaction import transaction

from ..support.counting import counted
from ..support.finding import cluster, finds, modeler, place, regroup
from ..support.game import Game
from .test_place_find import grouped


def replayed(game: Game, *public_ids: str, version: str = "2", wrong: bool, plays: bool = True) -> None:
    """Another machine version says of these finds whether they are errors still; from now on it plays, where that is asked."""
    with transaction() as session:
        machine = session.query(DbMachine).filter_by(name="toy", version=version).one_or_none()
        if machine is None:
            machine = DbMachine(
                name="toy",
                version=version,
                kind="default",
                labels=["spam", "ham"],
                card={},
                created_at=game.clock(),
            )
            session.add(machine)
            session.flush()
        challenge_id = game.row(public_ids[0]).challenge_id
        for public_id in public_ids:
            session.add(
                DbReplay(
                    machine_id=machine.id, submission_id=game.row(public_id).id, assigned="ham" if wrong else "spam",
                    probabilities=[0.3, 0.7] if wrong else [0.7, 0.3], is_wrong=wrong, severity=0.7 if wrong else 0.3,
                    replayed_at=game.clock(),
                )
            )  # fmt: skip
        if plays:
            from btm.store.tables import DbChallenge

            session.get(DbChallenge, challenge_id).machine_id = machine.id  # type: ignore[union-attr]


def test_the_map_has_a_point_for_each_find_and_a_card_for_each_cluster(game: Game) -> None:
    _, oak, knee = grouped(game)
    late = game.settled(url=game.page(text="The quarterly figures of the shipping company were good."))
    view = show_map("spam", asker_id=modeler(game))
    assert [point.public_id for point in view.points] == [*oak, *knee]
    first = cluster(game, oak[0])
    assert first is not None
    assert [point.cluster for point in view.points[:5]] == [first.public_id] * 5
    point = view.points[0]
    assert (point.title, point.state, point.severity) == ("oak 0", "new", pytest.approx(0.98))
    assert point.host.endswith(".example")
    assert (view.total, view.waiting, view.lone, view.grouped_at) == (11, 1, 0, game.clock())
    place(game, late)
    again = show_map("spam", asker_id=None)
    assert (again.lone, again.points[-1].cluster) == (1, "")
    card = next(card for card in again.clusters if card.public_id == first.public_id)
    assert (card.size, card.finders, card.bands, card.open_share) == (5, 5, (0, 0, 0, 5), 1.0)
    assert (card.truth.key, card.assigned.key, card.is_named, card.common) == ("spam", "ham", False, None)
    assert card.is_active
    assert card.first_at == card.last_at == game.clock()


def test_a_find_that_the_machine_of_today_gets_right_is_fixed(game: Game) -> None:
    _, oak, knee = grouped(game)
    replayed(game, *oak[:3], wrong=False)
    replayed(game, *oak[3:], wrong=True)
    view = show_map("spam", asker_id=None)
    assert [point.state for point in view.points] == ["fixed"] * 3 + ["known"] * 2 + ["new"] * 5
    shares = {card.public_id: card.open_share for card in view.clusters}
    assert shares[cluster(game, oak[0]).public_id] == pytest.approx(0.4)  # type: ignore[union-attr]
    assert shares[cluster(game, knee[0]).public_id] is None  # type: ignore[union-attr]


def test_a_map_without_finds_is_empty(game: Game) -> None:
    game.challenge()
    view = show_map("spam", asker_id=None)
    assert (view.points, view.clusters, view.total, view.grouped_at) == ((), (), 0, None)


def test_the_map_asks_the_database_the_same_number_of_questions_however_much_there_is(game: Game) -> None:
    challenge_id = game.challenge()
    with counted() as few:
        show_map("spam", asker_id=None)
    made = [*finds(game, "oak", 5), *finds(game, "knee", 5)]
    place(game, *made)
    regroup(game, challenge_id)
    with counted() as many:
        show_map("spam", asker_id=None)
    assert len(few) == len(many) <= 8


def test_the_corpus_is_for_modelers(game: Game) -> None:
    _, oak, _ = grouped(game)
    row = cluster(game, oak[0])
    assert row is not None
    with pytest.raises(Forbidden):
        show_map("spam", asker_id=game.player())
    with pytest.raises(Forbidden):
        edit_cluster("spam", row.public_id, name="x", notes="", asker_id=game.player(), now=game.clock())
    with pytest.raises(NotFound):
        show_map("nowhere", asker_id=None)


def test_a_cluster_is_named_and_an_empty_name_gives_it_back_its_own(game: Game) -> None:
    _, oak, _ = grouped(game)
    row, asker = cluster(game, oak[0]), modeler(game)
    assert row is not None

    def card(name: str, notes: str = "") -> tuple[str, bool, str]:
        edit_cluster("spam", row.public_id, name=name, notes=notes, asker_id=asker, now=game.clock())
        [found] = [
            each for each in show_map("spam", asker_id=asker).clusters if each.public_id == row.public_id
        ]
        return found.name, found.is_named, found.state

    assert card(row.name) == (row.name, False, "new")
    assert card("  Trees,\n not drugs ") == ("Trees, not drugs", True, "known")
    assert card("") == (row.name, False, "known")
    with pytest.raises(Invalid, match="120"):
        card("x" * 121)
    with pytest.raises(Invalid, match="Notes"):
        card("x", "y" * 4001)
    with pytest.raises(NotFound):
        edit_cluster("spam", "nothing", name="", notes="", asker_id=asker, now=game.clock())
