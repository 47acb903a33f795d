"""Gold as judges meet it."""

from __future__ import annotations

import random
import re
from dataclasses import asdict
from datetime import timedelta

import pytest

from btm.rules.errors import Conflict, Forbidden
from btm.services import export_corpus as exporting
from btm.services.lease_review import lease_review
from btm.services.list_finds import list_finds
from btm.services.list_judging import list_judging
from btm.services.retire_gold import retire_gold
from btm.services.show_challenge import show_challenge
from btm.store import gold as gold_store
from btm.store.tables import DbJudgement, DbReviewItem
from btm.store.transaction import reading, transaction

from ..support.clock import WEDNESDAY_NOON as WHEN
from ..support.crowd import at_once, errors
from ..support.databases import rows, value
from ..support.game import Game
from .golden import gold_of, gold_row, is_gold, judge_row, meet, next_gold, row_of, say, truth_of, turn, work

OFTEN = {"gold_rate_start": 0.9, "gold_rate_floor": 0.9}


def test_what_a_judge_receives_is_the_same_for_gold_and_for_any_other_page(game: Game) -> None:
    game.challenge(**OFTEN)
    gold_of(game)
    work(game, 3)
    judge, other = game.judge(), game.judge()
    gold = next_gold(game, judge)
    with transaction() as session:
        real = session.query(DbReviewItem).filter_by(gold_id=None, state="open").first()
        assert real is not None
        real.public_id = random.Random(1).randbytes(8).hex()
        game_item = real.public_id
    game.lease_to(game_item, other, "token")
    with transaction() as session:
        until = game.clock() + timedelta(seconds=300)
        session.query(DbReviewItem).filter_by(public_id=game_item).update({"lease_until": until})
    plain = lease_review("spam", judge_id=other, now=game.clock(), new_token="x", dice=0.1)
    checked = lease_review("spam", judge_id=judge, now=game.clock(), new_token="x", dice=0.1)
    assert checked.item is not None
    assert plain.item is not None
    assert is_gold(checked.item)
    assert not is_gold(plain.item)
    assert asdict(checked.item).keys() == asdict(plain.item).keys()
    assert checked.price == plain.price == 50
    assert checked.item.lease_expires_at == plain.item.lease_expires_at
    assert all(re.fullmatch("[0-9a-f]{16}", view.item.public_id) for view in (checked, plain) if view.item)
    assert (checked.challenge.card.in_review, checked.pause_seconds) == (
        plain.challenge.card.in_review,
        plain.pause_seconds,
    )
    assert gold == checked.item
    for word in ("gold", "why", "It sells", "truth"):
        assert word not in repr(checked.item)


def test_a_judge_cannot_tell_gold_from_the_token_that_they_hold(game: Game) -> None:
    game.challenge(**OFTEN)
    gold_of(game)
    work(game)
    item = next_gold(game, game.judge())
    for seed in (item.token, f":{item.token}"):
        luck = random.Random(seed)
        drawn = {luck.randbytes(8).hex() for _ in range(50)}
        stepped = set()
        for skip in range(6):
            luck = random.Random(seed)
            for _ in range(skip):
                luck.random()
            stepped.add(luck.randbytes(8).hex())
        assert item.public_id not in drawn | stepped


def test_the_rate_of_gold_decays_with_proven_quality(game: Game) -> None:
    game.challenge(gold_rate_start=0.4, gold_rate_floor=0.1, gold_proof_answers=8)
    _many_gold(game, 30)
    work(game)
    proven, careless = game.judge(), game.judge()
    for _ in range(8):
        meet(game, proven, right=True)
    for number in range(6):
        meet(game, careless, right=number % 2 == 0)
    shares = {}
    for judge in (proven, careless):
        drawn = 0
        for seed in range(200):
            item = turn(game, judge, token=f"seed{seed}")
            drawn += is_gold(item)
            _forget(item.public_id)
        shares[judge] = drawn / 200
    assert shares[proven] == pytest.approx(0.1, abs=0.06)
    assert shares[careless] == pytest.approx(0.4, abs=0.09)


