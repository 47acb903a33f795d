"""Labelled pages as they were read, kept for later rounds, so that a later one learns from the very same. Shared by the services."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict

from btm.services.read_labelled import LabelledPage
from classifiers.page import Page


def pack_rows(rows: Iterable[LabelledPage]) -> bytes:
    """The rows as JSON lines. The same rows give the same bytes."""
    lines = (
        json.dumps(
            {"number": row.number, "label": row.label, "source": row.source, "page": asdict(row.page)},
            ensure_ascii=False,
        )
        for row in rows
    )
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def unpack_rows(packed: bytes) -> list[LabelledPage]:
    """The rows of `pack_rows`."""
    return [_row(line) for line in packed.decode("utf-8", "surrogatepass").split("\n") if line]


def _row(line: str) -> LabelledPage:
    values = json.loads(line)
    page = values["page"]
    page |= {key: tuple(page[key]) for key in ("headings", "links")}
    return LabelledPage(values["number"], Page(**page), values["label"], values["source"])
