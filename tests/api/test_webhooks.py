"""What happens is told: written with what happened, signed, sent to a guarded address, and again where it failed."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest

from btm.pages.addresses import parse_networks
from btm.pages.policy import Policy
from btm.rules.errors import Conflict, Invalid
from btm.rules.webhooks import EVENTS, WAITS
from btm.services import webhooks
from btm.services.erase_account import erase_account
from btm.services.export_own_data import export_own_data
from btm.services.find_stuck import find_stuck
from btm.services.forget_old import Keep, forget_old
from btm.services.fund_challenge import fund_challenge
from btm.services.promote_round import promote_round
from btm.services.roles import grant_role
from btm.services.send_delivery import DeliveryTools, send_delivery
from btm.services.watch_budgets import watch_budgets
from btm.store.tables import DbRole
from btm.store.transaction import transaction

from ..support import rounds
from ..support.databases import rows, value
from ..support.finding import finds, regroup
from ..support.game import Game
from ..support.loopback import DROP, Loopback

LOCAL = Policy(allow_private=parse_networks("127.0.0.0/8"))


class Receiver(Loopback):
    """Somebody's server, which answers with `status` and keeps what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.status: Any = 204
        self.told: list[tuple[dict[str, str], bytes]] = []

    def answer(self, method: str, parts: Any, headers: Any, body: bytes) -> Any:
        self.told.append((dict(headers), body))
        return DROP if self.status is DROP else (self.status, b"", "text/plain")


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


def make(game: Game, url: str, *events: str, slug: str = "spam", by: int | None = None) -> Any:
    return webhooks.make_webhook(
        slug,
        url,
        events or tuple(EVENTS),
        policy=LOCAL,
        asker_id=by,
        now=game.clock(),
        new_id=game.new("hook"),
        secret="s3cret",
    )


def send_all(game: Game, policy: Policy = LOCAL) -> None:
    for (delivery_id,) in rows("SELECT id FROM delivery WHERE state = 'waiting' ORDER BY id"):
        send_delivery(int(str(delivery_id)), DeliveryTools(policy, game.clock))


def deliveries(hook: Any) -> list[Any]:
    return webhooks.list_deliveries("spam", hook.public_id, asker_id=None)[0]


def test_a_verdict_is_told_signed_and_once(game: Game, receiver: Receiver) -> None:
    game.challenge()
    make(game, receiver.url, "verdict")
    public_id = game.settled()
    send_all(game)
    send_all(game)
    [(headers, body)] = receiver.told
    told = json.loads(body)
    assert (told["event"], told["challenge"]) == ("verdict", "spam")
    assert told["data"] == {"submission": public_id, "state": "confirmed", "verdict": "spam"}
    moment, _, mark = headers["BTM-Signature"].removeprefix("t=").partition(",v1=")
    assert hmac.new(b"s3cret", f"{moment}.".encode() + body, hashlib.sha256).hexdigest() == mark
    assert headers["BTM-Delivery"] == told["id"]


