"""What a scan hands on to those who keep it and put its suspects up. Shared by the services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from btm.services.unsubmitted import Found
from classifiers.scan.summary import Summary

ALONE = "-"
"""The name, within a scan, of errors that belong to no cluster. No public id is like it."""
SAMPLE, SUSPECT = "scan-sample", "scan"
"""Where pages of the pool came from: a fair sample of a cluster's suspects, or the likeliest errors."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a scan found. `failed`: parts of the crawl that are missing, and why."""

    slug: str
    sources: tuple[str, ...]
    machine_id: int
    summary: Summary
    failed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A page for the pool. `score`, 0 to 1: how much finding out is worth. `cluster`: public id of the one that it looks like."""

    found: Found
    score: float
    cluster: str = ""
