from __future__ import annotations

import numpy as np
import pytest

from btm.rules.agreement import krippendorff_alpha
from btm.rules.errors import Forbidden, NotFound
from btm.services.show_agreement import show_agreement
from btm.services.views_judges import AgreementView
from btm.store.tables import DbAppeal, DbChallenge, DbGold, DbJudgement, DbOutcome, DbPage, DbReviewItem
from btm.store.transaction import Session, transaction

from ..support.game import Game
from .test_show_judges import counting

SAID = [["spam", "spam"], ["ham", "ham"], ["spam", "ham", "spam", "spam"], ["ham", "ham"]]


def agreement(slug: str = "spam") -> AgreementView:
    return show_agreement(slug, asker_id=None)


def judge_all(game: Game) -> list[str]:
    pages = [game.committed() for _ in SAID]
    for public_id, labels in zip(pages, SAID, strict=True):
        game.judged(public_id, *labels)
    return pages


def test_agreement_is_krippendorff_s_alpha_over_what_counts(game: Game) -> None:
    game.challenge()
    judge_all(game)
    items = [n for n, labels in enumerate(SAID) for _ in labels]
    alpha = krippendorff_alpha(items, [label for labels in SAID for label in labels])
    view = agreement()
    assert view.alpha == pytest.approx(alpha)
    assert view.alpha_cost == pytest.approx(alpha)
    assert view.alpha_low is not None
    assert view.alpha_high is not None
    assert view.alpha_low <= alpha <= view.alpha_high
    assert agreement() == view


def test_an_ordinal_cost_forgives_near_misses(game: Game) -> None:
    labels = [{"key": key, "name": key, "statement": key, "help": ""} for key in ("g", "pg", "x")]
    game.machine.classes_ = ("g", "pg", "x")
    game.challenge(
        labels=labels, cost=((0, 1, 8), (1, 0, 7), (8, 7, 0)), target="x", max_judgements=50, min_judgements=49
    )  # fmt: skip
    judges = [game.player(), game.player()]
    with transaction() as session:
        challenge = session.query(DbChallenge).one()
        page = _page(game, session)
        for number, said in enumerate([("g", "pg"), ("pg", "g"), ("x", "x"), ("x", "x")]):
            item = _item(game, challenge.id, page, number)
            session.add(item)
            session.flush()
            for judge, label in zip(judges, said, strict=True):
                session.add(_answer(game, item.id, judge, label))
    view = agreement()
    assert view.alpha is not None
    assert view.alpha_cost is not None
    assert view.alpha_cost > view.alpha + 0.2


def _page(game: Game, session: Session) -> int:
    page = DbPage(
        url="u", canonical_url="u", final_url="u", final_canonical_url="u", redirects=[], fetched_at=game.clock(),
        status=200, content_type="text/html", content_hash="h", snapshot="s", title="", description="", headings=[],
        links=[], language="en", text="", blocks=[], signature=b"",
    )  # fmt: skip
    session.add(page)
    session.flush()
    return page.id


def _item(game: Game, challenge_id: int, page: int, number: int) -> DbReviewItem:
    return DbReviewItem(
        public_id=game.new("item"), challenge_id=challenge_id, page_id=page, topic="spam", origin=f"pool{number}",
        shuffle=0.5, opened_at=game.clock(), deadline_at=game.clock(),
    )  # fmt: skip


def _answer(game: Game, item: int, judge: int, label: str) -> DbJudgement:
    return DbJudgement(item_id=item, judge_id=judge, label=label, seconds=9, judged_at=game.clock())


def test_counts_and_costs_are_sums(game: Game) -> None:
    game.challenge(max_judgements=4)
    judge_all(game)
    game.judged(game.committed(), "spam", "ham", "spam", "ham")
    game.judged(game.committed(), "cannot:unsure")
    view = agreement()
    assert (view.items_judged, view.items_decided, view.items_undecided) == (6, 4, 1)
    assert (view.judgements, view.gold_judgements) == (15, 0)
    assert view.per_item == ((2, 3), (4, 1))
    assert view.mean_judgements == pytest.approx(10 / 4)
    assert view.spent_on_judging == 15 * 50
    assert view.cost_per_item == pytest.approx(15 * 50 / 4)
    assert view.points_per_usd == 5000


