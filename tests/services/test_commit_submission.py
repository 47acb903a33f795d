from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from btm.rules.errors import Conflict, NotFound, SignInNeeded
from btm.services.commit_submission import commit_submission
from btm.services.register import register
from btm.store import challenges
from btm.store.tables import DbChallenge
from btm.store.transaction import transaction

from ..support import texts
from ..support.crowd import at_once, errors
from ..support.databases import rows, value
from ..support.game import Game

WHOLE = 7 * 50
"""What judging a page may cost under the default rules."""


def points(game: Game, public_id: str) -> int:
    quote = game.view(public_id).quote
    assert quote is not None
    return quote.points


def commit(game: Game, public_id: str, player: int) -> None:
    commit_submission(public_id, player_id=player, now=game.clock(), new_id=game.new("item"))


def committing(game: Game, public_id: str, player: int) -> Callable[[], None]:
    """A commit with an id of its own, to be called later."""
    return partial(commit_submission, public_id, player_id=player, now=game.clock(), new_id=game.new("item"))


def test_taking_a_quote_reserves_its_points_and_puts_the_page_up_for_review(game: Game) -> None:
    game.challenge(budget=10_000)
    player = game.player()
    public_id = game.committed(player)
    promised = points(game, public_id) + WHOLE
    assert rows("SELECT kind, budget, escrow, worker FROM ledger WHERE kind <> 'fund'") == [
        ("reserve", -promised, promised, 0)
    ]
    item = game.item(public_id)
    assert (item.state, item.origin, item.author_id) == ("open", "submission", player)
    game.check_books()


def test_taking_a_quote_twice_is_the_same_as_once(game: Game) -> None:
    game.challenge()
    public_id = game.committed()
    game.commit(public_id)
    assert value("SELECT count(*) FROM review_item") == 1
    assert value("SELECT count(*) FROM ledger WHERE kind = 'reserve'") == 1


def test_taking_a_quote_fifty_times_at_once_is_the_same_as_once(game: Game) -> None:
    game.challenge()
    player = game.player()
    public_id = game.quoted(player)
    ids = [game.new("item") for _ in range(50)]
    answers = at_once(
        game.app,
        [lambda i=i: commit_submission(public_id, player_id=player, now=game.clock(), new_id=i) for i in ids],
    )
    assert errors(answers) == []
    assert value("SELECT count(*) FROM review_item") == 1
    assert value("SELECT count(*) FROM ledger WHERE kind = 'reserve'") == 1


def test_one_page_taken_by_twenty_players_at_once_is_the_find_of_one(game: Game) -> None:
    game.challenge()
    url = game.page()
    players = [game.player() for _ in range(20)]
    quoted = [game.quoted(player, url) for player in players]
    answers = at_once(
        game.app,
        [committing(game, a, p) for a, p in zip(quoted, players, strict=True)],
    )  # fmt: skip
    assert [error.code for error in errors(answers) if isinstance(error, Conflict)] == ["already_found"] * 19
    states = sorted(game.row(public_id).state for public_id in quoted)
    assert states == ["in_review"] + ["refused"] * 19
    [winner] = [public_id for public_id in quoted if game.row(public_id).state == "in_review"]
    game.judged(winner, "spam", "spam")
    assert value("SELECT count(*) FROM ledger WHERE kind = 'bonus'") == 1
    assert [game.balance(player) > 0 for player in players].count(True) == 1
    game.check_books()
    game.check_nothing_is_promised()


@pytest.mark.parametrize("way", ["content", "near", "redirect"])
def test_one_page_under_eight_addresses_taken_at_once_is_the_find_of_one(game: Game, way: str) -> None:
    game.challenge()
    players = [game.player() for _ in range(8)]
    quoted = []
    for number, player in enumerate(players):
        url = f"https://copy{number}.example/"
        if way == "content":
            game.page(url, text=texts.text("copied"))
        elif way == "near":
            game.page(url, text=texts.text("template", 200) + f" {texts.words(number, 1)[0]}")
        else:
            game.page(url, text=texts.text(number), final_url="https://the.example/page")
        quoted.append(game.quoted(player, url))
    answers = at_once(
        game.app,
        [committing(game, a, p) for a, p in zip(quoted, players, strict=True)],
    )  # fmt: skip
    assert {type(error) for error in errors(answers)} == {Conflict}
    assert len(errors(answers)) == 7
    assert value("SELECT count(*) FROM submission WHERE state = 'in_review'") == 1


