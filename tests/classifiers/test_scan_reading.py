"""Reading crawls: every format, cut anywhere, and whatever stands in them."""

from __future__ import annotations

import builtins
import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scan_fakes import (
    MUSEUM,
    crawl,
    html,
    reasons,
    urls,
    warc,
    write_csv,
    write_jsonl,
    write_warc,
    write_wet,
)

from classifiers.scan.extractor import read_page
from classifiers.scan.records import REASONS, Item, Record, SourceRefused
from classifiers.scan.sources import chunks, find_sources, read_at, read_records

ROWS = crawl(30)
WRITERS: dict[str, Callable[[Path, Any], Path]] = {
    "crawl.warc.gz": write_warc,
    "crawl.warc": lambda path, rows: write_warc(path, rows, gzipped=False),
    "crawl.wet.gz": write_wet,
    "crawl.wet": write_wet,
    "crawl.jsonl": write_jsonl,
    "crawl.jsonl.gz": write_jsonl,
    "crawl.csv": write_csv,
    "crawl.csv.gz": write_csv,
}


def read(path: Path | str, chunk_bytes: int = 10**9, most: int = 100_000) -> list[Item]:
    """All items of a source, read in chunks of a size."""
    (source,) = find_sources([str(path)])
    return [item for chunk in chunks(source, chunk_bytes) for item in read_records(chunk, most)]


def put(folder: Path, name: str, body: bytes) -> Path:
    path = folder / name
    path.write_bytes(body)
    return path


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_its_pages_in_order(tmp_path: Path, name: str) -> None:
    items = read(WRITERS[name](tmp_path / name, ROWS))
    assert urls(items) == [url for url, _ in ROWS]
    assert reasons(items) == []
    pages = [read_page(item) for item in items if isinstance(item, Record)]
    assert [page.text for page in pages] == [text for _, text in ROWS]


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("size", [1, 97, 1000, 3000])
def test_cut_anywhere_no_page_is_lost_and_none_comes_twice(tmp_path: Path, name: str, size: int) -> None:
    assert urls(read(WRITERS[name](tmp_path / name, ROWS[:8]), size)) == [url for url, _ in ROWS[:8]]


