from __future__ import annotations

import pytest

from btm.rules.errors import Forbidden
from btm.services.pool_pages import Added, add_pages, verified
from btm.services.record_judgement import record_judgement
from btm.services.scanning import Candidate
from btm.services.unsubmitted import Found
from btm.store.transaction import reading
from classifiers.page import Page

from ..support import texts
from ..support.databases import rows, value
from ..support.game import SURE, Game


def page(game: Game, name: str, score: float = 0.5) -> Candidate:
    """A page that the machine is SURE is ham."""
    url = f"https://{name}.example/"
    game.machine.believe(url, (1 - SURE, SURE))
    return Candidate(Found(Page(url=url, title=name, text=texts.text(name))), score)


def add(game: Game, *pages: Candidate, limit: int = 100, asker: int | None = None) -> Added:
    return add_pages(
        "spam", pages, source="import", asker_id=asker, shelf=game.shelf, snapshots=game.snapshots, now=game.clock(),
        limit=limit,
    )  # fmt: skip


def test_pages_are_put_up_for_review_with_what_is_at_stake(game: Game) -> None:
    game.challenge()
    assert add(game, page(game, "a", 0.9), page(game, "b", 0.1), page(game, "c"), limit=2) == Added(2, 0, 0)
    assert rows(
        "SELECT i.origin, i.state, i.stake, p.source, p.assigned FROM review_item i JOIN pool_page p ON p.item_id = i.id "
        "ORDER BY i.id"
    ) == [("pool", "open", 0.9, "import", "ham"), ("pool", "open", 0.1, "import", "ham")]
    game.check_books()


def test_a_text_comes_to_the_pool_of_a_challenge_once(game: Game) -> None:
    game.challenge()
    again = page(game, "mirror")
    again = Candidate(Found(Page(url="https://mirror.example/", text=texts.text("a"))), 0.5)
    assert add(game, page(game, "a")) == Added(1, 0, 0)
    assert add(game, page(game, "a"), again, again) == Added(0, 3, 0)


def test_a_page_that_a_player_handed_in_is_left_to_them(game: Game) -> None:
    game.challenge()
    game.committed(url=game.page("https://a.example/", text=texts.text("a")))
    assert add(game, page(game, "a"), page(game, "b")) == Added(1, 1, 0)


def test_no_more_pages_than_the_budget_pays_judges_for(game: Game) -> None:
    game.challenge(budget=2 * 350 + 349)
    assert add(game, *(page(game, name) for name in "abcd")) == Added(2, 0, 2)
    game.check_books()


def test_only_modelers_add_pages(game: Game) -> None:
    game.challenge()
    with pytest.raises(Forbidden):
        add(game, page(game, "a"), asker=game.player())


def test_verdicts_make_known_unknowns_of_the_pool(game: Game) -> None:
    challenge_id = game.challenge()
    add(game, page(game, "a"), page(game, "b"), page(game, "c"))
    judges = [game.judge() for _ in range(6)]
    for place, label in enumerate(("spam", "ham")):
        item = str(rows("SELECT public_id FROM review_item ORDER BY id")[place][0])
        for judge_id in judges:
            if value("SELECT state FROM review_item WHERE public_id = :id", id=item) == "open":
                game.lease_to(item, judge_id, "token")
                record_judgement(
                    item, judge_id=judge_id, token="token", label=label, cannot=None, seconds=8.0, now=game.clock()
                )  # fmt: skip
    with reading() as session:
        assert [(each.page.title, each.truth) for each in verified(session, challenge_id)] == [
            ("a", "spam"),
            ("b", "ham"),
        ]
        assert [each.page.title for each in verified(session, challenge_id, errors_only=True)] == ["a"]
    assert value("SELECT sum(escrow) FROM ledger") == 350
    game.check_books()
