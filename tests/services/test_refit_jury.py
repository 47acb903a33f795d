from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from btm.rules.dawid_skene import DawidSkene, confusion_prior
from btm.rules.dawid_skene_online import belief_from
from btm.services import jury_fit
from btm.services import refit_jury as module
from btm.services.blocking import block
from btm.services.record_judgement import record_judgement
from btm.services.refit_jury import refit_jury
from btm.store import juries, quality
from btm.store.tables import (
    DbGold,
    DbJudge,
    DbJudgement,
    DbJury,
    DbJuryFit,
    DbReviewItem,
    DbStandingChange,
)
from btm.store.transaction import reading, transaction

from ..support.crowd import at_once, errors
from ..support.databases import rows, value
from ..support.game import Game

LABELS = ["spam", "ham"]


def jury_id() -> int:
    return int(str(value("SELECT id FROM jury")))


def panel() -> DbJury:
    with reading() as session:
        return session.query(DbJury).one()


def judges() -> dict[int, np.ndarray]:
    with reading() as session:
        return {row.account_id: np.asarray(row.counts) for row in session.query(DbJudge)}


def fit() -> DbJuryFit:
    with reading() as session:
        return session.query(DbJuryFit).one()


def counting() -> list[tuple[int, tuple[int, int], str]]:
    """(judge, item, label) of all that counts, gold items by their gold page."""
    found = rows(
        "SELECT j.judge_id, i.gold_id, j.item_id, j.round, j.label FROM judgement j JOIN review_item i ON i.id = j.item_id"
        " WHERE j.label IS NOT NULL AND j.withdrawn_at IS NULL ORDER BY j.id"
    )
    return [
        (int(str(judge)), (-int(str(gold)), 0) if gold else (int(str(item)), int(str(round_))), str(label))
        for judge, gold, item, round_, label in found
    ]


def batch(gold: dict[tuple[int, int], str] | None = None) -> DawidSkene:
    """The model over everything that counts, as anybody would fit it."""
    workers, items, labels = zip(*counting(), strict=True)
    return DawidSkene(classes=LABELS).fit(workers, items, labels, gold)


def assert_exact(gold: dict[tuple[int, int], str] | None = None) -> None:
    """What the tables hold is what the model says."""
    model = batch(gold)
    known = judges()
    prior = confusion_prior(2, 4.0)
    for account, counts in zip(model.workers_.tolist(), model.counts_, strict=True):
        np.testing.assert_allclose(known.pop(account), counts - prior, atol=1e-9)
    for counts in known.values():
        assert not counts.any()
    n = len(model.items_)
    np.testing.assert_allclose(panel().priors, (model.priors_ * n + 1) / (n + 2), atol=1e-9)
    matrices = dict(zip(model.workers_.tolist(), model.confusion_, strict=True))
    with reading() as session:
        for item in session.query(DbReviewItem).filter(DbReviewItem.state.in_(("open", "undecided"))):
            said = [(judge, label) for judge, at, label in counting() if at == (item.id, item.round)]
            if said:
                given = [LABELS.index(label) for _, label in said]
                exact = belief_from(given, [matrices[judge] for judge, _ in said])
                np.testing.assert_allclose(item.belief, exact.log_likelihood, atol=1e-9)


def judge_some(
    game: Game, rng: random.Random, items: Sequence[str], people: Sequence[int], share: float = 0.7
) -> None:
    """These people say what they think of these pages, some of them badly, until each page is decided."""
    for number, public_id in enumerate(items):
        for place, judge in enumerate(people):
            if rng.random() < share and game.item(public_id).state == "open":
                right = rng.random() < (0.9 if place % 3 else 0.55)
                label = LABELS[(number + (not right)) % 2]
                game.judge_says(public_id, "cannot:unsure" if rng.random() < 0.05 else label, judge)


def table(game: Game, pages: int = 7, people: int = 5, **rules: Any) -> tuple[list[str], list[int]]:
    game.challenge(**{"max_judgements": 6, "min_judgements": 3, **rules})
    return [game.committed() for _ in range(pages)], [game.judge() for _ in range(people)]


def withdraw(game: Game, account: int) -> None:
    """Block a judge, and carry it out."""
    with transaction() as session:
        juries.hold(session, "spam")
        judge = juries.find_judge(session, "spam", account)
        assert judge is not None
        change = block(session, judge, why="by_hand", note="", changed_by=None, now=game.clock())
        session.query(DbJudgement).filter_by(judge_id=account).update(
            {"withdrawn_at": game.clock(), "withdrawn_by": change}
        )
        session.query(DbStandingChange).filter_by(id=change).update({"is_done": True})


