"""Links for anybody's own crowd: made, listed, taken back, and followed."""

from __future__ import annotations

from datetime import datetime, timedelta

from btm.rules.errors import Conflict, NotFound
from btm.rules.invites import check_invite, why_not
from btm.services.modelling import get_modelled
from btm.services.recording import record
from btm.services.views_platforms import InviteView
from btm.store import invites
from btm.store.tables_platforms import DbInvite, DbInviteUse, DbWorker
from btm.store.transaction import Session, insert_once, reading, transaction


def make_invite(
    slug: str,
    *,
    kind: str,
    most_uses: int,
    days: int | None,
    note: str,
    asker_id: int | None,
    now: datetime,
    new_code: str,
) -> InviteView:
    """A new link into a challenge, for `most_uses` people and `days` days (None: no end). asker_id: None for the operator. Raises
    NotFound, Forbidden, Invalid."""
    check_invite(kind, most_uses, days, note)
    with transaction() as session:
        challenge = get_modelled(session, slug, asker_id)
        row = DbInvite(
            code=new_code, challenge_id=challenge.id, kind=kind, note=note.strip(), most_uses=most_uses,
            expires_at=now + timedelta(days=days) if days is not None else None, created_by=asker_id, created_at=now,
        )  # fmt: skip
        session.add(row)
        session.flush()
        record(
            session, challenge, "make_invite", asker_id, now, kind=kind, most_uses=most_uses, note=row.note
        )
        return _view(row, 0, now)


def revoke_invite(slug: str, code: str, *, asker_id: int | None, now: datetime) -> InviteView:
    """Nobody new comes in by it from now on; who came stays. Twice is the same as once. Raises NotFound, Forbidden."""
    with transaction() as session:
        challenge = get_modelled(session, slug, asker_id)
        row = invites.find_invite(session, code, lock=True)
        if row is None or row.challenge_id != challenge.id:
            raise NotFound("This challenge has no such invite.")
        if row.revoked_at is None:
            row.revoked_at = now
            record(session, challenge, "revoke_invite", asker_id, now, note=row.note, invite=row.id)
        return _view(row, invites.uses(session, [row.id])[row.id], now)


def list_invites(slug: str, *, asker_id: int | None, now: datetime) -> list[InviteView]:
    """A challenge's invites, newest first. Raises NotFound, Forbidden."""
    with reading() as session:
        rows = invites.invites_of(session, get_modelled(session, slug, asker_id).id)
        used = invites.uses(session, [row.id for row in rows])
        return [_view(row, used[row.id], now) for row in rows]


def show_invite(code: str, *, now: datetime) -> InviteView:
    """An invite for whoever has its code. Raises NotFound."""
    with reading() as session:
        row = _get(session, code)
        return _view(row, invites.uses(session, [row.id])[row.id], now)


def use_invite(code: str, *, account_id: int, now: datetime) -> InviteView:
    """Somebody comes in by an invite. Who came by it before comes in again, however it stands, and takes no second place. Raises NotFound,
    Conflict."""
    with transaction() as session:
        row = _get(session, code, lock=True)
        used = invites.uses(session, [row.id])[row.id]
        if invites.has_used(session, row.id, account_id):
            return _view(row, used, now)
        view = _view(row, used, now)
        if view.why_not:
            raise Conflict(f"{view.why_not} Ask whoever gave it to you for a new one.", code="invite_over")
        values = {"invite_id": row.id, "number": used + 1, "account_id": account_id, "used_at": now}
        if insert_once(session, DbInviteUse, values) is None:
            raise Conflict("Somebody else came at the same moment. Try again.", code="invite_race")
        insert_once(
            session,
            DbWorker,
            {"platform": "link", "external_id": str(account_id), "account_id": account_id, "created_at": now},
        )
        return _view(row, used + 1, now)


def _get(session: Session, code: str, *, lock: bool = False) -> DbInvite:
    row = invites.find_invite(session, code, lock=lock)
    if row is None:
        raise NotFound("There is no such invite. Check that the address is whole.")
    return row


def _view(row: DbInvite, used: int, now: datetime) -> InviteView:
    return InviteView(
        code=row.code, kind=row.kind, note=row.note, used=used, most_uses=row.most_uses, expires_at=row.expires_at,
        revoked_at=row.revoked_at, created_at=row.created_at,
        why_not=why_not(used, row.most_uses, row.expires_at, row.revoked_at, now),
        challenge_slug=row.challenge.slug, challenge_title=row.challenge.title,
    )  # fmt: skip
