"""A database as it is after much play: `rows` rows in each of its large tables, and people with browsers signed in.

The challenges are those that ship. Everything but the newest pages is settled; some thousands of pages wait to be judged, and each
simulated person has quotes to take. Points add up: every settled page has its promise, its pay and what went back.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from bench.filling import Row, put
from btm.rules.priority import priority, worth
from btm.services import jury
from btm.services.passwords import token_hash
from btm.services.seed_challenges import seed_challenges
from btm.store.database import db
from btm.store.tables import (
    DbAccount,
    DbChallenge,
    DbEntry,
    DbJudgement,
    DbOutcome,
    DbPage,
    DbQualification,
    DbQuote,
    DbReviewItem,
    DbRole,
    DbSession,
    DbSubmission,
)

PLAYED = ("drugs", "alcohol", "gambling", "hate")
"""What was played so far. New pages are sent to FRESH, so that the worker's memory of probes is that of an ordinary challenge."""
FRESH = "guns"
PEOPLE, WAITING, QUOTES_EACH = 1000, 20_000, 12
COOKIE, TOKEN = "btm", "t"


@dataclass(frozen=True)
class Person:
    """One simulated person: the cookie of their browser, and the submissions whose quotes they may take."""

    account_id: int
    cookie: str
    quoted: tuple[str, ...]


