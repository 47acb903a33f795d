"""The gate: which addresses may be fetched."""

from __future__ import annotations

import pytest

from btm.pages.addresses import is_public, parse_address, parse_networks
from btm.pages.guard import DEFAULT_POLICY, Policy, Refused, Target, check_form, vet
from btm.pages.reasons import REASONS, FetchFailed, ReadFailed

from .support import LIVE_KINDS, covers, hostile_cases

PUBLIC = "93.184.216.34"


def public(host: str) -> list[str]:
    return [PUBLIC]


def reason(url: str, resolve=public, policy: Policy = DEFAULT_POLICY) -> str:
    try:
        vet(url, resolve, policy)
    except ReadFailed as failed:
        return failed.reason
    return "allowed"


REFUSED = {
    "http://127.0.0.1/": "blocked_address",
    "http://127.1/": "blocked_address",
    "http://0x7f.1/": "blocked_address",
    "http://017700000001/": "blocked_address",
    "http://2130706433/": "blocked_address",
    "http://%31%32%37.0.0.1/": "blocked_address",
    "http://127.0.0.1./": "blocked_address",
    "http://[::1]/": "blocked_address",
    "http://[::ffff:10.0.0.1]/": "blocked_address",
    "http://[::ffff:100.64.0.1]/": "blocked_address",
    "http://[64:ff9b::7f00:1]/": "blocked_address",
    "http://[64:ff9b:1::1]/": "blocked_address",
    "http://[2002:7f00:1::]/": "blocked_address",
    "http://[2001::1]/": "blocked_address",
    "http://[fec0::1]/": "blocked_address",
    "http://[3fff::1]/": "blocked_address",
    "http://[ff02::1]/": "blocked_address",
    "http://100.64.0.1/": "blocked_address",
    "http://168.63.129.16/": "blocked_address",
    "http://192.0.0.8/": "blocked_address",
    "http://255.255.255.255/": "blocked_address",
    "http://localhost/": "blocked_address",
    "http://LOCALHOST./": "blocked_address",
    "http://x.localhost/": "blocked_address",
    "http://db/": "blocked_address",
    "http://pub.test:8080/": "port",
    "http://93.184.216.34:22/": "port",
    "https://u@pub.test/": "credentials",
    "https://u:p@pub.test/": "credentials",
    "http://u%40x@127.0.0.1/": "credentials",
    "ftp://pub.test/": "scheme",
    "file:///etc/passwd": "scheme",
    "gopher://pub.test/": "scheme",
    "data:text/html,x": "scheme",
    "javascript:alert(1)": "scheme",
    "http://pub.test\\@127.0.0.1/": "bad_url",
    "http:\\\\pub.test/": "bad_url",
    "http://pub.test\x00/": "bad_url",
    "http://pub.\ntest/": "bad_url",
    "http://a..test/": "bad_url",
    f"http://{'a' * 64}.test/": "bad_url",
    f"http://pub.test/{'a' * 5000}": "bad_url",
    "pub.test": "bad_url",
    "": "bad_url",
    "http://": "bad_url",
    "http://[::1/": "bad_url",
}  # fmt: skip

ALLOWED = {
    "http://pub.test/": ("pub.test", 80, "/"),
    "https://pub.test/": ("pub.test", 443, "/"),
    "https://pub.test:80/": ("pub.test", 80, "/"),
    "  HTTP://Pub.Test.:80/a/../b?q=1#@127.0.0.1/  ": ("pub.test", 80, "/b?q=1"),
    "http://pub.test/#\\x": ("pub.test", 80, "/"),
    "http://bücher.test/": ("xn--bcher-kva.test", 80, "/"),
    "http://some_thing.example.com/": ("some_thing.example.com", 80, "/"),
    "http://172.32.0.1/": ("172.32.0.1", 80, "/"),
    "http://[2606:4700::1111]/": ("2606:4700::1111", 80, "/"),
    "http://[64:ff9b::808:808]/": ("64:ff9b::808:808", 80, "/"),
}


@pytest.mark.parametrize(("url", "expected"), REFUSED.items())
def test_refuses_what_no_page_of_the_open_web_has(url, expected):
    assert reason(url) == expected


@pytest.mark.parametrize(("url", "expected"), ALLOWED.items())
def test_allows_ordinary_addresses_in_their_normal_spelling(url, expected):
    target = vet(url, public)
    assert (target.host, target.port, target.path) == expected
    assert isinstance(target, Target)


@pytest.mark.parametrize("case", [c for c in hostile_cases() if "url" in c], ids=lambda case: case["id"])
def test_every_hostile_address_is_decided_as_listed(case):
    assert case["kind"] in LIVE_KINDS
    assert (reason(case["url"]) == "allowed") == (case["expected"] == "allow")


