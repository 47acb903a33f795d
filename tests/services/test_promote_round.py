from __future__ import annotations

import json
from typing import Any

import pytest

from btm.rules.errors import Conflict, Forbidden, NotFound
from btm.services.activate_machine import activate_machine
from btm.services.export_corpus import export_corpus
from btm.services.promote_round import promote_round
from btm.services.roll_back_round import roll_back_round
from btm.services.show_challenge import show_challenge
from btm.services.show_rounds import show_round
from btm.services.views_clusters import RoundView

from ..support import rounds as support
from ..support.clock import WEDNESDAY_NOON as WHEN
from ..support.crowd import at_once, errors
from ..support.databases import rows, value
from ..support.game import Game
from ..support.rounds import CAUSES, add_corpus, find_text, play_trained, start, states


@pytest.fixture
def ready(game: Game) -> str:
    """A challenge with a round that is ready and recommended. Returns the round's public id."""
    game.challenge()
    support.with_worker(game)
    play_trained(game)
    add_corpus(game)
    public_id = start(game)
    assert one(public_id).may_promote
    return public_id


def one(public_id: str) -> RoundView:
    return show_round("spam", public_id, asker_id=None)


def promote(game: Game, public_id: str, **options: Any) -> RoundView:
    return promote_round("spam", public_id, asker_id=None, now=game.clock.advance(minutes=1), **options)


def roll_back(game: Game, public_id: str) -> RoundView:
    return roll_back_round("spam", public_id, asker_id=None, now=game.clock.advance(minutes=1))


def playing() -> str:
    [found] = rows(
        "SELECT m.name, m.version FROM challenge c JOIN machine m ON m.id = c.machine_id WHERE c.slug = 'spam'"
    )
    return f"{found[0]} {found[1]}"


def test_promoted_it_plays_the_corpus_is_replayed_and_holes_are_closed(game: Game, ready: str) -> None:
    view = promote(game, ready)
    assert (view.state, view.may_promote, view.may_roll_back) == ("promoted", False, True)
    assert playing() == view.candidate
    assert states() == dict.fromkeys(CAUSES, "fixed")
    assert value("SELECT count(*) FROM replay") == 48
    assert (one(ready).closed, one(ready).regressed) == (6, 0)


def test_new_quotes_follow_the_new_machine(game: Game, ready: str) -> None:
    page = game.page(text=find_text("knitting", 500))
    before = game.row(game.quoted(url=page)).quote
    promote(game, ready)
    assert before is not None
    assert before.probabilities[0] < 0.5
    refused = game.row(game.submitted(url=game.page(text=find_text("baking", 501))))
    assert (refused.state, refused.refusal) == ("refused", "already_known")


def test_a_committed_quote_a_balance_and_an_old_export_stay_what_they_were(game: Game, ready: str) -> None:
    paid = game.settled(url=game.page(text=find_text("judo", 1)))
    game.committed(url=game.page(text=find_text("judo", 2)))
    player = game.row(paid).player_id

    def frozen() -> tuple[Any, ...]:
        exported = b"".join(export_corpus("spam", "jsonl", asker_id=None, now=WHEN)).splitlines()
        known = [{key: each[key] for key in OLD if key in each} for each in map(json.loads, exported)]
        return (
            rows("SELECT * FROM quote ORDER BY id"),
            rows("SELECT * FROM ledger ORDER BY id"),
            game.balance(player),
            known,
        )

    before = frozen()
    assert (len(before[0]), len(before[3])) == (50, 49)
    assert before[2] > 0
    promote(game, ready)
    assert frozen() == before
    roll_back(game, ready)
    assert frozen() == before


OLD = (
    "id", "url", "canonical_url", "final_url", "fetched_at", "title", "text", "language", "machine", "machine_version",
    "probabilities", "predicted", "verified_label", "verdict_probability", "severity", "novelty", "points", "judgements",
    "submitted_at", "settled_at",
)  # fmt: skip