def test_who_hurries_meets_more_gold_again(game: Game) -> None:
    game.challenge(gold_rate_start=0.9, gold_rate_floor=0.0, gold_proof_answers=3, min_gold_accuracy=0.1)
    for _ in range(6):
        gold_of(game)
    work(game)
    judge = game.judge()
    for _ in range(3):
        meet(game, judge, right=True)
    assert next_gold(game, judge, tries=10) is None
    with transaction() as session:
        session.query(DbJudgement).filter_by(judge_id=judge).update({"is_hasty": True})
    assert is_gold(next_gold(game, judge))


def test_labels_come_evenly_while_there_are_any(game: Game) -> None:
    game.challenge(**OFTEN)
    for truth in ("spam", "ham", "ham", "ham", "ham", "ham", "spam"):
        gold_of(game, truth)
    work(game)
    judge = game.judge()
    seen = [truth_of(meet(game, judge, right=True)) for _ in range(7)]
    assert sorted(seen[:4]) == ["ham", "ham", "spam", "spam"]
    assert seen[4:] == ["ham"] * 3, "when the rarer label is used up the other still comes"


def test_nobody_meets_gold_twice_nor_a_page_that_they_judged_or_found(game: Game) -> None:
    game.challenge(**OFTEN)
    game.challenge("look-alikes", topic="spam", **OFTEN)
    judge, finder = game.judge(), game.judge()
    page = game.page(text="One and the same text, handed in twice.")
    again = game.page("https://mirror.example/", text="One and the same text, handed in twice.")
    public_id = game.committed(finder, page)
    game.judge_says(public_id, "spam", judge)
    game.judged(public_id, "spam")
    copy = game.settled(url=again, slug="look-alikes")
    _mark(game, game.item(copy).public_id)
    gold_of(game)
    work(game)
    assert gold_row_count() == 2
    for person in (judge, finder):
        first = meet(game, person, right=True)
        assert first.title == "A page"
        assert row_of(first.public_id).page_id != game.item(copy).page_id
        assert next_gold(game, person) is None
    assert {
        row_of(meet(game, stranger, right=True).public_id).page_id for stranger in [game.judge()] * 2
    } == {
        game.item(copy).page_id,
        gold_page(2),
    }


def test_no_gold_comes_where_nothing_else_waits(game: Game) -> None:
    game.challenge(**OFTEN)
    gold_of(game)
    judge = game.judge()
    assert [turn(game, judge) for _ in range(20)] == [None] * 20
    game.committed(judge)
    assert [turn(game, judge) for _ in range(20)] == [None] * 20, "their own page is no work for them"
    assert value("SELECT count(*) FROM review_item WHERE origin = 'gold'") == 0


def test_gold_is_not_counted_among_what_waits(game: Game) -> None:
    game.challenge(**OFTEN)
    gold_of(game)
    work(game, 2)
    judge = game.judge()
    before = list_judging(judge, now=game.clock())[0].waiting
    next_gold(game, judge)
    assert [offer.waiting for offer in list_judging(judge, now=game.clock())] == [before] == [2]
    assert list_judging(game.judge(), now=game.clock())[0].waiting == 2


def test_gold_that_ran_out_is_handed_to_the_same_judge_again(game: Game) -> None:
    game.challenge(lease_seconds=60, **OFTEN)
    gold_of(game)
    work(game)
    judge, other = game.judge(), game.judge()
    first = next_gold(game, judge)
    game.clock.advance(seconds=61)
    assert next_gold(game, other).public_id != first.public_id
    again = next_gold(game, judge)
    assert again.public_id == first.public_id
    assert again.token != first.token
    assert again.lease_expires_at == game.clock() + timedelta(seconds=60)
    with pytest.raises(Conflict):
        say(game, judge, first, "spam")
    say(game, judge, again, "spam")
    assert (game.balance(judge), row_of(first.public_id).state) == (50, "settled")
    game.check_books()


def test_an_answer_a_little_late_counts_for_gold_too(game: Game) -> None:
    game.challenge(lease_seconds=60, **OFTEN)
    gold_of(game)
    work(game)
    judge = game.judge()
    item = next_gold(game, judge)
    game.clock.advance(seconds=90)
    say(game, judge, item, "spam")
    assert game.balance(judge) == 50


