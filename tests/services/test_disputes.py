from __future__ import annotations

import pytest

from btm.rules.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from btm.services.decide_dispute import decide_dispute
from btm.services.dispute_gold import MOST_OPEN, dispute_gold
from btm.services.show_gold import show_gold
from btm.services.show_own_record import show_own_record
from btm.store import gold as gold_store
from btm.store.tables import DbJudgement, DbStandingChange
from btm.store.transaction import reading, transaction

from ..support.crowd import at_once, errors
from ..support.databases import rows, value
from ..support.game import Game
from .golden import gold_of, gold_row, judge_row, meet, next_gold, say, work

OFTEN = {"gold_rate_start": 0.9, "gold_rate_floor": 0.9}


def dispute(game: Game, judge: int, judgement: int | None = None, reason: str = "It is a recipe.") -> int:
    """A judge disputes their last answer. Returns the dispute's id."""
    answer = judgement if judgement is not None else last_answer(judge)
    dispute_gold(answer, judge_id=judge, reason=reason, now=game.clock())
    return int(str(value("SELECT id FROM dispute WHERE judgement_id = :j", j=answer)))


def last_answer(judge: int) -> int:
    return int(str(value("SELECT max(id) FROM judgement WHERE judge_id = :j", j=judge)))


def decide(game: Game, number: int, *, upheld: bool, answer: str = "You are right.") -> None:
    decide_dispute("spam", number, upheld=upheld, answer=answer, asker_id=None, now=game.clock())


def record(judge: int) -> tuple[int, int]:
    with reading() as session:
        return gold_store.record_of(session, "spam", judge)


def test_who_missed_gold_may_say_why_once(game: Game) -> None:
    game.challenge(**OFTEN)
    gold_of(game)
    work(game)
    judge = game.judge()
    meet(game, judge, right=False)
    assert record(judge) == (1, 0)
    dispute(game, judge, reason="It is\na recipe.")
    assert rows("SELECT state, reason FROM dispute") == [("open", "It is a recipe.")]
    assert record(judge) == (0, 0), "while it is open the answer does not count"
    with pytest.raises(Conflict) as caught:
        dispute(game, judge)
    assert caught.value.code == "already_disputed"


def test_eight_disputes_at_once_are_one(game: Game) -> None:
    game.challenge(**OFTEN)
    gold_of(game)
    work(game)
    judge = game.judge()
    meet(game, judge, right=False)
    answers = at_once(game.app, [lambda: dispute(game, judge)] * 8)
    assert {type(error) for error in errors(answers)} == {Conflict}
    assert (len(errors(answers)), value("SELECT count(*) FROM dispute")) == (7, 1)


def test_only_one_s_own_missed_gold_can_be_disputed_and_nothing_is_learned_of_other_answers(
    game: Game,
) -> None:
    game.challenge(**OFTEN)
    gold_of(game)
    gold_of(game)
    gold_of(game)
    work(game)
    judge = game.judge()
    meet(game, judge, right=True)
    right = last_answer(judge)
    say(game, judge, next_gold(game, judge), None)
    cannot = last_answer(judge)
    game.judge_says(game.committed(), "ham", judge)
    plain = last_answer(judge)
    other = game.judge()
    meet(game, other, right=False)
    for number in (right, cannot, plain, last_answer(other), 10**9):
        with pytest.raises(NotFound):
            dispute(game, judge, number)
    with pytest.raises(Invalid):
        dispute(game, other, reason=" \n")


def test_only_a_few_wait_at_once(game: Game) -> None:
    game.challenge(min_gold_answers=50, **OFTEN)
    for _ in range(MOST_OPEN + 1):
        gold_of(game)
    work(game)
    judge = game.judge()
    for _ in range(MOST_OPEN):
        meet(game, judge, right=False)
        dispute(game, judge)
    meet(game, judge, right=False)
    with pytest.raises(DomainError) as caught:
        dispute(game, judge)
    assert caught.value.status == 429
    assert value("SELECT count(*) FROM dispute") == MOST_OPEN


