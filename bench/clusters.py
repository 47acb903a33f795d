"""Do clusters find the causes? `python -m bench.clusters [--data DIR] [--split test] [--large]`, one core.

Communities that look like a topic and are none are what players find; here each is a cause, and the finds are
their posts that the shipped machine takes for the topic (or all their posts). Nobody tells the clusters how many
causes there are; KMeans is told. Parameters were chosen on the `train` split. `--large` adds 20,000 posts: time.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import sys
import time
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from scipy.sparse import csr_matrix  # noqa: E402

from classifiers.clusters import (  # noqa: E402
    CauseClusters,
    cluster_name,
    distinguishing_terms,
    match_ids,
    place,
    reduced,
)
from classifiers.machine import load_default  # noqa: E402
from classifiers.map2d import layout  # noqa: E402
from classifiers.novelty import vectorise  # noqa: E402
from classifiers.training_data import TOPICS, Example, read_posts  # noqa: E402

SIX = ("Nootropics", "Supplements", "leaves", "pharmacy", "mycology", "marijuanaenthusiasts")
"""The lookalike communities that the drugs machine takes in most."""


class Finds(NamedTuple):
    name: str
    texts: list[str]
    causes: np.ndarray
    rows: csr_matrix

    def some(self, places: np.ndarray) -> Finds:
        return Finds(
            self.name, [self.texts[place] for place in places], self.causes[places], self.rows[places]
        )


def lookalikes(data: Path, split: str) -> list[Example]:
    posts = read_posts(data, lookalikes=True)
    return [each for each in getattr(posts, split) if each.kind.startswith("lookalike-")]


def taken_for(topic: str, examples: list[Example]) -> np.ndarray:
    machine = load_default(topic)
    return machine.predict_proba([each.page for each in examples])[:, machine.classes_.index(topic)] >= 0.5


def mixtures(data: Path, split: str) -> list[Finds]:
    posts = lookalikes(data, split)
    rows = vectorise([each.page for each in posts])
    cause = np.array([each.source for each in posts])
    kind = np.array([each.kind for each in posts])
    texts = [each.page.text for each in posts]
    whole = Finds("all 24 communities", texts, cause, rows)
    drugs = taken_for("drugs", posts)
    any_error = np.zeros(len(posts), bool)
    for topic in TOPICS:
        any_error |= (kind == f"lookalike-{topic}") & taken_for(topic, posts)
    chosen = {
        "6 communities, errors of drugs": np.isin(cause, SIX) & drugs,
        "6 communities, all posts": np.isin(cause, SIX),
        "10 communities, errors of drugs": (kind == "lookalike-drugs") & drugs,
        "10 communities, all posts": kind == "lookalike-drugs",
        "24 communities, errors of four": any_error,
        "24 communities, all posts": np.ones(len(posts), bool),
    }
    return [whole.some(np.flatnonzero(mask))._replace(name=name) for name, mask in chosen.items()]


def sixes(data: Path, split: str, count: int = 20) -> list[Finds]:
    """Random sixes of the ten communities that look like drugs, the errors of each."""
    ten = next(each for each in mixtures(data, split) if each.name.startswith("10 communities, errors"))
    random = np.random.default_rng(0)
    known = np.unique(ten.causes)
    drawn = [random.choice(known, 6, replace=False) for _ in range(count)]
    return [ten.some(np.flatnonzero(np.isin(ten.causes, names))) for names in drawn]


def scores(causes: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Lone finds count as one more cluster in `ami` and `v`; `among` and `purity` are of the others alone."""
    from sklearn.metrics import adjusted_mutual_info_score, v_measure_score

    kept = labels >= 0
    largest = [np.unique(causes[labels == each], return_counts=True)[1].max() for each in set(labels[kept])]
    return {
        "ami": float(adjusted_mutual_info_score(causes, labels)),
        "among": float(adjusted_mutual_info_score(causes[kept], labels[kept])),
        "v": float(v_measure_score(causes, labels)),
        "purity": float(np.sum(largest) / max(1, kept.sum())),
        "lone": float(1 - kept.mean()),
        "clusters": len(largest),
    }


def plain_rows(texts: list[str]) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(stop_words="english", sublinear_tf=True, min_df=2).fit_transform(texts)


def clusterings(finds: Finds) -> dict[str, Any]:
    from sklearn.cluster import DBSCAN, HDBSCAN, KMeans

    told = len(np.unique(finds.causes))
    plain = plain_rows(finds.texts)
    dense = reduced(csr_matrix(plain), 50)
    return {
        "CauseClusters": lambda: CauseClusters().fit_predict(finds.rows),
        "KMeans, TF-IDF, told k": lambda: KMeans(told, n_init=5, random_state=0).fit_predict(plain),
        "KMeans, SVD 50, told k": lambda: KMeans(told, n_init=5, random_state=0).fit_predict(dense),
        "KMeans, our rows, told k": lambda: CauseClusters(
            estimator=KMeans(told, n_init=5, random_state=0)
        ).fit_predict(finds.rows),
        "HDBSCAN, SVD 50": lambda: HDBSCAN(min_cluster_size=5, copy=True).fit_predict(dense),
        "HDBSCAN, our rows": lambda: CauseClusters(
            estimator=HDBSCAN(min_cluster_size=5, copy=True)
        ).fit_predict(finds.rows),
        "DBSCAN, TF-IDF, cosine": lambda: DBSCAN(eps=0.8, min_samples=5, metric="cosine").fit_predict(plain),
    }


