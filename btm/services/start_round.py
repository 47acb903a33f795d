"""Begin a round: have a machine that learned from the corpus trained and measured in the background."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from btm.pages.snapshot import SnapshotStore
from btm.rules import rounds as law
from btm.rules.errors import Conflict, Invalid
from btm.rules.machines import check_kind, check_name
from btm.services import bell
from btm.services.finding import get_machine
from btm.services.handing_over import check_file, file_name, hand_over
from btm.services.modelling import get_modelled
from btm.services.recording import record
from btm.services.round_data import base_source, count_fresh, learned_by
from btm.store import challenges, machines, rounds
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_corpus import DbRound
from btm.store.transaction import Session, reading, transaction

OTHERWISE = "Use the command line instead."


def start_round(
    slug: str,
    *,
    kind: str | None,
    data: bytes | None,
    format: str,
    data_name: str,
    natural: bytes | None,
    asker_id: int | None,
    snapshots: SnapshotStore,
    now: datetime,
    new_id: str,
) -> str:
    """Returns the public id of the round, which is its task's too. asker_id: None for the operator.

    `kind`: candidate, correction, or None for what fits. `data`: labelled base data (format csv or jsonl); without, what the machine
    that plays was trained on here. `natural`: a labelled file of natural traffic to measure on, CSV or JSONL; without, a part of
    the base data. A round that is ready and was not promoted is declined by this.
    Raises NotFound, Forbidden, Invalid (field `kind`, `data`, `natural`, `name` or `corpus`), Conflict (one is under way).
    """
    with reading() as session:
        get_modelled(session, slug, asker_id)
    own = asker_id is None
    given = _keep(data, format, data_name, snapshots, is_own=own)
    traffic = _keep(natural, _format_of(natural), "natural traffic", snapshots, is_own=own, field="natural")
    with transaction() as session:
        found = get_modelled(session, slug, asker_id)
        challenge = challenges.lock_challenge(session, found.id)
        known = rounds.rounds_of(session, challenge.id)
        if any(each.state == "training" for each in known):
            raise Conflict("A round of this challenge is under way. Wait until it is done.")
        plan = _plan(session, challenge, kind, given, traffic)
        for each in known:
            if each.state == "ready":
                each.state, each.decided_by, each.decided_at = "declined", asker_id, now
        number = known[0].number + 1 if known else 1
        task_id = _write(session, challenge, plan, number, asker_id, now, new_id)
        record(session, challenge, "start_round", asker_id, now, round=number, kind=plan["kind"])
    bell.ring("task", task_id)
    return new_id


def _plan(
    session: Session,
    challenge: DbChallenge,
    wanted: str | None,
    given: dict[str, Any] | None,
    traffic: dict[str, Any] | None,
) -> dict[str, Any]:
    """What is to be made of what; refuses what cannot come to anything."""
    base = get_machine(challenge)
    kept, kept_natural = base_source(session, base)
    source = given or kept
    kind = law.choose_kind(wanted, base.kind, has_base=source is not None, is_given=given is not None)
    name = check_name(law.name_candidate(kind, challenge.slug, base.name, base.kind))
    check_kind(name, "trained" if kind == "candidate" else "corrected", machines.kinds_of(session, name))
    law.check_corpus(*count_fresh(session, challenge.id, learned_by(session, challenge.id, base.id)))
    natural = traffic or (kept_natural if given is None else None)
    if source is None and natural is None:
        counts = rounds.right_counts(session, challenge.id)
        for truth, _ in rounds.inspected(session, challenge.id):
            counts[truth] = counts.get(truth, 0) + 1
        law.check_ordinary(list(counts.values()))
    upto = rounds.newest_outcome(session, challenge.id)
    return {"kind": kind, "name": name, "base": source, "natural": natural, "upto": upto}


def _write(
    session: Session,
    challenge: DbChallenge,
    plan: dict[str, Any],
    number: int,
    asker_id: int | None,
    now: datetime,
    new_id: str,
) -> int:
    session.add(
        DbRound(
            public_id=new_id, challenge_id=challenge.id, number=number, kind=plan["kind"], state="training", data=plan,
            base_machine_id=get_machine(challenge).id, report={}, message="", started_by=asker_id, started_at=now,
        )
    )  # fmt: skip
    base = plan["base"] or plan["natural"] or {}
    todo = {"data_name": base.get("name", "")}
    return hand_over(session, challenge, "round", todo, asker_id=asker_id, now=now, public_id=new_id)


def _keep(
    data: bytes | None,
    format: str,
    name: str,
    snapshots: SnapshotStore,
    *,
    is_own: bool,
    field: str = "data",
) -> dict[str, Any] | None:
    """Where a file lies from now on. What can be said of it at once is said at once. Raises Invalid."""
    if data is None:
        return None
    try:
        check_file(data, format, otherwise=OTHERWISE, is_own=is_own)
    except Invalid as error:
        raise Invalid(error.sentence, field="natural" if field == "natural" else error.field) from error
    return {"key": snapshots.put(data), "format": format, "name": file_name(name)}


def _format_of(data: bytes | None) -> str:
    """JSONL begins with a brace."""
    return "jsonl" if data is not None and data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else "csv"
