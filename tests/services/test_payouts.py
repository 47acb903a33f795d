"""Batches of payments: what is frozen, who approves, what happens when a platform refuses or falls silent."""

from __future__ import annotations

from datetime import timedelta

import pytest

from btm.platforms.local import LocalPlatform
from btm.rules.errors import Conflict, Forbidden, Invalid, NotFound
from btm.services.freeze_payouts import freeze_batch, open_batch, show_payable
from btm.services.move_batch import approve_batch, cancel_batch, give_back_refused, pay_batch, retry_refused
from btm.services.reconcile_payouts import reconcile_batch
from btm.services.roles import grant_role
from btm.services.show_payouts import list_batches, show_batch, write_bank_file

from ..support.crowd import at_once, errors
from ..support.databases import rows, value
from ..support.game import Game
from ..support.paying import FakePlatform, approved, carry_out, earn, pay, silence


@pytest.fixture
def hunt(game: Game) -> int:
    """A challenge in which a cent is 50 points."""
    return game.challenge()


def opened(game: Game, least_cents: int = 1, **values: object) -> str:
    public_id = game.new("batch")
    open_batch(
        "local", cutoff=values.get("cutoff", game.clock()), least_cents=least_cents, asker_id=None,  # type: ignore[arg-type]
        now=game.clock(), new_id=public_id,
    )  # fmt: skip
    return public_id


def states(public_id: str) -> dict[str, str]:
    return {each.worker: each.state for each in show_batch(public_id, asker_id=None).payouts}


def test_freezing_takes_whole_cents_and_leaves_the_rest(game: Game, hunt: int) -> None:
    ada, bea = game.player("ada"), game.player("bea")
    earn(game, ada, 1234, hunt)
    earn(game, bea, 49, hunt)
    view = freeze_batch(opened(game), asker_id=None, now=game.clock())
    assert (view.number, view.cents, view.points) == (1, 24, 1200)
    assert (game.balance(ada), game.balance(bea)) == (34, 49)
    game.check_books()


def test_a_preview_takes_nothing_and_says_what_would_be_taken(game: Game, hunt: int) -> None:
    ada, bea = game.player("ada"), game.player("bea")
    earn(game, ada, 5000, hunt)
    earn(game, bea, 100, hunt)
    view = show_payable("local", cutoff=game.clock(), least_cents=50, asker_id=None, now=game.clock())
    assert [(each.handle, each.cents) for each in view.payees] == [("ada", 100)]
    assert (view.cents, view.below) == (100, 1)
    assert game.balance(ada) == 5000


def test_what_is_earned_after_the_cut_off_waits_for_the_next_batch(game: Game, hunt: int) -> None:
    ada = game.player("ada")
    earn(game, ada, 1000, hunt)
    cutoff = game.clock()
    game.clock.advance(hours=1)
    earn(game, ada, 500, hunt)
    assert freeze_batch(opened(game, cutoff=cutoff), asker_id=None, now=game.clock()).points == 1000
    assert game.balance(ada) == 500


def test_points_of_several_challenges_add_up_at_each_one_s_own_rate(game: Game, hunt: int) -> None:
    other, dear = game.challenge("other"), game.challenge("dear", points_per_usd=100)
    ada = game.player("ada")
    for points, challenge in ((30, hunt), (30, other), (7, dear)):
        earn(game, ada, points, challenge)
    view = show_batch(freeze_batch(opened(game), asker_id=None, now=game.clock()).public_id, asker_id=None)
    assert view.cents == 1 + 7
    assert rows("SELECT challenge_id, worker FROM ledger WHERE kind = 'payout' ORDER BY challenge_id") == [
        (hunt, -30), (other, -20), (dear, -7)
    ]  # fmt: skip
    game.check_books()


def test_points_for_fame_are_never_paid(game: Game) -> None:
    fame = game.challenge("fame", points_per_usd=0)
    earn(game, game.player("ada"), 1000, fame)
    with pytest.raises(Conflict) as nothing:
        freeze_batch(opened(game), asker_id=None, now=game.clock())
    assert nothing.value.code == "nobody"


def test_two_batches_frozen_at_the_same_instant_hold_every_point_once(game: Game, hunt: int) -> None:
    for number in range(5):
        earn(game, game.player(f"p{number}"), 5000, hunt)
    ids = [opened(game) for _ in range(4)]
    answers = at_once(game.app, [lambda i=i: freeze_batch(i, asker_id=None, now=game.clock()) for i in ids])  # type: ignore[misc]
    assert [error.code for error in errors(answers)] == ["nobody"] * 3  # type: ignore[attr-defined]
    assert value("SELECT sum(points) FROM payout") == 25_000
    game.check_books()


