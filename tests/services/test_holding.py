"""Points for a find wait until its page was looked at again, and go into a batch once."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from btm.rules.errors import Conflict, Forbidden, NotFound
from btm.services.decide_at_desk import decide_at_desk
from btm.services.due import to_recheck
from btm.services.freeze_payouts import freeze_batch, open_batch, show_payable
from btm.services.move_batch import cancel_batch
from btm.services.recheck_find import recheck_find
from btm.services.release_find import list_held, question_find, release_find
from btm.services.roles import grant_role
from btm.services.settle import settle
from btm.services.show_desk import show_desk
from btm.services.show_payouts import show_batch
from btm.services.show_statement import show_statement
from btm.services.take_down import take_down
from btm.services.views_payouts import BatchView
from btm.store.tables import DbChallenge
from btm.store.transaction import reading, transaction

from ..support import texts
from ..support.crowd import at_once, errors
from ..support.databases import rows, value
from ..support.fakes import read_page
from ..support.game import Game
from ..support.killing import dies
from ..support.paying import FakePlatform, approved, earn, pay
from ..support.rejudging import block, listen

URL = "https://a.example/page"


def find(game: Game, player: int, url: str = URL) -> str:
    """A find, of which all that is in its player's balance comes."""
    return game.settled("spam", player, url=game.page(url, text=texts.text(url, 200)))


def look(game: Game, public_id: str, becomes: str | None = None, *, days: float = 1) -> None:
    """Days later its page is fetched again, and is another one, or could not be fetched, where that is said."""
    game.clock.advance(days=days)
    row = game.row(public_id)
    if becomes is not None:
        game.reader.pages[row.url] = becomes if becomes.isidentifier() else read_page(row.url, becomes)
    recheck_find(row.id, now=game.clock(), reader=game.reader)  # type: ignore[arg-type]


def frozen(game: Game) -> BatchView:
    """A batch of all that can be paid."""
    public_id, now = game.new("batch"), game.clock()
    open_batch("local", cutoff=now, least_cents=1, asker_id=None, now=now, new_id=public_id)
    freeze_batch(public_id, asker_id=None, now=now)
    return show_batch(public_id, asker_id=None)


def nothing_to_pay(game: Game) -> str:
    with pytest.raises(Conflict) as refused:
        frozen(game)
    assert refused.value.code == "nobody"
    return str(refused.value)


def test_a_find_waits_for_its_look_and_then_goes_into_one_batch_only(game: Game) -> None:
    hunt = game.challenge(judging_price=0)
    ada = game.player("ada")
    public_id = find(game, ada)
    bonus = game.balance(ada)
    earn(game, ada, 5000, hunt)
    first = frozen(game)
    assert (first.points, first.held_pages, first.held_points) == (5000, 1, bonus)
    [held] = first.held
    assert (held.submission, held.points, held.why, held.handle) == (public_id, bonus, "unseen", "ada")
    assert game.balance(ada) == bonus
    assert "wait until their pages" in nothing_to_pay(game)
    look(game, public_id)
    earn(game, ada, 5000, hunt)
    second = frozen(game)
    assert second.points == 5000 + bonus - (5000 + bonus) % 50
    assert (second.held_pages, game.balance(ada)) == (0, (5000 + bonus) % 50)
    nothing_to_pay(game)
    game.check_books()


@pytest.mark.parametrize(
    ("becomes", "is_paid"),
    [
        (None, True),
        (texts.nearly_the_same(URL, 3, 200), True),
        (texts.text("Buy this domain", 200), False),
        ("not_found", False),
        ("timeout", False),
    ],
    ids=("same", "nearly the same", "another", "gone", "failed"),
)
def test_what_the_first_look_says_decides(game: Game, becomes: str | None, is_paid: bool) -> None:
    game.challenge(judging_price=0)
    public_id = find(game, game.player())
    look(game, public_id, becomes)
    if is_paid:
        assert frozen(game).number == 1
    else:
        nothing_to_pay(game)


def test_a_site_that_is_down_twice_does_no_harm_to_its_finder(game: Game) -> None:
    game.challenge(judging_price=0)
    public_id = find(game, game.player())
    look(game, public_id, "timeout")
    with reading() as session:
        assert to_recheck(session, game.clock(), 9) == []
        assert to_recheck(session, game.clock() + timedelta(days=1), 9) == [game.row(public_id).id]
    nothing_to_pay(game)
    look(game, public_id, "not_found")
    assert value("SELECT count(*) FROM recheck") == 2
    assert frozen(game).number == 1


def test_a_page_that_became_another_waits_for_a_word_and_at_last_for_nothing(game: Game) -> None:
    game.challenge(judging_price=0, hold_days=20)
    ada = game.player()
    public_id = find(game, ada)
    look(game, public_id, texts.text("Buy this domain", 200))
    [held] = list_held("spam", asker_id=None, now=game.clock()).held
    assert (held.submission, held.why, held.points) == (public_id, "changed", game.balance(ada))
    assert held.similarity is not None and held.similarity < 0.6  # noqa: PT018
    game.clock.advance(days=18.9)
    nothing_to_pay(game)
    game.clock.advance(days=0.1)
    assert frozen(game).number == 1
    assert list_held("spam", asker_id=None, now=game.clock()).pages == 0