def fill(app: Flask, rows: int) -> list[Person]:
    """Fill the database that the application is open on."""
    now, luck = datetime.now(UTC), random.Random(rows)
    seed_challenges(now=now - timedelta(days=60), new_salt=lambda: secrets.token_hex(16))
    with db.engine.connect() as connection:
        found = connection.execute(
            select(DbChallenge.slug, DbChallenge.id, DbChallenge.topic, DbChallenge.machine_id)
        )
        challenges = {row.slug: row for row in found}
    played = [challenges[slug] for slug in PLAYED]
    _people(challenges, now)
    pages = max(WAITING // len(PLAYED), rows // 10)
    put(DbPage, (_page(n, now) for n in range(1, pages + 1)))
    _settled(played, rows, pages, now, luck)
    _waiting(played, rows, pages, now, luck)
    return _quoted(app, challenges[FRESH], rows, pages, now)


def _people(challenges: dict[str, Any], now: datetime) -> None:
    put(DbAccount, (
        {"id": n, "handle": f"person{n}", "handle_key": f"person{n}", "created_at": now} for n in range(1, PEOPLE + 1)
    ))  # fmt: skip
    put(DbQualification, (
        {"account_id": n, "challenge_id": row.id, "right": 5, "asked": 5, "passed": True, "taken_at": now}
        for n in range(1, PEOPLE + 1) for row in challenges.values()
    ))  # fmt: skip
    put(DbSession, (
        {"token_hash": token_hash(f"token-{n}"), "account_id": n, "device": "bench", "created_at": now, "seen_at": now,
         "expires_at": now + timedelta(days=9)} for n in range(1, PEOPLE + 1)
    ))  # fmt: skip
    put(DbRole, [{"account_id": 1, "role": "admin", "scope": "", "granted_at": now}])
    put(DbEntry, (
        {"key": f"fund:bench:{row.id}", "kind": "fund", "challenge_id": row.id, "budget": 10**10, "escrow": 0, "worker": 0,
         "reason": "", "at": now} for row in challenges.values()
    ))  # fmt: skip


def _page(n: int, now: datetime) -> Row:
    url = f"https://site{n % 9973}.example/{n}"
    words = (
        f"Page {n} tells of the harbour, the boats and their crews, and of what the weather did to them. " * 4
    )
    return {
        "id": n, "url": url, "canonical_url": url, "final_url": url, "final_canonical_url": url, "redirects": [],
        "fetched_at": now - timedelta(days=30), "status": 200, "content_type": "text/html", "content_hash": f"{n:064x}",
        "snapshot": f"{n:064x}", "title": f"Page {n}", "description": "", "headings": [], "links": [], "language": "en",
        "text": words, "blocks": [["p", words]], "signature": b"",
    }  # fmt: skip


def _settled(played: list[Any], rows: int, pages: int, now: datetime, luck: random.Random) -> None:
    """`rows` submissions that ended, with quote, item and one judgement each, a third of them errors; as many ledger rows."""
    when = [now - timedelta(days=30 * (1 - n / rows), minutes=5) for n in range(rows)]
    put(DbSubmission, (
        {"id": n + 1, "public_id": f"s{n}", "challenge_id": played[n % len(played)].id, "player_id": 1 + n % PEOPLE,
         "url": f"https://site{n}.example/", "canonical_url": f"https://site{n}.example/",
         "state": "confirmed" if n % 3 == 0 else "rejected", "step": "", "created_at": when[n], "page_id": 1 + n % pages,
         "committed_at": when[n], "settled_at": when[n]} for n in range(rows)
    ))  # fmt: skip
    put(DbQuote, (_quote(n + 1, played[n % len(played)].machine_id, when[n]) for n in range(rows)))
    put(DbReviewItem, (
        {"id": n + 1, "public_id": f"i{n}", "challenge_id": played[n % len(played)].id, "page_id": 1 + n % pages,
         "topic": played[n % len(played)].topic, "origin": "submission", "submission_id": n + 1, "author_id": 1 + n % PEOPLE,
         "state": "settled", "shuffle": luck.random(), "opened_at": when[n], "deadline_at": now, "lease_token": "",
         "verdict": "none", "verdict_probability": 0.97, "decided_at": when[n]}
        for n in _one_an_origin(rows, pages, len(played))
    ))  # fmt: skip
    judged = [n + 1 for n in _one_an_origin(rows, pages, len(played))]
    each = max(1, rows // len(judged))
    put(DbJudgement, (
        {"item_id": item, "judge_id": 1 + (item + 7 + k) % PEOPLE, "label": "none", "seconds": 8.0, "judged_at": when[item - 1]}
        for item in judged for k in range(each)
    ))  # fmt: skip
    put(DbOutcome, (
        {"challenge_id": played[n % len(played)].id, "submission_id": n + 1, "page_id": 1 + n % pages, "truth": "none",
         "assigned": "none", "is_error": n % 3 == 0, "severity": 0.9, "probability": 0.97, "points": 300, "label_counts": {},
         "settled_at": when[n]} for n in range(rows)
    ))  # fmt: skip
    put(
        DbEntry, (entry for n in range(rows // 4) for entry in _money(n, played[n % len(played)].id, when[n]))
    )


def _one_an_origin(rows: int, pages: int, challenges: int) -> list[int]:
    """The submissions whose page no other of the same challenge has, since a page waits once in a challenge."""
    seen: set[tuple[int, int]] = set()
    chosen = []
    for n in range(rows):
        key = (n % challenges, n % pages)
        if key not in seen:
            seen.add(key)
            chosen.append(n)
    return chosen


def _quote(submission_id: int, machine_id: int, at: datetime) -> Row:
    return {
        "submission_id": submission_id, "machine_id": machine_id, "probabilities": [0.1, 0.9], "assigned": "none", "target": "none",
        "severity": 0.9, "foreseeable": 0.1, "novelty": 0.9, "max_bonus": 1000, "sharpness": 2.0, "points": 700, "reserve": 700,
        "neighbours": [], "quoted_at": at,
    }  # fmt: skip


def _money(n: int, challenge_id: int, at: datetime) -> Iterator[Row]:
    """Promised, paid to the player, paid to a judge, and the rest given back."""
    for kind, account, budget, escrow, worker in (
        ("reserve", None, -1000, 1000, 0),
        ("bonus", 1 + n % PEOPLE, 0, -700, 700),
        ("judging", 1 + (n + 7) % PEOPLE, 0, -50, 50),
        ("release", None, 250, -250, 0),
    ):
        yield {
            "key": f"{kind}:bench:{n}", "kind": kind, "challenge_id": challenge_id, "account_id": account, "submission_id": n + 1,
            "budget": budget, "escrow": escrow, "worker": worker, "reason": "", "at": at,
        }  # fmt: skip


def _waiting(played: list[Any], rows: int, pages: int, now: datetime, luck: random.Random) -> None:
    """Pages that wait for judges, of the pool, so that everybody may judge them."""
    hours = (now - jury.EPOCH).total_seconds() / 3600
    put(DbReviewItem, (
        {"id": 10_000_000 + n, "public_id": f"w{n}", "challenge_id": played[n % len(played)].id, "page_id": 1 + n // len(played),
         "topic": played[n % len(played)].topic, "origin": "pool", "state": "open", "lease_token": "", "shuffle": luck.random(),
         "priority": priority(worth(1.0, luck.random(), 0.25), hours, 24.0), "stake": 0.25, "model_uncertainty": 0.5,
         "opened_at": now, "deadline_at": now + timedelta(days=90)}
        for n in range(min(WAITING, pages * len(played)))
    ))  # fmt: skip


def _quoted(app: Flask, challenge: Any, rows: int, pages: int, now: datetime) -> list[Person]:
    """For every person QUOTES_EACH submissions, each with a page of its own."""
    first, count = 20_000_000, PEOPLE * QUOTES_EACH
    put(DbPage, ({**_page(pages + 1 + n, now), "title": f"Offered {n}"} for n in range(count)))
    put(DbSubmission, (
        {"id": first + n, "public_id": f"q{n}", "challenge_id": challenge.id, "player_id": 1 + n % PEOPLE,
         "url": f"https://offered{n}.example/", "canonical_url": f"https://offered{n}.example/", "state": "quoted", "step": "",
         "created_at": now, "page_id": pages + 1 + n, "wake_at": now + timedelta(days=1)} for n in range(count)
    ))  # fmt: skip
    put(DbQuote, (_quote(first + n, challenge.machine_id, now) for n in range(count)))
    serializer: Any = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return [
        Person(n + 1, f"{COOKIE}={serializer.dumps({TOKEN: f'token-{n + 1}', '_permanent': True})}", tuple(f"q{k}" for k in range(n, count, PEOPLE)))
        for n in range(PEOPLE)
    ]  # fmt: skip