def test_two_promotions_at_once_are_one(game: Game, ready: str) -> None:
    answers = at_once(game.app, [lambda: promote(game, ready) for _ in range(4)])
    assert len(errors(answers)) == 3
    assert {str(each) for each in errors(answers)} == {"This round is promoted already."}
    assert value("SELECT count(*) FROM task WHERE kind = 'replay'") == 1


def test_what_is_not_recommended_takes_force(game: Game) -> None:
    game.challenge()
    support.with_worker(game)
    play_trained(game)
    add_corpus(game)
    public_id = start(game, natural=support.csv_of(20, 90_000))
    with pytest.raises(Conflict, match=r"It is not recommended\. There are 40 pages") as caught:
        promote(game, public_id)
    assert caught.value.code == "not_advised"
    assert promote(game, public_id, force=True).state == "promoted"
    assert playing() == one(public_id).candidate


def test_a_round_that_was_measured_against_another_machine_takes_force(game: Game, ready: str) -> None:
    activate_machine("spam", "toy", "1", asker_id=None, shelf=game.shelf, now=game.clock())
    assert not one(ready).may_promote
    with pytest.raises(Conflict, match="Another machine plays now"):
        promote(game, ready)
    assert promote(game, ready, force=True).state == "promoted"


def test_a_round_that_is_not_ready_cannot_be_promoted_even_by_force(game: Game, ready: str) -> None:
    game.bell.hold()
    public_id = start(game)
    with pytest.raises(Conflict, match="still under way"):
        promote(game, public_id, force=True)
    with pytest.raises(Conflict, match="was declined"):
        promote(game, ready, force=True)
    with pytest.raises(Conflict, match="nothing to roll back"):
        roll_back(game, public_id)


def test_rolled_back_the_machine_before_plays_and_holes_are_open_again(game: Game, ready: str) -> None:
    promote(game, ready)
    asked = value("SELECT count(*) FROM replay")
    view = roll_back(game, ready)
    assert (view.state, view.may_roll_back) == ("rolled_back", False)
    assert playing() == view.base
    assert states() == dict.fromkeys(CAUSES, "regressed")
    assert value("SELECT count(*) FROM replay") == 2 * int(str(asked))
    with pytest.raises(Conflict, match="nothing to roll back"):
        roll_back(game, ready)
    with pytest.raises(Conflict, match="was rolled back"):
        promote(game, ready, force=True)


def test_what_does_not_play_any_more_cannot_be_rolled_back(game: Game, ready: str) -> None:
    promote(game, ready)
    activate_machine("spam", "toy", "1", asker_id=None, shelf=game.shelf, now=game.clock())
    assert not one(ready).may_roll_back
    with pytest.raises(Conflict, match="does not play"):
        roll_back(game, ready)


def test_players_are_told_which_holes_are_closed_while_the_machine_plays(game: Game, ready: str) -> None:
    assert show_challenge("spam", now=game.clock()).learned is None
    promote(game, ready)
    learned = show_challenge("spam", now=game.clock()).learned
    assert learned is not None
    assert (learned.closed, learned.names) == (6, tuple(sorted(CAUSES)))
    roll_back(game, ready)
    assert show_challenge("spam", now=game.clock()).learned is None


@pytest.mark.parametrize(("harmful", "named"), [(False, True), (True, False)])
def test_the_challenges_page_names_the_holes_but_not_unasked_where_they_could_disturb(
    game: Game, ready: str, harmful: bool, named: bool
) -> None:
    from sqlalchemy import text

    from btm.store.transaction import transaction

    promote(game, ready)
    with transaction() as session:
        session.execute(text("UPDATE challenge SET is_harmful = :harmful"), {"harmful": harmful})
    page = game.app.test_client().get("/c/spam").get_data(as_text=True)
    assert "these 6 holes are closed" in page
    assert ("baking; chess; knitting" in page) is named


def test_only_modelers_promote_and_roll_back(game: Game, ready: str) -> None:
    stranger = game.player()
    with pytest.raises(Forbidden):
        promote_round("spam", ready, asker_id=stranger, now=game.clock())
    with pytest.raises(Forbidden):
        roll_back_round("spam", ready, asker_id=stranger, now=game.clock())
    with pytest.raises(NotFound):
        promote(game, "none")
