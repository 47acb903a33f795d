from __future__ import annotations

import pytest

from btm.rules.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from btm.services.record_judgement import record_judgement
from btm.store import juries
from btm.store.tables import DbJury
from btm.store.transaction import transaction

from ..support.crowd import at_once, errors
from ..support.databases import rows, value
from ..support.game import Game


def answer(
    game: Game, item: str, judge: int, token: str, label: str | None = "spam", cannot: str | None = None
) -> None:
    record_judgement(
        item, judge_id=judge, token=token, label=label, cannot=cannot, seconds=7.5, now=game.clock()
    )


def test_an_answer_is_kept_and_paid(game: Game) -> None:
    game.challenge(judging_price=50)
    public_id = game.committed()
    judge = game.judge()
    item = game.lease(judge)
    answer(game, item.public_id, judge, item.token)
    assert rows("SELECT label, cannot, seconds FROM judgement") == [("spam", None, 7.5)]
    assert game.balance(judge) == 50
    assert game.item(public_id).lease_judge_id is None
    game.check_books()


def test_cannot_judge_is_an_answer_and_is_paid_the_same(game: Game) -> None:
    game.challenge()
    public_id = game.committed()
    judge = game.judge_says(public_id, "cannot:broken")
    assert rows("SELECT label, cannot FROM judgement") == [(None, "broken")]
    assert (game.balance(judge), game.item(public_id).state) == (50, "open")


def test_the_same_answer_again_has_no_effect(game: Game) -> None:
    game.challenge()
    game.committed()
    judge = game.judge()
    item = game.lease(judge)
    for _ in range(3):
        answer(game, item.public_id, judge, item.token)
    assert (game.balance(judge), value("SELECT count(*) FROM judgement")) == (50, 1)


def test_fifty_identical_answers_at_once_are_one_row_and_one_payment(game: Game) -> None:
    game.challenge()
    game.committed()
    judge = game.judge()
    item = game.lease(judge)
    answers = at_once(game.app, [lambda: answer(game, item.public_id, judge, item.token)] * 50)
    assert errors(answers) == []
    assert value("SELECT count(*) FROM judgement") == 1
    assert value("SELECT count(*) FROM ledger WHERE kind = 'judging'") == 1
    assert game.balance(judge) == 50


def test_two_who_agree_settle_it(game: Game) -> None:
    game.challenge()
    public_id = game.committed()
    game.judged(public_id, "spam")
    assert game.row(public_id).state == "in_review"
    game.judged(public_id, "spam")
    assert game.row(public_id).state == "confirmed"
    item = game.item(public_id)
    assert (item.verdict, item.state) == ("spam", "settled")
    assert item.verdict_probability == pytest.approx(0.85**2 / (0.85**2 + 0.15**2))


def test_one_against_one_needs_more(game: Game) -> None:
    game.challenge()
    public_id = game.committed()
    game.judged(public_id, "spam", "ham")
    assert game.item(public_id).state == "open"
    game.judged(public_id, "spam", "spam")
    assert game.row(public_id).state == "confirmed"


def test_those_who_cannot_judge_do_not_decide(game: Game) -> None:
    game.challenge()
    public_id = game.committed()
    game.judged(public_id, "cannot:unsure", "cannot:language", "spam")
    assert game.item(public_id).state == "open"


@pytest.mark.parametrize("reason", ["broken", "unsure"])
def test_a_page_that_nobody_can_judge_comes_to_an_end(game: Game, reason: str) -> None:
    game.challenge(max_judgements=4)
    public_id = game.committed()
    game.judged(public_id, *[f"cannot:{reason}"] * 4)
    assert game.item(public_id).state == "undecided"
    assert game.row(public_id).state == "undecided"
    assert game.lease(game.judge()) is None
    game.check_books()


def test_judges_who_do_not_agree_come_to_an_end(game: Game) -> None:
    game.challenge(max_judgements=4)
    public_id = game.committed()
    game.judged(public_id, "spam", "ham", "spam", "ham")
    assert (game.item(public_id).state, game.row(public_id).state) == ("undecided", "undecided")


