"""Taking a page down in the console, and what was taken down."""

from __future__ import annotations

import re

import pytest

from btm.rules.errors import Forbidden, NotFound

from . import samples_takedowns as st

PAGE = "/console/c/drugs/takedowns"
FORM = {"what": "4f1c22", "reason": "private", "note": "They asked us to."}
STATES = {
    "nothing": (st.NOTHING, PAGE, "Nothing was taken down."),
    "some": (st.TAKEN, PAGE, "another challenge has the same page"),
    "much": (st.MANY, PAGE, "Earlier"),
    "no more": (st.NOTHING, f"{PAGE}?cursor=3", "There is nothing earlier."),
    "come for one": (st.NOTHING, f"{PAGE}?what=4f1c22", 'value="4f1c22"'),
}


@pytest.mark.parametrize("name", STATES)
def test_little_and_much_are_shown_without_anything_inline(services, enter, name):
    services.answers["show_takedowns"], path, words = STATES[name]
    page = enter("modeler").get(path)
    assert page.status_code == 200
    assert words in page.text
    assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=", page.text)


def test_a_page_is_taken_down_with_its_reason(services, enter, post):
    enter("modeler")
    answer = post(PAGE, FORM)
    assert (answer.status_code, answer.headers["Location"]) == (303, PAGE)
    [asked] = services.called("take_down")
    assert (asked[0], asked[1], asked["reason"], asked["note"]) == (
        "drugs",
        "4f1c22",
        "private",
        FORM["note"],
    )
    assert "everywhere" not in asked


def test_what_cannot_be_found_is_said_by_its_field_and_nothing_typed_is_lost(services, enter, post):
    enter("modeler")
    services.answers["take_down"] = NotFound("There is no page with this id or address in this challenge.")
    page = post(PAGE, FORM)
    assert page.status_code == 404
    assert 'id="what-fault">There is no page' in page.text
    assert 'value="4f1c22"' in page.text
    assert f'value="{FORM["note"]}"' in page.text
    assert re.search(r'value="private" required checked', page.text)


def test_it_is_for_modelers(services, client, enter):
    assert client.get(PAGE).headers["Location"].startswith("/login?next=/console")
    services.answers["show_takedowns"] = Forbidden("Not yours.")
    assert enter("modeler").get(PAGE).status_code == 403
