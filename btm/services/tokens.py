"""Personal tokens: make, recognise, list, revoke. A token is shown once, and only its hash is kept."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from btm.rules.errors import Conflict, NotFound
from btm.rules.people import handle_key
from btm.rules.tokens import MOST_TOKENS, PREFIX, check_name, check_scopes, expiry
from btm.services.passwords import token_hash
from btm.services.views_people import BearerView, TokenView
from btm.store import people, tokens
from btm.store.acts import record_act
from btm.store.tables_api import DbToken
from btm.store.tables_people import DbAccount
from btm.store.transaction import Session, reading, transaction

SEEN_EVERY = timedelta(minutes=10)


def make_token(
    account_id: int, name: str, scopes: Collection[str], *, days: int, secret: str, now: datetime
) -> str:
    """Make a token and return it, for the only time. secret: 32 random bytes or more, spelt out.

    Raises Invalid (field `name`, `scopes` or `days`), and Conflict (`too_many_tokens`).
    """
    with transaction() as session:
        people.lock_account(session, account_id)
        return _add(session, account_id, name, scopes, days, secret, now)


def make_token_for(
    handle: str, name: str, scopes: Collection[str], *, days: int, secret: str, now: datetime
) -> str:
    """The same, by the operator, on record. Raises NotFound too."""
    with transaction() as session:
        account = _get(session, handle)
        made = _add(session, account.id, name, scopes, days, secret, now)
        detail = {"name": check_name(name), "scopes": list(check_scopes(scopes))}
        record_act(session, "make_token", f"account:{account.handle}", actor_id=None, at=now, detail=detail)
        return made


def find_bearer(token: str, *, now: datetime) -> BearerView | None:
    """Who shows this token, or None where it is none, was revoked, or has run out."""
    if not token.startswith(PREFIX):
        return None
    with reading() as session:
        found = tokens.find_bearer(session, token_hash(token), now)
    if found is None:
        return None
    row, account, roles = found
    if row.seen_at is None or now - row.seen_at > SEEN_EVERY:
        with transaction(lasting=False) as session:
            tokens.touch(session, row.id, now)
    return BearerView(
        token_id=row.id,
        account_id=account.id,
        handle=account.handle or "",
        is_modeler=bool(roles & {"modeler", "admin"}),
        is_admin="admin" in roles,
        scopes=tuple(row.scopes),
        expires_at=row.expires_at,
    )


def list_tokens(account_id: int, *, now: datetime) -> list[TokenView]:
    """One's own living tokens, the latest made first."""
    with reading() as session:
        return [_view(row) for row in tokens.tokens_of(session, account_id, now)]


def list_tokens_of(handle: str, *, now: datetime) -> list[TokenView]:
    """Somebody's living tokens, for the operator. Raises NotFound."""
    with reading() as session:
        return [_view(row) for row in tokens.tokens_of(session, _get(session, handle).id, now)]


def revoke_token(account_id: int, token_id: int) -> None:
    """End one of one's own tokens. No effect where it has ended, is another's, or never was."""
    if not 0 < token_id < 2**63:
        return
    with transaction() as session:
        tokens.end_tokens(session, account_id, only=token_id)


def revoke_token_of(handle: str, token_id: int, *, now: datetime) -> None:
    """End one of somebody's tokens, by the operator, on record. Raises NotFound."""
    with transaction() as session:
        account = _get(session, handle)
        if not 0 < token_id < 2**63 or not tokens.end_tokens(session, account.id, only=token_id):
            raise NotFound(f"{account.handle} has no token {token_id}.")
        record_act(
            session,
            "revoke_token",
            f"account:{account.handle}",
            actor_id=None,
            at=now,
            detail={"token": token_id},
        )


def _add(
    session: Session,
    account_id: int,
    name: str,
    scopes: Collection[str],
    days: int,
    secret: str,
    now: datetime,
) -> str:
    if tokens.count_tokens(session, account_id, now) >= MOST_TOKENS:
        raise Conflict(
            f"You have {MOST_TOKENS} tokens. Revoke one that you do not use.", code="too_many_tokens"
        )
    token = PREFIX + secret
    session.add(
        DbToken(
            account_id=account_id,
            name=check_name(name),
            token_hash=token_hash(token),
            scopes=list(check_scopes(scopes)),
            created_at=now,
            expires_at=expiry(days, now),
        )
    )
    return token


def _view(row: DbToken) -> TokenView:
    return TokenView(row.id, row.name, tuple(row.scopes), row.created_at, row.expires_at, row.seen_at)


def _get(session: Session, handle: str) -> DbAccount:
    account = people.find_by_handle(session, handle_key(handle.strip()))
    if account is None:
        raise NotFound(f"There is no account named {handle!r}.")
    return account
