"""Taking the corpus away."""

from __future__ import annotations

import pytest

from btm.rules.errors import NotFound
from btm.rules.exports import query_from


@pytest.mark.parametrize(
    ("name", "kind"),
    [("jsonl", "application/x-ndjson"), ("csv", "text/csv"), ("parquet", "application/vnd.apache.parquet")],
)
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


@pytest.mark.parametrize(
    ("address", "name", "kind", "data"),
    [
        ("corpus.zip", "drugs-dataset.zip", "application/zip", b"PK"),
        ("corpus.warc.gz", "drugs.warc.gz", "application/warc", b"WARC"),
    ],
)
def test_an_archive_is_streamed_as_a_file(services, enter, address, name, kind, data):
    answer = enter("modeler").get(f"/c/drugs/{address}")
    assert (answer.data, answer.content_type) == (data, kind)
    assert name in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("address", ["corpus.parquet", "corpus.zip", "corpus.warc.gz"])
def test_archives_are_for_modelers(enter, address):
    assert enter("member").get(f"/c/drugs/{address}").status_code == 403


@pytest.mark.parametrize(
    ("address", "service"),
    [
        ("corpus.jsonl", "export_corpus"),
        ("corpus.zip", "zip_dataset"),
        ("corpus.warc.gz", "export_warc"),
    ],
)
def test_a_part_is_asked_for_in_the_address(services, enter, address, service):
    enter("modeler").get(f"/c/drugs/{address}?status=open&part=test&since=2026-03-01&cluster=&after=f0")
    [(_, arguments, _)] = [call for call in services.calls if call[0] == service]
    query = arguments[-1]
    assert query == query_from({"status": "open", "part": "test", "since": "2026-03-01", "after": "f0"})


def test_a_part_that_cannot_be_is_refused_in_words(enter):
    answer = enter("modeler").get("/c/drugs/corpus.csv?since=yesterday")
    assert answer.status_code == 422
    assert "must be a date" in answer.get_data(as_text=True)
