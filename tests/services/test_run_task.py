from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from btm.rules.errors import Forbidden, Invalid, NotFound, TooMany
from btm.services import run_task as service
from btm.services.find_stuck import find_stuck
from btm.services.handing_over import MOST_OPEN
from btm.services.roles import grant_role
from btm.services.run_task import LEASE, MOST_TRIES, TaskTools, renew_task, run_task
from btm.services.show_machine_report import show_machine_report
from btm.services.show_task import list_tasks, show_task
from btm.services.start_task import start_evaluation, start_training
from btm.services.views_machines import TaskView
from btm.store import tasks
from btm.store.transaction import transaction

from ..support.crowd import at_once, errors
from ..support.databases import value
from ..support.game import Game
from ..support.labelled import as_csv


@pytest.fixture
def modeler(game: Game) -> int:
    """A challenge, its modeler, and a bell that does tasks too."""
    game.challenge()
    account_id = game.player("modeler")
    grant_role("modeler", "modeler", slug="spam", now=game.clock())
    game.bell.work["task"] = lambda row_id: run_task(row_id, tools(game))
    return account_id


def tools(game: Game) -> TaskTools:
    return TaskTools(game.reader, game.snapshots, game.shelf, game.clock)  # type: ignore[arg-type]


def start(game: Game, modeler: int, data: bytes | None = None, **changes: Any) -> str:
    given: dict[str, Any] = {"format": "csv", "name": "mine", "data_name": "C:\\data\\pages.csv"} | changes
    return start_training(
        "spam", as_csv() if data is None else data, asker_id=modeler, snapshots=game.snapshots, now=game.clock(),
        new_id=game.new("task"), **given,
    )  # fmt: skip


def measure(game: Game, modeler: int, data: bytes | None) -> TaskView:
    public_id = start_evaluation(
        "spam", "toy", None, data, format="csv", data_name="held-out.csv", asker_id=modeler, snapshots=game.snapshots,
        now=game.clock(), new_id=game.new("task"),
    )  # fmt: skip
    return show_task(public_id, asker_id=modeler)


def row_id(public_id: str) -> int:
    return value("SELECT id FROM task WHERE public_id = :id", id=public_id)  # type: ignore[return-value]


def test_training_is_rung_for_and_done(game: Game, modeler: int) -> None:
    done = show_task(start(game, modeler, as_csv() + b"egg,x,\n"), asker_id=modeler)
    assert (done.state, done.progress, done.message, done.data_name) == ("done", 1.0, "Done", "pages.csv")
    assert (done.machine_name, done.rows, done.bad_count) == ("mine", 60, 1)
    assert "the labels are" in done.bad_rows[0].reason
    assert done.bad_rows[0].number == 61
    report = show_machine_report("mine", done.machine_version, evaluation_id=done.evaluation_id)
    assert report.machine.made_by == "modeler"


def test_measuring_with_a_file_and_with_verified_probes(game: Game, modeler: int) -> None:
    with_file = measure(game, modeler, as_csv())
    assert (with_file.state, with_file.rows) == ("done", 60)
    with pytest.raises(Invalid, match="No probe of this challenge was verified yet"):
        measure(game, modeler, None)
    game.settled()
    assert measure(game, modeler, None).rows == 1
    assert [task.state for task in list_tasks("spam", asker_id=modeler)] == ["done", "done"]


def test_what_is_wrong_with_a_file_is_said_at_once(game: Game, modeler: int) -> None:
    for data, says in ((b"", "first row"), (b"a,b\n1,2\n", "column label"), (b"PK\x03\x04", "compressed")):
        with pytest.raises(Invalid, match=says):
            start(game, modeler, data)
    with pytest.raises(Invalid) as caught:
        start(game, modeler, name="No Name")
    assert caught.value.field == "name"
    with pytest.raises(Forbidden):
        start(game, game.player())
    assert value("SELECT count(*) FROM task") == 0


def test_a_file_with_too_few_rows_fails_with_a_sentence_and_the_bad_rows(game: Game, modeler: int) -> None:
    failed = show_task(start(game, modeler, as_csv(5) + b"egg,x,\n"), asker_id=modeler)
    assert failed.state == "failed"
    assert "at least 10 of each label" in failed.message
    assert (failed.rows, failed.bad_count) == (10, 1)


