"""The same request fifty times at the same instant, through the pages too: one effect, and a plain answer for everybody.

The races within one use case stand beside its other tests: a commit, an answer, an appeal, a name, a block, a decision at the desk.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from werkzeug.test import TestResponse

from btm.rules.errors import DomainError
from btm.services.carry_out_payouts import carry_out_payouts
from btm.services.commit_submission import commit_submission
from btm.services.freeze_payouts import freeze_batch, open_batch
from btm.services.move_batch import approve_batch, cancel_batch, give_back_refused, pay_batch
from btm.services.record_judgement import record_judgement
from btm.services.sessions import start_session
from btm.services.settle import settle
from btm.services.withdraw_submission import withdraw_submission
from btm.store.database import db
from btm.web import clock
from btm.web.limits import limiter

from ..support.crowd import at_once, errors
from ..support.databases import rows, value
from ..support.game import Game
from ..support.paying import FakePlatform, earn, tools

MANY = 50
Form = dict[str, str]


def count(table: str, where: str = "1 = 1") -> int:
    return int(str(value(f"SELECT count(*) FROM {table} WHERE {where}")))


def refused(answers: list[Any]) -> list[str]:
    """The codes of all answers that are errors, each of which has to be one of the game's own."""
    found = errors(answers)
    assert all(isinstance(error, DomainError) for error in found), found
    return [error.code for error in found if isinstance(error, DomainError)]


# --- payouts ---------------------------------------------------------------------------------------------------------------------


def batch_of_three(game: Game) -> tuple[str, int]:
    """A batch that may be frozen, of three people who have a dollar each. Returns its public id and its row's."""
    challenge = game.challenge()
    for name in ("ada", "bea", "cem"):
        earn(game, game.player(name), 5000, challenge)
    open_batch("local", cutoff=game.clock(), least_cents=1, asker_id=None, now=game.clock(), new_id="batch")
    return "batch", int(str(value("SELECT id FROM payout_batch")))


def test_a_batch_frozen_approved_and_paid_fifty_times_at_once_pays_everybody_once(game: Game) -> None:
    public_id, row_id = batch_of_three(game)
    platform = FakePlatform()
    for step in (freeze_batch, approve_batch, pay_batch):
        calls = [lambda step=step: step(public_id, asker_id=None, now=game.clock())] * MANY
        assert refused(at_once(game.app, calls)) == ["wrong_state"] * (MANY - 1), step
    carry = [lambda: carry_out_payouts(row_id, tools(game, platform))] * MANY
    assert refused(at_once(game.app, carry)) == []
    assert platform.paid() == {"ada": 100, "bea": 100, "cem": 100}
    assert rows("SELECT state, count(*) FROM payout GROUP BY state") == [("paid", 3)]
    assert value("SELECT state FROM payout_batch") == "paid"
    assert value("SELECT sum(worker) FROM ledger WHERE kind = 'payout'") == -15_000
    assert count("ledger", "kind = 'payout'") == 3
    assert rows("SELECT verb, count(*) FROM act GROUP BY verb ORDER BY verb") == [
        ("approve_payout", 1), ("freeze_payout", 1), ("open_payout", 1), ("pay_payout", 1), ("payout_done", 1),
    ]  # fmt: skip
    game.check_books()