def test_a_modeler_has_it_paid_all_the_same_once_and_on_record(game: Game) -> None:
    game.challenge(judging_price=0)
    public_id = find(game, game.player())
    look(game, public_id, texts.text("Buy this domain", 200))
    modeler = game.player("mo")
    grant_role("mo", "modeler", slug="spam", now=game.clock())
    for asker, slug in ((game.player(), "spam"), (modeler, "other")):
        game.challenge(slug) if slug == "other" else None
        with pytest.raises(Forbidden):
            release_find(slug, public_id, asker_id=asker, now=game.clock())
    with pytest.raises(NotFound):
        release_find("spam", "nothing", asker_id=modeler, now=game.clock())
    done = at_once(
        game.app, [lambda: release_find("spam", public_id, asker_id=modeler, now=game.clock())] * 8
    )
    assert {getattr(each, "code", "") for each in errors(done)} <= {"not_held"}
    assert value("SELECT count(*) FROM payout_release") == 1
    acts = rows("SELECT actor_id, subject FROM act WHERE verb = 'release_points'")
    assert set(acts) == {(modeler, "challenge:spam")}
    assert frozen(game).number == 1
    with pytest.raises(Conflict):
        release_find("spam", public_id, asker_id=modeler, now=game.clock())


def test_nobody_has_their_own_find_paid(game: Game) -> None:
    game.challenge(judging_price=0)
    mo = game.player("mo")
    grant_role("mo", "modeler", slug="spam", now=game.clock())
    public_id = find(game, mo)
    for say in (release_find, question_find):
        with pytest.raises(Forbidden) as refused:
            say("spam", public_id, asker_id=mo, now=game.clock())
        assert refused.value.code == "own_page"


@pytest.mark.parametrize(("label", "is_kept"), [("ham", False), ("spam", True)])
def test_the_desk_takes_back_what_was_not_earned(game: Game, label: str, is_kept: bool) -> None:
    game.challenge(judging_price=0)
    ada = game.player()
    public_id = find(game, ada)
    bonus = game.balance(ada)
    with pytest.raises(Conflict) as refused:
        question_find("spam", public_id, asker_id=None, now=game.clock())
    assert refused.value.code == "not_changed"
    look(game, public_id, texts.text("Buy this domain", 200))
    item = question_find("spam", public_id, asker_id=None, now=game.clock()).item
    with pytest.raises(Conflict):
        question_find("spam", public_id, asker_id=None, now=game.clock())
    nothing_to_pay(game)
    shown = show_desk("spam", asker_id=None).item
    assert shown is not None
    assert (shown.public_id, shown.why, game.row(public_id).state) == (item, "changed", "confirmed")
    decide_at_desk(
        "spam", item, label=label, reason="It shows us something else.", asker_id=None, now=game.clock()
    )
    assert game.row(public_id).state == ("confirmed" if is_kept else "rejected")
    if is_kept:
        assert game.balance(ada) == bonus
        assert frozen(game).number == 1
    else:
        assert game.balance(ada) < 50
        assert rows("SELECT worker FROM ledger WHERE kind = 'reversal'") == [(game.balance(ada) - bonus,)]
        nothing_to_pay(game)
    game.check_books()


def test_what_nobody_decides_at_the_desk_stays_the_player_s(game: Game) -> None:
    game.challenge(judging_price=0, verdict_days=7)
    ada = game.player()
    public_id = find(game, ada)
    bonus = game.balance(ada)
    look(game, public_id, texts.text("Buy this domain", 200))
    question_find("spam", public_id, asker_id=None, now=game.clock())
    game.clock.advance(days=8)
    settle(game.item(public_id).id, now=game.clock())
    assert (game.row(public_id).state, game.balance(ada)) == ("confirmed", bonus)
    game.clock.advance(days=6)
    assert frozen(game).number == 1


def test_a_win_that_was_held_can_be_taken_up_again_and_one_that_was_paid_cannot(game: Game) -> None:
    listen(game)
    hunt = game.challenge(judging_price=0)
    ada = game.player()
    held = game.committed(ada)
    judges = game.judged(held, "spam", "spam")
    earn(game, ada, 5000, hunt)
    frozen(game)
    block(game, *judges)
    assert game.row(held).reopened_at is not None
    game.judged(held, "spam", "spam")
    look(game, held)
    other = game.committed(ada)
    judges = game.judged(other, "spam", "spam")
    look(game, other)
    frozen(game)
    block(game, *judges)
    assert game.row(other).reopened_at is None


