"""Challenges written in the console, on a real database: from nothing to live, with nothing that was typed lost."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask.sessions import SecureCookieSessionInterface
from werkzeug.serving import make_server

from btm.services.edit_challenge import edit_challenge
from btm.services.export_challenge import export_challenge
from btm.services.roles import grant_role
from btm.services.sessions import start_session
from btm.services.show_authoring import show_authoring
from btm.web import clock, design_forms
from btm.web.console_writing import STEPS
from btm.web.limits import limiter

from ..support.databases import migrated
from ..support.game import open_game

LABELS = {
    "lists": "labels", "has_target": "1", "target": "0", "labels.0.key": "", "labels.0.name": "Spam", "labels.0.statement": "this is spam",
    "labels.1.key": "ham", "labels.1.name": "Ham", "labels.1.statement": "this is ham", "labels.2.name": "",
}  # fmt: skip
BRIEF = {
    "title": "Find spam", "sought": "Pages of spam.", "brief.summary": "Find it.", "brief.question": "Is it?",
    "lists": "brief.counts brief.counts_not", "brief.counts.0.text": "", "brief.counts.1.text": "An offer.", "brief.counts.1.why": "It sells.",
    "brief.counts_not.0.text": "A tree.",
}  # fmt: skip
TEST = {
    "lists": "qualification", "qualification.0.title": "Sale", "qualification.0.text": "Buy.", "qualification.0.label": "spam",
    "qualification.1.text": "A tree.", "qualification.1.label": "ham",
}  # fmt: skip


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with migrated("sqlite", tmp_path_factory.mktemp("writing")) as database:
        database.app.config.update(WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
        limiter.enabled = False
        game = open_game(database)
        before, clock.now = clock.now, game.clock
        game.machine_row()
        game.bell.hold()
        people = {name: game.player(name) for name in ("ada", "bob")}
        for name, account_id in people.items():
            grant_role(name, "modeler", now=game.clock())
            start_session(account_id, new_token=name, device="", now=game.clock())
        yield SimpleNamespace(game=game, app=database.app, people=people)
        limiter.enabled, clock.now = True, before


@pytest.fixture
def ada(house: Any) -> Any:
    return entered(house, "ada")


def entered(house: Any, name: str) -> Any:
    client = house.app.test_client()
    with client.session_transaction() as session:
        session["t"] = name
    return client


def draft(client: Any, **form: str) -> str:
    answer = client.post("/console/challenges/new", data={"starter": "blank", **form})
    assert answer.status_code == 303, answer.text
    return answer.location.split("/")[3]


def save(client: Any, slug: str, step: str, form: dict[str, str], then: str = "next") -> Any:
    return client.post(f"/console/c/{slug}/write/{step}", data={**form, "then": then})


def words(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


def finished(client: Any) -> str:
    """A draft, written step by step, that lacks nothing."""
    slug = draft(client)
    for step, form in (
        ("brief", {**BRIEF, "slug": slug}),
        ("labels", LABELS),
        ("cost", {"cost.0.1": "2,5", "cost.1.0": "1"}),
        ("money", {"budget": "100,000", "rules.max_bonus": "2,000"}),
        ("rules", {"preset": "strict"}),
        ("test", TEST),
        ("machine", {"mode": "beat", "machine": "toy|1"}),
    ):
        answer = save(client, slug, step, form)
        assert answer.status_code == 303, words(answer)
    return slug


def test_from_nothing_to_live_step_by_step(ada: Any) -> None:
    slug = finished(ada)
    view = show_authoring(slug, asker_id=None, now=clock.now())
    assert not [each for each in view.missing if each.is_must]
    design = view.design
    assert (design.target, design.label_keys, design.cost) == ("spam", ("spam", "ham"), ((0, 2.5), (1, 0)))
    assert (design.budget, design.rules.max_bonus, view.preset) == (100_000, 2000, "strict")
    assert [each.text for each in design.brief.counts] == ["An offer."]
    for step in STEPS:
        page = ada.get(f"/console/c/{slug}/write/{step}")
        assert page.status_code == 200, step
        assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=", page.text)
    assert "Nothing is missing." in words(ada.get(f"/console/c/{slug}/write/check"))
    for state in ("live", "paused", "live", "archived", "paused"):
        assert ada.post(f"/console/c/{slug}/write/state", data={"state": state}).status_code == 303
        assert show_authoring(slug, asker_id=None, now=clock.now()).state == state
    assert "Find spam" in words(ada.get("/console/challenges?state=paused"))
    assert ada.get("/console/challenges?state=archived").status_code == 200


@pytest.mark.parametrize("step", STEPS)
def test_every_step_of_an_empty_sheet_can_be_read(ada: Any, step: str) -> None:
    assert ada.get(f"/console/c/{draft(ada)}/write/{step}").status_code == 200


def test_what_is_missing_is_said_with_the_way_to_its_field(ada: Any) -> None:
    slug = draft(ada)
    page = ada.get(f"/console/c/{slug}/write/check")
    assert f'href="/console/c/{slug}/write/brief#title"' in page.text
    assert f'href="/console/c/{slug}/write/labels#labels"' in page.text
    assert "Go live" not in words(page)
    refused = ada.post(f"/console/c/{slug}/write/state", data={"state": "live"})
    assert (refused.status_code, show_authoring(slug, asker_id=None, now=clock.now()).state) == (422, "draft")
    assert "Give the challenge a title." in words(refused)


@pytest.mark.parametrize(
    ("step", "form", "field"),
    [
        ("brief", {"slug": "No Address"}, "slug"),
        ("brief", {"lists": "brief.counts", "brief.counts.4.why": "No example."}, "brief.counts.0.text"),
        ("labels", {**LABELS, "labels.1.key": "Not a key"}, "labels.1.key"),
        ("money", {"budget": "much"}, "budget"),
        ("money", {"rules.max_bonus": "-3"}, "rules.max_bonus"),
        ("settings", {"rules.min_quote": "900", "rules.max_bonus": "100"}, "rules.min_quote"),
        ("settings", {"rules.sharpness": "sharp"}, "rules.sharpness"),
        ("machine", {"machine": "nobody|1"}, "machine"),
        ("brief", {"slug": ""}, "slug"),
    ],
)
def test_a_fault_is_told_at_its_field_and_nothing_typed_is_lost(
    ada: Any, step: str, form: dict[str, str], field: str
) -> None:
    slug = draft(ada, title="Find spam")
    page = save(ada, slug, step, {**form, "title": "A title that I typed"} if step == "brief" else form)
    assert page.status_code == 422
    assert f'href="#{field}"' in page.text
    assert f'id="{field}"' in page.text
    for value in form.values():
        assert value in page.text
    assert ("A title that I typed" in page.text) == (step == "brief")
    assert show_authoring(slug, asker_id=None, now=clock.now()).revision == 0


def test_a_cell_of_the_grid_that_is_no_number_is_told(ada: Any) -> None:
    slug = finished(ada)
    page = save(ada, slug, "cost", {"cost.0.1": "dear", "cost.1.0": "4"})
    assert page.status_code == 422
    assert 'value="dear" aria-invalid="true"' in page.text
    assert 'value="4"' in page.text


def test_rows_come_and_go_without_scripts_and_without_being_saved(ada: Any) -> None:
    slug = draft(ada)
    form = {"title": "Typed", "brief.counts.0.text": "First", "brief.counts.1.text": "Second"}
    more = ada.post(f"/console/c/{slug}/write/brief", data={**form, "more": "brief.counts"})
    assert 'id="brief.counts.2.text"' in more.text
    less = ada.post(f"/console/c/{slug}/write/brief", data={**form, "drop": "brief.counts.0"})
    assert 'value="Second"' in less.text
    assert 'value="First"' not in less.text
    assert 'value="Typed"' in less.text
    assert show_authoring(slug, asker_id=None, now=clock.now()).revision == 0


def test_the_target_stays_with_its_label_when_an_earlier_one_is_taken_out(ada: Any) -> None:
    slug = draft(ada)
    page = ada.post(f"/console/c/{slug}/write/labels", data={**LABELS, "target": "1", "drop": "labels.0"})
    assert re.search(r'name="target" value="0" checked', page.text)


def test_who_was_slower_is_told_who_and_what_and_may_save_again(house: Any, ada: Any) -> None:
    slug = draft(ada, title="Mine")
    edit_challenge(slug, {"title": "Theirs"}, asker_id=house.people["bob"], now=house.game.clock())
    late = save(ada, slug, "brief", {"title": "Mine, better", "revision": "0"})
    assert late.status_code == 409
    said = words(late)
    assert "bob changed this challenge: title" in said
    assert "It says now: Theirs" in said
    assert 'value="Mine, better"' in late.text
    again = re.search(r'name="revision" value="(\d+)"', late.text)
    assert again
    assert save(ada, slug, "brief", {"title": "Mine, better", "revision": again[1]}).status_code == 303
    assert show_authoring(slug, asker_id=None, now=clock.now()).design.title == "Mine, better"


def test_what_somebody_else_added_meanwhile_is_shown_before_it_is_written_over(house: Any, ada: Any) -> None:
    slug = finished(ada)
    revision = str(show_authoring(slug, asker_id=None, now=clock.now()).revision)
    more = [{"text": "An offer."}, {"text": "A lottery.", "why": "Nobody wins."}]
    edit_challenge(slug, {"brief": {"counts": more}}, asker_id=house.people["bob"], now=house.game.clock())
    late = save(ada, slug, "brief", {**BRIEF, "revision": revision})
    assert "It has one more now: A lottery. Nobody wins." in words(late)


def test_a_draft_that_is_renamed_takes_its_own_topic_along(ada: Any) -> None:
    slug = draft(ada)
    answer = save(ada, slug, "brief", {"slug": f"{slug}-renamed"}, then="stay")
    assert answer.location == f"/console/c/{slug}-renamed/write/brief"
    assert show_authoring(f"{slug}-renamed", asker_id=None, now=clock.now()).design.topic == f"{slug}-renamed"


def test_everything_that_a_challenge_says_has_its_field(ada: Any) -> None:
    slug = finished(ada)
    pages = "".join(ada.get(f"/console/c/{slug}/write/{step}").text for step in STEPS)
    fields = set(re.findall(r'name="([^"]+)"', pages))
    said = set(design_forms.typed_of(show_authoring(slug, asker_id=None, now=clock.now()).design))
    right = {f"cost.{i}.{i}" for i in range(2)}
    assert said - right - fields == {"machine_version"}, "the version goes with the machine"
    assert {"proportions.spam", "proportions.ham"} <= fields


def test_a_long_test_in_any_script_fits_into_its_form(ada: Any) -> None:
    slug = finished(ada)
    form = {"lists": "qualification"}
    for number in range(25):
        form |= {f"qualification.{number}.text": "ж" * 9_900, f"qualification.{number}.label": "spam"}
    assert save(ada, slug, "test", form).status_code == 303
    assert len(show_authoring(slug, asker_id=None, now=clock.now()).design.qualification) == 25


def test_what_people_have_been_promised_stays_and_the_form_says_why(house: Any, ada: Any) -> None:
    slug = finished(ada)
    ada.post(f"/console/c/{slug}/write/state", data={"state": "live"})
    house.game.submitted(slug=slug)
    for step in STEPS:
        assert ada.get(f"/console/c/{slug}/write/{step}").status_code == 200
    for step, form, said in (
        ("labels", {**LABELS, "labels.1.key": "good"}, "The labels of a challenge that has submissions"),
        ("labels", {**LABELS, "labels.0.key": "spam", "target": "1"}, "The target of a challenge"),
        ("money", {"budget": "7"}, "Fund it to add more."),
        ("money", {"rules.points_per_usd": "1"}, "What a point is worth cannot be changed"),
        ("brief", {"slug": "elsewhere"}, "The address of a challenge that has been live stays"),
    ):
        answer = save(ada, slug, step, form)
        assert (answer.status_code, said in words(answer)) == (409, True), step
    kept = {**LABELS, "labels.0.key": "spam", "labels.0.help": "It sells."}
    assert save(ada, slug, "labels", kept).status_code == 303
    ada.post(f"/console/c/{slug}/write/state", data={"state": "archived"})
    shut = save(ada, slug, "brief", {"title": "Kept as typed"})
    assert (shut.status_code, "Bring it back first" in words(shut)) == (409, True)
    assert 'value="Kept as typed"' in shut.text


def test_the_example_follows_what_is_typed_and_saves_nothing(ada: Any) -> None:
    slug = finished(ada)
    revision = show_authoring(slug, asker_id=None, now=clock.now()).revision
    form = {"budget": "100000", "rules.max_bonus": "3000"}
    page = save(ada, slug, "money", form, then="example")
    part = ada.post(
        f"/console/c/{slug}/write/money", data={**form, "then": "example"}, headers={"X-Partial": "1"}
    )
    typical = re.search(r"A typical find pays ([\d\s,]+)", words(part))
    assert typical
    assert typical[0] in words(page)
    assert "<main" not in part.text
    wrong = ada.post(
        f"/console/c/{slug}/write/money", data={"budget": "x", "then": "example"}, headers={"X-Partial": "1"}
    )
    assert "Type a whole number" in wrong.text
    assert show_authoring(slug, asker_id=None, now=clock.now()).revision == revision


def test_a_preset_decides_but_for_what_was_typed_anew(ada: Any) -> None:
    slug = draft(ada)
    save(ada, slug, "rules", {"preset": "strict", "rules.max_judgements": "9", "rules.min_judgements": "2"})
    law = show_authoring(slug, asker_id=None, now=clock.now()).design.rules
    assert (law.min_judgements, law.max_judgements, law.gold_proof_answers) == (3, 9, 40)
    save(ada, slug, "settings", {"rules.max_judgements": ""})
    assert show_authoring(slug, asker_id=None, now=clock.now()).design.rules.max_judgements == 7


def test_a_file_goes_out_and_comes_in_and_a_wrong_one_can_be_mended_in_place(ada: Any) -> None:
    slug = finished(ada)
    file = ada.get(f"/console/c/{slug}/write/challenge.yaml")
    assert file.data.decode() == export_challenge(slug, asker_id=None)
    taken = ada.post("/console/challenges/import", data={"file": (io.BytesIO(file.data), "a.yaml")})
    assert (taken.status_code, "already" in taken.text) == (422, True)
    made = ada.post("/console/challenges/import", data={"text": file.data.decode(), "slug": "brought"})
    assert made.location == "/console/c/brought/write/brief"
    wrong = ada.post(
        "/console/challenges/import", data={"file": (io.BytesIO(b"title: Find\nlabls: []\n"), "a.yaml")}
    )
    assert wrong.status_code == 422
    assert "Line 2" in wrong.text
    assert "labls: []" in wrong.text


def test_a_draft_can_be_funded_and_its_machine_trained_before_it_is_live(ada: Any) -> None:
    slug = draft(ada)
    for page in ("money", "machines", "machines/train"):
        assert ada.get(f"/console/c/{slug}/{page}").status_code == 200, page


def test_a_copy_is_a_draft_of_its_own(ada: Any) -> None:
    slug = finished(ada)
    made = ada.post("/console/challenges/copy", data={"of": slug}).location.split("/")[3]
    assert show_authoring(made, asker_id=None, now=clock.now()).design.topic == made != slug


@pytest.mark.browser
def test_in_a_browser_the_example_follows_and_what_is_not_saved_is_said(
    house: Any, ada: Any, chromium: Any
) -> None:
    slug = finished(ada)
    server = make_server("127.0.0.1", 0, house.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    home = f"http://127.0.0.1:{server.server_port}"
    signer = SecureCookieSessionInterface().get_signing_serializer(house.app)
    assert signer
    context = chromium.new_context(reduced_motion="reduce", viewport={"width": 390, "height": 844})
    try:
        token = signer.dumps({"t": "ada", "_permanent": True})
        context.add_cookies([{"name": "btm", "value": token, "url": home}])
        page = context.new_page()
        page.goto(f"{home}/console/c/{slug}/write/money")
        before = page.locator(".worked-typical b").inner_text()
        page.locator('[id="rules.max_bonus"]').fill("8,000")
        page.wait_for_function(
            "before => document.querySelector('.worked-typical b').innerText !== before", arg=before
        )
        assert page.locator("[data-saved-words]").inner_text() == "Not saved yet"
        assert not Axe().run(page).violations_count
        page.locator(".writing-save button.primary").click()
        page.wait_for_url("**/write/rules")
        assert page.locator("[data-saved-words]").inner_text().startswith("Saved")
    finally:
        context.close()
        server.shutdown()
        thread.join()
    assert show_authoring(slug, asker_id=None, now=clock.now()).design.rules.max_bonus == 8000
