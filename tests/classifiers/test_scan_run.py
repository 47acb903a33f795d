"""A scan as a whole: what it counts, what it keeps, that it goes on after a kill, and that its memory stays flat."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scan_fakes import (
    MUSEUM,
    SHIPS,
    TREES,
    TreeMachine,
    crawl,
    plan,
    warc,
    write_csv,
    write_jsonl,
    write_warc,
)

from classifiers.page import Page
from classifiers.scan.checkpoint import ScanMismatch
from classifiers.scan.plan import Known, Loader
from classifiers.scan.records import Record
from classifiers.scan.run import Progress, ScanFailed, ScanReport, scan
from classifiers.scan.sources import read_at

HERE = Path(__file__).parent
ROWS = crawl(60)


def here(folder: Path, *sources: Path, **options: Any) -> ScanReport:
    """A scan in this process, in small chunks."""
    options = {"workers": 1, "chunk_bytes": 1500} | options
    return scan(options.pop("plan", None) or plan(), [str(s) for s in sources], folder, **options)


def test_pages_suspects_and_clusters_are_counted(tmp_path: Path) -> None:
    report = here(tmp_path / "scan", write_warc(tmp_path / "x.warc.gz", ROWS))
    found = report.summary
    assert report.complete
    assert (found.pages, found.open, dict(found.bad)) == (60, 12, {})
    assert dict(found.clusters) == {"trees": 12}
    assert {suspect.url for suspect in found.best.ranked()} <= {url for url, text in ROWS if "tree" in text}
    assert found.blocks.count >= 6
    best = found.best.ranked()[0]
    assert (best.label, best.probability, best.severity) == ("drugs", 0.97, 0.97)


def test_an_open_page_unlike_any_known_error_is_no_suspect(tmp_path: Path) -> None:
    rows = [
        ("http://a.example/1", "In the data structures class we balance a tree of keys by rotating nodes")
    ]
    found = here(tmp_path / "scan", write_jsonl(tmp_path / "x.jsonl", rows)).summary
    assert (found.pages, found.open, found.clusters.total()) == (1, 1, 0)


def test_before_the_first_verdict_nothing_is_suspected(tmp_path: Path) -> None:
    empty = plan(known=Known.nothing())
    found = here(tmp_path / "scan", write_jsonl(tmp_path / "x.jsonl", ROWS), plan=empty).summary
    assert (found.pages, found.open, found.clusters.total()) == (60, 12, 0)


def test_a_suspect_is_found_again_in_the_crawl(tmp_path: Path) -> None:
    for source in (write_warc(tmp_path / "x.warc.gz", ROWS), write_csv(tmp_path / "y.csv", ROWS)):
        found = here(tmp_path / source.name.replace(".", "-"), source).summary
        for suspect in found.best.ranked():
            record = read_at(suspect.source, suspect.offset, suspect.url)
            assert isinstance(record, Record)
            assert dict(ROWS)[suspect.url] in str(
                record.body.decode() if isinstance(record.body, bytes) else record.body
            )


def test_a_site_cannot_fill_the_list_of_suspects(tmp_path: Path) -> None:
    rows = [(f"http://www.one.example/{n}", TREES[0]) for n in range(40)] + [
        ("http://two.example/", TREES[0])
    ]
    found = here(tmp_path / "scan", write_jsonl(tmp_path / "x.jsonl", rows)).summary
    assert found.clusters.total() == 41
    assert sorted(suspect.host for suspect in found.best.ranked()) == ["one.example"] * 3 + ["two.example"]


@pytest.mark.parametrize("name", ["x.csv", "x.csv.gz", "x.jsonl.gz", "x.warc"])
def test_a_file_that_cannot_be_cut_is_taken_in_steps(tmp_path: Path, name: str) -> None:
    write = {"c": write_csv, "j": write_jsonl, "w": lambda p, r: write_warc(p, r, gzipped=False)}[name[2]]
    source = write(tmp_path / name, ROWS)
    whole = here(tmp_path / "whole", source).summary
    stepped = here(tmp_path / "steps", source, plan=plan(most_records=4)).summary
    lines = (tmp_path / "steps" / "chunks.jsonl").read_text().splitlines()
    assert len(lines) >= 3
    assert stepped.pages == whole.pages == 60
    assert [s.to_json() for s in stepped.best.ranked()] == [s.to_json() for s in whole.best.ranked()]
    assert here(tmp_path / "steps", source, plan=plan(most_records=4)).summary.to_json() == stepped.to_json()


def test_records_that_nobody_can_read_are_counted_and_the_scan_goes_on(tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "x.jsonl", [("http://a.example/boom", "x"), *ROWS])
    found = here(tmp_path / "scan", source, plan=plan(extractor="test_scan_run:choking")).summary
    assert (found.pages, dict(found.bad)) == (60, {"unreadable": 1})


@pytest.mark.parametrize("as_bytes", [True, False])
def test_a_page_made_of_tags_is_not_taken_apart(tmp_path: Path, as_bytes: bool) -> None:
    body = "<p>" * 70_000 + "text"
    if as_bytes:
        source = tmp_path / "x.warc.gz"
        source.write_bytes(warc([("http://a.example/", body.encode())]))
    else:
        source = tmp_path / "x.jsonl"
        source.write_text(json.dumps({"url": "http://a.example/", "html": body}))
    found = here(tmp_path / "scan", source, plan=plan(extractor="test_scan_run:never")).summary
    assert (found.pages, dict(found.bad)) == (0, {"heavy": 1})


def never(record: Record) -> Page:
    """An extractor that must not be asked."""
    raise KeyboardInterrupt


def choking(record: Record) -> Page:
    """An extractor with a page that it cannot stand."""
    if record.url.endswith("boom"):
        raise RecursionError
    return Page(url=record.url, text=str(record.body))


def test_progress_ends_at_the_whole(tmp_path: Path) -> None:
    seen: list[Progress] = []
    sources = [write_warc(tmp_path / "x.warc.gz", ROWS), write_csv(tmp_path / "x.csv", ROWS)]
    here(tmp_path / "scan", *sources, on_progress=seen.append, plan=plan(most_records=7))
    assert seen[-1].done == seen[-1].total == sum(source.stat().st_size for source in sources)
    assert seen[-1].pages == 120
    assert [each.done for each in seen] == sorted(each.done for each in seen)


def test_a_folder_of_another_scan_is_refused(tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "x.jsonl", ROWS)
    here(tmp_path / "scan", source)
    with pytest.raises(ScanMismatch, match="another plan"):
        here(tmp_path / "scan", source, plan=plan(min_severity=0.7))
    write_jsonl(source, ROWS[:-1])
    with pytest.raises(ScanMismatch, match="another sources"):
        here(tmp_path / "scan", source)


def test_a_machine_that_does_not_know_the_target_is_refused(tmp_path: Path) -> None:
    wrong = plan(target="hate")
    with pytest.raises(ValueError, match="hate"):
        here(tmp_path / "scan", write_jsonl(tmp_path / "x.jsonl", ROWS), plan=wrong)


class Moody(TreeMachine):
    """Fails while a file is there."""

    def __init__(self, mood: str) -> None:
        self.mood = Path(mood)

    def predict_proba(self, pages: Sequence[Page | str]) -> np.ndarray[Any, Any]:
        if self.mood.exists():
            raise RuntimeError("not today")
        return super().predict_proba(pages)


def test_chunks_that_failed_are_named_and_tried_again(tmp_path: Path) -> None:
    mood = tmp_path / "mood"
    mood.touch()
    moody = plan(machine=Loader("test_scan_run:Moody", {"mood": str(mood)}))
    source = write_jsonl(tmp_path / "x.jsonl", ROWS)
    with pytest.raises(ScanFailed, match="5 parts"):
        here(tmp_path / "scan", source, plan=moody)
    report = here(tmp_path / "scan", source, plan=moody, chunk_bytes=10**6)
    assert not report.complete
    assert report.summary.pages == 0
    mood.unlink()
    report = here(tmp_path / "scan", source, plan=moody)
    assert report.complete
    assert report.summary.pages == 60


def test_on_several_processes_it_finds_the_same(tmp_path: Path) -> None:
    sources = [write_warc(tmp_path / "x.warc.gz", ROWS), write_csv(tmp_path / "x.csv", ROWS)]
    one = here(tmp_path / "one", *sources, plan=plan(most_records=25))
    two = here(tmp_path / "two", *sources, plan=plan(most_records=25), workers=2)
    assert two.complete
    assert two.summary.to_json() == one.summary.to_json()


def test_a_cluster_named_by_its_address_does_the_work(tmp_path: Path) -> None:
    import distributed

    source = write_warc(tmp_path / "x.warc.gz", ROWS)
    with distributed.LocalCluster(
        n_workers=1,
        threads_per_worker=2,
        processes=False,
        protocol="tcp://",
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
    ) as cluster:
        address = cluster.scheduler_address
        far = here(tmp_path / "far", source, scheduler=address)
    assert far.summary.to_json() == here(tmp_path / "near", source).summary.to_json()


SLOW = """
import sys, time
from pathlib import Path
sys.path[:0] = {paths!r}
from scan_fakes import plan
from classifiers.scan.run import scan

