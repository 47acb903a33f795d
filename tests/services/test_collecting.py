from __future__ import annotations

import pytest

from btm.rules.errors import Conflict, Invalid
from btm.services import show_challenge
from btm.services.appeal_submission import appeal_submission
from btm.services.settle import settle
from btm.services.withdraw_submission import withdraw_submission
from btm.store.tables import DbExample, DbOutcome
from btm.store.transaction import reading

from ..support import texts
from ..support.collected import collected
from ..support.databases import value
from ..support.game import Game


@pytest.fixture
def collecting(game: Game) -> Game:
    """A challenge without a machine that wants ten examples of each label."""
    game.challenge(mode="collect", collect_goal=20, collect_least=10)
    return game


def needs(game: Game) -> dict[str, tuple[int, int, int, int]]:
    view = show_challenge.show_challenge("spam", now=game.clock())
    return {each.label.key: (each.asked, each.verified, each.waiting, each.pays) for each in view.needs}


def test_a_player_says_what_the_page_is_and_is_quoted_without_a_machine(collecting: Game) -> None:
    public_id = collecting.quoted(label="ham")
    view = collecting.view(public_id)
    assert view.quote is not None
    assert (view.quote.points, view.quote.claimed.key, view.quote.belief) == (1000, "ham", None)
    assert view.claimed is not None
    assert view.claimed.key == "ham"


def test_a_page_without_a_label_is_not_taken(collecting: Game) -> None:
    for label in ("", "eggs"):
        with pytest.raises(Invalid) as refused:
            collecting.submitted(label=label)
        assert refused.value.field == "label"
    assert value("SELECT count(*) FROM submission") == 0


def test_where_there_is_a_machine_no_other_label_can_be_said(game: Game) -> None:
    game.challenge()
    with pytest.raises(Invalid, match="Only one kind of page"):
        game.submitted(label="ham")
    assert game.row(game.submitted(label="spam")).claimed == ""


def test_the_same_page_as_something_else_is_a_conflict_and_nothing_is_lost(collecting: Game) -> None:
    player, page = collecting.player(), collecting.page()
    first = collecting.quoted(player, page, label="ham")
    assert collecting.submitted(player, page, label="ham") == first
    with pytest.raises(Conflict, match="Take it back first") as refused:
        collecting.submitted(player, page, label="spam")
    assert refused.value.code == "other_label"
    assert collecting.row(first).state == "quoted"


def test_what_people_confirm_is_an_example_and_is_paid(collecting: Game) -> None:
    player = collecting.player()
    public_id = collecting.committed(player, label="spam")
    assert collecting.item(public_id).origin == "collected"
    collecting.judged(public_id, "spam", "spam")
    row = collecting.row(public_id)
    assert (row.state, collecting.balance(player)) == ("confirmed", 1000)
    with reading() as session:
        [example] = session.query(DbExample).all()
        assert (example.truth, example.claimed, example.label_counts) == ("spam", "spam", {"spam": 2})
        assert session.query(DbOutcome).count() == 0  # no machine was wrong, and none was right
    outcome = collecting.view(public_id).outcome
    assert outcome is not None
    assert outcome.reason == "2 of 2 people say that this page is spam, as you said."
    collecting.check_books()
    collecting.check_nothing_is_promised()


def test_a_page_of_another_label_is_an_example_of_that(collecting: Game) -> None:
    player = collecting.player()
    public_id = collecting.committed(player, label="spam")
    collecting.judged(public_id, "ham", "ham")
    assert (collecting.row(public_id).state, collecting.balance(player)) == ("confirmed", 1000)
    outcome = collecting.view(public_id).outcome
    assert outcome is not None
    assert outcome.reason.endswith("That is not what you said, but such a page was wanted too.")
    assert needs(collecting)["ham"][1:3] == (1, 0)


def test_a_page_that_nobody_wanted_is_turned_down_with_the_base_pay(game: Game) -> None:
    game.challenge(mode="collect", collect_goal=20, collect_least=10)
    collected(game, "ham", 10)
    player = game.player()
    public_id = game.committed(player, label="spam")
    game.judged(public_id, "ham", "ham")
    assert (game.row(public_id).state, game.balance(player)) == ("rejected", 10)
    outcome = game.view(public_id).outcome
    assert outcome is not None
    assert outcome.reason.endswith("That is not what you said, and no more of those are wanted.")