def test_gold_is_paid_like_any_other_from_points_that_were_kept_for_it(game: Game) -> None:
    game.challenge(**OFTEN)
    gold_of(game)
    gold_of(game, "ham")
    work(game)
    judge = game.judge()
    promised = value("SELECT sum(escrow) FROM ledger")
    item = next_gold(game, judge)
    assert value("SELECT sum(escrow) FROM ledger") == promised + 50
    say(game, judge, item, None)
    meet(game, judge, right=False)
    assert value("SELECT sum(escrow) FROM ledger") == promised
    assert game.balance(judge) == 100
    assert len(rows("SELECT reason FROM ledger WHERE account_id = :a GROUP BY reason", a=judge)) == 1
    game.check_books()


def test_where_the_budget_is_spent_no_gold_comes_but_the_work_that_is_paid_for_does(game: Game) -> None:
    game.challenge(budget=100_000, **OFTEN)
    gold_of(game)
    work(game)
    left = value("SELECT sum(budget) FROM ledger")
    with transaction() as session:
        from btm.rules import money as law
        from btm.store import money

        entry = law.Entry(
            "reserve:all", "reserve", -int(str(left)) + 49, int(str(left)) - 49, 0, "For a test"
        )
        money.post(session, entry, challenge_id=game.row(_any()).challenge_id, at=game.clock())
    judge = game.judge()
    for _ in range(20):
        item = turn(game, judge)
        assert not is_gold(item)
        _forget(item.public_id)


def test_a_gold_answer_teaches_of_the_judge_and_changes_no_other_item(game: Game) -> None:
    game.challenge(**OFTEN)
    gold = gold_of(game)
    work(game)
    judge = game.judge()
    others = rows(
        "SELECT id, state, belief, verdict, priority FROM review_item WHERE origin <> 'gold' ORDER BY id"
    )
    answers = value("SELECT count(*) FROM judgement WHERE item_id = :i", i=gold_row(gold).item_id)
    meet(game, judge, right=False)
    assert judge_row(judge).counts == [[0.0, 1.0], [0.0, 0.0]]
    assert others == rows(
        "SELECT id, state, belief, verdict, priority FROM review_item WHERE origin <> 'gold' ORDER BY id"
    )
    assert value("SELECT count(*) FROM judgement WHERE item_id = :i", i=gold_row(gold).item_id) == answers


def test_below_the_accuracy_after_enough_answers_a_judge_is_blocked(game: Game) -> None:
    game.challenge(min_gold_answers=4, min_gold_accuracy=0.6, **OFTEN)
    for number in range(6):
        gold_of(game, ("spam", "ham")[number % 2])
    work(game)
    judge = game.judge()
    for right in (True, False, False):
        meet(game, judge, right=right)
    assert judge_row(judge).state == "active", "three answers may be chance"
    game.bell.hold()
    meet(game, judge, right=True)
    assert judge_row(judge).state == "blocked"
    assert rows("SELECT id, action, why, is_done FROM standing_change") == [
        (game.bell.rung[-1][1], "blocked", "gold", False if game.database.kind == "postgres" else 0)
    ]
    assert game.bell.rung[-1][0] == "standing"
    with pytest.raises(Forbidden) as caught:
        turn(game, judge)
    assert caught.value.code == "blocked"


def test_answers_without_a_label_do_not_block(game: Game) -> None:
    game.challenge(min_gold_answers=3, min_gold_accuracy=0.9, **OFTEN)
    for _ in range(4):
        gold_of(game)
    work(game)
    judge = game.judge()
    for _ in range(4):
        say(game, judge, next_gold(game, judge), None)
    assert judge_row(judge).state == "active"
    with reading() as session:
        assert gold_store.record_of(session, "spam", judge) == (0, 0)


def test_gold_retired_meanwhile_may_still_be_answered_and_what_ran_out_is_taken_back(game: Game) -> None:
    game.challenge(lease_seconds=60, **OFTEN)
    gold = gold_of(game)
    work(game)
    holder, gone = game.judge(), game.judge()
    left = next_gold(game, gone)
    game.clock.advance(seconds=61)
    held = next_gold(game, holder)
    retire_gold("spam", gold, asker_id=None, now=game.clock())
    say(game, holder, held, "spam")
    assert game.balance(holder) == 50
    assert row_of(left.public_id).state == "withdrawn"
    assert next_gold(game, gone) is None
    with pytest.raises(Conflict):
        say(game, gone, left, "spam")
    game.check_books()
    assert value("SELECT coalesce(sum(escrow), 0) FROM ledger WHERE submission_id IS NULL") == 0