@covers("dns-mixed-public-first", "dns-mixed-private-first", "dns-all-private", "dns-6to4")
@pytest.mark.parametrize(
    "answers",
    [
        [PUBLIC, "127.0.0.1"],
        ["127.0.0.1", PUBLIC],
        ["0.0.0.0", "2001:db8::face"],
        ["2002:7f00:1::"],
        [PUBLIC, "fe80::1%eth0"],
        ["not an address"],
    ],
)
def test_one_bad_answer_refuses_the_whole_name(answers):
    assert reason("http://pub.test/", lambda host: answers) == "blocked_address"


def test_a_name_is_looked_up_exactly_once_and_a_number_never():
    asked: list[str] = []

    def resolve(host: str) -> list[str]:
        asked.append(host)
        return [PUBLIC]

    assert vet("http://Pub.Test./x", resolve).addresses == (PUBLIC,)
    assert vet("http://172.32.0.1/", resolve).addresses == ("172.32.0.1",)
    assert asked == ["pub.test"]


@pytest.mark.parametrize(
    "url",
    ["http://pub.test:25/", "http://db/", "http://localhost/", "http://u@pub.test/", "http://10.0.0.1/"],
)
def test_nothing_is_looked_up_for_an_address_that_is_refused_by_its_form(url):
    with pytest.raises(Refused):
        vet(url, lambda host: pytest.fail("looked up"))


@pytest.mark.parametrize(
    "resolve", [lambda host: [], lambda host: (_ for _ in ()).throw(OSError("no such name"))]
)
def test_a_name_without_an_address_is_unreachable(resolve):
    with pytest.raises(FetchFailed) as failed:
        vet("http://pub.test/", resolve)
    assert failed.value.code == "unreachable"


def test_every_blocked_address_gets_the_same_sentence():
    seen = set()
    for url in (
        "http://127.0.0.1/",
        "http://10.0.0.1/",
        "http://[::1]/",
        "http://localhost/",
        "http://db/",
        "http://169.254.169.254/",
    ):
        with pytest.raises(Refused) as refused:
            vet(url, public)
        seen.add((refused.value.code, refused.value.sentence))
    assert len(seen) == 1


@covers("dns-self")
def test_our_own_service_is_never_fetched():
    policy = Policy(own_hosts=("game.example", "127.0.0.1:5000"), own_addresses=(PUBLIC,))
    assert reason("https://Game.Example./play", policy=policy) == "own_service"
    assert reason("http://pub.test/", policy=policy) == "blocked_address"
    assert reason("http://pub.test/", lambda host: ["93.184.216.35"], policy) == "allowed"


def test_a_neighbour_on_another_port_of_our_own_address_is_not_us():
    policy = Policy(
        allow_private=parse_networks("127.0.0.0/8"),
        own_hosts=("127.0.0.1:5000",),
        own_addresses=("127.0.0.1:5000", "[::1]:5000"),
    )
    assert reason("http://127.0.0.1:5000/", policy=policy) == "own_service"
    assert reason("http://localhost:5000/", lambda host: ["127.0.0.1"], policy) == "blocked_address"
    assert reason("http://127.0.0.1:5001/", policy=policy) == "allowed"


def test_an_opened_network_is_open_on_any_port_and_under_any_name():
    policy = Policy(allow_private=parse_networks("127.0.0.0/8, 10.1.0.0/16"))
    assert reason("http://127.0.0.1:8123/", policy=policy) == "allowed"
    assert reason("http://localhost:8123/", lambda host: ["127.0.0.1"], policy) == "allowed"
    assert reason("http://10.1.2.3:9/", policy=policy) == "allowed"


def test_what_lies_outside_the_opened_network_stays_closed():
    policy = Policy(allow_private=parse_networks("127.0.0.0/8"))
    assert reason("http://10.0.0.1/", policy=policy) == "blocked_address"
    assert reason("http://[::1]/", policy=policy) == "blocked_address"
    assert reason("http://pub.test:8080/", policy=policy) == "port"
    assert reason("http://db/", policy=policy) == "blocked_address"
    assert reason("http://pub.test:81/", lambda host: ["127.0.0.1", PUBLIC], policy) == "port"


@pytest.mark.parametrize("setting", ["nonsense", "127.0.0.0/64", "localhost"])
def test_a_setting_that_is_no_network_is_an_error(setting):
    with pytest.raises(ValueError, match=r"does not appear|netmask"):
        parse_networks(setting)


@pytest.mark.parametrize(
    "text", ["8.8.8.8", "1.1.1.1", "172.15.255.255", "100.128.0.1", "2a00:1450::1", "::ffff:8.8.8.8"]
)
def test_public_addresses_are_public(text):
    assert is_public(parse_address(text))


def test_the_form_of_an_address_can_be_checked_alone():
    assert check_form("http://pub.test/x").host == "pub.test"
    with pytest.raises(Refused):
        check_form("http://127.0.0.1/")


def test_every_reason_has_a_kind_sentence_that_says_what_to_do():
    for known in REASONS.values():
        assert known.sentence.endswith(".")
        assert "lease" in known.sentence, known
