"""The machines know nothing of the game, and asking one needs no training library."""

from __future__ import annotations

import subprocess
import sys

import pytest
from machine_fakes import ROOT

import classifiers

MODULES = sorted(
    "classifiers." + path.stem
    for path in (ROOT / "classifiers").glob("*.py")
    if path.stem != "__init__"
)  # fmt: skip


def loaded_after(code: str) -> set[str]:
    script = f"{code}\nimport sys; print(*(name.split('.')[0] for name in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_there_are_modules_to_look_at() -> None:
    assert classifiers.__doc__ is None or classifiers.__doc__
    assert {"classifiers.machine", "classifiers.text", "classifiers.novelty"} <= set(MODULES)


def test_no_module_loads_flask_or_sqlalchemy_or_the_game() -> None:
    loaded = loaded_after("\n".join(f"import {module}" for module in MODULES))
    assert not loaded & {"flask", "sqlalchemy", "btm"}


@pytest.mark.parametrize("module", ["classifiers.machine", "classifiers.novelty", "classifiers.evaluate"])
def test_asking_a_shipped_machine_loads_no_training_library(module: str) -> None:
    code = f"import {module}\nfrom classifiers.machine import load_default\nload_default('drugs').predict_proba(['x'])"
    assert not loaded_after(code) & {"sklearn", "pandas", "requests", "flask", "sqlalchemy"}
