from __future__ import annotations

import pytest

from btm.rules.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from btm.services.mark_gold import mark_gold
from btm.services.retire_gold import retire_gold
from btm.services.roles import grant_role
from btm.services.show_gold import show_gold
from btm.store.tables import DbGold
from btm.store.transaction import transaction

from ..support.crowd import at_once, errors
from ..support.databases import value
from ..support.game import Game
from .golden import gold_of, gold_row, meet, next_gold, work


def mark(game: Game, item: str, *, truth: str | None = None, why: str = "", asker: int | None = None) -> str:
    return mark_gold(
        "spam", item, truth=truth, why=why, asker_id=asker, now=game.clock(), new_id=game.new("gold")
    )


def code_of(call: object) -> str:
    with pytest.raises(DomainError) as caught:
        call()  # type: ignore[operator]
    return caught.value.code


def test_a_verified_page_becomes_gold_with_its_verdict_for_truth(game: Game) -> None:
    game.challenge()
    public_id = game.settled("ham")
    row = gold_row(mark(game, game.item(public_id).public_id, why="  It is\nabout a tree. "))
    assert (row.truth, row.why, row.source, row.state) == ("ham", "It is about a tree.", "marked", "active")
    assert (row.page_id, row.item_id) == (game.item(public_id).page_id, game.item(public_id).id)


def test_left_without_a_reason_it_takes_those_of_the_judges(game: Game) -> None:
    game.challenge()
    public_id = game.committed()
    game.judge_says(public_id, "spam", reason="It sells pills")
    game.judge_says(public_id, "spam", reason="Nobody asked for it.")
    assert gold_row(mark(game, game.item(public_id).public_id)).why == "It sells pills. Nobody asked for it."
    silent = game.item(game.settled())
    assert gold_row(mark(game, silent.public_id)).why == "2 judges agreed."


def test_a_truth_other_than_the_verdict_needs_a_reason(game: Game) -> None:
    game.challenge()
    item = game.item(game.settled("spam")).public_id
    with pytest.raises(Invalid) as caught:
        mark(game, item, truth="ham")
    assert caught.value.field == "why"
    assert gold_row(mark(game, item, truth="ham", why="A tree is no offer.")).truth == "ham"
    with pytest.raises(Invalid):
        mark(game, game.item(game.settled()).public_id, truth="drugs", why="x")


def test_only_what_was_verified_here_can_be_marked_and_only_by_modelers(game: Game) -> None:
    game.challenge()
    game.challenge("other")
    assert code_of(lambda: mark(game, game.item(game.committed()).public_id)) == "not_verified"
    elsewhere = game.item(game.settled(slug="other")).public_id
    for item in (elsewhere, "nothing"):
        with pytest.raises(NotFound):
            mark(game, item)
    item = game.item(game.settled()).public_id
    with pytest.raises(Forbidden):
        mark(game, item, asker=game.player())
    modeler = game.player("maker")
    grant_role("maker", "modeler", slug="spam", now=game.clock())
    assert gold_row(mark(game, item, asker=modeler)).created_by == modeler


def test_a_judge_s_own_gold_item_is_no_page_to_mark(game: Game) -> None:
    game.challenge(gold_rate_start=0.9, gold_rate_floor=0.9)
    gold_of(game)
    work(game)
    item = meet(game, game.judge(), right=True)
    with pytest.raises(NotFound):
        mark(game, item.public_id)


def test_a_page_is_gold_once_however_often_and_at_once_it_is_marked(game: Game) -> None:
    game.challenge()
    item = game.item(game.settled()).public_id
    ids = [game.new("gold") for _ in range(8)]
    answers = at_once(
        game.app,
        [
            lambda new=new: mark_gold(
                "spam", item, truth=None, why="x", asker_id=None, now=game.clock(), new_id=new
            )
            for new in ids
        ],
    )
    assert [error.code for error in errors(answers) if isinstance(error, Conflict)] == ["already_gold"] * 7
    assert value("SELECT count(*) FROM gold") == 1


def test_the_same_text_under_another_address_is_the_same_gold(game: Game) -> None:
    game.challenge()
    game.challenge("look-alikes", topic="spam")
    text = "One and the same text on two pages."
    first = game.settled(url=game.page("https://a.example/", text=text))
    second = game.settled(url=game.page("https://b.example/", text=text), slug="look-alikes")
    mark(game, game.item(first).public_id)
    assert code_of(lambda: mark(game, game.item(second).public_id)) == "already_gold"


