"""A Hugging Face data set's folder or zip archive, and Parquet files, as rows of named fields. Nothing is asked of a network.

Which files hold the rows is for the card's head to say (`configs`, its first), else all that are Parquet, CSV or JSONL are read.
Labels that are stored as numbers get their names from the file's own schema, or from the card (`dataset_info`). Shared by the services.
"""

from __future__ import annotations

import fnmatch
import json
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO, cast

import yaml

from btm.rules.errors import Invalid
from btm.services.file_rows import BAD, Row

Folder = Path | zipfile.Path
Rows = Callable[[BinaryIO, str], Iterator[Row]]
Names = Mapping[str, list[str]]
"""Of each column of class labels, the names of its numbers."""
KINDS = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
}
CARD = "README.md"
MOST_UNPACKED = 500_000_000
MOST_FILES = 1000
MOST_CARD = 200_000


def open_zip(stream: BinaryIO) -> zipfile.Path:
    """An archive's root. Raises Invalid for what is none, and for one that would unpack to more than can be read."""
    try:
        archive = zipfile.ZipFile(stream)
        size = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise Invalid("This is no zip archive of a data set's folder.", field="data") from error
    if size > MOST_UNPACKED or len(archive.infolist()) > MOST_FILES:
        raise Invalid(
            "This archive holds too much. Unpack it, and import its files one by one.", field="data"
        )
    root = zipfile.Path(archive)
    inside = list(root.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else root


def data_set_rows(root: Folder, rows: Rows) -> Iterator[Row]:
    """The rows of all data files, numbered through. rows: reads a CSV or JSONL file. Raises Invalid where there are none."""
    head = _head(root)
    files = _data_files(root, head)
    names = _names_of(head.get("dataset_info"))
    number = 0
    for place, (file, kind) in enumerate(files):
        with _opened(file) as stream:
            for row in parquet_rows(stream, names) if kind == "parquet" else rows(stream, kind):
                number += 1
                values = row.values if kind == "parquet" else _named(row.values, names)
                yield Row(number, (place + row.share) / len(files), values)


@contextmanager
def _opened(file: Folder) -> Iterator[BinaryIO]:
    """A file to read and seek in. One of an archive is unpacked first: seeking back in it would unpack it anew. Raises Invalid."""
    if isinstance(file, Path):
        with file.open("rb") as stream:
            yield stream
        return
    with TemporaryFile() as unpacked:
        try:
            with file.open("rb") as packed:
                shutil.copyfileobj(packed, unpacked)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
            raise Invalid(
                f"{file.name[:60]} in this archive is damaged, or locked with a password.", field="data"
            ) from error
        unpacked.seek(0)
        yield cast(BinaryIO, unpacked)


def parquet_rows(stream: BinaryIO, names: Names) -> Iterator[Row]:
    """The rows of a Parquet file, a batch in memory at a time. Raises Invalid for what is none."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(stream)
        names = {**names, **_names_of(_of_schema(file.schema_arrow.metadata or {}))}
        total, number = file.metadata.num_rows or 1, 0
        plain_columns = [column.name for column in file.schema_arrow if not pa.types.is_struct(column.type)]
        for batch in file.iter_batches(batch_size=200, columns=plain_columns):
            for values in batch.to_pylist():
                number += 1
                plain = {str(key).strip().lower(): _plain(value) for key, value in values.items()}
                yield Row(number, number / total, _named(plain, names))
    except (pa.ArrowException, OSError) as error:
        raise Invalid("This is no Parquet file, or it is damaged.", field="data") from error


def _plain(value: Any) -> Any:
    """Moments and the like are of no use here, and would not be text."""
    return value if isinstance(value, str | int | float | list) and not isinstance(value, bool) else None


def _named(values: dict[str, Any], names: Names) -> dict[str, Any]:
    """Numbers of class labels by their names."""
    if BAD in values:
        return values
    found = dict(values)
    for column, known in names.items():
        number = found.get(column)
        if (
            isinstance(number, str)
            and number.isascii()
            and number.removeprefix("-").isdecimal()
            and len(number) < 10
            and number not in known
        ):
            number = int(number)
        if isinstance(number, int):
            found[column] = known[number] if 0 <= number < len(known) else None
    if "label" not in found and "verified_label" in found:  # a corpus of ours
        found["label"] = found["verified_label"]
    for column in ("id", "label"):
        if isinstance(found.get(column), int):
            found[column] = str(found[column])
    return found


def _head(root: Folder) -> dict[str, Any]:
    """What the card's head says; nothing where there is no card, or none that can be read."""
    card = root / CARD
    if not card.is_file():
        return {}
    text = card.read_text(encoding="utf-8", errors="replace")[:MOST_CARD]
    parts = text.split("---\n", 2) if text.startswith("---\n") else []
    try:
        head = yaml.safe_load(parts[1]) if len(parts) == 3 and not _has_references(parts[1]) else {}
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        raise Invalid(f"The head of {CARD} is no YAML.", field="data") from error
    return head if isinstance(head, dict) else {}


def _has_references(text: str) -> bool:
    """With references a few lines say more than can ever be read."""
    return any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text, Loader=yaml.SafeLoader))


