"""A machine behind an endpoint, against a fake on loopback: slow, down, wrong, and well."""

from __future__ import annotations

import json
import time
from typing import Any

import numpy as np
import pytest
from machine_fakes import Endpoint, good_answer, serving

from classifiers.machine import Machine, MachineMisbehaved, MachineUnavailable, Page
from classifiers.remote import CircuitBreaker, RemoteMachine, RemoteOptions


def saying(body: Any, status: int = 200) -> Any:
    return lambda request: (status, body if isinstance(body, bytes) else json.dumps(body).encode())


def machine(endpoint: Endpoint, slept: list[float] | None = None, **options: Any) -> RemoteMachine:
    log = slept if slept is not None else []
    return RemoteMachine(
        endpoint.url,
        ("bread", "boats"),
        options=RemoteOptions(**{"timeout": 2.0, **options}),
        sleep=log.append,
    )


def test_asks_in_batches_and_keeps_the_order() -> None:
    with serving(Endpoint(good_answer)) as endpoint:
        remote = machine(endpoint, batch=2)
        answer = remote.predict_proba(["a boat", "bread", Page(title="Old", text="boat"), "bread", "boat"])
    assert isinstance(remote, Machine)
    assert answer[:, 1].tolist() == [0.75, 0.1, 0.75, 0.1, 0.75]
    assert [len(request["pages"]) for request in endpoint.requests] == [2, 2, 1]
    assert endpoint.requests[1]["pages"][0]["title"] == "Old"


def test_no_pages_are_not_asked_about() -> None:
    with serving(Endpoint(good_answer)) as endpoint:
        assert machine(endpoint).predict_proba([]).shape == (0, 2)
    assert endpoint.requests == []


def test_labels_in_another_order_are_put_right() -> None:
    with serving(
        Endpoint(saying({"classes": ["boats", "bread"], "probabilities": [[0.9, 0.1]]}))
    ) as endpoint:
        assert np.allclose(machine(endpoint).predict_proba(["boat"]), [[0.1, 0.9]])


def test_tries_again_after_trouble_and_waits_longer_each_time() -> None:
    slept: list[float] = []
    with serving(Endpoint(saying(b"", 500), saying(b"", 503), good_answer)) as endpoint:
        assert machine(endpoint, slept, backoff=0.5).predict_proba(["boat"])[0, 1] == 0.75
    assert slept == [0.5, 1.0]


def test_waits_as_long_as_the_endpoint_asks_within_reason() -> None:
    slept: list[float] = []
    with serving(Endpoint(saying(b"", 429), good_answer)) as endpoint:
        endpoint.headers = {"Retry-After": "3"}
        machine(endpoint, slept).predict_proba(["boat"])
    assert slept == [3.0]


def test_a_wait_that_cannot_be_read_is_left_out() -> None:
    slept: list[float] = []
    with serving(Endpoint(saying(b"", 429), good_answer)) as endpoint:
        endpoint.headers = {"Retry-After": "\u00b2"}
        assert machine(endpoint, slept, backoff=0.5).predict_proba(["boat"])[0, 1] == 0.75
    assert slept == [0.5]


def test_trouble_that_lasts_makes_it_unavailable_and_says_when_to_ask_again() -> None:
    failing = serving(Endpoint(saying(b"", 500)))
    with failing as endpoint, pytest.raises(MachineUnavailable, match="status 500") as caught:
        machine(endpoint).predict_proba(["boat"])
    assert len(endpoint.requests) == 3
    assert caught.value.retry_after == 15


def test_an_endpoint_that_is_down_is_unavailable() -> None:
    with serving(Endpoint(good_answer)) as endpoint:
        pass
    with pytest.raises(MachineUnavailable, match="cannot be reached"):
        machine(endpoint).predict_proba(["boat"])


def test_an_endpoint_that_is_slow_is_unavailable() -> None:
    with serving(Endpoint(good_answer)) as endpoint:
        endpoint.delay = 1.0
        with pytest.raises(MachineUnavailable, match="too slow"):
            machine(endpoint, timeout=0.1, retries=0).predict_proba(["boat"])


