from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from btm.services.mark_gold import mark_gold
from btm.services.rotate_gold import STAYS, choose, rotate_gold
from btm.store.gold_shelf import Verified
from btm.store.tables import DbGold, DbJudge, DbReviewItem
from btm.store.transaction import transaction

from ..support.clock import WEDNESDAY_NOON
from ..support.crowd import at_once, errors
from ..support.databases import rows, value
from ..support.game import Game
from .golden import gold_of, gold_row, judge_row, meet, next_gold, work

EASY = {"gold_min_probability": 0.9, "gold_rate_start": 0.9, "gold_rate_floor": 0.9}


def rotate(game: Game) -> None:
    rotate_gold(now=game.clock(), new_id=lambda: game.new("gold"))


def active(_game: Game) -> Counter[str]:
    return Counter(str(truth) for (truth,) in rows("SELECT truth FROM gold WHERE state = 'active'"))


def test_agreed_verdicts_become_gold_and_others_do_not(game: Game) -> None:
    game.challenge(**EASY)
    agreed = game.committed()
    game.judge_says(agreed, "spam", reason="It sells")
    game.judge_says(agreed, "spam")
    split = game.committed()
    game.judged(split, "spam", "ham", "spam", "spam")
    corrected = game.committed()
    game.judge_says(corrected, "cannot:other", other="a poem")
    game.judged(corrected, "spam", "spam")
    game.committed()
    assert {game.row(each).state for each in (agreed, split, corrected)} == {"confirmed"}
    rotate(game)
    [[page, truth, why, source, item]] = rows("SELECT page_id, truth, why, source, item_id FROM gold")
    assert (page, truth, why, source) == (game.item(agreed).page_id, "spam", "It sells.", "verdict")
    assert item == game.item(agreed).id


def test_verdicts_that_are_not_sure_enough_do_not_become_gold(game: Game) -> None:
    game.challenge(gold_min_probability=0.98)
    game.settled()
    rotate(game)
    assert active(game) == {}


def test_a_modeler_s_verdict_becomes_gold_though_the_judges_differed(game: Game) -> None:
    game.challenge(max_judgements=2)
    public_id = game.committed()
    game.judged(public_id, "spam", "ham")
    modeler, item = game.player(), game.item(public_id).id
    with transaction() as session:
        session.query(DbReviewItem).filter_by(id=item).update(
            {"state": "settled", "verdict": "ham", "decided_at": game.clock(), "decided_by": modeler,
             "decided_why": "A recipe is no offer", "verdict_probability": None}
        )  # fmt: skip
    rotate(game)
    assert rows("SELECT truth, why FROM gold") == [("ham", "A recipe is no offer.")]


def test_the_pool_stays_full_and_even_and_newer_pages_replace_older_ones_after_a_day(game: Game) -> None:
    game.challenge(gold_pool=4, **EASY)
    for truth in ("spam", "spam", "spam", "spam", "spam"):
        game.settled(truth)
    rotate(game)
    assert active(game) == {"spam": 4}
    game.settled("ham")
    game.settled("ham")
    rotate(game)
    assert active(game) == {"spam": 2, "ham": 2}, "the rarer label is let in at once"
    first = set(rows("SELECT page_id FROM gold WHERE state = 'active'"))
    for _ in range(5):
        game.settled("spam")
    rotate(game)
    assert set(rows("SELECT page_id FROM gold WHERE state = 'active'")) == first, (
        "nothing changes within a day"
    )
    game.clock.advance(days=STAYS.days, minutes=1)
    rotate(game)
    assert active(game) == {"spam": 2, "ham": 2}, "the commoner label does not push out the rarer"
    assert len(first - set(rows("SELECT page_id FROM gold WHERE state = 'active'"))) == 2
    assert value("SELECT count(*) FROM gold WHERE retired_why = 'rotated'") == 4


def test_marked_gold_is_never_rotated_out(game: Game) -> None:
    game.challenge(gold_pool=2, **EASY)
    marked = [gold_of(game) for _ in range(3)]
    game.clock.advance(days=9)
    game.settled("ham")
    rotate(game)
    assert {gold_row(each).state for each in marked} == {"active"}
    assert active(game) == {"spam": 3}


def test_rotated_gold_does_not_come_back_by_itself(game: Game) -> None:
    game.challenge(gold_pool=1, **EASY)
    game.settled()
    rotate(game)
    game.clock.advance(days=2)
    game.settled()
    rotate(game)
    game.clock.advance(days=2)
    rotate(game)
    assert rows("SELECT state, retired_why FROM gold ORDER BY id") == [("retired", "rotated"), ("active", "")]


def test_gold_that_is_answered_suspiciously_well_is_retired_as_leaked(game: Game) -> None:
    game.challenge(gold_leak_answers=5, gold_pool=0, **EASY)
    known, hard = gold_of(game), gold_of(game)
    work(game)
    judges = [game.judge() for _ in range(6)]
    for number, judge in enumerate(judges):
        item = next_gold(game, judge)
        _answer(game, judge, item, known, number)
        item = next_gold(game, judge)
        _answer(game, judge, item, known, number)
    rotate(game)
    assert gold_row(known).state == "active", "of judges of whom nothing else is known it is no surprise"
    with transaction() as session:
        for judge in session.query(DbJudge).filter(DbJudge.account_id.in_(judges)):
            judge.counts = [[judge.counts[0][0] + 10.0, judge.counts[0][1] + 30.0], [0.0, 0.0]]
    rotate(game)
    assert (gold_row(known).state, gold_row(known).retired_why) == ("retired", "leaked")
    assert gold_row(hard).state == "active"


