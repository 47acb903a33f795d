from __future__ import annotations

from dataclasses import fields

import pytest

from btm.rules.errors import NotFound
from btm.services.blocking import block
from btm.services.decide_dispute import decide_dispute
from btm.services.dispute_gold import dispute_gold
from btm.services.show_gold import show_gold
from btm.services.show_own_record import show_own_record
from btm.services.views_judges import OwnRecordView
from btm.store import juries
from btm.store.transaction import transaction

from ..support.databases import rows
from ..support.game import Game
from .golden import gold_of, meet, work

OFTEN = {"gold_rate_start": 0.9, "gold_rate_floor": 0.9}


def show(game: Game, judge: int, slug: str = "spam") -> OwnRecordView:
    return show_own_record(slug, account_id=judge, now=game.clock())


def test_who_never_judged_sees_zeros(game: Game) -> None:
    game.challenge()
    for person in (game.player(), game.judge(), game.visitor()):
        view = show(game, person)
        assert (view.judgements, view.earned, view.median_seconds, view.missed, view.advice) == (
            0,
            0,
            None,
            (),
            (),
        )
        assert (view.standing, view.price, view.full_price, view.question) == ("active", 50, 50, "Is it?")
    with pytest.raises(NotFound):
        show(game, 1, "nowhere")
    assert rows("SELECT id FROM judge") == [], "looking makes nobody a judge"


def test_it_says_what_somebody_did_and_earned_in_the_whole_topic(game: Game) -> None:
    game.challenge()
    game.challenge("look-alikes", topic="spam")
    game.challenge("other")
    judge = game.judge()
    game.judge_says(game.committed(), "spam", judge, seconds=4)
    game.judge_says(game.committed(slug="look-alikes"), "cannot:unsure", judge, seconds=10)
    game.qualify(judge, "other")
    game.judge_says(game.committed(slug="other"), "spam", judge, seconds=100)
    view = show(game, judge, "look-alikes")
    assert (view.judgements, view.earned, view.median_seconds) == (2, 100, 7.0)
    assert show(game, judge, "other").judgements == 1


def test_missed_pages_are_shown_with_truth_and_reason_and_right_ones_are_not(game: Game) -> None:
    game.challenge(**OFTEN)
    gold_of(game, "spam", why="It sells.")
    work(game)
    missed, right = game.judge(), game.judge()
    meet(game, missed, right=False)
    meet(game, right, right=True)
    assert show(game, right).missed == ()
    [page] = show(game, missed).missed
    assert (page.given.key if page.given else "", page.truth.key, page.why) == ("ham", "spam", "It sells.")
    assert (page.title, page.dispute, page.at) == ("A page", "", game.clock())
    assert page.blocks
    [gold] = show_gold("spam", asker_id=None).gold
    assert (gold.asked, gold.right, gold.revealed) == (2, 1, 1)


def test_a_dispute_is_followed_to_its_end(game: Game) -> None:
    game.challenge(**OFTEN)
    gold_of(game)
    work(game)
    judge, silent = game.judge(), game.judge()
    meet(game, judge, right=False)
    meet(game, silent, right=False)
    [page] = show(game, judge).missed
    dispute_gold(page.judgement_id, judge_id=judge, reason="A recipe", now=game.clock())
    assert [each.dispute for each in show(game, judge).missed] == ["open"]
    [[number]] = rows("SELECT id FROM dispute")
    decide_dispute("spam", int(str(number)), upheld=True, answer="Quite so.", asker_id=None, now=game.clock())
    assert [(each.dispute, each.dispute_answer) for each in show(game, judge).missed] == [
        ("upheld", "Quite so.")
    ]
    assert show(game, silent).missed == (), "what was wrong is held against nobody"


def test_a_judge_who_hurries_is_told_so_and_nobody_sees_a_score(game: Game) -> None:
    game.challenge(**OFTEN)
    judge = game.judge()
    for _ in range(20):
        game.judge_says(game.committed(), "spam", judge)
    assert show(game, judge).advice == ()
    with transaction() as session:
        from btm.store.tables import DbJudgement

        session.query(DbJudgement).filter_by(judge_id=judge).update({"is_hasty": True})
    assert show(game, judge).advice == ("hasty",)
    names = {field.name for field in fields(OwnRecordView)}
    assert not names & {"quality", "accuracy", "score", "matrix", "gold_asked", "gold_right", "rank"}


def test_the_label_that_is_missed_most_is_named(game: Game) -> None:
    game.challenge(**OFTEN)
    for _ in range(2):
        gold_of(game, "ham")
    work(game)
    judge = game.judge()
    for _ in range(2):
        meet(game, judge, right=False)
    assert show(game, judge).advice == ("misses:ham",)


def test_who_is_blocked_reads_why(game: Game) -> None:
    game.challenge()
    judge = game.judge()
    game.judge_says(game.committed(), "spam", judge)
    with transaction() as session:
        row = juries.find_judge(session, "spam", judge)
        assert row is not None
        block(session, row, why="by_hand", note="Please write to us.", changed_by=None, now=game.clock())
    view = show(game, judge)
    assert (view.standing, view.blocked_why, view.blocked_note) == (
        "blocked",
        "by_hand",
        "Please write to us.",
    )
    assert view.judgements == 1
