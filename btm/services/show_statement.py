"""Somebody's money: waiting, approved, paid, and every entry with its reason."""

from __future__ import annotations

from typing import Any

from btm.rules.settings import ChallengeRules
from btm.services.cursors import read_cursor
from btm.services.views_money import LedgerLine, Statement
from btm.store import money, play
from btm.store.transaction import reading


def show_statement(account_id: int, *, cursor: str | None = None, limit: int = 50) -> Statement:
    """A page of the ledger, newest first, and the sums over all of it. Raises Invalid for a broken cursor."""
    before = read_cursor(cursor)
    with reading() as session:
        rows = money.lines(session, account_id, before, limit + 1)
        sums = money.totals(session, account_id)
        probes, finds = play.probe_counts(session, account_id)
        return Statement(
            waiting=money.waiting(session, account_id),
            approved=sums.approved - sums.paid,
            paid=sums.paid,
            points_per_usd=ChallengeRules().points_per_usd,
            lines=tuple(_line(*row) for row in rows[:limit]),
            next_cursor=str(rows[limit - 1][0].id) if len(rows) > limit else None,
            finds=finds,
            probes=probes,
            judgements=sums.judgements,
        )


def _line(entry: Any, slug: str, title: str, submission: str | None) -> LedgerLine:
    return LedgerLine(entry.at, entry.kind, entry.reason, entry.worker, slug, title, submission)
