"""Markup that is heavy, hidden, hostile or empty, through the whole reader."""

from __future__ import annotations

import pytest

from btm.pages.reader import PageReader

from .hostile import SENTENCE, HostileServer, answer, page
from .support import PeakMemory, covers, loopback_policy, reason_of, within

MEGABYTE = 1_000_000
THIRD = 300_000
HEAVY = {
    "html-nested": b"<div>" * (MEGABYTE // 5),
    "html-comment": b"<!--" * (MEGABYTE // 4),
    "html-quote": b'<a href="' * (MEGABYTE // 9),
    "html-attrs": b"<p " + b" ".join(b"a%d=1" % i for i in range(110_000)) + b">",
    "html-marked": b"<![" * (MEGABYTE // 3),
    "spans": b"<span>x" * (THIRD // 7),
    "tables": b"<table><tr><td>" * (THIRD // 15),
    "links": b"<a href=x>y</a>" * (THIRD // 15),
    "formatting": b"<b><i><a><p>" * (THIRD // 12),
    "lists": b"<ul><li>z" * (THIRD // 9),
    "entities": b"&amp;&lt;&#x41;" * (THIRD // 15),
    "one-word": b"w" * THIRD,
    "styles": b'<p style="' + b"display " * (THIRD // 8) + b'">',
    "selects": b"<select><option>a" * (THIRD // 17),
    "three-megabytes": b"<i>a</i> " * (2_900_000 // 9),
}


@pytest.fixture(scope="module")
def patient():
    """A reader with limits as in production."""
    with PageReader(loopback_policy(deadline=10.0)) as made:
        made.start()
        yield made


@covers("html-nested", "html-comment", "html-quote", "html-attrs", "html-marked")
@pytest.mark.parametrize("markup", HEAVY.values(), ids=HEAVY.keys())
def test_heavy_markup_costs_neither_the_deadline_nor_the_memory(patient, server, markup):
    body = page(f"<p>{SENTENCE}</p>").replace(b"</body>", markup)
    with PeakMemory(patient._mother._process.pid) as memory, within(12.0):
        outcome = reason_of(patient, server.on("/", answer(body)))
    assert outcome in ("read", "too_heavy", "nothing_to_read", "timeout")
    assert memory.peak < 300_000_000


@covers("html-entity")
def test_entities_neither_grow_nor_reach_outside(reader, server):
    doctype = b"""<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a "boom boom boom "><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
    <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d SYSTEM "file:///etc/passwd">]>"""
    body = (
        doctype
        + b"<html xmlns='http://www.w3.org/1999/xhtml'><body><p>%s &c; &d;</p></body></html>"
        % SENTENCE.encode()
    )
    text = reader.read(server.on("/", answer(body, "application/xhtml+xml"))).text
    assert SENTENCE in text
    assert "boom boom" not in text.split("]>")[-1]
    assert "root:" not in text


@covers("html-empty")
@pytest.mark.parametrize(
    "body",
    [
        "<script>var a = 'A long sentence that is only in a script here';</script>",
        "<style>p { color: black } /* A long sentence that is only in a style */</style>",
        "<img src=a.png alt='An image with a long description of what it shows'><img src=b.png>",
        "<svg><text>A long sentence that is only in a drawing, not in the page</text></svg>",
        "<iframe src=x>A long sentence that is only in a frame, not in the page</iframe>",
        "<noscript>A long sentence that is only for browsers without scripts</noscript>",
        "<!-- A long sentence that is only in a comment, not in the page itself -->",
        "<p>...</p><p>!?</p>" * 20,
        "",
    ],
)
def test_a_page_without_readable_text_is_nothing_to_read(reader, server, body):
    assert reason_of(reader, server.on("/", answer(page(body)))) == "nothing_to_read"


@covers("html-hidden")
@pytest.mark.parametrize(
    "hidden",
    [
        "<div style='display:none'>{}</div>",
        "<div style='color:red; DISPLAY : NONE !important'>{}</div>",
        "<span style='visibility:hidden'>{}</span>",
        "<p style='font-size:0'>{}</p>",
        "<p style='opacity:0'>{}</p>",
        "<p hidden>{}</p>",
        "<noscript>{}</noscript>",
        "<template><p>{}</p></template>",
        "<script>{}</script>",
        "<!-- {} -->",
        "<textarea>{}</textarea>",
        "<div style='display:none'><h2>{0}</h2><a href=x>{0}</a></div>",
    ],
)
@pytest.mark.parametrize("around", ["<p>{}</p>", "<article><h1>Boats</h1><p>{}</p></article>"])
def test_hidden_text_is_in_nothing_that_is_read(reader, server, hidden, around):
    body = around.format(SENTENCE * 8) + hidden.format("xyzzy secret words")
    read = reader.read(server.on("/", answer(page(body))))
    assert SENTENCE in read.text
    assert "xyzzy" not in repr(
        (read.text, read.title, read.headings, read.links, read.blocks, read.description)
    )


def test_a_page_that_hides_everything_until_its_script_ran_is_read_all_the_same(reader, server):
    read = reader.read(
        server.on("/", answer(page(f"<div style='visibility:hidden'><p>{SENTENCE}</p></div>")))
    )
    assert SENTENCE in read.text


def test_text_deeper_than_the_parsers_limit_is_not_lost(patient, server):
    body = page("<div>" * 5000 + f"<p>{SENTENCE}</p>")
    assert SENTENCE in patient.read(server.on("/", answer(body))).text


def test_markup_reaches_nobody_as_markup(reader, server):
    body = page(
        "<h1><script>alert(1)</script>Boats</h1><p>%s &lt;script&gt;alert(2)&lt;/script&gt; <img src=x onerror=alert(3)></p>"
        % (SENTENCE * 4),
        title="&lt;b&gt; bold \u202emoc.elgoog",
    )
    read = reader.read(server.on("/", answer(body)))
    assert read.title == "<b> bold moc.elgoog"
    assert "alert(2)" in read.text  # it is text, and is escaped where it is shown
    assert "onerror" not in read.text
    assert "alert(1)" not in read.text


@pytest.fixture
def server():
    """A misbehaving server, for large bodies."""
    with HostileServer() as made:
        yield made
