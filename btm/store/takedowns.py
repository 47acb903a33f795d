"""Queries about what was taken down: tombstones, and how the same content is known again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from btm.store.tables import (
    DbAccount,
    DbChallenge,
    DbMachine,
    DbPage,
    DbPoolPage,
    DbReviewItem,
    DbRound,
    DbSubmission,
    DbTakedown,
    DbTakedownBand,
    DbTakedownBlob,
    DbTakedownKey,
    DbTombstone,
)
from btm.store.transaction import insert_many, insert_once

BATCH = 500


class Trace(NamedTuple):
    """What tells one page's content from another's."""

    page_id: int
    canonical_url: str
    final_canonical_url: str
    content_hash: str
    signature: bytes


class Emptied(NamedTuple):
    """A tombstone with what is told of it: why and by whom its page was taken down."""

    tombstone: DbTombstone
    takedown: DbTakedown
    by: str


_TRACE = (
    DbPage.id, DbPage.canonical_url, DbPage.final_canonical_url, DbPage.content_hash, DbPage.signature
)  # fmt: skip


def covers(challenge_id: int) -> ColumnElement[bool]:
    """Takedowns that hold in a challenge: its own, and those that hold everywhere."""
    return or_(DbTakedown.challenge_id == challenge_id, DbTakedown.challenge_id.is_(None))


def find_by_digest(session: Session, challenge_id: int, digests: Collection[str]) -> DbTakedown | None:
    """A takedown that holds in a challenge and knows one of these digests."""
    query = (
        select(DbTakedown)
        .join(DbTakedownKey, DbTakedownKey.takedown_id == DbTakedown.id)
        .where(DbTakedownKey.digest.in_(list(digests)), covers(challenge_id))
    )
    return session.scalar(query.order_by(DbTakedown.id).limit(1))


def sharing_band(session: Session, challenge_id: int, bands: Sequence[int]) -> list[DbTakedown]:
    """Takedowns that hold in a challenge and share a band with a text."""
    sharing = select(DbTakedownBand.takedown_id).where(DbTakedownBand.value.in_(list(bands)))
    query = select(DbTakedown).where(DbTakedown.id.in_(sharing), covers(challenge_id))
    return list(session.scalars(query))


def newest_tombstone(session: Session, challenge_id: int) -> int:
    """The number of the last tombstone of a challenge; 0 without one. What is remembered of its pages is older than that, or anew."""
    found = session.scalar(select(func.max(DbTombstone.id)).where(DbTombstone.challenge_id == challenge_id))
    return int(found or 0)


def is_any(session: Session, challenge_id: int) -> bool:
    """Whether any takedown holds in a challenge."""
    return session.scalar(select(DbTakedown.id).where(covers(challenge_id)).limit(1)) is not None


def add(session: Session, values: dict[str, Any], bands: Iterable[int]) -> DbTakedown:
    """Write a takedown and the bands of its text."""
    row = DbTakedown(**values)
    session.add(row)
    session.flush()
    insert_many(session, DbTakedownBand, [{"takedown_id": row.id, "value": band} for band in bands])
    return row


def add_digests(session: Session, takedown_id: int, digests: Iterable[str]) -> None:
    """Write down by what the content is known again, each once."""
    for digest in sorted(set(digests)):
        insert_once(session, DbTakedownKey, {"takedown_id": takedown_id, "digest": digest})


def digests_of(session: Session, takedown_id: int) -> set[str]:
    """By what the content of a takedown is known again."""
    return set(session.scalars(select(DbTakedownKey.digest).where(DbTakedownKey.takedown_id == takedown_id)))


def find_takedown(session: Session, takedown_id: int, *, lock: bool = False) -> DbTakedown | None:
    """The takedown with this id."""
    query = select(DbTakedown).where(DbTakedown.id == takedown_id)
    return session.scalar(query.with_for_update(key_share=True) if lock else query)


def takedown_of_page(session: Session, page_id: int) -> DbTakedown | None:
    """What emptied a page, if anything did."""
    query = select(DbTakedown).join(DbTombstone, DbTombstone.takedown_id == DbTakedown.id)
    return session.scalar(query.where(DbTombstone.page_id == page_id))


def due(session: Session, settled_before: datetime, limit: int) -> list[int]:
    """Takedowns that were never carried through, or have to be once more because they are older than this."""
    waits = or_(DbTakedown.cleared_at.is_(None), DbTakedown.taken_at <= settled_before)
    query = select(DbTakedown.id).where(DbTakedown.sealed_at.is_(None), waits)
    return list(session.scalars(query.order_by(DbTakedown.id).limit(limit)))


def get_page(session: Session, page_id: int) -> DbPage:
    """The page with this id."""
    return session.execute(select(DbPage).where(DbPage.id == page_id)).scalar_one()


def page_named(session: Session, challenge_id: int, name: str) -> int | None:
    """The page of a challenge's submission or review item with this public id."""
    by_submission = select(DbSubmission.page_id).where(
        DbSubmission.challenge_id == challenge_id, DbSubmission.public_id == name
    )
    by_item = select(DbReviewItem.page_id).where(
        DbReviewItem.challenge_id == challenge_id, DbReviewItem.public_id == name
    )
    return session.scalar(by_submission) or session.scalar(by_item)


