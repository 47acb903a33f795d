"""One spelling for each page's address."""

from __future__ import annotations

import pytest

from btm.pages.canonical import canonical_url, pasted, site
from btm.pages.reasons import Refused

SAME = {
    "http://example.com/": [
        "HTTP://EXAMPLE.com", "http://example.com:80/", "http://example.com./", "http://example.com/#top", "http://example.com/?",
        " http://example.com/\n", "http://example.com/?utm_source=a&utm_medium=b", "http://example.com/a/..", "http://ex%61mple.com/",
    ],
    "https://example.com/Path?a=1&b=2": [
        "https://example.com:443/Path?a=1&b=2", "https://example.com/Path?b=2&a=1", "https://example.com/Path?a=1&fbclid=x&b=2",
        "https://example.com/Path?a=1&&b=2#x", "https://example.com/%50ath?a=%31&b=2", "https://example.com/Path?GCLID=z&a=1&b=2",
        "https://example.com/x/../Path?mc_eid=1&a=1&b=2&_ga=3",
    ],
    "http://xn--bcher-kva.example/%C3%BC": ["http://b\u00fccher.example/\u00fc", "http://B\u00dcCHER.example/%c3%bc"],
    "http://127.0.0.1/": ["http://0x7f.1/", "http://2130706433/"],
}  # fmt: skip
DIFFERENT = [
    "http://example.com/a", "http://example.com/A", "https://example.com/a", "http://www.example.com/a", "http://example.com/a/",
    "http://example.com/a?", "http://example.com/a?x=1", "http://example.com/a?x=2", "http://example.com/a?x=1&x=2",
    "http://example.com/a?x=2&x=1", "http://example.com:8080/a", "http://example.com/a%2Fb", "http://example.com/a/b",
    "http://example.com/a?x/1&b", "http://example.com/a?b&x/1",
]  # fmt: skip


@pytest.mark.parametrize(
    ("url", "variant"), [(url, variant) for url, variants in SAME.items() for variant in [url, *variants]]
)
def test_variants_of_an_address_have_one_normal_form(url, variant):
    assert canonical_url(variant) == url


def test_addresses_that_may_lead_elsewhere_stay_apart():
    forms = [canonical_url(url) for url in DIFFERENT]
    assert len(set(forms)) == len(forms) - 1  # `a` and `a?` are one


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "ftp://example.com/",
        "http://",
        "javascript:alert(1)",
        "http://u:p@example.com/",
        "http://a\\b/",
    ],
)
def test_what_is_no_web_address_is_refused(url):
    with pytest.raises(Refused):
        canonical_url(url)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://news.bbc.co.uk/x", "bbc.co.uk"),
        ("http://a.b.example.com/", "example.com"),
        ("http://someone.github.io/", "someone.github.io"),
        ("http://co.uk/", "co.uk"),
        ("http://172.32.0.1/", "172.32.0.1"),
        ("http://www.b\u00fccher.de/", "xn--bcher-kva.de"),
    ],
)
def test_the_registrable_domain_comes_from_the_public_suffix_list(url, expected):
    assert site(url) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("example.com/x", "https://example.com/x"),
        (" example.com:8080 ", "https://example.com:8080"),
        ("http://example.com", "http://example.com"),
        ("HTTPS://example.com", "HTTPS://example.com"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("javascript://example.com/%0aalert(1)", "javascript://example.com/%0aalert(1)"),
        ("just words", "just words"),
        ("user@example.com", "user@example.com"),
    ],
)
def test_an_address_without_a_scheme_is_meant_as_https(text, expected):
    assert pasted(text) == expected
