"""What modelers see of the corpus: the map, clusters, the control arm beside the players, rounds. Plain, frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from btm.services.views_challenges import LabelView
from btm.services.views_corpus import FindView


@dataclass(frozen=True, slots=True)
class ShareView:
    """A share (0 to 1) with its 95% interval, and of how many it is the share; None where there are none."""

    value: float | None
    low: float | None
    high: float | None
    count: int
    total: int


@dataclass(frozen=True, slots=True)
class ClusterCard:
    """A cluster at a glance. `severity` is the mean; `bands` counts finds by severity (0-250, 250-500, 500-750, 750-1000 of 1000);
    `open_share`: how many of its finds the machine that plays now still gets wrong; `is_active`: found within the last 14 days.
    `common` is how common such pages are in scanned traffic, None before a scan; `weight` is what quotes are multiplied with."""

    public_id: str
    name: str
    is_named: bool
    terms: tuple[str, ...]
    truth: LabelView
    assigned: LabelView
    size: int
    finders: int
    severity: float
    bands: tuple[int, int, int, int]
    state: str
    first_at: datetime
    last_at: datetime
    is_active: bool
    open_share: float | None
    common: ShareView | None
    weight: float


@dataclass(frozen=True, slots=True)
class MapPoint:
    """A find on the map, x and y from 0 to 1. `cluster` is a public id, or empty for a lone find."""

    public_id: str
    x: float
    y: float
    cluster: str
    severity: float
    state: str
    title: str
    host: str


@dataclass(frozen=True, slots=True)
class MapView:
    """The map of a challenge's finds. `waiting`: found since the last grouping, and placed near their like for now."""

    slug: str
    title: str
    points: tuple[MapPoint, ...]
    clusters: tuple[ClusterCard, ...]
    lone: int
    total: int
    waiting: int
    grouped_at: datetime | None


@dataclass(frozen=True, slots=True)
class VersionStatus:
    """How a cluster's finds fare with one machine version: `wrong` of `total` are still errors."""

    machine: str
    version: str
    wrong: int
    total: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ClusterView:
    """A cluster's page, which reads like a short report. Sites and languages: (name, finds), the most common first. `rechecks`: how
    the page of a find shown here was when it was last fetched again (same, changed, gone or failed), by the find's public id."""

    slug: str
    title: str
    card: ClusterCard
    notes: str
    exemplars: tuple[FindView, ...]
    finds: tuple[FindView, ...]
    cursor: str | None
    sites: tuple[tuple[str, int], ...]
    languages: tuple[tuple[str, int], ...]
    versions: tuple[VersionStatus, ...]
    per_week: tuple[tuple[datetime, int], ...]
    changed: int
    gone: int
    rechecks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QuadrantsView:
    """Verified pages by whether the machine was sure (at least .75) and right. Errors it was sure of were unknown unknowns."""

    sure_right: int
    unsure_right: int
    unsure_wrong: int
    sure_wrong: int


@dataclass(frozen=True, slots=True)
class ArmView:
    """One way of looking for errors: players, or inspection. `errors` and `severe` are shares of pages looked at; `bands` are
    shares of the errors by severity."""

    name: str
    pages: int
    errors: ShareView
    severe: ShareView
    bands: tuple[float, float, float, float]
    points_per_error: float | None


@dataclass(frozen=True, slots=True)
class CorpusView:
    """The corpus of a challenge: what was found, against inspection, and over time. `weeks`: (start, probes, errors)."""

    slug: str
    title: str
    errors: int
    probes: int
    clusters: tuple[ClusterCard, ...]
    players: ArmView
    inspection: ArmView | None
    sentence: str
    quadrants: QuadrantsView
    weeks: tuple[tuple[datetime, int, int], ...]
    changed_pages: int


@dataclass(frozen=True, slots=True)
class AuditView:
    """An inspection: how far it is, and what it says of the whole pool (weighted by stratum)."""

    public_id: str
    machine: str
    version: str
    data: str
    state: str
    pool: int
    wanted: int
    judged: int
    strata: tuple[tuple[float, float, int, int, int, int], ...]
    """(low, high, pool, drawn, judged, errors) of each bin by expected cost."""
    errors: ShareView
    severe: ShareView
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RoundSet:
    """One held-out set of a round: measures before and after, with the 95% interval of the difference."""

    key: str
    name: str
    pages: int
    figures: tuple[tuple[str, float | None, float | None, float | None, float | None], ...]
    """(measure, before, after, low, high): low and high bound the difference."""


@dataclass(frozen=True, slots=True)
class RoundCluster:
    """A cluster before and after: shares of its held-out finds that are errors. `status`: fixed, better, same or worse."""

    public_id: str
    name: str
    size: int
    before: float
    after: float
    status: str


@dataclass(frozen=True, slots=True)
class RoundView:
    """A round: its state, its report and the plain recommendation with its reasons."""

    public_id: str
    number: int
    kind: str
    state: str
    base: str
    candidate: str
    message: str
    progress: float | None
    recommendation: str
    reasons: tuple[str, ...]
    sets: tuple[RoundSet, ...]
    clusters: tuple[RoundCluster, ...]
    closed: int
    regressed: int
    started_at: datetime
    finished_at: datetime | None
    decided_at: datetime | None
    may_promote: bool
    may_roll_back: bool
