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
from btm.services.export_corpus import cell, export_corpus
from btm.services.roles import grant_role

from ..support.game import Game

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
]


def jsonl(slug: str = "spam", asker: int | None = None) -> list[dict[str, Any]]:
    whole = b"".join(export_corpus(slug, "jsonl", asker_id=asker)).decode()
    return [json.loads(line) for line in whole.split("\n") if line]


def table(slug: str = "spam") -> list[dict[str, str]]:
    whole = b"".join(export_corpus(slug, "csv", asker_id=None)).decode()
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
    assert len(b"".join(export_corpus("spam", "jsonl", asker_id=None)).split(b"\n")) == 2


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
    stream = export_corpus("spam", "jsonl", asker_id=None)
    first = json.loads(next(stream))
    late = game.settled("spam")
    rest = [json.loads(line) for line in stream]
    ids = [first["id"], *(row["id"] for row in rest)]
    assert ids[:5] == made
    assert ids[5:] in ([], [late])


def test_an_empty_corpus_is_empty_but_for_its_header(game: Game) -> None:
    game.challenge()
    assert jsonl() == []
    assert b"".join(export_corpus("spam", "csv", asker_id=None)).decode().strip() == ",".join(ISSUE)


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
        export_corpus("spam", "jsonl", asker_id=ids[handle])
    for handle in ("other", "nobody"):
        with pytest.raises(Forbidden):
            export_corpus("spam", "jsonl", asker_id=ids[handle])


@pytest.mark.parametrize(
    ("slug", "kind", "error"),
    [("nowhere", "jsonl", NotFound), ("spam", "xlsx", Invalid), ("spam", "", Invalid)],
)
def test_what_cannot_be_exported_is_said_before_the_first_byte(
    game: Game, slug: str, kind: str, error: type[DomainError]
) -> None:
    game.challenge()
    with pytest.raises(error):
        export_corpus(slug, kind, asker_id=None)
