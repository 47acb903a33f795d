"""Whatever comes in, only the named failures come out."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from btm.pages.addresses import is_public, parse_address
from btm.pages.body import _gunzip
from btm.pages.canonical import canonical_url, pasted, site
from btm.pages.charset import decode
from btm.pages.clean import lines, one_line
from btm.pages.extract import extract
from btm.pages.guard import Target, vet
from btm.pages.reasons import FetchFailed, ReadFailed
from btm.pages.signature import bands, signature, similarity

pytestmark = pytest.mark.filterwarnings("ignore::bs4.XMLParsedAsHTMLWarning")
quiet = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])

PIECES = st.sampled_from(
    ["http://", "https://", "HTTP:", "//", "/", "\\", "@", ":", "80", "8080", "#", "?", "&", "=", "utm_source=1", "a=1", "b", "%", "%41",
     "%2f", "%2E%2e", ".", "..", "127.0.0.1", "0x7f", "[::1]", "[", "]", "pub.test", "xn--", "\u00fc", "\uff11", "\u3002", "\t", " ", "\x00",
     "\u202e", "\ud800", "user", "localhost", "+", ";", "%%34%31"]
)  # fmt: skip
URLS = st.one_of(
    st.text(max_size=60),
    st.lists(PIECES, max_size=14).map("".join),
    st.lists(PIECES, max_size=12).map(lambda p: "http://pub.test/" + "".join(p)),
)
MARKUP = st.lists(
    st.sampled_from(
        ["<p>", "</p>", "<div style='display:none'>", "</div>", "<table>", "<tr>", "<td>", "<li>", "<pre>", "<h1>", "<title>", "</title>",
         "<script>", "</script>", "<!--", "-->", "<![CDATA[", "]]>", "<?xml version='1.0' encoding='utf-16'?>", "<!DOCTYPE x [", "<br/>", "&#xD800;",
         "&#0;", "&amp", "<a href='http://[::1'>", "<meta charset=utf-7>", "<html lang=\"", "\">", "\x00", "\u202e", "some words to read here ", "<svg>",
         "<base href='::'>", "<frameset>", "<select>", "<body hidden>", "<x:y z>", "<blockquote>", "<link rel=canonical href=>"]
    ),
    max_size=30,
).map("".join)  # fmt: skip


@quiet
@given(URLS)
def test_an_address_is_vetted_or_refused(url):
    try:
        target = vet(url, lambda host: ["93.184.216.34"])
    except ReadFailed:
        return
    assert isinstance(target, Target)
    assert target.port in (80, 443)
    assert target.scheme in ("http", "https")
    assert all(is_public(parse_address(address)) for address in target.addresses)


@quiet
@given(URLS)
def test_the_normal_form_is_stable(url):
    try:
        form = canonical_url(url)
    except ReadFailed:
        return
    assert canonical_url(form) == form
    assert "#" not in form
    assert site(form) == site(url)
    pasted(url)


@quiet
@given(
    MARKUP,
    st.sampled_from(["text/html", "application/xhtml+xml", "text/plain"]),
    st.sampled_from(["", "utf-8", "utf-16", "nonsense"]),
)
def test_any_markup_is_read_or_fails_by_name(markup, content_type, charset):
    body = markup.encode("utf-8", "replace")
    try:
        read = extract(body, content_type, charset)
    except FetchFailed:
        return
    read.text.encode("utf-8")
    assert "\x00" not in read.text
    assert "\u202e" not in read.text + read.segments.title


@quiet
@given(st.binary(max_size=2000), st.text(max_size=20))
def test_any_bytes_decode_and_are_read_or_fail_by_name(body, label):
    text, _ = decode(body, label)
    one_line(text, 100).encode("utf-8")
    lines(text, 100).encode("utf-8")
    with contextlib.suppress(FetchFailed):
        extract(body, "text/html", label)


@quiet
@given(st.lists(st.binary(max_size=300), max_size=6))
def test_any_bytes_inflate_or_are_broken(chunks):
    with contextlib.suppress(FetchFailed):
        assert len(_gunzip(iter(chunks), 1000)) <= 1000


@quiet
@given(st.text(max_size=300))
def test_any_text_has_a_signature(text):
    made = signature(text)
    assert len(made) in (0, 512)
    assert len(bands(made)) in (0, 32)
    assert similarity(made, made) in (0.0, 1.0)
