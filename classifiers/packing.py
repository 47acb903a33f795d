"""An artifact folder as one string of bytes, and back: so that a machine can be kept by its hash, wherever files are kept.

The pack is a plain zip archive, uncompressed, of exactly the files that the manifest names. The same machine gives the
same bytes, so that its hash is its identity. Unpacking writes nothing but those files, and runs nothing.
"""

from __future__ import annotations

import io
import os
import shutil
import tempfile
import zipfile
from pathlib import Path

from classifiers.artifact import MANIFEST, SIZE_CAP
from classifiers.errors import MachineRefused

_EPOCH = (1980, 1, 1, 0, 0, 0)
_MOST_FILES = 64


def pack(folder: str | Path) -> bytes:
    """The artifact in a folder as bytes. The same artifact gives the same bytes."""
    folder = Path(folder)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(each for each in folder.iterdir() if each.suffix in (".npy", ".json")):
            archive.writestr(zipfile.ZipInfo(path.name, _EPOCH), path.read_bytes())
    return packed.getvalue()


def unpack(packed: bytes, folder: str | Path, size_cap: int = SIZE_CAP) -> None:
    """Make the artifact folder from its pack, all at once: whoever looks sees the whole folder or none.

    Raises MachineRefused, with the reason, for anything but a pack. Its contents are checked when it is loaded.
    """
    folder = Path(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".", dir=folder.parent))
    try:
        for name, body in _files(packed, size_cap):
            (scratch / name).write_bytes(body)
        scratch.chmod(0o755)
        try:
            os.rename(scratch, folder)
        except OSError:
            if not (folder / MANIFEST).is_file():  # nobody else was first
                raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _files(packed: bytes, size_cap: int) -> list[tuple[str, bytes]]:
    if len(packed) > size_cap:
        raise MachineRefused(
            f"The packed machine takes {len(packed):,} bytes; at most {size_cap:,} are allowed."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            entries = archive.infolist()
            if len(entries) > _MOST_FILES:
                raise MachineRefused(f"The packed machine holds {len(entries)} files; a machine has a few.")
            for entry in entries:
                _check_entry(entry)
            return [(entry.filename, archive.read(entry)) for entry in entries]
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise MachineRefused(
            "The packed machine is truncated or damaged, or no packed machine at all."
        ) from error


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    if name != Path(name).name or not name.endswith((".npy", ".json")):
        raise MachineRefused(f"The packed machine holds {name!r}, which is no part of a machine.")
    if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size:
        raise MachineRefused(f"The packed machine holds {name!r} compressed; a pack is plain.")
