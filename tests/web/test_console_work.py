"""A modeler's long work: what reaches the services, where faults are told, and how it stands."""

from __future__ import annotations

import io

import pytest

from btm.rules.errors import Forbidden, Invalid, TooMany
from btm.services.handing_over import MOST_UPLOAD
from btm.web import uploads

from .test_pages import MACHINES, TRAINED

ENDPOINT = {"name": "theirs", "url": "https://models.example/", "labels": "drugs, none", "timeout": "2.5"}


def a_file(content: bytes = b"label,text\ndrugs,a\n", name: str = "pages.csv") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


@pytest.mark.parametrize(
    ("content", "name", "format"),
    [(b"label,text\n", "a.csv", "csv"), (b"label,text\n", "a.JSONL", "jsonl"), (b' {"label"', "a.txt", "jsonl"), (b"", "a", "csv")],
)  # fmt: skip
def test_training_hands_the_file_over(services, enter, post, content, name, format):
    enter("modeler")
    answer = post(f"{MACHINES}/train", {"name": " drugs-own ", "data": a_file(content, name)})
    assert answer.headers["Location"] == "/console/tasks/queued"
    (call,) = services.called("start_training")
    assert (call[1], call["format"], call["name"], call["data_name"]) == (content, format, "drugs-own", name)


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (Invalid("That name is taken.", field="name"), 'id="name-fault">That name is taken.'),
        (Invalid("It has no rows.", field="data"), "aria-live=\"polite\">It has no rows."),
        (Invalid("It is neither.", field="format"), "aria-live=\"polite\">It is neither."),
    ],
)  # fmt: skip
def test_a_fault_of_training_is_told_at_its_field(services, enter, post, error, fault):
    services.answers["start_training"] = error
    enter("modeler")
    page = post(f"{MACHINES}/train", {"name": "mine", "data": a_file()})
    assert page.status_code == 422
    assert fault in page.text
    assert 'value="mine"' in page.text


def test_training_needs_a_file_and_a_name(services, enter, post):
    enter("modeler")
    assert "Choose a file first." in post(f"{MACHINES}/train", {"name": "mine"}).text
    assert "Give the machine a name." in post(f"{MACHINES}/train", {"data": a_file()}).text
    assert not services.called("start_training")


def test_too_much_work_at_once_is_a_page_of_its_own(services, enter, post):
    services.answers["start_training"] = TooMany("Several files of this challenge are being worked on.")
    enter("modeler")
    assert post(f"{MACHINES}/train", {"name": "mine", "data": a_file()}).status_code == 429


def test_files_may_be_large_here_and_only_here(services, app, enter, post):
    app.config["MAX_CONTENT_LENGTH"] = 1_000_000
    large = {"name": "mine", "data": a_file(b"x" * 2_000_000)}
    enter("modeler")
    assert post(f"{MACHINES}/train", large).status_code == 303
    assert post(f"{MACHINES}/register", {"name": "mine", "data": a_file(b"x" * 2_000_000)}).status_code == 413
    enter("member")
    assert post(f"{MACHINES}/train", {"name": "mine", "data": a_file(b"x" * 2_000_000)}).status_code == 413
    assert len(services.called("start_training")) == 1


def test_a_file_that_is_far_too_large_is_refused_in_words(monkeypatch, enter, post):
    monkeypatch.setattr(uploads, "MOST_UPLOAD", 1000)
    monkeypatch.setattr(uploads, "AROUND", 1000)
    enter("modeler")
    page = post(f"{MACHINES}/train", {"name": "mine", "data": a_file(b"x" * 5000)})
    assert page.status_code == 413
    assert f"{MOST_UPLOAD // 1_000_000} MB" in page.text


def test_measuring_on_a_file_and_on_verified_pages(services, enter, post):
    enter("modeler")
    assert post(f"{TRAINED}/evaluate", {"data": a_file()}).headers["Location"] == "/console/tasks/queued"
    assert post(f"{TRAINED}/evaluate", {"probes": "yes"}).status_code == 303
    file, probes = services.called("start_evaluation")
    assert (file[1], file[2], file[3], file["data_name"]) == (
        "drugs-own",
        "9f31c07be2aa",
        b"label,text\ndrugs,a\n",
        "pages.csv",
    )
    assert probes[3] is None


def test_a_fault_of_measuring_is_told_where_it_was_asked(services, enter, post):
    enter("modeler")
    assert "Choose a file first." in post(f"{TRAINED}/evaluate").text
    services.answers["start_evaluation"] = Invalid("No probe was verified yet.", field="data")
    page = post(f"{TRAINED}/evaluate", {"probes": "yes"})
    assert page.status_code == 422
    assert 'role="alert">No probe was verified yet.' in page.text
    assert page.text.count("No probe was verified yet.") == 1


def test_only_admins_get_the_endpoints_form(enter):
    assert 'name="url"' in enter("admin").get(f"{MACHINES}/register").text
    page = enter("modeler").get(f"{MACHINES}/register").text
    assert 'name="url"' not in page
    assert "Only admins" in page
    assert "machine register --name mine --import" in page


def test_an_endpoint_is_registered_as_it_was_typed(services, enter, post):
    enter("admin")
    page = post(f"{MACHINES}/register", ENDPOINT, follow_redirects=True)
    assert "It does not play yet." in page.text
    (call,) = services.called("register_machine")
    assert (call[0], call["url"], call["labels"], call["timeout"]) == (
        "theirs",
        "https://models.example/",
        ["drugs", "none"],
        2.5,
    )


@pytest.mark.parametrize(
    ("changes", "error", "fault"),
    [
        ({}, Invalid("It did not answer.", field="url"), 'id="url-fault">It did not answer.'),
        ({"timeout": "soon"}, None, 'id="timeout-fault">The timeout is a number'),
        ({"labels": ""}, None, 'id="labels-fault">Name the labels.'),
    ],
)
def test_a_fault_of_an_endpoint_is_told_at_its_field(services, enter, post, changes, error, fault):
    if error:
        services.answers["register_machine"] = error
    enter("admin")
    page = post(f"{MACHINES}/register", {**ENDPOINT, **changes})
    assert page.status_code == 422
    assert fault in page.text
    assert 'value="theirs"' in page.text


def test_registering_without_the_right_to_is_refused_by_the_service(services, enter, post):
    services.answers["register_machine"] = Forbidden("Endpoints are registered by admins.")
    enter("modeler")
    assert post(f"{MACHINES}/register", ENDPOINT).status_code == 403


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("queued", "Waiting for its turn"),
        ("running", 'value="0.47"'),
        ("running", "Learning from 3,368 pages"),
        ("done", f"{TRAINED}?evaluation=9"),
        ("done", "3 rows were left out"),
        ("done", "1\u202f204"),
        ("measured", "It was measured on 1 page."),
        ("failed", "at least 10 of each label are needed"),
        ("failed", "1\u202f580 more"),
        ("failed", "Try again"),
        ("unmeasured", "Back to the machines"),
    ],
)
def test_work_says_how_it_stands(enter, name, words):
    card = enter("modeler").get(f"/console/tasks/{name}/card")
    assert words in card.text
    assert "<html" not in card.text
    assert card.headers["Cache-Control"] == "no-store"


def test_work_under_way_reloads_itself_where_scripts_do_not_run(enter):
    assert '<noscript><meta http-equiv="refresh"' in enter("modeler").get("/console/tasks/running").text
    assert "http-equiv" not in enter("modeler").get("/console/tasks/done").text


def test_work_of_others_is_not_there(enter):
    assert enter("modeler").get("/console/tasks/nonsense").status_code == 404