def test_a_page_taken_by_somebody_meanwhile_says_so_and_names_it(game: Game) -> None:
    game.challenge()
    url = game.page()
    late = game.quoted(url=url)
    first = game.settled(url=url)
    with pytest.raises(Conflict) as caught:
        game.commit(late)
    view = game.view(late)
    assert caught.value.code == "already_found"
    assert view.refusal is not None
    assert (view.refusal.code, view.refusal.repeats) == ("already_found", first)


def test_thirty_commits_at_once_never_promise_more_than_the_budget(game: Game) -> None:
    url = game.page()
    game.challenge("measure")
    whole = points(game, game.quoted(slug="measure", url=url)) + WHOLE
    game.challenge(budget=11 * whole + WHOLE)
    players = [game.player() for _ in range(30)]
    quoted = [game.quoted(player) for player in players]
    answers = at_once(
        game.app,
        [committing(game, a, p) for a, p in zip(quoted, players, strict=True)],
    )  # fmt: skip
    assert [error.code for error in errors(answers) if isinstance(error, Conflict)] == ["budget_spent"] * 19
    assert value("SELECT count(*) FROM submission WHERE state = 'in_review'") == 11
    game.check_books()


def test_a_quote_stays_while_the_budget_is_spent(game: Game) -> None:
    challenge_id = game.challenge(budget=900 + 1000 + 2 * WHOLE)
    first, second = game.quoted(), game.quoted()
    game.commit(first)
    game.challenge("other")
    with pytest.raises(Conflict) as caught:
        game.commit(second)
    assert caught.value.code == "budget_spent"
    assert game.row(second).state == "quoted"
    game.judged(first, "ham", "ham")
    with transaction() as session:
        assert challenges.figures(session, [challenge_id])[challenge_id].budget_left > 1000
    game.commit(second)
    assert game.row(second).state == "in_review"


def test_a_visitor_must_register_first_and_then_has_the_same_quote(game: Game) -> None:
    game.challenge()
    visitor = game.visitor()
    public_id = game.quoted(visitor)
    promised = points(game, public_id)
    assert game.view(public_id).needs_account
    with pytest.raises(SignInNeeded):
        commit(game, public_id, visitor)
    account = register("newcomer", "a fine long password", visitor_id=visitor, now=game.clock())
    commit(game, public_id, account)
    assert (game.row(public_id).state, points(game, public_id)) == ("in_review", promised)


def test_a_quote_runs_out(game: Game) -> None:
    game.challenge()
    public_id = game.quoted()
    game.clock.advance(hours=24)
    assert not game.view(public_id).may_commit
    with pytest.raises(Conflict) as caught:
        game.commit(public_id)
    assert caught.value.code == "quote_expired"


def test_a_challenge_that_closed_meanwhile_takes_nothing(game: Game) -> None:
    game.challenge()
    public_id = game.quoted()
    with transaction() as session:
        session.query(DbChallenge).update({"state": "paused"})
    with pytest.raises(Conflict) as caught:
        game.commit(public_id)
    assert (caught.value.code, game.row(public_id).state) == ("closed", "quoted")


def test_nobody_takes_another_s_quote(game: Game) -> None:
    game.challenge()
    public_id = game.quoted()
    for thief in (game.player(), game.visitor(), 0):
        with pytest.raises(NotFound):
            commit(game, public_id, thief)
    with pytest.raises(NotFound):
        commit(game, "no-such-thing", game.player())


@pytest.mark.parametrize("state", ["queued", "refused", "withdrawn"])
def test_there_must_be_a_quote_to_take(game: Game, state: str) -> None:
    from btm.services.withdraw_submission import withdraw_submission

    game.challenge()
    player = game.player()
    if state == "queued":
        game.bell.hold()
        public_id = game.submitted(player)
    elif state == "refused":
        public_id = game.submitted(player, "https://gone.example/")
    else:
        public_id = game.quoted(player)
        withdraw_submission(public_id, player_id=player, now=game.clock())
    assert game.row(public_id).state == state
    with pytest.raises(Conflict) as caught:
        commit(game, public_id, player)
    assert caught.value.code == "no_quote"


def test_a_page_behind_a_very_long_address_can_be_taken(game: Game) -> None:
    game.challenge()
    url = game.page("https://a.example/x", final_url="https://a.example/" + "y" * 4000)
    game.committed(url=url)
    again = game.submitted(url=url)
    assert game.row(again).refusal == "already_handed_in"


def test_what_is_frozen_at_commit_is_what_was_quoted(game: Game) -> None:
    game.challenge()
    public_id = game.quoted(url=game.page(text=texts.same_topic("topic", 1)))
    before = game.view(public_id).quote
    game.settled(url=game.page(text=texts.same_topic("topic", 2)))
    game.commit(public_id)
    assert game.view(public_id).quote == before
