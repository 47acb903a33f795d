"""The line of those who write on SQLite."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from btm.store import turns
from btm.store.turns import write_turn

HOLDER = """
import sys, time
sys.path.insert(0, sys.argv[2])
from btm.store.turns import write_turn
with write_turn(sys.argv[1]):
    print("mine", flush=True)
    time.sleep(60)
"""


def holder(database: Path) -> subprocess.Popen[str]:
    """Another process that has the turn."""
    root = Path(__file__).resolve().parents[2]
    made = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(database), str(root)], stdout=subprocess.PIPE, text=True
    )
    assert made.stdout is not None
    assert made.stdout.readline() == "mine\n"
    return made


def test_one_at_a_time_has_the_turn(tmp_path: Path) -> None:
    inside, most, rounds = 0, 0, 0

    def work() -> None:
        nonlocal inside, most, rounds
        for _ in range(20):
            with write_turn(str(tmp_path / "a.db")):
                inside += 1
                most = max(most, inside)
                rounds += 1
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, rounds) == (1, 160)


def test_the_turn_of_a_killed_process_is_free_at_once(tmp_path: Path) -> None:
    database = tmp_path / "a.db"
    other = holder(database)
    had = threading.Event()

    def wait() -> None:
        with write_turn(str(database)):
            had.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert not had.wait(0.2)
    other.kill()
    other.wait()
    assert had.wait(turns.LONGEST / 2)
    waiting.join()


def test_whoever_gets_no_turn_in_time_goes_on_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "LONGEST", 0.05)
    other = holder(tmp_path / "a.db")
    try:
        with write_turn(str(tmp_path / "a.db")):
            pass
    finally:
        other.kill()
        other.wait()


def test_what_is_no_file_has_no_line() -> None:
    for database in (None, "", ":memory:"):
        with write_turn(database), write_turn(database):
            pass


def test_an_error_gives_the_turn_back(tmp_path: Path) -> None:
    def fail() -> None:
        with write_turn(str(tmp_path / "a.db")):
            raise RuntimeError

    for _ in range(2):
        with pytest.raises(RuntimeError):
            fail()
