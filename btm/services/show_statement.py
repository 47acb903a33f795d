"""Somebody's money: waiting, approved, paid, and every entry with its reason and what it is worth in its challenge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from fractions import Fraction
from math import floor
from typing import Any

from btm.rules.settings import ChallengeRules, rules_from
from btm.services.cursors import read_cursor
from btm.services.holding import Held, find_holds
from btm.services.row_files import csv_file
from btm.services.views_money import HeldSum, LedgerLine, Statement, WorthView
from btm.store import money, play
from btm.store.transaction import reading

COLUMNS = ("at", "kind", "reason", "challenge", "submission", "points", "points_per_usd", "usd")
AT_ONCE = 1000


def show_statement(
    account_id: int, *, now: datetime, cursor: str | None = None, limit: int = 50
) -> Statement:
    """A page of the ledger, newest first, the sums over all of it, and what of it waits. Raises Invalid for a broken cursor."""
    before = read_cursor(cursor)
    with reading() as session:
        rows = money.lines(session, account_id, before, limit + 1)
        sums = money.sums_by_challenge(session, account_id)
        waiting = money.waiting_by_challenge(session, account_id)
        held = find_holds(session, cutoff=now, now=now, account_id=account_id)
        probes, finds = play.probe_counts(session, account_id)
        return Statement(
            waiting=sum(points for _, points in waiting),
            approved=sum(each.earned - each.paid for each in sums),
            paid=sum(each.paid for each in sums),
            points_per_usd=ChallengeRules().points_per_usd,
            lines=tuple(_line(*row) for row in rows[:limit]),
            next_cursor=str(rows[limit - 1][0].id) if len(rows) > limit else None,
            finds=finds,
            probes=probes,
            judgements=sum(each.judgements for each in sums),
            cents=_worth(sums, waiting),
            unseen=_held_sum(each for each in held if each.wait.why == "unseen"),
            changed=_held_sum(each for each in held if each.wait.why != "unseen"),
        )


def _held_sum(held: Iterable[Held]) -> HeldSum:
    each = list(held)
    return HeldSum(
        points=sum(one.find.points for one in each),
        pages=len(each),
        until=max((one.wait.until for one in each), default=None),
    )


def write_statement(account_id: int) -> Iterator[bytes]:
    """Every entry as CSV, newest first, a page of it at a time."""
    return csv_file(COLUMNS, _rows(account_id))


def _rows(account_id: int) -> Iterator[dict[str, Any]]:
    before: int | None = None
    while True:
        with reading() as session:
            rows = money.lines(session, account_id, before, AT_ONCE)
            lines = [_line(*row) for row in rows]
        for line in lines:
            rate = line.points_per_usd
            yield {
                "at": line.at.isoformat(timespec="seconds"), "kind": line.kind, "reason": line.reason,
                "challenge": line.challenge_slug, "submission": line.submission or "", "points": line.points,
                "points_per_usd": rate, "usd": round(line.points / rate, 6) if rate else 0,
            }  # fmt: skip
        if len(rows) < AT_ONCE:
            return
        before = rows[-1][0].id


def _worth(sums: Iterable[money.Sums], waiting: Iterable[tuple[dict[str, Any], int]]) -> WorthView:
    rated = [(_rate(each.rules), each.earned - each.paid, each.paid) for each in sums]
    return WorthView(
        waiting=_cents((_rate(rules), points) for rules, points in waiting),
        approved=_cents((rate, points) for rate, points, _ in rated),
        paid=_cents((rate, points) for rate, _, points in rated),
        for_fame=sum(points for rate, points, _ in rated if not rate),
    )


def _cents(parts: Iterable[tuple[int, int]]) -> int:
    return floor(100 * sum((Fraction(points, rate) for rate, points in parts if rate), Fraction(0)))


def _rate(rules: dict[str, Any]) -> int:
    return rules_from(rules).points_per_usd


def _line(entry: Any, slug: str, title: str, rules: dict[str, Any], submission: str | None) -> LedgerLine:
    return LedgerLine(entry.at, entry.kind, entry.reason, entry.worker, slug, title, submission, _rate(rules))
