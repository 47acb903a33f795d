"""More of the kinds in the list of hostile fetches: other spellings, other lies, other floods, each played out on loopback."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from btm.pages.reader import PageReader
from btm.pages.reasons import REASONS

from .hostile import SENTENCE, answer, forever, page, silence, squeezed, then
from .support import PeakMemory, eventually, loopback_policy, reason_of, running_children, within

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
DEADLINE, SLACK = 2.5, 2.0
MOST_MEMORY = 300_000_000
NAMED = {*REASONS, "read"}


def quiet(wire: object) -> None:
    """Nothing more comes, and the connection ends."""


# --- redirects -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "location",
    [
        "http://[::ffff:10.0.0.1]/",
        "http://[::ffff:a00:1]/",
        "http://[::10.0.0.1]/",
        "http://[64:ff9b::a00:1]/",
        "http://[2002:a00:1::]/",
        "http://0x0a000001/",
        "http://167772161/",
        "http://012.0.0.1/",
        "http://10.1/",
        "http://%31%30.0.0.1/",
        "http://\u2460\u24ea.\u24ea.\u24ea.\u2460/",
        "http://10\u30020\u30020\u30021/",
        "http:10.0.0.1/",
        "http:///10.0.0.1/",
        "///10.0.0.1/",
        "/../..//10.0.0.1/../",
        "http://10.0.0.1:80#@pub.test/",
        "http://10.0.0.1?@pub.test/",
        "http://pub.test@10.0.0.1/",
        "http://pub.test%40@10.0.0.1/",
        "http://:@10.0.0.1/",
        "http://10.0.0.1\t/",
        "http://10.0.0.1\x00.pub.test/",
        "http://localhost./",
        "http://metadata.google.internal./",
        "http://0/",
        "https://169.254.169.254:443/latest/",
        "http://[fe80::1%25eth0]/",
        "data:text/html,<p>An old lighthouse keeper counted the boats.</p>",
        "view-source:http://pub.test/",
        "blob:http://pub.test/x",
        "file://10.0.0.1/etc/passwd",
        "ftp://pub.test/",
        "gopher://10.0.0.1:6379/_FLUSHALL",
        "x" * 100_000,
    ],
)
def test_no_spelling_of_a_place_inside_is_gone_to(reader, server, location):
    head = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location.encode() + b"\r\n\r\n"
    with within(DEADLINE + SLACK):
        reason = reason_of(reader, server.on("/", head))
    assert reason in ("blocked_address", "bad_url", "scheme", "credentials", "port", "unreachable", "http_status", "not_found", "broken")  # fmt: skip
    assert all(request.request.split(b" ")[1] in (b"/", b"//10.0.0.1/") for request in server.requests)


@pytest.mark.parametrize(
    "head",
    [
        b"Location: /good\r\nLocation: http://10.0.0.1/\r\n",
        b"Location: http://10.0.0.1/\r\nLocation: /good\r\n",
        b"Location: http://10.0.0.1/\r\n /good\r\n",
        b"Location:\r\n\thttp://10.0.0.1/\r\n",
        b"Refresh: 0; url=http://10.0.0.1/\r\n",
        b"Content-Location: http://10.0.0.1/\r\nLink: <http://10.0.0.1/>; rel=canonical\r\n",
        b"Location: \r\n",
    ],
)
def test_a_contradictory_redirect_leads_nowhere_inside(reader, server, head):
    server.on("/good", answer())
    url = server.on("/", b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n" + head + b"\r\n")
    assert reason_of(reader, url) in ("read", "blocked_address", "bad_url", "http_status", "not_found", "broken")  # fmt: skip


def test_a_loop_that_waits_for_a_cookie_ends(reader, server):
    wanted = b"HTTP/1.1 302 Found\r\nSet-Cookie: seen=1; Path=/\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"
    server.on("/", lambda wire: wire.send(answer() if wire.header("cookie") else wanted))
    assert reason_of(reader, server.url()) == "too_many_redirects"
    assert all("cookie" not in request.header_names for request in server.requests)


@pytest.mark.parametrize(
    "extra",
    [
        "<meta http-equiv=refresh content='0;url=http://10.0.0.1/'>",
        "<meta http-equiv=refresh content='0;url=/next'>",
        "<script>location = '/next'</script>",
        "<base href='http://10.0.0.1/'><link rel=stylesheet href=/next><img src=/next>",
        "<iframe src=/next></iframe><object data=/next></object><embed src=/next><track src=/next>",
        "<link rel=preload href=/next as=fetch><video src=/next></video><audio src=/next></audio><source srcset=/next>",
        "<a href='data:text/html,<script>alert(1)</script>'>x</a><a ping=/next href=/next>y</a>",
        "<?xml-stylesheet href='/next'?><svg><use href='/next'/><image href='/next'/></svg>",
    ],
)
def test_a_page_makes_nobody_ask_for_anything_more(reader, server, extra):
    server.on("/next", answer())
    read = reader.read(server.on("/", answer(page(extra + f"<p>{SENTENCE}</p>"))))
    assert SENTENCE in read.text
    assert (server.connections, read.final_url) == (1, server.url("/"))


# --- heads and bodies ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        (then(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", quiet), {"broken"}),
        (then(bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]) * 100, quiet), {"broken"}),
        (then(b"ICY 200 OK\r\n\r\n" + page(), quiet), {"broken"}),
        (then(b"HTTP/1.1 -200 OK\r\n\r\n", quiet), {"broken", "http_status"}),
        (then(b"HTTP/1.1 20 0\r\n\r\n", quiet), {"broken", "http_status"}),
        (then(b"HTTP/1.1 200000 OK\r\n\r\n", quiet), {"broken", "http_status"}),
        (then(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n", silence), {"http_status", "timeout"}),
        (then(b"HTTP/1.1 200 OK\r\n", forever(b" folded for ever\r\n" * 500)), {"broken"}),
        (then(b"HTTP/1.1 200 " + b"O" * 3_000_000 + b"\r\n\r\n", quiet), {"broken"}),
        (then(b"HTTP/1.1 200 OK\r\n", forever(b"no colon at all\r\n" * 500)), {"broken"}),
        (then(b"HTTP/1.1 103 Early Hints\r\n", forever(b"Link: </x>; rel=preload\r\n" * 500)), {"broken"}),
        (then(b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n", quiet), {"http_status"}),
        (then(b"HTTP/1.1 401 Who\r\nWWW-Authenticate: NTLM\r\n\r\n", quiet), {"http_status"}),
        (then(b"\r\n" * 100_000, quiet), {"broken"}),
    ],
    ids=["h2", "h2-frame", "icy", "minus", "space", "long-status", "upgrade", "folds", "reason", "colonless", "hints", "proxy-auth", "ntlm", "newlines"],
)  # fmt: skip
def test_a_head_of_another_protocol_or_without_end_is_no_page(reader, server, behaviour, expected):
    with PeakMemory(reader._mother._process.pid) as memory, within(DEADLINE + SLACK):
        assert reason_of(reader, server.on("/", behaviour)) in expected
    assert memory.peak < MOST_MEMORY


@pytest.mark.parametrize(
    "length",
    [b"-1", b"-99999999999", b"+5", b"5, 5", b"0x10", b"5;5", b"1e3", b"\xb2", b"\xd9\xa3", b"", b" ", b"5 5", b"9" * 4000],
)  # fmt: skip
def test_a_length_that_is_no_number_does_no_harm(reader, server, length):
    head = OK + b"Content-Length: " + length + b"\r\n\r\n"
    with within(DEADLINE + SLACK):
        assert reason_of(reader, server.on("/", head + page())) in (
            "read",
            "broken",
            "too_large",
            "nothing_to_read",
        )


@pytest.mark.parametrize(
    "behaviour",
    [
        then(CHUNKED + b"-1\r\n" + page(), quiet),
        then(CHUNKED + b"ffffffffffffffffffff\r\n", forever(bytes(65_536))),
        then(CHUNKED + b"5;", forever(b"extension=for-ever;" * 1000)),
        then(CHUNKED + b"0\r\n", forever(b"Trailer: x\r\n" * 1000)),
        then(CHUNKED, forever(b"1\r\nx\r\n" * 5000)),
        then(CHUNKED + b"0x5\r\n<p>xx\r\n0\r\n\r\n", quiet),
        then(CHUNKED + b" 5 \r\n<p>xx\r\n0\r\n\r\n", quiet),
        then(OK + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n5\r\n<p>xx\r\n0\r\n\r\n", quiet),
        then(OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n5\r\n<p>xx\r\n0\r\n\r\n", quiet),
        then(OK + b"Transfer-Encoding: x\x00chunked\r\n\r\n", forever(bytes(65_536))),
    ],
    ids=[
        "negative",
        "absurd",
        "extension",
        "trailers",
        "crumbs",
        "hex",
        "spaces",
        "both",
        "coded",
        "nul",
    ],
)
def test_chunks_that_lie_cost_no_more_than_a_fetch_may(reader, server, behaviour):
    with PeakMemory(reader._mother._process.pid) as memory, within(DEADLINE + SLACK):
        assert reason_of(reader, server.on("/", behaviour)) in NAMED - {"interrupted"}
    assert memory.peak < MOST_MEMORY


@pytest.mark.parametrize(
    "behaviour",
    [
        then(OK + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x08" + bytes(6), forever(b"a file name without end" * 3000)),
        then(OK + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x04" + bytes(6) + b"\xff\xff", forever(b"extra" * 9000)),
        then(OK + b"Content-Encoding: gzip\r\n\r\n" + squeezed(page()), forever(b"rubbish that follows" * 3000)),
        then(OK + b"Content-Encoding: gzip\r\n\r\n" + squeezed(page()), forever(bytes(65_536))),
    ],
    ids=["name", "extra", "rubbish", "zeros"],
)  # fmt: skip
def test_gzip_that_hides_how_long_it_is_stays_bounded(reader, server, behaviour):
    with PeakMemory(reader._mother._process.pid) as memory, within(DEADLINE + SLACK):
        assert reason_of(reader, server.on("/", behaviour)) in ("too_large", "broken")
    assert memory.peak < MOST_MEMORY


# --- what calls itself a page ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"\n\n%PDF-1.7\n" + bytes(range(256)) * 20,
        b"\xef\xbb\xbf%PDF-1.7 " + bytes(range(128, 256)) * 20,
        b"{\\rtf1\\ansi " + bytes(range(256)) * 20 + b"}",
        b"SQLite format 3\x00" + bytes(4000),
        b"\x00asm\x01\x00\x00\x00" + bytes(4000),
        b"\xca\xfe\xba\xbe" + bytes(range(256)) * 20,
        b"!<arch>\n" + bytes(4000),
    ],
    ids=["pdf-late", "pdf-bom", "rtf", "sqlite", "wasm", "class", "ar"],
)
def test_a_file_in_a_page_s_clothes_is_no_page(reader, server, body):
    assert reason_of(reader, server.on("/", answer(body))) in ("not_a_page", "nothing_to_read")


@pytest.mark.parametrize(
    "charset",
    ["zlib", "bz2_codec", "hex", "base64", "quopri", "uu", "punycode", "undefined", "mbcs", "raw_unicode_escape", "utf-16", "utf-32", "utf_8_sig",
     "iso-2022-jp", "hz", "x-user-defined", "charset=charset=", "../../etc/passwd", "a" * 200_000, "utf-8; charset=utf-7"],
    ids=lambda charset: charset[:20],
)  # fmt: skip
def test_a_charset_is_never_more_than_a_way_to_read_letters(reader, server, charset):
    body = page(f"<p>{SENTENCE}</p><p>\x1b$B;spqr\x1b(B ~{{x~}} +ADw-script+AD4-</p>")
    with within(DEADLINE + SLACK):
        reason = reason_of(reader, server.on("/", answer(body, f"text/html; charset={charset}")))
    assert reason in ("read", "not_a_page", "nothing_to_read")


@pytest.mark.parametrize(
    "body",
    [
        "\ufeff".encode("utf-16-le") + page().decode().encode("utf-16-le") + b"\x00",
        "\ufeff".encode("utf-32-le") + page().decode().encode("utf-32-le"),
        b"\xc0\xaf\xe0\x80\xaf\xf8\x88\x80\x80\x80" * 3000 + page(),
        b"\xed\xa0\x80" * 10_000 + page(),
        ("<p>" + SENTENCE + "e" + "\u0301" * 200_000 + "</p>").encode(),
        ("<p>" + SENTENCE + "\u202e\u2066\u200b" * 100_000 + "</p>").encode(),
        ("<p>" + SENTENCE + "\ufdfa" * 100_000 + "</p>").encode(),
    ],
    ids=["utf-16", "utf-32", "overlong", "surrogates", "accents", "controls", "ligatures"],
)
def test_letters_that_swell_or_mislead_are_read_in_bounds(reader, server, body):
    with PeakMemory(reader._mother._process.pid) as memory, within(DEADLINE + SLACK):
        assert reason_of(reader, server.on("/", answer(body))) in (
            "read",
            "not_a_page",
            "nothing_to_read",
            "too_heavy",
        )
    assert memory.peak < MOST_MEMORY


MANY = 2_800_000
HUGE = {
    "attribute": b'<p title="' + b"x" * MANY + b'">',
    "attribute-name": b"<p " + b"x" * MANY + b">",
    "tag-name": b"<" + b"x" * MANY + b">",
    "doctype": b"<!DOCTYPE " + b"x" * MANY + b">",
    "entity": b"&" + b"x" * MANY + b";",
    "data-url": b"<img src='data:image/png;base64," + b"A" * MANY + b"'>",
    "breaks": b"<br>" * 100_000,
    "nul": b"\x00" * MANY,
    "ends": b"</p>" * 100_000,
    "templates": b"<template>" * 10_000,
    "foreign": b"<svg><foreignObject><p>" * 10_000,
    "forms": b"<form><button>" * 10_000,
    "headings": b"<h1>x" * 30_000,
    "cdata": b"<![CDATA[" * 100_000,
    "spaces": b"<p>" + b" \t\n" * (MANY // 3) + b"</p>",
}


@pytest.mark.parametrize("markup", HUGE.values(), ids=HUGE.keys())
def test_markup_of_one_huge_piece_costs_neither_the_deadline_nor_the_memory(reader, server, markup):
    body = page(f"<p>{SENTENCE}</p>").replace(b"</body>", markup)
    with PeakMemory(reader._mother._process.pid) as memory, within(DEADLINE + SLACK):
        assert reason_of(reader, server.on("/", answer(body))) in (
            "read",
            "too_heavy",
            "nothing_to_read",
            "timeout",
            "not_a_page",
        )
    assert memory.peak < MOST_MEMORY


# --- the way there -----------------------------------------------------------------------------------------------------------------


def raw_listener(behave) -> tuple[socket.socket, int]:
    """A socket that does one thing to each connection."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=behave, args=(sock,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    return listener, listener.getsockname()[1]


