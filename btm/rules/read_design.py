"""Plain values to a Design. What is missing is left empty (a draft may be half done); what is there must make sense."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from btm.rules import reading_plain as read
from btm.rules.collecting import check_proportions
from btm.rules.design import MODES, Brief, Design, Example, Label, Question, even_cost
from btm.rules.errors import Invalid
from btm.rules.reading_plain import joined, refuse
from btm.rules.settings import ChallengeRules, rules_from

PARTS = (
    "slug", "topic", "title", "sought", "mode", "machine", "machine_version", "harmful", "target", "labels", "cost", "proportions", "budget",
    "brief", "qualification", "rules",
)  # fmt: skip
"""What a challenge's file may say, in its order."""
MOST_LABELS, MOST_EXAMPLES, MOST_QUESTIONS = 12, 30, 50
MOST_COST, MOST_BUDGET = 1_000_000, 1_000_000_000_000
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def read_design(plain: object) -> Design:
    """Raises Invalid, whose field is the place: `labels.0.key`."""
    values = read.mapping(plain, "", PARTS, "a challenge")
    labels = _labels(values.get("labels"))
    return Design(
        slug=read_slug(values.get("slug"), "slug"),
        topic=read_slug(values.get("topic"), "topic"),
        title=read.text(values.get("title"), "title", 200),
        sought=read.text(values.get("sought"), "sought", 500),
        mode=read.one_of(values.get("mode", "beat"), "mode", MODES),
        harmful=read.yes_or_no(values.get("harmful", False), "harmful"),
        machine=read.text(values.get("machine"), "machine", 80),
        machine_version=read.text(values.get("machine_version"), "machine_version", 40),
        target=_target(values.get("target"), labels),
        labels=labels,
        cost=_cost(values.get("cost"), len(labels)),
        proportions=_proportions(values.get("proportions"), labels),
        budget=read.whole(values.get("budget", 0), "budget", 0, MOST_BUDGET),
        brief=_brief(values.get("brief")),
        qualification=_questions(values.get("qualification"), labels),
        rules=_rules(values.get("rules")),
    )


def read_slug(value: object, path: str) -> str:
    """A name for an address, such as `hate-2`, or "" where none is given."""
    slug = read.text(value, path, 60)
    if slug and not _SLUG.fullmatch(slug):
        refuse(
            f"{slug!r} is no name for an address: small letters, digits and hyphens, such as hate-2.", path
        )
    return slug


def slug_from(title: str) -> str:
    """A name for an address from a title; "challenge" where nothing of it can be used."""
    words = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    return words[:50].strip("-") or "challenge"


def _labels(value: object) -> tuple[Label, ...]:
    labels: list[Label] = []
    for number, each in enumerate(read.sequence(value, "labels", MOST_LABELS, "The list of labels")):
        path = joined("labels", number)
        row = read.mapping(each, path, ("key", "name", "statement", "help"), "a label")
        key = read.text(row.get("key"), joined(path, "key"), 40)
        if not _KEY.fullmatch(key):
            refuse(
                f"{key!r} is no key for a label: small letters, digits, _ and -, such as none.",
                joined(path, "key"),
            )
        if key in {label.key for label in labels}:
            refuse(f"There are two labels with the key {key}. Rename one.", joined(path, "key"))
        labels.append(
            Label(
                key=key,
                name=read.text(row.get("name"), joined(path, "name"), 60),
                statement=read.text(row.get("statement"), joined(path, "statement"), 200),
                help=read.text(row.get("help"), joined(path, "help"), 500),
            )
        )
    return tuple(labels)


def _target(value: object, labels: tuple[Label, ...]) -> str:
    target = read.text(value, "target", 40)
    keys = [label.key for label in labels]
    if target and target not in keys:
        refuse(
            f"The target {target!r} is none of the labels: {', '.join(keys) or 'there are none'}.", "target"
        )
    return target


