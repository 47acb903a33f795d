from __future__ import annotations

from typing import Any

import pytest

from btm.rules.errors import Conflict
from btm.services import replay_corpus as service
from btm.services.activate_machine import activate_machine
from btm.services.find_stuck import find_stuck
from btm.services.replay_corpus import replay_corpus
from btm.services.run_task import run_task
from btm.services.show_task import list_tasks
from btm.store.tables import DbMachine
from btm.store.transaction import reading, transaction
from classifiers.errors import MachineUnavailable

from ..support import rounds as support
from ..support.databases import rows, value
from ..support.fakes import FakeMachine
from ..support.game import Game
from ..support.rounds import add_finds, states


class Told(FakeMachine):
    """A version of the toy machine that is right about a share of each cause's finds, as they were added."""

    def __init__(self, version: str, wrong: dict[str, int]) -> None:
        super().__init__(version=version)
        self.asked = 0
        self.wrong = wrong

    def know(self, game: Game) -> Told:
        for cause, wrong in self.wrong.items():
            found = rows(
                "SELECT page.final_url FROM placement JOIN cluster ON cluster.id = placement.cluster_id "
                "JOIN submission ON submission.id = placement.submission_id JOIN page ON page.id = submission.page_id "
                "WHERE cluster.name = :cause ORDER BY placement.id",
                cause=cause,
            )
            for at, (url,) in enumerate(found):
                self.believe(str(url), (0.1, 0.9) if at < wrong else (0.9, 0.1))
        return self

    def predict_proba(self, pages: Any) -> Any:
        self.asked += len(pages)
        return super().predict_proba(pages)


@pytest.fixture
def corpus(game: Game) -> int:
    """Two causes of ten finds over the toy machine. Returns the challenge's row id."""
    challenge_id = game.challenge()
    support.with_worker(game)
    add_finds(game, "chess", 10)
    add_finds(game, "opera", 10)
    return challenge_id


def version(game: Game, number: str, **wrong: int) -> Told:
    """Another version, in a challenge of its own."""
    machine = Told(number, wrong).know(game)
    game.challenge(f"other-{number}", machine=machine)
    return machine


def play(game: Game, number: str) -> None:
    activate_machine("spam", "toy", number, asker_id=None, shelf=game.shelf, now=game.clock.advance(hours=1))


def machine_id(number: str) -> int:
    return int(str(value("SELECT id FROM machine WHERE name = 'toy' AND version = :v", v=number)))


def replay(game: Game, challenge_id: int, number: str) -> int:
    return replay_corpus(challenge_id, machine_id(number), shelf=game.shelf, clock=game.clock)


def test_a_version_that_plays_is_asked_about_every_find(game: Game, corpus: int) -> None:
    version(game, "2", chess=1, opera=5)
    play(game, "2")
    found = rows("SELECT is_wrong, severity, assigned FROM replay ORDER BY id")
    assert sorted(str(each[0]) for each in found).count(str(found[0][0])) == 6
    assert {(round(float(str(each[1])), 2), each[2]) for each in found} == {(0.9, "ham"), (0.1, "spam")}
    assert states() == {"chess": "fixed", "opera": "known"}
    [task] = list_tasks("spam", asker_id=modeler(game))
    assert (task.kind, task.state, task.rows, task.machine_name) == ("replay", "done", 20, "")


def modeler(game: Game) -> int:
    from btm.services.roles import grant_role

    account_id = game.player("modeler")
    grant_role("modeler", "modeler", slug="spam", now=game.clock())
    return account_id


def test_a_cluster_is_fixed_regresses_and_is_fixed_again(game: Game, corpus: int) -> None:
    for number, wrong in (("2", 0), ("3", 2), ("4", 3), ("5", 2), ("6", 1)):
        version(game, number, chess=wrong, opera=10)
    seen = []
    for number in "23456":
        play(game, number)
        seen.append(states()["chess"])
    assert seen == ["fixed", "fixed", "regressed", "regressed", "fixed"]
    assert states()["opera"] == "known"


def test_replaying_again_asks_nothing_and_changes_nothing(game: Game, corpus: int) -> None:
    machine = version(game, "2", chess=0, opera=10)
    play(game, "2")
    before = rows("SELECT * FROM replay ORDER BY id"), states()
    assert machine.asked == 20
    assert replay(game, corpus, "2") == 0
    assert (rows("SELECT * FROM replay ORDER BY id"), states()) == before
    assert machine.asked == 20


