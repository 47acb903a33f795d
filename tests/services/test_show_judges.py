from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from sqlalchemy import event

from btm.rules.errors import Forbidden, Invalid, NotFound
from btm.services import show_judges as module
from btm.services.refit_jury import refit_jury
from btm.services.show_judges import SORTS, show_judges
from btm.services.views_judges import JudgeListView
from btm.store.database import db
from btm.store.tables import DbFingerprint, DbJudge, DbJudgement, DbJury, DbJuryFit, DbReviewItem, DbRole
from btm.store.transaction import transaction

from ..support.game import Game


def modeler(game: Game, scope: str = "spam") -> int:
    account = game.player()
    with transaction() as session:
        session.add(DbRole(account_id=account, role="modeler", scope=scope, granted_at=game.clock()))
    return account


def shown(game: Game, **asked: object) -> JudgeListView:
    return show_judges("spam", **{"asker_id": None, "now": game.clock(), **asked})  # type: ignore[arg-type]


@contextmanager
def counting() -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def panel(game: Game, judges: int = 3) -> list[int]:
    """One page, and these judges, who call it spam."""
    game.challenge(max_judgements=50, min_judgements=49, max_expected_cost=0)
    public_id = game.committed()
    return [game.judge_says(public_id, "spam", seconds=10 + n) for n in range(judges)]


def learned(account: int, counts: list[list[float]]) -> None:
    with transaction() as session:
        session.query(DbJudge).filter_by(account_id=account).update({"counts": counts})


def test_a_judge_is_shown_with_all_sums(game: Game) -> None:
    game.challenge(max_judgements=50, min_judgements=49, max_expected_cost=0)
    pages = [game.committed() for _ in range(3)]
    judge = game.judge(handle="ann")
    game.judge_says(pages[0], "spam", judge, seconds=10)
    game.judge_says(pages[1], "ham", judge, seconds=30)
    game.clock.advance(hours=1)
    game.judge_says(pages[2], "cannot:unsure", judge, seconds=99)
    with transaction() as session:
        session.query(DbJudgement).filter_by(label="ham").update({"is_hasty": True})
    [view] = shown(game).judges
    assert (view.handle, view.standing, view.account_id) == ("ann", "active", judge)
    assert (view.judgements, view.cannot, view.hasty, view.withdrawn) == (3, 1, 1, 0)
    assert (view.median_seconds, view.earned, view.last_at) == (20, 150, game.clock())
    assert np.sum(view.matrix) == pytest.approx(2)
    assert (view.gold_asked, view.gold_right, view.price, view.needed) == (0, 0, 50, 1)
    assert view.quality is not None
    assert view.quality_low is not None
    assert view.quality_high is not None
    assert view.quality_low < view.quality < view.quality_high


def test_what_was_withdrawn_is_counted_and_gives_no_pace(game: Game) -> None:
    [judge] = panel(game, 1)
    with transaction() as session:
        session.query(DbJudgement).update({"withdrawn_at": game.clock()})
    learned(judge, [[0, 0], [0, 0]])
    [view] = shown(game).judges
    assert (view.judgements, view.withdrawn, view.median_seconds) == (1, 1, None)
    assert (view.quality, view.quality_low, view.quality_high) == (None, None, None)


def test_the_interval_does_not_flicker(game: Game) -> None:
    panel(game)
    assert shown(game).judges == shown(game).judges


def test_quality_and_price_say_the_same(game: Game) -> None:
    good, coin, _ = panel(game)
    learned(good, [[50, 2], [2, 50]])
    learned(coin, [[30, 25], [25, 30]])
    by_account = {view.account_id: view for view in shown(game).judges}
    assert (by_account[good].needed, by_account[good].price) == (1, 50)
    assert (by_account[good].quality or 0) > 0.4 > (by_account[coin].quality or 1)
    assert by_account[coin].needed is None or by_account[coin].needed > 1
    assert by_account[coin].price < 50