def test_what_was_withdrawn_or_belongs_to_an_earlier_round_does_not_count(game: Game) -> None:
    game.challenge()
    pages = judge_all(game)
    with transaction() as session:
        first, second = game.item(pages[0]).id, game.item(pages[1]).id
        session.query(DbJudgement).filter_by(item_id=first).update({"withdrawn_at": game.clock()})
        session.query(DbReviewItem).filter_by(id=second).update({"round": 1})
    assert agreement().judgements == 6
    assert agreement().items_judged == 2


def test_gold_is_counted_apart(game: Game) -> None:
    game.challenge()
    pages = judge_all(game)
    before = agreement()
    with transaction() as session:
        item = session.query(DbReviewItem).filter_by(id=game.item(pages[0]).id).one()
        gold = DbGold(
            public_id="g", topic="spam", challenge_id=item.challenge_id, page_id=item.page_id, truth="ham", source="marked",
            created_at=game.clock(),
        )  # fmt: skip
        session.add(gold)
        session.flush()
        item.gold_id = gold.id
    view = agreement()
    assert (view.gold_judgements, view.judgements) == (2, before.judgements - 2)
    assert (view.items_judged, view.items_decided) == (3, 3)


def test_the_median_wait_is_from_opening_to_verdict(game: Game) -> None:
    game.challenge()
    for hours in (1, 2, 9):
        public_id = game.committed()
        game.judge_says(public_id, "spam")
        game.clock.advance(hours=hours)
        game.judge_says(public_id, "spam")
    assert agreement().median_hours == pytest.approx(2)


def test_verdicts_that_did_not_stand_are_counted(game: Game) -> None:
    game.challenge()
    pages = judge_all(game)
    assert (agreement().overturned, agreement().appeals) == (0, 0)
    game.clock.advance(days=1)
    with transaction() as session:
        for public_id, state in ((pages[0], "upheld"), (pages[1], "declined")):
            session.add(DbAppeal(submission_id=game.row(public_id).id, state=state, made_at=game.clock()))
        for public_id in pages[1:3]:  # taken up again: the first verdict stood, the second did not
            row = game.row(public_id)
            session.query(DbReviewItem).filter_by(submission_id=row.id).update({"reopened": 1})
            session.query(type(row)).filter_by(id=row.id).update({"settled_at": game.clock()})
        session.query(DbOutcome).filter_by(submission_id=game.row(pages[2]).id).update(
            {"settled_at": game.clock()}
        )
    assert (agreement().overturned, agreement().appeals) == (2, 2)


def test_where_nothing_was_judged_nothing_is_told(game: Game) -> None:
    game.challenge()
    view = agreement()
    assert (view.alpha, view.alpha_low, view.alpha_high, view.alpha_cost) == (None, None, None, None)
    assert (view.cost_per_item, view.median_hours, view.mean_judgements, view.per_item) == (
        None,
        None,
        None,
        (),
    )
    assert (view.items_judged, view.spent_on_judging) == (0, 0)


def test_one_label_alone_tells_no_agreement(game: Game) -> None:
    game.challenge()
    game.settled("spam")
    assert (agreement().alpha, agreement().alpha_low) == (None, None)


def test_another_challenge_of_the_topic_is_left_out(game: Game) -> None:
    game.challenge()
    game.challenge("more", topic="spam")
    judge_all(game)
    assert agreement("more").judgements == 0
    assert agreement("more").spent_on_judging == 0


def test_it_asks_as_many_questions_for_many_items_as_for_one(game: Game) -> None:
    game.challenge()
    game.settled("spam")
    with counting() as few:
        agreement()
    judge_all(game)
    with counting() as many:
        agreement()
    assert len(many) == len(few) <= 12


def test_only_modelers_see_it(game: Game) -> None:
    game.challenge()
    with pytest.raises(Forbidden):
        show_agreement("spam", asker_id=game.player())
    with pytest.raises(NotFound):
        show_agreement("nothing", asker_id=None)


def test_alphas_are_numbers_of_python(game: Game) -> None:
    game.challenge()
    judge_all(game)
    view = agreement()
    assert not any(isinstance(value, np.generic) for value in (view.alpha, view.alpha_low, view.median_hours))
