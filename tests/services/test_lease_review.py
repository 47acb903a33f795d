from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from btm.rules.errors import Forbidden, NotFound
from btm.services.lease_review import lease_review
from btm.services.list_judging import list_judging
from btm.services.withdraw_submission import withdraw_submission

from ..support.crowd import at_once, errors
from ..support.game import Game
from ..support.rejudging import block, listen


def leasing(game: Game, judge: int) -> Callable[[], Any]:
    """A request for a page with a token of its own, to be called later."""
    token = game.new("token")
    return lambda: lease_review("spam", judge_id=judge, now=game.clock(), new_token=token, dice=0.5).item


def test_a_judge_is_shown_the_page_and_nothing_of_player_or_machine(game: Game) -> None:
    game.challenge()
    player = game.player("secretplayer")
    public_id = game.committed(
        player, game.page("https://www.a.example/x", title="A title", text="Some text of a page.")
    )
    item = game.lease(game.judge())
    assert (item.title, item.host, item.language) == ("A title", "a.example", "en")
    assert [(block.kind, block.text) for block in item.blocks] == [("p", "Some text of a page.")]
    shown = repr(item)
    assert item.public_id != public_id
    for secret in ("secretplayer", public_id, "0.98", "origin", "submission"):
        assert secret not in shown


def test_only_somebody_who_passed_the_test_may_judge(game: Game) -> None:
    game.challenge()
    game.challenge("other")
    game.committed()
    for stranger in (game.player(), game.judge("other"), game.visitor()):
        with pytest.raises(Forbidden) as caught:
            game.lease(stranger)
        assert caught.value.code == "not_qualified"
    with pytest.raises(NotFound):
        game.lease(game.judge(), "nowhere")


def test_nobody_is_given_a_page_of_their_own(game: Game) -> None:
    game.challenge()
    player = game.judge()
    game.committed(player)
    assert game.lease(player) is None


def test_nobody_is_given_a_page_twice(game: Game) -> None:
    game.challenge()
    judge = game.judge()
    public_id = game.committed()
    game.judge_says(public_id, "spam", judge)
    assert game.item(public_id).state == "open"
    assert game.lease(judge) is None


def test_asking_again_gives_the_same_page(game: Game) -> None:
    game.challenge()
    game.committed()
    game.committed()
    judge = game.judge()
    first = game.lease(judge)
    second = game.lease(judge, dice=0.9)
    assert (first.public_id, first.token) == (second.public_id, second.token)


def test_a_page_under_lease_is_not_given_to_another_judge(game: Game) -> None:
    game.challenge()
    game.committed()
    assert game.lease(game.judge()) is not None
    assert game.lease(game.judge()) is None


def test_a_lease_that_ran_out_goes_to_the_next_judge(game: Game) -> None:
    game.challenge(lease_seconds=60)
    game.committed()
    slow, quick = game.judge(), game.judge()
    old = game.lease(slow)
    assert old.lease_expires_at == game.clock.now.replace(minute=1)
    game.clock.advance(seconds=61)
    new = game.lease(quick)
    assert (new.public_id, new.token != old.token) == (old.public_id, True)
    assert game.lease(slow) is None


def test_while_an_answer_may_be_undone_another_page_is_given(game: Game) -> None:
    game.challenge()
    game.committed()
    game.committed()
    judge = game.judge()
    first = game.lease(judge)
    second = game.lease(judge, beside=first.public_id)
    assert second.public_id != first.public_id
    assert game.lease(judge, beside=second.public_id).public_id == first.public_id


def test_the_page_of_which_less_is_known_comes_first(game: Game) -> None:
    game.challenge()
    begun, untouched = game.committed(), game.committed()
    game.judged(begun, "spam")
    item = game.lease(game.judge(), dice=game.item(begun).shuffle)
    assert item.public_id == game.item(untouched).public_id


def test_a_page_that_waited_long_comes_before_newer_ones(game: Game) -> None:
    game.challenge(ageing_hours=1)
    begun = game.committed()
    game.judged(begun, "spam")
    game.clock.advance(hours=5)
    newer = game.committed()
    item = game.lease(game.judge(), dice=game.item(newer).shuffle)
    assert item.public_id == game.item(begun).public_id


def test_among_equals_the_dice_decide(game: Game) -> None:
    game.challenge()
    for _ in range(8):
        game.committed()
    from btm.store.tables import DbReviewItem
    from btm.store.transaction import transaction

    served = set()
    for dice in (0.0, 0.2, 0.4, 0.6, 0.8):
        served.add(game.lease(game.judge(), dice=dice).public_id)
        with transaction() as session:
            session.query(DbReviewItem).update({"lease_until": None, "lease_judge_id": None})
    assert len(served) > 2


def test_sixteen_judges_who_ask_at_once_are_given_sixteen_pages(game: Game) -> None:
    game.challenge()
    for _ in range(16):
        game.committed()
    judges = [game.judge() for _ in range(16)]
    answers = at_once(
        game.app,
        [leasing(game, j) for j in judges],
    )  # fmt: skip
    assert errors(answers) == []
    assert len({item.public_id for item in answers}) == 16