def test_upheld_it_leaves_every_judge_s_record_and_counts(game: Game) -> None:
    game.challenge(**OFTEN)
    wrong = gold_of(game, "spam")
    work(game)
    missed, agreed = game.judge(), game.judge()
    meet(game, missed, right=False)
    meet(game, agreed, right=True)
    gold_of(game, "ham")
    meet(game, missed, right=True)
    meet(game, agreed, right=True)
    second = game.judge()
    assert gold_row(wrong).id is not None
    item = next_gold(game, second)
    while gold_row(wrong).page_id != _page(item):
        say(game, second, item, "ham")
        item = next_gold(game, second)
    say(game, second, item, "ham")
    dispute(game, second)
    number = dispute(
        game, missed, int(str(value("SELECT min(id) FROM judgement WHERE judge_id = :j", j=missed)))
    )
    decide(game, number, upheld=True)
    assert (gold_row(wrong).state, gold_row(wrong).retired_why) == ("retired", "disputed")
    for judge in (missed, agreed):
        assert [n for line in judge_row(judge).counts for n in line] == pytest.approx([0, 0, 0, 1])
    assert (record(missed), record(agreed)) == ((1, 1), (1, 1))
    assert rows("SELECT state, answer FROM dispute") == [("upheld", "You are right.")] * 2
    with pytest.raises(Conflict) as caught:
        decide(game, number, upheld=True)
    assert caught.value.code == "already_decided"
    assert [n for line in judge_row(missed).counts for n in line] == pytest.approx([0, 0, 0, 1])


def blocked_judge(game: Game) -> int:
    """Somebody whose last wrong answer of two among four was one too many."""
    game.challenge(min_gold_answers=4, min_gold_accuracy=0.6, **OFTEN)
    for _ in range(5):
        gold_of(game)
    work(game)
    judge = game.judge()
    for right in (True, True, False, False):
        meet(game, judge, right=right)
    assert judge_row(judge).state == "blocked"
    return judge


def test_upheld_it_lets_in_again_whom_it_got_blocked(game: Game) -> None:
    judge = blocked_judge(game)
    number = dispute(game, judge)
    game.bell.hold()
    decide(game, number, upheld=True)
    assert judge_row(judge).state == "active"
    change = int(str(value("SELECT max(id) FROM standing_change")))
    with reading() as session:
        row = session.get(DbStandingChange, change)
        assert row is not None
        assert (row.action, row.why, row.is_done, row.changed_by) == ("lifted", "gold", False, None)
    assert game.bell.rung == [*game.bell.rung[:-1], ("standing", change)]
    assert next_gold(game, judge) is not None


def test_a_record_that_is_still_too_low_keeps_them_out(game: Game) -> None:
    game.challenge(min_gold_answers=3, min_gold_accuracy=0.6, **OFTEN)
    for _ in range(5):
        gold_of(game)
    work(game)
    judge = game.judge()
    for _ in range(3):
        meet(game, judge, right=False)
    with transaction() as session:
        change = session.query(DbStandingChange).one()
        change.is_done = True
        session.query(DbJudgement).filter_by(judge_id=judge).update(
            {"withdrawn_at": game.clock(), "withdrawn_by": change.id}
        )
    gold_of(game)
    decide(game, dispute(game, judge), upheld=True)
    assert judge_row(judge).state == "active", "two answers are too few to block by"
    assert record(judge) == (2, 0), "withdrawn answers are still how they answered"


def test_a_block_that_gold_had_no_part_in_stays(game: Game) -> None:
    game.challenge(**OFTEN)
    gold_of(game)
    work(game)
    judge = game.judge()
    meet(game, judge, right=False)
    from btm.services.blocking import block
    from btm.store import juries

    with transaction() as session:
        row = juries.find_judge(session, "spam", judge)
        assert row is not None
        block(session, row, why="collusion", note="", changed_by=None, now=game.clock())
    decide(game, dispute(game, judge), upheld=True)
    assert judge_row(judge).state == "blocked"


