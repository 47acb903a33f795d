"""What modelers see of judges, gold, agreement and the desk, and what a judge sees of their own record. Plain, frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from btm.services.views_challenges import LabelView
from btm.services.views_review import BlockView


@dataclass(frozen=True, slots=True)
class JudgeView:
    """One judge of a challenge's topic. For modelers only.

    `quality` (1 tells all, 0 tells nothing) with its 95% interval is None for somebody without a labelled judgement; `needed` is how
    many judges like this one reach the specification (None: no number does); `matrix[true][given]` are expected counts in
    the order of the labels; `median_seconds` is None without judgements; `standing` is active or blocked.
    """

    account_id: int
    handle: str
    standing: str
    judgements: int
    withdrawn: int
    cannot: int
    hasty: int
    quality: float | None
    quality_low: float | None
    quality_high: float | None
    needed: int | None
    price: int
    matrix: tuple[tuple[float, ...], ...]
    median_seconds: float | None
    gold_asked: int
    gold_right: int
    earned: int
    since: datetime
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class StandingChangeView:
    """A line of a judge's history: `action` blocked or lifted, `why` gold, collusion or by_hand; `by` is empty for the rules."""

    action: str
    why: str
    note: str
    by: str
    at: datetime
    judgements: int


@dataclass(frozen=True, slots=True)
class PairView:
    """Two judges who agree beyond what their matrices explain, or who share a device (`shares_device`).

    `probability`: of at least so much agreement by chance, after allowing for all pairs; None where they judged too little together.
    """

    a_id: int
    a: str
    b_id: int
    b: str
    together: int
    agreed: int
    expected: float
    probability: float | None
    shares_device: bool


@dataclass(frozen=True, slots=True)
class JudgeListView:
    """A page of a topic's judges. `cursor` leads to the next page, or is None. `totals` are over all judges, also those not shown."""

    slug: str
    topic: str
    labels: tuple[LabelView, ...]
    judges: tuple[JudgeView, ...]
    total: int
    active: int
    blocked: int
    cursor: str | None
    pairs: tuple[PairView, ...]
    fitted_at: datetime | None
    waiting_judgements: int


@dataclass(frozen=True, slots=True)
class PlayerSignView:
    """A player who may hand in pages of their own making. For modelers only, and never a proof.

    `own_pages` and `own_sites` are on registrable domains that nobody else handed in; `score` is from 0 to 1, `reasons` the strongest first;
    `oldest_year` is the earliest year that these pages claim for themselves, None where they say nothing; `examples` are
    (site, submission) of the newest; the submission is empty where it is not public.
    """

    account_id: int
    handle: str
    pages: int
    own_pages: int
    own_sites: int
    score: float
    reasons: tuple[str, ...]
    oldest_year: int | None
    examples: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PlayersView:
    """The players of a challenge whose pages look like their own, the most suspicious first; `looked_at`: how many handed in enough pages
    since `since` for anything to be said."""

    slug: str
    players: tuple[PlayerSignView, ...]
    looked_at: int
    since: datetime


@dataclass(frozen=True, slots=True)
class JudgementLine:
    """One judgement of a judge, for modelers: `truth` is the verdict or the gold label, None while undecided."""

    item_public_id: str
    title: str
    host: str
    given: LabelView | None
    cannot: str
    other: str
    reason: str
    truth: LabelView | None
    is_gold: bool
    is_hasty: bool
    is_withdrawn: bool
    seconds: float
    at: datetime


