"""How fast are the machines? `python bench/machines.py [--data DIR]`, one core, one run.

Side by side on the same pages: one of our machines, all five sharing one featurisation pass, and plain scikit-learn
pipelines (TfidfVectorizer + LogisticRegression) with the same n-grams: words 1-2, with and without character
4-grams. Then the known-unknowns model at 10,000 and 100,000 judged probes.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from classifiers.features import counts  # noqa: E402
from classifiers.machine import default_names, load, load_default, score_all  # noqa: E402
from classifiers.novelty import KnownUnknowns, vectorise  # noqa: E402
from classifiers.training_data import read_posts, read_web  # noqa: E402


def plain_pipeline(characters: bool) -> object:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    if characters:
        letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(4, 4), sublinear_tf=True, min_df=2)
        return make_pipeline(make_union(words, letters), LogisticRegression(C=10, max_iter=100))
    return make_pipeline(words, LogisticRegression(C=10, max_iter=100))


def one_by_one(ask: Callable[[list[str]], object], pages: Sequence[str]) -> str:
    for page in pages[:20]:
        ask([page])
    took = []
    for page in pages:
        started = time.perf_counter()
        ask([page])
        took.append(time.perf_counter() - started)
    p50, p95, worst = np.percentile(took, [50, 95, 100]) * 1000
    return f"one page p50 {p50:6.2f} ms, p95 {p95:6.2f} ms, worst {worst:6.1f} ms"


def in_batch(ask: Callable[[list[str]], object], pages: Sequence[str], posts: Sequence[str]) -> str:
    rates = []
    for texts in (pages, posts):
        best = min(_seconds(lambda texts=texts: ask(list(texts))) for _ in range(3))
        rates.append(f"{len(texts) / best:8,.0f}")
    return f"batch {rates[0]} pages/s, {rates[1]} posts/s"


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def machines(data: Path) -> None:
    posts = read_posts(data)
    pages = [each.page.text for each in read_web(data).test][:500]
    short = [each.page.text for each in posts.test][:5000]
    train = [each.page.text for each in posts.train]
    labels = [each.label == "drugs" for each in posts.train]
    size = np.percentile([len(page) for page in pages], [5, 50, 95])
    print(f"{len(pages)} real pages of {size[0]:,.0f} to {size[2]:,.0f} characters (median {size[1]:,.0f})")
    for name in default_names():
        print(
            f"loading {name:9s} {_seconds(lambda name=name: load(ROOT / 'classifiers/defaults' / name)) * 1000:5.1f} ms"
        )
    drugs, five = load_default("drugs"), [load_default(name) for name in default_names()]
    asked: dict[str, Callable[[list[str]], object]] = {
        "our drugs machine": drugs.predict_proba,
        "all five, one pass": lambda texts: score_all(five, texts),
        "featurisation alone": lambda texts: counts(texts, drugs.settings),
    }
    for characters in (False, True):
        plain = plain_pipeline(characters).fit(train, labels)  # type: ignore[attr-defined]
        asked["plain, words 1-2" + (" + chars 4" if characters else "")] = plain.predict_proba
    for name, ask in asked.items():
        print(f"{name:28s} {one_by_one(ask, pages)}; {in_batch(ask, pages, short)}")


def novelty(data: Path, sizes: Sequence[int]) -> None:
    posts = read_posts(data)
    rows = vectorise([each.page for each in posts.train])
    asked = [each.page for each in posts.test][:300] + [each.page for each in read_web(data).test][:100]
    random = np.random.default_rng(0)
    for size in sizes:
        model = KnownUnknowns()
        started = time.perf_counter()
        for first in range(0, size, 1000):
            chosen = random.integers(0, rows.shape[0], 1000)
            # Every probe is a different page: repeated posts are given other weights.
            probes = rows[chosen].copy()
            probes.data *= random.uniform(0.7, 1.0, probes.nnz).astype(np.float32)
            model.partial_fit(probes, random.random(1000) < 0.3, ids=range(first, first + 1000))
        filled = time.perf_counter() - started
        add = _seconds(
            lambda model=model: [model.partial_fit([page], [True], ids=[page.text]) for page in asked[:50]]
        )
        for what, ask in (("foreseeable", model.foreseeable), ("neighbours", model.neighbours)):
            print(f"{size:7,} probes: {what:11s} {one_by_one(ask, asked)}")
        print(f"{size:7,} probes: filled in {filled:.1f} s; one more {add / 50 * 1000:.2f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    default = os.environ.get("BTM_TEST_DATA", str(ROOT.parent / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=Path(default))
    parser.add_argument("--probes", type=int, nargs="*", default=[10_000, 100_000])
    options = parser.parse_args()
    machines(options.data)
    novelty(options.data, options.probes)


if __name__ == "__main__":
    main()