def test_retired_gold_may_come_back_unless_it_is_used_up(game: Game) -> None:
    game.challenge(gold_rate_start=0.9, gold_rate_floor=0.9)
    item = game.item(game.settled("spam")).public_id
    gold = mark(game, item)
    retire_gold("spam", gold, asker_id=None, now=game.clock())
    assert (gold_row(gold).state, gold_row(gold).retired_why) == ("retired", "by_hand")
    assert mark(game, item, truth="ham", why="It is ham.") == gold, "nobody was measured by it yet"
    work(game)
    meet(game, game.judge(), right=True)
    retire_gold("spam", gold, asker_id=None, now=game.clock())
    retire_gold("spam", gold, asker_id=None, now=game.clock())
    assert code_of(lambda: mark(game, item, truth="spam", why="No.")) == "other_truth"
    assert mark(game, item, truth="ham", why="Still.") == gold
    for why in ("leaked", "disputed"):
        with transaction() as session:
            session.query(DbGold).update({"state": "retired", "retired_why": why})
        assert code_of(lambda: mark(game, item, truth="ham", why="x")) == "used_up"


def test_retired_gold_is_asked_of_nobody_and_its_answers_still_count(game: Game) -> None:
    game.challenge(gold_rate_start=0.9, gold_rate_floor=0.9)
    gold = gold_of(game)
    work(game)
    meet(game, game.judge(), right=False)
    retire_gold("spam", gold, asker_id=None, now=game.clock())
    assert next_gold(game, game.judge(), tries=10) is None
    [shown] = show_gold("spam", asker_id=None).gold
    assert (shown.asked, shown.right, shown.revealed, shown.state) == (1, 0, 1, "retired")
    with pytest.raises(NotFound):
        retire_gold("spam", "nothing", asker_id=None, now=game.clock())
    with pytest.raises(Forbidden):
        retire_gold("spam", gold, asker_id=game.player(), now=game.clock())


def test_the_shelf_shows_active_gold_first_page_by_page(game: Game) -> None:
    game.challenge()
    game.challenge("empty")
    page = game.item(game.settled())
    with transaction() as session:
        from btm.store.tables import DbPage

        original = session.get(DbPage, page.page_id)
        for number in range(60):
            columns = {c.name: getattr(original, c.name) for c in DbPage.__table__.columns if c.name != "id"}
            copy = DbPage(**columns)
            session.add(copy)
            session.flush()
            session.add(
                DbGold(
                    public_id=f"g{number}", topic="spam", challenge_id=page.challenge_id, page_id=copy.id, item_id=page.id,
                    truth=("spam", "ham")[number % 3 == 0], why="", source="marked",
                    state=("active", "retired")[number % 2], created_at=game.clock(),
                )
            )  # fmt: skip
    first = show_gold("spam", asker_id=None)
    second = show_gold("spam", asker_id=None, cursor=first.cursor)
    third = show_gold("spam", asker_id=None, cursor=second.cursor)
    assert [len(view.gold) for view in (first, second, third)] == [25, 25, 10]
    assert third.cursor is None
    shown = [gold for view in (first, second, third) for gold in view.gold]
    assert [gold.state for gold in shown] == ["active"] * 30 + ["retired"] * 30
    assert len({gold.public_id for gold in shown}) == 60
    assert (first.active, first.retired) == (30, 30)
    assert {label.key: number for label, number in first.by_label} == {"spam": 20, "ham": 10}
    assert shown[0].item_public_id == page.public_id
    assert show_gold("empty", asker_id=None).gold == ()
    with pytest.raises(Forbidden):
        show_gold("spam", asker_id=game.player())
    with pytest.raises(Invalid):
        show_gold("spam", asker_id=None, cursor="x")


def test_the_shelf_offers_the_newest_verified_pages_that_are_no_gold(game: Game) -> None:
    game.challenge()
    items = []
    for number in range(14):
        game.clock.advance(minutes=1)
        items.append(game.item(game.settled(("spam", "ham")[number % 2])).public_id)
    game.committed()
    mark(game, items[-1])
    offered = show_gold("spam", asker_id=None).candidates
    assert [each.item_public_id for each in offered] == items[-2:0:-1]
    assert (offered[0].truth.key, offered[0].judgements) == ("spam", 2)
