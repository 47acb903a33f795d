"""A row of a file, whatever the file's format. Shared by the services."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

CONTENTS = ("url", "text", "html")
BAD = "\0bad"


class BadRow(Exception):
    """A row that is left out. The message goes on from "Row 17 ..."."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number from 1, its fields (or, under BAD, what is wrong with it), and the share of the file read so far."""

    number: int
    share: float
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def bad(self) -> bool:
        return BAD in self.values
