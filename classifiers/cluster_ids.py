"""Clusters keep their ids when the finds are grouped anew, so that a modeler's name and notes survive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from typing import TypeVar

import numpy as np

Find = TypeVar("Find", bound=Hashable)

LEAST_SHARE = 0.1
"""A new cluster that holds less of an old one than this does not inherit its id."""


def match_ids(old: Mapping[Find, int], new_labels: Mapping[Find, int], next_id: int) -> dict[int, int]:
    """The id of each new label: an old cluster's where the two belong together, else a fresh one from `next_id` up.

    `old` maps finds to the cluster ids that they had, `new_labels` finds to new labels; negative ones are no
    cluster. Each old id goes to one new label at most, such that the sum of squared overlaps (in finds) is the
    largest: so a split leaves the id with the largest part, and a merger has the id of the largest that went
    into it. Fresh ids go to larger clusters first. Raises ValueError where an old id is not below `next_id`.
    """
    size = Counter(label for label in new_labels.values() if label >= 0)
    labels = sorted(size, key=lambda label: (-size[label], label))
    known = sorted({each for each in old.values() if each >= 0})
    if known and known[-1] >= next_id:
        raise ValueError(f"cluster {known[-1]} exists already; next_id is {next_id}")
    inherited = _inherited(old, new_labels, known, labels)
    answer = {}
    for label in labels:
        if label in inherited:
            answer[label] = inherited[label]
        else:
            answer[label] = next_id
            next_id += 1
    return answer


def _inherited(
    old: Mapping[Find, int], new_labels: Mapping[Find, int], known: list[int], labels: list[int]
) -> dict[int, int]:
    from scipy.optimize import linear_sum_assignment

    row = {each: place for place, each in enumerate(known)}
    column = {each: place for place, each in enumerate(labels)}
    overlap = np.zeros((len(known), len(labels)))
    present = np.zeros(len(known))
    for find, label in new_labels.items():
        if old.get(find, -1) >= 0:
            present[row[old[find]]] += 1
            if label >= 0:
                overlap[row[old[find]], column[label]] += 1
    enough = overlap >= np.maximum(LEAST_SHARE * present, 1)[:, None]
    chosen = linear_sum_assignment(np.where(enough, overlap**2, 0.0), maximize=True)
    return {labels[j]: known[i] for i, j in zip(*chosen, strict=True) if enough[i, j]}