def test_of_sixteen_judges_who_ask_for_three_pages_three_get_one(game: Game) -> None:
    game.challenge()
    for _ in range(3):
        game.committed()
    judges = [game.judge() for _ in range(16)]
    answers = at_once(
        game.app,
        [leasing(game, j) for j in judges],
    )  # fmt: skip
    assert errors(answers) == []
    served = [item.public_id for item in answers if item is not None]
    assert len(served) == len(set(served)) == 3


def test_one_judge_who_asks_in_eight_windows_at_once_holds_one_page(game: Game) -> None:
    game.challenge()
    for _ in range(8):
        game.committed()
    judge = game.judge()
    answers = at_once(
        game.app,
        [leasing(game, judge) for _ in range(8)],
    )  # fmt: skip
    assert errors(answers) == []
    assert len({item.public_id for item in answers}) == 1


def test_what_waits_is_counted_for_the_one_who_asks(game: Game) -> None:
    game.challenge()
    game.challenge("other")
    judge = game.judge()
    game.committed(judge)
    judged = game.committed()
    game.judge_says(judged, "spam", judge)
    game.committed()
    leased = game.committed()
    game.lease_to(game.item(leased).public_id, game.judge(), "token")
    offers = {
        offer.card.slug: (offer.is_qualified, offer.waiting)
        for offer in list_judging(judge, now=game.clock())
    }
    assert offers == {"spam": (True, 1), "other": (False, 0)}


def test_the_judge_sees_what_today_brought(game: Game) -> None:
    game.challenge()
    judge = game.judge()
    game.judge_says(game.committed(), "spam", judge)
    view = lease_review("spam", judge_id=judge, now=game.clock(), new_token="t", dice=0)
    assert (view.price, view.judged_today, view.earned_today, view.item) == (50, 1, 50, None)
    game.clock.advance(hours=13)
    view = lease_review("spam", judge_id=judge, now=game.clock(), new_token="t", dice=0)
    assert (view.judged_today, view.earned_today) == (0, 0)


def test_challenges_of_one_topic_are_one_queue_that_says_nothing_of_the_claim(game: Game) -> None:
    game.challenge("spam", harmful=True)
    game.challenge("spam-lookalikes", topic="spam")
    judge = game.judge("spam-lookalikes")
    pages = [game.committed(slug=slug) for slug in ("spam", "spam-lookalikes")]
    views, seen = [], set()
    for slug in ("spam-lookalikes", "spam"):
        view = lease_review(slug, judge_id=judge, now=game.clock(), new_token=slug, dice=0.5)
        assert view.item is not None
        seen.add(view.item.public_id)
        views.append(view)
        game.judge_says(
            next(page for page in pages if game.item(page).public_id == view.item.public_id), "spam", judge
        )
    assert len(seen) == 2, "the test of one is good for both, and both are served from either address"
    assert {(view.challenge.card.slug, view.is_covered) for view in views} == {("spam", True)}
    assert views[1].judged_today == 1
    assert [offer.card.slug for offer in list_judging(judge, now=game.clock())] == ["spam"]


def test_what_a_blocked_judge_holds_goes_to_the_next_one_at_once(game: Game) -> None:
    listen(game)
    game.challenge()
    game.committed()
    judge, other = game.judge(), game.judge()
    game.judge_says(game.committed(), "spam", judge)  # whoever never answered is nobody's to block
    held = game.lease(judge)
    assert game.lease(other).public_id != held.public_id
    block(game, judge)
    assert game.lease(game.judge()).public_id == held.public_id


def test_what_a_blocked_judge_answered_returns_to_the_queue(game: Game) -> None:
    listen(game)
    game.challenge(max_judgements=2)
    judge = game.judge()
    undecided, half = game.committed(), game.committed()
    game.judge_says(undecided, "ham", judge)
    game.judge_says(half, "spam", judge)
    game.judged(undecided, "spam")
    fresh = game.judge()
    assert game.lease(fresh).public_id == game.item(half).public_id
    game.judge_says(half, "spam", fresh)
    assert game.lease(fresh) is None
    block(game, judge)
    served = {game.lease(game.judge()).public_id for _ in range(2)}
    assert served == {game.item(undecided).public_id, game.item(half).public_id}


def test_a_page_that_its_player_took_back_leaves_the_queue_and_its_holder_gets_another(game: Game) -> None:
    game.challenge()
    address = game.page()
    player, judge = game.player(), game.judge()
    public_id = game.committed(player, address)
    held = game.lease(judge)
    assert held.public_id == game.item(public_id).public_id
    withdraw_submission(public_id, player_id=player, now=game.clock())
    assert game.lease(judge) is None
    other = game.committed()
    assert game.lease(judge).public_id == game.item(other).public_id
    again = game.committed(player, address)
    assert game.lease(game.judge()).public_id == game.item(again).public_id
