"""Small made-up crawls in every format, and a machine that takes trees for drugs, for the tests of scanning."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from classifiers.novelty import vectorise
from classifiers.page import Page, as_page
from classifiers.scan.plan import Known, Loader, ScanPlan
from classifiers.scan.records import Bad, Item, Record

TREES = [
    "The old maple tree in our garden lost its leaves early, should I prune the lower branches this autumn?",
    "A guide to grafting apple trees in spring, with a sharp knife, wax, and scions from a healthy branch",
]
SHIPS = "Quarterly results of the shipping company beat the forecast, and its shares rose by four per cent"
MUSEUM = "The museum shows portraits by three painters of the harbour district until the end of the month"
Row = tuple[str, str]


class TreeMachine:
    """Sure that every page with a tree in it is about drugs."""

    name, version, card = "trees", "1", {}
    classes_ = ("drugs", "none")

    def predict_proba(self, pages: Sequence[Page | str]) -> np.ndarray[Any, Any]:
        drugs = [0.97 if "tree" in as_page(page).text else 0.02 for page in pages]
        return np.array([[each, 1 - each] for each in drugs]).reshape(-1, 2)


def known() -> Known:
    """Two errors of one cause, and a probe that was none."""
    return Known(vectorise([*TREES, MUSEUM]), np.array([True, True, False]), ("trees", "trees", ""))


def plan(**changes: Any) -> ScanPlan:
    options: dict[str, Any] = {
        "machine": Loader("scan_fakes:TreeMachine"),
        "target": "none",
        "known": known(),
        "batch": 8,
        "block": 10,
        "suspects": 20,
        "sample": 5,
    }
    return ScanPlan(**options | changes)


def crawl(count: int) -> list[Row]:
    """`count` pages of which every fifth is an error of the known kind, three pages to a host."""
    return [
        (f"http://site{n // 3}.example/{n}", f"Page {n}. {TREES[n // 5 % 2] if n % 5 == 0 else SHIPS}")
        for n in range(count)
    ]


def html(text: str) -> bytes:
    return f"<html><head><title>{text[:12]}</title></head><body><p>{text}</p></body></html>".encode()


def warc(
    rows: Sequence[tuple[str, bytes]],
    *,
    gzipped: bool = True,
    record: str = "response",
    content_type: str = "text/html; charset=utf-8",
    status: str = "200 OK",
) -> bytes:
    """A WARC of these bodies, a request before each response."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=gzipped)
    for url, body in rows:
        head = None
        if record == "response":
            asked = StatusAndHeaders("GET / HTTP/1.1", [("Host", "x")], is_http_request=True)
            writer.write_record(writer.create_warc_record(url, "request", http_headers=asked))
            head = StatusAndHeaders(status, [("Content-Type", content_type)], protocol="HTTP/1.1")
        writer.write_record(
            writer.create_warc_record(
                url,
                record,
                payload=io.BytesIO(body),
                http_headers=head,
                warc_content_type="" if head else content_type,
            )
        )
    return out.getvalue()


def write_warc(path: Path, rows: Sequence[Row], gzipped: bool = True) -> Path:
    path.write_bytes(warc([(url, html(text)) for url, text in rows], gzipped=gzipped))
    return path


def write_wet(path: Path, rows: Sequence[Row]) -> Path:
    path.write_bytes(
        warc(
            [(url, text.encode()) for url, text in rows],
            record="conversion",
            content_type="text/plain",
            gzipped=path.suffix == ".gz",
        )
    )
    return path


def write_jsonl(path: Path, rows: Sequence[Row]) -> Path:
    lines = "".join(json.dumps({"url": url, "text": text}) + "\n" for url, text in rows).encode()
    path.write_bytes(gzip.compress(lines) if path.suffix == ".gz" else lines)
    return path


def write_csv(path: Path, rows: Sequence[Row]) -> Path:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerows([("id", "URL", "text"), *((n, url, text) for n, (url, text) in enumerate(rows))])
    lines = out.getvalue().encode()
    path.write_bytes(gzip.compress(lines) if path.suffix == ".gz" else lines)
    return path


def urls(items: Sequence[Item]) -> list[str]:
    return [item.url for item in items if isinstance(item, Record)]


def reasons(items: Sequence[Item]) -> list[str]:
    return [item.reason for item in items if isinstance(item, Bad)]
