"""A challenge that stops by itself refuses new pages, says why, and still pays what it promised."""

from __future__ import annotations

from datetime import UTC, date, timedelta

import pytest

from btm.rules.errors import Conflict, Forbidden, Invalid
from btm.rules.stops import BUDGET, DATE, FINDS, Stops
from btm.services.list_authored import list_authored
from btm.services.list_challenges import list_challenges
from btm.services.list_finds import list_finds
from btm.services.set_stops import set_stops
from btm.services.show_acts import show_acts
from btm.services.show_authoring import show_authoring
from btm.services.show_budget import show_budget
from btm.services.show_machine import list_machines, show_machine

from ..support.crowd import at_once, errors
from ..support.databases import rows, value
from ..support.game import Game


def stop(game: Game, **conditions: object) -> None:
    set_stops("spam", Stops(**conditions), asker_id=None, now=game.clock())  # type: ignore[arg-type]


def refusal(game: Game) -> str:
    row = game.row(game.submitted())
    return row.refusal if row.state == "refused" else ""


def test_after_its_day_it_takes_no_page_and_pays_what_it_promised(game: Game) -> None:
    game.challenge()
    stop(game, until=game.clock() + timedelta(hours=1))
    waiting, offered = game.committed(), game.quoted()
    assert list_challenges(now=game.clock())[0].ends_at == game.clock() + timedelta(hours=1)
    game.clock.advance(hours=1)
    assert refusal(game) == DATE
    with pytest.raises(Conflict) as over:
        game.commit(offered)
    assert over.value.code == "stopped"
    game.judged(waiting, "spam", "spam")
    assert game.row(waiting).state == "confirmed"
    game.check_books()


def test_after_its_day_it_looks_over_wherever_it_is_listed(game: Game) -> None:
    game.challenge()
    stop(game, until=game.clock() + timedelta(hours=1))
    game.clock.advance(hours=1)
    now = game.clock()
    cards = {
        "challenges": list_challenges(now=now)[0],
        "finds": list_finds("spam", now=now).challenge.card,
        "machines": list_machines(now=now)[0].challenges[0],
        "machine": show_machine("toy", now=now).challenges[0],
        "preview": show_authoring("spam", asker_id=None, now=now).preview.card,
    }
    assert {name: (card.is_open, "that day is over" in card.stopped) for name, card in cards.items()} == (
        dict.fromkeys(cards, (False, True))
    )
    [row] = list_authored(asker_id=None, now=now)
    assert (row.state, "that day is over" in row.stopped) == ("live", True)


def test_after_enough_finds_it_takes_no_page(game: Game) -> None:
    game.challenge()
    stop(game, finds=1)
    assert refusal(game) == ""
    game.settled()
    assert refusal(game) == FINDS
    card = list_challenges(now=game.clock())[0]
    assert (card.is_open, bool(card.stopped)) == (False, True)


def test_it_never_promises_and_pays_more_than_was_meant_however_many_come_at_once(game: Game) -> None:
    game.challenge(min_judgements=1, max_judgements=1)
    quoted = [game.quoted() for _ in range(6)]
    price = game.view(quoted[0]).quote.points + 50  # type: ignore[union-attr]
    stop(game, spent=3 * price + 100)
    answers = at_once(game.app, [lambda one=one: game.commit(one) for one in quoted])  # type: ignore[misc]
    assert {error.code for error in errors(answers)} == {"stopped"}  # type: ignore[attr-defined]
    assert 0 < int(str(value("SELECT sum(escrow) FROM ledger"))) <= 3 * price + 100


def test_it_keeps_free_what_it_was_told_to(game: Game) -> None:
    game.challenge(budget=10_000)
    stop(game, keep_free=9_999)
    assert refusal(game) == BUDGET
    assert show_budget("spam", asker_id=None, now=game.clock()).stopped == ""  # 10,000 are free


def test_conditions_replace_each_other_and_are_on_record(game: Game) -> None:
    game.challenge()
    stop(game, finds=1)
    stop(game, spent=10**6)
    assert show_budget("spam", asker_id=None, now=game.clock()).stops == Stops(spent=10**6)
    stop(game)
    assert show_budget("spam", asker_id=None, now=game.clock()).stops == Stops()
    assert rows("SELECT verb FROM act") == [("change_stops",)] * 3
    with pytest.raises(Invalid):
        stop(game, finds=0)
    with pytest.raises(Forbidden):
        set_stops("spam", Stops(), asker_id=game.player(), now=game.clock())


def test_a_budget_s_days_are_those_on_which_points_were_earned(game: Game) -> None:
    game.challenge()
    for _ in range(4):
        game.clock.advance(days=1)
        game.settled()
    view = show_budget("spam", asker_id=None, now=game.clock())
    today = game.clock().astimezone(UTC).date()
    assert [each.day for each in view.days] == [today - timedelta(days=3 - number) for number in range(4)]
    assert [each.is_whole for each in view.days] == [True, True, True, False]
    assert sum(each.points for each in view.days) == view.pots.paid > 0
    assert view.forecast is not None
    assert view.forecast.over_days == 3
    assert isinstance(view.days[0].day, date)
    assert view.found == 4


def test_acts_are_found_by_what_they_were_about_and_by_whom(game: Game) -> None:
    game.challenge()
    stop(game, finds=3)
    page = show_acts(asker_id=None, subject="challenge:spam", who="operator", verb="change_stops")
    assert [(each.verb, each.actor, dict(each.detail)["finds"]) for each in page.acts] == [
        ("change_stops", "", "3")
    ]
    assert show_acts(asker_id=None, subject="payout").acts == ()
    assert len(show_acts(asker_id=None, subject="challenge").acts) == 1
    stop(game, finds=4)
    first = show_acts(asker_id=None, limit=1)
    assert first.next_cursor is not None
    assert len(show_acts(asker_id=None, cursor=first.next_cursor).acts) == 1
    with pytest.raises(Forbidden):
        show_acts(asker_id=game.player())
