"""Pages of a crawl, read as the game reads those that players send. Shared by the services; asks the database for nothing.

Scans name `open_machine` and `read_page` to their workers, which look them up for themselves.
"""

from __future__ import annotations

from typing import Any

from btm.pages.extract import extract
from btm.pages.language import language
from btm.pages.snapshot import open_snapshots
from btm.services.machines import MachineShelf
from btm.services.unsubmitted import Found
from btm.store.tables_challenges import DbMachine
from classifiers.machine import Machine
from classifiers.page import Page
from classifiers.scan.records import Record

OPEN_MACHINE = "btm.services.crawled:open_machine"
READ_PAGE = "btm.services.crawled:read_page"


def open_machine(
    *,
    name: str,
    version: str,
    kind: str,
    labels: list[str],
    location: dict[str, Any],
    snapshots: str,
    machine_dir: str,
) -> Machine:
    """A machine of the game, from the place and the folder in which its files are kept. Raises MachineError."""
    shelf = MachineShelf(open_snapshots(snapshots), machine_dir)
    return shelf.get(DbMachine(name=name, version=version, kind=kind, labels=labels, location=location))


def read_page(record: Record) -> Page:
    """A record as a machine of the game is asked about it. Raises ReadFailed where there is nothing to read."""
    return read_whole(record).page


def read_whole(record: Record) -> Found:
    """A record with the blocks that people are shown, and its body. Raises ReadFailed."""
    body = record.body if isinstance(record.body, bytes) else record.body.encode("utf-8", "replace")
    charset = record.charset if isinstance(record.body, bytes) else "utf-8"
    kind = "text/html" if record.is_html else "text/plain"
    read = extract(body, kind, charset)
    parts = read.segments
    page = Page(
        record.url,
        parts.title,
        parts.description,
        tuple(parts.headings),
        read.text,
        tuple(parts.links),
        language(read.text, parts.language_hint),
    )
    return Found(page, tuple((block.kind, block.text) for block in read.blocks), body, kind)