def compare(each: Finds) -> None:
    print(f"\n{each.name}: {len(each.texts)} finds of {len(np.unique(each.causes))} communities")
    for name, ask in clusterings(each).items():
        found = scores(each.causes, np.asarray(ask()))
        print(f"  {name:26s} " + "  ".join(f"{key} {value:.3g}" for key, value in found.items()))


def names(finds: Finds) -> None:
    print(f"\nnames: {finds.name}")
    labels = CauseClusters().fit_predict(finds.rows)
    for label, told in named(finds, labels).items():
        causes, number = np.unique(finds.causes[labels == label], return_counts=True)
        print(
            f"  {number.sum():4d} finds, {causes[number.argmax()]:22s} {number.max() / number.sum():.0%}: {told}"
        )


def named(finds: Finds, labels: np.ndarray) -> dict[int, str]:
    texts: dict[int, list[str]] = {}
    for text, label in zip(finds.texts, labels.tolist(), strict=True):
        texts.setdefault(label, []).append(text)
    others = texts.pop(-1, [])
    terms = distinguishing_terms(texts, others=others)
    return {label: cluster_name(terms[label]) for label in sorted(terms)}


def placing(finds: Finds, seeds: int = 5) -> dict[str, float]:
    """80% grouped, 20% placed one by one, against all grouped at once (AMI), and against the communities."""
    from sklearn.metrics import adjusted_mutual_info_score as ami

    whole = CauseClusters().fit_predict(finds.rows)
    found = []
    for seed in range(seeds):
        order = np.random.default_rng(seed).permutation(len(whole))
        old, new = np.split(order, [int(0.8 * len(whole))])
        members = finds.rows[old]
        before = CauseClusters().fit_predict(members)
        joined = np.array([place(finds.rows[int(each)], members, before) for each in new])
        found.append(
            (
                ami(whole[new], joined),
                ami(whole[old], before),
                ami(finds.causes[new], joined),
                ami(finds.causes[new], whole[new]),
            )
        )
    keys = ("placed_like_regrouped", "grouped_like_regrouped", "placed_ami", "regrouped_ami")
    return dict(zip(keys, np.mean(found, axis=0).tolist(), strict=True))


def stability(finds: Finds, seeds: int = 5) -> dict[str, float]:
    """90% grouped, then all: how many finds keep the id that they had, and how many ids live on."""
    kept, lived = [], []
    for seed in range(seeds):
        order = np.random.default_rng(seed).permutation(len(finds.texts))
        old = order[: int(0.9 * len(order))]
        before = dict(zip(old.tolist(), CauseClusters().fit_predict(finds.rows[old]).tolist(), strict=True))
        after = CauseClusters().fit_predict(finds.rows[order])
        labels = dict(zip(order.tolist(), after.tolist(), strict=True))
        ids = match_ids(before, labels, max(before.values()) + 1)
        had = [find for find in before if before[find] >= 0]
        kept.append(np.mean([ids.get(labels[find], -1) == before[find] for find in had]))
        known = {each for each in before.values() if each >= 0}
        lived.append(len(known & set(ids.values())) / len(known))
    return {"finds_keep_id": float(np.mean(kept)), "ids_live_on": float(np.mean(lived))}


def large(data: Path) -> None:
    both = [read_posts(data), read_posts(data, lookalikes=True)]
    whole = [each for posts in both for each in (*posts.train, *posts.test)]
    order = np.random.default_rng(0).permutation(len(whole))[:20_000]
    rows = vectorise([whole[place].page for place in order])
    labels = timed("20,000 posts grouped", lambda: CauseClusters().fit_predict(rows))
    causes = np.array([whole[place].source for place in order])
    found = scores(causes, labels)
    print(
        f"  {len(set(causes))} communities: "
        + "  ".join(f"{key} {value:.3g}" for key, value in found.items())
    )
    points = timed("20,000 posts on the map", lambda: layout(rows, 0))
    old = {place: (float(points[place, 0]), float(points[place, 1])) for place in range(19_900)}
    timed("100 more on the map", lambda: layout(rows, 0, old))
    took = []
    for each in range(100):
        started = time.perf_counter()
        place(rows[each], rows, labels)
        took.append(time.perf_counter() - started)
    print(f"one find placed among 20,000: p95 {np.percentile(took, 95) * 1000:.1f} ms")


def timed(what: str, work: Any) -> Any:
    started, cpu = time.perf_counter(), time.process_time()
    answer = work()
    print(f"{what}: {time.perf_counter() - started:.1f} s ({time.process_time() - cpu:.1f} s of processor)")
    return answer


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    arguments.add_argument("--split", choices=("train", "test"), default="test")
    arguments.add_argument("--large", action="store_true")
    asked = arguments.parse_args()
    warnings.filterwarnings("ignore", category=FutureWarning)
    found = mixtures(asked.data, asked.split)
    for each in found:
        compare(each)
    drawn = [
        scores(six.causes, CauseClusters().fit_predict(six.rows)) for six in sixes(asked.data, asked.split)
    ]
    middle = {key: round(float(np.mean([each[key] for each in drawn])), 3) for key in drawn[0]}
    lowest = min(each["ami"] for each in drawn)
    print(f"\n20 random sixes of the ten, errors of drugs: mean {middle}; lowest ami {lowest:.3f}")
    for each in found[:4]:
        print(f"\n{each.name}\n  placing {placing(each)}\n  ids {stability(each)}")
    names(found[0])
    names(found[3])
    if asked.large:
        print()
        large(asked.data)


if __name__ == "__main__":
    main()