def page_at(session: Session, challenge_id: int, canonical_url: str) -> int | None:
    """The newest page of a challenge that was fetched from this address, or was led to it."""
    at = or_(DbPage.canonical_url == canonical_url, DbPage.final_canonical_url == canonical_url)
    for owner in (DbSubmission, DbReviewItem, DbPoolPage):
        found = session.scalar(
            select(func.max(DbPage.id))
            .join(owner, owner.page_id == DbPage.id)
            .where(owner.challenge_id == challenge_id, at)
        )
        if found is not None:
            return int(found)
    return None


def takedown_named(session: Session, challenge_id: int, name: str) -> DbTakedown | None:
    """The takedown that emptied the page with this name, if one did."""
    query = select(DbTakedown).join(DbTombstone, DbTombstone.takedown_id == DbTakedown.id)
    return session.scalar(query.where(DbTombstone.challenge_id == challenge_id, DbTombstone.name == name))


def traces(session: Session, challenge_id: int | None) -> Iterator[list[Trace]]:
    """What tells the pages of a challenge, or all pages, from each other; a batch at a time, some perhaps twice."""
    if challenge_id is None:
        yield from _batches(session, select(*_TRACE), DbPage.id)
        return
    for owner in (DbSubmission, DbReviewItem, DbPoolPage):
        query = (
            select(*_TRACE, owner.id)
            .join(owner, owner.page_id == DbPage.id)
            .where(owner.challenge_id == challenge_id)
        )
        yield from _batches(session, query, owner.id)


def _batches(session: Session, query: Any, key: Any) -> Iterator[list[Trace]]:
    after = 0
    while rows := session.execute(query.where(key > after).order_by(key).limit(BATCH)).all():
        after = rows[-1][-1] if len(rows[-1]) > len(Trace._fields) else rows[-1][0]
        yield [Trace._make(row[: len(Trace._fields)]) for row in rows]


def pages_with_text(session: Session, content_hash: str) -> list[int]:
    """Pages whose text has this hash."""
    return list(session.scalars(select(DbPage.id).where(DbPage.content_hash == content_hash)))


def doom(session: Session, takedown_id: int, key: str) -> None:
    """Note bytes in the snapshot store that have to go."""
    if key:
        insert_once(session, DbTakedownBlob, {"takedown_id": takedown_id, "key": key, "kept": False})


def open_again(session: Session, takedown: DbTakedown, key: str) -> None:
    """Bytes of what was taken down came to the store after all: have it carried through once more."""
    doom(session, takedown.id, key)
    takedown.cleared_at = takedown.sealed_at = None


def doomed(session: Session, takedown_id: int) -> list[DbTakedownBlob]:
    """The bytes that a takedown wants gone."""
    query = select(DbTakedownBlob).where(DbTakedownBlob.takedown_id == takedown_id)
    return list(session.scalars(query.order_by(DbTakedownBlob.id)))


def is_kept_elsewhere(session: Session, key: str) -> bool:
    """Whether a page that was not taken down has these bytes, or a machine or a round refers to them."""
    if session.scalar(select(DbPage.id).where(DbPage.snapshot == key).limit(1)) is not None:
        return True
    return key in kept_data(session, None)


