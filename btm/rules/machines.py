"""What may be a machine's name, whose labels fit a challenge, and how many examples training asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from btm.rules.errors import Invalid

MIN_PER_LABEL = 10
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,58}[a-z0-9]")


def check_name(name: str) -> str:
    """The name as it is kept. Raises Invalid (field `name`)."""
    name = name.strip().lower()
    if not _NAME.fullmatch(name):
        raise Invalid(
            "A machine's name has 3 to 60 small letters, digits and hyphens, such as drugs-2.", field="name"
        )
    return name


def check_kind(name: str, kind: str, kinds: set[str]) -> None:
    """Every version of a machine is of one kind. Raises Invalid (field `name`) where those there are of another."""
    if "default" in kinds:
        raise Invalid(
            f"{name} is a machine that ships with the product. Choose another name, such as {name}-2.",
            field="name",
        )
    if kinds - {kind}:
        raise Invalid(f"There is another kind of machine called {name}. Choose another name.", field="name")


def check_labels(machine: Sequence[str], challenge: Sequence[str], name: str) -> None:
    """Raises Invalid (field `name`) unless a machine has exactly a challenge's labels, in any order."""
    if set(machine) != set(challenge):
        raise Invalid(
            f"The machine {name} knows the labels {', '.join(sorted(machine))}, and the challenge has "
            f"{', '.join(sorted(challenge))}. They must be the same.",
            field="name",
        )


def check_enough(counts: Mapping[str, int], labels: Sequence[str], least: int = MIN_PER_LABEL) -> None:
    """Raises Invalid (field `data`) unless there are `least` examples of every label."""
    for label in labels:
        if (count := counts.get(label, 0)) < least:
            raise Invalid(
                f"There {'is' if count == 1 else 'are'} {count or 'no'} usable row{'' if count == 1 else 's'} labelled "
                f"{label}; at least {least} of each label are needed. Add more pages of {label}.",
                field="data",
            )
