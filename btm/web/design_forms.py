"""The forms in which a challenge is written: what was typed, as changes of its design, and a design as what is typed. The name of a
field is its place in the design, `brief.counts.0.text`, so that a complaint about a place is shown at its field. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from btm.rules import presets
from btm.rules.design import Design, plain_design
from btm.rules.errors import Invalid
from btm.rules.setting_help import read_setting

Typed = dict[str, str]
ROWS: dict[str, tuple[str, ...]] = {
    "brief.counts": ("text", "why"),
    "brief.counts_not": ("text", "why"),
    "labels": ("key", "name", "statement", "help"),
    "qualification": ("title", "text", "label", "why"),
}
"""Lists of which somebody may write as many rows as they like, and the fields of a row."""
TEXTS = ("slug", "topic", "title", "sought", "mode")
NO_NUMBER = "Type a number, such as 1 or 2.5."
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:[.,]\d{3})+")


def typed_of(design: Design) -> Typed:
    """Everything that a design says, as its forms show it."""
    typed: Typed = {}
    _flatten(plain_design(design) | {"rules": asdict(design.rules)}, "", typed)
    keys = design.label_keys
    typed["target"] = str(keys.index(design.target)) if design.target in keys else ""
    typed["machine"] = f"{design.machine}|{design.machine_version}" if design.machine else ""
    typed["preset"] = presets.preset_of(design.rules) or "own"
    return typed


def _flatten(value: Any, path: str, typed: Typed) -> None:
    if isinstance(value, (Mapping, list, tuple)):
        named = value.items() if isinstance(value, Mapping) else enumerate(value)
        for name, each in named:
            _flatten(each, f"{path}.{name}" if path else str(name), typed)
    elif isinstance(value, bool):
        typed[path] = "yes" if value else ""
    else:
        typed[path] = str(int(value) if isinstance(value, float) and value.is_integer() else value)


def rows_of(typed: Mapping[str, str], part: str) -> list[int]:
    """The numbers of a list's rows, in their order."""
    names = (name.removeprefix(f"{part}.").split(".") for name in typed if name.startswith(f"{part}."))
    return sorted({int(n[0]) for n in names if len(n) == 2 and n[1] in ROWS[part] and _is_number(n[0])})


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdecimal() and len(word) < 7


def compacted(typed: Mapping[str, str], drop: str = "") -> Typed:
    """What was typed without empty rows, and without the row `drop`; the others are numbered anew."""
    kept = {name: value for name, value in typed.items() if not any(_is_row(name, part) for part in ROWS)}
    for part, fields in ROWS.items():
        number = 0
        for old in rows_of(typed, part):
            row = {field: typed.get(f"{part}.{old}.{field}", "") for field in fields}
            if f"{part}.{old}" == drop or not any(value.strip() for value in row.values()):
                if part == "labels" and typed.get("target") == str(old):
                    kept["target"] = ""
                continue
            if part == "labels" and typed.get("target") == str(old):
                kept["target"] = str(number)
            kept |= {f"{part}.{number}.{field}": value for field, value in row.items()}
            number += 1
    return kept


def _is_row(name: str, part: str) -> bool:
    number, dot, field = name.removeprefix(f"{part}.").partition(".")
    return name.startswith(f"{part}.") and bool(dot) and _is_number(number) and field in ROWS[part]


def with_row(typed: Mapping[str, str], part: str, least: int = 0) -> Typed:
    """What was typed with one more, empty, row of a list; or with `least` rows in all."""
    if part not in ROWS:
        return dict(typed)
    have = len(rows_of(typed, part))
    wanted = range(have, least or have + 1)
    return {**typed, **{f"{part}.{number}.{field}": "" for number in wanted for field in ROWS[part]}}


