"""Keep what a scan found: how common each cluster is, and what that makes a new find of it worth."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import datetime

import numpy as np

from btm.services.corpus_views import get_corpus
from btm.services.recording import record
from btm.services.scan_views import scan_view
from btm.services.scanning import ALONE, SAMPLE, SUSPECT, Scanned
from btm.services.views_scans import ScanCluster, ScanView
from btm.store import challenges, pool
from btm.store.tables_challenges import DbMachine
from btm.store.tables_corpus import DbScan
from btm.store.transaction import Session, transaction
from classifiers.scan.prevalence import Prevalence, counts_of, estimate, prevalence_weights
from classifiers.scan.summary import Summary


def keep_scan(slug: str, scanned: Scanned, *, asker_id: int | None, now: datetime, new_id: str) -> ScanView:
    """Write the scan with its estimates, and each cluster's prevalence and weight. Quotes that were made keep their weight.

    Verdicts that the fair sample of a cluster's suspects has by now make its estimate one of errors. Raises NotFound, Forbidden.
    """
    with transaction() as session:
        challenge = get_corpus(session, slug, asker_id)
        challenges.lock_challenge(session, challenge.id)
        names = pool.names(session, challenge.id)
        estimates = _estimates(session, challenge.id, scanned.summary)
        weights = prevalence_weights(each for each in estimates if each.cluster in names)
        for each in estimates:
            if each.cluster in names:
                kept = {
                    "share": each.share, "low": each.low, "high": each.high, "pages": scanned.summary.pages,
                    "verified": each.verified,
                }  # fmt: skip
                pool.write_prevalence(session, challenge.id, each.cluster, kept, weights[each.cluster])
        sent = _sent(session, challenge.id)
        clusters = [_cluster(each, names, weights, sent) for each in estimates]
        row = DbScan(
            public_id=new_id, challenge_id=challenge.id, machine_id=scanned.machine_id,
            source="\n".join(scanned.sources), pages=scanned.summary.pages, created_at=now,
            report={
                "open": scanned.summary.open, "bad": scanned.summary.bad.most_common(),
                "clusters": [asdict(each) for each in clusters], "sent": sum(sent.values()),
            },
        )  # fmt: skip
        session.add(row)
        session.flush()
        record(session, challenge, "keep_scan", asker_id, now, scan=new_id, pages=row.pages)
        return scan_view(row, session.get_one(DbMachine, row.machine_id))


def _estimates(session: Session, challenge_id: int, summary: Summary) -> list[Prevalence]:
    """Most common first. Verdicts on the likeliest errors do not count: those flatter their cluster."""
    told = pool.verdicts(session, challenge_id, SAMPLE)
    verified = {}
    for name in summary.samples:
        known = [told[each.url, name] for each in summary.sample(name) if (each.url, name) in told]
        if known:
            verified[name] = (len(known), sum(known))
    return estimate(counts_of(summary), verified, np.random.default_rng(0))


def _sent(session: Session, challenge_id: int) -> Counter[str]:
    """How many suspects of each cluster scans have put up for review."""
    return Counter(pool.sent_by(session, challenge_id, (SAMPLE, SUSPECT)))


def _cluster(
    found: Prevalence, names: dict[str, str], weights: dict[str, float], sent: Counter[str]
) -> ScanCluster:
    public_id = "" if found.cluster == ALONE else found.cluster
    return ScanCluster(
        public_id=public_id,
        name=names.get(public_id, "Errors that are alone" if not public_id else "A cluster that is no more"),
        share=found.share,
        low=found.low,
        high=found.high,
        suspects=found.suspects,
        checked=found.checked,
        truly=found.truly,
        sent=sent[public_id],
        weight=weights.get(public_id, 1.0),
    )
