"""Audits, and what they say of the whole pool, for a challenge's modelers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from btm.rules.audit import NOTHING
from btm.rules.errors import NotFound
from btm.services.corpus_views import get_corpus, share_view
from btm.services.inspection import inspection_arm, seen
from btm.services.views_clusters import AuditView
from btm.store import audits, corpus_figures
from btm.store.corpus_figures import Inspected
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_corpus import DbAudit
from btm.store.transaction import reading


def list_audits(slug: str, *, asker_id: int | None) -> list[AuditView]:
    """The audits of a challenge, newest first. Raises NotFound, Forbidden."""
    with reading() as session:
        challenge = get_corpus(session, slug, asker_id)
        found = audits.audits_of(session, challenge.id)
        pages = corpus_figures.inspected_of(session, [row.id for row in found])
        return [_view(challenge, row, pages[row.id]) for row in found]


def show_audit(slug: str, audit_id: str, *, asker_id: int | None) -> AuditView:
    """One audit by its public id. Raises NotFound, also while its pages are not drawn yet, and Forbidden."""
    with reading() as session:
        challenge = get_corpus(session, slug, asker_id)
        row = audits.find_audit(session, challenge.id, audit_id)
        if row is None:
            raise NotFound("There is no such audit of this challenge.")
        return _view(challenge, row, corpus_figures.inspected(session, row.id))


def _view(challenge: DbChallenge, row: DbAudit, pages: Sequence[Inspected]) -> AuditView:
    """The shares are those of the pool: each bin's, weighted by its part of it."""
    judged = seen(challenge, pages)
    by_bin = Counter(page.bin for page in judged)
    errors = Counter(page.bin for page in judged if page.severity is not None)
    arm = inspection_arm(row, judged)
    nothing = share_view(NOTHING, 0, 0)
    return AuditView(
        public_id=row.public_id,
        machine=row.machine.name,
        version=row.machine.version,
        data=row.data,
        state="done" if len(judged) == len(pages) else row.state,
        pool=row.pool,
        wanted=row.wanted,
        judged=len(judged),
        strata=tuple(
            (each["low"], each["high"], each["pool"], each["drawn"], by_bin[number], errors[number])
            for number, each in enumerate(row.strata)
        ),
        errors=arm.errors if judged else nothing,
        severe=arm.severe if judged else nothing,
        created_at=row.created_at,
    )