def test_an_answer_that_drips_is_cut_off_at_the_deadline() -> None:
    with serving(Endpoint(good_answer)) as endpoint:
        endpoint.drip = 0.1
        started = time.monotonic()
        with pytest.raises(MachineUnavailable, match="too slow"):
            machine(endpoint, timeout=0.4, retries=0).predict_proba(["boat"])
        assert time.monotonic() - started < 1.5


@pytest.mark.parametrize(
    "answer",
    [
        {"probabilities": [[0.2, 0.3, 0.5]]},
        {"probabilities": [[0.5, 0.5], [0.5, 0.5]]},
        {"probabilities": []},
        {"probabilities": None},
        {"probabilities": [[0.9, 0.9]]},
        {"probabilities": [["a", "b"]]},
        {"classes": ["cats", "dogs"], "probabilities": [[0.5, 0.5]]},
        {"classes": ["boats", "bread", "cats"], "probabilities": [[0.5, 0.5, 0.0]]},
        {"error": "out of memory"},
        [],
        b'{"probabilities": [[NaN, 0.5]]}',
        b"<html>Welcome</html>",
        b"",
    ],
)
def test_nonsense_has_a_name_and_is_not_asked_for_twice(answer: Any) -> None:
    with serving(Endpoint(saying(answer))) as endpoint, pytest.raises(MachineMisbehaved):
        machine(endpoint).predict_proba(["boat"])
    assert len(endpoint.requests) == 1


def test_a_refusal_or_a_redirect_is_not_followed() -> None:
    for status in (301, 400, 401, 404):
        with serving(Endpoint(saying(b"", status))) as endpoint:
            endpoint.headers = {"Location": endpoint.url}
            with pytest.raises(MachineMisbehaved, match=str(status)):
                machine(endpoint).predict_proba(["boat"])
        assert len(endpoint.requests) == 1


def test_too_long_an_answer_is_not_read_to_its_end() -> None:
    long = serving(Endpoint(saying(b" " * 5000)))
    with long as endpoint, pytest.raises(MachineMisbehaved, match="far too much"):
        machine(endpoint, answer_cap=1000).predict_proba(["boat"])


def test_keys_never_show_in_an_error() -> None:
    with serving(Endpoint(saying(b"", 401))) as endpoint:
        remote = RemoteMachine(
            endpoint.url + "?key=hush", ("a", "b"), headers={"Authorization": "Bearer hush"}
        )
        with pytest.raises(MachineMisbehaved) as caught:
            remote.predict_proba(["boat"])
    assert "hush" not in str(caught.value)


def test_after_many_failures_the_endpoint_is_left_alone_for_a_while() -> None:
    now = [100.0]
    with serving(Endpoint(*[saying(b"", 500)] * 4, good_answer)) as endpoint:
        remote = RemoteMachine(
            endpoint.url, ("bread", "boats"), clock=lambda: now[0], sleep=lambda seconds: None,
            options=RemoteOptions(retries=0, breaker_failures=3, breaker_pause=30),
        )  # fmt: skip
        for _ in range(3):
            with pytest.raises(MachineUnavailable, match="500"):
                remote.predict_proba(["boat"])
        now[0] += 10
        with pytest.raises(MachineUnavailable, match="rests") as caught:
            remote.predict_proba(["boat"])
        assert caught.value.retry_after == 20
        assert len(endpoint.requests) == 3
        now[0] += 25
        with pytest.raises(MachineUnavailable, match="500"):
            remote.predict_proba(["boat"])
        with pytest.raises(MachineUnavailable, match="rests"):
            remote.predict_proba(["boat"])
        now[0] += 31
        assert remote.predict_proba(["boat"]).shape == (1, 2)
        assert remote.predict_proba(["boat"]).shape == (1, 2)


def test_only_one_caller_tries_a_resting_endpoint() -> None:
    now = [0.0]
    breaker = CircuitBreaker(1, 30, lambda: now[0])
    breaker.failed()
    now[0] = 30.0
    assert breaker.wait() == 0
    assert breaker.wait() == 30
    breaker.succeeded()
    assert breaker.wait() == 0


@pytest.mark.parametrize(
    ("url", "classes"), [("ftp://x", ("a", "b")), ("http://x", ("a",)), ("http://x", ("a", "a"))]
)
def test_an_endpoint_that_cannot_be_is_refused_at_once(url: str, classes: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"."):
        RemoteMachine(url, classes)
