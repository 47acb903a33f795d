"""Challenges and the machines they point at."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from btm.rules.settings import ChallengeRules, rules_from
from btm.store.database import Base, BigId, UtcDateTime


class DbMachine(Base):
    """A machine's version. `kind` says how it is loaded, and `location` from where: default (ships with the product, nowhere else),
    trained ({artifact: key in the snapshot store}), import ({path: "module:attribute"}), remote ({url, timeout, batch, ...}), corrected ({artifact, base: what is to be known of the
    machine below}). `data`: {base, natural}, where what it was trained and measured on is kept."""

    __tablename__ = "machine"
    __table_args__ = (Index("uq_machine_name_version", "name", "version", unique=True),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    version: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    labels: Mapped[list[str]] = mapped_column(JSON)
    card: Mapped[dict[str, Any]] = mapped_column(JSON)
    location: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    created_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


def _own_topic(context: Any) -> str:
    """A challenge that names no topic is its own."""
    return str(context.get_current_parameters()["slug"])


class DbChallenge(Base):
    """One hunt. Challenges of one `topic` share labels and question, and are judged in one queue. `labels` is a list of {key, name, statement, help} in the order of `cost`; `rules` holds only what differs
    from the defaults; `brief` and `qualification` are as in the challenge's file.

    `mode` is beat (played against its machine) or collect (no machine yet: players bring verified examples of each label, in the
    `proportions` asked for; equal parts where it is empty). Only a draft, one archived, and one that collects may be without a machine.

    `state` is draft, live, paused or archived (btm.rules.challenge_states); a draft may lack anything. `revision` counts the edits, so that
    of two who edit at once the second is told. `starting_budget`: points that it is funded with when it goes live first, at `live_at`."""

    __tablename__ = "challenge"
    __table_args__ = (
        CheckConstraint(
            "machine_id IS NOT NULL OR mode = 'collect' OR state IN ('draft', 'archived')", name="has_machine"
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    topic: Mapped[str] = mapped_column(String(80), index=True, default=_own_topic)
    title: Mapped[str] = mapped_column(String(200))
    sought: Mapped[str] = mapped_column(Text)
    mode: Mapped[str] = mapped_column(String(10), default="beat")
    state: Mapped[str] = mapped_column(String(10), default="live")
    is_harmful: Mapped[bool]
    labels: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    target: Mapped[str] = mapped_column(String(40))
    cost: Mapped[list[list[float]]] = mapped_column(JSON)
    brief: Mapped[dict[str, Any]] = mapped_column(JSON)
    qualification: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    rules: Mapped[dict[str, Any]] = mapped_column(JSON)
    proportions: Mapped[dict[str, float]] = mapped_column(JSON, default=dict, server_default="{}")
    machine_id: Mapped[int | None] = mapped_column(ForeignKey("machine.id"))
    starting_budget: Mapped[int] = mapped_column(default=0, server_default="0")
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    live_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    salt: Mapped[str] = mapped_column(String(64))  # for the pseudonyms in exports
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    machine: Mapped[DbMachine | None] = relationship(lazy="joined")

    @property
    def label_keys(self) -> list[str]:
        """The labels' keys, in the order of the cost matrix."""
        return [label["key"] for label in self.labels]

    @property
    def target_index(self) -> int:
        return self.label_keys.index(self.target)

    @property
    def law(self) -> ChallengeRules:
        """The challenge's constants, defaults filled in."""
        return rules_from(self.rules)