def test_gold_whose_answer_too_many_were_told_is_retired(game: Game) -> None:
    game.challenge(gold_pool=0, **EASY)
    gold = gold_of(game)
    work(game)
    for _ in range(9):
        meet(game, game.judge(), right=False)
    rotate(game)
    assert gold_row(gold).state == "active"
    meet(game, game.judge(), right=False)
    rotate(game)
    assert gold_row(gold).retired_why == "leaked"


def test_gold_whose_verdict_was_overturned_leaves_every_record(game: Game) -> None:
    game.challenge(**EASY)
    public_id = game.settled("spam")
    rotate(game)
    work(game)
    judge = game.judge()
    meet(game, judge, right=False)
    assert judge_row(judge).counts == [[0.0, 1.0], [0.0, 0.0]]
    item = game.item(public_id).id
    with transaction() as session:
        session.query(DbReviewItem).filter_by(id=item).update({"verdict": "ham"})
    rotate(game)
    assert rows("SELECT state, retired_why FROM gold") == [("retired", "disputed")]
    assert judge_row(judge).counts == [[0.0, 0.0], [0.0, 0.0]]


def test_gold_whose_verdict_is_taken_up_again_is_asked_of_nobody_meanwhile(game: Game) -> None:
    game.challenge(**EASY)
    public_id = game.settled("spam")
    rotate(game)
    item = game.item(public_id).id
    with transaction() as session:
        session.query(DbReviewItem).filter_by(id=item).update({"state": "open"})
    rotate(game)
    assert rows("SELECT state, retired_why FROM gold") == [("retired", "rotated")]


def test_rotating_twice_is_the_same_as_once(game: Game) -> None:
    game.challenge(**EASY)
    for truth in ("spam", "ham", "spam"):
        game.settled(truth)
    rotate(game)
    before = rows("SELECT id, page_id, state FROM gold ORDER BY id")
    rotate(game)
    assert rows("SELECT id, page_id, state FROM gold ORDER BY id") == before
    assert len(before) == 3


def test_eight_rotations_at_once_do_nothing_twice(game: Game) -> None:
    game.challenge(gold_pool=6, **EASY)
    game.challenge("other", **EASY)
    for truth in ("spam", "ham", "spam", "ham", "spam", "spam", "spam", "spam"):
        game.settled(truth)
    game.settled(slug="other")
    answers = at_once(game.app, [lambda: rotate(game)] * 8)
    assert errors(answers) == []
    assert rows("SELECT topic, truth, count(*) FROM gold GROUP BY topic, truth ORDER BY topic, truth") == [
        ("other", "spam", 1),
        ("spam", "ham", 2),
        ("spam", "spam", 4),
    ]
    assert value("SELECT count(*) FROM gold WHERE state = 'retired'") == 0


def test_challenges_of_one_topic_share_their_gold(game: Game) -> None:
    game.challenge(**EASY)
    game.challenge("look-alikes", topic="spam", **EASY)
    game.settled(slug="look-alikes")
    rotate(game)
    assert rows("SELECT topic, challenge_id FROM gold") == [
        ("spam", value("SELECT id FROM challenge WHERE slug = 'look-alikes'"))
    ]


def _answer(game: Game, judge: int, item: Any, known: str, number: int) -> None:
    from .golden import row_of, say

    is_known = row_of(item.public_id).gold_id == gold_row(known).id
    say(game, judge, item, "spam" if is_known or number % 2 else "ham")


def row(label: str, number: int, *, hours: float | None = None, source: str = "verdict") -> Any:
    """A gold page that is so old, or without hours a new verdict."""
    if hours is None:
        return Verified(DbReviewItem(id=number, verdict=label), 2, 2)
    from datetime import timedelta

    return DbGold(id=number, truth=label, source=source, created_at=WEDNESDAY_NOON - timedelta(hours=hours))


@given(
    gold=st.lists(
        st.tuples(st.sampled_from("abc"), st.floats(0, 100), st.sampled_from(("marked", "verdict")))
    ),
    new=st.lists(st.sampled_from("abc")),
    pool=st.integers(0, 12),
)
def test_the_pool_is_never_exceeded_and_no_label_is_pushed_out_by_one_that_has_more(
    gold: list[tuple[str, float, str]], new: list[str], pool: int
) -> None:
    there = [row(label, n, hours=age, source=source) for n, (label, age, source) in enumerate(gold)]
    fresh = [row(label, 1000 + n) for n, label in enumerate(new)]
    add, retired = choose(there, fresh, pool, WEDNESDAY_NOON)
    marked = [each for each in there if each.source == "marked"]
    kept = [each for each in there if each not in retired]
    assert all(each in kept for each in marked)
    assert len(kept) + len(add) <= max(pool, len(marked))
    counts = Counter([each.truth for each in kept] + [str(each.item.verdict) for each in add])
    left_out = Counter([e.truth for e in retired] + [str(e.item.verdict) for e in fresh if e not in add])
    if pool > len(marked):
        by_verdict = counts - Counter(each.truth for each in marked)
        for label in left_out:
            assert all(counts[label] >= counts[other] - 1 for other in by_verdict), (counts, left_out)


@pytest.mark.parametrize("why", ["verdict", "marked"])
def test_an_empty_game_and_a_pool_of_none_are_left_alone(game: Game, why: str) -> None:
    rotate(game)
    game.challenge(gold_pool=0, **EASY)
    public_id = game.settled()
    if why == "marked":
        item = game.item(public_id).public_id
        mark_gold("spam", item, truth=None, why="x", asker_id=None, now=game.clock(), new_id="g")
    rotate(game)
    assert active(game) == ({"spam": 1} if why == "marked" else {})
