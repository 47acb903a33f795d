"""What a challenge without a machine still wants, and what a page would be worth to it. Shared by the services.

As with probes, nothing is retrained and nobody is told: before each quote a process reads the examples that it has not seen yet.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime

from btm.pages.canonical import site
from btm.rules import collecting as law
from btm.rules.collecting import ExampleQuote, NotWanted
from btm.services import memory
from btm.services.machines import as_page
from btm.services.presenting_outcome import label_view
from btm.services.templates import Sites, own_words
from btm.services.views_challenges import NeedView
from btm.store import collecting, takedowns
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_play import DbPage, DbQuote, DbSubmission
from btm.store.transaction import Session
from classifiers.novelty import KnownUnknowns, Neighbour, vectorise

BATCH = 500


@dataclass(frozen=True, slots=True)
class Needs:
    """How a collection stands, by label in the challenge's order: asked for, verified, waiting for a verdict, and how much each is
    wanted (0 to 1)."""

    labels: tuple[str, ...]
    asked: tuple[int, ...]
    verified: tuple[int, ...]
    waiting: tuple[int, ...]
    wants: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Appraisal:
    """A page's quote, or why there is none; its site, and the examples most like it: (submission id, similarity)."""

    quote: ExampleQuote | NotWanted
    site: str
    neighbours: tuple[tuple[int, float], ...]


@dataclass
class _Known:
    """What this process has read of a challenge's examples: a model for each label, to which those of the others speak against."""

    models: dict[str, KnownUnknowns] = field(default_factory=dict)
    sites: Sites = field(default_factory=Sites)
    seen: int = 0
    emptied: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


_known: dict[tuple[str, int], _Known] = {}
_known_lock = threading.Lock()


def is_example(quote: DbQuote) -> bool:
    """Whether a quote is for an example, and not for beating a machine."""
    return quote.machine_id is None


def needs_of(session: Session, challenge: DbChallenge, player_id: int | None = None) -> Needs:
    """What is wanted now; what this player was quoted counts as waiting."""
    keys, rules = challenge.label_keys, challenge.law
    asked = law.wanted_counts(
        law.shares(keys, challenge.proportions), rules.collect_goal, rules.collect_least
    )
    verified = collecting.verified_counts(session, challenge.id)
    waiting = collecting.waiting_counts(session, challenge.id, player_id)
    have = [verified.get(key, 0) + waiting.get(key, 0) for key in keys]
    return Needs(
        tuple(keys),
        tuple(asked),
        tuple(verified.get(key, 0) for key in keys),
        tuple(waiting.get(key, 0) for key in keys),
        law.wants(have, asked),
    )


def need_views(
    session: Session, challenge: DbChallenge, player_id: int | None = None
) -> tuple[NeedView, ...]:
    """What is wanted now, for people to read."""
    needs, rules = needs_of(session, challenge, player_id), challenge.law
    return tuple(
        NeedView(
            label_view(challenge, key), needs.asked[at], needs.verified[at], needs.waiting[at], needs.wants[at],
            law.pay_for(needs.wants[at], 1.0, rules),
        )
        for at, key in enumerate(needs.labels)
    )  # fmt: skip


def appraise(
    session: Session, challenge: DbChallenge, player_id: int, page: DbPage, claimed: str
) -> Appraisal:
    """What a page that is claimed to be of a label would pay now."""
    keys, of_site = challenge.label_keys, site(page.final_url)[:255]
    q, neighbours = _likeness(session, challenge, player_id, page, claimed)
    new = law.newness(collecting.pages_of_site(session, challenge.id, of_site, player_id), q, challenge.law)
    wants = needs_of(session, challenge, player_id).wants
    quote = law.quote_example(keys.index(claimed), wants, new, challenge.law)
    return Appraisal(quote, of_site, neighbours)


def quote_row(row: DbSubmission, quote: ExampleQuote, made: Appraisal, now: datetime) -> DbQuote:
    """The quote as it is kept: everything that was promised, whatever the challenge's rules become later."""
    challenge, rules = row.challenge, row.challenge.law
    return DbQuote(
        submission_id=row.id,
        machine_id=None,
        probabilities=[],
        assigned="",
        target=challenge.label_keys[quote.claimed],
        severity=quote.want,
        foreseeable=quote.newness.foreseeable,
        novelty=quote.newness.novelty,
        prevalence_weight=1.0,
        max_bonus=rules.max_bonus,
        sharpness=1.0,
        points=quote.points,
        reserve=quote.reserve,
        site=made.site,
        terms={
            "base_pay": rules.base_pay,
            "base_pay_daily_cap": rules.base_pay_daily_cap,
            "labels": challenge.label_keys,
            "cost": challenge.cost,
            "wants": list(quote.wants),
            "site_pages": quote.newness.site_pages,
        },
        neighbours=[list(neighbour) for neighbour in made.neighbours],
        quoted_at=now,
    )


def _likeness(
    session: Session, challenge: DbChallenge, player_id: int, page: DbPage, claimed: str
) -> tuple[float, tuple[tuple[int, float], ...]]:
    """How foreseeable a page is from the examples of its label, the player's own waiting pages counted in; and those like it."""
    known = _of(str(session.get_bind().engine.url), challenge.id)
    with known.lock:
        _catch_up(session, challenge, known)
        row = vectorise([own_words(page, known.sites)])
        model = known.models.get(claimed)
        q = float(model.foreseeable(row)[0]) if model is not None else 0.0
        near = model.neighbours(row, k=memory.MOST_NEIGHBOURS)[0] if model is not None else []
    own, own_near = memory.own_likeness(session, challenge.id, player_id, page, claimed)
    return max(q, own), _told([*near, *own_near])


def _told(near: list[Neighbour]) -> tuple[tuple[int, float], ...]:
    best = sorted(near, key=lambda each: -each.similarity)[: memory.MOST_NEIGHBOURS]
    return tuple(
        (int(str(each.id)), round(each.similarity, 3)) for each in best if each.similarity >= memory.LIKE
    )


def _catch_up(session: Session, challenge: DbChallenge, known: _Known) -> None:
    emptied = takedowns.newest_tombstone(session, challenge.id)
    if emptied != known.emptied:
        known.models, known.sites, known.seen, known.emptied = {}, Sites(), 0, emptied
    for key in challenge.label_keys:
        known.models.setdefault(key, KnownUnknowns())
    while batch := collecting.examples_since(session, challenge.id, known.seen, BATCH):
        rows = vectorise([as_page(page) for _, page in batch])
        ids = [example.submission_id for example, _ in batch]
        for key, model in known.models.items():
            model.partial_fit(rows, [example.truth == key for example, _ in batch], ids=ids)
        for _, page in batch:
            known.sites.add(page)
        known.seen = batch[-1][0].id


def _of(database: str, challenge_id: int) -> _Known:
    with _known_lock:
        return _known.setdefault((database, challenge_id), _Known())
