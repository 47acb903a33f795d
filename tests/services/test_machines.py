from __future__ import annotations

import threading
import time

import pytest

from btm.services.bulkhead import Bulkhead
from btm.services.machines import MachineShelf
from btm.store.tables import DbMachine
from classifiers.errors import MachineRefused, MachineUnavailable
from classifiers.machine import Machine

from ..support.crowd import at_once
from ..support.fakes import FakeMachine, MemorySnapshots
from ..support.game import Game


class SlowShelf(MachineShelf):
    """Loads a machine called slow in half a second, and counts."""

    loads = 0

    def open(self, name: str, *_: object) -> Machine:
        self.loads += 1
        time.sleep(0.5 if name == "slow" else 0)
        return FakeMachine()


def row(name: str, kind: str = "default", **location: object) -> DbMachine:
    return DbMachine(name=name, version="1", kind=kind, labels=["spam", "ham"], location=location)


def test_a_machine_is_loaded_once_however_many_want_it_at_once(game: Game) -> None:
    shelf = SlowShelf(game.snapshots, "unused")
    answers = at_once(game.app, [lambda: shelf.get(row("slow")) for _ in range(8)])
    assert len({id(answer) for answer in answers}) == 1
    assert shelf.loads == 1


def test_while_one_machine_loads_nobody_waits_who_wants_another(game: Game) -> None:
    shelf = SlowShelf(game.snapshots, "unused")
    loading = threading.Thread(target=lambda: shelf.get(row("slow")))
    loading.start()
    time.sleep(0.05)
    started = time.monotonic()
    shelf.get(row("quick"))
    assert time.monotonic() - started < 0.3
    loading.join()


@pytest.mark.parametrize(
    "wanted",
    [
        row("nobody"),
        row("x", "trained", artifact="0" * 64),
        row("x", "trained"),
        row("x", "import", path="no_such_module:x"),
        row("x", "remote"),
        row("x", "remote", url="http://127.0.0.1:9/", key_variable="BTM_MACHINE_KEY"),
        row("x", "unheard-of"),
    ],
)
def test_a_machine_that_cannot_be_had_is_an_error_with_a_sentence(game: Game, wanted: DbMachine) -> None:
    shelf = MachineShelf(MemorySnapshots(), game.database.settings.machine_dir, {}.get)
    with pytest.raises(Exception, match=r"\w.*\.$") as caught:
        shelf.get(wanted)
    assert isinstance(caught.value, (MachineRefused, LookupError))


def test_a_file_that_is_no_machine_is_refused(game: Game) -> None:
    shelf = MachineShelf(game.snapshots, game.database.settings.machine_dir)
    for body in (b"\x80\x04K.", b"anything"):
        with pytest.raises(MachineRefused):
            shelf.get(row("x", "trained", artifact=game.snapshots.put(body)))


def test_at_most_so_many_ask_a_machine_at_once(game: Game) -> None:
    inside, most = 0, 0
    guard = threading.Lock()

    class Busy(FakeMachine):
        def predict_proba(self, pages: object) -> object:  # type: ignore[override]
            nonlocal inside, most
            with guard:
                inside += 1
                most = max(most, inside)
            time.sleep(0.1)
            with guard:
                inside -= 1
            return super().predict_proba(pages)  # type: ignore[arg-type]

    patient, hasty = Bulkhead(Busy(), 5.0, most=2), Bulkhead(Busy(), 0.01, most=2)
    at_once(game.app, [lambda: patient.predict_proba(["x"]) for _ in range(6)])
    assert most == 2
    answers = at_once(game.app, [lambda: hasty.predict_proba(["x"]) for _ in range(6)])
    assert sum(isinstance(answer, MachineUnavailable) for answer in answers) == 4
