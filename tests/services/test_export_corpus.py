from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from btm.rules.errors import DomainError, Forbidden, Invalid, NotFound
from btm.services import export_corpus as module
from btm.services.export_corpus import export_corpus
from btm.services.recheck_find import recheck_find
from btm.services.roles import grant_role
from btm.services.row_files import cell
from btm.store.tables import DbJudgement, DbReviewItem
from btm.store.transaction import transaction

from ..support.clock import WEDNESDAY_NOON as WHEN
from ..support.finding import cluster, find
from ..support.game import Game
from .test_place_find import grouped
from .test_show_map import replayed

ISSUE = [
    "id",
    "url",
    "canonical_url",
    "final_url",
    "fetched_at",
    "title",
    "text",
    "language",
    "machine",
    "machine_version",
    "probabilities",
    "predicted",
    "verified_label",
    "verdict_probability",
    "severity",
    "novelty",
    "points",
    "judgements",
    "submitted_at",
    "settled_at",
    "cluster",
    "cluster_name",
    "cluster_state",
    "versions",
    "recheck",
    "rechecked_at",
    "redirects",
    "status",
    "content_type",
    "content_hash",
    "snapshot",
    "origin",
    "taken_down",
    "taken_down_at",
]


def jsonl(slug: str = "spam", asker: int | None = None) -> list[dict[str, Any]]:
    whole = b"".join(export_corpus(slug, "jsonl", asker_id=asker, now=WHEN)).decode()
    return [json.loads(line) for line in whole.split("\n") if line]


def table(slug: str = "spam") -> list[dict[str, str]]:
    whole = b"".join(export_corpus(slug, "csv", asker_id=None, now=WHEN)).decode()
    return list(csv.DictReader(io.StringIO(whole, newline="")))


def test_a_line_says_everything_about_a_verified_error(game: Game) -> None:
    game.challenge()
    url = game.page("https://www.a.example/x?utm_source=y", title="A title", text="Some “text” of it.")
    player = game.player("secret-player")
    public_id = game.settled("spam", player, url)
    game.settled("ham")
    game.committed()
    [row] = jsonl()
    assert list(row) == ISSUE
    assert (row["id"], row["url"], row["canonical_url"]) == (public_id, url, "https://www.a.example/x")
    assert (row["title"], row["text"], row["language"]) == ("A title", "Some “text” of it.", "en")
    assert (row["machine"], row["machine_version"]) == ("toy", "1")
    assert row["probabilities"] == {"spam": pytest.approx(0.02), "ham": pytest.approx(0.98)}
    assert (row["predicted"], row["verified_label"], row["severity"]) == ("ham", "spam", pytest.approx(0.98))
    assert row["points"] == game.balance(player)
    assert [judgement["label"] for judgement in row["judgements"]] == ["spam", "spam"]
    assert row["submitted_at"] == row["settled_at"] == row["fetched_at"] == game.clock().isoformat()
    assert "secret-player" not in json.dumps(row)


def test_a_line_says_where_the_error_belongs_and_what_became_of_it(game: Game) -> None:
    _, oak, _ = grouped(game)
    late = find(game, "oak", 50)
    replayed(game, oak[0], version="2", wrong=False)
    recheck_find(game.row(oak[0]).id, now=game.clock(), reader=game.reader)  # type: ignore[arg-type]
    row, *_, last = jsonl()
    own = cluster(game, oak[0])
    assert own is not None
    assert (row["id"], row["cluster"], row["cluster_name"]) == (oak[0], own.public_id, own.name)
    assert row["cluster_state"] == "new"
    [version] = row["versions"]
    assert (version["machine"], version["machine_version"], version["is_error"]) == ("toy", "2", False)
    assert (version["predicted"], version["severity"], version["at"]) == (
        "spam",
        0.3,
        game.clock().isoformat(),
    )
    assert (row["recheck"], row["rechecked_at"], row["origin"]) == (
        "same",
        game.clock().isoformat(),
        "submission",
    )
    assert (row["status"], row["content_type"], row["redirects"]) == (200, "text/html", [])
    page = game.reader.pages[row["url"]]
    assert (row["content_hash"], row["snapshot"]) == (page.content_hash, page.body_hash)  # type: ignore[union-attr]
    assert (last["id"], last["cluster"], last["versions"], last["recheck"]) == (late, "", [], "")


def test_only_judgements_that_count_are_there_with_what_was_said(game: Game) -> None:
    game.challenge()
    public_id = game.committed()
    withdrawn, other = game.judge_says(public_id, "spam"), game.judge()
    with transaction() as session:
        answer = session.query(DbJudgement).filter_by(judge_id=withdrawn).one()
        answer.withdrawn_at = game.clock()
    with transaction() as session:
        earlier = session.query(DbReviewItem).one()
        session.add(
            DbJudgement(
                item_id=earlier.id,
                judge_id=other,
                label="ham",
                seconds=3,
                judged_at=game.clock(),
                round=earlier.round + 7,
            )
        )
    game.judge_says(public_id, "spam", reason="It sells.")
    game.judge_says(public_id, "spam", reason="=1+1")
    game.judge_says(public_id, "spam") if game.row(public_id).state == "in_review" else None
    [row] = jsonl()
    assert [(each["label"], each["reason"], each["other"]) for each in row["judgements"]][:2] == [
        ("spam", "It sells.", ""), ("spam", "=1+1", ""),
    ]  # fmt: skip
    assert "ham" not in {each["label"] for each in row["judgements"]}
    assert json.loads(table()[0]["judgements"]) == row["judgements"]


