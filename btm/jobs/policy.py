"""What fetches of this instance may do, from its settings."""

from __future__ import annotations

from btm.config import Settings
from btm.pages.addresses import parse_networks
from btm.pages.policy import Policy


def make_policy(settings: Settings) -> Policy:
    """What fetches of this instance may do. It never fetches itself."""
    own = settings.public_url.partition("://")[2].partition("/")[0]
    return Policy(
        allow_private=parse_networks(settings.fetch_allow_private),
        own_hosts=tuple(host for host in (own, *settings.trusted_hosts) if host and not host.startswith(".")),
        own_addresses=settings.own_addresses,
        deadline=settings.fetch_deadline,
        proxy=settings.fetch_proxy,
    )
