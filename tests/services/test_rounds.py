from __future__ import annotations

from typing import Any

import pytest

from btm.rules.errors import Conflict, Forbidden, Invalid, NotFound
from btm.services import run_round as service
from btm.services.find_stuck import find_stuck
from btm.services.roles import grant_role
from btm.services.run_task import LEASE, MOST_TRIES, run_task
from btm.services.show_machine_report import show_machine_report
from btm.services.show_rounds import show_round, show_rounds
from btm.services.views_clusters import RoundView
from btm.store import tasks
from btm.store.tables import DbMachine
from btm.store.transaction import reading, transaction
from classifiers.errors import MachineUnavailable
from classifiers.page import Page

from ..support import rounds as support
from ..support.crowd import at_once, errors
from ..support.databases import rows, value
from ..support.game import Game
from ..support.rounds import (
    add_corpus,
    add_finds,
    add_inspected,
    add_right,
    find_text,
    play_trained,
    start,
)


@pytest.fixture
def trained(game: Game) -> Game:
    """A challenge over a machine that was trained here, and a corpus that a round can learn from."""
    game.challenge()
    support.with_worker(game)
    play_trained(game)
    add_corpus(game)
    return game


def one(public_id: str) -> RoundView:
    return show_round("spam", public_id, asker_id=None)


def machine_of(view: RoundView) -> DbMachine:
    name, version = view.candidate.split()
    with reading() as session:
        return session.query(DbMachine).filter_by(name=name, version=version).one()


def test_a_round_trains_measures_and_recommends(trained: Game) -> None:
    add_inspected(trained, "ham", 5)
    view = one(start(trained))
    assert (view.state, view.kind, view.number, view.recommendation) == (
        "ready",
        "candidate",
        1,
        "promote",
    ), view.message
    assert view.candidate.startswith("toy-own ")
    assert view.candidate != view.base
    assert [(each.key, each.pages) for each in view.sets] == [("natural", 200), ("audit", 5), ("corpus", 24)]
    wrong = {name: (before, after) for name, before, after, _, _ in view.sets[2].figures}["wrong"]
    assert wrong[0] is not None
    assert wrong[1] is not None
    assert wrong[1] < 0.2 < 0.9 < wrong[0]
    assert len(view.clusters) == 3
    assert {each.name for each in view.clusters} < set(support.CAUSES)
    assert {each.public_id for each in view.clusters} == {f"c-{each.name}" for each in view.clusters}
    assert (view.may_promote, view.may_roll_back, view.progress) == (True, False, None)
    assert value("SELECT machine_id FROM challenge") != machine_of(view).id, (
        "nothing plays before somebody promotes it"
    )


def test_the_new_version_is_kept_with_its_card_and_its_measurement(trained: Game) -> None:
    view = one(start(trained))
    name, version = view.candidate.split()
    report = show_machine_report(name, version)
    assert report.evaluation is not None
    assert (report.evaluation.data, report.evaluation.rows) == ("held out from natural traffic", 200)
    assert report.card["learning"]["finds"] == 24  # type: ignore[index]
    answer = trained.shelf.get(machine_of(view)).predict_proba([Page(text=find_text("knitting", 99))])
    assert answer.shape == (1, 2)


def test_without_natural_traffic_the_fifth_that_training_held_out_is_measured_on(game: Game) -> None:
    game.challenge()
    support.with_worker(game)
    play_trained(game, each=500)
    add_corpus(game)
    view = one(start(game, natural=None))
    assert view.sets[0].pages == 200
    assert view.recommendation == "promote", view.reasons
    with reading() as session:
        base = session.query(DbMachine).filter_by(name="toy-own").order_by(DbMachine.id).first()
    assert base is not None
    held = trained_texts(game, base)
    assert held == trained_texts(game, machine_of(view)), (
        "the same base data, from where the machine before kept it"
    )


def trained_texts(game: Game, machine: DbMachine) -> set[str]:
    from btm.services.kept_rows import unpack_rows

    return {row.page.text for row in unpack_rows(game.snapshots.get(machine.location["data"]["base"]["key"]))}


