from __future__ import annotations

import json

import pytest

from btm.rules.errors import Conflict, NotFound
from btm.services.appeal_submission import appeal_submission
from btm.services.export_urls import export_urls
from btm.services.find_stuck import find_stuck
from btm.services.show_agreement import show_agreement
from btm.store import collecting, corpus_figures, machines, rounds
from btm.store.transaction import reading

from ..support.collected import collected
from ..support.crowd import at_once, errors
from ..support.databases import rows, value
from ..support.game import Game
from ..support.rejudging import appeal, decide, die_everywhere, listen, modeler, promised


@pytest.fixture(autouse=True)
def all_work_is_done(game: Game) -> None:
    listen(game)


def rejected(game: Game, player: int | None = None) -> tuple[str, list[int]]:
    public_id = game.committed(player)
    return public_id, game.judged(public_id, "ham", "ham")


def test_an_appeal_that_fresh_judges_uphold_pays_the_rest_of_the_promise(game: Game) -> None:
    game.challenge(budget=10_000, base_pay=10)
    player = game.player()
    public_id, _ = rejected(game, player)
    appeal(game, public_id)
    view = game.view(public_id)
    assert (view.state, view.outcome.reopened, view.outcome.points) == ("rejected", "appeal", 10)  # type: ignore[union-attr]
    assert view.outcome.verdict.key == "ham", "the old verdict stands"  # type: ignore[union-attr]
    game.judged(public_id, "spam", "spam")
    assert game.row(public_id).state == "rejected", "two are not enough on appeal"
    game.judged(public_id, "spam")
    view = game.view(public_id)
    assert (view.state, view.outcome.appeal, view.outcome.may_appeal) == ("confirmed", "upheld", False)  # type: ignore[union-attr]
    assert game.balance(player) == promised(game, public_id)
    assert "3 of 3 people" in view.outcome.reason  # type: ignore[union-attr]
    game.check_books()
    game.check_nothing_is_promised()


def test_an_appeal_that_is_declined_moves_no_points(game: Game) -> None:
    game.challenge(base_pay=10)
    player = game.player()
    public_id, _ = rejected(game, player)
    appeal(game, public_id)
    game.judged(public_id, "ham", "ham", "ham")
    outcome = game.view(public_id).outcome
    assert (game.row(public_id).state, outcome.appeal, game.balance(player)) == ("rejected", "declined", 10)  # type: ignore[union-attr]
    with pytest.raises(Conflict) as caught:
        appeal(game, public_id)
    assert caught.value.code == "appealed"
    game.check_books()
    game.check_nothing_is_promised()


def test_those_who_judged_before_are_not_asked_again(game: Game) -> None:
    game.challenge()
    public_id, judges = rejected(game)
    appeal(game, public_id)
    assert [game.lease(judge) for judge in judges] == [None, None]
    assert game.lease(game.judge()).public_id == game.item(public_id).public_id


def test_fifty_appeals_at_once_are_one(game: Game) -> None:
    game.challenge()
    public_id, _ = rejected(game)
    assert errors(at_once(game.app, [lambda: appeal(game, public_id)] * 50)) == []
    item = game.item(public_id)
    assert (item.round, item.reopened, value("SELECT count(*) FROM appeal")) == (1, 1, 1)
    assert value("SELECT count(*) FROM ledger WHERE kind = 'reserve'") == 2
    game.check_books()


def test_a_death_at_any_statement_of_an_appeal_leaves_nothing_behind(game: Game) -> None:
    game.challenge()
    public_id, _ = rejected(game)

    def look() -> list[object]:
        return [
            rows(f"SELECT * FROM {table} ORDER BY id")
            for table in ("ledger", "appeal", "submission", "review_item")
        ]

    assert die_everywhere(lambda: appeal(game, public_id), look) > 5
    assert game.row(public_id).reopened_why == "appeal"


def test_when_nobody_answers_an_appeal_in_time_the_promise_is_paid(game: Game) -> None:
    game.challenge(base_pay=10)
    player = game.player()
    public_id, _ = rejected(game, player)
    appeal(game, public_id)
    find_stuck(now=game.clock.advance(days=7, minutes=1))
    outcome = game.view(public_id).outcome
    assert outcome is not None
    assert (game.row(public_id).state, game.balance(player)) == ("undecided", promised(game, public_id))
    assert (outcome.verdict, outcome.appeal, outcome.reopened) == (None, "unanswered", "")
    assert "another look" in outcome.reason
    game.check_books()
    game.check_nothing_is_promised()


