"""Bringing something to an address that a stranger named: one POST to where the guard says that it may go, and nowhere else."""

from __future__ import annotations

from btm.pages.guard import vet
from btm.pages.policy import Policy
from btm.pages.resolver import resolver
from btm.pages.transport import raw_of, send


def deliver(url: str, body: bytes, headers: dict[str, str], policy: Policy) -> int:
    """The status that was answered; what else was answered is not read, and no redirect is followed.

    Raises Refused where the address may not be asked, and FetchFailed where nothing answers.
    """
    target = vet(url, resolver(policy), policy)
    response = send(target, policy, policy.deadline, body=body, headers=headers)
    try:
        return response.status_code
    finally:
        raw_of(response).close()