def test_going_back_reuses_what_was_said(game: Game, corpus: int) -> None:
    machine = version(game, "2", chess=0, opera=10)
    version(game, "3", chess=10, opera=10)
    play(game, "2")
    play(game, "3")
    assert states()["chess"] == "regressed"
    play(game, "2")
    assert machine.asked == 20
    assert states()["chess"] == "fixed"


def test_a_replay_that_was_interrupted_goes_on_where_it_was(
    game: Game, corpus: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    machine = version(game, "2", chess=0, opera=10)
    game.bell.hold()
    play(game, "2")
    number = int(str(value("SELECT id FROM task WHERE kind = 'replay'")))
    monkeypatch.setattr(service, "BATCH", 8)
    real, batches = machine.predict_proba, []

    def dies(pages: Any) -> Any:
        batches.append(len(pages))
        if len(batches) == 3:
            raise Killed
        return real(pages)

    monkeypatch.setattr(machine, "predict_proba", dies)
    with pytest.raises(Killed):
        run_task(number, support.tools(game))
    assert (value("SELECT count(*) FROM replay"), states()["chess"]) == (16, "known")
    game.bell.let_go()
    find_stuck(now=game.clock.advance(minutes=5))
    assert batches == [8, 8, 4, 4]
    assert (value("SELECT count(*) FROM replay"), states()["chess"]) == (20, "fixed")


def test_a_version_that_plays_no_more_changes_no_state(game: Game, corpus: int) -> None:
    version(game, "2", chess=0, opera=0)
    assert replay(game, corpus, "2") == 20
    assert states() == {"chess": "known", "opera": "known"}


def test_finds_verified_later_are_asked_about_the_next_time(game: Game, corpus: int) -> None:
    machine = version(game, "2", chess=0, opera=10)
    play(game, "2")
    add_finds(game, "chess", 20, start=10)
    machine.wrong["chess"] = 0
    machine.know(game)
    assert replay(game, corpus, "2") == 20
    assert states()["chess"] == "fixed"


def test_a_find_whose_verdict_changed_is_asked_about_anew(game: Game, corpus: int) -> None:
    from btm.store.tables import DbOutcome

    machine = version(game, "2", chess=0, opera=10)
    play(game, "2")
    with transaction() as session:
        first = session.query(DbOutcome).order_by(DbOutcome.id).first()
        assert first is not None
        first.truth, first.assigned, first.settled_at = "ham", "spam", game.clock.advance(days=1)
        submission_id = first.submission_id
    assert replay(game, corpus, "2") == 1
    assert machine.asked == 21
    found = rows("SELECT is_wrong, assigned FROM replay WHERE submission_id = :id", id=submission_id)
    assert [(bool(wrong), assigned) for wrong, assigned in found] == [(True, "spam")]


def test_a_machine_that_does_not_answer_leaves_the_replay_for_later(game: Game, corpus: int) -> None:
    machine = version(game, "2", chess=0, opera=10)
    machine.trouble = MachineUnavailable("The machine is away.", 5.0)
    play(game, "2")
    assert value("SELECT state FROM task") == "failed"
    with pytest.raises(Conflict, match="Activate the version again"):
        replay(game, corpus, "2")
    machine.trouble = None
    play(game, "2")
    assert states()["chess"] == "fixed"


def test_probabilities_are_kept_in_the_order_of_the_challenges_labels(game: Game, corpus: int) -> None:
    machine = FakeMachine(("ham", "spam"), version="2")
    game.challenge("other", machine=machine)
    with reading() as session:
        row = session.query(DbMachine).filter_by(version="2").one()
    assert row.labels == ["ham", "spam"]
    for (url,) in rows("SELECT final_url FROM page"):
        machine.believe(str(url), (0.3, 0.7))
    replay(game, corpus, "2")
    with reading() as session:
        from btm.store.tables import DbReplay

        kept = session.query(DbReplay).all()
    assert {(tuple(each.probabilities), each.assigned, each.is_wrong) for each in kept} == {
        ((0.7, 0.3), "spam", False)
    }


def test_a_challenge_without_finds_has_nothing_to_replay(game: Game) -> None:
    game.challenge()
    game.challenge("other", machine=FakeMachine(version="2"))
    play(game, "2")
    assert value("SELECT count(*) FROM task") == 0
