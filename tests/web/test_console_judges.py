"""The console of judges: who may see it, what each state says, blocking, deciding, and the gold."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from btm.rules.errors import Conflict, Forbidden, Invalid

from . import samples as s
from . import samples_judges as j

HOME = "/console/c/drugs"
JUDGES, DESK, GOLD = f"{HOME}/judges", f"{HOME}/desk", f"{HOME}/gold"
PAGES = (
    JUDGES, f"{JUDGES}?sort=quality", f"{JUDGES}?sort=nonsense", f"{JUDGES}?cursor=c", f"{JUDGES}/7", f"{JUDGES}/13", f"{JUDGES}/14",
    f"{JUDGES}/7?cursor=c", DESK, f"{DESK}/item1", f"{DESK}/item2", "/console/c/not-drugs/desk", GOLD, f"{GOLD}?cursor=c",
)  # fmt: skip
STATES = {
    "no judges": ("show_judges", j.LIST_NONE, JUDGES, "Nobody judges here yet."),
    "a thousand": ("show_judges", j.LIST_CROWD, JUDGES, "More judges"),
    "many labels": ("show_judges", j.LIST_MANY, JUDGES, "most often takes Label number"),
    "no agreement": ("show_agreement", j.AGREEMENT_NONE, JUDGES, "Too few pages were judged by more than one person"),
    "poor agreement": ("show_agreement", j.AGREEMENT_POOR, JUDGES, "no more than chance"),
    "a new judge": ("show_judge", j.REPORT_NEW, f"{JUDGES}/14", "Never blocked."),
    "a wide matrix": ("show_judge", j.REPORT_MANY, f"{JUDGES}/7", "Label number 9"),
    "an empty desk": ("show_desk", j.DESK_NONE, DESK, "Nothing waits for you."),
    "a pool page": ("show_desk", j.DESK_POOL, DESK, "none of the labels fits"),
    "an appeal": ("show_desk", j.DESK_APPEAL, DESK, "Read the third paragraph"),
    "a full desk": ("show_desk", j.DESK_MANY, DESK, "And 1\u202f154 more"),
    "no gold": ("show_gold", j.SHELF_NONE, GOLD, "No gold yet."),
    "much gold": ("show_gold", j.SHELF_MANY, GOLD, "No active gold is Label number 0"),
}  # fmt: skip
POSTS = (f"{JUDGES}/7/block", f"{JUDGES}/13/lift", f"{DESK}/item1", f"{GOLD}/mark/item8", f"{GOLD}/g1/retire", f"{GOLD}/disputes/31")  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_renders_without_anything_inline(enter, path):
    page = enter("modeler").get(path)
    assert page.status_code == 200
    assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=", page.text)


@pytest.mark.parametrize("name", STATES)
def test_little_and_much_are_shown(services, enter, name):
    service, answer, path, words = STATES[name]
    services.answers[service] = answer
    page = enter("modeler").get(path)
    assert page.status_code == 200
    assert words in page.text


@pytest.mark.parametrize("path", [JUDGES, f"{JUDGES}/7", DESK, f"{DESK}/item1", GOLD])
def test_it_is_for_modelers(client, enter, path):
    assert client.get(path).headers["Location"].startswith("/login?next=/console")
    assert enter("member").get(path).status_code == 403


@pytest.mark.parametrize("path", POSTS)
def test_nothing_is_changed_by_others_or_without_a_token(services, enter, post, path):
    assert enter("modeler").post(path, data={"note": "x"}).status_code == 400
    enter("member")
    assert post(path, {"note": "x", "label": "drugs", "upheld": "1"}).status_code == 403
    changes = ("block_judge", "lift_block", "decide_at_desk", "mark_gold", "retire_gold", "decide_dispute")
    assert not [name for name in changes if services.called(name)]


@pytest.mark.parametrize(("service", "path"), [("show_judges", JUDGES), ("show_judge", f"{JUDGES}/7"), ("show_desk", DESK), ("show_gold", GOLD)])  # fmt: skip
def test_another_challenges_modeler_is_told_so(services, enter, service, path):
    services.answers[service] = Forbidden("This is for the challenge's modelers.")
    page = enter("modeler").get(path)
    assert page.status_code == 403
    assert "modelers" in page.text


def test_the_list_says_what_each_judge_is_like(enter):
    page = enter("modeler").get(JUDGES).text
    for words in (
        "0.91", "0.88 to 0.94", "93 of 96", "no number", "8 points each", "74% hasty", "not known yet", "blocked", "31\u202f350",
        "About drugs right 95%, Not about drugs right 98%",
    ):  # fmt: skip
        assert words in page
    for words in (
        "0.74",
        "0.70 to 0.78",
        "Judges mostly agree",
        "55.0",
        "1.1\u202f¢",
        "6.4 hours",
        "14 appeals",
        "12 judgements since",
    ):
        assert words in page


def test_pairs_are_told_in_a_sentence(enter):
    page = " ".join(re.sub(r"<[^>]+>", "", enter("modeler").get(JUDGES).text).split())
    assert (
        "quick_fox gave the same answer on 86 of 88 pages; their matrices explain 51. They share a device."
        in page
    )
    assert "p &lt; 0.0001 by chance" in page or "p < 0.0001 by chance" in page
    assert "sun share a device. They have judged no page in common." in page


def test_many_pairs_are_folded_away(services, enter):
    services.answers["show_judges"] = j.LIST_CROWD
    page = enter("modeler").get(JUDGES).text
    assert "35 more</summary>" in page


def test_the_list_is_sorted_and_paged_by_links(services, enter):
    services.answers["show_judges"] = j.LIST_CROWD
    page = enter("modeler").get(f"{JUDGES}?sort=pace").text
    assert 'aria-current="true">Fastest<' in page
    assert f'href="{JUDGES}?sort=pace&amp;cursor=next"' in page
    later = enter("modeler").get(f"{JUDGES}?sort=pace&cursor=next").text
    assert services.called("show_judges")[-1]["cursor"] == "next"
    assert services.called("show_judges")[-1]["sort"] == "pace"
    assert "First page" in later
    assert "alpha</h3>" not in later


def test_an_unknown_order_is_the_first(services, enter):
    enter("modeler").get(f"{JUDGES}?sort=nonsense")
    assert services.called("show_judges")[0]["sort"] == "judgements"


def test_a_judge_in_full(enter):
    page = enter("modeler").get(f"{JUDGES}/7").text
    for words in (
        "95%",
        "402",
        "21.1",
        "so it is",
        "it is About drugs",
        "0.9 s, too fast",
        "None of these: alcohol",
        "does not read the language",
    ):
        assert words in page
    assert "Lift the block" not in page
    blocked = enter("modeler").get(f"{JUDGES}/13").text
    for words in ("too many gold pages wrong", "a child had played with the phone", "by ines", "41 judgements given back", "Lift the block"):  # fmt: skip
        assert words in blocked
    assert enter("modeler").get(f"{JUDGES}/99").status_code == 404


def test_blocking_says_what_will_happen_and_then_does_it(services, enter, post):
    page = enter("modeler").get(f"{JUDGES}/7").text
    for words in ("withdrawn", "judged again", "taken back", "You can lift the block"):
        assert words in page
    answer = post(f"{JUDGES}/7/block", {"note": " copies old_owl "}, follow_redirects=True)
    assert "Blocked." in answer.text
    (call,) = services.called("block_judge")
    assert (call[0], call[1], call["note"], call["asker_id"]) == ("drugs", 7, "copies old_owl", s.MODELER.id)
    assert "lifted" in post(f"{JUDGES}/13/lift", {"note": "talked"}, follow_redirects=True).text
    assert services.called("lift_block")[0]["note"] == "talked"


def test_no_judge_is_blocked_without_a_reason(services, enter, post):
    enter("modeler")
    for path in (f"{JUDGES}/7/block", f"{JUDGES}/13/lift"):
        answer = post(path, {"note": "  "})
        assert answer.status_code == 422
        assert "Give a reason first" in answer.text
    assert not services.called("block_judge")
    assert not services.called("lift_block")


def test_the_desk_shows_page_and_judgements_before_claim_and_belief(enter):
    page = enter("modeler").get("/console/c/not-drugs/desk").text
    for words in (
        "Trichocereus",
        "A shop for plants.",
        "quality 0.61",
        "round 2",
        "withdrawn",
        "52%",
        "759",
        "0.972",
    ):
        assert words in page
    folded = page[page.index('<details class="desk-stakes">') :]
    assert page.index("6 judgements") < page.index('<details class="desk-stakes">')
    assert "0.972" in folded
    assert "759" in folded
    assert "0.972" not in page[: page.index('<details class="desk-stakes">')]
    assert "<script>alert" not in page


def test_the_text_of_a_harmful_challenge_is_covered(enter):
    assert '<details class="cover">' in enter("modeler").get(DESK).text
    assert '<details class="cover">' not in enter("modeler").get("/console/c/not-drugs/desk").text


def test_a_page_that_nobody_sent_has_no_claim(enter):
    page = enter("modeler").get(f"{DESK}/item2").text
    assert "desk-stakes" not in page
    assert "player" not in page[page.index("data-decide") :]


def test_deciding_tells_the_player_why(services, enter, post):
    enter("modeler")
    answer = post(f"{DESK}/item1", {"label": "drugs", "reason": " It tells how. "})
    assert (answer.status_code, answer.headers["Location"]) == (303, DESK)
    (call,) = services.called("decide_at_desk")
    assert (call[0], call[1], call["label"], call["reason"]) == ("drugs", "item1", "drugs", "It tells how.")
    assert not services.called("mark_gold")


def test_what_was_decided_may_become_gold(services, enter, post):
    enter("modeler")
    page = post(
        f"{DESK}/item1", {"label": "none", "reason": "A shop.", "as_gold": "1"}, follow_redirects=True
    ).text
    assert "Decided." in page
    assert "It is gold from now on." in page
    (call,) = services.called("mark_gold")
    assert (call[1], call["truth"], call["why"]) == ("item1", "none", "A shop.")
    services.answers["mark_gold"] = Conflict("This page is gold already.")
    page = post(
        f"{DESK}/item1", {"label": "none", "reason": "A shop.", "as_gold": "1"}, follow_redirects=True
    ).text
    assert "It did not become gold: This page is gold already." in page


def test_a_decision_that_cannot_be_taken_keeps_what_was_written(services, enter, post):
    enter("modeler")
    page = post(f"{DESK}/item1", {"reason": "A shop of plants"})
    assert page.status_code == 422
    assert "Say first what the page is." in page.text
    assert "A shop of plants" in page.text
    services.answers["decide_at_desk"] = Invalid("Say why, in a line.", field="reason")
    page = post(f"{DESK}/item1", {"label": "none"})
    assert page.status_code == 422
    assert 'id="reason-fault">Say why, in a line.' in page.text
    assert 'value="none" required checked' in page.text
    services.answers["decide_at_desk"] = Conflict("This page does not wait any more.")
    assert post(f"{DESK}/item1", {"label": "none", "reason": "x"}).status_code == 409


def test_the_shelf_shows_how_gold_is_answered(enter):
    page = enter("modeler").get(GOLD).text
    for words in (
        "41 of 48 right",
        "40.2 expected",
        "85%",
        "answered suspiciously well",
        "marked by hand",
        "More gold",
        "Kratom",
        "0.997",
    ):
        assert words in page
    assert page.index("2 open disputes") < page.index("The shelf") < page.index("Could become gold")


def test_gold_that_was_only_put_aside_may_be_used_again(enter):
    page = enter("modeler").get(GOLD).text
    assert page.count(">Use again<") == 1
    assert 'Use again<span class="hidden"> Hemp rope' in page


def test_gold_is_marked_and_retired(services, enter, post):
    enter("modeler")
    page = post(f"{GOLD}/mark/item8", {"truth": "drugs", "why": "It sells it."}, follow_redirects=True)
    assert "It is gold from now on." in page.text
    (call,) = services.called("mark_gold")
    assert (call[1], call["truth"], call["why"], bool(call["new_id"])) == (
        "item8",
        "drugs",
        "It sells it.",
        True,
    )
    assert "Retired." in post(f"{GOLD}/g1/retire", follow_redirects=True).text
    assert services.called("retire_gold")[0][1] == "g1"


def test_a_mark_that_cannot_be_set_is_told_where_it_was_tried(services, enter, post):
    enter("modeler")
    services.answers["mark_gold"] = Invalid("Say in a line why.", field="why")
    page = post(f"{GOLD}/mark/item8", {"truth": "none", "why": ""})
    assert page.status_code == 422
    assert page.text.count("Say in a line why.") == 1
    assert 'id="why-item8-fault"' in page.text


@pytest.mark.parametrize(("upheld", "words"), [("1", "Upheld."), ("0", "Declined.")])
def test_a_dispute_is_decided(services, enter, post, upheld, words):
    enter("modeler")
    assert (
        words
        in post(f"{GOLD}/disputes/31", {"upheld": upheld, "answer": "Thank you."}, follow_redirects=True).text
    )
    (call,) = services.called("decide_dispute")
    assert (call[1], call["upheld"], call["answer"]) == (31, upheld == "1", "Thank you.")


def test_a_dispute_is_not_decided_by_half(services, enter, post):
    enter("modeler")
    page = post(f"{GOLD}/disputes/31", {"answer": "Well,"})
    assert page.status_code == 422
    assert "Say first whether they are right." in page.text
    assert not services.called("decide_dispute")
    services.answers["decide_dispute"] = Invalid("Say in a line why you stay with it.", field="answer")
    page = post(f"{GOLD}/disputes/32", {"upheld": "0"})
    assert 'id="answer-32-fault"' in page.text
    assert 'id="answer-31-fault"' not in page.text


def test_a_judge_without_a_name_has_a_number(services, enter):
    services.answers["show_judges"] = replace(j.LIST, judges=(replace(j.CAREFUL, handle=""),), pairs=())
    assert ">judge 7</a>" in enter("modeler").get(JUDGES).text


@pytest.mark.parametrize("path", [JUDGES, f"{JUDGES}/7", DESK, GOLD, f"{HOME}/machines"])
def test_every_page_of_the_console_leads_to_the_others(enter, path):
    page = enter("modeler").get(path).text
    for other in (f"{HOME}/machines", JUDGES, DESK, GOLD):
        assert f'href="{other}"' in page


def test_the_console_leads_to_the_judges(enter):
    page = enter("modeler").get("/console").text
    for path in (JUDGES, DESK, GOLD):
        assert f'href="{path}"' in page
