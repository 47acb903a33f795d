"""Near-duplicate signatures."""

from __future__ import annotations

import csv
import gzip
import hashlib
import random
import subprocess
import sys
import time

import pytest

from btm.pages.signature import BANDS, bands, signature, similarity

from .support import data_file

GOLDEN = "45613a842876285e609ed151281eeb6a"
WORDS = [f"word{number}" for number in range(4000)]


def text(seed: int, count: int = 600) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=count))


def changed(original: str, share: float, seed: int) -> str:
    rng, words = random.Random(seed), original.split()
    for place in rng.sample(range(len(words)), max(1, round(share * len(words)))):
        words[place] = f"changed{rng.randrange(10_000)}"
    return " ".join(words)


def recall(texts: list[str]) -> float:
    found = 0
    for number, original in enumerate(texts):
        a, b = signature(original), signature(changed(original, 0.03, number))
        found += bool(set(bands(a)) & set(bands(b))) and similarity(a, b) > 0.6
    return found / len(texts)


def test_a_text_with_three_words_in_a_hundred_changed_is_found_again():
    assert recall([text(seed) for seed in range(200)]) >= 0.99


def test_unrelated_texts_share_no_band():
    seen = [set(bands(signature(text(seed)))) for seed in range(120)]
    assert sum(bool(a & b) for i, a in enumerate(seen) for b in seen[:i]) <= 2


def test_the_signature_is_the_same_in_every_process():
    code = f"import hashlib; from btm.pages.signature import *; s = signature({text(1)!r}); print(hashlib.sha256(s).hexdigest(), bands(s)[0])"
    runs = {
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    }
    ours = signature(text(1))
    assert runs == {f"{hashlib.sha256(ours).hexdigest()} {bands(ours)[0]}\n"}
    # A stored signature must stay comparable: when this changes, all stored ones must be made anew.
    assert signature("the boats came home").hex()[:32] == GOLDEN


def test_case_space_and_punctuation_do_not_matter():
    assert signature("The boats,  came\nhome!") == signature("the boats came home")


@pytest.mark.parametrize("short", ["boats", "two boats", "\u65e5\u672c\u8a9e\u306e\u6587\u7ae0"])
def test_short_and_unspaced_texts_have_sensible_signatures(short):
    assert similarity(signature(short), signature(short)) == 1.0
    assert similarity(signature(short), signature("something quite different")) < 0.2


def test_a_text_without_words_is_like_nothing():
    assert signature(" ...!") == b""
    assert bands(b"") == []
    assert similarity(b"", b"") == 0.0
    assert similarity(b"", signature("boats")) == 0.0


def test_bands_fit_a_signed_column_and_differ_by_place():
    made = bands(signature(text(3)))
    assert len(made) == len(set(made)) == BANDS
    assert all(-(2**63) <= band < 2**63 for band in made)


def test_ten_kilobytes_take_milliseconds():
    long = text(5, 1300)
    signature(long)
    started = time.perf_counter()
    for _ in range(20):
        signature(long)
    assert (time.perf_counter() - started) / 20 < 0.03  # typically .004; the bound allows for a busy machine


def test_real_pages_are_found_again_and_do_not_collide():
    csv.field_size_limit(10**8)
    with gzip.open(data_file("pages", "texts.csv.gz"), "rt", encoding="utf-8") as file:
        texts = [row["text"] for row in csv.DictReader(file)][:400]
    texts = [t for t in dict.fromkeys(texts) if len(t.split()) >= 60]
    assert recall(texts) >= 0.99
    signatures = [signature(t) for t in texts]
    seen = [set(bands(s)) for s in signatures]
    pairs = [(i, j) for i in range(len(seen)) for j in range(i) if seen[i] & seen[j]]
    unlike = [pair for pair in pairs if similarity(signatures[pair[0]], signatures[pair[1]]) < 0.3]
    assert len(unlike) < 0.001 * len(seen) * (len(seen) - 1) / 2