def read_changes(typed: Mapping[str, str], design: Design) -> tuple[dict[str, Any], dict[str, str]]:
    """What a form (without empty rows) changes of a design, for `edit_challenge`, and what cannot be read: a sentence by field. What is not in the form stays
    as it is; a list is only read where `lists` names it."""
    faults: dict[str, str] = {}
    changes: dict[str, Any] = {name: typed[name] for name in TEXTS if name in typed}
    brief: dict[str, Any] = {
        name: typed[f"brief.{name}"] for name in ("summary", "question") if f"brief.{name}" in typed
    }
    lists = typed.get("lists", "").split()
    for part in ROWS:
        if part in lists:
            rows = [
                {field: typed.get(f"{part}.{n}.{field}", "") for field in ROWS[part]}
                for n in rows_of(typed, part)
            ]
            if part.startswith("brief."):
                brief[part.removeprefix("brief.")] = rows
            else:
                changes[part] = rows
    if brief:
        changes["brief"] = brief
    if "labels" in changes:
        _name_labels(changes["labels"])
    if "has_harmful" in typed:
        changes["harmful"] = bool(typed.get("harmful"))
    if "has_target" in typed:
        keys = [row["key"] for row in changes["labels"]] if "labels" in changes else list(design.label_keys)
        chosen = typed.get("target", "")
        changes["target"] = keys[int(chosen)] if _is_number(chosen) and int(chosen) < len(keys) else ""
    if "machine" in typed:
        changes["machine"], _, changes["machine_version"] = typed["machine"].partition("|")
    _read_numbers(typed, design, changes, faults)
    return changes, faults


def _name_labels(rows: Sequence[dict[str, str]]) -> None:
    """Give a key to labels that have none: their name, in small letters."""
    taken = {row["key"].strip() for row in rows}
    for number, row in enumerate(rows):
        if not row["key"].strip():
            base = (
                re.sub(r"[^a-z0-9]+", "-", row["name"].lower()).strip("-")[:36].strip("-")
                or f"label-{number + 1}"
            )
            row["key"] = next(
                key for key in (base, *(f"{base}-{n}" for n in range(2, 99))) if key not in taken
            )
            taken.add(row["key"])


def _read_numbers(
    typed: Mapping[str, str], design: Design, changes: dict[str, Any], faults: dict[str, str]
) -> None:
    if "budget" in typed:
        changes["budget"] = _whole(typed["budget"], "budget", faults)
    if "cost.0.1" in typed:
        count = len(design.labels)
        changes["cost"] = [
            [
                0.0 if i == j else _number(typed.get(f"cost.{i}.{j}", ""), f"cost.{i}.{j}", faults)
                for j in range(count)
            ]
            for i in range(count)
        ]
    asked = {name: value for name, value in typed.items() if name.startswith("proportions.")}
    if asked:
        changes["proportions"] = {
            name.removeprefix("proportions."): _number(value, name, faults)
            for name, value in asked.items()
            if value.strip()
        }
    rules = _read_rules(typed, design, faults)
    if rules:
        changes["rules"] = rules


def _read_rules(typed: Mapping[str, str], design: Design, faults: dict[str, str]) -> dict[str, Any]:
    """A setting that is left empty goes back to its default. A preset decides its settings, but for those that were typed anew."""
    rules: dict[str, Any] = {}
    now = asdict(design.rules)
    for name, value in typed.items():
        setting = name.removeprefix("rules.")
        if setting == name:
            continue
        try:
            rules[setting] = read_setting(setting, value) if value.strip() else None
        except Invalid as error:
            faults[name] = error.sentence.replace(f"{setting} is ", "This is ", 1)
    chosen = next((each for each in presets.PRESETS if each.name == typed.get("preset")), None)
    if chosen is not None and chosen.name != presets.preset_of(design.rules):
        untouched = {
            name: value for name, value in chosen.values.items() if rules.get(name, now[name]) == now[name]
        }
        rules |= untouched
    return rules


def _whole(value: str, path: str, faults: dict[str, str]) -> int:
    words = "".join(value.split())
    if _THOUSANDS.fullmatch(words):
        words = words.replace(",", "").replace(".", "")
    if not (words.isascii() and words.isdecimal() and len(words) < 16):
        faults[path] = "Type a whole number, such as 500000."
        return 0
    return int(words)


def _number(value: str, path: str, faults: dict[str, str]) -> float:
    try:
        number = float("".join(value.split()).replace(",", "."))
    except ValueError:
        number = float("nan")
    if not 0 <= number < float("inf"):
        faults[path] = NO_NUMBER
        return 0.0
    return number