@pytest.mark.parametrize("name", ["crawl.warc.gz", "crawl.jsonl"])
def test_formats_that_can_be_cut_are_cut(tmp_path: Path, name: str) -> None:
    (source,) = find_sources([str(WRITERS[name](tmp_path / name, ROWS))])
    parts = [[*read_records(chunk)] for chunk in chunks(source, source.size // 3)]
    assert len(parts) >= 3
    assert all(parts)


@pytest.mark.parametrize("name", WRITERS)
def test_reading_goes_on_from_the_offset_of_any_page(tmp_path: Path, name: str) -> None:
    path = WRITERS[name](tmp_path / name, ROWS)
    for number in (0, 1, 17, 29):
        item = [each for each in read(path) if isinstance(each, Record)][number]
        found = read_at(str(path), item.offset, item.url)
        assert found is not None
        assert (found.url, found.body) == (item.url, item.body)
    assert read_at(str(path), 0, "http://nowhere.example/") is None


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_that_ends_early_gives_what_came_before_and_is_told(tmp_path: Path, name: str) -> None:
    whole = WRITERS[name](tmp_path / name, ROWS).read_bytes()
    cut = whole[: len(whole) * 2 // 3]
    items = read(put(tmp_path, name, cut))
    found = urls(items)
    assert found == [url for url, _ in ROWS][: len(found)]
    assert set(reasons(items)) <= {"truncated", "damaged", "columns"}
    if name.startswith("crawl.w"):
        assert 15 <= len(found) <= 25
    if name != "crawl.csv":  # plain CSV that is cut within the last field looks whole
        assert reasons(items)


@pytest.mark.parametrize("gzipped", [True, False])
def test_wherever_a_warc_ends_it_is_told(tmp_path: Path, gzipped: bool) -> None:
    whole = write_warc(tmp_path / "x.warc", ROWS[:2], gzipped).read_bytes()
    begin = b"\x1f\x8b\x08" if gzipped else b"WARC/"
    borders = {at - back for at in range(len(whole) + 1) if whole[at:].startswith(begin) for back in range(5)}
    borders |= set(range(len(whole) - 4, len(whole)))  # the empty lines after a record are not missed
    for cut in range(1, len(whole)):
        told = reasons(read(put(tmp_path, "y.warc", whole[:cut])))
        assert told or cut in borders


def test_an_answer_by_http_2_is_an_answer(tmp_path: Path) -> None:
    whole = warc([("http://a.example/", html(MUSEUM))], gzipped=False).replace(
        b"HTTP/1.1 200", b"HTTP/2.0 200"
    )
    assert urls(read(put(tmp_path, "x.warc", whole))) == ["http://a.example/"]


@pytest.mark.parametrize("name", WRITERS)
def test_an_empty_file_is_told(tmp_path: Path, name: str) -> None:
    assert reasons(read(put(tmp_path, name, b""))) == ["empty_file"]


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize(
    "garbage", [b"\0" * 5000, b"\x1f\x8b\x08" * 900, bytes(range(256)) * 40, b"\xff\xfe\n\n\n", b'"']
)
def test_garbage_gives_no_page_and_no_error(tmp_path: Path, name: str, garbage: bytes) -> None:
    items = read(put(tmp_path, name, garbage), 3000)
    assert urls(items) == []
    assert set(reasons(items)) <= set(REASONS)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(WRITERS)), st.floats(0, 0.999), st.integers(0, 40), st.binary(max_size=40))
def test_damage_in_the_middle_raises_nothing(
    tmp_path_factory: pytest.TempPathFactory, name: str, place: float, lost: int, put_in: bytes
) -> None:
    folder = tmp_path_factory.mktemp("damage")
    body = bytearray(WRITERS[name](folder / name, ROWS[:6]).read_bytes())
    at = int(place * len(body))
    body[at : at + lost] = put_in
    items = read(put(folder, name, bytes(body)), 700)
    assert set(reasons(items)) <= set(REASONS)


def test_after_a_damaged_member_the_next_record_is_found(tmp_path: Path) -> None:
    first, second = warc([("http://a.example/", html(MUSEUM))]), warc([("http://b.example/", html(MUSEUM))])
    broken = bytearray(first)
    broken[len(broken) // 2 :] = b"\xaa" * (len(broken) - len(broken) // 2)
    items = read(put(tmp_path, "x.warc.gz", bytes(broken) + b"between" + second))
    assert urls(items) == ["http://b.example/"]
    assert "damaged" in reasons(items)


@pytest.mark.parametrize("gzipped", [True, False])
def test_a_record_with_a_broken_head_counts_once(tmp_path: Path, gzipped: bool) -> None:
    head = b"WARC/9.9\r\nWARC-Type: response\r\n" + b"line\r\n" * 50
    good = warc([("http://b.example/", html(MUSEUM))], gzipped=gzipped)
    items = read(put(tmp_path, "x.warc", (gzip.compress(head) if gzipped else head) + good))
    assert reasons(items) == ["damaged"]
    assert urls(items) == ["http://b.example/"]


def test_a_warc_that_was_compressed_as_a_whole_is_read_through(tmp_path: Path) -> None:
    plain = warc([(url, html(text)) for url, text in ROWS], gzipped=False)
    items = read(put(tmp_path, "x.warc.gz", gzip.compress(plain)), 500)
    assert urls(items) == [url for url, _ in ROWS]


def test_what_is_no_page_is_told_and_what_is_no_answer_is_not(tmp_path: Path) -> None:
    body = [("http://a.example/", html(MUSEUM))]
    parts = [
        warc(body, content_type="image/png"),
        warc(body, status="404 Not Found"),
        warc([("http://a.example/", b" ")]),
        warc(body, record="metadata"),
        warc(body),
    ]
    items = read(put(tmp_path, "x.warc.gz", b"".join(parts)))
    assert reasons(items) == ["content_type", "status", "empty"]
    assert urls(items) == ["http://a.example/"]


def test_a_page_in_another_encoding_is_read_by_its_label(tmp_path: Path) -> None:
    body = "<title>Café</title><body>Größe".encode("latin-1")
    path = put(
        tmp_path,
        "x.warc.gz",
        warc([("http://a.example/", body)], content_type="text/html; charset=ISO-8859-1"),
    )
    (item,) = read(path)
    assert isinstance(item, Record)
    page = read_page(item)
    assert (page.title, page.text) == ("Café", "Größe")


@pytest.mark.parametrize(
    ("name", "body", "told"),
    [
        ("x.jsonl", b'{"url": "u", "text": "caf\xe9"}\n', ["encoding"]),
        ("x.jsonl", b'{"url": "u", "text": "\\ud800"}\n', ["encoding"]),
        ("x.jsonl", b'{"url": "u"}\n{"text": "t"}\n[1]\n{"url": 3, "text": "t"}\n', ["columns"] * 4),
        ("x.jsonl", b'{"url": "u", "text": "  "}\n\n{"url"\n', ["empty", "damaged"]),
        ("x.jsonl", b"[" * 50_000 + b"\n", ["damaged"]),
        ("x.csv", b"url,text\nu,caf\xe9\n", ["encoding"]),
        ("x.csv", b"address,text\nu,t\nv,t\n", ["columns"]),
        ("x.csv", b"url,text\nu\nu,t,more\n,t\nu,\n", ["columns", "columns", "columns", "empty"]),
        ("x.csv", b'url,text\nu,"' + b"never closed\n" * 20_000, ["oversized"]),
    ],
)  # fmt: skip
def test_a_bad_row_is_told_by_its_reason(tmp_path: Path, name: str, body: bytes, told: list[str]) -> None:
    items = read(put(tmp_path, name, body))
    assert urls(items) == []
    assert reasons(items)[: len(told)] == told


def test_rows_after_a_bad_one_are_read(tmp_path: Path) -> None:
    good = b'{"url": "u", "text": "t"}\n'
    items = read(
        put(tmp_path, "x.jsonl", b'{"url": "u", "text": "caf\xe9"}\n' + b"x" * 200_000 + b"\n" + good)
    )
    assert (reasons(items), urls(items)) == (["encoding", "oversized"], ["u"])
    items = read(
        put(tmp_path, "x.csv", b'url,text\nu,caf\xe9\nv,"two\nlines"\n' + b"x" * 200_000 + b"\nw,t\n")
    )
    assert (reasons(items), urls(items)) == (["encoding", "oversized"], ["v", "w"])


@pytest.mark.parametrize("gzipped", [True, False])
def test_a_page_that_is_too_long_is_passed_over_without_being_held(tmp_path: Path, gzipped: bool) -> None:
    import tracemalloc

    rows = [("http://a.example/", b"<p>" + b"a" * 30_000_000), ("http://b.example/", html(MUSEUM))]
    path = put(tmp_path, "x.warc", warc(rows, gzipped=gzipped))
    tracemalloc.start()
    items = read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (reasons(items), urls(items)) == (["oversized"], ["http://b.example/"])
    assert peak < 5_000_000


def test_html_columns_are_taken_before_text(tmp_path: Path) -> None:
    row = {"url": "http://a.example/", "html": "<title>T</title><p>body</p>", "text": "other"}
    (item,) = read(put(tmp_path, "x.jsonl", json.dumps(row).encode()))
    assert isinstance(item, Record)
    assert item.is_html
    assert read_page(item).text == "body"


def test_patterns_folders_and_fsspec_addresses_name_sources(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.jsonl.gz"):
        write_jsonl(tmp_path / name, ROWS)
    put(tmp_path, "readme.txt", b"no crawl")
    by_folder = find_sources([str(tmp_path)])
    assert [source.url.rsplit("/", 1)[-1] for source in by_folder] == ["a.jsonl.gz", "b.jsonl"]
    assert find_sources([f"{tmp_path}/*.jsonl*"]) == by_folder
    assert find_sources([by_folder[0].url, by_folder[0].url]) == by_folder[:1]
    import fsspec

    fsspec.filesystem("memory").pipe("/crawl/x.jsonl", (tmp_path / "b.jsonl").read_bytes())
    assert len(urls(read("memory://crawl/x.jsonl", 500))) == len(ROWS)


@pytest.mark.parametrize("name", ["none.csv", "*.warc", "note.txt", "nosuchscheme://x/y.csv"])
def test_a_source_that_cannot_be_is_refused_with_a_sentence(tmp_path: Path, name: str) -> None:
    put(tmp_path, "note.txt", b"x")
    with pytest.raises(SourceRefused, match=r"\.$"):
        find_sources([name if "://" in name else str(tmp_path / name)])


def test_without_pyarrow_a_parquet_file_is_refused_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(SourceRefused, match="pyarrow"):
        read(put(tmp_path, "x.parquet", b"PAR1"))


def parquet(path: Path, columns: dict[str, Any], group: int = 7) -> Path:
    arrow = pytest.importorskip("pyarrow", reason="Parquet is read by pyarrow, which is not installed")
    import pyarrow.parquet as pq

    pq.write_table(arrow.table(columns), path, row_group_size=group)
    return path


def test_parquet_is_cut_by_row_groups_and_read_from_any_row(tmp_path: Path) -> None:
    path = parquet(
        tmp_path / "x.parquet", {"url": [u for u, _ in ROWS], "n": [*range(30)], "text": [t for _, t in ROWS]}
    )
    (source,) = find_sources([str(path)])
    assert len([*chunks(source)]) == 5
    assert urls(read(path)) == [url for url, _ in ROWS]
    found = read_at(str(path), 17, ROWS[17][0])
    assert found is not None
    assert found.body == ROWS[17][1]


def test_bad_parquet_is_told(tmp_path: Path) -> None:
    assert reasons(read(parquet(tmp_path / "a.parquet", {"url": ["u"], "body": ["b"]}))) == ["columns"]
    rows = parquet(tmp_path / "b.parquet", {"url": ["u", None, "v"], "text": ["x" * 200_000, "t", None]})
    assert reasons(read(rows)) == ["oversized", "columns", "empty"]
    assert reasons(read(put(tmp_path, "c.parquet", rows.read_bytes()[:-30]))) == ["damaged"]
    assert reasons(read(put(tmp_path, "d.parquet", b"garbage" * 100))) == ["damaged"]


def test_a_stream_of_lines_is_read_a_line_at_a_time(tmp_path: Path) -> None:
    (source,) = find_sources([str(write_jsonl(tmp_path / "x.jsonl", ROWS))])
    (chunk,) = chunks(source)
    items: Iterator[Item] = read_records(chunk)
    assert urls([next(items)]) == [ROWS[0][0]]