@dataclass(frozen=True, slots=True)
class JudgeReportView:
    """One judge in full."""

    slug: str
    labels: tuple[LabelView, ...]
    judge: JudgeView
    history: tuple[StandingChangeView, ...]
    pairs: tuple[PairView, ...]
    lines: tuple[JudgementLine, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class AgreementView:
    """How much the judges of a challenge agree, and what a verified page costs.

    `alpha` is Krippendorff's, nominal; `alpha_cost` weighs disagreements by the cost matrix; None where it cannot be told.
    `per_item` counts decided items by how many judgements they took: (judgements, items). Costs are in points.
    """

    alpha: float | None
    alpha_low: float | None
    alpha_high: float | None
    alpha_cost: float | None
    items_judged: int
    items_decided: int
    items_undecided: int
    judgements: int
    gold_judgements: int
    per_item: tuple[tuple[int, int], ...]
    mean_judgements: float | None
    spent_on_judging: int
    cost_per_item: float | None
    points_per_usd: int
    median_hours: float | None
    overturned: int
    appeals: int


@dataclass(frozen=True, slots=True)
class JudgeAnswer:
    """One judge's answer, as the desk shows it side by side with the others'."""

    account_id: int
    handle: str
    label: LabelView | None
    cannot: str
    other: str
    reason: str
    seconds: float
    quality: float | None
    is_hasty: bool
    is_withdrawn: bool
    round: int
    at: datetime


@dataclass(frozen=True, slots=True)
class DeskItem:
    """An item that judges could not decide. `claimed` and `believed` are None for an item that no submission sent; `why` says what
    brought it here: undecided, corrections, appeal, changed. `chances` gives the posterior by label key."""

    public_id: str
    title: str
    host: str
    url: str
    language: str
    blocks: tuple[BlockView, ...]
    origin: str
    claimed: LabelView | None
    believed: LabelView | None
    believed_probability: float | None
    promised: int
    chances: tuple[tuple[LabelView, float], ...]
    answers: tuple[JudgeAnswer, ...]
    why: str
    appeal_reason: str
    opened_at: datetime
    deadline_at: datetime


@dataclass(frozen=True, slots=True)
class DeskView:
    """The desk of a challenge: what waits for a modeler, those with the nearest deadline first, and the one that is open."""

    slug: str
    labels: tuple[LabelView, ...]
    waiting: int
    items: tuple[tuple[str, str, str, datetime], ...]
    """(public id, title, host, deadline) of the first 50."""
    item: DeskItem | None


@dataclass(frozen=True, slots=True)
class GoldView:
    """One gold page. `asked` and `right` are sums over its judgements; `expected` is how many right answers the judges' own
    matrices lead to expect. `revealed`: how many were told the answer after missing it."""

    public_id: str
    title: str
    host: str
    url: str
    truth: LabelView
    why: str
    source: str
    state: str
    retired_why: str
    asked: int
    right: int
    expected: float
    revealed: int
    disputes: int
    created_at: datetime
    retired_at: datetime | None
    item_public_id: str = ""
    """The verified item that it was made from; marking that again makes a retired one active."""


@dataclass(frozen=True, slots=True)
class DisputeView:
    """A judge's word against a gold answer, open or decided."""

    id: int
    gold: GoldView
    given: LabelView | None
    handle: str
    reason: str
    state: str
    answer: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class GoldCandidate:
    """A verified item that may be marked as gold."""

    item_public_id: str
    title: str
    host: str
    truth: LabelView
    probability: float
    judgements: int
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class GoldShelfView:
    """A topic's gold: active first, then retired; `by_label` counts the active ones; open disputes; and what could be marked."""

    slug: str
    labels: tuple[LabelView, ...]
    gold: tuple[GoldView, ...]
    cursor: str | None
    active: int
    retired: int
    by_label: tuple[tuple[LabelView, int], ...]
    disputes: tuple[DisputeView, ...]
    candidates: tuple[GoldCandidate, ...]


@dataclass(frozen=True, slots=True)
class MissedPage:
    """A checked page on which a judge differed: what they said, what it is, and why. `dispute` is "", open, upheld or declined."""

    judgement_id: int
    title: str
    host: str
    blocks: tuple[BlockView, ...]
    given: LabelView | None
    truth: LabelView
    why: str
    dispute: str
    dispute_answer: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OwnRecordView:
    """A judge's own page for one topic: what they did and earned, and what to do better. It holds no score.

    `advice` are codes of btm.rules.standing.advice; `standing` active or blocked, with `blocked_why` and a note from the modeler.
    """

    slug: str
    question: str
    labels: tuple[LabelView, ...]
    standing: str
    blocked_why: str
    blocked_note: str
    judgements: int
    earned: int
    price: int
    full_price: int
    median_seconds: float | None
    advice: tuple[str, ...]
    missed: tuple[MissedPage, ...]
    points_per_usd: int