def test_two_windows_of_one_judge_hold_one_gold_page(game: Game) -> None:
    game.challenge(**OFTEN)
    for _ in range(4):
        gold_of(game)
    work(game, 4)
    judge = game.judge()
    item = at_once(game.app, [lambda: turn(game, judge)] * 8)
    assert errors(item) == []
    assert len({each.public_id for each in item}) == 1
    gold = item[0] if is_gold(item[0]) else None
    if gold is None:
        _forget(item[0].public_id)
        gold = next_gold(game, judge)
    said = at_once(game.app, [lambda: say(game, judge, gold, "spam")] * 8)
    assert errors(said) == []
    assert value("SELECT count(*) FROM judgement WHERE judge_id = :j", j=judge) == 1
    assert game.balance(judge) == 50
    game.check_books()


def test_many_judges_who_meet_the_same_gold_at_once_never_overspend(game: Game) -> None:
    game.challenge(**OFTEN)
    gold_of(game)
    work(game, 12)
    judges = [game.judge() for _ in range(12)]
    with transaction() as session:
        from btm.rules import money as law
        from btm.store import money

        left = int(str(value("SELECT sum(budget) FROM ledger")))
        entry = law.Entry("reserve:all", "reserve", 170 - left, left - 170, 0, "For a test")
        money.post(session, entry, challenge_id=game.row(_any()).challenge_id, at=game.clock())
    items = at_once(game.app, [lambda j=judge: turn(game, j) for judge in judges])
    assert errors(items) == []
    assert sum(is_gold(item) for item in items) <= 3
    for judge, item in zip(judges, items, strict=True):
        say(game, judge, item, "spam")
    game.check_books()


def test_gold_stands_in_no_export_no_list_of_finds_and_no_figure(game: Game) -> None:
    game.challenge(**OFTEN)
    gold_of(game)
    work(game)
    before = show_challenge("spam", now=game.clock()).card
    exported = b"".join(exporting.export_corpus("spam", "jsonl", asker_id=None, now=WHEN))
    finds = list_finds("spam", now=game.clock())
    for _ in range(3):
        meet(game, game.judge(), right=True)
    after = show_challenge("spam", now=game.clock()).card
    assert (after.found, after.in_review, after.last_found_at) == (
        before.found,
        before.in_review,
        before.last_found_at,
    )
    assert b"".join(exporting.export_corpus("spam", "jsonl", asker_id=None, now=WHEN)) == exported
    assert exported.count(b"\n") == 1
    assert list_finds("spam", now=game.clock()).finds == finds.finds


def _many_gold(game: Game, number: int) -> None:
    """Gold pages in a hurry: the rows alone, on pages of their own."""
    from btm.store.tables import DbGold, DbPage

    first = gold_of(game)
    with transaction() as session:
        gold = session.query(DbGold).filter_by(public_id=first).one()
        page = session.get(DbPage, gold.page_id)
        for each in range(number):
            columns = {c.name: getattr(page, c.name) for c in DbPage.__table__.columns if c.name != "id"}
            copy = DbPage(**{**columns, "content_hash": f"hash{each}"})
            session.add(copy)
            session.flush()
            session.add(
                DbGold(
                    public_id=f"many{each}", topic="spam", challenge_id=gold.challenge_id, page_id=copy.id,
                    item_id=None, truth=("spam", "ham")[each % 2], why="", source="marked", created_at=game.clock(),
                )
            )  # fmt: skip


def _forget(public_id: str) -> None:
    """Undo a lease, whatever it was of."""
    with transaction() as session:
        item = session.query(DbReviewItem).filter_by(public_id=public_id)
        if item.one().gold_id is not None:
            item.delete()
        else:
            item.update({"lease_judge_id": None, "lease_token": "", "lease_until": None})


def _mark(game: Game, item: str) -> str:
    from btm.services.mark_gold import mark_gold

    return mark_gold(
        "spam", item, truth=None, why="", asker_id=None, now=game.clock(), new_id=game.new("gold")
    )


def _any() -> str:
    return str(rows("SELECT public_id FROM submission LIMIT 1")[0][0])


def gold_row_count() -> object:
    return value("SELECT count(*) FROM gold WHERE state = 'active'")


def gold_page(number: int) -> object:
    return rows("SELECT page_id FROM gold ORDER BY id")[number - 1][0]