@pytest.mark.parametrize("mode", ["beat", "collect"])
def test_what_was_found_before_an_appeal_that_nobody_answered_counts_for_nothing(
    game: Game, mode: str
) -> None:
    is_beat = mode == "beat"
    goals = {} if is_beat else {"collect_goal": 20, "collect_least": 10}
    challenge_id = game.challenge(mode=mode, base_pay=10, **goals)
    if not is_beat:
        collected(game, "ham", 10)  # so that one more is not wanted
    public_id = game.committed(game.player(), label="" if is_beat else "spam")
    game.judged(public_id, "ham", "ham")

    def told() -> tuple[object, ...]:
        listed = b"".join(export_urls("spam", "jsonl", asker_id=None, now=game.clock())).splitlines()
        [label] = [row["verified_label"] for row in map(json.loads, listed) if row["id"] == public_id]
        with reading() as session:
            return (
                label,
                corpus_figures.totals(session, challenge_id).probes,
                [truth for truth, _ in machines.verified(session, challenge_id, 9)],
                rounds.right_counts(session, challenge_id),
                collecting.verified_counts(session, challenge_id),
            )

    assert told() == (("ham", 1, ["ham"], {"ham": 1}, {}) if is_beat else ("ham", 0, [], {}, {"ham": 11}))
    appeal(game, public_id)
    find_stuck(now=game.clock.advance(days=7, minutes=1))
    assert told() == ("", 0, [], {}, {} if is_beat else {"ham": 10})
    assert show_agreement("spam", asker_id=None).overturned == 0


def test_without_a_budget_for_fresh_judges_an_appeal_goes_to_the_desk(game: Game) -> None:
    game.challenge(budget=960 + 7 * 50, base_pay=10)
    player = game.player()
    public_id, _ = rejected(game, player)
    appeal(game, public_id)
    assert game.item(public_id).state == "undecided"
    game.check_books()
    decide(game, public_id, "spam", modeler(game))
    assert (game.row(public_id).state, game.balance(player)) == ("confirmed", promised(game, public_id))
    assert game.view(public_id).outcome.appeal == "upheld"  # type: ignore[union-attr]
    game.check_books()
    game.check_nothing_is_promised()


def test_a_win_cannot_be_appealed_nor_another_s_page_nor_after_a_week(game: Game) -> None:
    game.challenge(appeal_days=7)
    won = game.settled("spam")
    lost, _ = rejected(game)
    for public_id, later, code in ((won, 0, "not_rejected"), (lost, 8, "too_late")):
        game.clock.advance(days=later)
        with pytest.raises(Conflict) as caught:
            appeal(game, public_id)
        assert caught.value.code == code
        assert game.view(public_id).outcome.may_appeal is False  # type: ignore[union-attr]
    with pytest.raises(NotFound):
        appeal_submission(lost, player_id=game.player(), reason="", now=game.clock())


def test_what_the_team_decided_cannot_be_appealed(game: Game) -> None:
    game.challenge(max_judgements=2)
    public_id = game.committed()
    game.judged(public_id, "spam", "ham")
    decide(game, public_id, "ham", modeler(game))
    with pytest.raises(Conflict) as caught:
        appeal(game, public_id)
    assert caught.value.code == "decided_by_team"
    outcome = game.view(public_id).outcome
    assert outcome is not None
    assert (outcome.may_appeal, outcome.decided_by_team, outcome.team_reason) == (False, True, "It is plain.")


def test_the_player_alone_reads_what_judges_wrote_and_only_after_the_verdict(game: Game) -> None:
    game.challenge(min_judgements=2)
    public_id = game.committed()
    game.judge_says(public_id, "ham", reason="A recipe.")
    assert game.view(public_id).outcome.said == ()  # type: ignore[union-attr]
    game.judge_says(public_id, "ham")
    outcome = game.view(public_id).outcome
    assert outcome is not None
    assert [(said.label.key, said.reason) for said in outcome.said if said.label] == [("ham", "A recipe.")]
    assert (outcome.may_appeal, outcome.appeal_until is not None) == (True, True)
    appeal(game, public_id)
    game.judge_says(public_id, "spam", reason="It sells.")
    outcome = game.view(public_id).outcome
    assert outcome is not None
    assert [said.reason for said in outcome.said] == ["A recipe."]
    assert outcome.judgements == 1
    assert "2 of 2 people" in outcome.reason
