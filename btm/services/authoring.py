"""A challenge's row as its design, and back; who may write it. Shared by the services."""

from __future__ import annotations

from collections.abc import Set

from btm.rules import checklist
from btm.rules.design import Brief, Design, Example, Label, Question, plain_design
from btm.rules.errors import Forbidden, Invalid
from btm.rules.permissions import may_create, may_model
from btm.rules.settings import changes, rules_from
from btm.rules.worked_example import WorkedExample, worked_example
from btm.services.finding import require_public
from btm.store import authoring, challenges, money, people
from btm.store.tables_challenges import DbChallenge, DbMachine
from btm.store.transaction import Session

Roles = Set[tuple[str, str]]


def check_creator(session: Session, asker_id: int | None) -> None:
    """Admins, modelers of all and the operator (None) make challenges. Raises Forbidden (`not_creator`)."""
    if asker_id is not None and not may_create(people.roles_of(session, asker_id)):
        raise Forbidden(
            "New challenges are made by admins, and by modelers of all challenges. Ask an admin.",
            code="not_creator",
        )


def get_authored(session: Session, slug: str, asker_id: int | None, *, lock: bool = False) -> DbChallenge:
    """The challenge, a draft included, if the asker models it; None asks for the operator. lock: alone until the transaction ends.

    Raises NotFound, also for a stranger where it was never public, and Forbidden (`not_modeler`).
    """
    row = authoring.lock_alone(session, slug) if lock else challenges.find_challenge(session, slug)
    is_modeler = asker_id is None or may_model(people.roles_of(session, asker_id), slug)
    if row is None or not is_modeler:
        require_public(row)
        raise Forbidden("This challenge is for its modelers to change.", code="not_modeler")
    return row


def design_of(row: DbChallenge) -> Design:
    """The row as a design."""
    brief = row.brief or {}
    return Design(
        slug=row.slug,
        topic=row.topic,
        title=row.title,
        sought=row.sought,
        mode=row.mode,
        harmful=row.is_harmful,
        machine=row.machine.name if row.machine else "",
        machine_version=row.machine.version if row.machine else "",
        target=row.target,
        proportions=tuple((row.proportions or {}).items()),
        labels=tuple(
            Label(each["key"], each["name"], each["statement"], each.get("help", "")) for each in row.labels
        ),
        cost=tuple(tuple(float(cell) for cell in line) for line in row.cost),
        budget=row.starting_budget,
        brief=Brief(
            brief.get("summary", ""),
            brief.get("question", ""),
            tuple(Example(each["text"], each.get("why", "")) for each in brief.get("counts", ())),
            tuple(Example(each["text"], each.get("why", "")) for each in brief.get("counts_not", ())),
        ),
        qualification=tuple(
            Question(each["title"], each["text"], each["label"], each["why"]) for each in row.qualification
        ),
        rules=rules_from(row.rules),
    )


def columns_of(session: Session, design: Design) -> dict[str, object]:
    """The design as values of a challenge's row. Raises Invalid (`machine`) where there is no such machine."""
    plain = plain_design(design)
    machine = find_machine(session, design)
    return {
        "slug": design.slug, "topic": design.topic or design.slug, "title": design.title, "sought": design.sought,
        "mode": design.mode, "is_harmful": design.harmful, "labels": plain["labels"], "target": design.target,
        "cost": plain["cost"], "proportions": plain["proportions"], "brief": plain["brief"], "qualification": plain["qualification"],
        "rules": changes(design.rules), "machine_id": machine.id if machine else None, "starting_budget": design.budget,
    }  # fmt: skip


def find_machine(session: Session, design: Design) -> DbMachine | None:
    """The machine that a design names, None where it names none. Raises Invalid (`machine`) where there is no such version."""
    if not design.machine:
        return None
    machine = challenges.find_machine(session, design.machine, design.machine_version or None)
    if machine is None:
        version = f" {design.machine_version}" if design.machine_version else ""
        raise Invalid(
            f"There is no machine {design.machine}{version} here. Register it or train it first, or leave the machine out for now.",
            field="machine",
        )
    return machine


def facts_of(session: Session, row: DbChallenge, design: Design) -> checklist.Facts:
    """What the checklist wants to know beside the design."""
    topic = design.topic or design.slug
    mates = authoring.topic_mates(session, topic, row.id)
    labels = authoring.judged_labels(session, topic)
    if labels is None and mates:
        labels = mates[0].label_keys
    machine = find_machine(session, design)
    return checklist.Facts(
        machine_labels=tuple(machine.labels) if machine else None,
        free_budget=money.free_budget(session, row.id),
        is_started=row.live_at is not None,
        topic_labels=tuple(labels) if labels is not None else None,
        topic_mates=tuple(mate.slug for mate in mates),
    )


def example_of(design: Design, facts: checklist.Facts) -> WorkedExample | None:
    """What finds pay by a design; None while it has no target yet."""
    if design.target not in design.label_keys or len(design.labels) < 2:
        return None
    budget = facts.free_budget + (0 if facts.is_started else design.budget)
    return worked_example(design.rules, design.cost, design.label_keys.index(design.target), budget)


def check_topic(session: Session, row: DbChallenge, topic: str, asker_id: int | None) -> None:
    """Only who models all challenges of a topic may put another one beside them: it shares their queue, their judges and their
    test. Raises Forbidden (`not_modeler`)."""
    if asker_id is None or topic == row.topic:
        return
    roles = people.roles_of(session, asker_id)
    for mate in authoring.topic_mates(session, topic, row.id):
        if not may_model(roles, mate.slug):
            raise Forbidden(
                f"The topic {topic} is judged for {mate.slug} too, which is not yours. Use another topic.",
                code="not_modeler",
            )