def test_an_answer_after_the_lease_passed_on_is_not_counted(game: Game) -> None:
    game.challenge(lease_seconds=60)
    game.committed()
    slow, quick = game.judge(), game.judge()
    old = game.lease(slow)
    game.clock.advance(seconds=61)
    game.lease(quick)
    with pytest.raises(Conflict) as caught:
        answer(game, old.public_id, slow, old.token)
    assert (caught.value.code, game.balance(slow)) == ("lease_passed", 0)


def test_an_answer_a_little_late_counts_while_nobody_else_has_the_page(game: Game) -> None:
    game.challenge(lease_seconds=60)
    game.committed()
    judge = game.judge()
    item = game.lease(judge)
    game.clock.advance(seconds=90)
    answer(game, item.public_id, judge, item.token)
    assert game.balance(judge) == 50


@pytest.mark.parametrize("token", ["", "another"])
def test_an_answer_needs_the_lease_s_token(game: Game, token: str) -> None:
    game.challenge()
    game.committed()
    judge = game.judge()
    item = game.lease(judge)
    with pytest.raises(Conflict):
        answer(game, item.public_id, judge, token)


def test_an_answer_without_a_lease_is_not_counted(game: Game) -> None:
    game.challenge()
    public_id = game.committed()
    with pytest.raises(Conflict):
        answer(game, game.item(public_id).public_id, game.judge(), "")


def test_one_s_own_page_cannot_be_judged(game: Game) -> None:
    game.challenge()
    player = game.judge()
    public_id = game.committed(player)
    item = game.item(public_id)
    game.lease_to(item.public_id, player, "token")
    with pytest.raises(Forbidden) as caught:
        answer(game, item.public_id, player, "token")
    assert caught.value.code == "own_page"


def test_only_the_qualified_may_answer(game: Game) -> None:
    game.challenge()
    item = game.item(game.committed())
    player = game.player()
    game.lease_to(item.public_id, player, "token")
    with pytest.raises(Forbidden) as caught:
        answer(game, item.public_id, player, "token")
    assert caught.value.code == "not_qualified"


@pytest.mark.parametrize(
    ("label", "cannot"),
    [(None, None), ("spam", "broken"), ("drugs", None), ("", None), (None, "lazy"), (None, "")],
)
def test_an_answer_is_one_of_those_offered(game: Game, label: str | None, cannot: str | None) -> None:
    game.challenge()
    game.committed()
    judge = game.judge()
    item = game.lease(judge)
    with pytest.raises(Invalid):
        answer(game, item.public_id, judge, item.token, label, cannot)
    assert value("SELECT count(*) FROM judgement") == 0


@pytest.mark.parametrize("seconds", [-1.0, float("nan"), float("inf"), 1e300])
def test_absurd_seconds_are_kept_as_something_sane(game: Game, seconds: float) -> None:
    game.challenge()
    game.committed()
    judge = game.judge()
    item = game.lease(judge)
    record_judgement(
        item.public_id,
        judge_id=judge,
        token=item.token,
        label="spam",
        cannot=None,
        seconds=seconds,
        now=game.clock(),
    )
    [[kept]] = rows("SELECT seconds FROM judgement")
    assert 0 <= float(str(kept)) <= 24 * 3600


@pytest.mark.parametrize("item", ["nothing", "", "\x00"])
def test_there_must_be_such_an_item(game: Game, item: str) -> None:
    game.challenge()
    with pytest.raises(NotFound if "\x00" not in item else DomainError):
        answer(game, item, game.judge(), "token")


def test_a_page_decided_meanwhile_takes_no_more_answers(game: Game) -> None:
    game.challenge()
    public_id = game.settled()
    item, judge = game.item(public_id), game.judge()
    with pytest.raises(Conflict) as caught:
        answer(game, item.public_id, judge, item.lease_token)
    assert caught.value.code == "closed"