def test_a_batch_is_paid_once_and_its_payments_are_on_record(game: Game, hunt: int) -> None:
    for name in ("ada", "bea", "cem"):
        earn(game, game.player(name), 5000, hunt)
    platform, batch = FakePlatform(), approved(game)
    view = pay(game, batch.public_id, platform)
    assert (view.state, platform.paid()) == ("paid", {"ada": 100, "bea": 100, "cem": 100})
    assert [(each.state, each.reference) for each in view.payouts] == [
        ("paid", f"ref-{each.key}") for each in view.payouts
    ]
    carry_out(game, batch.public_id, platform)
    assert platform.calls == 3
    game.check_books()


def test_a_cancelled_batch_gives_everything_back_and_can_be_frozen_anew(game: Game, hunt: int) -> None:
    ada = game.player("ada")
    earn(game, ada, 5010, hunt)
    batch = approved(game)
    assert game.balance(ada) == 10
    cancel_batch(batch.public_id, asker_id=None, now=game.clock())
    assert game.balance(ada) == 5010
    platform, again = FakePlatform(), approved(game)
    pay(game, again.public_id, platform)
    assert platform.paid() == {"ada": 100}
    with pytest.raises(Conflict):
        cancel_batch(again.public_id, asker_id=None, now=game.clock())
    game.check_books()


@pytest.mark.parametrize(
    "step", [pay_batch, retry_refused, give_back_refused, approve_batch, reconcile_batch]
)
def test_no_step_is_taken_out_of_turn(game: Game, hunt: int, step: object) -> None:
    with pytest.raises(Conflict):
        step(opened(game), asker_id=None, now=game.clock())  # type: ignore[operator]


def test_four_eyes_are_two_people(game: Game, hunt: int) -> None:
    admins = [game.player("ann"), game.player("ben")]
    for name in ("ann", "ben"):
        grant_role(name, "admin", now=game.clock())
    earn(game, game.player("ada"), 5000, hunt)
    public_id = opened(game)
    freeze_batch(public_id, asker_id=admins[0], now=game.clock())
    with pytest.raises(Forbidden):
        approve_batch(public_id, asker_id=admins[0], now=game.clock(), four_eyes=True)
    assert approve_batch(public_id, asker_id=admins[1], now=game.clock(), four_eyes=True).approved_by == "ben"


def test_only_admins_see_or_move_payouts(game: Game, hunt: int) -> None:
    modeler = game.player("mo")
    grant_role("mo", "modeler", now=game.clock())
    public_id, now = opened(game), game.clock()
    for call in (
        lambda: list_batches(asker_id=modeler),
        lambda: show_batch(public_id, asker_id=modeler),
        lambda: freeze_batch(public_id, asker_id=modeler, now=now),
        lambda: cancel_batch(public_id, asker_id=modeler, now=now),
        lambda: write_bank_file(public_id, asker_id=modeler, now=now),
    ):
        with pytest.raises(Forbidden):
            call()  # type: ignore[no-untyped-call]


def test_what_is_refused_can_be_tried_again_or_given_back(game: Game, hunt: int) -> None:
    people = {name: game.player(name) for name in ("ada", "bea")}
    for account_id in people.values():
        earn(game, account_id, 5000, hunt)
    platform, batch = FakePlatform(refuses={"ada", "bea"}), approved(game)
    assert pay(game, batch.public_id, platform).state == "paid"
    assert states(batch.public_id) == {"ada": "refused", "bea": "refused"}
    platform.refuses.clear()
    platform.refuses.add("bea")
    retry_refused(batch.public_id, asker_id=None, now=game.clock())
    carry_out(game, batch.public_id, platform)
    assert states(batch.public_id) == {"ada": "paid", "bea": "refused"}
    give_back_refused(batch.public_id, asker_id=None, now=game.clock())
    assert states(batch.public_id) == {"ada": "paid", "bea": "returned"}
    assert (game.balance(people["ada"]), game.balance(people["bea"])) == (0, 5000)
    game.check_books()


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_answer_is_asked_for_before_anybody_pays_again(game: Game, hunt: int, when: str) -> None:
    for name in ("ada", "bea"):
        earn(game, game.player(name), 5000, hunt)
    platform, batch = FakePlatform(), approved(game)
    setattr(platform, when, silence(1))
    view = pay(game, batch.public_id, platform)
    assert (view.state, states(batch.public_id)["ada"]) == ("paying", "unsure")
    game.clock.advance(hours=1)
    assert carry_out(game, batch.public_id, platform).state == "paid"
    assert platform.paid() == {"ada": 100, "bea": 100}


def test_a_platform_that_is_away_is_not_asked_for_everybody_in_vain(game: Game, hunt: int) -> None:
    for number in range(8):
        earn(game, game.player(f"p{number}"), 5000, hunt)
    platform, batch = FakePlatform(before=silence(*range(1, 4))), approved(game)
    view = pay(game, batch.public_id, platform)
    assert (platform.calls, view.message, view.is_busy) == (3, "No answer came.", True)
    carry_out(game, batch.public_id, platform)
    assert platform.calls == 3, "it waits"
    game.clock.advance(hours=1)
    assert carry_out(game, batch.public_id, platform).state == "paid"
    assert len(platform.paid()) == 8


