"""The reader and its children: concurrency, death, restarts, and what it costs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from btm.pages.page import page_from_answer
from btm.pages.policy import Policy
from btm.pages.reader import PageReader
from btm.pages.reasons import CODES, FetchFailed, Refused, failure

from .hostile import SENTENCE, answer, forever, page, silence
from .support import LOOPBACK, eventually, loopback_policy, reason_of, running_children, within


def mother_of(reader: PageReader) -> int:
    reader.start()
    assert reader._mother._process is not None
    return reader._mother._process.pid


@pytest.fixture(scope="module")
def reader():
    """A reader with time enough for a busy machine."""
    with PageReader(loopback_policy(deadline=20.0)) as made:
        made.start()
        yield made


def test_many_threads_read_at_once(reader, server):
    for number in range(24):
        server.on(f"/{number}", answer(page(f"<p>{SENTENCE} Number {number}.</p>")))
    with ThreadPoolExecutor(8) as threads:
        texts = list(threads.map(lambda number: reader.read(server.url(f"/{number}")).text, range(24)))
    assert [text.split("Number ")[1] for text in texts] == [f"{number}." for number in range(24)]


def test_a_killed_mother_is_replaced(server):
    server.on("/", answer())
    with PageReader(loopback_policy()) as reader:
        before = mother_of(reader)
        os.kill(before, signal.SIGKILL)
        assert reason_of(reader, server.url()) == "read"
        assert mother_of(reader) != before


def test_a_mother_killed_in_the_middle_of_a_fetch_costs_one_more_try(server):
    server.on("/", answer())
    slow = threading.Event()

    def hold(wire):
        if slow.is_set():
            wire.send(answer())
        else:
            slow.set()
            silence(wire)

    server.on("/slow", hold)
    with PageReader(loopback_policy(deadline=8.0)) as reader:
        killer = threading.Thread(target=lambda: (slow.wait(5), os.kill(mother_of(reader), signal.SIGKILL)))
        killer.start()
        assert reason_of(reader, server.url("/slow")) == "read"
        killer.join()


def test_a_child_that_is_killed_is_too_heavy(server):
    server.on("/", silence)
    with PageReader(loopback_policy()) as reader:
        mother = mother_of(reader)

        def kill() -> None:
            eventually(lambda: bool(running_children(mother)))
            for child in running_children(mother):
                os.kill(child, signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        assert reason_of(reader, server.url()) == "too_heavy"
        killer.join()


def test_too_little_memory_is_too_heavy_not_a_crash(server):
    server.on("/", answer(page("<i>a</i> " * 300_000)))
    with PageReader(loopback_policy(memory_bytes=120_000_000, deadline=8.0)) as reader:
        assert reason_of(reader, server.url()) == "too_heavy"
        server.on("/", answer())
        assert reason_of(reader, server.url()) == "read"


def test_too_much_work_is_too_heavy(server):
    server.on("/", answer(page("<b><i><a><p>" * 80_000)))
    with PageReader(loopback_policy(cpu_seconds=1, deadline=9.0)) as reader:
        assert reason_of(reader, server.url()) == "too_heavy"


def test_children_end_and_leave_nothing_behind(server):
    server.on("/", answer())
    server.on("/silent", silence)
    with PageReader(loopback_policy(deadline=1.0)) as reader:
        mother = mother_of(reader)
        for _ in range(5):
            reason_of(reader, server.url())
        reason_of(reader, server.url("/silent"))
        assert eventually(lambda: not running_children(mother))
        held = len(os.listdir(f"/proc/{mother}/fd"))
        for _ in range(10):
            reason_of(reader, server.url())
        assert eventually(
            lambda: not running_children(mother) and len(os.listdir(f"/proc/{mother}/fd")) <= held
        )


def test_closing_ends_the_mother_and_a_running_child(server):
    server.on("/", silence)
    reader = PageReader(loopback_policy(deadline=4.0))
    mother = mother_of(reader)
    asking = threading.Thread(target=lambda: reason_of(reader, server.url()))
    asking.start()
    assert eventually(lambda: bool(running_children(mother)))
    (child,) = running_children(mother)
    with within(3.5):
        reader._mother._control.shutdown(2)
        assert eventually(lambda: not os.path.exists(f"/proc/{child}"))
    asking.join(0)
    reader.close()
    assert not os.path.exists(f"/proc/{mother}")
    asking.join(10)


def test_a_killed_worker_takes_mother_and_children_along(server):
    server.on("/", forever(b"HTTP/1.1 100 Continue\r\n\r\n", 0.05))
    code = (
        "from btm.pages.reader import PageReader; from tests_policy import policy\n"
        "reader = PageReader(policy); reader.start(); print(reader._mother._process.pid, flush=True)\n"
        f"reader.read('{server.url()}')"
    ).replace("from tests_policy import policy", "from btm.pages.policy import Policy, parse_networks")
    code = code.replace(
        "PageReader(policy)", "PageReader(Policy(allow_private=parse_networks('127.0.0.0/8'), deadline=20.0))"
    )
    code = code.replace("pub.test", "127.0.0.1")
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as worker:
        mother = int(worker.stdout.readline())
        assert eventually(lambda: bool(running_children(mother)), 8.0)
        (child,) = running_children(mother)
        worker.kill()
        assert eventually(
            lambda: not os.path.exists(f"/proc/{mother}") and not os.path.exists(f"/proc/{child}")
        )


def test_a_fork_of_the_worker_gets_a_mother_of_its_own(server):
    server.on("/", answer())
    with PageReader(loopback_policy(deadline=20.0)) as reader:
        ours = mother_of(reader)
        pid = os.fork()
        if pid == 0:
            good = reason_of(reader, server.url()) == "read" and mother_of(reader) != ours
            reader.close()
            os._exit(0 if good else 1)
        assert os.waitpid(pid, 0)[1] == 0
        assert mother_of(reader) == ours
        assert reason_of(reader, server.url()) == "read"


def test_twenty_hostile_servers_do_not_starve_an_honest_page(server):
    server.on("/heavy", answer(page("<b><i><a><p>" * 40_000)))
    server.on("/silent", silence)
    server.on("/", answer())
    with PageReader(loopback_policy(deadline=6.0)) as reader, ThreadPoolExecutor(20) as threads:
        mother_of(reader)
        reader.read(server.url())
        hostile = [
            threads.submit(reason_of, reader, server.url("/silent" if n % 4 else "/heavy")) for n in range(20)
        ]
        time.sleep(1.0)
        honest = [reader.read(server.url()).seconds for _ in range(5)]
        assert min(honest) < 1.0  # typically .05; the heavy ones yield
        assert {future.result() for future in hostile} <= {"timeout", "too_heavy", "read"}


def test_a_refused_address_starts_no_child():
    reader = PageReader()
    with pytest.raises(Refused):
        reader.read("http://127.0.0.1/")
    assert reader._mother._process is None
    reader.close()


def test_a_small_page_takes_a_fraction_of_a_second(reader, server):
    server.on("/", answer(page(f"<p>{SENTENCE}</p>" * 50)))
    reader.read(server.url())
    times = sorted(reader.read(server.url()).seconds for _ in range(15))
    assert times[7] < 0.3  # typically .03; the bound allows for a busy machine


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b"[" * 100_000,
        b'{"segments": 1}',
        b"\xff",
        b'{"final_url":"http://pub.test/","blocks":[["script","x"]]}',
    ],
)
def test_a_child_that_answers_nonsense_is_broken_not_trusted(bad):
    with pytest.raises(FetchFailed) as failed:
        page_from_answer("http://pub.test/", b"", bad, 0.1)
    assert failed.value.code == "broken"


def test_an_unknown_reason_from_a_child_is_broken():
    assert failure("rm -rf").code == "broken"
    assert failure("blocked_address").code == "blocked"
    assert "blocked" in CODES


def test_a_policy_survives_its_trip_to_the_child():
    policy = Policy(
        allow_private=LOOPBACK,
        own_hosts=("a:1",),
        own_addresses=("1.2.3.4",),
        resolve_map=(("a", ("b", "c")),),
    )
    assert Policy.from_json(policy.to_json()) == policy