if __name__ == "__main__":
    scan(plan(extractor="test_scan_run:slow"), [{source!r}], {folder!r}, workers={workers}, chunk_bytes=1500)
"""


def slow(record: Record) -> Page:
    """An extractor that gives the test time to kill."""
    from classifiers.scan.extractor import read_page

    time.sleep(0.02)
    return read_page(record)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_scan_that_was_killed_goes_on_and_finds_what_one_without_a_kill_does(
    tmp_path: Path, workers: int
) -> None:
    source = write_warc(tmp_path / "x.warc.gz", crawl(150))
    script, folder = tmp_path / "slow.py", tmp_path / "scan"
    paths = [str(HERE), str(HERE.parents[1])]
    script.write_text(SLOW.format(paths=paths, source=str(source), folder=str(folder), workers=workers))
    done = 0
    for _ in range(2):
        done = _killed_later(script, folder / "chunks.jsonl", done + 3)
    with (folder / "chunks.jsonl").open("ab") as file:
        file.write(b'{"chunk": "cut off by the ki')
    slowly = plan(extractor="test_scan_run:slow")
    seen: list[Progress] = []
    resumed = here(folder, source, plan=slowly, on_progress=seen.append)
    assert seen[-1].pages < 150  # the rest was not scored again
    assert resumed.summary.pages == 150
    assert resumed.summary.to_json() == here(tmp_path / "calm", source, plan=slowly).summary.to_json()


def _killed_later(script: Path, lines: Path, enough: int) -> int:
    """Start a scan and kill it with signal 9 when its folder has so many chunks; returns how many it has then."""
    process = subprocess.Popen([sys.executable, str(script)], stderr=subprocess.DEVNULL)
    try:
        ends = time.monotonic() + 120
        while not (lines.exists() and lines.read_bytes().count(b"\n") >= enough):
            assert process.poll() is None, "the scan ended before it was killed"
            assert time.monotonic() < ends
            time.sleep(0.01)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    time.sleep(0.5)  # its workers notice and end
    return lines.read_bytes().count(b"\n")


def test_two_scans_in_one_folder_at_once_are_refused(tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "x.jsonl", ROWS)

    def again(progress: Progress) -> None:
        with pytest.raises(ScanMismatch, match="Another process"):
            here(tmp_path / "scan", source)

    assert here(tmp_path / "scan", source, on_progress=again).complete


def test_memory_does_not_grow_with_the_crawl(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        source = tmp_path / f"{count}.jsonl"
        with source.open("w") as file:
            for n in range(count):
                text = TREES[n % 2] if n % 3 == 0 else SHIPS if n % 3 == 1 else MUSEUM
                file.write(json.dumps({"url": f"http://site{n}.example/{n}", "text": f"{n} {text}"}) + "\n")
        tracemalloc.start()
        found = here(tmp_path / f"scan{count}", source, chunk_bytes=30_000).summary
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert found.pages == count
        assert found.clusters["trees"] >= count / 3 - 1
        return most

    peak(300)  # what is loaded when first used
    assert peak(3000) < 1.3 * peak(750) + 300_000
