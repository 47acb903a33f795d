"""Whatever file is handed in, it is read, or refused in a sentence, within bounds."""

from __future__ import annotations

import contextlib
import io
import json
import tracemalloc
import zipfile

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from btm.rules.errors import Invalid
from btm.services.challenge_files import read_challenge_file
from btm.services.labelled_files import FORMATS, guess_format, rows_of
from btm.services.seed_challenges import SHIPPED

quiet = settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
NAMES = st.sampled_from(
    [
        "label",
        "text",
        "html",
        "url",
        "data",
        "annotations",
        "result",
        "value",
        "choices",
        "completed_by",
        "id",
        "Label ",
    ]
)
RECORDS = st.lists(st.dictionaries(NAMES, PLAIN, max_size=5), max_size=5)
PIECES = st.sampled_from(
    [b"label", b"text", b",", b";", b"\t", b"\n", b"\r", b'"', b"spam", b"\x00", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"{", b"}", b"[", b"]", b":", b"'",
     b"PAR1", b"PK\x03\x04", b"\xed\xa0\x80", b"1e999", b"\\ud800", b"- ", b"&a ", b"*a", b"!!python/object:os.system ", b"---\n", b"<<: ", b"? "]
)  # fmt: skip
BYTES = st.binary(max_size=300) | st.lists(PIECES, max_size=30).map(b"".join)


def read(data: bytes, format: str, labelled: bool = True) -> None:
    with contextlib.suppress(Invalid):
        for row in rows_of(io.BytesIO(data), format, labelled=labelled):
            assert 0 <= row.share <= 1


@quiet
@given(BYTES, st.sampled_from(FORMATS), st.booleans())
@example(b"\xfe\xff\x00", "csv", True)
@example(b"\xff\xfe\x00\xd8", "jsonl", False)
def test_any_bytes_are_rows_or_refused(data: bytes, format: str, labelled: bool) -> None:
    guess_format("x", data)
    read(data, format, labelled)


@quiet
@given(RECORDS, st.booleans())
def test_any_records_are_rows_or_refused(records: list[dict[str, object]], labelled: bool) -> None:
    read(json.dumps(records).encode(), "label-studio", labelled)
    read("\n".join(map(json.dumps, records)).encode(), "jsonl", labelled)
    read(b"label,text\n" + json.dumps(records).encode(), "csv", labelled)


def archive(card: bytes, rows: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as files:
        files.writestr("README.md", card)
        files.writestr("data.jsonl", rows)
    return made.getvalue()


LAUGHS = "\n".join(["a0: &a0 ['x','x']", *(f"a{n}: &a{n} [*a{n - 1},*a{n - 1}]" for n in range(1, 40))])


@quiet
@given(PLAIN, PLAIN, st.lists(PIECES, max_size=12).map(b"".join))
@example(
    {"features": [{"name": "label", "dtype": {"class_label": {"names": {"a": "spam", "1": "ham"}}}}]}, [], b""
)
@example([], [], b"when: 2001-99-99\n")
@example([], [], b"\xff\xfe")
@example([], [], f"{LAUGHS}\nconfigs: [{{data_files: *a39}}]\n".encode())
def test_any_card_of_a_data_set_is_read_or_refused(info: object, configs: object, more: bytes) -> None:
    head = json.dumps({"dataset_info": info, "configs": [{"data_files": configs}]}).encode()
    rows = b'{"label": "1", "text": "oak"}\n{"label": "' + b"9" * 5000 + b'", "text": "oak"}\n'
    for card in (head, more):
        read(archive(b"---\n" + card + b"\n---\nA card.", rows), "hf")


@pytest.fixture(scope="module")
def shipped() -> bytes:
    return sorted(SHIPPED.glob("*.yaml"))[0].read_bytes()


@quiet
@given(at=st.integers(0, 3000), length=st.integers(0, 60), put=BYTES)
def test_a_challenge_s_file_with_anything_in_it_is_read_or_refused(
    shipped: bytes, at: int, length: int, put: bytes
) -> None:
    with contextlib.suppress(Invalid):
        read_challenge_file(shipped[:at] + put + shipped[at + length :])


@quiet
@given(PLAIN)
def test_anything_else_that_is_yaml_is_no_challenge(plain: object) -> None:
    with contextlib.suppress(Invalid):
        read_challenge_file(json.dumps(plain))


def parquet_bomb() -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    made = io.BytesIO()
    words = pa.array(["spam " * 200] * 20_000)
    pq.write_table(pa.table({"label": ["spam"] * 20_000, "text": words}), made, compression="zstd")
    return made.getvalue()


@pytest.mark.parametrize(
    ("format", "data"),
    [
        ("csv", b'label,text\nspam,"' + b"x" * 11_000_000),
        ("jsonl", b'{"label": "' + b"x" * 11_000_000),
        ("jsonl", b"[" * 1_000_000),
        ("csv", b"label,text\n" + b"spam,oak\n" * 300_000),
        ("parquet", parquet_bomb()),
    ],
    ids=["quote", "line", "brackets", "rows", "parquet"],
)
def test_a_file_of_any_size_is_read_in_little_memory(format: str, data: bytes) -> None:
    tracemalloc.start()
    try:
        with contextlib.suppress(Invalid):
            for number, _ in enumerate(rows_of(io.BytesIO(data), format)):
                if number > 20_000:
                    break
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 100_000_000
