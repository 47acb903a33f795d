"""How fast, and how right, is our Dawid-Skene beside crowd-kit's? `python bench/dawid_skene.py [--data DIR]`, one core, one run.

crowd-kit is no dependency: put it into an environment of its own (`pip install crowd-kit==1.4.2`) and run this file with that
environment's Python, which needs NumPy only for our side. Without it our side is measured alone, and the comparison skipped.
Each side's peak memory is that of a process of its own that does nothing else.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import csv
import gzip
import importlib.util
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from btm.rules.dawid_skene import DawidSkene  # noqa: E402

ITERATIONS = 20


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    options.add_argument("--judgements", type=int, default=1_000_000)
    options.add_argument("--side", choices=("ours", "theirs"), help=argparse.SUPPRESS)
    options.add_argument("--text", action="store_true", help="ids and labels as strings, not whole numbers")
    chosen = options.parse_args()
    if chosen.side:
        measure(chosen.side, chosen.judgements, chosen.text)
        return
    peer = importlib.util.find_spec("crowdkit") is not None
    if not peer:
        print("crowd-kit is not installed here: the comparison is skipped")
    elif chosen.data.is_dir():
        for name in ("rte_labels.csv", "adult_labels.csv.gz"):
            agree(chosen.data / "crowd" / name)
    sides = ("ours", "theirs") if peer else ("ours",)
    told = {side: alone(side, chosen.judgements, chosen.text) for side in sides}
    for side, (took, peak, before, rounds) in told.items():
        print(
            f"{side:6}: {chosen.judgements:,} judgements, {rounds:.0f} rounds: {took:6.2f} s; "
            f"peak {peak:.0f} MB (with the judgements loaded, before the fit, {before:.0f} MB)"
        )
    if peer:
        (ours, our_peak, *_), (theirs, their_peak, *_) = told["ours"], told["theirs"]
        print(f"{theirs / ours:.1f} times as fast, with {our_peak / their_peak:.0%} of the peak memory")


def alone(side: str, n: int, text: bool) -> list[float]:
    """Measure one side in a process of its own: seconds, peak and earlier peak in MB, rounds."""
    command = [
        sys.executable,
        __file__,
        "--side",
        side,
        "--judgements",
        str(n),
        *(["--text"] if text else []),
    ]
    return list(
        map(float, subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())
    )


def made(n: int, text: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """n judgements of n / 10 items by 1,000 judges of mixed skill, 4 classes."""
    rng = np.random.default_rng(0)
    item = rng.permutation(np.repeat(np.arange(n // 10), 10))
    worker = rng.integers(0, 1000, len(item))
    truth = rng.choice(4, n // 10, p=[0.5, 0.25, 0.15, 0.1])[item]
    right = rng.random(len(item)) < rng.uniform(0.4, 0.9, 1000)[worker]
    label = np.where(right, truth, rng.integers(0, 4, len(item)))
    if text:
        return np.char.mod("w%d", worker), np.char.mod("i%d", item), np.array(list("abcd"))[label]
    return worker, item, label


def measure(side: str, n: int, text: bool) -> None:
    worker, item, label = made(n, text)
    if side == "theirs":
        import pandas as pd
        from crowdkit.aggregation import DawidSkene as Theirs

        frame = pd.DataFrame({"worker": worker, "task": item, "label": label})
        before, started = _peak(), time.perf_counter()
        done = len(Theirs(ITERATIONS, tol=-np.inf).fit(frame).loss_history_)
    else:
        before, started = _peak(), time.perf_counter()
        done = DawidSkene(ITERATIONS, tol=-1, prior_strength=0).fit(worker, item, label).n_iter_
    took = time.perf_counter() - started
    print(took, _peak(), before, done)


def agree(path: Path) -> None:
    """The greatest difference of a posterior between the two after the same number of rounds from the same start."""
    import pandas as pd
    from crowdkit.aggregation import DawidSkene as Theirs

    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        rows = [(row["worker"], row["item"], row["label"]) for row in csv.DictReader(lines)]
    frame = pd.DataFrame(rows, columns=["worker", "task", "label"])
    for rounds in (1, 5, 10, 20, 50):
        theirs = Theirs(rounds, tol=-np.inf).fit(frame)
        ours = DawidSkene(rounds, tol=-1, prior_strength=0).fit(frame.worker, frame.task, frame.label)
        same = theirs.probas_.loc[ours.items_, ours.classes_].to_numpy()
        apart = np.abs(same - ours.posteriors_).max()
        print(f"{path.name}: after {rounds:2} rounds the posteriors differ by at most {apart:.1e}")


def _peak() -> float:
    """The most memory that this process has held, in MB. (ru_maxrss would start from the parent's.)"""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        int(next(line for line in status.read_text().splitlines() if line.startswith("VmHWM")).split()[1])
        / 1024
    )


if __name__ == "__main__":
    main()
