"""What is made of verified errors: clusters and the map, what later machines say of them, the control arm, scans and rounds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from btm.store.database import Base, BigId, UtcDateTime
from btm.store.tables_challenges import DbChallenge, DbMachine
from btm.store.tables_play import DbPage, DbSubmission


class DbCluster(Base):
    """Verified errors of one cause: alike pages of one true label that the machine takes for one other label.

    `name` is made of `terms` until a modeler gives one (`named_by`). `state` is new, known, fixed or regressed. `prevalence` is what
    the last scan estimated: {share, low, high, pages}; `weight` is what it feeds to quotes. A cluster that a regrouping left
    without finds is retired and keeps its name and notes.
    """

    __tablename__ = "cluster"
    __table_args__ = (Index("ix_cluster_challenge", "challenge_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    truth: Mapped[str] = mapped_column(String(40))
    assigned: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(120))
    named_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    terms: Mapped[list[str]] = mapped_column(JSON)
    notes: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(10), default="new")
    exemplars: Mapped[list[int]] = mapped_column(JSON)  # submission ids, the most typical first
    prevalence: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    weight: Mapped[float] = mapped_column(default=1.0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DbPlacement(Base):
    """Where a verified error stands: its cluster (None: it is alone) and its place on the map, x and y in 0 to 1."""

    __tablename__ = "placement"
    __table_args__ = (
        Index("ix_placement_challenge", "challenge_id", "submission_id"),
        Index("ix_placement_cluster", "cluster_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), unique=True)
    cluster_id: Mapped[int | None] = mapped_column(ForeignKey("cluster.id"))
    x: Mapped[float]
    y: Mapped[float]
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DbGrouping(Base):
    """The last regrouping of a challenge's finds: `grouped_to` is the last outcome that it knew, `finds` how many there were."""

    __tablename__ = "grouping"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"), unique=True)
    version: Mapped[int] = mapped_column(default=0)
    grouped_to: Mapped[int] = mapped_column(default=0)
    finds: Mapped[int] = mapped_column(default=0)
    grouped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DbReplay(Base):
    """What a later machine version says of a verified error. Written once a version and find."""

    __tablename__ = "replay"
    __table_args__ = (
        Index("uq_replay_find", "machine_id", "submission_id", unique=True),
        Index("ix_replay_submission", "submission_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"))
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    assigned: Mapped[str] = mapped_column(String(40))
    probabilities: Mapped[list[float]] = mapped_column(JSON)  # in the order of the challenge's labels
    is_wrong: Mapped[bool]
    severity: Mapped[float]
    replayed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DbRecheck(Base):
    """A verified error's page fetched again: `state` is same, changed, gone or failed; `similarity` of the texts, 0 to 1."""

    __tablename__ = "recheck"
    __table_args__ = (Index("ix_recheck_submission", "submission_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    state: Mapped[str] = mapped_column(String(10))
    status: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64), default="")
    similarity: Mapped[float | None]
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime)

    submission: Mapped[DbSubmission] = relationship(lazy="raise")


class DbAudit(Base):
    """The control arm: a stratified random inspection of the machine's own output over a pool of pages.

    `strata` holds, for each of the k equal-width bins by expected cost: {low, high, pool, drawn}. `state` is drawing, judging or done.
    """

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_challenge", "challenge_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"))
    data: Mapped[str] = mapped_column(String(200))
    wanted: Mapped[int]
    pool: Mapped[int]
    strata: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    challenge: Mapped[DbChallenge] = relationship(lazy="raise")
    machine: Mapped[DbMachine] = relationship(lazy="joined", innerjoin=True)


class DbAuditPage(Base):
    """One page that an audit drew: its bin, and what the machine said. `weight` is the share of the pool that it stands for.
    Its truth is the verdict of its review item."""

    __tablename__ = "audit_page"
    __table_args__ = (Index("uq_audit_page", "audit_id", "page_id", unique=True),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    audit_id: Mapped[int] = mapped_column(ForeignKey("audit.id"))
    page_id: Mapped[int] = mapped_column(ForeignKey("page.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("review_item.id"), index=True)
    bin: Mapped[int]
    expected_cost: Mapped[float]
    probabilities: Mapped[list[float]] = mapped_column(JSON)
    assigned: Mapped[str] = mapped_column(String(40))
    weight: Mapped[float]

    page: Mapped[DbPage] = relationship(lazy="raise")


class DbScan(Base):
    """A scan of a crawl: what was read, and what it estimates for each cluster. `report` is JSON made by the scan."""

    __tablename__ = "scan"
    __table_args__ = (Index("ix_scan_challenge", "challenge_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"))
    source: Mapped[str] = mapped_column(Text)
    pages: Mapped[int]
    report: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DbPoolPage(Base):
    """A page that nobody submitted: a suspect of a scan, put up for review, or one of a modeler's import.

    `cluster_id` is the cluster that it looked like. Its truth is the verdict of its review item. An imported page (`source` is
    import) has no item until it is put up; `given` counts the labels that came with it, by label, and `name` is its file's word
    for it. Without a machine there are no probabilities, and `assigned` is empty.
    """

    __tablename__ = "pool_page"
    __table_args__ = (
        Index("uq_pool_page", "challenge_id", "page_id", unique=True),
        Index("ix_pool_page_cluster", "cluster_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    page_id: Mapped[int] = mapped_column(ForeignKey("page.id"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("review_item.id"), index=True)
    name: Mapped[str] = mapped_column(String(200), default="", server_default="")
    given: Mapped[dict[str, int]] = mapped_column(JSON, default=dict, server_default="{}")
    model_uncertainty: Mapped[float | None]
    source: Mapped[str] = mapped_column(String(20))
    score: Mapped[float]
    cluster_id: Mapped[int | None] = mapped_column(ForeignKey("cluster.id"))
    probabilities: Mapped[list[float]] = mapped_column(JSON)
    assigned: Mapped[str] = mapped_column(String(40))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)

    page: Mapped[DbPage] = relationship(lazy="raise")


class DbRound(Base):
    """The life of one machine version in a challenge, from its training on.

    `kind` is candidate (trained anew) or correction (a layer over a black box); `state` is training, ready, failed, promoted,
    declined or rolled_back. `report` is what classifiers.promotion made of it. `data`: the base data's key in the snapshot
    store and its name, or empty for a correction.
    """

    __tablename__ = "round"
    __table_args__ = (Index("uq_round_number", "challenge_id", "number", unique=True),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12), default="training")
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    base_machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"))
    candidate_id: Mapped[int | None] = mapped_column(ForeignKey("machine.id"))
    report: Mapped[dict[str, Any]] = mapped_column(JSON)
    message: Mapped[str] = mapped_column(Text, default="")
    started_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rolled_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
