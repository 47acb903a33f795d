"""Measure how good a pool's labels are, and a model learned from them, and keep that as a point of the chart.

The pages that wait are ordered anew by that model. Done twice at the same count of judgements, it is the same as once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np

from btm.rules import repeated_labelling as law
from btm.services.machines import as_page
from btm.services.pool_labels import Known, known_pages
from btm.store import imported
from btm.store.tables_challenges import DbChallenge
from btm.store.transaction import reading, transaction
from classifiers.page import Page

FOLDS = 3
LEAST_OF_A_LABEL, LEAST_CHECKED = 10, 20
MOST_PAGES = 5000
"""Of the pages beyond, which came last, no model is asked."""


def measure_pool(challenge_id: int, *, now: datetime) -> bool:
    """Keep the next point. Returns whether there is a new one.

    Label quality is the mean probability of each page's likeliest label: the share that is right, as far as the jury can tell. Model
    quality is the share of pages with a verdict that a model calls right which was trained on the labels of other pages only
    (3 folds); it takes 20 verdicts, and 10 labelled pages of each label.
    """
    with reading() as session:
        challenge = session.get_one(DbChallenge, challenge_id)
        judgements = imported.count_judgements(session, challenge_id)
        known = [each for batch in known_pages(session, challenge) for each in batch]
        labels = challenge.label_keys
    if not known:
        return False
    beliefs = _out_of_fold(known[:MOST_PAGES], labels)
    right = _right(known, beliefs, labels)
    decided = [each for each in known if each.is_decided]
    values: dict[str, Any] = {
        "challenge_id": challenge_id, "judgements": judgements, "pages": len(known),
        "label_quality": float(np.mean([each.probability for each in known])),
        "model_quality": float(np.mean(right)) if len(right) >= LEAST_CHECKED else None,
        "detail": {"decided": len(decided), "checked": len(right)}, "measured_at": now,
    }  # fmt: skip
    with transaction() as session:
        for each, belief in zip(known, beliefs if beliefs is not None else (), strict=False):
            if each.state == "waiting":
                imported.rank(
                    session,
                    each.row.pool_page.id,
                    law.model_uncertainty(belief),
                    _score(each, belief, labels),
                )
        return imported.add_point(session, values)


def _score(each: Known, belief: Any, labels: Sequence[str]) -> float:
    counts = [each.row.pool_page.given.get(key, 0) for key in labels]
    return law.score(law.LMU, counts, law.model_uncertainty(belief))


def _out_of_fold(known: Sequence[Known], labels: Sequence[str]) -> np.ndarray[Any, Any] | None:
    """What models say of pages whose labels they did not see, shape (n, k); None where there are too few labels to learn from."""
    from classifiers.text import PageClassifier  # scikit-learn: only where something is trained

    counts = Counter(each.label for each in known if each.label)
    if any(counts[label] < LEAST_OF_A_LABEL for label in labels):
        return None
    pages: list[Page] = [as_page(each.row.page) for each in known]
    fold = np.arange(len(known)) % FOLDS
    beliefs = np.full((len(known), len(labels)), 1 / len(labels))
    for out in range(FOLDS):
        learn = [place for place, each in enumerate(known) if each.label and fold[place] != out]
        told = [known[place].label for place in learn]
        if len(set(told)) < len(labels):
            return None
        model = PageClassifier().fit([pages[place] for place in learn], told)
        order = [list(model.classes_).index(label) for label in labels]
        there = np.flatnonzero(fold == out)
        beliefs[there] = model.predict_proba([pages[place] for place in there])[:, order]
    return beliefs


def _right(known: Sequence[Known], beliefs: np.ndarray[Any, Any] | None, labels: Sequence[str]) -> list[bool]:
    if beliefs is None:
        return []
    return [
        labels[int(np.argmax(belief))] == each.label
        for each, belief in zip(known, beliefs, strict=False)
        if each.is_decided
    ]
