"""Rebuild the shipped machines: `python -m classifiers.train_defaults --data DIR --out classifiers/defaults`."""

from __future__ import annotations

import argparse
import csv
import gzip
import sys
from pathlib import Path

import numpy as np

from classifiers.artifact import write_artifact
from classifiers.features import counts
from classifiers.novelty import SETTINGS, tfidf_rows
from classifiers.text import PageClassifier


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    csv.field_size_limit(sys.maxsize)
    with gzip.open(options.data / "posts/posts.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        posts = [row for row in csv.DictReader(stream) if row["split"] == "train" and row["kind"][:4] != "look"]
    with gzip.open(options.data / "pages/texts.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        web = [row["text"] for i, row in enumerate(csv.DictReader(stream)) if i % 2]
    texts = [row["text"] for row in posts] + web
    matrix = counts(texts, SETTINGS)
    frequency = np.bincount(matrix.indices, minlength=SETTINGS.columns)
    idf = np.log((1 + len(texts)) / (1 + frequency)).astype(np.float16).astype(np.float32)
    mean = np.asarray(tfidf_rows(counts(texts[: len(posts)], SETTINGS), idf).mean(axis=0)).ravel()
    arrays = {"idf": idf.astype(np.float16), "mean": mean.astype(np.float16)}
    write_artifact(options.out / "background", {"kind": "background-1"}, arrays, {})
    for topic in ("drugs", "alcohol"):
        labels = [topic if row["label"] == topic else "none" for row in posts] + ["none"] * len(web)
        card = {"name": topic, "data": "forum posts (PDDL 1.0), real web pages (CC BY 4.0)"}
        PageClassifier().fit(texts, labels).save(options.out / topic, name=topic, card=card)
        print(topic)


if __name__ == "__main__":
    main()
