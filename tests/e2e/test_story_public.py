"""What the story left for others to see: the boards, the finds, and the corpus for modelers."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from . import law
from .people import Person
from .plan import CHALLENGES
from .story import PLAYERS, VERIFIERS, Record, brief

pytestmark = [pytest.mark.browser, pytest.mark.data, pytest.mark.timeout(900)]

COLUMNS = (
    "id", "url", "canonical_url", "final_url", "fetched_at", "title", "text", "language", "machine", "machine_version",
    "probabilities", "predicted", "verified_label", "verdict_probability", "severity", "novelty", "points", "judgements",
    "submitted_at", "settled_at", "cluster", "cluster_name", "cluster_state", "versions", "recheck", "rechecked_at", "redirects",
    "status", "content_type", "content_hash", "snapshot", "origin", "taken_down", "taken_down_at",
)  # fmt: skip


@pytest.mark.parametrize("challenge", [None, *CHALLENGES])
def test_the_board_ranks_by_points_from_finds(played, challenge):
    expected = sorted(
        (
            (player, sum(one.hunt.is_find for one in played.committed(player, challenge)), played.paid(player, challenge, True))
            for player in PLAYERS
        ),
        key=lambda row: -row[2],
    )  # fmt: skip
    expected = [row for row in expected if row[2]]
    path = f"/c/{challenge}/leaderboard" if challenge else "/leaderboard"
    for period in ("week", "all"):
        assert played.people[PLAYERS[1]].board(f"{path}?period={period}") == expected


@pytest.mark.parametrize("challenge", CHALLENGES)
def test_what_was_found_is_public_and_harmful_addresses_are_no_links(played, chromium, challenge):
    stranger = Person(chromium, played.product.url, "nobody", played.watch)
    page = stranger.go(f"/c/{challenge}/found")
    text = page.locator("main").inner_text()
    expected = played.finds(challenge)
    assert page.locator(".find").count() == len(expected)
    links = page.locator(".find-url a").evaluate_all("all => all.map(one => one.href)")
    for one in expected:
        assert one.hunt.title.split(" | ")[0][:40] in " ".join(text.split())
        assert (played.site.url(one.hunt.path) in links) == (not brief(challenge)["harmful"])
    assert not [
        one
        for one in played.committed(challenge=challenge)
        if not one.hunt.is_find and one.hunt.title in text
    ]
    assert stranger.go(f"/s/{expected[0].card.id}").locator("[data-card]").count() == 1
    rejected = next(one for one in played.committed() if not one.hunt.is_find)
    assert stranger.page.goto(f"{stranger.base}/s/{rejected.card.id}").status == 404
    stranger.close()


@pytest.mark.parametrize("challenge", CHALLENGES)
def test_the_export_has_every_error_with_every_column(played, challenge):
    rows = [json.loads(line) for line in exported(played, challenge, "jsonl").decode().splitlines()]
    by_id = {row["id"]: row for row in rows}
    assert set(by_id) == {one.card.id for one in played.finds(challenge)}
    assert len(by_id) == len(rows)
    for one in played.finds(challenge):
        check_row(played, one, by_id[one.card.id])
    table = list(csv.DictReader(io.StringIO(exported(played, challenge, "csv").decode(), newline="")))
    assert tuple(table[0]) == COLUMNS
    assert [row["id"] for row in table] == [row["id"] for row in rows]
    for cells, row in zip(table, rows, strict=True):
        assert json.loads(cells["judgements"]) == row["judgements"]
        assert (int(cells["points"]), float(cells["severity"])) == (row["points"], row["severity"])
        assert cells["text"].removeprefix("'").replace("\r\n", "\n") == row["text"].replace("\r\n", "\n")
        assert not [cell for cell in cells.values() if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]


def check_row(played: Record, one: Any, row: dict[str, Any]) -> None:
    hunt = one.hunt
    assert tuple(row) == COLUMNS
    assert row["url"] == row["final_url"] == played.site.url(hunt.path)
    assert (row["title"], row["language"]) == (hunt.title, "en")
    assert len(row["text"]) > 100
    assert (row["machine"], bool(row["machine_version"])) == (CHALLENGES[hunt.challenge], True)
    assert row["probabilities"] == pytest.approx(hunt.probabilities)
    assert (row["predicted"], row["verified_label"]) == (law.assigned(hunt.probabilities), hunt.truth)
    assert row["severity"] == pytest.approx(law.severity(hunt.probabilities, hunt.truth))
    assert row["points"] == one.card.points == law.bonus(row["probabilities"], hunt.truth, row["novelty"])
    assert 0.95 <= row["verdict_probability"] < 1
    assert (row["status"], row["redirects"], row["origin"]) == (200, [], "submission")
    assert row["content_type"].startswith("text/html")
    assert row["snapshot"] == hashlib.sha256(played.site.find(hunt.path)).hexdigest()
    assert (row["versions"], row["recheck"], row["rechecked_at"]) == ([], "", ""), (
        "no other machine, and too early"
    )
    assert not any(row[name] for name in ("cluster", "cluster_name", "cluster_state")), (
        "too few to be grouped"
    )
    times = [datetime.fromisoformat(row[name]) for name in ("submitted_at", "fetched_at", "settled_at")]
    assert times == sorted(times)
    assert all(moment.tzinfo for moment in times)
    judgements = row["judgements"]
    assert len(judgements) == len({judgement["judge"] for judgement in judgements})
    given = Counter(
        label
        for answers in played.judged.values()
        for slug, title, label in answers
        if (slug, title) == (hunt.challenge, hunt.title)
    )
    assert Counter(judgement["label"] or "cannot" for judgement in judgements) == given
    assert not [name for name in (*VERIFIERS, *PLAYERS) if name in json.dumps(judgements)]


def exported(played: Record, challenge: str, kind: str) -> bytes:
    """The corpus by the command line, which must be what the console's link downloads."""
    by_command = played.product.command("export", "corpus", "--challenge", challenge, "--format", kind)
    admin = played.people[played.product.admin[0]]
    page = admin.go("/console")
    with page.expect_download() as download:
        page.locator(f'a[href$="/c/{challenge}/corpus.{kind}"]').click()
    assert download.value.suggested_filename == f"{challenge}.{kind}"
    with open(download.value.path(), "rb") as file:
        assert file.read() == by_command
    return by_command


def test_the_corpus_is_for_modelers(played):
    player = played.people[PLAYERS[0]]
    for path in ("/console", "/c/drugs/corpus.jsonl", "/c/drugs/corpus.csv"):
        assert player.context.request.get(f"{player.base}{path}").status == 403
