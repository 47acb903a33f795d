"""Servers that answer badly: bombs, drips, lies, garbage."""

from __future__ import annotations

import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from btm.pages.reader import PageReader

from .hostile import CERTS, SENTENCE, HostileServer, answer, forever, gzip_bomb, page, silence, squeezed, then
from .support import PeakMemory, covers, loopback_policy, reason_of, within

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
DEADLINE = 2.5
SLACK = 2.0


def test_an_honest_page_is_read_whole(reader, server):
    stages: list[str] = []
    read = reader.read(
        server.on("/a/b", answer(page("<h1>Boats</h1><p>%s</p>" % (SENTENCE * 5)))) + "?utm_source=x&q=1",
        stages.append,
    )
    assert stages == ["fetching", "reading"]
    assert read.title == "A page"
    assert [block.kind for block in read.blocks] == ["title", "h1", "p"]
    assert read.language == "en"
    assert read.canonical_url == server.url("/a/b?q=1")
    assert read.text == "\n\n".join(block.text for block in read.blocks)
    assert read.body.startswith(b"<!doctype html>")
    assert 0 < read.seconds < DEADLINE


@covers("bomb-gzip", "bomb-double", "bomb-br", "bomb-deflate")
@pytest.mark.parametrize(
    ("coding", "body", "reason"),
    [
        ("gzip", gzip_bomb(), "too_large"),
        ("x-gzip", gzip_bomb(), "too_large"),
        ("gzip, gzip", squeezed(gzip_bomb()), "broken"),
        ("br", b"\x5b\xff\xff" * 1000, "broken"),
        ("zstd", b"\x28\xb5\x2f\xfd" * 1000, "broken"),
        ("deflate", zlib.compress(bytes(20_000_000)), "broken"),
        ("identity, gzip", squeezed(page()), "broken"),
        ("gzip", b"this is no gzip at all", "broken"),
        ("gzip", squeezed(page())[:-6], "broken"),
        ("gzip", squeezed(b"") * 100_000, "broken"),
    ],
)
def test_no_compressed_body_outgrows_its_bound(reader, server, coding, body, reason):
    url = server.on("/", answer(body, Content_Encoding=coding))
    with PeakMemory(reader._mother._process.pid) as memory, within(DEADLINE):
        assert reason_of(reader, url) == reason
    assert memory.peak < 100_000_000


def test_a_gzip_page_is_read_also_in_several_members(reader, server):
    body = squeezed(page()[:60]) + squeezed(page()[60:])
    assert reader.read(server.on("/", answer(body, Content_Encoding="gzip"))).body == page()


@covers("chunk-endless", "length-lie-big")
@pytest.mark.parametrize(
    "behaviour",
    [
        then(CHUNKED, forever(b"10000\r\n" + bytes(65_536) + b"\r\n")),
        then(OK + b"\r\n", forever(b"<p>more and more of it</p>" * 3000)),
        then(OK + b"Content-Length: 5097152\r\n\r\n", forever(b"x", 0.3)),
        then(OK + b"Content-Length: 99999999999999999999999\r\n\r\n", silence),
    ],
    ids=["chunks", "until-close", "length", "absurd-length"],
)
def test_a_body_over_the_cap_is_refused(reader, server, behaviour):
    with PeakMemory(reader._mother._process.pid) as memory, within(DEADLINE):
        assert reason_of(reader, server.on("/", behaviour)) == "too_large"
    assert memory.peak < 150_000_000


@covers("length-lie-small")
@pytest.mark.parametrize(
    "cut",
    [
        OK + b"Content-Length: 1000\r\n\r\n<p",
        OK + b"Content-Length: 100000\r\n\r\n" + page(SENTENCE * 100),
        CHUNKED + b"5\r\n<p>he",
        CHUNKED + b"3\r\n<p>\r\n",
        CHUNKED + b"zz\r\n",
        OK + b"Content-Length: 5\r\nContent-Length: 7\r\n\r\n1234567",
    ],
)
def test_a_cut_or_contradictory_body_is_broken(reader, server, cut):
    assert reason_of(reader, server.on("/", cut)) == "broken"


@covers("drip-body", "drip-header", "info-flood", "silent")
def test_servers_that_stall_end_at_the_deadline_all_at_once(reader, server):
    stalls = {
        "body": then(OK + b"\r\n", forever(b"<", 0.2)),
        "chunks": then(CHUNKED, forever(b"1\r\nx\r\n", 0.2)),
        "length": then(OK + b"Content-Length: 5000\r\n\r\n", forever(b"x", 0.2)),
        "header-byte": then(b"HTTP/1.1 200 OK\r\n", forever(b"X", 0.2)),
        "header-line": then(b"HTTP/1.1 200 OK\r\n", forever(b"X: y\r\n", 0.2)),
        "info": forever(b"HTTP/1.1 100 Continue\r\n\r\n", 0.05),
        "silent": silence,
    }
    urls = [server.on(f"/{name}", behaviour) for name, behaviour in stalls.items()]
    with ThreadPoolExecutor(len(urls)) as threads, within(DEADLINE + SLACK):
        outcomes = list(threads.map(lambda url: reason_of(reader, url), urls))
    assert outcomes == ["timeout"] * len(urls)