def _data_files(root: Folder, head: dict[str, Any]) -> list[tuple[Folder, str]]:
    there = sorted(_walk(root), key=lambda each: each[0])
    configs = head.get("configs")
    first = configs[0] if isinstance(configs, list) and configs and isinstance(configs[0], dict) else {}
    patterns = list(_patterns(first.get("data_files")))
    wanted = [
        each for each in there if not patterns or any(fnmatch.fnmatch(each[0], one) for one in patterns)
    ]
    found = [
        (file, kind) for name, file in wanted if (kind := KINDS.get("." + name.rpartition(".")[2].lower()))
    ]
    if not found:
        raise Invalid(f"There is no {', '.join(sorted(KINDS))} file in this data set.", field="data")
    return found


def _walk(folder: Folder, above: str = "") -> Iterator[tuple[str, Folder]]:
    for entry in folder.iterdir():
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _walk(entry, f"{above}{entry.name}/")
        else:
            yield f"{above}{entry.name}", entry


def _patterns(data_files: Any) -> Iterator[str]:
    """data_files is a pattern, a list of them, or a list of {split, path}; a path is a pattern or a list."""
    if isinstance(data_files, str):
        yield data_files.removeprefix("./")
    elif isinstance(data_files, list):
        for each in data_files:
            yield from _patterns(each.get("path") if isinstance(each, dict) else each)


def _of_schema(metadata: Mapping[bytes, bytes]) -> Any:
    """What the library that wrote a Parquet file says of its features."""
    try:
        told = json.loads(metadata.get(b"huggingface", b"{}"))
    except ValueError:
        return {}
    return told.get("info") if isinstance(told, dict) else {}


def _names_of(info: Any) -> dict[str, list[str]]:
    """The names of class labels, as a schema's metadata or a card's `dataset_info` writes them."""
    info = info[0] if isinstance(info, list) and info else info
    features = info.get("features") if isinstance(info, dict) else None
    if isinstance(features, dict):
        features = [{"name": name, **each} for name, each in features.items() if isinstance(each, dict)]
    found = {}
    for each in features if isinstance(features, list) else []:
        kind = each.get("dtype") if isinstance(each, dict) else None
        names = each.get("names") if isinstance(each, dict) else None
        if isinstance(kind, dict) and isinstance(kind.get("class_label"), dict):
            names = kind["class_label"].get("names")
        if isinstance(names, dict):
            by_number = {
                int(str(key)): name
                for key, name in names.items()
                if str(key).isdecimal() and len(str(key)) < 10
            }
            names = [by_number[number] for number in sorted(by_number)]
        if isinstance(names, list) and isinstance(each.get("name"), str):
            found[each["name"].strip().lower()] = [str(name) for name in names]
    return found
