"""The console of the corpus: who may see it, what each state says, naming clusters, inspections, rounds."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest

from btm.pages.snapshot import FolderSnapshots
from btm.rules.errors import Conflict, Forbidden, Invalid, TooMany
from btm.services.export_corpus import FORMATS

from . import samples_clusters as c
from .samples_machines import TASKS

HOME = "/console/c/drugs"
CORPUS, MAP, CLUSTERS, AUDITS, ROUNDS = (
    f"{HOME}/{name}" for name in ("corpus", "map", "clusters", "audits", "rounds")
)
PAGES = (
    CORPUS, MAP, f"{MAP}?by=severity", f"{MAP}?by=state", f"{MAP}?by=nonsense", *(f"{CLUSTERS}/{key}" for key in c.REPORTS),
    f"{CLUSTERS}/c1?cursor=c", AUDITS, *(f"{AUDITS}/{each.public_id}" for each in c.AUDITS), ROUNDS,
    *(f"{ROUNDS}/{key}" for key in c.ROUNDS), *(f"{ROUNDS}/{key}/promote" for key in c.ROUNDS), f"{ROUNDS}/ready/roll-back",
    f"{ROUNDS}/promoted/roll-back", f"{ROUNDS}/training/card",
)  # fmt: skip
STATES = {
    "nothing at all": ("show_corpus", c.CORPUS_NONE, CORPUS, "What to do first"),
    "no inspection": ("show_corpus", c.CORPUS_ALONE, CORPUS, "Start an inspection"),
    "inspection alone": ("show_corpus", c.CORPUS_INSPECTED, CORPUS, "No probe was decided yet."),
    "no error": ("show_corpus", c.CORPUS_NO_ERROR, CORPUS, "No error was verified yet."),
    "many clusters": ("show_corpus", c.CORPUS_MANY, CORPUS, "51 more"),
    "an empty map": ("show_map", c.MAP_NONE, MAP, "Nothing found yet."),
    "a map of three": ("show_map", c.MAP_FEW, MAP, "No two finds are alike yet."),
    "an unscanned map": ("show_map", c.MAP_UNSCANNED, MAP, "a scan of real traffic would tell how common they are"),
    "no inspections": ("list_audits", [], AUDITS, "Nothing was inspected yet."),
    "no rounds": ("show_rounds", [], ROUNDS, "No round yet."),
    "a round under way": ("show_rounds", c.ROUND_LIST_OPEN, ROUNDS, "Round 8 is under way."),
}  # fmt: skip
POSTS = {
    f"{CLUSTERS}/c1": "edit_cluster", AUDITS: "start_audit", ROUNDS: "start_round",
    f"{ROUNDS}/ready/promote": "promote_round", f"{ROUNDS}/promoted/roll-back": "roll_back_round",
}  # fmt: skip


def words(page) -> str:
    return re.sub(r"[ \n]+", " ", re.sub(r"<[^>]+>", "", page.text))


def pool(
    name: str = "pool.csv", data: bytes = b"url,text\nhttps://a.example,Hello"
) -> tuple[io.BytesIO, str]:
    return io.BytesIO(data), name


@pytest.fixture(autouse=True)
def folder(app, tmp_path: Path) -> None:
    app.extensions["btm_snapshots"] = FolderSnapshots(tmp_path)


@pytest.mark.parametrize("path", PAGES)
def test_renders_without_anything_inline(enter, path):
    page = enter("modeler").get(path)
    assert page.status_code == 200
    assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=", page.text)


@pytest.mark.parametrize("name", STATES)
def test_little_and_much_are_shown(services, enter, name):
    service, answer, path, said = STATES[name]
    services.answers[service] = answer
    page = enter("modeler").get(path)
    assert page.status_code == 200
    assert said in words(page)


@pytest.mark.parametrize("path", PAGES)
def test_it_is_for_modelers(client, enter, path):
    assert client.get(path).headers["Location"].startswith("/login?next=/console")
    assert enter("member").get(path).status_code == 403


@pytest.mark.parametrize(("path", "service"), POSTS.items())
def test_nothing_is_changed_by_others_or_without_a_token(services, enter, post, path, service):
    assert enter("modeler").post(path, data={"name": "x"}).status_code == 400
    enter("member")
    assert post(path, {"name": "x", "bins": "10", "wanted": "500"}).status_code == 403
    assert not services.called(service)


@pytest.mark.parametrize(("service", "path"), [("show_corpus", CORPUS), ("show_map", MAP), ("show_map", f"{MAP}/finds.json"), ("show_cluster", f"{CLUSTERS}/c1"), ("list_audits", AUDITS), ("show_audit", f"{AUDITS}/a1"), ("show_rounds", ROUNDS), ("show_round", f"{ROUNDS}/ready")])  # fmt: skip
def test_another_challenges_modeler_is_told_so(services, enter, service, path):
    services.answers[service] = Forbidden("The corpus of this challenge is for its modelers.")
    assert enter("modeler").get(path).status_code == 403


@pytest.mark.parametrize(
    "path", [f"{CLUSTERS}/none", f"{AUDITS}/none", f"{ROUNDS}/none", f"{ROUNDS}/none/promote"]
)
def test_what_is_not_there_is_not_found(enter, path):
    assert enter("modeler").get(path).status_code == 404


@pytest.mark.parametrize(
    ("path", "name"), [(CORPUS, "Corpus"), (MAP, "Map"), (AUDITS, "Inspections"), (ROUNDS, "Rounds")]
)
def test_the_console_says_where_this_is(enter, path, name):
    assert f'<a href="{path}" aria-current="page">{name}</a>' in enter("modeler").get(path).text
    assert (
        f'<a href="{HOME}/corpus" aria-current="true">Corpus</a>'
        in enter("modeler").get(f"{CLUSTERS}/c1").text
    )
    assert f'href="{MAP}"' in enter("modeler").get("/console").text


def test_the_corpus_puts_players_beside_inspection(enter):
    said = words(enter("modeler").get(CORPUS))
    for each in (
        "Players found errors in 27% (25 to 30%)", "8.7%", "severe: 6.6% (5.3 to 8.1%)", "246 Unknown unknowns", "131 Known unknowns",
        "San Pedro cuttings", "64 finds by 11", "150 in a million", "not scanned yet", "14 pages have changed or gone",
        "1\u202f573 verified pages",
    ):  # fmt: skip
        assert each in said


def test_the_corpus_can_be_taken_away(enter):
    page = enter("modeler").get(CORPUS).text
    for format in FORMATS:
        assert f'href="/c/drugs/corpus.{format}"' in page


def test_a_find_of_a_hostile_name_is_only_text(services, enter):
    bad = replace(c.CLUSTERS[1], name='<script src="x"></script>"><img>')
    services.answers["show_map"] = replace(c.MAP, clusters=(bad, *c.CLUSTERS[2:]))
    page = enter("modeler").get(MAP).text
    assert "<img>" not in page
    assert '<script src="x">' not in page


def test_the_map_draws_a_path_a_colour_and_every_find_once(enter):
    for by, colours in (("cluster", 8), ("severity", 4), ("state", 4)):
        page = enter("modeler").get(f"{MAP}?by={by}").text
        assert page.count('<path class="dots ') == colours + 1  # and the one that marks a cluster of the list
        assert page.count("h0") == len(c.MAP.points)


def test_the_map_leads_to_clusters_from_dots_names_and_list(enter):
    page = enter("modeler").get(MAP).text
    link = f'href="{CLUSTERS}/c1"'
    assert page.count(link) == 4  # its dots, its name at either width, the list
    assert page.count(f'{link} tabindex="-1"') == 3


def test_the_maps_script_gets_each_find_in_columns(enter):
    table = enter("modeler").get(f"{MAP}/finds.json").json
    lengths = {
        key: len(table[key]) for key in ("id", "x", "y", "cluster", "severity", "state", "title", "host")
    }
    assert set(lengths.values()) == {len(c.MAP.points)}
    first = c.MAP.points[0]
    assert table["id"][0] == first.public_id
    assert table["cluster"][0] == [card.public_id for card in c.CLUSTERS].index(first.cluster)
    assert enter("member").get(f"{MAP}/finds.json").status_code == 403


def test_a_map_of_twenty_thousand_stays_small(services, enter):
    services.answers["show_map"] = c.MAP_MANY
    page = enter("modeler").get(MAP)
    assert len(c.MAP_MANY.points) == 20_000
    assert len(page.data) < 400_000
    assert page.text.count("<") < 3000
    assert "20\u202f000 of 31\u202f204 finds are drawn" in words(page)


def test_a_cluster_reads_like_a_report(enter):
    said = words(enter("modeler").get(f"{CLUSTERS}/c1"))
    for each in (
        "64 pages that are About drugs, and the machine says “Not about drugs”.", "Known, and still open.", "Players still find it",
        "150 in a million pages 120 to 190", "× 1.31", "Sent to the crawl team in May.", "trichocereus, san pedro",
        "right on all 64", "wrong on 9 of 64", "page changed since", "page is gone", "desert-garden.example 21", "not known 4",
        "4 pages have changed, 2 are gone",
    ):  # fmt: skip
        assert each in said


def test_later_pages_of_a_cluster_show_finds_alone(services, enter):
    said = words(enter("modeler").get(f"{CLUSTERS}/c1?cursor=c"))
    assert services.called("show_cluster")[0]["cursor"] == "c"
    assert "All finds" in said
    assert "Typical of it" not in said
    assert "First page" in said


def test_a_cluster_is_named(services, enter, post):
    enter("modeler")
    answer = post(f"{CLUSTERS}/c1", {"name": " Cacti ", "notes": "By the cutting."})
    assert answer.headers["Location"] == f"{CLUSTERS}/c1"
    call = services.called("edit_cluster")[0]
    assert (call[0], call[1], call["name"], call["notes"], call["asker_id"]) == (
        "drugs",
        "c1",
        "Cacti",
        "By the cutting.",
        3,
    )


def test_a_name_that_cannot_be_is_shown_again(services, enter, post):
    services.answers["edit_cluster"] = Invalid("A name has at most 120 characters.", field="name")
    enter("modeler")
    answer = post(f"{CLUSTERS}/c1", {"name": "x" * 121, "notes": "Kept?"})
    assert answer.status_code == 422
    assert "A name has at most 120 characters." in answer.text
    assert "x" * 121 in answer.text
    assert "Kept?" in answer.text
    assert 'class="edit-fold" open' in answer.text


def test_an_inspection_is_started(services, enter, post):
    enter("modeler")
    answer = post(
        AUDITS, {"data": pool(), "bins": "8", "wanted": "1 200"}, content_type="multipart/form-data"
    )
    assert answer.headers["Location"] == "/console/tasks/queued"
    call = services.called("start_audit")[0]
    assert (call[1], call["format"], call["bins"], call["wanted"], call["data_name"]) == (
        b"url,text\nhttps://a.example,Hello", "csv", 8, 1200, "pool.csv",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"bins": "8", "wanted": "500"}, "Choose a file first."),
        ({"bins": "ten", "wanted": "500"}, "How many strata? Write a whole number."),
        ({"bins": "8", "wanted": "-3"}, "How many pages? Write a whole number."),
        ({"bins": "²", "wanted": "5"}, "How many strata? Write a whole number."),
    ],
)
def test_an_inspection_needs_a_file_and_numbers(services, enter, post, form, said):
    enter("modeler")
    answer = post(AUDITS, form, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert said in answer.text
    assert not services.called("start_audit")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Invalid("A row needs a url.", field="format"), 422),
        (Invalid("An audit has 1 to 50 bins.", field="bins"), 422),
        (Conflict("The budget does not hold so many pages.", code="budget_spent"), 409),
        (TooMany("Several files of this challenge are being worked on."), 429),
    ],
)
def test_why_an_inspection_cannot_start_is_said_beside_the_form(services, enter, post, error, status):
    services.answers["start_audit"] = error
    enter("modeler")
    answer = post(AUDITS, {"data": pool(), "bins": "8", "wanted": "700"}, content_type="multipart/form-data")
    assert answer.status_code == status
    assert error.sentence in answer.text
    assert 'value="700"' in answer.text


def test_an_inspection_tells_its_strata_and_its_result(enter):
    said = words(enter("modeler").get(f"{AUDITS}/a1"))
    for each in (
        "Of the 69\u202f235 pages in the pool the machine gets 8.7% wrong, 1.2% severely.",
        "6.1 to 12%",
        "0.000 to 0.050",
        "48%",
    ):
        assert each in said
    assert "none has its verdict yet" in words(enter("modeler").get(f"{AUDITS}/a3"))
    assert "as far as judges are" in words(enter("modeler").get(f"{AUDITS}/a2"))


def test_a_round_is_started_with_both_files(services, enter, post):
    enter("modeler")
    form = {
        "kind": "candidate",
        "data": pool("base.jsonl", b'{"label": "none"}'),
        "natural": pool("natural.csv", b"label,text\n"),
    }
    answer = post(ROUNDS, form, content_type="multipart/form-data")
    assert answer.headers["Location"] == f"{ROUNDS}/training"
    call = services.called("start_round")[0]
    assert (call["kind"], call["data"], call["format"], call["data_name"], call["natural"]) == (
        "candidate", b'{"label": "none"}', "jsonl", "base.jsonl", b"label,text\n",
    )  # fmt: skip


def test_a_round_is_started_with_nothing(services, enter, post):
    enter("modeler")
    post(ROUNDS, {"kind": ""}, content_type="multipart/form-data")
    call = services.called("start_round")[0]
    assert (call["kind"], call["data"], call["natural"]) == (None, None, None)


@pytest.mark.parametrize("error", [Invalid("There are 9 finds.", field="corpus"), Invalid("No text.", field="natural"), Invalid("A column is missing.", field="format"), Conflict("A round of this challenge is under way.")])  # fmt: skip
def test_why_a_round_cannot_start_is_said_beside_the_form(services, enter, post, error):
    services.answers["start_round"] = error
    enter("modeler")
    answer = post(ROUNDS, {"kind": "correction"}, content_type="multipart/form-data")
    assert answer.status_code == error.status
    assert error.sentence in answer.text
    assert 'value="correction" checked' in answer.text


def test_a_rounds_report_puts_the_recommendation_first(enter):
    page = enter("modeler").get(f"{ROUNDS}/ready")
    said = words(page)
    assert (
        page.text.index("Let it play.")
        < page.text.index("Natural traffic</h3>")
        < page.text.index("Cluster by cluster")
    )
    for each in (
        "1 of 4 clusters are fixed",
        "−0.7160 −0.7900 to −0.6400 better",
        "+0.0210 +0.0030 to +0.0400 worse",
        "no clear difference",
    ):
        assert each in said
    for each in ("1 fixed", "2 better", "1 the same", "1 worse", "Finds that stand alone"):
        assert each in said
    assert f'href="{ROUNDS}/ready/promote"' in page.text


def test_what_is_not_recommended_can_be_forced_knowingly(services, enter, post):
    page = enter("modeler").get(f"{ROUNDS}/adverse")
    assert "Do not let it play." in page.text
    assert "Promote it all the same" in page.text
    asked = enter("modeler").get(f"{ROUNDS}/adverse/promote")
    assert 'name="force" value="1" required' in asked.text
    post(f"{ROUNDS}/adverse/promote", {"force": "1"})
    assert services.called("promote_round")[0]["force"] is True


def test_promotion_says_what_will_happen_and_happens(services, enter, post):
    said = words(enter("modeler").get(f"{ROUNDS}/ready/promote"))
    assert "Quotes that were committed stand." in said
    assert "No balance changes." in said
    answer = post(f"{ROUNDS}/ready/promote")
    assert answer.headers["Location"] == f"{ROUNDS}/ready"
    call = services.called("promote_round")[0]
    assert (call[0], call[1], call["force"]) == ("drugs", "ready", False)


def test_what_speaks_against_a_promotion_is_said_before_it_is_forced(services, enter, post):
    services.answers["promote_round"] = Conflict("Another machine plays now.", code="not_advised")
    enter("modeler")
    answer = post(f"{ROUNDS}/ready/promote")
    assert answer.status_code == 409
    assert "Another machine plays now." in answer.text
    assert 'name="force"' in answer.text
    services.answers["promote_round"] = Conflict("This round is promoted already.")
    assert 'name="force"' not in post(f"{ROUNDS}/ready/promote").text


def test_a_round_is_rolled_back(services, enter, post):
    assert "Roll it back" in enter("modeler").get(f"{ROUNDS}/promoted").text
    assert "There is nothing to roll back" in enter("modeler").get(f"{ROUNDS}/ready/roll-back").text
    answer = post(f"{ROUNDS}/promoted/roll-back")
    assert answer.headers["Location"] == f"{ROUNDS}/promoted"
    assert services.called("roll_back_round")[0][1] == "promoted"


def test_a_round_under_way_is_followed(enter):
    page = enter("modeler").get(f"{ROUNDS}/training").text
    assert f'data-poll="{ROUNDS}/training/card"' in page
    assert '<meta http-equiv="refresh"' in page
    done = enter("modeler").get(f"{ROUNDS}/ready/card").text
    assert "data-poll" not in done
    assert "See its report" in done
    assert "Nothing was changed" in enter("modeler").get(f"{ROUNDS}/failed").text


@pytest.mark.parametrize(
    ("kind", "title", "link"),
    [
        ("audit", "Drawing pages to inspect", f"{AUDITS}/done"),
        ("round", "A round of learning", f"{ROUNDS}/done"),
        ("replay", "Asking the corpus again", f"{MAP}?by=state"),
    ],
)
def test_work_in_the_background_leads_to_what_came_of_it(services, enter, kind, title, link):
    services.answers["show_task"] = replace(TASKS["done"], kind=kind)
    page = enter("modeler").get("/console/tasks/done").text
    assert title in page
    assert f'href="{link}"' in page
    services.answers["show_task"] = replace(TASKS["failed"], kind=kind)
    assert title in enter("modeler").get("/console/tasks/failed").text


def test_a_promoted_round_plays_only_until_another_machine_does(services, enter):
    assert "It plays. 4 clusters closed, 1 came back." in words(enter("modeler").get(f"{ROUNDS}/promoted"))
    services.answers["show_round"] = replace(c.ROUNDS["promoted"], may_roll_back=False)
    assert "another machine plays now" in enter("modeler").get(f"{ROUNDS}/promoted").text
