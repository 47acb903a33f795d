"""How well can a machine be copied through what a player is shown? `python bench/oracle.py [--data DIR] [--machine drugs]`, one core.

A thief hands pages in, reads what the offer says, takes no offer, and trains a model of their own on the answers. They know the product,
and so the features that its machines use; of the machine itself they know what they are shown:

    exact     the probability itself
    percents  whole percents, where a page is quoted; where it is refused, that it was
    both      whole percents of every page, where two challenges seek the opposite errors of one machine: a page that one of them
              refuses is quoted by the other, for one probe more
    points    what the offer would pay for a wholly new find, which is finer than a percent where the machine is sure; refused as above
    tenths    bands of a tenth; refused as above
    halves    only which label the machine holds to be likelier
    truth     nothing of the machine: the pages' true labels instead, which somebody has to find out. For comparison

A copy is ridge regression of the log odds on the features (for labels alone: of +-2), over the pages of the train split, a different draw
for each seed. It is held against the machine on the test split: on how many pages both say the same, how far their probabilities are apart
(mean), and how much worse the copy tells the true labels apart (AUC). `days`: days of one account under the limits as they come.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import Ridge

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from btm.rules.scoring import bonus  # noqa: E402
from btm.rules.settings import ChallengeRules  # noqa: E402
from classifiers.evaluate import auc  # noqa: E402
from classifiers.features import FeatureSettings, counts, weigh  # noqa: E402

Floats = NDArray[np.float64]
RULES = ChallengeRules()
REFUSED_BELOW = math.sqrt(RULES.min_quote / RULES.max_bonus)
"""A page about which the machine would be less wrong than this is refused, and no figure is shown."""
A_DAY, A_MINUTE = 3000, 120
"""BTM_LIMIT_PROBE as it comes: pages handed in by one account."""
PROBES = (100, 500, 2000, 10_000)
EDGE = 0.003


def exact(p: Floats) -> Floats:
    return p


def percents(p: Floats) -> Floats:
    """p: of the label that pages of the challenge are taken for. A player reads a percent from 1 to 99."""
    return _unless_refused(p, np.clip(np.round(p, 2), 0.01, 0.99))


def both(p: Floats) -> Floats:
    return np.clip(np.round(p, 2), 0.01, 0.99)


def points(p: Floats) -> Floats:
    paid = np.array(
        [bonus(float(each), 1.0, max_bonus=RULES.max_bonus, sharpness=RULES.sharpness) for each in p]
    )
    return _unless_refused(p, (paid / RULES.max_bonus) ** (1 / RULES.sharpness))


def tenths(p: Floats) -> Floats:
    return _unless_refused(p, np.clip(np.floor(p * 10), 0, 9) / 10 + 0.05)


def halves(p: Floats) -> Floats:
    return np.where(p > 0.5, 0.88, 0.12)


def _unless_refused(p: Floats, shown: Floats) -> Floats:
    return np.where(p < REFUSED_BELOW, REFUSED_BELOW / 2, shown)


SHOWN: dict[str, Callable[[Floats], Floats]] = {
    "exact": exact,
    "percents": percents,
    "both": both,
    "points": points,
    "tenths": tenths,
    "halves": halves,
}


def copy_machine(features: csr_matrix, shown: Floats, strength: float = 1.0) -> Ridge:
    """A model of the log odds of what was shown, shape (n,), on the pages' features, shape (n, columns)."""
    clipped = np.clip(shown, EDGE, 1 - EDGE)
    return Ridge(alpha=strength, solver="sparse_cg", tol=1e-4).fit(features, np.log(clipped / (1 - clipped)))


def ask_copy(copy: Ridge, features: csr_matrix) -> Floats:
    """The copy's probabilities, shape (n,)."""
    return np.asarray(1 / (1 + np.exp(-np.clip(copy.predict(features), -30, 30))))


def compare(original: Floats, copied: Floats, truth: NDArray[np.bool_]) -> tuple[float, float, float]:
    """On how many pages both say the same, how far apart they are, and by how much the copy's AUC is lower. All shapes (n,).

    truth: whether a page is of the label whose probability it is.
    """
    same = float(np.mean((original > 0.5) == (copied > 0.5)))
    return same, float(np.mean(np.abs(original - copied))), auc(truth, original) - auc(truth, copied)


def account_days(probes: int) -> float:
    return probes / A_DAY


def feature_space(pages: Sequence[object]) -> Callable[[Sequence[object]], csr_matrix]:
    """The product's features, weighed by how rare they are among some pages that the thief has."""
    settings = FeatureSettings()
    matrix = counts(pages, settings)  # type: ignore[arg-type]
    seen = np.bincount(matrix.indices, minlength=settings.columns)
    idf = np.where(seen, np.log((1 + matrix.shape[0]) / (1 + seen)) + 1, 0).astype(np.float32)

    def features(some: Sequence[object]) -> csr_matrix:
        found = counts(some, settings)  # type: ignore[arg-type]
        values, _ = weigh(found, idf, settings)
        return csr_matrix((values, found.indices, found.indptr), shape=found.shape)

    return features


def steal(data: Path, name: str, seeds: int, most: int) -> None:
    from classifiers.machine import load_default
    from classifiers.training_data import read_hate, read_posts

    machine = load_default(name)
    split = read_hate(data) if name == "hate" else read_posts(data)
    column = 1 - machine.classes_.index(
        name
    )  # the challenge seeks pages of `name` that are taken for anything else
    pool, test = split.train, split.test

    def belief(examples: Sequence[object]) -> Floats:
        return np.asarray(machine.predict_proba([each.page for each in examples])[:, column])  # type: ignore[attr-defined]

    features = feature_space([each.page for each in pool])
    asked, answers = features([each.page for each in pool]), belief(pool)
    held_out, original = features([each.page for each in test]), belief(test)
    truth = np.array([each.label != name for each in test])
    labels = np.array([0.88 if each.label != name else 0.12 for each in pool])
    print(
        f"{name}: {len(pool):,} pages to probe with, {len(test):,} held out; AUC of the machine {auc(truth, original):.3f}"
    )
    print(
        f"always the commoner answer agrees on {max(np.mean(original > 0.5), np.mean(original <= 0.5)):.1%}"
    )
    for probes in [each for each in PROBES if each <= min(most, len(pool))]:
        print(
            f"\n{probes:,} probes: {account_days(probes):.2f} days of one account, {probes / A_MINUTE:,.0f} minutes at least"
        )
        for kind in (*SHOWN, "truth"):
            found = []
            for seed in range(seeds):
                drawn = np.random.default_rng(seed).permutation(len(pool))[:probes]
                told = labels[drawn] if kind == "truth" else SHOWN[kind](answers[drawn])
                found.append(compare(original, ask_copy(copy_machine(asked[drawn], told), held_out), truth))
            same, apart, gap = np.mean(found, axis=0)
            print(f"  {kind:9s} agrees {same:6.1%}   apart {apart:.3f}   AUC lower by {gap:+.3f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--machine", default="drugs")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--most", type=int, default=10_000, help="no more probes than this")
    given = parser.parse_args()
    steal(given.data, given.machine, given.seeds, given.most)


if __name__ == "__main__":
    main()
