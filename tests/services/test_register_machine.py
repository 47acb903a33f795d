from __future__ import annotations

import sys
import types
from typing import Any

import numpy as np
import pytest

from btm.rules.errors import Forbidden, Invalid
from btm.services import register_machine as service
from btm.services.activate_machine import activate_machine
from btm.services.machines import MachineShelf
from btm.services.roles import grant_role
from btm.services.views_machines import MachineVersionView

from ..support.game import Game


class Estimator:
    """What a modeler would have: strings in, probabilities out."""

    classes_ = ("ham", "spam")

    def predict_proba(self, texts: list[str]) -> np.ndarray:
        return np.array([[0.9, 0.1]] * len(texts))


class Wrong(Estimator):
    def predict_proba(self, texts: list[str]) -> np.ndarray:
        return np.array([[0.9, 0.9]] * len(texts))


class Explosive(Estimator):
    def predict_proba(self, texts: list[str]) -> np.ndarray:
        raise ZeroDivisionError


@pytest.fixture(autouse=True)
def module(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    made = types.ModuleType("btm_test_models")
    made.good, made.wrong, made.explosive, made.nothing = Estimator(), Wrong(), Explosive(), object()  # type: ignore[attr-defined]
    made.factory = Estimator  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "btm_test_models", made)
    return made


def register(
    game: Game, name: str = "theirs", asker_id: int | None = None, **where: Any
) -> MachineVersionView:
    return service.register_machine(name, asker_id=asker_id, shelf=game.shelf, now=game.clock(), **where)


@pytest.mark.parametrize("attribute", ["good", "factory"])
def test_an_estimator_is_registered_activated_and_plays(game: Game, attribute: str) -> None:
    game.challenge()
    view = register(game, path=f"btm_test_models:{attribute}")
    assert (view.kind, view.version, view.labels) == ("import", "1", ("ham", "spam"))
    activate_machine("spam", "theirs", asker_id=None, shelf=game.shelf, now=game.clock())
    quote = game.row(game.quoted()).quote
    assert quote is not None
    assert (quote.machine.name, quote.probabilities) == ("theirs", [0.1, 0.9])


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("btm_test_models:wrong", "do not sum to 1"),
        ("btm_test_models:explosive", "failed: ZeroDivisionError"),
        ("btm_test_models:nothing", "no predict_proba"),
        ("btm_test_models:absent", "nothing to import"),
        ("no_such_module_at_all:x", "nothing to import"),
        ("nonsense", "module:attribute"),
    ],
)
def test_an_estimator_that_does_not_work_is_refused_with_the_reason(game: Game, path: str, says: str) -> None:
    with pytest.raises(Invalid, match=says) as caught:
        register(game, path=path)
    assert caught.value.field == "path"


@pytest.mark.parametrize(
    ("where", "field"),
    [
        ({}, "url"),
        ({"path": "a:b", "url": "http://x"}, "url"),
        ({"url": "ftp://a.example/"}, "url"),
        ({"url": "file:///etc/passwd"}, "url"),
        ({"url": "http://"}, "url"),
        ({"url": "http://[::1"}, "url"),
        ({"url": "http://user:pass@a.example/"}, "url"),
        ({"url": "http://a.example/", "timeout": 0}, "timeout"),
        ({"url": "http://a.example/", "timeout": float("nan")}, "timeout"),
        ({"url": "http://a.example/", "batch": 0}, "batch"),
        ({"url": "http://a.example/", "key_variable": "BTM_SECRET_KEY"}, "key_variable"),
        ({"url": "http://a.example/", "key_variable": "PATH"}, "key_variable"),
        ({"url": "http://a.example/"}, "labels"),
        ({"url": "http://a.example/", "labels": ["spam", "spam"]}, "labels"),
    ],
)
def test_what_cannot_be_an_endpoint_is_refused(game: Game, where: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        register(game, **where)
    assert caught.value.field == field


def test_an_endpoint_whose_key_is_not_there_is_refused_by_the_variables_name(game: Game) -> None:
    with pytest.raises(Invalid, match="BTM_MACHINE_KEY_THEIRS, which is not set"):
        register(
            game, url="http://127.0.0.1:9/", labels=["spam", "ham"], key_variable="BTM_MACHINE_KEY_THEIRS"
        )


def test_import_paths_are_the_operators_and_endpoints_the_admins(game: Game) -> None:
    game.challenge()
    modeler, admin = game.player("modeler"), game.player("boss")
    grant_role("modeler", "modeler", now=game.clock())
    grant_role("boss", "admin", now=game.clock())
    for asker in (modeler, admin):
        with pytest.raises(Forbidden):
            register(game, path="btm_test_models:good", asker_id=asker)
    with pytest.raises(Forbidden):
        register(game, url="http://127.0.0.1:9/", labels=["spam", "ham"], asker_id=modeler)
    with pytest.raises(Invalid, match="did not pass"):
        register(game, url="http://127.0.0.1:9/", labels=["spam", "ham"], asker_id=admin)


def test_versions_are_numbered_and_never_change(game: Game, module: types.ModuleType) -> None:
    module.second = Estimator()  # type: ignore[attr-defined]
    assert register(game, path="btm_test_models:good").version == "1"
    assert register(game, path="btm_test_models:good").version == "1", "the same again is the same"
    assert register(game, path="btm_test_models:second").version == "2"
    assert register(game, path="btm_test_models:factory", version="2026-11").version == "2026-11"
    with pytest.raises(Invalid, match="Versions never change"):
        register(game, path="btm_test_models:second", version="1")


def test_a_name_stays_of_one_kind(game: Game) -> None:
    game.challenge()
    register(game, path="btm_test_models:good")
    with pytest.raises(Invalid, match="another kind"):
        register(game, url="http://127.0.0.1:9/", labels=["spam", "ham"])
    with pytest.raises(Invalid, match="ships with the product"):
        register(game, "toy", path="btm_test_models:good")


def test_a_key_goes_into_the_header_and_nowhere_else(game: Game) -> None:
    shelf = MachineShelf(
        game.snapshots, game.database.settings.machine_dir, {"BTM_MACHINE_KEY": "s3cret"}.get
    )
    location = {"url": "http://127.0.0.1:9/", "timeout": 1, "batch": 2, "key_variable": "BTM_MACHINE_KEY"}
    machine = shelf.open("theirs", "1", "remote", ["spam", "ham"], location)
    assert machine.machine._headers["Authorization"] == "Bearer s3cret"  # type: ignore[attr-defined]
    assert machine.machine.options.batch == 2  # type: ignore[attr-defined]
