"""What modelers see of scans. Plain, frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ScanCluster:
    """What a scan estimated of a cluster: the share of pages (0 to 1) that are its errors, with a 95% interval. Where nothing was
    `checked`, it is the share of suspects. `weight` is what quotes are multiplied with. Errors that are alone have no `public_id`."""

    public_id: str
    name: str
    share: float
    low: float
    high: float
    suspects: int
    checked: int
    truly: int
    sent: int
    weight: float


@dataclass(frozen=True, slots=True)
class ScanView:
    """A scan. `bad`: (reason, records left out for it), the most common first. `open` pages would be wrong for the machine, were they
    of the target. `sent`: suspects put up for review, of this or an earlier run over the same crawl."""

    public_id: str
    machine: str
    version: str
    sources: tuple[str, ...]
    pages: int
    open: int
    bad: tuple[tuple[str, int], ...]
    clusters: tuple[ScanCluster, ...]
    sent: int
    created_at: datetime
