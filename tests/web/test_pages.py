"""Every page renders in each of its states."""

from __future__ import annotations

import pytest

from . import samples as s
from . import samples_machines as m

MACHINES = "/console/c/drugs/machines"
TRAINED = f"{MACHINES}/drugs-own/9f31c07be2aa"
CONSOLE = (
    MACHINES, f"{MACHINES}?all=1", f"{MACHINES}/train", f"{MACHINES}/register", TRAINED, f"{TRAINED}?label=none&evaluation=4",
    f"{TRAINED}?label=nonsense&evaluation=nonsense", f"{TRAINED}/activate", f"{TRAINED}/evaluate", f"{MACHINES}/drugs/2026.11",
    f"{MACHINES}/drugs/2026.11/activate", *(f"/console/tasks/{name}" for name in m.TASKS),
)  # fmt: skip
PAGES = (
    "/", "/?sort=newest", "/?sort=nonsense", "/c/drugs", "/c/not-drugs", "/c/paused", "/c/spent", "/about", "/me/submissions",
    "/judge", "/c/drugs/judge", "/c/not-drugs/judge", "/c/drugs/judge/next?beside=item1", "/c/drugs/qualify", "/c/drugs/judge/record", "/me", "/leaderboard",
    "/leaderboard?period=all&challenge=drugs", "/c/drugs/leaderboard", "/c/drugs/found", "/console", "/machines", "/machines/drugs",
    "/me/settings", "/me/delete", *CONSOLE,
)  # fmt: skip

EMPTY = {
    "/": ("list_challenges", [], "No challenge is open yet"),
    "/c/drugs": ("list_submissions", ([], None), "Nothing yet"),
    "/me/submissions": ("list_submissions", ([], None), "Nothing yet"),
    "/judge": ("list_judging", [], "nothing to judge yet"),
    "/c/drugs/judge": ("lease_review", s.JUDGING_NONE, "That was all, for now"),
    "/me": ("show_statement", s.STATEMENT_NONE, "No entries yet"),
    "/c/drugs/leaderboard": ("show_leaderboard", s.BOARD_NONE, "Nobody has points this week"),
    "/c/drugs/found": ("list_finds", s.FOUND_NONE, "Nothing found yet"),
    "/console": ("show_console", [], "No challenges yet"),
    MACHINES: ("list_machine_versions", [], "No machine knows these labels yet"),
    TRAINED: ("show_machine_report", m.REPORT_NONE, "Not measured yet."),
    "/machines": ("list_machines", [], "No machine is installed yet"),
}


@pytest.mark.parametrize("path", PAGES)
def test_renders(enter, path):
    assert enter("modeler").get(path).status_code == 200


@pytest.mark.parametrize("path", ["/", "/c/drugs", "/about", "/leaderboard", "/c/drugs/found", "/machines", "/machines/drugs", "/register", "/login", "/s/visitor"])  # fmt: skip
def test_renders_for_a_stranger(client, path):
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", EMPTY)
def test_says_so_when_there_is_nothing(services, enter, path):
    name, answer, words = EMPTY[path]
    services.answers[name] = answer
    assert words in enter("modeler").get(path).text


@pytest.mark.parametrize("name", s.SUBMISSIONS)
def test_a_submission_renders_in_every_state(enter, name):
    assert enter("member").get(f"/s/{name}").status_code == 200
    card = enter("member").get(f"/s/{name}/card")
    assert card.status_code == 200
    assert "<html" not in card.text
    assert card.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("quoted", "I am quite sure that this page is not about drugs."),
        ("quoted", "Of 100 pages that I score like this, I expect to be right about 97."),
        ("quoted", "Send it to be checked"),
        ("unsure", "How unsure I am"),
        ("common", "How common such pages are"),
        ("visitor", "Create an account to take it"),
        ("expired", "cannot be taken any more"),
        ("in_review", "1 of 2"),
        ("unjudged", "Withdraw"),
        ("confirmed", "You beat the machine."),
        ("theirs", "A player beat the machine."),
        ("rejected", "Not this time."),
        ("undecided", "Too close to call."),
        ("withdrawn", "You took this page back."),
        ("refused", "Somebody found this page before."),
        ("refused", 'href="/s/theirs"'),
        ("broken", "The page did not answer in time."),
    ],
)
def test_a_card_says_what_its_state_means(enter, name, words):
    assert words in enter("member").get(f"/s/{name}").text.replace("</b>", "").replace("<b>", "")


def test_prevalence_is_left_out_when_it_changes_nothing(enter):
    assert "How common" not in enter("member").get("/s/quoted").text


def test_a_waiting_page_reloads_itself_where_scripts_do_not_run(enter):
    assert '<noscript><meta http-equiv="refresh"' in enter("member").get("/s/fetching").text
    assert "http-equiv" not in enter("member").get("/s/quoted").text


def test_someone_elses_submission_offers_nothing_to_press(enter):
    page = enter("member").get("/s/theirs").text
    assert "/commit" not in page
    assert "/withdraw" not in page


def test_a_paused_challenge_takes_no_address(enter):
    for slug in ("paused", "spent"):
        assert 'name="url"' not in enter("member").get(f"/c/{slug}").text


def test_harmful_text_is_covered_and_harmful_addresses_are_text_only(enter):
    assert "Show the text" in enter("member").get("/c/drugs/judge").text
    assert "Show the text" not in enter("member").get("/c/not-drugs/judge").text
    assert 'href="https://desert-garden.example/shop"' not in enter("member").get("/c/drugs/found").text


def test_a_judge_sees_neither_machine_nor_player(enter):
    page = enter("member").get("/c/not-drugs/judge").text.lower()
    main = page[page.index("<main") :]
    for word in ("machine", "submission", "player", "2026.11", "marta"):
        assert word not in main


def test_a_pages_text_is_escaped(enter):
    assert "<script>alert(1)" not in enter("member").get("/c/not-drugs/judge").text


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (s.TEST_PASSED, "You passed."),
        (s.TEST_FAILED, "Not yet."),
        (s.TEST_LATER, "You can take the test again"),
        (s.TEST_DONE, "You have passed this test already."),
    ],
)
def test_the_short_test_in_each_state(services, enter, view, words):
    services.answers["show_qualification"] = view
    assert words in enter("member").get("/c/drugs/qualify").text


def test_ones_own_line_is_shown_below_a_board_that_one_is_not_on(enter):
    assert "118" in enter("member").get("/c/drugs/leaderboard").text


def test_a_board_links_to_its_other_period(enter):
    assert "/c/drugs/leaderboard?period=week" in enter("member").get("/c/drugs/leaderboard").text
    assert "/leaderboard?period=all" in enter("member").get("/leaderboard").text


def test_a_model_card_shows_what_it_knows_and_what_it_does_not(enter):
    page = enter("member").get("/machines/drugs").text
    for words in ("Blind spots", "0.913", "41\u202f250", "Trained at", "not stated"):
        assert words in page


def test_health_and_robots_need_nobody(services, client):
    assert client.get("/healthz").json == {"ok": True}
    assert "Disallow: /s/" in client.get("/robots.txt").text
    assert not services.calls
