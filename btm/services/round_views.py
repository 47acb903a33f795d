"""Rounds' rows to view values, and what players are told of them. Shared by the services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from btm.rules.errors import NotFound
from btm.rules.rounds import may_roll_back
from btm.services.round_data import LONE
from btm.services.views_challenges import LearnedView
from btm.services.views_clusters import RoundCluster, RoundSet, RoundView
from btm.store import rounds, tasks
from btm.store.tables_challenges import DbChallenge, DbMachine
from btm.store.tables_corpus import DbCluster, DbRound
from btm.store.transaction import Session

SETS = {"natural": "Natural traffic", "audit": "Stratified audit", "corpus": "Held-out finds"}


def get_round(session: Session, challenge_id: int, public_id: str, *, lock: bool = False) -> DbRound:
    """Raises NotFound."""
    row = rounds.find_round(session, challenge_id, public_id, lock=lock)
    if row is None:
        raise NotFound("This challenge has no such round.")
    return row


def view_of(session: Session, challenge: DbChallenge, row: DbRound) -> RoundView:
    """A round as it stands; `progress` is None unless it is under way."""
    ids = [each for each in (row.base_machine_id, row.candidate_id) if each is not None]
    machines = rounds.machine_names(session, ids)
    task = tasks.find_task(session, row.public_id) if row.state == "training" else None
    found = row.report.get("clusters", ())
    names = rounds.clusters_by_public_id(session, challenge.id, [each["name"] for each in found])
    replay = row.report.get("replay")
    plays_candidate = challenge.machine_id == row.candidate_id
    return RoundView(
        public_id=row.public_id,
        number=row.number,
        kind=row.kind,
        state=row.state,
        base=_name(machines[row.base_machine_id]),
        candidate=_name(machines[row.candidate_id]) if row.candidate_id is not None else "",
        message=task.message if task else row.message,
        progress=task.progress if task else None,
        recommendation=row.report.get("recommendation", ""),
        reasons=tuple(row.report.get("reasons", ())),
        sets=tuple(_set(key, row.report[key]) for key in SETS if key in row.report),
        clusters=_clusters(found, names),
        closed=len(replay["closed"]) if replay else _expected(found),
        regressed=len(replay["regressed"]) if replay else 0,
        started_at=row.started_at,
        finished_at=row.finished_at,
        decided_at=row.decided_at,
        may_promote=row.state == "ready"
        and row.report.get("recommendation") == "promote"
        and challenge.machine_id == row.base_machine_id,
        may_roll_back=may_roll_back(row.state, plays_candidate=plays_candidate),
    )


def learned_view(session: Session, challenge: DbChallenge) -> LearnedView | None:
    """What the machine that plays has learned by the round that it comes from: the clusters that are closed since."""
    if challenge.machine_id is None:
        return None
    made = rounds.round_that_plays(session, challenge.id, challenge.machine_id)
    ids = made.report.get("replay", {}).get("closed", ()) if made else ()
    if not ids:
        return None
    found = rounds.clusters_by_public_id(session, challenge.id, ids)
    names = sorted(row.name for row in found.values() if row.state == "fixed")
    return LearnedView(len(names), tuple(names)) if names else None


def _name(machine: DbMachine) -> str:
    return f"{machine.name} {machine.version}"


def _set(key: str, report: Mapping[str, Any]) -> RoundSet:
    figures = tuple(
        (measure, each["before"], each["after"], each["low"], each["high"])
        for measure, each in report["measures"].items()
    )
    return RoundSet(key, SETS[key], report["pages"], figures)


def _clusters(found: Sequence[Mapping[str, Any]], rows: Mapping[str, DbCluster]) -> tuple[RoundCluster, ...]:
    """Clusters, the largest first; finds that stand alone are counted together, under no public id."""
    told = [
        RoundCluster(
            each["name"], rows[each["name"]].name if each["name"] in rows else "A cluster that is no more",
            each["size"], each["wrong_before"], each["wrong_after"], each["status"],
        )
        for each in found
        if not each["name"].startswith(LONE)
    ]  # fmt: skip
    alone = [each for each in found if each["name"].startswith(LONE)]
    if alone:
        before, after = (
            sum(each[key] for each in alone) / len(alone) for key in ("wrong_before", "wrong_after")
        )
        status = "same" if before == after else "better" if after < before else "worse"
        told.append(RoundCluster("", "Finds that stand alone", len(alone), before, after, status))
    return tuple(told)


def _expected(found: Sequence[Mapping[str, Any]]) -> int:
    return sum(each["status"] == "fixed" and not each["name"].startswith(LONE) for each in found)
