"""What a challenge still lacks before it can go live: facts in, a list of what is missing out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from btm.rules.design import Design
from btm.rules.money import whole_price

STEPS = ("brief", "labels", "cost", "money", "rules", "test", "machine", "preview")
"""The steps in which a challenge is written."""
GOOD_EXAMPLES, GOOD_QUESTIONS = 3, 5


@dataclass(frozen=True, slots=True)
class Facts:
    """What the design alone does not say. machine_labels: of the machine chosen, None where there is none. free_budget: points that
    are there already. is_started: whether the starting budget is among them. topic_labels: the labels under which the topic is judged already, None where it is not. topic_mates: the
    other challenges of the topic."""

    machine_labels: tuple[str, ...] | None = None
    free_budget: int = 0
    is_started: bool = False
    topic_labels: tuple[str, ...] | None = None
    topic_mates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that is missing: in which step, at which field, and what to do. Where it is not a must, it is advice."""

    step: str
    field: str
    sentence: str
    is_must: bool = True


def what_is_missing(design: Design, facts: Facts) -> tuple[Missing, ...]:
    """All that is missing, in the order of the steps. A challenge goes live once nothing of it is a must."""
    return (
        *_brief(design),
        *_labels(design, facts),
        *_cost(design),
        *_money(design, facts),
        *_test(design),
        *_machine(design, facts),
    )


def must(found: Sequence[Missing]) -> tuple[Missing, ...]:
    """Those without which a challenge cannot go live."""
    return tuple(each for each in found if each.is_must)


def _brief(design: Design) -> Iterator[Missing]:
    brief = design.brief
    for field, value, sentence in (
        ("title", design.title, "Give the challenge a title."),
        ("sought", design.sought, "Say in a sentence which pages are sought."),
        ("brief.summary", brief.summary, "Tell players what the machine does and what to look for."),
        ("brief.question", brief.question, "Write the question that judges answer about a page."),
    ):
        if not value:
            yield Missing("brief", field, sentence)
        elif "…" in value:
            yield Missing(
                "brief", field, "Put your own topic where the starting point says “…”.", is_must=False
            )
    for field, examples, word in (
        ("brief.counts", brief.counts, "counts"),
        ("brief.counts_not", brief.counts_not, "does not count, though it is close"),
    ):
        if not examples:
            yield Missing("brief", field, f"Give at least one example of what {word}.")
        elif len(examples) < GOOD_EXAMPLES:
            yield Missing(
                "brief", field, f"Three examples or more of what {word} make judges agree.", is_must=False
            )


def _labels(design: Design, facts: Facts) -> Iterator[Missing]:
    if len(design.labels) < 2:
        yield Missing(
            "labels", "labels", "Name at least two labels: what is sought, and what it is taken for."
        )
        return
    for number, label in enumerate(design.labels):
        if not label.name:
            yield Missing(
                "labels", f"labels.{number}.name", f"Name the answer {label.key}, for the judge's button."
            )
        if not label.statement:
            yield Missing(
                "labels",
                f"labels.{number}.statement",
                f"Say what the machine says of a page that is {label.key}.",
            )
    names = [label.name.casefold() for label in design.labels if label.name]
    if len(set(names)) < len(names):
        yield Missing(
            "labels", "labels", "Two labels have the same name, so judges could not tell them apart."
        )
    if not design.target:
        yield Missing("labels", "target", "Choose the target: what the pages sought truly are.")
    if facts.topic_labels is not None and set(facts.topic_labels) != set(design.label_keys):
        yield Missing(
            "labels",
            "topic",
            f"The topic {design.topic} is judged with the labels {', '.join(facts.topic_labels)}. Use the same labels, or another topic.",
        )


def _cost(design: Design) -> Iterator[Missing]:
    if design.target and len(design.cost) == len(design.labels):
        row = design.cost[design.label_keys.index(design.target)]
        if not any(row):
            yield Missing(
                "cost",
                f"cost.{design.label_keys.index(design.target)}",
                f"To take {design.target} for something else costs nothing, so no find would pay. Give it a cost.",
            )


def _money(design: Design, facts: Facts) -> Iterator[Missing]:
    there = facts.free_budget + (0 if facts.is_started else design.budget)
    needed = whole_price(design.rules.max_bonus, design.rules)
    if there < needed:
        yield Missing(
            "money",
            "budget",
            f"The budget is {there:,} points; one find with its judges can cost {needed:,}. Fund it with that much at least.",
        )


def _test(design: Design) -> Iterator[Missing]:
    asked = {question.label for question in design.qualification}
    for number, question in enumerate(design.qualification):
        if not question.label:
            yield Missing(
                "test",
                f"qualification.{number}.label",
                f"Say which answer is right for question {number + 1}.",
            )
    for label in design.labels:
        if label.key not in asked:
            yield Missing(
                "test",
                "qualification",
                f"Add a question to the test whose right answer is {label.name or label.key}.",
            )
    if 0 < len(design.qualification) < GOOD_QUESTIONS:
        yield Missing("test", "qualification", "Five questions or more keep guessers out.", is_must=False)


def _machine(design: Design, facts: Facts) -> Iterator[Missing]:
    labels = facts.machine_labels
    if labels is None:
        if design.mode == "beat":
            yield Missing(
                "machine",
                "machine",
                "Choose a machine, train one or register one; or collect examples first.",
            )
    elif set(labels) != set(design.label_keys):
        yield Missing(
            "machine",
            "machine",
            f"The machine {design.machine} knows the labels {', '.join(sorted(labels))}, and the challenge has "
            f"{', '.join(design.label_keys)}. They must be the same.",
        )
