"""A machine on disk: a folder of plain arrays and JSON, under a manifest of SHA-256 sums.

    machine.json    kind, name, version, classes, settings, small learned values
    *.npy           arrays of numbers, one a file, which workers memory-map and so share
    card.json       the model card            README.md   the same for people
    manifest.json   for every file above: its size in bytes and its SHA-256

Reading runs no code from the folder: NumPy is told to refuse pickled objects, and the rest is JSON.
The manifest guards against damage and mix-ups. It is no signature: who can write the folder can write it too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.errors import MachineNotFound, MachineRefused

MANIFEST = "manifest.json"
SIZE_CAP = 200 * 1024 * 1024
"""The most bytes that an artifact may hold, unless the caller says otherwise."""

Array = NDArray[Any]


@dataclass(frozen=True)
class Artifact:
    """An artifact's contents. Arrays are memory-mapped, read-only."""

    settings: dict[str, Any]
    card: dict[str, Any]
    arrays: dict[str, Array]


def write_artifact(
    folder: Path,
    settings: Mapping[str, Any],
    arrays: Mapping[str, Array],
    card: Mapping[str, Any],
    readme: str = "",
) -> None:
    """Write an artifact folder, replacing the files of an artifact that was there. Same contents, same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in (*folder.glob("*.npy"), *folder.glob("*.json")):
        old.unlink()
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", np.ascontiguousarray(array), allow_pickle=False)
    (folder / "machine.json").write_text(_json(settings), encoding="utf-8")
    (folder / "card.json").write_text(_json(card), encoding="utf-8")
    if readme:
        (folder / "README.md").write_text(readme, encoding="utf-8")
    files = sorted(path for path in folder.iterdir() if path.suffix in (".npy", ".json"))
    manifest = {path.name: {"bytes": path.stat().st_size, "sha256": _digest(path)} for path in files}
    (folder / MANIFEST).write_text(_json(manifest), encoding="utf-8")


def read_artifact(folder: Path, size_cap: int = SIZE_CAP) -> Artifact:
    """Read an artifact folder whole, after checking every byte against its manifest.

    Raises MachineNotFound where nothing is, MachineRefused with the reason otherwise.
    """
    if not folder.exists():
        raise MachineNotFound(f"There is no machine at {folder.name!r}.")
    if not folder.is_dir():
        raise MachineRefused(why_not_a_file(folder))
    manifest = _manifest(folder)
    total = sum(entry["bytes"] for entry in manifest.values())
    if total > size_cap:
        raise MachineRefused(f"The machine takes {total:,} bytes; at most {size_cap:,} are allowed.")
    for name, entry in manifest.items():
        _check_file(folder / name, entry)
    arrays = {name[:-4]: _array(folder / name) for name in manifest if name.endswith(".npy")}
    card = _read_json(folder / "card.json") if "card.json" in manifest else {}
    if "machine.json" not in manifest:
        raise MachineRefused("The machine has no machine.json in its manifest.")
    return Artifact(_read_json(folder / "machine.json"), card, arrays)


def why_not_a_file(path: Path) -> str:
    """The sentence that says why a single file is not loaded as a machine."""
    with path.open("rb") as stream:
        head = stream.read(4)
    if head[:1] == b"\x80" or path.suffix in (".pkl", ".pickle", ".joblib"):
        return (
            f"{path.name} is a pickle. Loading a pickle runs whatever code its author put into it, so it is never "
            "loaded here; train the machine anew with classifiers.text.PageClassifier and use its save()."
        )
    if head[:2] == b"PK":
        return f"{path.name} is an archive, not a machine's folder; classifiers.foreign.load_skops reads skops files."
    return f"{path.name} is a single file; a machine is a folder with a {MANIFEST}."


def _manifest(folder: Path) -> dict[str, dict[str, Any]]:
    if not (folder / MANIFEST).is_file():
        raise MachineRefused(f"{folder.name} has no {MANIFEST}, so nothing in it can be checked.")
    manifest = _read_json(folder / MANIFEST)
    for name, entry in manifest.items():
        plain = name == Path(name).name and name.endswith((".npy", ".json")) and name != MANIFEST
        if not plain or not isinstance(entry, dict) or not isinstance(entry.get("bytes"), int):
            raise MachineRefused(
                f"The {MANIFEST} of {folder.name} names {name!r} in a way that is not understood."
            )
    return manifest


def _check_file(path: Path, entry: Mapping[str, Any]) -> None:
    if not path.is_file() or path.is_symlink():
        raise MachineRefused(f"{path.name} is missing, though the manifest names it.")
    size = path.stat().st_size
    if size != entry["bytes"]:
        verb = "truncated" if size < entry["bytes"] else "longer than it should be"
        raise MachineRefused(f"{path.name} is {verb}: it has {size:,} bytes of {entry['bytes']:,}.")
    if _digest(path) != entry.get("sha256"):
        raise MachineRefused(f"{path.name} was changed or damaged: its SHA-256 is not the manifest's.")


def _array(path: Path) -> Array:
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError, SyntaxError) as error:
        raise MachineRefused(
            f"{path.name} is no plain array of numbers (a pickle inside is never loaded)."
        ) from error
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "fiu":
        raise MachineRefused(f"{path.name} holds no plain numbers.")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise MachineRefused(f"{path.name} holds NaN or infinity.")
    return array


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise MachineRefused(f"{path.name} is no readable JSON.") from error
    if not isinstance(value, dict):
        raise MachineRefused(f"{path.name} holds no JSON object.")
    return value


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
