"""How fast is a scan, and how much memory does it take? `python bench/scan.py [--data DIR] [--pages 3000]`, two cores.

A crawl is made of real pages, each many times with other words put in, as one `.warc.gz`. Held against each other:

    bare        the loop that one would write: warcio, extract, predict a batch at a time; one core
    one core    classifiers.scan.run.scan, with the known-unknowns model and checkpoints; in this process
    two cores   the same on Dask

with the extractor named by --extractor: `product` (what the game reads pages with) or `plain`. Each way runs in a process of
its own, in turns, and the best of --rounds counts. `--memory` scans the crawl once and five times over, and tells the
largest resident size of any process.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
ROOT = Path(__file__).resolve().parents[1]
# The names of benchmarks are no modules: some are called like one of the standard library's.
sys.path[:] = [str(ROOT), *(path for path in sys.path if Path(path).resolve() != ROOT / "bench")]

from classifiers.machine import load_default  # noqa: E402
from classifiers.novelty import vectorise  # noqa: E402
from classifiers.page import Page  # noqa: E402
from classifiers.scan.plan import READ_PAGE, Known, Loader, ScanPlan, find  # noqa: E402
from classifiers.scan.records import Record  # noqa: E402
from classifiers.scan.run import scan  # noqa: E402
from classifiers.training_data import read_posts  # noqa: E402

LEAST = {"one": 0.85, "two": 1.7}
EXTRACTORS = {"product": "bench.scan:product_page", "plain": READ_PAGE}
BATCH = 64


def product_page(record: Record) -> Page:
    """A record as the game reads it."""
    from btm.pages.extract import extract
    from btm.pages.language import language

    body = record.body if isinstance(record.body, bytes) else record.body.encode()
    read = extract(body, "text/html" if record.is_html else "text/plain", record.charset or "utf-8")
    found = read.segments
    return Page(
        record.url,
        found.title,
        found.description,
        tuple(found.headings),
        read.text,
        tuple(found.links),
        language(read.text, found.language_hint),
    )


def make_crawl(data: Path, pages: int, path: Path) -> None:
    """Real pages with a few words in each paragraph changed from one copy to the next."""
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    dice = random.Random(0)
    with (data / "pages" / "index.csv").open(encoding="utf-8") as stream:
        index = [*csv.DictReader(stream)]
    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        for number in range(pages):
            row = index[number % len(index)]
            body = gzip.decompress((data / "pages" / row["file"]).read_bytes())
            words = " ".join(f"variant{dice.randrange(10**6)}" for _ in range(5)).encode()
            body = body.replace(b"</p>", b" " + words + b"</p>")
            head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(
                    f"{row['url']}?copy={number}", "response", payload=io.BytesIO(body), http_headers=head
                )
            )


def known(data: Path) -> Known:
    """What players would have found of the `drugs` machine: look-alike posts that it takes for drugs, and some others."""
    examples = [e for e in read_posts(data, lookalikes=True).train if e.kind == "lookalike-drugs"][:600]
    pages = [example.page for example in examples]
    wrong = load_default("drugs").predict_proba(pages)[:, 0] > 0.5
    return Known(vectorise(pages), wrong, [example.source for example in examples])


def plan(data: Path, extractor: str, direction: str) -> ScanPlan:
    target = "none" if direction == "few" else "drugs"
    return ScanPlan(
        Loader("classifiers.machine:load_default", {"name": "drugs"}),
        target,
        known(data),
        extractor=EXTRACTORS[extractor],
    )


def bare(asked: ScanPlan, crawl: Path, folder: Path) -> int:
    """Parse, extract, predict."""
    from warcio.archiveiterator import ArchiveIterator

    machine, read = asked.machine.load(), find(asked.extractor)
    count, waiting = 0, []
    with crawl.open("rb") as stream:
        for record in ArchiveIterator(stream):
            if record.rec_type != "response":
                continue
            url = record.rec_headers.get_header("WARC-Target-URI")
            try:
                waiting.append(read(Record(url, record.content_stream().read(), 0, True)))
            except Exception:
                continue
            if len(waiting) == BATCH:
                count += len(machine.predict_proba(waiting))
                waiting = []
    return count + (len(machine.predict_proba(waiting)) if waiting else 0)


def scanned(workers: int) -> Callable[[ScanPlan, Path, Path], int]:
    def run(asked: ScanPlan, crawl: Path, folder: Path) -> int:
        return scan(asked, [str(crawl)], folder, workers=workers).summary.pages

    return run


WAYS: dict[str, Callable[[ScanPlan, Path, Path], int]] = {"bare": bare, "one": scanned(1), "two": scanned(2)}


def cpu_seconds() -> float:
    """What this process and those of its children that have ended took."""
    return sum(os.times()[:4])


def child(arguments: argparse.Namespace) -> None:
    """One way, in this process; tells what it took."""
    asked = plan(arguments.data, arguments.extractor, arguments.direction)
    crawl = Path(arguments.crawl)
    with tempfile.TemporaryDirectory(dir=crawl.parent) as folder:
        begun, busy = time.perf_counter(), cpu_seconds()
        pages = WAYS[arguments.child](asked, crawl, Path(folder) / "scan")
        seconds, busy = time.perf_counter() - begun, cpu_seconds() - busy
    largest = max(
        resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    print(json.dumps({"pages": pages, "seconds": seconds, "busy": busy, "megabytes": largest / 1024}))


def measure(way: str, crawl: Path, arguments: argparse.Namespace) -> dict[str, float]:
    command = [sys.executable, __file__, "--child", way, "--crawl", str(crawl), "--data", str(arguments.data)]
    command += ["--extractor", arguments.extractor, "--direction", arguments.direction]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    load = os.getloadavg()[0]
    print(
        f"  {way:<5} {answer['pages']:>6.0f} pages {answer['seconds']:>7.1f} s ({answer['busy']:.1f} s of CPU) {answer['pages'] / answer['seconds']:>7.1f} pages/s"
        f" {answer['megabytes']:>6.0f} MB largest process   (load {load:.1f})",
        flush=True,
    )
    return answer


def compare(crawl: Path, arguments: argparse.Namespace) -> bool:
    best = dict.fromkeys(WAYS, 0.0)
    for _ in range(arguments.rounds):
        for way in WAYS:
            answer = measure(way, crawl, arguments)
            best[way] = max(best[way], answer["pages"] / answer["seconds"])
    good = True
    for way, least in LEAST.items():
        ratio = best[way] / best["bare"]
        good &= ratio >= least
        print(f"{way} core(s): {ratio:.2f} of the bare loop (wanted: at least {least})")
    return good


def memory(crawl: Path, arguments: argparse.Namespace) -> bool:
    five = crawl.with_name("five.warc.gz")
    with five.open("wb") as out:
        for _ in range(5):
            with crawl.open("rb") as stream:
                shutil.copyfileobj(stream, out)
    one, more = (measure("two", each, arguments)["megabytes"] for each in (crawl, five))
    print(f"five times the crawl: {more / one:.2f} times the memory")
    return more <= 1.25 * one


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    default = os.environ.get("BTM_TEST_DATA", str(ROOT.parent / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=Path(default))
    parser.add_argument("--pages", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--extractor", choices=EXTRACTORS, default="product")
    parser.add_argument(
        "--direction", choices=("few", "many"), default="few", help="are few or many pages open?"
    )
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--child", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--crawl", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments)
        return 0
    with tempfile.TemporaryDirectory(prefix="scan") as folder:
        crawl = Path(folder) / "crawl.warc.gz"
        make_crawl(arguments.data, arguments.pages, crawl)
        print(
            f"{arguments.pages} pages, {crawl.stat().st_size / 1e6:.0f} MB, extractor: {arguments.extractor}"
        )
        good = (memory if arguments.memory else compare)(crawl, arguments)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
