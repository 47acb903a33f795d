"""The corpus of a challenge as a web archive: the pages as they came, and what was found about each."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Iterator
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from btm.pages.snapshot import SnapshotDamaged, SnapshotMissing, SnapshotStore
from btm.rules.exports import EVERYTHING, ExportQuery
from btm.services.corpus_rows import corpus_row
from btm.services.exporting import known_errors, one_state, open_corpus
from btm.store.tables_challenges import DbChallenge

BATCH = 50
METADATA_TYPE = "application/json"
NAMESPACE = uuid.UUID("6f2f6f0e-7a2b-5d0b-9a57-0d1f5b7f3c11")
"""Record ids are made of the finds' ids, so that the same corpus gives the same bytes."""
INFO = {
    "software": "Beat the Machine",
    "format": "WARC File Format 1.1",
    "description": (
        "Verified errors of a page classifier. Bodies are as they came, after decompression; of the HTTP headers only the status and "
        "the content type were kept, and the requests are written as they must have been."
    ),
}


def export_warc(
    slug: str,
    query: ExportQuery = EVERYTHING,
    *,
    asker_id: int | None,
    now: datetime,
    snapshots: SnapshotStore,
) -> Iterator[bytes]:
    """The verified errors that a query asks for, oldest first, as gzipped WARC records, a batch in memory at a time: for each hop and for the page itself a
    request and a response, then a metadata record (JSON) with what `export_corpus` has but the text.

    A page whose bytes are not kept any more has its metadata only, which say so. asker_id: the account that asks, or None for the
    operator. Raises NotFound and Forbidden at once, before the first byte.
    """
    challenge, after = open_corpus(slug, query, asker_id, "warc", now)
    return _records(challenge, query, after, snapshots)


def _records(
    challenge: DbChallenge, query: ExportQuery, after: int, snapshots: SnapshotStore
) -> Iterator[bytes]:
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=True, warc_version="1.1")
    head = {"WARC-Record-ID": _record_id(challenge.slug, "info"), "WARC-Date": _moment(challenge.created_at)}
    writer.write_record(_with_headers(writer.create_warcinfo_record(f"{challenge.slug}.warc.gz", INFO), head))
    yield _drain(buffer)
    with one_state() as session:
        for known in known_errors(session, challenge, query, after, BATCH):
            _write(writer, corpus_row(challenge, known), known.outcome.settled_at, snapshots)
            yield _drain(buffer)


def _write(writer: WARCWriter, row: dict[str, Any], settled_at: datetime, snapshots: SnapshotStore) -> None:
    """The records of one find."""
    fetched_at = _moment(datetime.fromisoformat(row["fetched_at"]))
    hops = [(int(status), str(url)) for status, url in row["redirects"]]
    targets = [*(url for _, url in hops[1:]), row["final_url"]]
    for turn, ((status, url), target) in enumerate(zip(hops, targets, strict=False)):
        _exchange(writer, row["id"], f"hop {turn}", url, fetched_at, status, [("Location", target)], b"")
    body = _body(snapshots, row["snapshot"])
    if body is not None:
        headers = [("Content-Type", row["content_type"]), ("Content-Length", str(len(body)))]
        _exchange(writer, row["id"], "page", row["final_url"], fetched_at, row["status"], headers, body)
    metadata = {name: value for name, value in row.items() if name != "text"}
    metadata["has_body"] = body is not None
    head = {"WARC-Record-ID": _record_id(row["id"], "metadata"), "WARC-Date": _moment(settled_at)}
    if body is not None:
        head["WARC-Refers-To"] = _record_id(row["id"], "page response")
    record = writer.create_warc_record(
        row["final_url"],
        "metadata",
        payload=io.BytesIO(json.dumps(metadata, ensure_ascii=False).encode()),
        warc_content_type=METADATA_TYPE,
        warc_headers_dict=head,
    )
    writer.write_record(record)


def _exchange(
    writer: WARCWriter,
    find: str,
    part: str,
    url: str,
    at: str,
    status: int,
    headers: list[tuple[str, str]],
    body: bytes,
) -> None:
    """A request and its response."""
    address = urlsplit(url)
    path = (address.path or "/") + (f"?{address.query}" if address.query else "")
    request_id, response_id = (_record_id(find, f"{part} {kind}") for kind in ("request", "response"))
    asked = StatusAndHeaders(f"GET {path} HTTP/1.1", [("Host", address.netloc)], is_http_request=True)
    answered = StatusAndHeaders(f"{status} {_phrase(status)}", headers, protocol="HTTP/1.1")
    for kind, http, payload, head in (
        ("response", answered, body, {"WARC-Record-ID": response_id}),
        ("request", asked, b"", {"WARC-Record-ID": request_id, "WARC-Concurrent-To": response_id}),
    ):
        writer.write_record(
            writer.create_warc_record(
                url,
                kind,
                payload=io.BytesIO(payload),
                http_headers=http,
                warc_headers_dict={**head, "WARC-Date": at},
            )
        )


def _with_headers(record: ArcWarcRecord, headers: dict[str, str]) -> ArcWarcRecord:
    for name, value in headers.items():
        record.rec_headers.replace_header(name, value)
    return record


def _body(snapshots: SnapshotStore, key: str) -> bytes | None:
    try:
        return snapshots.get(key)
    except (SnapshotMissing, SnapshotDamaged):
        return None


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _record_id(find: str, part: str) -> str:
    return f"<urn:uuid:{uuid.uuid5(NAMESPACE, f'{find} {part}')}>"


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _drain(buffer: io.BytesIO) -> bytes:
    data = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return data
