"""Taking the corpus away."""

from __future__ import annotations

import pytest

from btm.rules.errors import NotFound


@pytest.mark.parametrize(("name", "kind"), [("jsonl", "application/x-ndjson"), ("csv", "text/csv")])
def test_an_export_is_streamed_as_a_file(services, enter, name, kind):
    answer = enter("modeler").get(f"/c/drugs/corpus.{name}")
    assert answer.data == b'{"id": "f0"}\n{"id": "f1"}\n'
    assert answer.content_type.startswith(kind)
    assert f"drugs.{name}" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert not answer.is_streamed or "Content-Length" not in answer.headers


def test_an_empty_corpus_is_an_empty_file(services, enter):
    services.answers["export_corpus"] = iter(())
    assert enter("modeler").get("/c/drugs/corpus.jsonl").data == b""


def test_an_unknown_challenge_fails_before_the_file_begins(services, enter):
    def rows():
        raise NotFound("There is no such challenge.")
        yield b""

    services.answers["export_corpus"] = rows()
    assert enter("modeler").get("/c/nope/corpus.csv").status_code == 404


def test_other_formats_do_not_exist(enter):
    assert enter("modeler").get("/c/drugs/corpus.xml").status_code == 404