def test_a_batch_that_was_cancelled_leaves_everything_as_it_was(game: Game) -> None:
    hunt = game.challenge(judging_price=0)
    ada = game.player()
    public_id = find(game, ada)
    earn(game, ada, 5000, hunt)
    before = game.balance(ada)
    cancel_batch(frozen(game).public_id, asker_id=None, now=game.clock())
    assert game.balance(ada) == before
    assert frozen(game).held_pages == 1
    look(game, public_id)
    batch = frozen(game)
    cancel_batch(batch.public_id, asker_id=None, now=game.clock())
    game.reader.pages[URL] = read_page(URL, texts.text("Buy this domain", 200))
    look(game, public_id, days=7)
    nothing_to_pay(game)


def test_what_was_paid_is_not_held_of_what_comes_later(game: Game) -> None:
    hunt = game.challenge(judging_price=0)
    ada = game.player("ada")
    public_id = find(game, ada)
    look(game, public_id)
    platform = FakePlatform()
    pay(game, approved(game).public_id, platform)
    look(game, public_id, texts.text("Buy this domain", 200), days=8)
    earn(game, ada, 5000, hunt)
    batch = frozen(game)
    assert (batch.held_pages, batch.points >= 5000) == (0, True)


def test_batches_frozen_at_once_take_a_find_once(game: Game) -> None:
    game.challenge(judging_price=0)
    ada = game.player()
    look(game, find(game, ada))
    bonus = game.balance(ada)
    at_once(game.app, [lambda: frozen(game)] * 12)
    assert value("SELECT coalesce(-sum(worker), 0) FROM ledger WHERE kind = 'payout'") == bonus - bonus % 50
    game.check_books()


@pytest.mark.parametrize("rules", [{"hold_days": 0}, {"points_per_usd": 0}])
def test_a_challenge_may_hold_nothing(game: Game, rules: dict[str, int]) -> None:
    game.challenge(judging_price=0, **rules)
    ada = game.player()
    find(game, ada)
    assert list_held("spam", asker_id=None, now=game.clock()).pages == 0
    assert show_statement(ada, now=game.clock()).unseen.points == 0
    if "hold_days" in rules:
        assert frozen(game).number == 1


def test_what_a_quote_promised_about_waiting_stands(game: Game) -> None:
    game.challenge(judging_price=0, hold_days=0)
    public_id = game.committed(game.player())
    with transaction() as session:
        session.query(DbChallenge).filter_by(slug="spam").update({"rules": {"hold_days": 30}})
    game.judged(public_id, "spam", "spam")
    assert frozen(game).number == 1


def test_the_statement_says_what_waits_and_until_when(game: Game) -> None:
    game.challenge(judging_price=0)
    ada = game.player()
    first = find(game, ada)
    second = find(game, ada, "https://b.example/page")
    settled, bonus = game.clock(), game.balance(ada)
    statement = show_statement(ada, now=game.clock())
    assert (statement.approved, statement.unseen.points, statement.unseen.pages) == (bonus, bonus, 2)
    assert statement.unseen.until == settled + timedelta(days=14)
    look(game, first, texts.text("Buy this domain", 200))
    look(game, second, days=0)
    statement = show_statement(ada, now=game.clock())
    assert (statement.unseen.points, statement.changed.pages) == (0, 1)
    assert 0 < statement.changed.points < bonus
    assert show_statement(game.player(), now=game.clock()).changed.pages == 0


def test_what_was_taken_down_waits_for_nothing(game: Game) -> None:
    game.challenge(judging_price=0)
    public_id = find(game, game.player())
    take_down("spam", public_id, reason="private", asker_id=None, now=game.clock(), new_id="down")
    assert frozen(game).number == 1


def test_freezing_foretells_what_would_be_held(game: Game) -> None:
    game.challenge(judging_price=0)
    ada = game.player()
    find(game, ada)
    now = game.clock()
    due = show_payable("local", cutoff=now, least_cents=1, asker_id=None, now=now)
    assert (due.payees, due.held_pages, due.held_points) == ((), 1, game.balance(ada))


def test_killed_at_any_point_of_freezing_a_held_find_is_in_no_batch_and_then_in_one(game: Game) -> None:
    hunt = game.challenge(judging_price=0)
    ada = game.player("ada")
    public_id = find(game, ada)
    bonus = game.balance(ada)
    earn(game, ada, 5000 - bonus % 50, hunt)
    now = game.clock()
    open_batch("local", cutoff=now, least_cents=1, asker_id=None, now=now, new_id="first")
    n = 1
    while dies(n, partial(freeze_batch, "first", asker_id=None, now=now)):
        assert value("SELECT count(*) FROM payout_hold") == value("SELECT count(*) FROM payout") == 0
        n += 1
    assert n > 8
    assert rows("SELECT submission_id, points FROM payout_hold") == [(game.row(public_id).id, bonus)]
    look(game, public_id)
    now = game.clock()
    open_batch("local", cutoff=now, least_cents=1, asker_id=None, now=now, new_id="second")
    n = 1
    while dies(n, partial(freeze_batch, "second", asker_id=None, now=now)):
        n += 1
    assert game.balance(ada) == 0
    assert value("SELECT -sum(worker) FROM ledger WHERE kind = 'payout'") == 5000 - bonus % 50 + bonus
    nothing_to_pay(game)