def _cost(value: object, labels: int) -> tuple[tuple[float, ...], ...]:
    if not value:
        return even_cost(labels)
    rows = read.sequence(value, "cost", MOST_LABELS, "The cost matrix")
    if len(rows) != labels:
        refuse(f"The cost matrix has {len(rows)} rows for {labels} labels. Give one a label.", "cost")
    matrix = []
    for i, row in enumerate(rows):
        path = joined("cost", i)
        cells = read.sequence(row, path, MOST_LABELS, "A row of the cost matrix")
        if len(cells) != labels:
            refuse(f"This row has {len(cells)} numbers for {labels} labels. Give one a label.", path)
        matrix.append(tuple(read.number(cell, joined(path, j), MOST_COST) for j, cell in enumerate(cells)))
        if matrix[-1][i] != 0:
            refuse("To be right costs nothing: write 0 here.", joined(path, i))
    return tuple(matrix)


def _proportions(value: object, labels: tuple[Label, ...]) -> tuple[tuple[str, float], ...]:
    keys = [label.key for label in labels]
    asked = read.mapping(value if value is not None else {}, "proportions", keys, "the proportions")
    return tuple(check_proportions(keys, asked).items())


def _brief(value: object) -> Brief:
    row = read.mapping(
        value if value is not None else {},
        "brief",
        ("summary", "question", "counts", "counts_not"),
        "a brief",
    )
    return Brief(
        summary=read.text(row.get("summary"), "brief.summary", 2000),
        question=read.text(row.get("question"), "brief.question", 300),
        counts=_examples(row.get("counts"), "brief.counts"),
        counts_not=_examples(row.get("counts_not"), "brief.counts_not"),
    )


def _examples(value: object, path: str) -> tuple[Example, ...]:
    examples = []
    for number, each in enumerate(read.sequence(value, path, MOST_EXAMPLES, "The list of examples")):
        at = joined(path, number)
        row = read.mapping(each, at, ("text", "why"), "an example")
        words = read.text(row.get("text"), joined(at, "text"), 500)
        if not words:
            refuse("This example is empty. Write one, or take it out.", joined(at, "text"))
        examples.append(Example(words, read.text(row.get("why"), joined(at, "why"), 500)))
    return tuple(examples)


def _questions(value: object, labels: tuple[Label, ...]) -> tuple[Question, ...]:
    keys = [label.key for label in labels]
    questions = []
    for number, each in enumerate(
        read.sequence(value, "qualification", MOST_QUESTIONS, "The list of questions")
    ):
        path = joined("qualification", number)
        row = read.mapping(each, path, ("title", "text", "label", "why"), "a question")
        words = read.text(row.get("text"), joined(path, "text"), 10_000, lines=True)
        if not words:
            refuse("This question has no text to judge. Write one, or take it out.", joined(path, "text"))
        label = read.text(row.get("label"), joined(path, "label"), 40)
        if label and label not in keys:
            refuse(f"{label!r} is none of the labels: {', '.join(keys)}.", joined(path, "label"))
        title = read.text(row.get("title"), joined(path, "title"), 200)
        questions.append(Question(title, words, label, read.text(row.get("why"), joined(path, "why"), 500)))
    return tuple(questions)


def _rules(value: object) -> ChallengeRules:
    if value is None:
        return ChallengeRules()
    if not isinstance(value, Mapping):
        refuse("The rules are a table of settings and values.", "rules")
    return read_rules(value)


def read_rules(values: Mapping[str, Any]) -> ChallengeRules:
    """Settings by name. Raises Invalid, at `rules.<name>`."""
    known = {name: value for name, value in values.items() if isinstance(name, str)}
    if len(known) < len(values):
        refuse("A setting's name is a word, such as max_bonus.", "rules")
    try:
        return rules_from(known)
    except Invalid as error:
        raise Invalid(
            error.sentence, field=joined("rules", error.field) if error.field else "rules"
        ) from error
