"""The console's page of examples: what is missing, the first machine, and the lists."""

from __future__ import annotations

from dataclasses import replace

import pytest

from btm.rules.errors import Conflict

from . import samples_collect as sc
from .test_collect import plain

PAGE = "/console/c/collect/examples"


@pytest.mark.parametrize(
    ("view", "there", "absent"),
    [
        (sc.COLLECTING, "Still missing: 8 of About drugs", "Train it and let it play"),
        (sc.COMPLETE, "Train it and let it play", "Still missing"),
        (replace(sc.COMPLETE, task="running"), "It is being trained.", "Train it and let it play"),
        (replace(sc.COMPLETE, mode="beat", machine="vapes-first"), "played against vapes-first", "Train the first machine"),
    ],
)  # fmt: skip
def test_it_says_how_the_collection_stands(services, enter, view, there, absent):
    services.answers["show_collecting"] = view
    page = plain(enter("modeler").get(PAGE).text)
    assert there in page
    assert absent not in page


def test_training_starts_as_a_task(services, enter, post):
    enter("modeler")
    answer = post(f"{PAGE}/train", {"name": " vapes-one "})
    assert answer.headers["Location"] == "/console/tasks/queued"
    (call,) = services.called("start_first_machine")
    assert (call[0], call["name"]) == ("collect", "vapes-one")


def test_what_speaks_against_training_is_told_and_the_name_kept(services, enter, post):
    services.answers["show_collecting"] = sc.COMPLETE
    services.answers["start_first_machine"] = Conflict("Three more of About drugs.", code="too_few")
    enter("modeler")
    answer = post(f"{PAGE}/train", {"name": "vapes-one"})
    assert answer.status_code == 409
    assert "Three more of About drugs." in answer.text
    assert 'value="vapes-one"' in answer.text


@pytest.mark.parametrize("format", ["csv", "json", "jsonl", "txt"])
def test_the_lists_are_files(services, enter, format):
    answer = enter("modeler").get(f"{PAGE}/urls.{format}?which=checked")
    assert answer.data == b"https://a.example/\n"
    assert f"collect-checked-urls.{format}" in answer.headers["Content-Disposition"]
    (call,) = services.called("export_urls")
    assert (call[1], call["which"]) == (format, "checked")


def test_the_machines_of_a_challenge_without_one_say_so(enter):
    assert "No machine yet" in enter("modeler").get("/console/c/collect/machines").text