def test_nothing_that_is_measured_on_was_trained_on(trained: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    real = service.split
    monkeypatch.setattr(service, "split", lambda *given: seen.append(real(*given)) or seen[-1])
    add_inspected(trained, "ham", 5)
    add_right(trained, "ham", 5)
    everything = support.csv_of(60, 0) + b"".join(
        support.csv_of(5, at)[len(support.HEADER) + 1 :] for at in (50_000, 70_000)
    )
    assert one(start(trained, data=everything, natural=None)).state == "ready"
    [sets] = seen
    learned = {each.page.text for each in (*sets.ordinary, *sets.corpus, *sets.probes)}
    held = [each.page.text for examples in sets.held.values() for each in examples]
    measured = {*held, *(each.page.text for each in sets.audit), *(row.page.text for row in sets.natural)}
    assert not learned & measured
    assert len(held) == 24
    assert not {each.group for each in sets.corpus} & set(sets.held), "a cause stands on one side, whole"
    assert len(sets.probes) == 5


def test_what_one_round_learned_from_the_next_learns_from_again_and_never_measures_on(
    trained: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    from btm.services.promote_round import promote_round

    first = start(trained)
    promote_round("spam", first, asker_id=None, now=trained.clock())
    with pytest.raises(Invalid, match="There are 24 finds of 3 causes"):
        start(trained)
    add_corpus(trained, causes=("judo", "jazz", "pottery"))
    seen: list[Any] = []
    real = service.split
    monkeypatch.setattr(service, "split", lambda *given: seen.append((given[0], real(*given))) or seen[-1][1])
    view = one(start(trained))
    assert view.number == 2
    [(facts, sets)] = seen
    assert len(facts.learned) == 24
    assert facts.learned < set(sets.learned)
    assert one(first).state == "promoted"


def test_too_small_a_corpus_is_refused_with_what_is_missing(game: Game) -> None:
    game.challenge()
    play_trained(game)
    with pytest.raises(Invalid, match="There are no finds of 0 causes") as caught:
        start(game)
    assert caught.value.field == "corpus"
    add_finds(game, "chess", 60)
    with pytest.raises(Invalid, match="60 finds of 1 cause that"):
        start(game)
    assert value("SELECT count(*) FROM round") == value("SELECT count(*) FROM task WHERE kind = 'round'") == 0


def test_finds_that_stand_alone_are_causes_of_their_own(trained: Game) -> None:
    add_finds(trained, None, 6)
    view = one(start(trained))
    [alone] = [each for each in view.clusters if not each.public_id]
    assert (alone.name, alone.size) == ("Finds that stand alone", 3)


def test_too_little_natural_traffic_is_said_and_not_recommended(trained: Game) -> None:
    view = one(start(trained, natural=support.csv_of(20, 90_000)))
    assert (view.state, view.recommendation, view.may_promote) == ("ready", "not_enough_data", False)
    assert "There are 40 pages of natural traffic; at least 200" in view.reasons[0]


def test_a_machine_without_base_data_cannot_be_trained_anew(game: Game) -> None:
    game.challenge()
    add_corpus(game)
    with pytest.raises(Invalid, match="candidate needs base data") as caught:
        start(game, kind="candidate")
    assert caught.value.field == "data"
    with pytest.raises(Invalid, match="candidate or correction"):
        start(game, kind="magic")


def test_an_uploaded_file_makes_a_candidate_of_a_shipped_machine(game: Game) -> None:
    game.challenge()
    support.with_worker(game)
    add_corpus(game)
    view = one(start(game, data=support.csv_of(60, 0)))
    assert (view.state, view.kind, view.base) == ("ready", "candidate", "toy 1"), view.message
    assert view.candidate.startswith("spam-own ")


def test_a_black_box_is_corrected(game: Game) -> None:
    game.challenge()
    support.with_worker(game)
    add_corpus(game)
    add_right(game, "ham", 30)
    view = one(start(game))
    assert (view.state, view.kind) == ("ready", "correction"), view.message
    assert view.candidate.startswith("toy-corrected ")
    machine = machine_of(view)
    assert (machine.kind, machine.location["base"]["name"]) == ("corrected", "toy")
    corrected = game.shelf.get(machine)
    page = Page(url="https://new.example/", text=find_text("chess", 99))
    game.machine.believe(page.url, (0.3, 0.7))
    assert corrected.predict_proba([page])[0, 0] > 0.3, "what was learned counts"
    strange = Page(url="https://strange.example/", text="wholly unknown")
    game.machine.believe(strange.url, (0.3, 0.7))
    assert corrected.predict_proba([strange])[0] == pytest.approx([0.3, 0.7], abs=0.05), (
        "and otherwise its own answer stands"
    )


def test_a_corrected_machine_is_corrected_from_the_ground_up(game: Game) -> None:
    from btm.services.promote_round import promote_round

    game.challenge()
    support.with_worker(game)
    add_corpus(game)
    add_right(game, "ham", 30)
    first = start(game)
    promote_round("spam", first, asker_id=None, now=game.clock(), force=True)
    add_corpus(game, causes=("judo", "jazz", "pottery"))
    view = one(start(game))
    assert (view.state, view.kind) == ("ready", "correction"), view.message
    assert view.base == one(first).candidate
    assert machine_of(view).location["base"]["name"] == "toy"


def test_without_any_file_a_correction_needs_enough_ordinary_pages(game: Game) -> None:
    game.challenge()
    support.with_worker(game)
    add_corpus(game)
    add_right(game, "ham", 30)
    with pytest.raises(Invalid, match="There are 30 ordinary pages with a verdict") as caught:
        start(game, natural=None)
    assert caught.value.field == "data"
    add_right(game, "spam", 60)
    add_inspected(game, "ham", 320)
    view = one(start(game, natural=None))
    assert (view.state, view.kind) == ("ready", "correction"), view.message
    pages = {each.key: each.pages for each in view.sets}
    assert pages["natural"] >= 200
    assert 0 < pages["audit"] < 320, "the other half was trained on"


def test_one_round_at_a_time_and_a_new_one_declines_the_last(trained: Game) -> None:
    trained.bell.hold()
    first = start(trained)
    with pytest.raises(Conflict, match="under way"):
        start(trained)
    assert one(first).progress == 0.0
    trained.bell.let_go()
    second = start(trained)
    assert [(each.public_id, each.state) for each in show_rounds("spam", asker_id=None)] == [
        (second, "ready"),
        (first, "declined"),
    ]


def test_two_starts_at_once_make_one_round(trained: Game) -> None:
    trained.bell.hold()
    answers = at_once(trained.app, [lambda: start(trained) for _ in range(3)])
    assert [type(each) for each in errors(answers)] == [Conflict, Conflict]
    assert value("SELECT count(*) FROM round") == 1


def test_a_round_whose_worker_was_killed_is_done_by_another_and_makes_one_version(
    trained: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    trained.bell.hold()
    public_id = start(trained)
    number = support.task_id(public_id)
    for step in ("split", "_compare", "keep_evaluation"):
        with monkeypatch.context() as patch:
            patch.setattr(service, step, die)
            with pytest.raises(Killed):
                run_task(number, support.tools(trained))
        assert one(public_id).state == "training"
        trained.clock.advance(minutes=5)
    add_finds(trained, "chess", 3, start=50)
    trained.bell.let_go()
    find_stuck(now=trained.clock.advance(minutes=5))
    view = one(public_id)
    assert view.state == "ready", view.message
    assert sum(each.pages for each in view.sets if each.key == "corpus") == 24, (
        "the corpus is that of the start"
    )
    assert value("SELECT count(*) FROM machine") == 3
    assert value("SELECT count(*) FROM evaluation WHERE machine_id = :id", id=machine_of(view).id) == 1


def test_a_worker_that_lost_its_round_writes_nothing(trained: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    trained.bell.hold()
    public_id = start(trained)
    number = support.task_id(public_id)
    real = service._compare

    def overtaken(*given: Any) -> Any:
        with transaction() as session:
            later = trained.clock.advance(minutes=5)
            assert tasks.take_task(session, number, later, later + LEASE)
        return real(*given)

    monkeypatch.setattr(service, "_compare", overtaken)
    run_task(number, support.tools(trained))
    assert one(public_id).state == "training"
    assert value("SELECT count(*) FROM machine") == 2


def test_a_round_that_fails_says_so_and_the_next_may_begin(trained: Game) -> None:
    trained.bell.hold()
    public_id = start(trained)
    for _ in range(MOST_TRIES):
        with transaction() as session:
            assert tasks.take_task(
                session, support.task_id(public_id), trained.clock(), trained.clock() + LEASE
            )
        trained.clock.advance(minutes=5)
    trained.bell.let_go()
    find_stuck(now=trained.clock.advance(minutes=5))
    failed = one(public_id)
    assert (failed.state, "interrupted several times" in failed.message) == ("failed", True)
    assert one(start(trained)).state == "ready"


def test_a_machine_that_does_not_answer_ends_a_round_without_a_trace(game: Game) -> None:
    game.challenge()
    support.with_worker(game)
    add_corpus(game)
    game.machine.trouble = MachineUnavailable("The machine is away.", 5.0)
    view = one(start(game))
    assert (view.state, "start the round again later" in view.message) == ("failed", True)
    assert rows("SELECT name FROM machine") == [("toy",)]


def test_rounds_are_for_the_challenges_modelers(trained: Game) -> None:
    stranger, modeler = trained.player(), trained.player("modeler")
    grant_role("modeler", "modeler", slug="spam", now=trained.clock())
    public_id = start(trained, modeler)
    assert show_round("spam", public_id, asker_id=modeler).state == "ready"
    for forbidden in (
        lambda: start(trained, stranger),
        lambda: show_rounds("spam", asker_id=stranger),
        lambda: show_round("spam", public_id, asker_id=stranger),
    ):
        with pytest.raises(Forbidden):
            forbidden()
    kept = set(trained.snapshots.keys())
    with pytest.raises(Forbidden):
        start(trained, stranger, natural=b"text,label\nof nobody here,spam\n")
    assert set(trained.snapshots.keys()) == kept
    with pytest.raises(NotFound):
        show_round("spam", "no", asker_id=modeler)


def test_kept_rows_come_back_as_they_were() -> None:
    from btm.services.kept_rows import pack_rows, unpack_rows
    from btm.services.read_labelled import LabelledPage

    page = Page("https://a.example/", "t", "d", ("h",), "line\u2028 one\nüé", ("l", "m"), "de")
    given = [LabelledPage(3, page, "spam", "a.example"), LabelledPage(5, Page(text="x"), "ham")]
    assert unpack_rows(pack_rows(given)) == given
