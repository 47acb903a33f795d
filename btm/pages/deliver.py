"""Bringing something to an address that a stranger named: one POST to where the guard says that it may go, and nowhere else."""

from __future__ import annotations

from btm.pages.cutoff import CutOff
from btm.pages.guard import vet
from btm.pages.policy import Policy
from btm.pages.reasons import FetchFailed
from btm.pages.resolver import resolver
from btm.pages.transport import raw_of, send


def deliver(url: str, body: bytes, headers: dict[str, str], policy: Policy) -> int:
    """The status that was answered; what else was answered is not read, and no redirect is followed. Once it is connected it ends
    within the policy's deadline, however slowly the other side speaks: this runs in a worker, which nobody kills for it.

    Raises Refused where the address may not be asked, and FetchFailed where nothing answers.
    """
    target = vet(url, resolver(policy), policy)
    with CutOff(policy.deadline) as cut_off:
        try:
            response = send(target, policy, policy.deadline, body=body, headers=headers, opened=cut_off.watch)
        except FetchFailed as error:
            if not cut_off.is_over:
                raise
            raise FetchFailed("timeout") from error
        raw_of(response).close()
        if cut_off.is_over:  # half a head reads like a short one
            raise FetchFailed("timeout")
        return response.status_code