def test_declined_the_answer_counts_again_and_may_be_one_too_many(game: Game) -> None:
    game.challenge(min_gold_answers=3, min_gold_accuracy=0.6, **OFTEN)
    for _ in range(4):
        gold_of(game)
    work(game)
    judge = game.judge()
    meet(game, judge, right=False)
    number = dispute(game, judge)
    meet(game, judge, right=False)
    meet(game, judge, right=True)
    assert judge_row(judge).state == "active"
    with pytest.raises(Invalid) as caught:
        decide(game, number, upheld=False, answer="  ")
    assert caught.value.field == "answer"
    game.bell.hold()
    decide(game, number, upheld=False, answer="It names its price.")
    assert (record(judge), judge_row(judge).state) == ((3, 1), "blocked")
    assert game.bell.rung[-1][0] == "standing"
    [page] = [
        each for each in show_own_record("spam", account_id=judge, now=game.clock()).missed if each.dispute
    ]
    assert (page.dispute, page.dispute_answer) == ("declined", "It names its price.")


def test_after_a_modeler_let_somebody_in_their_record_begins_anew(game: Game) -> None:
    judge = blocked_judge(game)
    game.clock.advance(hours=1)
    with transaction() as session:
        from btm.store.tables import DbJudge

        row = session.query(DbJudge).filter_by(account_id=judge).one()
        row.state = "active"
        session.add(
            DbStandingChange(
                judge_id=row.id,
                action="lifted",
                why="by_hand",
                note="",
                changed_at=game.clock(),
                is_done=True,
            )
        )
    game.clock.advance(hours=1)
    meet(game, judge, right=False)
    assert judge_row(judge).state == "active", "one miss after a fresh start blocks nobody"


def test_an_answer_to_gold_that_was_found_wrong_meanwhile_teaches_nothing(game: Game) -> None:
    game.challenge(**OFTEN)
    gold_of(game)
    work(game)
    judge, late = game.judge(), game.judge()
    meet(game, judge, right=False)
    item = next_gold(game, late)
    decide(game, dispute(game, judge), upheld=True)
    say(game, late, item, "ham")
    assert judge_row(late).counts == [[0.0, 0.0], [0.0, 0.0]]
    assert (game.balance(late), record(late)) == (50, (0, 0))
    game.check_books()


def test_the_shelf_shows_what_waits_and_only_modelers_decide(game: Game) -> None:
    game.challenge(**OFTEN)
    game.challenge("other")
    gold = gold_of(game)
    work(game)
    judge = game.judge(handle="anna")
    meet(game, judge, right=False)
    number = dispute(game, judge)
    [shown] = show_gold("spam", asker_id=None).disputes
    assert (shown.id, shown.handle, shown.reason, shown.state) == (number, "anna", "It is a recipe.", "open")
    assert (shown.given.key if shown.given else "", shown.gold.public_id) == ("ham", gold)
    assert (shown.gold.asked, shown.gold.right, shown.gold.disputes) == (1, 0, 1)
    assert shown.gold.expected == pytest.approx(0.85, abs=0.01)
    with pytest.raises(Forbidden):
        decide_dispute("spam", number, upheld=True, answer="", asker_id=judge, now=game.clock())
    for slug, other in (("other", number), ("spam", 10**9)):
        with pytest.raises(NotFound):
            decide_dispute(slug, other, upheld=True, answer="", asker_id=None, now=game.clock())
    decide(game, number, upheld=True)
    assert show_gold("spam", asker_id=None).disputes == ()


def test_eight_decisions_at_once_are_one(game: Game) -> None:
    game.challenge(**OFTEN)
    gold_of(game)
    work(game)
    judge = game.judge()
    meet(game, judge, right=False)
    number = dispute(game, judge)
    answers = at_once(game.app, [lambda: decide(game, number, upheld=True)] * 8)
    assert len(errors(answers)) == 7
    assert {type(error) for error in errors(answers)} == {Conflict}
    assert judge_row(judge).counts == [[0.0, 0.0], [0.0, 0.0]]


def _page(item: object) -> int:
    from .golden import row_of

    return row_of(item.public_id).page_id  # type: ignore[attr-defined]