def add_gold(game: Game, public_id: str, truth: str) -> int:
    """The page of a settled submission becomes gold."""
    with transaction() as session:
        item = session.query(DbReviewItem).filter_by(public_id=game.item(public_id).public_id).one()
        row = DbGold(
            public_id=game.new("gold"), topic="spam", challenge_id=item.challenge_id, page_id=item.page_id, item_id=item.id,
            truth=truth, source="marked", created_at=game.clock(),
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


def answer_gold(game: Game, gold_id: int, judge: int, label: str) -> None:
    public_id = game.new("golditem")
    with transaction() as session:
        gold = session.query(DbGold).filter_by(id=gold_id).one()
        session.add(
            DbReviewItem(
                public_id=public_id, challenge_id=gold.challenge_id, page_id=gold.page_id, topic="spam", origin="gold",
                gold_id=gold_id, for_judge_id=judge, shuffle=0.5, opened_at=game.clock(), deadline_at=game.clock.now,
            )
        )  # fmt: skip
    game.lease_to(public_id, judge, "token")
    record_judgement(
        public_id, judge_id=judge, token="token", label=label, cannot=None, seconds=9, now=game.clock()
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_after_any_sequence_the_tables_hold_what_a_fit_over_everything_says(game: Game, seed: int) -> None:
    items, people = table(game)
    rng = random.Random(seed)
    judge_some(game, rng, items, people)
    withdraw(game, rng.choice(people))
    judge_some(game, rng, [game.committed() for _ in range(2)], [game.judge() for _ in range(4)])
    game.bell.hold()
    assert refit_jury(jury_id(), now=game.clock())
    assert_exact()


def test_online_alone_would_not_have_been_exact(game: Game) -> None:
    items, people = table(game)
    judge_some(game, random.Random(1), items, people)
    with pytest.raises(AssertionError):
        assert_exact()


def test_gold_pins_its_items_and_all_items_of_one_gold_page_are_one(game: Game) -> None:
    items, people = table(game)
    judge_some(game, random.Random(4), items, people)
    gold_id = add_gold(game, items[0], "ham")
    for judge in people:
        answer_gold(game, gold_id, judge, "spam")
    game.bell.hold()
    assert refit_jury(jury_id(), now=game.clock())
    assert_exact({(-gold_id, 0): "ham"})


def test_gold_that_was_found_to_be_wrong_is_left_out(game: Game) -> None:
    items, people = table(game)
    judge_some(game, random.Random(4), items, people)
    refit_jury(jury_id(), now=game.clock())
    before = judges()[people[0]]
    gold_id = add_gold(game, items[0], "ham")
    answer_gold(game, gold_id, people[0], "spam")
    refit_jury(jury_id(), now=game.clock())
    assert judges()[people[0]].sum() == pytest.approx(before.sum() + 1)
    with transaction() as session:
        session.query(DbGold).update({"state": "retired", "retired_why": "disputed"})
        assert quality.juries_to_refit(session, game.clock(), 10) == [jury_id()]
    refit_jury(jury_id(), now=game.clock())
    np.testing.assert_allclose(judges()[people[0]], before, atol=1e-9)


def test_a_verdict_of_the_desk_pins_its_item(game: Game) -> None:
    items, people = table(game, pages=6, people=5, max_judgements=4)
    game.bell.hold()
    for public_id in items:
        for judge, label in zip(people, ("spam", "ham", "spam", "ham"), strict=False):
            game.judge_says(public_id, label, judge)
    item = game.item(items[0])
    assert item.state == "undecided"
    with transaction() as session:
        session.query(DbReviewItem).filter_by(id=item.id).update(
            {"state": "settled", "verdict": "ham", "decided_by": people[4], "decided_at": game.clock()}
        )
    refit_jury(jury_id(), now=game.clock())
    assert_exact({(item.id, 0): "ham"})


def test_a_new_round_of_an_item_is_another_item(game: Game) -> None:
    items, people = table(game)
    judge_some(game, random.Random(4), items, people)
    with transaction() as session:
        session.query(DbReviewItem).filter_by(id=game.item(items[0]).id).update(
            {"round": 1, "state": "open", "belief": None}
        )
        session.query(DbReviewItem).filter_by(id=game.item(items[1]).id).update({"state": "open"})
    game.bell.hold()
    game.judge_says(items[0], "spam")
    refit_jury(jury_id(), now=game.clock())
    assert_exact()
    assert {at[1] for _, at, _ in counting()} == {0, 1}


def test_nobody_s_judgements_left_means_that_nothing_is_known(game: Game) -> None:
    items, people = table(game, pages=2, people=2)
    judge_some(game, random.Random(4), items, people, share=1)
    for judge in people:
        withdraw(game, judge)
    assert refit_jury(jury_id(), now=game.clock())
    assert panel().priors == [0.5, 0.5]
    assert not any(counts.any() for counts in judges().values())


def test_no_label_is_ever_ruled_out(game: Game) -> None:
    items, people = table(game, pages=6, people=3)
    for public_id in items:
        for judge in people:
            game.judge_says(public_id, "spam", judge)
    refit_jury(jury_id(), now=game.clock())
    assert min(panel().priors) >= 1 / (6 + 2) - 1e-9


def test_an_item_whose_judges_turn_out_to_be_good_is_decided_and_settled(game: Game) -> None:
    items, people = table(game, pages=7, people=3, max_expected_cost=0.02, min_judgements=2)
    late, fresh = items[-1], [game.judge(), game.judge()]
    for judge in fresh:
        game.judge_says(late, "spam", judge)
    assert game.item(late).state == "open"
    for number, public_id in enumerate(items[:-1]):
        for judge in (*fresh, *people):
            if game.item(public_id).state == "open":
                game.judge_says(public_id, LABELS[number % 2], judge)
    assert game.item(late).state == "open"
    game.bell.rung.clear()
    refit_jury(jury_id(), now=game.clock())
    assert game.bell.rung == [("settle", game.item(late).id)]
    assert (game.item(late).verdict, game.row(late).state) == ("spam", "confirmed")
    game.check_books()


def test_a_page_that_somebody_is_reading_gets_no_verdict_under_their_hands(game: Game) -> None:
    items, people = table(game, pages=7, people=3, max_expected_cost=0.02, min_judgements=2)
    late, fresh = items[-1], [game.judge(), game.judge()]
    for judge in fresh:
        game.judge_says(late, "spam", judge)
    for number, public_id in enumerate(items[:-1]):
        for judge in (*fresh, *people):
            if game.item(public_id).state == "open":
                game.judge_says(public_id, LABELS[number % 2], judge)
    reader = game.judge()
    game.lease_to(game.item(late).public_id, reader, "token")
    refit_jury(jury_id(), now=game.clock())
    assert game.item(late).state == "open"
    assert_exact()
    record_judgement(
        game.item(late).public_id, judge_id=reader, token="token", label="spam", cannot=None, seconds=9, now=game.clock()
    )  # fmt: skip
    assert (game.balance(reader), game.row(late).state) == (50, "confirmed")


def test_what_was_judged_meanwhile_is_added_as_if_it_had_come_after(
    game: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    items, people = table(game)
    judge_some(game, random.Random(5), items[:4], people)
    game.bell.hold()

    def while_computing(*args: Any) -> jury_fit.JuryFit:
        judge_some(game, random.Random(6), items[4:], people[:4], share=0.8)
        return jury_fit.fit_jury(*args)

    monkeypatch.setattr(module, "fit_jury", while_computing)
    start = value("SELECT max(id) FROM judgement")
    assert refit_jury(jury_id(), now=game.clock())
    assert panel().fitted_to == start
    online = judges(), {row[0]: row[1] for row in rows("SELECT id, expected_cost FROM review_item")}
    total = sum(counts.sum() for counts in judges().values())
    assert total == pytest.approx(len(counting()))
    # the same again, one after the other: compute what was known, then hear the rest
    later = rows("SELECT item_id, judge_id, label FROM judgement WHERE id > :start ORDER BY id", start=start)
    assert len(later) > 5
    replay(str(start))
    for account, counts in judges().items():
        np.testing.assert_allclose(counts, online[0][account], atol=1e-9)


def replay(start: str) -> None:
    """Compute up to a judgement, then let the product's own online step hear each later one."""
    from btm.services import jury

    with transaction() as session:
        known = module.fits.read_labelled(session, "spam", LABELS, int(start))
        exact = jury_fit.fit_jury(known, LABELS, 0.85, jury_fit.Pins())
        row = session.query(DbJury).one()
        row.priors = exact.priors
        accounts = {judge.account_id: judge for judge in session.query(DbJudge)}
        for account, judge in accounts.items():
            judge.counts = exact.counts.get(account, np.zeros((2, 2))).tolist()
        reset = session.query(DbReviewItem).all()
        for item in reset:
            item.belief = exact.belief(item.id, item.round).log_likelihood.tolist()
        items = {item.id: item for item in reset}
        for answer in session.query(DbJudgement).filter(DbJudgement.id > int(start)).order_by(DbJudgement.id):
            if answer.label is not None:
                item = items[answer.item_id]
                jury.hear(row, item, accounts[answer.judge_id], answer.label, item.challenge.law, None)


def test_it_gives_up_where_judgements_that_it_used_are_withdrawn_meanwhile(
    game: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    items, people = table(game)
    judge_some(game, random.Random(5), items, people)
    withdraw(game, people[0])
    before = panel().version

    def while_computing(*args: Any) -> jury_fit.JuryFit:
        withdraw(game, people[1])
        return jury_fit.fit_jury(*args)

    with monkeypatch.context() as patch:
        patch.setattr(module, "fit_jury", while_computing)
        assert not refit_jury(jury_id(), now=game.clock())
    assert panel().version == before
    with reading() as session:
        assert quality.juries_to_refit(session, game.clock(), 5) == [jury_id()]
    assert refit_jury(jury_id(), now=game.clock())
    assert_exact()


def test_of_two_at_once_both_leave_the_same_and_the_one_overtaken_gives_up(
    game: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    items, people = table(game)
    judge_some(game, random.Random(5), items, people)
    game.bell.hold()
    both = threading.Barrier(2)

    def while_computing(*args: Any) -> jury_fit.JuryFit:
        both.wait(30)
        return jury_fit.fit_jury(*args)

    monkeypatch.setattr(module, "fit_jury", while_computing)
    answers = at_once(game.app, [lambda: refit_jury(jury_id(), now=game.clock())] * 2)
    assert errors(answers) == []
    assert sorted(answers) == [False, True]
    assert panel().version == 1
    assert_exact()


def test_sixteen_judges_go_on_while_it_computes_again_and_again_and_none_is_lost(game: Game) -> None:
    items, people = table(game, pages=5, people=16, max_judgements=50, max_expected_cost=0)
    game.bell.hold()
    judge_some(game, random.Random(5), items[:1], people[:4])
    ids, done = [game.item(public_id).public_id for public_id in items], threading.Event()

    def judge_all(judge: int) -> None:
        for number, item in enumerate(ids[1:]):
            with transaction() as session:  # one at a time has the lease
                juries.share(session, "spam")
                session.query(DbReviewItem).filter_by(public_id=item).update(
                    {"lease_judge_id": judge, "lease_token": f"t{judge}", "lease_until": game.clock().replace(year=2100)}
                )  # fmt: skip
            try:
                record_judgement(
                    item, judge_id=judge, token=f"t{judge}", label=LABELS[number % 2], cannot=None, seconds=9,
                    now=game.clock(),
                )  # fmt: skip
            except Exception as error:
                if getattr(error, "code", "") != "lease_passed":
                    raise

    def compute() -> int:
        swapped = 0
        while not done.is_set():
            swapped += refit_jury(jury_id(), now=game.clock())
        return swapped

    def all_judges() -> list[Any]:
        try:
            return errors(at_once(game.app, [lambda j=judge: judge_all(j) for judge in people]))
        finally:
            done.set()

    troubles, swapped = at_once(game.app, [all_judges, compute], seconds=120)
    assert troubles == []
    assert swapped >= 1
    total = sum(counts.sum() for counts in judges().values())
    assert total == pytest.approx(len(counting()), abs=1e-6)
    assert refit_jury(jury_id(), now=game.clock())
    assert_exact()
    assert fit().judgements == len(counting())


def test_whoever_reads_meanwhile_sees_all_of_the_old_or_all_of_the_new(
    game: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    items, people = table(game)
    judge_some(game, random.Random(5), items, people)

    def seen() -> tuple[object, ...]:
        found: list[object] = []
        with game.app.app_context():
            found += [rows("SELECT version, priors FROM jury"), rows("SELECT counts FROM judge ORDER BY id")]
        return tuple(map(repr, found))

    old, between = seen(), []
    write = module.fits.write_judges

    def spying(*args: Any) -> None:
        write(*args)
        reader = threading.Thread(target=lambda: between.append(seen()))
        reader.start()
        reader.join(30)

    monkeypatch.setattr(module.fits, "write_judges", spying)
    refit_jury(jury_id(), now=game.clock())
    assert between == [old]
    assert all(a != b for a, b in zip(seen(), old, strict=True))


def test_the_pace_is_that_of_the_latest_labels(game: Game) -> None:
    game.challenge()
    public_id = game.committed()
    for seconds in (5.0, 10.0, 20.0):
        game.judge_says(public_id, "spam" if seconds > 5 else "ham", seconds=seconds)
    refit_jury(jury_id(), now=game.clock())
    assert panel().pace[0] == pytest.approx(np.log(10))
    assert panel().pace[2] == 3


def test_pairs_who_copy_are_remembered(game: Game) -> None:
    items, people = table(game, pages=1, people=5)
    game.judge_says(items[0], "spam", people[0])
    rng = random.Random(8)
    with transaction() as session:
        model = session.query(DbReviewItem).one()
        for number in range(40):
            item = DbReviewItem(
                public_id=game.new("item"), challenge_id=model.challenge_id, page_id=model.page_id, topic="spam",
                origin=f"pool{number}", state="settled", shuffle=0.5, opened_at=game.clock(), deadline_at=game.clock(),
            )  # fmt: skip
            session.add(item)
            session.flush()
            copied = LABELS[(number + (rng.random() < 0.4)) % 2]
            for place, judge in enumerate(people):
                label = copied if place < 2 else LABELS[(number + (rng.random() < 0.1)) % 2]
                session.add(
                    DbJudgement(
                        item_id=item.id, judge_id=judge, label=label, seconds=9, judged_at=game.clock()
                    )
                )
    refit_jury(jury_id(), now=game.clock())
    [[a, b, together, agreed, expected, probability]] = fit().pairs
    assert (a, b, together, agreed) == (people[0], people[1], 40, 40)
    assert expected < 35
    assert probability < 0.01


def due(game: Game, **later: float) -> list[int]:
    with reading() as session:
        return quality.juries_to_refit(session, game.clock() + timedelta(**later), 10)


def test_a_topic_is_due_when_it_was_never_computed_or_waits_for_ten_minutes(game: Game) -> None:
    game.challenge()
    judge = game.judge()
    game.committed()
    assert due(game) == []
    game.lease(judge)
    assert due(game) == []
    public_id = game.committed()
    game.judge_says(public_id, "spam", judge)
    assert due(game) == [jury_id()]
    refit_jury(jury_id(), now=game.clock())
    assert due(game, hours=5) == []
    game.judge_says(public_id, "ham")
    assert due(game, minutes=9) == []
    assert due(game, minutes=10) == [jury_id()]


def test_a_topic_is_due_after_so_many_new_labels(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    items, people = table(game, pages=3, people=6)
    game.judge_says(items[0], "spam", people[0])
    refit_jury(jury_id(), now=game.clock())
    monkeypatch.setattr(quality, "MANY_NEW", 3)
    game.judge_says(items[0], "ham", people[1])
    game.judge_says(items[1], "ham", people[1])
    assert due(game) == []
    game.judge_says(items[2], "ham", people[1])
    assert due(game) == [jury_id()]


def test_a_topic_is_due_after_judgements_were_withdrawn(game: Game) -> None:
    items, people = table(game)
    judge_some(game, random.Random(5), items, people)
    refit_jury(jury_id(), now=game.clock())
    assert due(game) == []
    withdraw(game, people[0])
    assert due(game) == [jury_id()]
    refit_jury(jury_id(), now=game.clock())
    assert due(game) == []


def test_a_topic_far_behind_is_computed_so_that_looking_stays_cheap(
    game: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    game.challenge()
    game.challenge("other")
    game.judge_says(game.committed(), "spam")
    refit_jury(jury_id(), now=game.clock())
    monkeypatch.setattr(quality, "FAR_BEHIND", 2)
    monkeypatch.setattr(quality, "MANY_NEW", 100)
    for _ in range(3):
        game.judge_says(game.committed(slug="other"), "spam")
    spam = int(str(value("SELECT id FROM jury WHERE topic = 'spam'")))
    assert spam in due(game)
    refit_jury(spam, now=game.clock())
    assert spam not in due(game)
