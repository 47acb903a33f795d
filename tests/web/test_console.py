"""The console of machines: who may see it, what each state says, and activating."""

from __future__ import annotations

from dataclasses import replace

import pytest

from btm.rules.errors import Conflict, Forbidden

from . import samples as s
from . import samples_machines as m
from .test_pages import CONSOLE, MACHINES, TRAINED


@pytest.mark.parametrize("path", [MACHINES, TRAINED, f"{MACHINES}/train", "/console/tasks/done"])
def test_it_is_for_modelers(client, enter, path):
    assert client.get(path).headers["Location"].startswith("/login?next=/console")
    assert enter("member").get(path).status_code == 403


@pytest.mark.parametrize("path", [MACHINES, TRAINED, f"{MACHINES}/train", f"{MACHINES}/register", f"{TRAINED}/activate"])  # fmt: skip
def test_another_challenges_modeler_is_told_so(services, enter, path):
    services.answers["list_tasks"] = Forbidden("The machines of this challenge are for its modelers.")
    page = enter("modeler").get(path)
    assert page.status_code == 403
    assert "for its modelers" in page.text
    assert not services.called("show_machine_report")


def test_the_machine_that_plays_comes_first_and_cannot_be_activated(enter):
    page = enter("modeler").get(MACHINES).text
    assert page.index(">drugs <span") < page.index(">drugs-own <span")
    assert f"{TRAINED}/activate" in page
    assert f"{MACHINES}/drugs/2026.11/activate" not in page
    for words in (
        "plays now",
        "0.987",
        "0.980 to 0.994",
        "Measured: held out from pages.csv",
        "models.example",
    ):
        assert words in page


def test_a_long_list_is_cut_and_asks_for_few_reports(services, enter):
    services.answers["list_machine_versions"] = m.CROWD
    services.answers["show_machine_report"] = m.REPORT
    page = enter("modeler").get(MACHINES).text
    assert "All 40 versions" in page
    assert len(services.called("show_machine_report")) == 6
    everything = enter("modeler").get(f"{MACHINES}?all=1").text
    assert m.CROWD[-1].version in everything
    assert len(services.called("show_machine_report")) == 12


def test_a_report_shows_every_picture_with_its_numbers(enter):
    page = enter("modeler").get(TRAINED).text
    for words in (
        "Reliability diagram",
        "Score histogram",
        "Precision-recall curve",
        "Confusion matrix",
        "Top terms",
        "psilocybin",
    ):
        assert words in page
    for words in (
        "By language",
        "By source",
        "Average precision",
        "Macro F1",
        "lower is better",
        "The numbers",
        "<desc",
    ):
        assert words in page


def test_a_report_is_of_the_label_and_the_measurement_asked_for(services, enter):
    page = enter("modeler").get(f"{TRAINED}?label=none&evaluation=4").text
    assert services.called("show_machine_report")[-1]["evaluation_id"] == 4
    assert "How well it knows <span" in page
    assert ">none</span></h2>" in page
    assert "kubernetes" in page


def test_a_report_without_a_page_of_the_label_draws_what_it_can(services, enter):
    services.answers["show_machine_report"] = m.REPORT_BARE
    page = enter("modeler").get(TRAINED).text
    assert "there is no curve to draw" in page
    assert "cannot be measured here" in page


def test_a_report_of_many_labels_and_one_without_a_measurement(services, enter):
    services.answers["show_machine_report"] = m.REPORT_MANY
    assert 'aria-current="page">label-0<' in enter("modeler").get(TRAINED).text
    services.answers["show_machine_report"] = m.REPORT_TERMS
    page = enter("modeler").get(TRAINED).text
    assert "Not measured yet." in page
    assert "psilocybin" in page


def test_a_machine_that_does_not_fit_is_not_shown(enter):
    assert enter("modeler").get(f"{MACHINES}/hate/1").status_code == 404


def test_activating_says_what_will_happen_and_then_does_it(services, enter, post):
    page = enter("modeler").get(f"{TRAINED}/activate").text
    for words in ("Offers that players were shown stay.", "Nothing is deleted.", "2026.11", "9f31c07be2aa"):
        assert words in page
    assert not services.called("activate_machine")
    answer = post(f"{TRAINED}/activate", follow_redirects=True)
    assert "drugs-own 9f31c07be2aa plays from now on." in answer.text
    (call,) = services.called("activate_machine")
    assert (call[0], call[1], call[2], call["asker_id"]) == (
        "drugs",
        "drugs-own",
        "9f31c07be2aa",
        s.MODELER.id,
    )


def test_figures_of_different_pages_are_not_compared_in_silence(services, enter):
    other = replace(m.REPORT, evaluation=replace(m.REPORT.evaluation, data="other.csv"))
    reports = iter((m.REPORT, other))
    services.show_machine_report = lambda *a, **k: next(reports)
    assert "their figures do not compare" in enter("modeler").get(f"{TRAINED}/activate").text


def test_a_conflict_is_told(services, enter, post):
    services.answers["activate_machine"] = Conflict("Somebody else was faster.")
    enter("modeler")
    assert post(f"{TRAINED}/activate").status_code == 409


def test_every_way_into_the_console_starts_at_its_list(enter):
    assert f'href="{MACHINES}"' in enter("modeler").get("/console").text
    for path in CONSOLE:
        back = MACHINES.replace("machines", "pool") if path.endswith("/pooled") else MACHINES
        is_list = path == MACHINES or path.startswith(f"{MACHINES}?")
        assert is_list or f'href="{back}"' in enter("modeler").get(path).text, path