def test_judges_are_sorted_as_asked(game: Game) -> None:
    a, b, c = panel(game)
    learned(a, [[50, 2], [2, 50]])
    learned(b, [[0, 0], [0, 0]])
    learned(c, [[30, 25], [25, 30]])
    game.clock.advance(hours=1)
    game.judge_says(game.committed(), "spam", b, seconds=60)
    learned(b, [[0, 0], [0, 0]])
    order = {sort: [view.account_id for view in shown(game, sort=sort).judges] for sort in SORTS}
    assert order["judgements"] == [b, a, c]
    assert order["quality"] == [c, a, b]
    assert order["pace"] == [a, c, b]
    assert order["earned"] == [b, a, c]
    assert order["recent"] == [b, a, c]
    assert order["gold"] == [a, b, c]


def test_a_page_leads_to_the_next_until_all_were_shown(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    judges = panel(game, 5)
    monkeypatch.setattr(module, "A_PAGE", 2)
    seen, cursor = [], None
    while True:
        view = shown(game, cursor=cursor)
        seen += [judge.account_id for judge in view.judges]
        assert (view.total, view.active, view.blocked) == (5, 5, 0)
        cursor = view.cursor
        if cursor is None:
            break
    assert seen == judges


def test_a_page_asks_as_many_questions_for_many_judges_as_for_one(game: Game) -> None:
    panel(game, 1)
    with counting() as few:
        shown(game)
    public_id = game.committed()
    for _ in range(6):
        game.judge_says(public_id, "ham")
    with counting() as many:
        shown(game)
    assert len(many) == len(few) <= 17


def test_pairs_who_copy_and_pairs_who_share_a_device_are_named(game: Game) -> None:
    a, b, c = panel(game)
    with transaction() as session:
        for account in (b, c):
            session.add(DbFingerprint(account_id=account, value="one device", seen_at=game.clock()))
        session.add(DbFingerprint(account_id=a, value="another", seen_at=game.clock()))
        session.add(
            DbJuryFit(
                topic="spam", judgements=3, changes_done=0, disputed=0, pairs=[[a, b, 40, 39, 21.5, 0.0001]]
            )
        )
    copies, device = shown(game).pairs
    assert (copies.a_id, copies.b_id, copies.together, copies.agreed, copies.expected) == (a, b, 40, 39, 21.5)
    assert (copies.probability, copies.shares_device) == (0.0001, False)
    assert (device.a_id, device.b_id, device.together, device.agreed) == (b, c, 1, 1)
    assert (device.probability, device.shares_device) == (None, True)
    assert 0.5 < device.expected < 1


def test_it_says_how_much_waits_for_the_next_computation(game: Game) -> None:
    panel(game, 3)
    assert (shown(game).waiting_judgements, shown(game).fitted_at) == (3, None)
    with transaction() as session:
        jury_id = session.query(DbJury.id).scalar()
    refit_jury(jury_id, now=game.clock())
    assert (shown(game).waiting_judgements, shown(game).fitted_at) == (0, game.clock())


def test_a_topic_that_nobody_judged_has_an_empty_list(game: Game) -> None:
    game.challenge()
    view = shown(game)
    assert (view.judges, view.total, view.cursor, view.pairs, view.waiting_judgements) == ((), 0, None, (), 0)
    assert [label.key for label in view.labels] == ["spam", "ham"]


def test_only_modelers_of_the_challenge_see_its_judges(game: Game) -> None:
    panel(game, 1)
    game.challenge("other")
    assert shown(game, asker_id=modeler(game)).total == 1
    for asker in (game.player(), modeler(game, "other")):
        with pytest.raises(Forbidden) as caught:
            shown(game, asker_id=asker)
        assert caught.value.code == "not_modeler"


def test_what_is_asked_for_must_exist(game: Game) -> None:
    game.challenge()
    with pytest.raises(NotFound):
        show_judges("nothing", asker_id=None, now=game.clock())
    for wrong in ({"sort": "shoe size"}, {"cursor": "next"}):
        with pytest.raises(Invalid):
            shown(game, **wrong)


def test_judges_of_another_topic_are_not_shown(game: Game) -> None:
    panel(game, 2)
    game.challenge("other")
    stranger = game.judge_says(game.committed(slug="other"), "spam")
    with transaction() as session:
        assert session.query(DbReviewItem).count() == 2
    assert stranger not in {view.account_id for view in shown(game).judges}
    assert shown(game).total == 2
