"""From bytes to text: blocks, segments, encodings, cleaning."""

from __future__ import annotations

import pytest

from btm.pages.blocks import MAX_BLOCKS, MAX_TEXT, BlockWriter, joined
from btm.pages.charset import decode
from btm.pages.clean import content_hash, letters, lines, one_line
from btm.pages.extract import extract
from btm.pages.language import language
from btm.pages.reasons import FetchFailed

from .hostile import SENTENCE, page

ARTICLE = f"""<article><h1>Boats and lamps</h1><p>{SENTENCE} {SENTENCE} {SENTENCE} {SENTENCE}</p><h2>What he kept</h2>
<ul><li>a brass lamp that was older than the tower</li><li>a log of every storm since the war</li></ul>
<blockquote><p>{SENTENCE} {SENTENCE}</p></blockquote><pre><code>count = 1
  count += 1</code></pre>
<p>{SENTENCE} And <a href="/more">more about lamps</a> is told elsewhere.</p></article>"""


def test_an_article_keeps_its_structure_in_order():
    read = extract(page(ARTICLE, title="The keeper"))
    kinds = [block.kind for block in read.blocks]
    assert kinds[:4] == ["title", "h1", "p", "h2"]
    assert kinds.count("li") == 2
    assert "quote" in kinds
    assert next(block.text for block in read.blocks if block.kind == "code") == "count = 1\n  count += 1"
    assert read.text == joined(read.blocks)


def test_the_segments_of_a_page_are_found():
    head = """<meta name="Description" content="On lamps"><link rel="canonical" href="https://example.com/keeper">"""
    read = extract(page(ARTICLE).replace(b"<title>", head.encode() + b"<title>"))
    assert read.segments.title == "A page"
    assert read.segments.description == "On lamps"
    assert read.segments.headings == ("Boats and lamps", "What he kept")
    assert read.segments.links == ("more about lamps",)
    assert read.segments.language_hint == "en"
    assert read.segments.canonical_link == "https://example.com/keeper"


def test_a_page_of_links_and_short_lines_falls_back_to_everything_that_is_seen():
    items = "".join(f"<li><a href=/{n}>Boat number {n}</a></li>" for n in range(30))
    read = extract(page(f"<ul>{items}</ul>"))
    assert "Boat number 0" in read.text
    assert "Boat number 29" in read.text


def test_plain_text_is_read_as_paragraphs():
    read = extract(f"{SENTENCE}\r\n{SENTENCE}\r\n\r\n<b>Not bold</b>".encode(), "text/plain")
    assert [block.text for block in read.blocks] == [f"{SENTENCE} {SENTENCE}", "<b>Not bold</b>"]


def test_tables_are_read_row_by_row():
    rows = "".join(f"<tr><td>Boat {n}</td><td>came home</td></tr>" for n in range(12))
    read = extract(page(f"<table>{rows}</table>"))
    assert "Boat 3 | came home" in read.text


def test_a_long_page_is_bounded():
    read = extract(page(f"<p>{SENTENCE}</p>" * 20_000))
    assert len(read.text) <= MAX_TEXT + 2 * MAX_BLOCKS
    assert len(read.blocks) <= MAX_BLOCKS + 2


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"\x00" * 100, b"<p>short</p>", "<p>. . . !</p>".encode("utf-16")]
)
def test_too_little_to_read_is_a_named_failure(body):
    with pytest.raises(FetchFailed) as failed:
        extract(body)
    assert failed.value.code in ("nothing_to_read", "not_a_page")


@pytest.mark.parametrize(
    ("body", "label", "used"),
    [
        ("caf\u00e9".encode(), "", "utf-8"),
        ("caf\u00e9".encode("cp1252"), "", "cp1252"),
        ("caf\u00e9".encode("latin-1"), "iso-8859-1", "cp1252"),
        ("caf\u00e9".encode("utf-16"), "", "utf-16-le"),
        (b"\xef\xbb\xbfcaf\xc3\xa9", "iso-8859-1", "utf-8"),
        (b"<meta charset='windows-1251'>" + "кафе".encode("cp1251"), "", "cp1251"),
        (
            b'<meta http-equiv=Content-Type content="text/html; charset=shift_jis">' + "日本".encode("cp932"),
            "",
            "cp932",
        ),
        ("日本".encode("euc-jp"), "EUC-JP", "euc_jp"),
        ("中文".encode("gbk"), "gb2312", "gb18030"),
        ("한국".encode("cp949"), "euc-kr", "cp949"),
        (b"<meta charset=utf-16>caf\xc3\xa9", "", "utf-8"),
    ],
)
def test_encodings_are_chosen_as_browsers_choose_them(body, label, used):
    text, codec = decode(body, label)
    assert codec == used
    assert "\ufffd" not in text


def test_bytes_that_do_not_decode_never_raise():
    assert decode(bytes(range(256)) * 3, "utf-8")[1] == "utf-8"


def test_invisible_and_reordering_characters_are_removed():
    assert one_line("a\u202eb\u2066c\u200bd\u00ade\x00f\ufeff  g\n h", 100) == "abcdef g h"
    assert (
        one_line("\u0645\u06cc\u200c\u062e", 100) == "\u0645\u06cc\u200c\u062e"
    )  # the joiner is part of the word
    assert "\ud800" not in one_line("x\ud800y", 100)
    assert lines("a\r\n\tb \u2028c\n", 100) == "a\n\tb\nc"


def test_the_content_hash_is_of_what_is_read_not_of_its_spelling():
    assert content_hash("The  Boats\ncame") == content_hash("the boats CAME ")
    assert content_hash("the boats came") != content_hash("the boat came")
    assert letters("a1 .,é") == 3


def test_blocks_nest_without_end():
    writer = BlockWriter({"div": "p", "li": "li"})
    for _ in range(50_000):
        writer.open("div")
    writer.text("deep")
    for _ in range(50_001):
        writer.close()
    assert [(block.kind, block.text) for block in writer.finish()] == [("p", "deep")]


@pytest.mark.parametrize(
    ("text", "hint", "expected"),
    [
        (SENTENCE, "", "en"),
        (SENTENCE, "de", "en"),
        ("Der alte W\u00e4rter z\u00e4hlte jeden Abend die Boote, die nach Hause kamen.", "", "de"),
        ("Le vieux gardien comptait chaque soir les bateaux qui rentraient.", "", "fr"),
        ("ok", "pt-BR", "pt"),
        ("ok", "nonsense", "und"),
        ("", "", "und"),
    ],
)
def test_the_language_is_recognised_offline(text, hint, expected):
    assert language(text, hint) == expected
