"""A quality gate: real pages, with floors that are lowered only deliberately."""

from __future__ import annotations

import collections
import csv
import gzip
import re
import time

import pytest

from btm.pages.extract import extract
from btm.pages.reasons import ReadFailed

from .support import data_file

pytestmark = [pytest.mark.data, pytest.mark.xdist_group("real pages")]  # which are read once
FLOOR_READ = 178  # of 182
FLOOR_OVERLAP = 0.63  # mean F1 of words on the pages whose reviewed text is whole
SLOWEST = 3.0  # seconds of CPU
_WHOLE = 5900  # reviewed texts of this length and more are cut


def overlap(a: str, b: str) -> float:
    mine, theirs = (collections.Counter(re.findall(r"\w+", text.lower())) for text in (a, b))
    common = sum((mine & theirs).values())
    return 2 * common / (sum(mine.values()) + sum(theirs.values())) if common else 0.0


@pytest.fixture(scope="module")
def results():
    csv.field_size_limit(10**8)
    folder = data_file("pages", "index.csv").parent
    with gzip.open(data_file("pages", "texts.csv.gz"), "rt", encoding="utf-8") as file:
        reviewed = {row["url"]: row["text"] for row in csv.DictReader(file)}
    read, scores, times = 0, [], []
    for row in csv.DictReader((folder / "index.csv").open(encoding="utf-8")):
        body, started = gzip.decompress((folder / row["file"]).read_bytes()), time.process_time()
        try:
            text = extract(body).text
            read += 1
        except ReadFailed:
            text = ""
        times.append(time.process_time() - started)
        if 0 < len(reviewed.get(row["url"], "")) < _WHOLE:
            scores.append(overlap(text, reviewed[row["url"]]))
    return read, sum(scores) / len(scores), max(times)


def test_nearly_every_real_page_is_read(results):
    assert results[0] >= FLOOR_READ


def test_what_is_read_is_what_reviewers_kept(results):
    assert results[1] >= FLOOR_OVERLAP


def test_no_real_page_takes_long(results):
    assert results[2] <= SLOWEST