def test_judges_who_answer_different_pages_at_once_are_all_paid(game: Game) -> None:
    game.challenge()
    work = []
    for _ in range(12):
        game.committed()
    for _ in range(12):
        judge = game.judge()
        work.append((game.lease(judge), judge))
    answers = at_once(
        game.app, [lambda i=item, j=judge: answer(game, i.public_id, j, i.token) for item, judge in work]
    )
    assert errors(answers) == []
    assert value("SELECT count(*) FROM ledger WHERE kind = 'judging'") == 12
    game.check_books()


def test_a_reason_and_a_correction_are_kept_on_one_line(game: Game) -> None:
    game.challenge()
    public_id = game.committed()
    game.judge_says(public_id, "spam", reason="  it sells\n\tpills\x00 ")
    game.judge_says(public_id, "cannot:other", other="a recipe", reason="x" * 999)
    assert rows("SELECT label, cannot, other, reason FROM judgement ORDER BY id") == [
        ("spam", None, "", "it sells pills"),
        (None, "other", "a recipe", "x" * 300),
    ]


def test_none_of_these_needs_words(game: Game) -> None:
    game.challenge()
    game.committed()
    judge = game.judge()
    item = game.lease(judge)
    with pytest.raises(Invalid, match="what the page is instead") as caught:
        answer(game, item.public_id, judge, item.token, label=None, cannot="other")
    assert caught.value.field == "other"


def test_two_who_say_none_of_these_send_the_page_to_the_desk(game: Game) -> None:
    game.challenge()
    public_id = game.committed()
    game.judge_says(public_id, "cannot:other", other="a recipe")
    assert game.item(public_id).state == "open"
    game.judge_says(public_id, "cannot:other", other="a cookbook")
    assert (game.item(public_id).state, game.row(public_id).state) == ("undecided", "undecided")


def test_an_answer_far_quicker_than_usual_is_marked_and_a_slow_one_is_not(game: Game) -> None:
    game.challenge()
    first, second = game.committed(), game.committed()
    game.judge_says(first, "spam")
    with transaction() as session:
        session.query(DbJury).one().pace = [3.0, 0.4, 200]
    game.judge_says(first, "spam", seconds=1.5)
    game.judge_says(second, "spam", seconds=19)
    assert [bool(flag) for (flag,) in rows("SELECT is_hasty FROM judgement ORDER BY id")] == [
        False,
        True,
        False,
    ]


def test_a_judge_known_to_be_good_weighs_more_than_one_known_to_be_poor(game: Game) -> None:
    game.challenge()
    good, poor = game.judge(), game.judge()
    with transaction() as session:
        panel = juries.get_jury(session, "spam", ["spam", "ham"])
        juries.get_judge(session, panel, good, game.clock()).counts = [[49.0, 1.0], [1.0, 49.0]]
        juries.get_judge(session, panel, poor, game.clock()).counts = [[26.0, 24.0], [24.0, 26.0]]
    by_good, by_poor = game.committed(), game.committed()
    game.judge_says(by_good, "spam", good)
    game.judge_says(by_poor, "spam", poor)
    cost = [game.item(public_id).expected_cost for public_id in (by_good, by_poor)]
    assert cost[0] == pytest.approx(0.04, abs=0.02)
    assert cost[1] == pytest.approx(0.46, abs=0.03)


def test_a_judge_whose_answers_tell_little_is_paid_a_share_and_was_told_before(game: Game) -> None:
    game.challenge(judging_price=60)
    poor = game.judge()
    with transaction() as session:
        panel = juries.get_jury(session, "spam", ["spam", "ham"])
        juries.get_judge(session, panel, poor, game.clock()).counts = [[28.0, 12.0], [12.0, 28.0]]
    game.committed()
    item = game.lease(poor)
    answer(game, item.public_id, poor, item.token)
    assert 0 < game.balance(poor) < 60
    assert game.balance(poor) == value("SELECT lease_price FROM review_item")
