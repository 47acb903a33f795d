"""A challenge as a YAML file, read with its lines, so that a complaint names one, and written. Shared by the services."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import yaml

from btm.rules.design import Design, plain_design
from btm.rules.errors import Invalid
from btm.rules.read_design import read_design

MOST_BYTES = 400_000
MOST_DEPTH = 12
ROOT = ""


def read_challenge_file(text: str | bytes) -> Design:
    """Raises Invalid, whose sentence begins with the line that is to blame, and whose field is the place in the file."""
    words = _decoded(text)
    try:
        _check_events(words)
        root = yaml.compose(words, Loader=yaml.SafeLoader)
        lines = _lines(root) if root is not None else {}
        plain = yaml.safe_load(words)
    except yaml.MarkedYAMLError as error:
        raise _at(_marked(error), f"This is no YAML: {error.problem or error.context}.") from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise Invalid(
            "This is no YAML that can be read. Save it again as UTF-8 text.", field="file"
        ) from error
    if plain is None:
        raise Invalid("This file is empty.", field="file")
    try:
        return read_design(plain)
    except Invalid as error:
        raise _at(_line_of(lines, error.field or ROOT), error.sentence, error.field or "file") from error


def write_challenge_file(design: Design) -> str:
    """The file of a challenge: importing it gives the same one."""
    plain = {name: value for name, value in plain_design(design).items() if value not in ("", [], {})}
    return str(
        yaml.dump(
            plain, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120, default_flow_style=None
        )
    )


def renamed(design: Design, slug: str) -> Design:
    """The design under another slug, and in a topic of that name where it was in its own."""
    topic = slug if design.topic == design.slug else design.topic
    return replace(design, slug=slug, topic=topic)


def _decoded(text: str | bytes) -> str:
    if len(text) > MOST_BYTES:
        raise Invalid(f"A challenge's file has {MOST_BYTES // 1000} kB at most.", field="file")
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("This file is no UTF-8 text. Save it as UTF-8.", field="file") from error


def _marked(error: yaml.MarkedYAMLError) -> int:
    return int(getattr(error.problem_mark or error.context_mark, "line", 0)) + 1


def _check_events(words: str) -> None:
    """Refuse what makes files grow when they are read: references, tags of others, and towers of brackets."""
    depth = 0
    for event in yaml.parse(words, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            raise _at(line, "A challenge's file has no references (*name). Write it out.")
        tag = getattr(event, "tag", None)
        if tag is not None and not tag.startswith("tag:yaml.org,2002:"):
            raise _at(line, f"A challenge's file has no tags ({tag[:40]}). Take it out.")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MOST_DEPTH:
                raise _at(line, "This is nested too deeply for a challenge.")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _lines(root: yaml.Node) -> dict[str, int]:
    """The line of every place in the file, from 1. Raises Invalid where a name is there twice."""
    lines: dict[str, int] = {}
    waiting: list[tuple[str, yaml.Node]] = [(ROOT, root)]
    while waiting:
        path, node = waiting.pop()
        lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.SequenceNode):
            waiting += [(f"{path}.{number}", each) for number, each in enumerate(node.value)]
        elif isinstance(node, yaml.MappingNode):
            for name, value in _pairs(node):
                place = f"{path}.{name.value}" if path else str(name.value)
                waiting.append((place, value))
                lines[place] = name.start_mark.line + 1
    return lines


def _pairs(node: yaml.MappingNode) -> list[tuple[yaml.ScalarNode, yaml.Node]]:
    seen: set[str] = set()
    for name, _value in node.value:
        if not isinstance(name, yaml.ScalarNode):
            raise _at(name.start_mark.line + 1, "A name is a single word here.")
        if name.value in seen:
            raise _at(name.start_mark.line + 1, f"{name.value} is there twice. Take one out.", name.value)
        seen.add(name.value)
    return list(node.value)


def _line_of(lines: dict[str, int], place: str) -> int:
    """The line of a place, or of the nearest thing around it that is in the file."""
    while place and place not in lines:
        place = place.rpartition(".")[0]
    return lines.get(place, 1)


def _at(line: int, sentence: str, field: str = "file") -> Invalid:
    return Invalid(f"Line {line}: {sentence}", field=field)


class _Dumper(yaml.SafeDumper):
    """Long texts folded, as a person would write them; lists of numbers on one line."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)
