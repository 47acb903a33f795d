from __future__ import annotations

import pytest

from btm.rules.errors import Forbidden, Invalid, NotFound
from btm.services.activate_machine import activate_machine
from btm.services.find_stuck import find_stuck
from btm.services.list_machine_versions import list_machine_versions
from btm.services.machines import _loaded
from btm.services.views_machines import MachineVersionView
from classifiers.machine import Checked, MachineUnavailable

from ..support.fakes import FakeMachine
from ..support.game import LABELS, Game


def second_version(game: Game, slug: str = "other") -> FakeMachine:
    """Another version of the toy machine, in a challenge of its own."""
    machine = FakeMachine(version="2")
    game.challenge(slug, machine=machine)
    return machine


def activate(
    game: Game, name: str = "toy", version: str | None = None, asker_id: int | None = None
) -> MachineVersionView:
    return activate_machine("spam", name, version, asker_id=asker_id, shelf=game.shelf, now=game.clock())


def test_new_submissions_are_quoted_by_the_new_version_and_old_quotes_stay(game: Game) -> None:
    game.challenge()
    machine = second_version(game)
    old = game.committed()
    before = game.row(old).quote
    view = activate(game)
    url = game.page()
    machine.believe(url, (0.3, 0.7))
    new = game.quoted(url=url)
    assert view.challenges == ("other", "spam")
    assert before is not None
    after, fresh = game.row(old).quote, game.row(new).quote
    assert after is not None
    assert fresh is not None
    assert (after.machine.version, after.points) == ("1", before.points)
    assert (fresh.machine.version, fresh.probabilities) == ("2", [0.3, 0.7])


def test_a_version_is_named_or_the_newest_is_taken(game: Game) -> None:
    game.challenge()
    second_version(game)
    assert activate(game).version == "2"
    assert activate(game, version="1").version == "1"
    with pytest.raises(NotFound, match="no version 9; its newest is 2"):
        activate(game, version="9")
    with pytest.raises(NotFound):
        activate(game, "nobody")


def test_a_machine_with_other_labels_is_refused_with_a_sentence(game: Game) -> None:
    game.challenge()
    other = FakeMachine(("cat", "dog"), version="3")
    game.challenge(
        "pets", machine=other, labels=[{**LABELS[0], "key": "cat"}, {**LABELS[1], "key": "dog"}], target="cat"
    )
    with pytest.raises(Invalid, match="knows the labels cat, dog, and the challenge has ham, spam"):
        activate(game, version="3")


def test_a_machine_that_does_not_load_is_refused_with_a_sentence(game: Game) -> None:
    game.challenge()
    second_version(game)
    _loaded.clear()
    with pytest.raises(Invalid, match="cannot play"):
        activate(game)


def test_only_modelers_of_the_challenge_activate(game: Game) -> None:
    game.challenge()
    with pytest.raises(Forbidden):
        activate(game, asker_id=game.player())


def test_submissions_that_wait_for_the_machine_before_are_quoted_by_the_new_one(game: Game) -> None:
    game.challenge()
    second_version(game)
    game.machine.trouble = MachineUnavailable("down", retry_after=300)
    waiting = [game.submitted() for _ in range(3)]
    assert {game.view(each).step for each in waiting} == {"waiting"}
    activate(game)
    find_stuck(now=game.clock.advance(seconds=4))
    assert {game.view(each).state for each in waiting} <= {"quoted", "refused"}


def test_the_list_names_every_version_and_those_that_fit(game: Game) -> None:
    game.challenge()
    second_version(game)
    other = FakeMachine(("cat", "dog"))
    other.name = "pets"  # type: ignore[misc]
    game.challenge(
        "pets", machine=other, labels=[{**LABELS[0], "key": "cat"}, {**LABELS[1], "key": "dog"}], target="cat"
    )
    assert [(v.name, v.version) for v in list_machine_versions()] == [
        ("pets", "1"),
        ("toy", "2"),
        ("toy", "1"),
    ]
    assert [v.version for v in list_machine_versions("toy")] == ["2", "1"]
    assert {v.name for v in list_machine_versions(slug="spam")} == {"toy"}
    assert list_machine_versions("toy")[1].challenges == ("spam",)
    with pytest.raises(NotFound):
        list_machine_versions("nobody")
    assert Checked(other).name == "pets"
