"""A challenge without a machine, as its players see it."""

from __future__ import annotations

import pytest

from btm.rules.errors import Invalid

from . import samples as s
from . import samples_collect as sc


def plain(page: str) -> str:
    return " ".join(page.replace("</b>", "").replace("<b>", "").replace("\u202f", " ").split())


def test_the_page_says_what_is_wanted_and_asks_what_the_page_is(enter):
    page = plain(enter("member").get("/c/collect").text)
    for words in (
        "There is no machine here yet",
        "42 of 100, 5 being checked",
        "up to 293 points",
        "See what it pays",
    ):
        assert words in page
    assert 'type="radio" name="label" value="drugs"' in page
    assert "Ask the machine" not in page


@pytest.mark.parametrize(
    ("view", "words", "is_open"),
    [(sc.ONE_FULL, "enough for now", True), (sc.ENOUGH, "There are enough examples.", False)],
)
def test_a_full_label_and_a_full_collection_are_said_before_anybody_commits(
    services, enter, view, words, is_open
):
    services.answers["show_challenge"] = view
    page = enter("member").get("/c/collect").text
    assert words in page
    assert ('name="url"' in page) == is_open


def test_the_label_goes_along_with_the_address(services, enter, post):
    enter("member")
    post("/c/collect/submissions", {"url": "https://a.example/", "label": "none"})
    [call] = services.called("submit_page")
    assert (call[0], call[1], call["label"]) == ("collect", "https://a.example/", "none")


def test_a_missing_label_is_asked_for_where_it_is_missing(services, enter, post):
    enter("member")
    services.answers["submit_page"] = Invalid("Say first what kind of page it is.", field="label")
    answer = post("/c/collect/submissions", {"url": "https://a.example/"})
    assert answer.status_code == 422
    assert '<p class="fault" id="label-fault">Say first what kind of page it is.</p>' in answer.text
    assert 'value="https://a.example/"' in answer.text


@pytest.mark.parametrize("name", sc.SUBMISSIONS)
def test_an_example_renders_in_every_state(enter, name):
    page = enter("member").get(f"/s/{name}")
    assert page.status_code == 200
    main = page.text[page.text.index("<main") : page.text.index("</main")]
    assert "the machine" not in main.lower()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("example_quoted", "I say that this page is about drugs."),
        (
            "example_quoted",
            "One page of desert-garden.example is here already; one example is something like it",
        ),
        ("example_quoted", "The most an example pays"),
        ("example_ahead", "Not about drugs has run ahead of the others"),
        ("example_confirmed", "One more to learn from."),
        ("example_in_review", "They do not know what you said it is."),
    ],
)
def test_the_card_of_an_example_says_what_it_pays_and_why(enter, name, words):
    assert words in plain(enter("member").get(f"/s/{name}").text)


def test_the_factors_multiply_to_the_points():
    for quote in (sc.QUOTE, sc.AHEAD):
        assert quote.points == round(quote.max_bonus * quote.severity_factor * quote.novelty)


def test_the_list_of_challenges_says_that_one_has_no_machine(services, enter):
    services.answers["list_challenges"] = [sc.CARD, s.CARD]
    page = enter("member").get("/").text
    assert "collects examples for its first machine" in page
    assert "an example" in page