@covers("info-flood", "header-many", "header-long", "no-status")
@pytest.mark.parametrize(
    "behaviour",
    [
        forever(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
        then(b"HTTP/1.1 200 OK\r\n", forever(b"X-A: b\r\n" * 100)),
        then(b"HTTP/1.1 200 OK\r\n", forever(b"X" * 65_536)),
        forever(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"),
        then(b"<p>hello there, no status line at all</p>\r\n\r\n", lambda wire: None),
        then(b"HTTP/9.9 two hundred\r\n\r\n", lambda wire: None),
        then(b"", lambda wire: None),
        then(bytes(5000), lambda wire: None),
    ],
    ids=["info", "many", "long", "hints", "no-status", "odd-status", "nothing", "zeros"],
)
def test_a_head_that_is_endless_or_garbage_is_broken(reader, server, behaviour):
    with PeakMemory(reader._mother._process.pid) as memory, within(DEADLINE + SLACK):
        assert reason_of(reader, server.on("/", behaviour)) in ("broken", "http_status")
    assert memory.peak < 150_000_000


@covers("tls-expired", "tls-sni")
@pytest.mark.parametrize(
    ("certificate", "trusted", "host", "reason"),
    [
        ("pub.pem", True, "pub.test", "read"),
        ("pub.pem", True, "other.test", "tls"),
        ("pub.pem", True, "127.0.0.1", "tls"),
        ("expired.pem", True, "pub.test", "tls"),
        ("pub.pem", False, "pub.test", "tls"),
    ],
)
def test_certificates_are_checked_by_name_and_the_name_is_sent(certificate, trusted, host, reason):
    policy = loopback_policy(ca_bundle=str(CERTS / "root.pem") if trusted else None)
    with HostileServer(certificate=certificate) as server, PageReader(policy) as reader:
        server.on("/", answer())
        assert reason_of(reader, server.url(host=host)) == reason
        assert server.names == [None if host == "127.0.0.1" else host]


@covers("tls-expired")
def test_https_to_a_server_that_speaks_no_tls_fails_kindly(reader, server):
    url = server.on("/", answer()).replace("http:", "https:")
    assert reason_of(reader, url) in ("tls", "broken")


@covers("tls-pool", "keepalive-rebind")
def test_every_hop_gets_a_connection_of_its_own(reader, server):
    server.on(
        "/a",
        answer(status="302 Found", Location=f"http://other.test:{server.port}/b", Connection="keep-alive"),
    )
    server.on("/b", answer(Connection="keep-alive"))
    reader.read(server.url("/a"))
    reader.read(server.url("/b"))
    assert server.connections == 3
    assert [request.header("host").split(":")[0] for request in server.requests] == [
        "pub.test",
        "other.test",
        "pub.test",
    ]


@covers("type-binary", "type-lie")
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("image/png", b"\x89PNG\r\n\x1a\n" + bytes(100)),
        ("application/zip", b"PK\x03\x04" + bytes(100)),
        ("application/pdf", b"%PDF-1.7 " + SENTENCE.encode()),
        ("video/mp4", bytes(100)),
        ("application/json", b'{"text": "%s"}' % SENTENCE.encode()),
        ("text/html", b"PK\x03\x04" + bytes(range(256)) * 40),
        ("text/html", b"%PDF-1.7 " + SENTENCE.encode()),
        ("text/html", bytes(range(256)) * 40),
        ("text/plain", bytes(5000)),
        ("", b"PK\x03\x04" + bytes(100)),
        ("", SENTENCE.encode()),
    ],
)
def test_what_is_not_a_page_is_not_read(reader, server, content_type, body):
    assert reason_of(reader, server.on("/", answer(body, content_type))) == "not_a_page"


def test_the_type_is_decided_before_the_body_is_read(reader, server):
    behaviour = then(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n\r\n", silence)
    with within(0.7):
        assert reason_of(reader, server.on("/", behaviour)) == "not_a_page"


@pytest.mark.parametrize(
    "content_type", ["text/html", "TEXT/HTML ; charset=utf-8", "application/xhtml+xml", "text/plain", ""]
)
def test_pages_are_read_under_every_type_that_pages_have(reader, server, content_type):
    assert SENTENCE in reader.read(server.on("/", answer(page(), content_type))).text


@covers("charset-unknown")
@pytest.mark.parametrize(
    "charset", ["unknown", "utf-7", "", "rot13", "unicode_escape", "idna", "'; drop", "utf-8,utf-8"]
)
def test_an_unknown_or_dangerous_charset_is_decoded_safely(reader, server, charset):
    body = page(f"<p>{SENTENCE} caf\u00e9 +ADw-script+AD4-</p>")
    read = reader.read(server.on("/", answer(body, f"text/html; charset={charset}")))
    assert "caf\u00e9 +ADw-script+AD4-" in read.text
    assert read.charset == "utf-8"


@covers("status-404")
@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("404 Not Found", "not_found"),
        ("410 Gone", "not_found"),
        ("403 Forbidden", "http_status"),
        ("500 Oops", "http_status"),
        ("503 Busy", "http_status"),
        ("206 Partial", "http_status"),
        ("204 Empty", "http_status"),
        ("304 Not Modified", "http_status"),
        ("401 Who", "http_status"),
        ("999 Denied", "http_status"),
    ],
)
def test_only_a_200_is_a_page(reader, server, status, reason):
    assert reason_of(reader, server.on("/", answer(status=status))) == reason


@covers("setcookie")
@pytest.mark.parametrize(
    "cookies", [["a=" + "b" * 1_000_000], [f"c{i}={'d' * 20_000}; Domain=other.test" for i in range(50)]]
)
def test_cookies_are_neither_choked_on_nor_kept(reader, server, cookies):
    head = OK + b"".join(f"Set-Cookie: {cookie}\r\n".encode() for cookie in cookies)
    body = page()
    server.on("/", head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    assert reason_of(reader, server.url()) == "read"
    assert reason_of(reader, server.url(host="other.test")) == "read"
    assert all("cookie" not in request.header_names for request in server.requests)


def test_an_empty_body_is_nothing_to_read(reader, server):
    assert reason_of(reader, server.on("/", answer(b""))) == "nothing_to_read"
