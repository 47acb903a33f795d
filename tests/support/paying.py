"""A platform that remembers what it paid, and can die or fall silent before and after; and the worker that pays through it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from btm.platforms.platform import Payment, Platform, PlatformDown, PlatformRefused, Receipt
from btm.services.carry_out_payouts import PayoutTools, carry_out_payouts
from btm.services.freeze_payouts import freeze_batch, open_batch
from btm.services.move_batch import approve_batch, pay_batch
from btm.services.show_payouts import show_batch
from btm.services.views_payouts import BatchView
from btm.store import payouts
from btm.store.transaction import reading, transaction

from .game import Game


@dataclass
class FakePlatform:
    """Pays whoever it is asked to pay, every time that it is asked: nothing here forgives a second call.

    `before` and `after` are called around each payment that is made, with its number from 1 on.
    """

    name: str = "local"
    made: list[Payment] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    calls: int = 0
    asked: int = 0
    before: Callable[[int], None] = lambda number: None
    after: Callable[[int], None] = lambda number: None

    def pay(self, payment: Payment) -> Receipt:
        self.calls += 1
        number = self.calls
        self.before(number)
        if payment.worker in self.refuses:
            raise PlatformRefused("This worker takes no money.")
        self.made.append(payment)
        self.after(number)
        return Receipt(f"ref-{payment.key}")

    def find_payment(self, payment: Payment) -> Receipt | None:
        self.asked += 1
        found = any(each.key == payment.key for each in self.made)
        return Receipt(f"ref-{payment.key}") if found else None

    def paid(self) -> dict[str, int]:
        """Cents by worker. Fails where somebody was paid twice."""
        workers = [payment.worker for payment in self.made]
        assert len(workers) == len(set(workers)), f"paid twice: {workers}"
        return {payment.worker: payment.cents for payment in self.made}


def silence(*numbers: int) -> Callable[[int], None]:
    """The platform's answer to these calls does not arrive."""

    def fall_silent(number: int) -> None:
        if number in numbers:
            raise PlatformDown("No answer came.")

    return fall_silent


def earn(game: Game, account_id: int, points: int, challenge_id: int) -> None:
    """Points for nothing in particular."""
    from btm.rules.money import pay_from_budget
    from btm.store import money

    with transaction() as session:
        entry = pay_from_budget("bonus", game.new("earned"), points, "For tests")
        money.post(session, entry, challenge_id=challenge_id, account_id=account_id, at=game.clock())


def approved(game: Game, *, platform: str = "local", least_cents: int = 1) -> BatchView:
    """A batch of what everybody has earned, frozen and approved."""
    public_id = game.new("batch")
    open_batch(
        platform, cutoff=game.clock(), least_cents=least_cents, asker_id=None, now=game.clock(), new_id=public_id
    )  # fmt: skip
    freeze_batch(public_id, asker_id=None, now=game.clock())
    return approve_batch(public_id, asker_id=None, now=game.clock())


def tools(game: Game, platform: Platform) -> PayoutTools:
    """What a worker of the game pays with."""
    return PayoutTools(lambda name: platform, game.clock)


def carry_out(game: Game, public_id: str, platform: Platform) -> BatchView:
    """Let a worker do what a batch waits for, now."""
    with reading() as session:
        batch = payouts.find_batch(session, public_id)
        assert batch is not None
    carry_out_payouts(batch.id, tools(game, platform))
    return show_batch(public_id, asker_id=None)


def pay(game: Game, public_id: str, platform: Platform) -> BatchView:
    """Have an approved batch paid."""
    pay_batch(public_id, asker_id=None, now=game.clock())
    return carry_out(game, public_id, platform)