def test_a_task_rung_twice_is_done_once(game: Game, modeler: int) -> None:
    public_id = start(game, modeler)
    first = show_task(public_id, asker_id=modeler)
    run_task(row_id(public_id), tools(game))
    assert show_task(public_id, asker_id=modeler) == first


def test_a_task_rung_for_by_many_at_once_is_done_once(game: Game, modeler: int) -> None:
    game.bell.hold()
    number = row_id(start(game, modeler))
    assert errors(at_once(game.app, [lambda: run_task(number, tools(game)) for _ in range(4)])) == []
    assert value("SELECT fence FROM task") == 1
    assert value("SELECT count(*) FROM machine WHERE name = 'mine'") == 1
    assert value("SELECT state FROM task") == "done"


def test_a_task_whose_worker_was_killed_is_done_by_the_sweep(game: Game, modeler: int) -> None:
    game.bell.hold()
    public_id = start(game, modeler)
    with transaction() as session:
        assert tasks.take_task(session, row_id(public_id), game.clock(), game.clock() + LEASE)
    game.bell.let_go()
    find_stuck(now=game.clock.advance(seconds=60))
    assert show_task(public_id, asker_id=modeler).state == "running", "its lease has not run out"
    find_stuck(now=game.clock.advance(seconds=60))
    assert show_task(public_id, asker_id=modeler).state == "done"


def test_a_task_that_kills_its_worker_every_time_is_given_up(game: Game, modeler: int) -> None:
    game.bell.hold()
    public_id = start(game, modeler)
    for _ in range(MOST_TRIES):
        with transaction() as session:
            assert tasks.take_task(session, row_id(public_id), game.clock(), game.clock() + LEASE)
        game.clock.advance(minutes=5)
    game.bell.let_go()
    find_stuck(now=game.clock.advance(minutes=5))
    assert "interrupted several times" in show_task(public_id, asker_id=modeler).message


def test_a_worker_that_lost_its_task_writes_nothing(
    game: Game, modeler: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(*_: object, **__: object) -> None:
        with transaction() as session:
            later = game.clock.advance(minutes=5)
            assert tasks.take_task(session, row_id("task000099"), later, later + timedelta(minutes=5))
        raise ZeroDivisionError

    game.new = lambda kind="id": "task000099"  # type: ignore[method-assign]
    monkeypatch.setattr(service, "fit", overtaken)
    start(game, modeler)
    assert show_task("task000099", asker_id=modeler).state == "running"
    assert value("SELECT fence FROM task") == 2


def test_a_fault_of_our_own_is_told_kindly(game: Game, modeler: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(service, "fit", fail)
    failed = show_task(start(game, modeler), asker_id=modeler)
    assert (failed.state, "secret" in failed.message) == ("failed", False)
    assert "on our side" in failed.message


def test_a_held_task_can_be_renewed_and_a_lost_one_cannot(game: Game, modeler: int) -> None:
    game.bell.hold()
    number = row_id(start(game, modeler))
    with transaction() as session:
        taken = tasks.take_task(session, number, game.clock(), game.clock() + LEASE)
    assert taken is not None
    assert renew_task(number, taken.fence, game.clock.advance(seconds=80))
    find_stuck(now=game.clock.advance(seconds=80))
    assert value("SELECT fence FROM task") == 1
    assert not renew_task(number, taken.fence - 1, game.clock())


def test_a_challenge_has_a_few_open_tasks_at_most(game: Game, modeler: int) -> None:
    game.bell.hold()
    for _ in range(MOST_OPEN):
        start(game, modeler)
    with pytest.raises(TooMany):
        start(game, modeler)


def test_a_task_is_seen_by_the_challenges_modelers_only(game: Game, modeler: int) -> None:
    public_id = start(game, modeler)
    with pytest.raises(NotFound):
        show_task(public_id, asker_id=game.player())
    with pytest.raises(NotFound):
        show_task("no", asker_id=modeler)
    with pytest.raises(Forbidden):
        list_tasks("spam", asker_id=game.player())
