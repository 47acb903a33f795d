"""The console's page of a pool: how it stands, its picture, its pages, and what can be done with it."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from btm.rules.errors import Conflict, Invalid
from btm.web import charts_pool

from . import samples_collect as sc
from .test_collect import plain

PAGE = "/console/c/drugs/pool"


@pytest.mark.parametrize(
    ("view", "there", "absent"),
    [
        (sc.POOL, "80% of those that could be checked were right", "There are no pages yet"),
        (sc.POOL_NONE, "There are no pages yet", "Put more up"),
        (sc.POOL_NEW, "The model is measured once 20 pages have a verdict", "turned out to be"),
        (replace(sc.POOL_NEW, points=()), "Nothing was measured yet", "The numbers"),
        (replace(sc.POOL, affordable=0), "does not pay judges for one more page", "being imported"),
        (replace(sc.POOL, task="running"), "being imported", "of the last import"),
        (replace(sc.POOL, waiting=0), "Take it away", "Put more up"),
    ],
)
def test_it_says_how_the_pool_stands(services, enter, view, there, absent):
    services.answers["show_pool"] = view
    page = plain(enter("modeler").get(PAGE).text)
    assert there in page
    assert absent not in page


def test_its_pages_are_listed_by_state(enter, services):
    page = plain(enter("modeler").get(f"{PAGE}?state=open").text)
    assert "never had a title" in page
    assert "Trees of the north" not in page
    assert "More pages" in enter("modeler").get(PAGE).text
    assert "More pages" not in enter("modeler").get(f"{PAGE}?cursor=40").text


def test_a_file_is_imported_as_a_task(services, enter, post):
    enter("modeler")
    form = {"most": "1 000", "ranking": "lu", "data": (io.BytesIO(b'{"text": "a"}'), "own.jsonl")}
    assert post(PAGE, form).headers["Location"] == "/console/tasks/queued"
    (call,) = services.called("start_pool_import")
    assert (call["format"], call["ranking"], call["most"], call["data_name"]) == (
        "jsonl",
        "lu",
        1000,
        "own.jsonl",
    )


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"most": "5", "ranking": "lmu"}, "Choose a file first."),
        ({"most": "many", "ranking": "lmu", "data": (io.BytesIO(b"a"), "a.csv")}, "Write a whole number."),
    ],
)
def test_what_is_wrong_with_the_form_is_said_beside_it(enter, post, form, words):
    enter("modeler")
    answer = post(PAGE, form)
    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{form["most"]}"' in answer.text


def test_a_file_that_cannot_be_read_is_blamed(services, enter, post):
    services.answers["start_pool_import"] = Invalid("This is one JSON list.", field="format")
    enter("modeler")
    answer = post(PAGE, {"most": "5", "ranking": "lmu", "data": (io.BytesIO(b"["), "a.json")})
    assert 'id="data-fault" data-fault aria-live="polite">This is one JSON list.' in answer.text


def test_more_is_put_up(services, enter, post):
    enter("modeler")
    answer = post(f"{PAGE}/review", {"most": "25", "ranking": "mu"}, follow_redirects=True)
    assert "25 more pages wait for judges." in answer.text
    services.answers["put_up_more"] = Conflict("The free budget does not pay.", code="budget_spent")
    answer = post(f"{PAGE}/review", {"most": "25", "ranking": "mu"})
    assert answer.status_code == 409
    assert "The free budget does not pay." in answer.text


def test_it_can_be_taken_away(enter):
    answer = enter("modeler").get(f"{PAGE}/pool.csv")
    assert answer.data == b"name\r\n"
    assert "drugs-pool.csv" in answer.headers["Content-Disposition"]


def test_the_picture_goes_from_no_judgement_to_the_last():
    drawn = charts_pool.picture(sc.POOL_POINTS)
    assert drawn.readings[0].x == charts_pool.LEFT + charts_pool.INSET
    assert drawn.readings[-1].x == charts_pool.RIGHT - charts_pool.INSET
    assert [round(tick.value, 2) for tick in drawn.shares] == [0.7, 0.8, 0.9, 1.0]
    assert [tick.value for tick in drawn.judgements] == [0, 100, 200]
    assert drawn.model_path.count("L") == len(sc.POOL_POINTS) - 4
    assert charts_pool.picture(()).readings == ()


@pytest.mark.parametrize(("most", "numbers"), [(1, [0, 1]), (7, [0, 2, 4, 6]), (1276, [0, 500, 1000])])
def test_ticks_are_round(most, numbers):
    assert charts_pool.round_numbers(most) == numbers