def kept_data(session: Session, challenge_id: int | None) -> list[str]:
    """Where the pages lie that machines of a challenge, or all machines, were trained and measured on: keys of the snapshot store."""
    machines, rounds = _with_data(session, challenge_id)
    named = [source for row in machines for source in _sources(row.location.get("data"))]
    named += [source for row in rounds for source in _sources(row.data)]
    return sorted({source["key"] for source in named})


def point_elsewhere(session: Session, old: str, new: str) -> None:
    """Have every machine and round that refers to kept pages refer to others."""
    machines, rounds = _with_data(session, None)
    for machine in machines:
        data = machine.location.get("data")
        if any(source["key"] == old for source in _sources(data)):
            machine.location = {**machine.location, "data": _pointed(data, old, new)}
    for row in rounds:
        if any(source["key"] == old for source in _sources(row.data)):
            row.data = _pointed(row.data, old, new)


def _with_data(session: Session, challenge_id: int | None) -> tuple[list[DbMachine], list[DbRound]]:
    rounds, machines = select(DbRound), select(DbMachine)
    if challenge_id is not None:
        rounds = rounds.where(DbRound.challenge_id == challenge_id)
        plays = select(DbChallenge.machine_id).where(DbChallenge.id == challenge_id)
        made = select(DbRound.candidate_id).where(DbRound.challenge_id == challenge_id)
        based = select(DbRound.base_machine_id).where(DbRound.challenge_id == challenge_id)
        machines = machines.where(
            or_(DbMachine.id.in_(plays), DbMachine.id.in_(made), DbMachine.id.in_(based))
        )
    return list(session.scalars(machines)), list(session.scalars(rounds))


def _sources(data: Any) -> list[dict[str, Any]]:
    found = data.values() if isinstance(data, dict) else ()
    return [each for each in found if isinstance(each, dict) and each.get("format") == "rows"]


def _pointed(data: Any, old: str, new: str) -> dict[str, Any]:
    return {
        name: {**each, "key": new} if isinstance(each, dict) and each.get("key") == old else each
        for name, each in data.items()
    }


def note_kept(session: Session, blob_id: int, kept: bool) -> None:
    """Say whether bytes stay because another page has them."""
    session.execute(
        update(DbTakedownBlob)
        .where(DbTakedownBlob.id == blob_id)
        .values(kept=kept)
        .execution_options(synchronize_session=False)
    )


def bury(session: Session, values: dict[str, Any]) -> bool:
    """Write a tombstone, one a page. Returns whether it is new."""
    return insert_once(session, DbTombstone, values) is not None


def tombstones(
    session: Session, challenge_id: int, *, before: int | None = None, limit: int | None = None
) -> list[Emptied]:
    """A challenge's tombstones, newest first."""
    query = (
        select(DbTombstone, DbTakedown, DbAccount.handle)
        .join(DbTakedown, DbTakedown.id == DbTombstone.takedown_id)
        .outerjoin(DbAccount, DbAccount.id == DbTakedown.taken_by)
        .where(DbTombstone.challenge_id == challenge_id)
        .order_by(DbTombstone.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(DbTombstone.id < before)
    return [Emptied(stone, takedown, by or "") for stone, takedown, by in session.execute(query)]


def with_kept_bytes(session: Session, takedown_ids: Sequence[int]) -> set[int]:
    """Those of these takedowns of which bytes stay, because another page has the same."""
    query = select(DbTakedownBlob.takedown_id).where(
        DbTakedownBlob.takedown_id.in_(list(takedown_ids)), DbTakedownBlob.kept
    )
    return set(session.scalars(query))


def lost_finds(session: Session, challenge_id: int, after: int) -> list[tuple[DbTombstone, str]]:
    """Tombstones of verified errors after an outcome's number, in the order in which they were settled: (tombstone, reason)."""
    rows = session.execute(
        select(DbTombstone, DbTakedown.reason)
        .join(DbTakedown, DbTakedown.id == DbTombstone.takedown_id)
        .where(
            DbTombstone.challenge_id == challenge_id,
            DbTombstone.outcome_id.is_not(None),
            DbTombstone.outcome_id > after,
        )
        .order_by(DbTombstone.outcome_id)
    )
    return [(stone, reason) for stone, reason in rows]
