"""Values about challenges without a machine and about pools, as pages, API and CLI see them. Plain and frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from btm.services.views_challenges import LabelView, NeedView


@dataclass(frozen=True, slots=True)
class MissingView:
    """How many more verified examples of a label a first machine needs. `label` is its key."""

    label: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class CollectingView:
    """How a collection stands. `mode` is beat once the first machine plays; `missing` is empty when it can be trained. `submitted`:
    addresses handed in; `checked`: those with a verdict; `task`: the public id of a training under way."""

    slug: str
    mode: str
    needs: tuple[NeedView, ...]
    missing: tuple[MissingView, ...]
    least: int
    submitted: int
    checked: int
    sites: int
    machine: str
    suggested_name: str
    task: str | None = None
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PoolPointView:
    """How good a pool's labels, and a model learned from them, were after so many judgements; 0 to 1, None: not measurable."""

    judgements: int
    pages: int
    label_quality: float | None
    model_quality: float | None
    measured_at: datetime


@dataclass(frozen=True, slots=True)
class PoolView:
    """How an imported pool stands. `waiting`: not put up yet; `given`: labels that came with the pages; of `given_checked` pages with
    a verdict and such labels, they were right about `given_right`; `affordable`: pages that the free budget pays judges for, at
    most `price` points each; `labels`: (key, pages with that verdict)."""

    slug: str
    pages: int
    waiting: int
    open: int
    undecided: int
    decided: int
    labels: tuple[tuple[str, int], ...]
    judgements: int
    given: int
    given_checked: int
    given_right: int
    affordable: int
    price: int
    has_machine: bool
    task: str | None = None
    points: tuple[PoolPointView, ...] = ()


@dataclass(frozen=True, slots=True)
class PoolPageView:
    """A page of the pool. `title`: its own, else the words that it begins with; `state`: waiting, open, undecided or decided; `given`
    and `judged`: (label, how often); `label`: the likeliest, None where two are as likely; `score`: what a label is thought to pay;
    `machine_says`: None without a machine."""

    name: str
    title: str
    host: str
    state: str
    given: tuple[tuple[LabelView, int], ...]
    judged: tuple[tuple[LabelView, int], ...]
    label: LabelView | None
    probability: float
    score: float
    machine_says: LabelView | None


@dataclass(frozen=True, slots=True)
class PoolList:
    """A part of the pool's pages, and where the next begins (None: nowhere)."""

    state: str
    pages: tuple[PoolPageView, ...]
    next_cursor: str | None
