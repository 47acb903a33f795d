"""Looking a name up. `getaddrinfo` takes no timeout: it takes as long as the system's resolver is set to wait (glibc: 5 s, twice for
each server). The reading child, which can be killed, calls this, and whoever brings something to a webhook."""

from __future__ import annotations

import socket
from collections.abc import Callable

from btm.pages.policy import Policy


def system_lookup(host: str) -> list[str]:
    """Every address of a name, in the system's order of preference. Raises OSError where there is none."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def resolver(policy: Policy) -> Callable[[str], list[str]]:
    """The lookup that a policy asks for: the system's, less the names that `resolve_map` answers."""
    fixed = dict(policy.resolve_map)

    def resolve(host: str) -> list[str]:
        return list(fixed[host]) if host in fixed else system_lookup(host)

    return resolve
