"""What it takes to pay people through a platform. Every adapter offers this, and whoever pays uses nothing else.

Paying through somebody else's service can end in three ways: it was done, it was refused, or nobody knows. The third one is settled by
asking: after a lost answer `find_payment` says what the platform already has under the payment's key, and only where it has nothing may
`pay` be called again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from btm.rules.errors import DomainError


@dataclass(frozen=True, slots=True)
class Payment:
    """One sum for one worker. `key` is ours and names this payment for ever; `worker` and `assignment` are the platform's own ids
    (`assignment` is empty where the platform has none); `cents` are whole US cents; `reason` is a sentence that the worker reads.

    The other two matter only where a platform keeps no keys (Prolific): `paid_before` are the cents of every payment to the same
    worker and assignment that our own records already hold as paid, in any order; `tried_at` is when this payment was first sent off,
    or None where it never was. With them `find_payment` can tell this payment from an equal one, and a lost one from one under way.
    """

    key: str
    worker: str
    assignment: str
    cents: int
    reason: str
    paid_before: tuple[int, ...] = ()
    tried_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """That a payment is done: `reference` is the platform's name for it, `note` a sentence for the modeler where there is more to say."""

    reference: str
    note: str = ""


class PlatformRefused(DomainError):
    """The platform, or what it asks for, says no. Final: the same call would be refused again. `sentence` holds the platform's reason."""

    status = 409
    code = "platform_refused"


class PlatformDown(DomainError):
    """No answer, or none that says whether it was done. Ask `find_payment`, and try again later."""

    status = 503
    code = "platform_down"


class Platform(Protocol):
    """A way to pay people. `name` is as in platform accounts and settings: local, link, mturk, prolific."""

    name: str

    def pay(self, payment: Payment) -> Receipt:
        """Pay. The same key again is the same payment. Raises PlatformRefused (final) or PlatformDown (it may or may not have
        been done: ask `find_payment` before trying again)."""

    def find_payment(self, payment: Payment) -> Receipt | None:
        """What the platform already has under this payment's key; None where it surely has nothing, so that paying is safe.
        Raises PlatformDown where it cannot be told yet."""
