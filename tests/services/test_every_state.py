"""Every state of a submission is reached and left, by every way that the law names and by no other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from btm.rules.errors import Conflict
from btm.rules.submissions import MOVES
from btm.services.finish_takedown import finish_takedown
from btm.services.settle import settle
from btm.services.submit_page import submit_page
from btm.services.take_down import take_down
from btm.services.withdraw_submission import withdraw_submission
from classifiers.errors import MachineUnavailable

from ..support.databases import migrated
from ..support.game import Game, open_game
from ..support.moves import Move, moves_of, watch_moves
from ..support.rejudging import appeal, block, decide, listen, modeler

LAW = {(old, new) for old, after in MOVES.items() for new in after}


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Game]:
    with migrated("sqlite", tmp_path_factory.mktemp("states")) as made, made.app.app_context():
        game = listen(open_game(made))
        watch_moves()
        game.bell.work["takedown"] = lambda row_id: finish_takedown(
            row_id, snapshots=game.snapshots, now=game.clock()
        )
        game.challenge(max_judgements=2)
        yield game


def take_back(game: Game, public_id: str) -> None:
    withdraw_submission(public_id, player_id=game.row(public_id).player_id, now=game.clock())


def undecided(game: Game) -> tuple[str, list[int]]:
    public_id = game.committed()
    return public_id, game.judged(public_id, "spam", "ham")


def taken_back_everywhere(game: Game) -> None:
    game.bell.hold()
    take_back(game, game.submitted())
    game.bell.let_go()
    take_back(game, game.quoted())
    take_back(game, game.committed())
    game.reader.meanwhile = lambda url: take_back(game, "sub-asked")
    submit_page("spam", game.page(), player_id=game.player(), now=game.clock(), new_id="sub-asked")
    game.reader.meanwhile = None


def refused_and_put_off(game: Game) -> None:
    assert game.row(game.submitted(url="https://nothing.example/")).state == "refused"
    url = game.page()
    late, first = game.quoted(url=url), game.quoted(url=url)
    game.commit(first)
    with pytest.raises(Conflict):
        game.commit(late)
    game.machine.trouble = MachineUnavailable("It is away.")
    assert game.row(game.submitted()).state == "queued"
    game.machine.trouble = None


def decided_by_the_team(game: Game) -> None:
    by = modeler(game)
    for label in ("spam", "ham"):
        decide(game, undecided(game)[0], label, by)
    public_id, judges = undecided(game)
    block(game, judges[0])
    assert game.row(public_id).state == "in_review"


def judged_again(game: Game) -> None:
    won = game.committed()
    block(game, *game.judged(won, "spam", "spam"))
    game.judged(won, "ham", "ham")
    for labels in (("spam", "spam"), ()):
        lost = game.settled("ham")
        appeal(game, lost)
        game.judged(lost, *labels)
        game.clock.advance(days=7)
        settle(game.item(lost).id, now=game.clock())


def taken_down(game: Game) -> None:
    game.machine.trouble = MachineUnavailable("It is away.")
    waiting = game.submitted()
    game.machine.trouble = None
    ways = (game.quoted(), game.committed(), undecided(game)[0], game.settled("spam"), game.settled("ham"))
    for public_id in (waiting, *ways):
        take_down(
            "spam", public_id, reason="private", asker_id=None, now=game.clock(), new_id=game.new("down")
        )
        assert game.row(public_id).state == "refused"


def test_every_move_that_the_law_names_is_made_and_no_other(watched: Game) -> None:
    made: set[Move] = set()
    for scene in (taken_back_everywhere, refused_and_put_off, decided_by_the_team, judged_again, taken_down):
        scene(watched)
        made |= moves_of("submission")
    assert made == LAW
    watched.check_books()
