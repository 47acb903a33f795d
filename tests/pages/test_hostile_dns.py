"""Names that resolve badly, slowly or differently each time."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from btm.pages.fetch import fetch
from btm.pages.reader import PageReader
from btm.pages.reasons import FetchFailed

from .hostile import HostileServer, answer, silence
from .support import LOOPBACK, covers, loopback_policy, reason_of, within


@covers("dns-rebind")
def test_the_socket_goes_to_the_checked_address_of_the_only_lookup(server):
    server.on("/", answer())
    with HostileServer("127.0.0.2") as inner:
        answers = iter([["127.0.0.1"], ["127.0.0.2"]])
        assert fetch(server.url(), loopback_policy(), lambda host: next(answers)).status == 200
        assert next(answers) == ["127.0.0.2"]
        assert inner.connections == 0
    assert server.connections == 1


@covers("dns-slow")
def test_a_resolver_that_never_answers_ends_at_the_deadline(tmp_path):
    odd = tmp_path / "odd_zygote.py"
    odd.write_text(
        textwrap.dedent(
            """
            import ctypes, socket
            from btm.pages import zygote
            socket.getaddrinfo = lambda *args, **kwargs: [ctypes.CDLL(None).pause() for _ in iter(int, 1)]
            zygote.main()
            """
        )
    )
    with PageReader(loopback_policy(deadline=1.0, resolve_map=()), entry=(str(odd),)) as reader, within(8.0):
        assert reason_of(reader, "http://slow.example/") == "timeout"


@covers("dns-many")
def test_a_thousand_silent_addresses_cost_one_deadline():
    # A listener whose queue is full lets connections hang; refused ports come first.
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        addresses = tuple(
            ["127.0.1.1", "127.0.1.2", "127.0.0.1"] + [f"127.3.{i // 250}.{i % 250 + 1}" for i in range(997)]
        )
        policy = loopback_policy(resolve_map=(("many.test", addresses),), deadline=1.0)
        with PageReader(policy) as reader:
            reason_of(reader, "http://127.0.0.1:1/")  # the reader is up
            with within(2.5):
                assert reason_of(reader, f"http://many.test:{port}/") in ("timeout", "unreachable")
        for filler in fillers:
            filler.close()


@covers("dns-many")
def test_a_later_address_is_tried_when_an_earlier_one_refuses(server):
    server.on("/", answer())
    policy = loopback_policy(resolve_map=(("pub.test", ("::1", "127.0.9.9", "127.0.0.1")),))
    with PageReader(policy) as reader:
        assert reason_of(reader, server.url()) == "read"


@covers("dns-search")
@pytest.mark.parametrize("url", ["http://db/", "http://db./", "http://intranet:80/"])
def test_a_name_without_a_dot_is_refused(url):
    with PageReader() as reader:
        assert reason_of(reader, url) == "blocked_address"


def test_a_name_that_does_not_exist_is_unreachable(reader):
    assert reason_of(reader, "http://no-such-name.invalid/") == "unreachable"


def test_a_closed_port_and_a_silent_one_tell_nothing_under_the_default_policy(server):
    server.on("/", silence)
    with PageReader() as reader, within(0.5):
        assert reason_of(reader, f"http://127.0.0.1:{server.port}/") == "blocked_address"
        assert reason_of(reader, "http://127.0.0.1:1/") == "blocked_address"
    assert server.connections == 0


@covers("proxy-env", "netrc")
def test_proxies_and_credentials_of_the_environment_are_ignored(tmp_path, server, monkeypatch):
    with HostileServer() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        netrc = tmp_path / ".netrc"
        netrc.write_text("machine pub.test login somebody password secret\n")
        netrc.chmod(0o600)
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("NETRC", str(netrc))
        server.on("/", answer())
        with PageReader(loopback_policy()) as reader:
            assert reason_of(reader, server.url()) == "read"
        assert fetch(server.url(), loopback_policy(), lambda host: ["127.0.0.1"]).status == 200
        assert proxy.connections == 0
    assert all("authorization" not in request.header_names for request in server.requests)


def test_the_children_do_not_see_the_workers_environment(monkeypatch):
    monkeypatch.setenv("BTM_SECRET_KEY", "very secret")
    with PageReader(loopback_policy()) as reader:
        reader.start()
        with open(f"/proc/{reader._mother._process.pid}/environ", "rb") as file:
            assert b"secret" not in file.read()


def test_reading_loads_neither_the_web_nor_the_database():
    code = "import sys, btm.pages.zygote, btm.pages.reader, btm.pages.snapshot, btm.pages.signature; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=os.getcwd()
    ).stdout.split()
    assert not {"flask", "sqlalchemy", "btm.store", "btm.services", "classifiers"} & set(loaded)


def test_the_mother_stays_single_threaded_and_small():
    with PageReader(loopback_policy(allow_private=LOOPBACK)) as reader:
        reader.start()
        assert reason_of(reader, "http://127.0.0.1:1/") == "unreachable"
        status = Path(f"/proc/{reader._mother._process.pid}/status").read_text()
    assert "Threads:\t1\n" in status
    assert int(status.split("VmRSS:")[1].split()[0]) < 90_000


def test_a_child_that_meets_a_dead_end_raises_a_named_failure(reader):
    with pytest.raises(FetchFailed) as failed:
        reader.read("http://127.0.0.1:1/")
    assert str(failed.value) == "unreachable"


def test_an_ipv6_literal_is_fetched_where_it_is_opened():
    try:
        server = HostileServer("::1")
    except OSError:
        pytest.skip("no IPv6 loopback here")
    with server, PageReader(loopback_policy()) as reader:
        server.on("/", answer())
        assert reason_of(reader, server.url(host="[::1]")) == "read"
        assert server.requests[0].header("host") == f"[::1]:{server.port}"
