"""Bringing something to a stranger's server, which may answer as it likes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from btm.pages.deliver import deliver
from btm.pages.reasons import FetchFailed

from .hostile import CERTS, HostileServer, answer, forever, silence, then
from .support import loopback_policy, within

DEADLINE, SLACK = 1.0, 1.5


def outcome(url: str) -> str:
    try:
        return str(deliver(url, b"{}", {}, loopback_policy(deadline=DEADLINE)))
    except FetchFailed as failed:
        return failed.reason


def test_a_receiver_that_drips_or_is_silent_is_let_go_at_the_deadline(server: HostileServer) -> None:
    urls = [
        server.on("/status", forever(b"H", 0.2)),
        server.on("/byte", then(b"HTTP/1.1 200 OK\r\nX: ", forever(b"x", 0.2))),
        server.on("/line", then(b"HTTP/1.1 200 OK\r\n", forever(b"X: y\r\n", 0.2))),
        server.on("/info", forever(b"HTTP/1.1 100 Continue\r\n\r\n", 0.2)),
        server.on("/silent", silence),
    ]
    with ThreadPoolExecutor(len(urls)) as threads, within(DEADLINE + SLACK):
        assert list(threads.map(outcome, urls)) == ["timeout"] * len(urls)


def test_over_tls_too() -> None:
    with HostileServer(certificate="pub.pem") as server, within(DEADLINE + SLACK):
        url = server.on("/", then(b"HTTP/1.1 200 OK\r\n", forever(b"X: y\r\n", 0.2)))
        policy = loopback_policy(deadline=DEADLINE, ca_bundle=str(CERTS / "root.pem"))
        with pytest.raises(FetchFailed) as failed:
            deliver(url, b"{}", {}, policy)
    assert failed.value.reason == "timeout"


def test_a_long_body_is_not_waited_for(server: HostileServer) -> None:
    url = server.on("/", then(b"HTTP/1.1 202 Accepted\r\n\r\n", forever(b"x", 0.2)))
    assert outcome(url) == "202"


def test_an_answer_that_is_cut_is_broken_and_not_late(server: HostileServer) -> None:
    assert outcome(server.on("/", b"HTTP")) == "broken"
    assert outcome(server.on("/whole", answer(status="500 Sorry"))) == "500"
