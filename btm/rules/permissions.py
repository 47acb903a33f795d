"""Who may do what. Roles come as (role, scope) pairs; an empty scope means every challenge."""

from __future__ import annotations

from collections.abc import Set


def may_model(roles: Set[tuple[str, str]], slug: str) -> bool:
    """Whether somebody may see and export a challenge's corpus."""
    return ("admin", "") in roles or ("modeler", "") in roles or ("modeler", slug) in roles


def may_administer(roles: Set[tuple[str, str]]) -> bool:
    """Whether somebody may point the product at addresses of their own choosing."""
    return ("admin", "") in roles


def may_create(roles: Set[tuple[str, str]]) -> bool:
    """Whether somebody may make new challenges: a modeler of one may not."""
    return ("admin", "") in roles or ("modeler", "") in roles