def test_an_adapter_that_breaks_leaves_the_payment_unsure(game: Game, hunt: int) -> None:
    earn(game, game.player("ada"), 5000, hunt)
    platform, batch = FakePlatform(after=lambda number: 1 // 0 if number == 1 else None), approved(game)  # type: ignore[arg-type,func-returns-value]
    assert pay(game, batch.public_id, platform).state == "paying"
    game.clock.advance(hours=1)
    assert carry_out(game, batch.public_id, platform).state == "paid"
    assert platform.paid() == {"ada": 100}


def test_one_batch_of_a_platform_is_paid_at_a_time(game: Game, hunt: int) -> None:
    ada = game.player("ada")
    earn(game, ada, 5000, hunt)
    first = approved(game)
    earn(game, ada, 5000, hunt)
    second = approved(game)
    pay_batch(first.public_id, asker_id=None, now=game.clock())
    with pytest.raises(Conflict) as busy:
        pay_batch(second.public_id, asker_id=None, now=game.clock())
    assert busy.value.code == "busy"


def test_a_payment_knows_what_was_paid_to_the_same_worker_before(game: Game, hunt: int) -> None:
    ada, platform = game.player("ada"), FakePlatform()
    for points in (5000, 2500):
        earn(game, ada, points, hunt)
        pay(game, approved(game).public_id, platform)
    assert [payment.paid_before for payment in platform.made] == [(), (100,)]


def test_the_platform_s_books_are_compared_with_ours(game: Game, hunt: int) -> None:
    for name in ("ada", "bea"):
        earn(game, game.player(name), 5000, hunt)
    platform, batch = FakePlatform("mturk"), approved(game)
    with_rows = "UPDATE payout_batch SET platform = 'mturk'"
    from sqlalchemy import text

    from btm.store.transaction import transaction

    with transaction() as session:
        session.execute(text(with_rows))
    pay(game, batch.public_id, platform)
    lost = platform.made.pop(0)
    reconcile_batch(batch.public_id, asker_id=None, now=game.clock())
    view = carry_out(game, batch.public_id, platform)
    assert (view.state, [(each.handle, each.kind) for each in view.differences]) == (
        "paid",
        [("ada", "missing")],
    )
    platform.made.append(lost)
    reconcile_batch(batch.public_id, asker_id=None, now=game.clock())
    view = carry_out(game, batch.public_id, platform)
    assert (view.state, view.differences) == ("reconciled", ())


def test_a_file_for_the_bank_holds_each_payment_once_and_its_list_is_compared(game: Game, hunt: int) -> None:
    for name in ("ada", "bea"):
        earn(game, game.player(name), 5050, hunt)
    batch = approved(game)
    pay(game, batch.public_id, LocalPlatform())
    file = b"".join(write_bank_file(batch.public_id, asker_id=None, now=game.clock()))
    lines = file.decode().split()
    assert lines[0] == "name,reference,amount,currency"
    assert lines[1].startswith("ada,")
    assert lines[1].endswith(",1.01,USD")
    wrong = file.replace(b"1.01", b"1.10", 1) + b"eve,foreign-key,5,USD\n"
    view = reconcile_batch(batch.public_id, wrong, asker_id=None, now=game.clock())
    assert [each.kind for each in view.differences] == ["amount", "unknown"]
    assert reconcile_batch(batch.public_id, file, asker_id=None, now=game.clock()).state == "reconciled"


@pytest.mark.parametrize(
    "statement", [None, b"", b"name,amount\nada,1\n", b"\xff\xfe", b"reference,amount\nx,lots\n"]
)
def test_a_bank_s_list_that_cannot_be_read_says_what_to_do(
    game: Game, hunt: int, statement: bytes | None
) -> None:
    earn(game, game.player("ada"), 5000, hunt)
    batch = approved(game)
    pay(game, batch.public_id, LocalPlatform())
    with pytest.raises(Invalid):
        reconcile_batch(batch.public_id, statement, asker_id=None, now=game.clock())


def test_every_step_is_on_record(game: Game, hunt: int) -> None:
    earn(game, game.player("ada"), 5000, hunt)
    batch = approved(game)
    pay(game, batch.public_id, FakePlatform())
    subject = f"payout:{batch.public_id}"
    assert rows("SELECT verb FROM act WHERE subject = :subject ORDER BY id", subject=subject) == [
        ("open_payout",), ("freeze_payout",), ("approve_payout",), ("pay_payout",), ("payout_done",)
    ]  # fmt: skip


def test_a_day_that_is_not_over_is_no_cut_off(game: Game) -> None:
    with pytest.raises(Invalid):
        opened(game, cutoff=game.clock() + timedelta(days=1))
    with pytest.raises(Invalid):
        opened(game, least_cents=0)
    with pytest.raises(NotFound):
        show_batch("nothing", asker_id=None)
