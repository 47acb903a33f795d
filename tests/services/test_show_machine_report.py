from __future__ import annotations

import pytest

from btm.rules.errors import Conflict, Forbidden, Invalid, NotFound
from btm.services.evaluate_machine import evaluate_machine
from btm.services.judging_machines import Measured
from btm.services.read_labelled import LabelledPage
from btm.services.show_machine_report import show_machine_report
from classifiers.machine import MachineUnavailable
from classifiers.page import Page

from ..support.databases import value
from ..support.game import Game


def rows(game: Game) -> list[LabelledPage]:
    """Sixty rows in two languages and three sources, of which the toy machine gets one in ten wrong."""
    made = []
    for number in range(60):
        url, label = f"https://s{number % 3}.example/{number}", ("spam", "ham")[number % 2]
        right = number % 10 != 0
        sure = 0.6 + 0.39 * (number / 60)
        spam = sure if (label == "spam") == right else 1 - sure
        game.machine.believe(url, (spam, 1 - spam))
        page = Page(url=url, text=f"text {number}", language=("en", "de")[number % 2])
        made.append(LabelledPage(number + 1, page, label, f"s{number % 3}.example"))
    return made


def evaluate(
    game: Game, pages: list[LabelledPage] | None, name: str = "toy", asker_id: int | None = None
) -> Measured:
    return evaluate_machine(
        "spam",
        name,
        None,
        pages,
        data_name="held-out.csv",
        asker_id=asker_id,
        shelf=game.shelf,
        now=game.clock(),
    )


def test_a_report_has_all_that_a_page_with_pictures_needs(game: Game) -> None:
    game.challenge()
    done = evaluate(game, rows(game))
    report = show_machine_report("toy")
    assert report.evaluation is not None
    assert (report.evaluation.id, report.evaluation.data, report.evaluation.rows) == (
        done.evaluation_id,
        "held-out.csv",
        60,
    )
    assert report.accuracy == pytest.approx(0.9)
    assert report.matrix is not None
    assert report.matrix.labels == ("spam", "ham")
    assert report.matrix.counts == ((24, 6), (0, 30))
    [spam, ham] = report.labels
    assert (spam.label, spam.pages, spam.true, ham.true) == ("spam", 60, 30, 30)
    assert len(spam.histogram) == 20
    assert sum(bar.true + bar.other for bar in spam.histogram) == 60
    assert sum(each.count for each in spam.reliability) == 60
    assert 1 < len(spam.curve) <= 200
    assert spam.curve[-1].recall == 1.0
    assert [figure.key for figure in spam.figures] == [
        "average_precision",
        "auc",
        "log_loss",
        "brier",
        "calibration_error",
    ]
    for figure in spam.figures:
        assert figure.value is not None
        assert figure.low is not None
        assert figure.high is not None
        assert figure.low <= figure.value <= figure.high
    assert {(group.by, group.value) for group in spam.groups} == {
        ("language", "en"), ("language", "de"), ("source", "s0.example"), ("source", "s1.example"), ("source", "s2.example"),
    }  # fmt: skip
    german = next(group for group in spam.groups if group.value == "de")
    assert german.true == 0
    assert next(figure for figure in german.figures if figure.key == "auc").value is None, (
        "no NaN reaches a page"
    )


def test_the_same_measurement_again_is_kept_once_and_another_is_listed_first(game: Game) -> None:
    game.challenge()
    first = evaluate(game, rows(game))
    assert evaluate(game, rows(game)).evaluation_id == first.evaluation_id
    second = evaluate(game, rows(game)[:40])
    report = show_machine_report("toy")
    assert [each.rows for each in report.evaluations] == [40, 60]
    assert show_machine_report("toy", evaluation_id=first.evaluation_id).evaluation == report.evaluations[1]
    assert second.evaluation_id != first.evaluation_id
    with pytest.raises(NotFound):
        show_machine_report("toy", evaluation_id=10_000)


def test_a_machine_that_was_never_measured_has_a_report_without_figures(game: Game) -> None:
    game.challenge()
    report = show_machine_report("toy", "1")
    assert (report.evaluation, report.matrix, report.labels, report.evaluations) == (None, None, (), ())
    with pytest.raises(NotFound):
        show_machine_report("nobody")


def test_a_machine_is_measured_on_the_verified_probes(game: Game) -> None:
    game.challenge()
    with pytest.raises(Invalid, match="No probe of this challenge was verified"):
        evaluate(game, None)
    game.settled("spam")
    game.settled("ham")
    assert evaluate(game, None).rows == 2
    report = show_machine_report("toy")
    assert report.matrix is not None
    assert report.matrix.counts == ((0, 1), (0, 1))
    assert report.evaluation is not None
    assert report.evaluation.data == "verified probes of spam"


def test_a_machine_that_does_not_answer_leaves_no_measurement(game: Game) -> None:
    game.challenge()
    game.machine.trouble = MachineUnavailable("The machine 'toy' is down.")
    with pytest.raises(Conflict, match=r"is down\. Nothing was measured") as caught:
        evaluate(game, rows(game))
    assert caught.value.code == "machine_away"
    assert value("SELECT count(*) FROM evaluation") == 0


def test_what_cannot_be_measured_is_refused(game: Game) -> None:
    game.challenge()
    with pytest.raises(Invalid, match="no usable row"):
        evaluate(game, [])
    with pytest.raises(NotFound):
        evaluate(game, rows(game), "nobody")
    with pytest.raises(Forbidden):
        evaluate(game, rows(game), asker_id=game.player())
