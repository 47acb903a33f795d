"""A challenge as a modeler writes it down: everything that can be decided about one, whether it is finished or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from btm.rules.settings import ChallengeRules, changes

MODES = ("beat", "collect")


@dataclass(frozen=True, slots=True)
class Label:
    """One answer. `name` is for a button, `statement` for the machine's sentence: "this page is about drugs"."""

    key: str
    name: str = ""
    statement: str = ""
    help: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    text: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Brief:
    """What is sought, in words. `question` is what a verifier is asked about a page."""

    summary: str = ""
    question: str = ""
    counts: tuple[Example, ...] = ()
    counts_not: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """One page of the test before somebody may judge. label: the right answer's key."""

    title: str
    text: str
    label: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Design:
    """A challenge. `cost[true][assigned]` has the order of `labels`; `budget` is what it is funded with, in points, when it goes live
    first; `proportions` are what a challenge that collects asks for by label, equal parts where empty; `machine` names one, with its version or with "" for the newest. An empty `topic` is the challenge's own."""

    slug: str = ""
    topic: str = ""
    title: str = ""
    sought: str = ""
    mode: str = "beat"
    harmful: bool = False
    machine: str = ""
    machine_version: str = ""
    target: str = ""
    proportions: tuple[tuple[str, float], ...] = ()
    labels: tuple[Label, ...] = ()
    cost: tuple[tuple[float, ...], ...] = ()
    budget: int = 0
    brief: Brief = field(default_factory=Brief)
    qualification: tuple[Question, ...] = ()
    rules: ChallengeRules = field(default_factory=ChallengeRules)

    @property
    def label_keys(self) -> tuple[str, ...]:
        return tuple(label.key for label in self.labels)


def plain_design(design: Design) -> dict[str, object]:
    """The design as plain lists and values, in the order of a challenge's file; only those rules that differ from the defaults."""
    labels = [
        {"key": each.key, "name": each.name, "statement": each.statement, "help": each.help}
        for each in design.labels
    ]
    questions = [
        {"title": each.title, "text": each.text, "label": each.label, "why": each.why}
        for each in design.qualification
    ]
    return {
        "slug": design.slug, "topic": design.topic, "title": design.title, "sought": design.sought, "mode": design.mode,
        "machine": design.machine, "machine_version": design.machine_version, "harmful": design.harmful, "target": design.target,
        "labels": labels, "cost": [list(row) for row in design.cost], "proportions": dict(design.proportions), "budget": design.budget,
        "brief": plain_brief(design.brief), "qualification": questions, "rules": changes(design.rules),
    }  # fmt: skip


def plain_brief(brief: Brief) -> dict[str, object]:
    """A brief as plain lists and values."""
    return {
        "summary": brief.summary, "question": brief.question,
        "counts": [{"text": each.text, "why": each.why} for each in brief.counts],
        "counts_not": [{"text": each.text, "why": each.why} for each in brief.counts_not],
    }  # fmt: skip


def even_cost(labels: int) -> tuple[tuple[float, ...], ...]:
    """Every mistake costs the same."""
    return tuple(tuple(float(i != j) for j in range(labels)) for i in range(labels))


def refit_cost(
    cost: Sequence[Sequence[float]], old: Sequence[str], new: Sequence[str]
) -> tuple[tuple[float, ...], ...]:
    """The matrix for other labels: what was said of a pair that is still there is kept, other mistakes cost 1."""
    at = {key: number for number, key in enumerate(old)} if len(cost) == len(old) else {}
    return tuple(
        tuple(
            float(cost[at[true]][at[given]]) if true in at and given in at else float(true != given)
            for given in new
        )
        for true in new
    )
