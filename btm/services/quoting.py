"""Rows of pages and of quotes, as an examination writes them. Shared by the services; asks the database for nothing."""

from __future__ import annotations

from datetime import datetime

from btm.pages.page import ReadPage
from btm.pages.signature import signature
from btm.rules.quotes import Quote
from btm.services.memory import Foreseen
from btm.store.tables_play import DbPage, DbQuote, DbSubmission


def page_row(page: ReadPage, fetched_at: datetime) -> DbPage:
    """A page that was fetched now."""
    return DbPage(
        url=page.url,
        canonical_url=page.canonical_url,
        final_url=page.final_url,
        final_canonical_url=page.final_canonical_url,
        redirects=[[hop.status, hop.url] for hop in page.redirects],
        fetched_at=fetched_at,
        status=page.status,
        content_type=page.content_type,
        content_hash=page.content_hash,
        snapshot=page.body_hash,
        title=page.title,
        description=page.description,
        headings=list(page.headings),
        links=list(page.links),
        language=page.language,
        text=page.text,
        blocks=[[block.kind, block.text] for block in page.blocks],
        signature=signature(page.text),
    )


def quote_row(
    row: DbSubmission,
    quote: Quote,
    probabilities: list[float],
    foreseen: Foreseen,
    machine_id: int,
    now: datetime,
) -> DbQuote:
    """A quote with all that it was made from. machine_id: of the machine that was asked."""
    challenge, rules = row.challenge, row.challenge.law
    return DbQuote(
        submission_id=row.id,
        machine_id=machine_id,
        probabilities=probabilities,
        assigned=challenge.label_keys[quote.assigned],
        target=challenge.target,
        severity=quote.severity,
        foreseeable=foreseen.q,
        novelty=quote.novelty,
        prevalence_weight=quote.prevalence_weight,
        max_bonus=rules.max_bonus,
        sharpness=rules.sharpness,
        points=quote.points,
        reserve=quote.reserve,
        terms={
            "base_pay": rules.base_pay,
            "base_pay_daily_cap": rules.base_pay_daily_cap,
            "hold_days": rules.hold_days,
            "labels": challenge.label_keys,
            "cost": challenge.cost,
        },
        neighbours=[list(neighbour) for neighbour in foreseen.neighbours],
        quoted_at=now,
    )
