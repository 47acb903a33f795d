from __future__ import annotations

import pytest

from btm.rules.errors import Forbidden, NotFound
from btm.services import show_judge as module
from btm.services.blocking import block
from btm.services.show_judge import show_judge
from btm.services.views_judges import JudgeReportView
from btm.store import juries
from btm.store.tables import DbGold, DbJudgement, DbJuryFit, DbReviewItem
from btm.store.transaction import transaction

from ..support.game import Game
from .test_show_judges import counting


def report(game: Game, account: int, **asked: object) -> JudgeReportView:
    return show_judge("spam", account, **{"asker_id": None, "now": game.clock(), **asked})  # type: ignore[arg-type]


def test_a_judge_s_answers_are_listed_with_what_the_pages_turned_out_to_be(game: Game) -> None:
    game.challenge()
    settled, open_ = game.committed(game.player(), game.page(title="Decided")), game.committed()
    judge = game.judge(handle="ann")
    game.judge_says(settled, "spam", judge)
    game.judge_says(settled, "spam")
    game.judge_says(open_, "cannot:other", judge, other="a shop", reason="It only sells shoes.")
    newest, oldest = report(game, judge).lines
    assert (oldest.title, oldest.given and oldest.given.key, oldest.truth and oldest.truth.key) == (
        "Decided",
        "spam",
        "spam",
    )
    assert (newest.given, newest.cannot, newest.other, newest.truth) == (None, "other", "a shop", None)
    assert newest.reason == "It only sells shoes."
    assert newest.item_public_id == game.item(open_).public_id
    assert report(game, judge).judge.handle == "ann"
    assert report(game, judge).judge.judgements == 2


def test_the_truth_of_gold_is_its_own(game: Game) -> None:
    game.challenge()
    public_id = game.settled("spam")
    with transaction() as session:
        judge = session.query(DbJudgement).first().judge_id  # type: ignore[union-attr]
        item = session.query(DbReviewItem).one()
        gold = DbGold(
            public_id="g", topic="spam", challenge_id=item.challenge_id, page_id=item.page_id, truth="ham", source="marked",
            created_at=game.clock(),
        )  # fmt: skip
        session.add(gold)
        session.flush()
        item.gold_id, item.for_judge_id = gold.id, judge
    view = report(game, judge)
    assert (view.lines[0].truth and view.lines[0].truth.key, view.lines[0].is_gold) == ("ham", True)
    assert (view.judge.gold_asked, view.judge.gold_right) == (1, 0)
    assert game.row(public_id).state == "confirmed"


def test_pages_of_answers_follow_each_other(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    game.challenge()
    judge = game.judge()
    for _ in range(3):
        game.judge_says(game.committed(), "spam", judge)
    monkeypatch.setattr(module, "A_PAGE", 2)
    first = report(game, judge)
    rest = report(game, judge, cursor=first.cursor)
    assert (len(first.lines), len(rest.lines), rest.cursor) == (2, 1, None)
    assert len({line.item_public_id for line in (*first.lines, *rest.lines)}) == 3


def test_the_history_says_who_blocked_whom_and_why(game: Game) -> None:
    game.challenge()
    judge, boss = game.judge(), game.player("boss")
    game.judge_says(game.committed(), "spam", judge)
    with transaction() as session:
        row = juries.find_judge(session, "spam", judge)
        assert row is not None
        change = block(
            session, row, why="by_hand", note="Clicks.", changed_by=boss, now=game.clock.advance(hours=1)
        )
        session.query(DbJudgement).update({"withdrawn_at": game.clock(), "withdrawn_by": change})
    view = report(game, judge)
    [line] = view.history
    assert (line.action, line.why, line.note, line.by, line.judgements) == (
        "blocked",
        "by_hand",
        "Clicks.",
        "boss",
        1,
    )
    assert (line.at, view.judge.standing, view.judge.withdrawn) == (game.clock(), "blocked", 1)
    assert view.lines[0].is_withdrawn


def test_only_pairs_of_this_judge_are_named(game: Game) -> None:
    game.challenge()
    public_id = game.committed()
    a, b, c = (game.judge_says(public_id, label) for label in ("spam", "ham", "spam"))
    with transaction() as session:
        pairs = [[a, b, 40, 39, 21.5, 0.0001], [b, c, 30, 30, 20.0, 0.01]]
        session.add(DbJuryFit(topic="spam", judgements=3, changes_done=0, disputed=0, pairs=pairs))
    assert [(pair.a_id, pair.b_id) for pair in report(game, a).pairs] == [(a, b)]
    assert len(report(game, b).pairs) == 2


def test_a_page_asks_as_many_questions_for_many_answers_as_for_one(game: Game) -> None:
    game.challenge()
    judge = game.judge()
    game.judge_says(game.committed(), "spam", judge)
    with counting() as few:
        report(game, judge)
    for _ in range(4):
        game.judge_says(game.committed(), "spam", judge)
    with counting() as many:
        report(game, judge)
    assert len(many) == len(few) <= 16


def test_whoever_never_judged_has_no_report(game: Game) -> None:
    game.challenge()
    with pytest.raises(NotFound):
        report(game, game.judge())


def test_only_modelers_see_it(game: Game) -> None:
    game.challenge()
    judge = game.judge_says(game.committed(), "spam")
    with pytest.raises(Forbidden):
        report(game, judge, asker_id=judge)