def test_a_label_that_runs_ahead_pays_less_and_a_full_one_nothing(collecting: Game) -> None:
    assert needs(collecting) == {"spam": (10, 0, 0, 1000), "ham": (10, 0, 0, 1000)}
    collected(collecting, "ham", 5)
    assert needs(collecting)["ham"] == (10, 5, 0, round(1000 * (5 / 15) / 0.5))
    for _ in range(5):
        collecting.committed(label="ham")  # what waits counts as well
    assert needs(collecting) == {"spam": (10, 0, 0, 1000), "ham": (10, 5, 5, 0)}
    refused = collecting.submitted(label="ham")
    assert (collecting.row(refused).state, collecting.row(refused).refusal) == ("refused", "label_full")
    refusal = collecting.view(refused).refusal
    assert refusal is not None
    assert refusal.headline == "Enough of these for now"


def test_the_proportion_asked_for_decides_what_is_wanted(game: Game) -> None:
    game.challenge(mode="collect", proportions={"spam": 1, "ham": 3}, collect_goal=40, collect_least=10)
    assert {key: each[0] for key, each in needs(game).items()} == {"spam": 10, "ham": 30}


def test_one_person_s_quotes_count_for_them_and_not_for_others(collecting: Game) -> None:
    player = collecting.player()
    for _ in range(10):
        collecting.submitted(player, label="ham")
    assert collecting.row(collecting.submitted(player, label="ham")).refusal == "label_full"
    assert collecting.row(collecting.submitted(label="ham")).state == "quoted"


def test_more_pages_of_one_site_pay_less_and_less(collecting: Game) -> None:
    paid = []
    for number in range(4):
        public_id = collecting.quoted(url=collecting.page(f"https://shop.example.com/{number}"), label="spam")
        quote = collecting.row(public_id).quote
        assert quote is not None
        assert quote.site == "example.com"
        paid.append(quote.points)
        collecting.commit(public_id)
    assert paid[0] == 1000
    assert paid == sorted(paid, reverse=True)
    assert paid[3] <= 230
    view = collecting.view(public_id)
    assert view.quote is not None
    assert (view.quote.site, view.quote.site_pages) == ("example.com", 3)


def test_the_same_text_again_is_refused(collecting: Game) -> None:
    text = texts.text("one")
    collecting.settled_example("spam", url=collecting.page(text=text))
    again = collecting.submitted(url=collecting.page(text=text), label="spam")
    assert collecting.row(again).refusal == "already_judged"


def test_a_quote_is_frozen_whatever_is_collected_meanwhile(collecting: Game) -> None:
    player = collecting.player()
    public_id = collecting.committed(player, label="ham")
    collected(collecting, "ham", 10)
    collecting.judged(public_id, "ham", "ham")
    assert collecting.balance(player) == 1000


def test_a_verdict_that_does_not_come_in_time_is_paid_and_teaches_nothing(collecting: Game) -> None:
    player = collecting.player()
    public_id = collecting.committed(player, label="spam")
    collecting.clock.advance(days=8)
    settle(collecting.item(public_id).id, now=collecting.clock())
    assert (collecting.row(public_id).state, collecting.balance(player)) == ("undecided", 1000)
    assert value("SELECT count(*) FROM example") == 0
    collecting.check_nothing_is_promised()


def test_taking_a_page_back_makes_room_again(collecting: Game) -> None:
    public_id = collecting.committed(label="spam")
    assert needs(collecting)["spam"][2] == 1
    withdraw_submission(public_id, player_id=collecting.row(public_id).player_id, now=collecting.clock())
    assert needs(collecting)["spam"][2] == 0
    collecting.check_nothing_is_promised()


def test_settling_twice_pays_once(collecting: Game) -> None:
    player = collecting.player()
    public_id = collecting.committed(player, label="spam")
    collecting.judged(public_id, "spam", "spam")
    settle(collecting.item(public_id).id, now=collecting.clock())
    assert collecting.balance(player) == 1000
    assert value("SELECT count(*) FROM example") == 1


def test_an_appeal_that_is_upheld_rewrites_the_example(game: Game) -> None:
    game.challenge(mode="collect", collect_goal=20, collect_least=10)
    collected(game, "ham", 10)
    player = game.player()
    public_id = game.committed(player, label="spam")
    game.judged(public_id, "ham", "ham")
    assert game.row(public_id).state == "rejected"
    appeal_submission(public_id, player_id=player, reason="", now=game.clock())
    game.judged(public_id, "spam", "spam", "spam")
    assert (game.row(public_id).state, game.balance(player)) == ("confirmed", 1000)
    assert value("SELECT truth FROM example WHERE submission_id = :id", id=game.row(public_id).id) == "spam"
    game.check_books()
    game.check_nothing_is_promised()
