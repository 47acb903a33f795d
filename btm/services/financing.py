"""Challenges as those see them who pay for them. Shared by the services."""

from __future__ import annotations

from btm.rules.errors import Forbidden
from btm.rules.permissions import may_administer
from btm.services.modelling import get_modelled
from btm.store import people
from btm.store.tables_challenges import DbChallenge
from btm.store.transaction import Session


def get_financed(session: Session, slug: str, asker_id: int | None) -> DbChallenge:
    """The challenge, a draft included, if the asker models it; None asks for the operator. Raises NotFound, Forbidden."""
    why_not = "The money of this challenge is for its modelers."
    return get_modelled(session, slug, asker_id, drafts=True, why_not=why_not)


def check_treasurer(session: Session, asker_id: int | None) -> None:
    """Only admins and the operator (None) let money leave. Raises Forbidden."""
    if asker_id is not None and not may_administer(people.roles_of(session, asker_id)):
        raise Forbidden("Payouts are for admins.", code="not_admin")
