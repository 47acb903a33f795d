from __future__ import annotations

import pytest

from btm.rules.errors import Forbidden, Invalid, NotFound
from btm.services import machines
from btm.services.activate_machine import activate_machine
from btm.services.making import MadeMachine
from btm.services.show_machine_report import show_machine_report
from btm.services.train_machine import train_machine
from btm.store.challenges import find_machine
from btm.store.transaction import reading
from classifiers.page import Page

from ..support.databases import value
from ..support.game import Game
from ..support.labelled import labelled, sentence


def train(
    game: Game, name: str = "mine", each: int = 30, asker_id: int | None = None, source: str = ""
) -> MadeMachine:
    return train_machine(
        "spam", labelled(each, source), name=name, data_name="pages.csv", asker_id=asker_id, snapshots=game.snapshots,
        now=game.clock(),
    )  # fmt: skip


def test_a_machine_is_trained_measured_and_kept(game: Game) -> None:
    game.challenge()
    made = train(game)
    assert (made.machine.name, made.machine.kind, set(made.machine.labels)) == (
        "mine",
        "trained",
        {"spam", "ham"},
    )
    assert made.held_out == 12
    report = show_machine_report("mine")
    assert report.evaluation is not None
    assert (report.evaluation.data, report.evaluation.rows) == ("held out from pages.csv", 12)
    assert report.accuracy == 1.0
    assert {term.term for term in report.terms["spam"]} & {"offer", "prize", "cheap", "winner", "click"}
    assert report.card["training_pages"] == {"ham": 24, "spam": 24}


def test_the_same_rows_give_the_same_version_and_nothing_is_written_twice(game: Game) -> None:
    game.challenge()
    first, second = train(game), train(game)
    assert first == second
    assert value("SELECT count(*) FROM machine WHERE name = 'mine'") == 1
    assert value("SELECT count(*) FROM evaluation") == 1
    assert len(game.snapshots.bodies) == 2, "the machine, and the rows for later rounds"
    assert train(game, each=40).machine.version != first.machine.version


def test_a_trained_machine_plays_from_the_cache_and_from_the_store(game: Game) -> None:
    game.challenge()
    made = train(game)
    activate_machine("spam", "mine", asker_id=None, shelf=game.shelf, now=game.clock())
    with reading() as session:
        row = find_machine(session, "mine")
    assert row is not None
    folder = game.database.settings.machine_dir / row.location["artifact"]
    page = Page(text=sentence("spam", 99))
    spam = list(made.machine.labels).index("spam")
    assert game.shelf.get(row).predict_proba([page])[0][spam] > 0.8
    (folder / "coef.npy").write_bytes(b"damaged")
    machines._loaded.clear()
    assert game.shelf.get(row).predict_proba([page])[0][spam] > 0.8, (
        "a damaged copy is replaced from the store"
    )
    url = game.page(text=sentence("ham", 99))
    assert game.view(game.submitted(url=url)).quote is not None


@pytest.mark.parametrize("name", ["", "x", "Has Space", "über", "a" * 61, "-a-", "../x"])
def test_a_name_that_is_none_is_refused(game: Game, name: str) -> None:
    game.challenge()
    with pytest.raises(Invalid) as caught:
        train(game, name)
    assert caught.value.field == "name"


def test_the_name_of_a_shipped_machine_is_taken(game: Game) -> None:
    game.challenge()
    with pytest.raises(Invalid, match="toy-2"):
        train(game, "toy")


def test_too_few_rows_of_a_label_are_said_with_what_to_do(game: Game) -> None:
    game.challenge()
    with pytest.raises(Invalid, match="at least 10 of each label") as caught:
        train(game, each=9)
    assert caught.value.field == "data"


def test_rows_that_all_come_from_one_source_are_still_split(game: Game) -> None:
    game.challenge()
    assert train(game, source="a.example").held_out == 12


def test_only_the_challenges_modelers_train(game: Game) -> None:
    from btm.services.roles import grant_role

    game.challenge()
    game.challenge("other")
    stranger, modeler = game.player("stranger"), game.player("modeler")
    grant_role("modeler", "modeler", slug="spam", now=game.clock())
    grant_role("stranger", "modeler", slug="other", now=game.clock())
    with pytest.raises(Forbidden):
        train(game, asker_id=stranger)
    assert train(game, asker_id=modeler).machine.made_by == "modeler"
    with pytest.raises(NotFound):
        train_machine(
            "no", [], name="mine", data_name="x", asker_id=None, snapshots=game.snapshots, now=game.clock()
        )