def test_a_batch_cancelled_and_paid_at_the_same_instant_is_one_of_the_two(game: Game) -> None:
    public_id, row_id = batch_of_three(game)
    for step in (freeze_batch, approve_batch):
        step(public_id, asker_id=None, now=game.clock())
    platform = FakePlatform()
    calls: list[Callable[[], object]] = [
        *[lambda: cancel_batch(public_id, asker_id=None, now=game.clock())] * (MANY // 2),
        *[lambda: pay_batch(public_id, asker_id=None, now=game.clock())] * (MANY // 2),
    ]
    assert len(refused(at_once(game.app, calls))) == MANY - 1
    at_once(game.app, [lambda: carry_out_payouts(row_id, tools(game, platform))] * 4)
    is_paid = value("SELECT state FROM payout_batch") == "paid"
    assert platform.paid() == (dict.fromkeys(("ada", "bea", "cem"), 100) if is_paid else {})
    assert value("SELECT sum(worker) FROM ledger") == (0 if is_paid else 15_000)
    game.check_books()


def test_what_was_refused_is_given_back_once(game: Game) -> None:
    public_id, row_id = batch_of_three(game)
    for step in (freeze_batch, approve_batch, pay_batch):
        step(public_id, asker_id=None, now=game.clock())
    carry_out_payouts(row_id, tools(game, FakePlatform(refuses={"ada", "bea"})))
    calls = [lambda: give_back_refused(public_id, asker_id=None, now=game.clock())] * MANY
    assert refused(at_once(game.app, calls)) == ["nothing_refused"] * (MANY - 1)
    assert value("SELECT sum(worker) FROM ledger") == 10_000
    game.check_books()


# --- one thing or the other ------------------------------------------------------------------------------------------------------


def test_a_page_taken_back_and_committed_at_the_same_instant_leaves_no_promise_behind(game: Game) -> None:
    game.challenge()
    player = game.player()
    public_id = game.quoted(player)
    calls = [
        lambda i=f"item{number}": (
            commit_submission(public_id, player_id=player, now=game.clock(), new_id=i)
            if i[-1] in "02468"
            else withdraw_submission(public_id, player_id=player, now=game.clock())
        )
        for number in range(MANY)
    ]
    assert set(refused(at_once(game.app, calls))) <= {"no_quote"}
    assert game.row(public_id).state == "withdrawn"
    assert count("review_item") == count("ledger", "kind = 'reserve'") == count("ledger", "kind = 'release'")
    assert count("claim") == 0
    game.check_books()
    game.check_nothing_is_promised()


def test_fifty_judges_who_answer_under_one_lease_are_one_answer(game: Game) -> None:
    game.challenge()
    public_id = game.committed()
    judges = [game.judge() for _ in range(MANY)]
    item = game.lease(judges[0])
    answers = at_once(game.app, [lambda j=judge: say(game, item, j) for judge in judges])
    assert refused(answers) == ["lease_passed"] * (MANY - 1)
    assert (count("judgement"), game.item(public_id).state) == (1, "open")
    game.check_books()


def say(game: Game, item: Any, judge: int, label: str = "spam") -> None:
    record_judgement(
        item.public_id,
        judge_id=judge,
        token=item.token,
        label=label,
        cannot=None,
        seconds=5,
        now=game.clock(),
    )


def test_a_last_answer_and_a_deadline_at_the_same_instant_pay_the_page_once(game: Game) -> None:
    game.challenge()
    public_id = game.committed()
    game.judged(public_id, "ham")
    game.clock.advance(days=7)
    judge, item_id = game.judge(), game.item(public_id).id
    item = game.lease(judge)
    calls: list[Callable[[], object]] = [lambda: settle(item_id, now=game.clock())] * (MANY - 1)
    calls.insert(MANY // 2, lambda: say(game, item, judge, "ham"))
    assert set(refused(at_once(game.app, calls))) <= {"closed"}
    state = game.row(public_id).state
    assert (state, count("judgement"), count("outcome")) in (("rejected", 2, 1), ("undecided", 1, 0))
    assert count("ledger", "kind IN ('bonus', 'base', 'deadline')") == 1
    game.check_books()
    game.check_nothing_is_promised()


# --- by constraint ---------------------------------------------------------------------------------------------------------------


def test_a_page_whose_settlement_is_forgotten_is_not_paid_again(game: Game) -> None:
    """Every look before the leap is taken away, as a fault in our code would: the unique keys alone hold."""
    game.challenge()
    public_id = game.settled("spam")
    before = rows("SELECT account_id, sum(worker), sum(escrow), sum(budget) FROM ledger GROUP BY account_id")
    item_id = game.item(public_id).id
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE submission SET state = 'in_review', settled_at = NULL"))
        connection.execute(text("UPDATE review_item SET state = 'decided'"))
        connection.execute(text("DELETE FROM outcome"))
    refused(at_once(game.app, [lambda: settle(item_id, now=game.clock())] * 8))
    after = rows("SELECT account_id, sum(worker), sum(escrow), sum(budget) FROM ledger GROUP BY account_id")
    assert sorted(map(str, after)) == sorted(map(str, before))
    assert count("outcome") == count("ledger", "kind = 'bonus'") == 1
    game.check_books()


@pytest.mark.parametrize("table", ["ledger", "outcome", "judgement", "claim", "review_item", "quote"])
def test_no_row_of_a_settled_page_can_be_there_twice(game: Game, table: str) -> None:
    game.challenge()
    game.settled("spam")
    columns = ", ".join(column.name for column in db.metadata.tables[table].columns if column.name != "id")
    copy = f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table}"
    with pytest.raises(IntegrityError), db.engine.begin() as connection:
        connection.execute(text(copy))


# --- through the pages -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def pages(game: Game, monkeypatch: pytest.MonkeyPatch) -> Game:
    """The game behind its pages, where nobody is asked for a form's key or told to slow down."""
    monkeypatch.setitem(game.app.config, "WTF_CSRF_ENABLED", False)
    monkeypatch.setattr(limiter, "enabled", False)
    monkeypatch.setattr(clock, "now", game.clock)
    return game


def post_at_once(game: Game, account_id: int | None, path: str, forms: list[Form]) -> list[TestResponse]:
    """Each form posted at the same instant by a browser of one person, or of strangers."""
    cookie = ""
    if account_id is not None:
        start_session(account_id, new_token=f"token {account_id}", device="A browser", now=game.clock())
        signer = SecureCookieSessionInterface().get_signing_serializer(game.app)
        assert signer is not None
        cookie = str(signer.dumps({"t": f"token {account_id}", "_permanent": True}))

    def post(form: Form) -> TestResponse:
        browser = game.app.test_client()
        if cookie:
            browser.set_cookie("btm", cookie)
        return browser.post(path, data=form)

    answers = at_once(game.app, [lambda form=form: post(form) for form in forms])
    assert errors(answers) == []
    return answers


def statuses(answers: list[TestResponse]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def test_a_quote_taken_in_fifty_windows_at_once_is_taken_once(pages: Game) -> None:
    pages.challenge()
    player = pages.player()
    public_id = pages.quoted(player)
    answers = post_at_once(pages, player, f"/s/{public_id}/commit", [{}] * MANY)
    assert statuses(answers) == {303: MANY}
    assert count("review_item") == count("ledger", "kind = 'reserve'") == 1
    pages.check_books()


def test_an_answer_given_in_fifty_windows_at_once_is_given_once(pages: Game) -> None:
    pages.challenge()
    pages.committed()
    judge = pages.judge()
    item = pages.lease(judge)
    form = {"item": item.public_id, "token": item.token, "label": "spam", "seconds": "5"}
    assert statuses(post_at_once(pages, judge, "/c/spam/judge", [form] * MANY)) == {303: MANY}
    assert (count("judgement"), pages.balance(judge)) == (1, 50)


def test_an_appeal_made_in_fifty_windows_at_once_is_made_once(pages: Game) -> None:
    pages.challenge()
    public_id = pages.settled("ham")
    player = pages.row(public_id).player_id
    answers = post_at_once(pages, player, f"/s/{public_id}/appeal", [{"reason": "It sells."}] * MANY)
    assert statuses(answers) == {303: MANY}
    assert (count("appeal"), pages.item(public_id).round) == (1, 1)
    pages.check_books()


def test_twenty_strangers_who_want_one_name_are_one_who_gets_it_and_the_rest_are_told(pages: Game) -> None:
    form = {"handle": "wanted", "password": "a fine long password"}
    answers = post_at_once(pages, None, "/register", [form] * 20)
    assert statuses(answers) == {303: 1, 422: 19}
    assert count("account", "handle_key = 'wanted'") == 1
    told = [answer.text for answer in answers if answer.status_code == 422]
    assert all("That name is not available" in each for each in told)
