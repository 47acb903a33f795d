"""Redirects that lead somewhere bad, played out on loopback."""

from __future__ import annotations

import pytest

from btm.pages.fetch import fetch
from btm.pages.reader import PageReader
from btm.pages.reasons import Refused

from .hostile import HostileServer, answer, forever, gzip_bomb, page, redirect, then
from .support import PeakMemory, covers, loopback_policy, reason_of, within


@covers("redir-meta", "redir-port", "redir-creds")
@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://169.254.169.254/latest/meta-data/", "blocked_address"),
        ("http://[fd00:ec2::254]/", "blocked_address"),
        ("http://93.184.216.34:6379/", "port"),
        ("http://user:secret@pub.test/", "credentials"),
        ("//10.0.0.1/", "blocked_address"),
        ("file:///etc/passwd", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("http://pub.test\\@127.0.0.1/", "bad_url"),
        ("http://", "bad_url"),
    ],
)
@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"]
)
def test_a_redirect_is_vetted_like_a_first_address(reader, server, location, reason, status):
    assert reason_of(reader, server.on("/", redirect(location, status))) == reason


@covers("redir-loop")
def test_a_loop_of_redirects_ends(reader, server):
    server.on("/a", redirect("/b"))
    server.on("/b", redirect("/a"))
    assert reason_of(reader, server.url("/a")) == "too_many_redirects"
    assert len(server.requests) == 6


@covers("redir-six")
def test_five_hops_are_followed_and_six_are_not(reader, server):
    for hop in range(6):
        server.on(f"/{hop}", redirect(f"/{hop + 1}"))
    server.on("/6", answer())
    assert reason_of(reader, server.url("/0")) == "too_many_redirects"
    assert reason_of(reader, server.url("/1")) == "read"


@covers("redir-relative")
def test_relative_and_scheme_relative_locations_resolve_and_are_recorded(reader, server):
    server.on("/a", redirect("b?x=1"))
    server.on("/b", redirect(f"//other.test:{server.port}/c"))
    server.on("/c", answer())
    read = reader.read(server.url("/a"))
    assert [(hop.status, hop.url) for hop in read.redirects] == [
        (302, server.url("/a")),
        (302, server.url("/b?x=1")),
    ]
    assert read.final_url == server.url("/c", "other.test")
    assert not read.downgraded


@covers("redir-relative")
def test_an_international_location_in_utf_8_is_followed(reader, server):
    server.on("/a", "HTTP/1.1 302 Found\r\nLocation: /caf\u00e9\r\nContent-Length: 0\r\n\r\n".encode())
    server.on("/caf%C3%A9", answer())
    assert reader.read(server.url("/a")).final_url == server.url("/caf%C3%A9")


@covers("redir-no-location")
def test_a_redirect_to_nowhere_is_no_page(reader, server):
    assert reason_of(reader, server.on("/", answer(status="302 Found"))) == "http_status"


@covers("redir-canonical")
def test_a_canonical_link_is_text_and_is_not_fetched(reader, server):
    link = f"http://127.0.0.1:{server.port}/inner"
    server.on("/", answer(page().replace(b"<title>", f'<link rel=canonical href="{link}"><title>'.encode())))
    read = reader.read(server.url())
    assert read.canonical_link == link
    assert read.final_url == server.url()
    assert server.connections == 1


@covers("redir-body-bomb", "redir-body-big")
def test_the_body_of_a_redirect_is_never_read(reader, server):
    bomb = gzip_bomb()
    head = b"HTTP/1.1 302 Found\r\nLocation: /end\r\nContent-Length: %d\r\n%s\r\n"
    server.on("/bomb", (head % (len(bomb), b"Content-Encoding: gzip\r\n")) + bomb)
    server.on("/big", then(head % (1_000_000_000, b""), forever(bytes(65_536))))
    server.on("/end", answer())
    with PeakMemory(reader._mother._process.pid) as memory, within(5.0):
        assert reason_of(reader, server.url("/bomb")) == "read"
        assert reason_of(reader, server.url("/big")) == "read"
    assert memory.peak < 100_000_000


@covers("redir-header-leak")
def test_nothing_goes_along_to_another_host(reader, server):
    server.on(
        "/a",
        redirect(f"http://other.test:{server.port}/b", body=b"x").replace(
            b"\r\n", b"\r\nSet-Cookie: a=b; Domain=test\r\n", 1
        ),
    )
    server.on("/b", answer())
    reader.read(server.url("/a"))
    assert server.requests[1].header_names == {
        "host",
        "user-agent",
        "accept",
        "accept-encoding",
        "accept-language",
        "connection",
    }
    assert server.requests[1].header("host") == f"other.test:{server.port}"


@covers("redir-downgrade")
def test_a_downgrade_from_https_is_followed_and_recorded(server):
    from .hostile import CERTS

    with (
        HostileServer(certificate="pub.pem") as secure,
        PageReader(loopback_policy(ca_bundle=str(CERTS / "root.pem"))) as reader,
    ):
        server.on("/b", answer())
        read = reader.read(secure.on("/a", redirect(server.url("/b"))))
    assert read.downgraded
    assert [hop.url for hop in read.redirects] == [secure.url("/a")]


@covers("dns-rebind-redirect")
def test_each_hop_is_looked_up_anew(server):
    server.on("/", redirect("/"))
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    with pytest.raises(Refused) as refused:
        fetch(server.url(), loopback_policy(), lambda host: next(answers))
    assert refused.value.reason == "blocked_address"
    assert server.connections == 1
