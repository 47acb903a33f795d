from __future__ import annotations

import pytest

from btm.rules.audit import wilson
from btm.rules.errors import Forbidden, NotFound
from btm.services.show_corpus import show_corpus
from btm.services.views_clusters import CorpusView
from btm.store.tables import DbAudit, DbAuditPage, DbChallenge, DbPage, DbReviewItem
from btm.store.transaction import transaction

from ..support.counting import counted
from ..support.finding import finds
from ..support.game import Game


def view(game: Game, slug: str = "spam") -> CorpusView:
    return show_corpus(slug, asker_id=None, now=game.clock())


Drawn = tuple[int, float, str | None]
"""The bin of a page, the machine's probability of its first label, and the verdict."""


def audited(
    game: Game, challenge_id: int, pool: list[int], drawn: list[Drawn], state: str = "judging"
) -> None:
    """An inspection of a pool of so many pages a bin."""
    with transaction() as session:
        challenge = session.get(DbChallenge, challenge_id)
        assert challenge is not None
        audit = DbAudit(
            public_id=game.new("audit"), challenge_id=challenge_id, machine_id=challenge.machine_id, data="pool.csv",
            wanted=len(drawn), pool=sum(pool), state=state, created_at=game.clock(),
            strata=[
                {"low": at / 10, "high": (at + 1) / 10, "pool": count, "drawn": sum(each[0] == at for each in drawn)}
                for at, count in enumerate(pool)
            ],
        )  # fmt: skip
        session.add(audit)
        session.flush()
        for place, belief, verdict in drawn:
            url = f"https://{game.new('pool')}.example/"
            page = DbPage(
                url=url, canonical_url=url, final_url=url, final_canonical_url=url, redirects=[], fetched_at=game.clock(),
                status=200, content_type="text/html", content_hash=url, snapshot="", title="", description="", headings=[],
                links=[], language="en", text="text", blocks=[], signature=b"",
            )  # fmt: skip
            session.add(page)
            session.flush()
            item = DbReviewItem(
                public_id=game.new("item"), challenge_id=challenge_id, page_id=page.id, topic="spam", origin="audit",
                state="settled" if verdict else "open", shuffle=0.5, opened_at=game.clock(), deadline_at=game.clock(),
                verdict=verdict,
            )  # fmt: skip
            session.add(item)
            session.flush()
            session.add(
                DbAuditPage(
                    audit_id=audit.id, page_id=page.id, item_id=item.id, bin=place, expected_cost=min(belief, 1 - belief),
                    probabilities=[belief, 1 - belief], assigned="spam" if belief > 0.5 else "ham", weight=0.1,
                )
            )  # fmt: skip


def test_players_are_one_arm_with_shares_of_what_they_sent(game: Game) -> None:
    game.challenge()
    for _ in range(2):
        game.settled("spam")
    game.settled("spam", url=game.page(beliefs=(0.4, 0.6)))
    for _ in range(3):
        game.settled("ham")
    game.committed()
    corpus = view(game)
    assert (corpus.probes, corpus.errors) == (6, 3)
    arm = corpus.players
    assert (arm.pages, arm.errors.count, arm.errors.total, arm.severe.count) == (6, 3, 6, 2)
    assert (arm.errors.value, arm.errors.low, arm.errors.high) == tuple(wilson(3, 6))
    assert arm.bands == (0, 0, pytest.approx(1 / 3), pytest.approx(2 / 3))
    assert arm.points_per_error is not None
    assert arm.points_per_error > 0
    q = corpus.quadrants
    assert (q.sure_right, q.unsure_right, q.unsure_wrong, q.sure_wrong) == (3, 0, 1, 2)
    assert corpus.inspection is None
    assert corpus.sentence.startswith(
        "Players found errors in 50% (19 to 81%) of the pages they sent, severe ones in 33% ("
    )
    assert corpus.sentence.endswith("Nothing was inspected yet, so there is nothing to hold that against.")


def test_inspection_is_the_other_arm_weighted_by_its_pool(game: Game) -> None:
    challenge_id = game.challenge()
    game.settled("spam")
    low = [(0, 0.02, "ham")] * 9 + [(0, 0.02, "spam")]
    high = [(1, 0.4, "ham")] * 5 + [(1, 0.4, "spam")] * 5 + [(1, 0.4, None)] * 3
    audited(game, challenge_id, [900, 100], [*low, *high])
    corpus = view(game)
    arm = corpus.inspection
    assert arm is not None
    assert (arm.name, arm.pages, arm.errors.count, arm.errors.total) == ("Inspection", 20, 6, 20)
    assert arm.errors.value == pytest.approx(0.9 * 0.1 + 0.1 * 0.5)
    assert arm.severe.value == pytest.approx(0.9 * 0.1)
    assert arm.errors.low < arm.errors.value < arm.errors.high  # type: ignore[operator]
    assert arm.bands == (0, 0, pytest.approx(5 / 14), pytest.approx(9 / 14))
    assert "; inspection in 14% (" in corpus.sentence
    assert " against 9.0% (" in corpus.sentence
    q = corpus.quadrants
    assert (q.sure_right, q.unsure_right, q.unsure_wrong, q.sure_wrong) == (9, 5, 5, 2)


def test_the_newest_inspection_that_is_under_way_counts(game: Game) -> None:
    challenge_id = game.challenge()
    audited(game, challenge_id, [10], [(0, 0.02, "spam")], state="done")
    audited(game, challenge_id, [10], [(0, 0.02, "ham")])
    audited(game, challenge_id, [10], [], state="drawing")
    arm = view(game).inspection
    assert arm is not None
    assert (arm.errors.value, arm.pages) == (0, 1)
    assert view(game).sentence.startswith(
        "Nothing that players sent was verified yet; inspection found errors in 0% (0 to "
    )


def test_an_inspection_of_which_nothing_was_judged_says_nothing(game: Game) -> None:
    challenge_id = game.challenge()
    audited(game, challenge_id, [10], [(0, 0.02, None)])
    assert view(game).inspection is None
    assert view(game).sentence == "No page was verified yet."


def test_weeks_begin_on_monday_and_empty_ones_are_there_too(game: Game) -> None:
    game.challenge()
    game.settled("spam")
    game.clock.advance(days=15)
    game.settled("spam")
    game.settled("ham")
    corpus = view(game)
    assert [(probes, errors) for _, probes, errors in corpus.weeks] == [(1, 1), (0, 0), (2, 1)]
    assert {week.weekday() for week, _, _ in corpus.weeks} == {0}


def test_the_console_asks_the_same_number_of_questions_however_much_there_is(game: Game) -> None:
    challenge_id = game.challenge()
    with counted() as few:
        view(game)
    finds(game, "oak", 3)
    audited(game, challenge_id, [10, 10], [(0, 0.02, "spam"), (1, 0.3, "ham")])
    with counted() as many:
        view(game)
    assert len(many) <= len(few) + 1 <= 12


def test_the_figures_are_for_modelers(game: Game) -> None:
    game.challenge()
    with pytest.raises(Forbidden):
        show_corpus("spam", asker_id=game.player(), now=game.clock())
    with pytest.raises(NotFound):
        show_corpus("nowhere", asker_id=None, now=game.clock())
