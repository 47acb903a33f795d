"""Gold in a game: marked pages, and judges who meet them."""

from __future__ import annotations

from typing import Any

from btm.services.lease_review import lease_review
from btm.services.mark_gold import mark_gold
from btm.services.record_judgement import record_judgement
from btm.store.tables import DbGold, DbJudge, DbReviewItem
from btm.store.transaction import reading, transaction

from ..support.game import Game


def gold_of(game: Game, truth: str = "spam", *, slug: str = "spam", why: str = "It sells.") -> str:
    """A settled page, marked as gold. Returns the gold's public id."""
    item = game.item(game.settled(truth, slug=slug))
    return mark_gold(
        slug, item.public_id, truth=None, why=why, asker_id=None, now=game.clock(), new_id=game.new("gold")
    )


def work(game: Game, pages: int = 1, slug: str = "spam") -> None:
    """Pages that wait for anybody."""
    for _ in range(pages):
        game.committed(slug=slug)


def is_gold(item: Any) -> bool:
    """Whether what a judge holds is gold: nothing but the row says so."""
    return row_of(item.public_id).origin == "gold"


def row_of(public_id: str) -> DbReviewItem:
    with reading() as session:
        return session.query(DbReviewItem).filter_by(public_id=public_id).one()


def turn(game: Game, judge: int, slug: str = "spam", token: str | None = None) -> Any:
    """What a judge is given when they turn the page."""
    return lease_review(
        slug, judge_id=judge, now=game.clock(), new_token=token or game.new("token"), dice=0.5
    ).item


def next_gold(game: Game, judge: int, tries: int = 60) -> Any:
    """Let a judge turn pages, giving back what is no gold, until one is; None where none comes."""
    for _ in range(tries):
        item = turn(game, judge)
        if item is None or is_gold(item):
            return item
        with transaction() as session:
            session.query(DbReviewItem).filter_by(public_id=item.public_id).update(
                {"lease_judge_id": None, "lease_token": "", "lease_until": None}
            )
    return None


def say(game: Game, judge: int, item: Any, label: str | None, *, seconds: float = 9.0) -> None:
    record_judgement(
        item.public_id, judge_id=judge, token=item.token, label=label, cannot=None if label else "unsure",
        seconds=seconds, now=game.clock(),
    )  # fmt: skip


def meet(game: Game, judge: int, *, right: bool) -> Any:
    """A judge answers their next gold page, right or wrong. Returns the item."""
    item = next_gold(game, judge)
    assert item is not None, "no gold came"
    truth = truth_of(item)
    say(game, judge, item, truth if right else ("ham" if truth == "spam" else "spam"))
    return item


def truth_of(item: Any) -> str:
    with reading() as session:
        gold_id = session.query(DbReviewItem).filter_by(public_id=item.public_id).one().gold_id
        return session.query(DbGold).filter_by(id=gold_id).one().truth


def gold_row(public_id: str) -> DbGold:
    with reading() as session:
        return session.query(DbGold).filter_by(public_id=public_id).one()


def judge_row(judge: int, topic: str = "spam") -> DbJudge:
    with reading() as session:
        return session.query(DbJudge).filter_by(account_id=judge, topic=topic).one()