def reset(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def never_reads(sock: socket.socket) -> None:
    time.sleep(6)
    sock.close()


def half_a_handshake(sock: socket.socket) -> None:
    sock.recv(4096)
    sock.sendall(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc")  # a hello of 16 kB begins, and
    time.sleep(6)
    sock.close()


def endless_handshake(sock: socket.socket) -> None:
    try:
        while True:
            sock.sendall(b"\x16\x03\x03\x00\x04\x00\x00\x00\x00" * 1000)
    except OSError:
        sock.close()


WAYS: list[tuple[str, Callable[[socket.socket], None], set[str]]] = [
    ("http", reset, {"broken", "unreachable"}),
    ("http", never_reads, {"timeout"}),
    ("https", reset, {"broken", "tls", "unreachable"}),
    ("https", never_reads, {"timeout"}),
    ("https", half_a_handshake, {"timeout"}),
    ("https", endless_handshake, {"tls", "broken", "timeout"}),
]


def test_connections_that_come_to_nothing_end_in_time_all_at_once(reader):
    listeners = [raw_listener(behave) for _, behave, _ in WAYS]
    urls = [f"{way[0]}://pub.test:{port}/" for way, (_, port) in zip(WAYS, listeners, strict=True)]
    with ThreadPoolExecutor(len(urls)) as threads, within(DEADLINE + SLACK):
        reasons = list(threads.map(lambda url: reason_of(reader, url), urls))
    for listener, _ in listeners:
        listener.close()
    assert [reason in way[2] for reason, way in zip(reasons, WAYS, strict=True)] == [True] * len(WAYS), (
        reasons
    )


def test_a_child_lives_under_limits_of_the_system_s_own(server):
    """What a fetch may cost is not left to the code that fetches."""
    with PageReader(loopback_policy()) as reader:
        reader.start()
        mother = reader._mother._process.pid
        threading.Thread(target=reason_of, args=(reader, server.on("/", silence)), daemon=True).start()
        assert eventually(lambda: bool(server.requests))
        [child] = running_children(mother)
        limits = {
            line[:25].strip(): line[26:46].strip()
            for line in Path(f"/proc/{child}/limits").read_text().splitlines()
        }
    assert limits["Max address space"] == "300000000"
    assert limits["Max cpu time"] == "4"
    assert limits["Max file size"] == "0"
    assert limits["Max core file size"] == "0"
    assert int(limits["Max open files"]) <= 64