def test_what_is_rolled_back_is_not_told(
    game: Game, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    game.challenge()
    make(game, receiver.url)
    public_id = game.committed()
    with monkeypatch.context() as patch:
        patch.setattr("btm.services.settle.tell", fail)
        game.judged(public_id, "spam", "spam")
    assert game.row(public_id).state == "in_review"
    assert value("SELECT count(*) FROM delivery") == 0


def fail(*_: object) -> None:
    raise RuntimeError


def test_what_fails_is_tried_again_later_and_in_the_end_no_more(game: Game, receiver: Receiver) -> None:
    game.challenge()
    hook = make(game, receiver.url, "verdict")
    game.settled()
    receiver.status = 500
    send_all(game)
    send_all(game)
    assert len(receiver.told) == 1, "the next try waits"
    receiver.status = DROP
    for wait in WAITS:
        game.clock.advance(seconds=wait.total_seconds())
        send_all(game)
    [gone] = deliveries(hook)
    assert (gone.state, gone.tries, gone.next_at) == ("failed", len(WAITS) + 1, None)
    receiver.status = 200
    webhooks.send_again("spam", hook.public_id, gone.public_id, asker_id=None, now=game.clock())
    find_stuck(now=game.clock())
    send_all(game)
    [sent] = deliveries(hook)
    assert (sent.state, sent.answer) == ("sent", "answered 200")
    assert receiver.told[0][0]["BTM-Delivery"] == receiver.told[-1][0]["BTM-Delivery"]


def test_an_address_inside_is_refused_when_it_is_named_and_when_it_is_told(
    game: Game, receiver: Receiver
) -> None:
    game.challenge()
    for url in (
        "http://127.0.0.1/",
        "http://169.254.169.254/latest",
        "http://[::1]/",
        "ftp://a.example/",
        "no address",
    ):
        with pytest.raises(Invalid):
            webhooks.make_webhook(
                "spam",
                url,
                ("verdict",),
                policy=Policy(),
                asker_id=None,
                now=game.clock(),
                new_id="x",
                secret="s",
            )
    hook = make(game, receiver.url, "verdict")
    game.settled()
    send_all(game, Policy())
    assert receiver.told == []
    assert deliveries(hook)[0].state == "waiting"


def test_a_redirect_is_not_followed(game: Game, receiver: Receiver) -> None:
    game.challenge()
    hook = make(game, receiver.url, "verdict")
    game.settled()
    receiver.status = 302
    send_all(game)
    assert len(receiver.told) == 1
    assert deliveries(hook)[0].answer == "answered 302"


def test_a_low_budget_is_told_once_for_each_time_that_points_are_put_in(
    game: Game, receiver: Receiver
) -> None:
    game.challenge(budget=100)
    hook = make(game, receiver.url, "budget_low")
    for _ in range(2):
        watch_budgets(now=game.clock())
    assert len(deliveries(hook)) == 1
    fund_challenge("spam", 50, asker_id=None, now=game.clock(), key="more")
    watch_budgets(now=game.clock())
    assert len(deliveries(hook)) == 2
    fund_challenge("spam", 1_000_000, asker_id=None, now=game.clock(), key="much")
    watch_budgets(now=game.clock())
    assert len(deliveries(hook)) == 2


def test_a_webhook_that_was_taken_away_is_told_nothing(game: Game, receiver: Receiver) -> None:
    game.challenge()
    hook = make(game, receiver.url, "verdict")
    game.settled()
    webhooks.end_webhook("spam", hook.public_id, asker_id=None, now=game.clock())
    game.settled()
    send_all(game)
    assert receiver.told == []
    assert webhooks.list_webhooks("spam", asker_id=None) == []


def test_what_happens_during_a_pause_is_held_and_told_when_it_goes_on(game: Game, receiver: Receiver) -> None:
    game.challenge()
    hook = make(game, receiver.url, "verdict")
    game.settled()
    for _ in range(2):
        paused = webhooks.pause_webhook("spam", hook.public_id, asker_id=None, now=game.clock())
    assert (paused.state, paused.waiting) == ("paused", 1)
    game.settled()
    send_all(game)
    assert (receiver.told, [each.next_at for each in deliveries(hook)]) == ([], [None, None])
    with pytest.raises(Conflict, match="paused"):
        try_out(game, hook)
    with pytest.raises(Conflict, match="paused"):
        send_again(game, hook, deliveries(hook)[0].public_id)
    webhooks.resume_webhook("spam", hook.public_id, asker_id=None, now=game.clock())
    send_all(game)
    assert len(receiver.told) == 2
    [view] = webhooks.list_webhooks("spam", asker_id=None)
    assert (view.state, view.waiting, view.failed, view.sent_at) == ("on", 0, 0, game.clock())


def test_what_was_held_for_a_month_is_forgotten(game: Game) -> None:
    game.challenge()
    hook = make(game, "http://127.0.0.1:9/", "verdict")
    webhooks.pause_webhook("spam", hook.public_id, asker_id=None, now=game.clock())
    game.settled()
    game.clock.advance(days=29)
    forget(game)
    assert len(deliveries(hook)) == 1
    game.clock.advance(days=2)
    forget(game)
    assert deliveries(hook) == []


def test_a_test_is_sent_once_whatever_was_asked_for(game: Game, receiver: Receiver) -> None:
    game.challenge()
    hook = make(game, receiver.url, "budget_low")
    try_out(game, hook)
    send_all(game)
    [(headers, body)] = receiver.told
    assert headers["BTM-Event"] == json.loads(body)["event"] == "test"
    receiver.status = 500
    try_out(game, hook)
    send_all(game)
    assert [(each.state, each.answer) for each in deliveries(hook)] == [
        ("failed", "answered 500"), ("sent", "answered 204")
    ]  # fmt: skip


def test_who_models_the_challenge_no_more_is_told_nothing(game: Game, receiver: Receiver) -> None:
    game.challenge()
    marta = game.player("marta")
    grant_role("marta", "modeler", slug="spam", now=game.clock())
    hook = make(game, receiver.url, "verdict", by=marta)
    game.settled()
    with transaction() as session:
        session.query(DbRole).filter_by(account_id=marta).delete()
    game.settled()
    send_all(game)
    assert receiver.told == []
    assert [(each.state, each.answer[:21]) for each in deliveries(hook)] == [
        ("failed", "Who made this webhook")
    ]
    [view] = webhooks.list_webhooks("spam", asker_id=None)
    assert (view.state, view.made_by) == ("stopped", "marta")
    with pytest.raises(Conflict, match="models the challenge no more"):
        try_out(game, hook)


def test_with_somebody_who_is_erased_their_webhooks_go(game: Game, receiver: Receiver) -> None:
    game.challenge()
    marta = game.player("marta")
    grant_role("marta", "modeler", slug="spam", now=game.clock())
    make(game, f"{receiver.url}/marta", "verdict", by=marta)
    make(game, receiver.url, "verdict")
    [mine] = json.loads(export_own_data(marta, now=game.clock()))["webhooks"]
    assert (mine["challenge"], mine["url"]) == ("spam", f"{receiver.url}/marta")
    game.settled()
    erase_account(marta, giving_up=0, is_operator=True, now=game.clock(), new_id=game.new("id"))
    game.settled()
    send_all(game)
    assert len(receiver.told) == 2, "the operator's own goes on"
    assert [each.url for each in webhooks.list_webhooks("spam", asker_id=None)] == [f"{receiver.url}/"]
    assert "/marta" not in str(rows("SELECT url, secret FROM webhook") + rows("SELECT detail FROM act"))


def forget(game: Game) -> None:
    days = timedelta(days=30)
    forget_old(Keep(days, days, days), snapshots=game.snapshots, now=game.clock())


def try_out(game: Game, hook: Any) -> Any:
    return webhooks.try_webhook(
        "spam", hook.public_id, asker_id=None, now=game.clock(), new_id=game.new("test")
    )


def send_again(game: Game, hook: Any, delivery_id: str) -> Any:
    return webhooks.send_again("spam", hook.public_id, delivery_id, asker_id=None, now=game.clock())


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_new_cluster_is_told_once(game: Game) -> None:
    challenge_id = game.challenge()
    hook = make(game, "http://127.0.0.1:9/", "cluster_born")
    finds(game, "knitting", 12)
    for _ in range(2):
        regroup(game, challenge_id)
    assert [json.loads(each.body)["data"]["size"] for each in deliveries(hook)] == [12]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_promoted_machine_is_told(game: Game) -> None:
    game.challenge()
    hook = make(game, "http://127.0.0.1:9/", "machine_promoted")
    rounds.with_worker(game)
    rounds.play_trained(game)
    rounds.add_corpus(game)
    view = promote_round("spam", rounds.start(game), asker_id=None, now=game.clock(), force=True)
    [told] = deliveries(hook)
    assert json.loads(told.body)["data"] == {"round": view.public_id, "machine": view.candidate}
