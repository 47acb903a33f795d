from __future__ import annotations

import io
import json

import pytest

from btm.rules.errors import Invalid
from btm.services import labelled_files
from btm.services.read_labelled import MOST_LISTED, Labelled, read_labelled

from ..support.fakes import FakeReader, read_page

LABELS = ["spam", "ham"]
LONG = "An ordinary sentence of an ordinary page, long enough to be read by anybody who likes."


def read(data: bytes, format: str = "csv", reader: FakeReader | None = None) -> Labelled:
    return read_labelled(io.BytesIO(data), format, labels=LABELS, reader=reader)  # type: ignore[arg-type]


def reasons(found: Labelled) -> list[tuple[int, str]]:
    return [(bad.number, bad.reason) for bad in found.bad]


def test_rows_of_csv_become_pages_with_labels_and_languages() -> None:
    found = read(
        f"label,text,title,source\nspam,{LONG!r},Hello,a.example\nHAM,oak trees,,\n".replace(
            "'", '"'
        ).encode()
    )
    first, second = found.pages
    assert (first.label, first.page.text, first.page.title, first.source) == (
        "spam",
        LONG,
        "Hello",
        "a.example",
    )
    assert first.page.language == "en"
    assert (second.label, second.page.language, second.number) == ("ham", "", 2)
    assert found.bad_count == 0


def test_rows_of_jsonl_become_pages() -> None:
    rows = [
        {"label": "ham", "text": "oak"},
        {"Label": "spam", "Text": "win", "url": "https://www.a.example/x"},
    ]
    found = read("\n".join(map(json.dumps, rows)).encode() + b"\n\n", "jsonl")
    assert [(row.label, row.page.text, row.source) for row in found.pages] == [
        ("ham", "oak", ""),
        ("spam", "win", "a.example"),
    ]


def test_html_is_read_as_a_page_is() -> None:
    html = f"<html><head><title>Oaks</title></head><body><h1>On oaks</h1><p>{LONG} {LONG}</p></body></html>"
    [row] = read(json.dumps({"label": "ham", "html": html}).encode(), "jsonl").pages
    assert row.page.title == "Oaks"
    assert "On oaks" in row.page.headings
    assert LONG in row.page.text


def test_addresses_are_fetched_and_what_cannot_be_is_said() -> None:
    reader = FakeReader()
    reader.pages = {
        "https://a.example/1": read_page("https://a.example/1", LONG),
        "https://a.example/2": "timeout",
    }
    found = read(
        b"url,label\nhttps://a.example/1,ham\nhttps://a.example/2,ham\nhttps://a.example/3,spam\n",
        reader=reader,
    )
    assert [(row.number, row.source) for row in found.pages] == [(1, "a.example")]
    assert [number for number, _ in reasons(found)] == [2, 3]
    assert "took too long" in found.bad[0].reason


def test_without_a_reader_nothing_is_fetched() -> None:
    assert "nothing is fetched here" in read(b"url,label\nhttps://a.example/1,ham\n").bad[0].reason


def test_every_bad_row_is_named_with_its_number_and_reason() -> None:
    found = read(
        b"label,text,html\n"
        b"egg,hello,\n"
        b",hello,\n"
        b"ham,,\n"
        b"ham,...,\n"
        b"ham,a,b,c\n"
        b"ham,caf\xe9,\n"
        b'ham,"x"y,\n'
        b"ham,oak,\n"
        b"ham,oak,\n"
        b"ham,,<p>x</p>\n"
    )
    told = dict(reasons(found))
    assert sorted(told) == [1, 2, 3, 4, 5, 6, 7, 9, 10]
    for number, part in {
        1: "'egg'; the labels are spam, ham", 2: "has no label", 3: "neither url, text nor html", 4: "without letters",
        5: "has 4 fields; the header has 3", 6: "not UTF-8", 7: "no proper CSV", 9: "the same text as row 8",
        10: "cannot be read",
    }.items():  # fmt: skip
        assert part in told[number], told[number]
    assert [row.number for row in found.pages] == [8]


def test_bad_rows_of_jsonl_are_named() -> None:
    found = read(b'nonsense\n[1]\n{"label": 3, "text": "x"}\n{"label": "ham", "text": "x\\ud800"}\n', "jsonl")
    assert [reason for _, reason in reasons(found)] == [
        "is no JSON", "is no JSON object", "has a label that is no text", "has a text that is not UTF-8; save the file as UTF-8",
    ]  # fmt: skip


def test_only_the_first_bad_rows_are_listed_but_all_are_counted() -> None:
    found = read(b"label,text\n" + b"egg,x\n" * 500)
    assert (len(found.bad), found.bad_count) == (MOST_LISTED, 500)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_files_of_spreadsheets_are_understood(encoding: str, delimiter: str) -> None:
    text = f"Text{delimiter} LABEL \r\nÜber Eichen im Garten{delimiter}ham\r\n\r\n"
    [row] = read(text.encode(encoding)).pages
    assert (row.page.text, row.label) == ("Über Eichen im Garten", "ham")


@pytest.mark.parametrize(
    ("data", "format", "says"),
    [
        (b"", "csv", "first row"),
        (b"label,text\n", "csv", "no rows"),
        (b"name,text\nx,y\n", "csv", "first row says: name, text"),
        (b"label,body\nham,y\n", "csv", "one of url, text or html"),
        (b"label,text,text\nham,y,z\n", "csv", "twice"),
        (b"", "jsonl", "no rows"),
        (b'[{"label": "ham", "text": "x"}]', "jsonl", "one JSON object a line"),
        (b"PK\x03\x04rest", "csv", "compressed file or a spreadsheet"),
        (b"\x1f\x8brest", "jsonl", "compressed file or a spreadsheet"),
        (b"label,text\nham,x\n", "xls", "parquet or hf"),
    ],
)
def test_a_file_that_cannot_be_used_says_why_and_what_to_do(data: bytes, format: str, says: str) -> None:
    with pytest.raises(Invalid) as caught:
        read(data, format)
    assert says in caught.value.sentence


def test_a_quotation_mark_that_is_never_closed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labelled_files, "MOST_FIELD", 200_000)
    data = b'label,text\nham,oak\nham,"' + b"x" * 300_000 + b"\n"
    with pytest.raises(Invalid, match=r"Row 2 .*never closed"):
        read(data)
    with pytest.raises(Invalid, match="Row 1 "):
        read(b'{"label": "ham", "text": "' + b"x" * 300_000 + b'"}', "jsonl")


def test_a_quotation_mark_open_to_the_end_is_named() -> None:
    found = read(b'label,text\nham,oak\nham,"never closed\nham,lost\n')
    assert reasons(found) == [
        (2, "opens a quotation mark that is never closed, so nothing after it was read")
    ]


def test_a_text_beyond_all_measure_is_left_out() -> None:
    assert (
        "more than 1,000,000 characters" in read(b"label,text\nham," + b"x " * 600_000 + b"\n").bad[0].reason
    )


def test_progress_is_told_and_ends_at_the_whole() -> None:
    told: list[float] = []
    rows = b"label,text\n" + b"".join(b"ham,oak %d\n" % number for number in range(5000))
    read_labelled(
        io.BytesIO(rows), "csv", labels=LABELS, reader=None, progress=lambda share, _: told.append(share)
    )
    assert told == sorted(told)
    assert 0 < told[0] < told[-1] == 1.0
