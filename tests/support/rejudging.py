"""Judges blocked and let in again, appeals, the desk, and a database that dies at a chosen statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from btm.services.appeal_submission import appeal_submission
from btm.services.carry_out_standing import carry_out_standing
from btm.services.change_standing import block_judge, lift_block
from btm.services.decide_at_desk import decide_at_desk
from btm.services.place_find import place_find
from btm.services.reconsider import reconsider
from btm.store.database import db
from btm.store.tables import DbRole
from btm.store.transaction import transaction

from .databases import value
from .game import Game


def listen(game: Game) -> Game:
    """Let the game's bell also carry out changes of standing, and look at pages again."""
    game.bell.work["standing"] = lambda change_id: carry_out_standing(change_id, now=game.clock())
    game.bell.work["place"] = lambda submission_id: place_find(submission_id, now=game.clock())
    game.bell.work["reconsider"] = lambda item_id: reconsider(item_id, now=game.clock())
    return game


def modeler(game: Game) -> int:
    """Somebody who models every challenge."""
    account_id = game.player(game.new("modeler"))
    with transaction() as session:
        session.add(DbRole(account_id=account_id, role="modeler", scope="", granted_at=game.clock()))
    return account_id


def block(game: Game, *judges: int, slug: str = "spam") -> None:
    for judge in judges:
        block_judge(slug, judge, note="Not read.", asker_id=None, now=game.clock())


def lift(game: Game, *judges: int, slug: str = "spam") -> None:
    for judge in judges:
        lift_block(slug, judge, note="A mistake of ours.", asker_id=None, now=game.clock())


def appeal(game: Game, public_id: str, reason: str = "It sells.") -> None:
    appeal_submission(public_id, player_id=game.row(public_id).player_id, reason=reason, now=game.clock())


def decide(game: Game, public_id: str, label: str, by: int, slug: str = "spam") -> None:
    decide_at_desk(
        slug,
        game.item(public_id).public_id,
        label=label,
        reason="It is plain.",
        asker_id=by,
        now=game.clock(),
    )


def promised(game: Game, public_id: str) -> int:
    quote = game.view(public_id).quote
    assert quote is not None
    return quote.points


def budget() -> int:
    return int(str(value("SELECT sum(budget) FROM ledger")))


class Killed(Exception):
    """The process died here."""


@contextmanager
def dying_at(number: int) -> Iterator[None]:
    """The database dies when it is asked for its n-th statement of a transaction, counted from 1."""
    count = 0

    def count_up(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        nonlocal count
        count += not statement.startswith("BEGIN")
        if count == number:
            raise Killed

    event.listen(db.engine, "before_cursor_execute", count_up)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", count_up)


def die_everywhere(step: Callable[[], None], look: Callable[[], object], most: int = 200) -> int:
    """Kill a step at each of its statements in turn, the last of which is followed by the commit; after each death nothing may
    have changed. Then let it be done. Returns at how many statements it died."""
    before = look()
    for number in range(1, most):
        try:
            with dying_at(number):
                step()
        except Killed:
            assert look() == before, f"something was left behind by a death at statement {number}"
        else:
            return number - 1
    raise AssertionError("the step never ended")