def test_csv_has_the_same_columns_and_rows(game: Game) -> None:
    game.challenge()
    for _ in range(2):
        game.settled("spam")
    found, lines = table(), jsonl()
    assert list(found[0]) == ISSUE
    assert [row["id"] for row in found] == [row["id"] for row in lines]
    assert json.loads(found[0]["probabilities"]) == lines[0]["probabilities"]
    assert float(found[0]["severity"]) == lines[0]["severity"]


def test_text_of_several_lines_stays_one_row(game: Game) -> None:
    game.challenge()
    text = 'One "line".\nAnother, with a comma;\r\n\u2028and a third.'
    game.settled("spam", url=game.page(text=text))
    assert [row["text"] for row in jsonl()] == [text]
    assert [row["text"] for row in table()] == [text]
    assert len(b"".join(export_corpus("spam", "jsonl", asker_id=None, now=WHEN)).split(b"\n")) == 2


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_starts_a_formula(game: Game, start: str) -> None:
    game.challenge()
    game.settled(
        "spam",
        url=game.page(
            title=f'{start}HYPERLINK("http://evil.example","Click")',
            text=f"{start}cmd|' /C calc'!A0 and words",
        ),
    )
    [row] = table()
    for column, value in row.items():
        assert not value.startswith(("=", "+", "-", "@", "\t", "\r", "\n")), column
    assert row["title"].startswith("'" + start)
    [line] = jsonl()
    assert line["title"].startswith(start)


@given(
    st.one_of(
        st.text(), st.lists(st.text()), st.dictionaries(st.text(), st.floats(allow_nan=False)), st.none()
    )
)
def test_no_value_at_all_becomes_a_formula(value: object) -> None:
    assert not str(cell(value)).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_judges_are_pseudonyms_the_same_within_a_challenge_and_only_there(game: Game) -> None:
    game.challenge("one")
    game.challenge("two")
    judges = [game.judge("one") for _ in range(2)]
    for judge in judges:
        game.qualify(judge, "two")
    for slug in ("one", "one", "two"):
        public_id = game.committed(slug=slug)
        for judge in judges:
            game.judge_says(public_id, "spam", judge)
    first, second = ([j["judge"] for j in row["judgements"]] for row in jsonl("one"))
    [other] = ([j["judge"] for j in row["judgements"]] for row in jsonl("two"))
    assert first == second
    assert not set(first) & set(other)
    assert first == [j["judge"] for j in jsonl("one")[0]["judgements"]]
    assert not any(str(judge) == name for judge in judges for name in first)


def test_a_corpus_is_streamed_a_batch_at_a_time(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    game.challenge()
    made = [game.settled("spam") for _ in range(5)]
    monkeypatch.setattr(module, "BATCH", 2)
    stream = export_corpus("spam", "jsonl", asker_id=None, now=WHEN)
    first = json.loads(next(stream))
    late = game.settled("spam")
    rest = [json.loads(line) for line in stream]
    ids = [first["id"], *(row["id"] for row in rest)]
    assert ids[:5] == made
    assert ids[5:] in ([], [late])


def test_an_empty_corpus_is_empty_but_for_its_header(game: Game) -> None:
    game.challenge()
    assert jsonl() == []
    assert b"".join(export_corpus("spam", "csv", asker_id=None, now=WHEN)).decode().strip() == ",".join(ISSUE)


def test_only_its_modelers_and_the_operator_may_have_it(game: Game) -> None:
    game.challenge()
    game.challenge("other")
    for handle in ("all", "one", "other", "admin2", "nobody"):
        game.player(handle)
    grant_role("all", "modeler", now=game.clock())
    grant_role("one", "modeler", slug="spam", now=game.clock())
    grant_role("other", "modeler", slug="other", now=game.clock())
    grant_role("admin2", "admin", now=game.clock())
    from btm.store import people
    from btm.store.transaction import reading

    with reading() as session:
        ids = {h: people.find_by_handle(session, h).id for h in ("all", "one", "other", "admin2", "nobody")}  # type: ignore[union-attr]
    for handle in ("all", "one", "admin2"):
        export_corpus("spam", "jsonl", asker_id=ids[handle], now=WHEN)
    for handle in ("other", "nobody"):
        with pytest.raises(Forbidden):
            export_corpus("spam", "jsonl", asker_id=ids[handle], now=WHEN)


@pytest.mark.parametrize(
    ("slug", "kind", "error"),
    [("nowhere", "jsonl", NotFound), ("spam", "xlsx", Invalid), ("spam", "", Invalid)],
)
def test_what_cannot_be_exported_is_said_before_the_first_byte(
    game: Game, slug: str, kind: str, error: type[DomainError]
) -> None:
    game.challenge()
    with pytest.raises(error):
        export_corpus(slug, kind, asker_id=None, now=WHEN)
