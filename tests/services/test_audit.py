from __future__ import annotations

import json
import random
from typing import Any

import pytest

from btm.rules.audit import expected_costs
from btm.rules.errors import Conflict, Forbidden, Invalid, NotFound
from btm.services.bell import ring
from btm.services.decide_at_desk import decide_at_desk
from btm.services.find_stuck import find_stuck
from btm.services.record_judgement import record_judgement
from btm.services.roles import grant_role
from btm.services.run_task import LEASE, TaskTools, run_task
from btm.services.show_audit import list_audits, show_audit
from btm.services.show_desk import show_desk
from btm.services.show_task import show_task
from btm.services.start_audit import start_audit
from btm.services.unsubmitted import Found, row_of, shortened
from btm.services.views_clusters import AuditView
from btm.store import tasks
from btm.store.tables import DbTask
from btm.store.transaction import transaction
from classifiers.errors import MachineUnavailable
from classifiers.page import Page

from ..support import texts
from ..support.crowd import at_once, errors
from ..support.databases import rows, value
from ..support.game import Game

PRICE = 350
"""All that judging a page may cost: 50 points, seven times."""


@pytest.fixture
def modeler(game: Game) -> int:
    """A challenge, its modeler, and a bell that does tasks too."""
    game.challenge()
    account_id = game.player("modeler")
    grant_role("modeler", "modeler", slug="spam", now=game.clock())
    game.bell.work["task"] = lambda row_id: run_task(row_id, tools(game))
    return account_id


def tools(game: Game) -> TaskTools:
    return TaskTools(game.reader, game.snapshots, game.shelf, game.clock)  # type: ignore[arg-type]


def pool(game: Game, beliefs: list[float]) -> bytes:
    """A pool of pages of which the machine believes this much that they are spam, with a label that nobody is to look at."""
    lines = []
    for number, spam in enumerate(beliefs):
        url = f"https://pool{number}.example/page"
        game.machine.believe(url, (spam, 1 - spam))
        lines.append(json.dumps({"url": url, "text": texts.text(f"pool {number}", 20), "label": "anything"}))
    return "\n".join(lines).encode()


def start(game: Game, modeler: int, data: bytes, **changes: Any) -> str:
    given: dict[str, Any] = {"format": "jsonl", "bins": 5, "wanted": 10, "data_name": "C:\\in\\pool.jsonl"}
    return start_audit(
        "spam", data, asker_id=modeler, snapshots=game.snapshots, now=game.clock(), new_id=game.new("audit"),
        **(given | changes),
    )  # fmt: skip


def seen(modeler: int, audit_id: str) -> AuditView:
    return show_audit("spam", audit_id, asker_id=modeler)


def items() -> list[tuple[str, str]]:
    """The items of audits: (public id, address), in the order in which they were put up."""
    found = rows("SELECT i.public_id, p.url FROM review_item i JOIN page p ON p.id = i.page_id ORDER BY i.id")
    return [(str(public_id), str(url)) for public_id, url in found]


def judge(game: Game, item: str, judge_id: int, label: str) -> None:
    """One answer; ends the judge's interest where the item was decided before."""
    game.lease_to(item, judge_id, "token")
    record_judgement(
        item, judge_id=judge_id, token="token", label=label, cannot=None, seconds=8.0, now=game.clock()
    )


def judged(game: Game, item: str, judges: list[int], label: str) -> None:
    """Judges say the same of an item until it is decided."""
    for judge_id in judges:
        if value("SELECT state FROM review_item WHERE public_id = :id", id=item) == "open":
            judge(game, item, judge_id, label)


def test_a_decision_costs_what_the_machine_itself_expects_of_it() -> None:
    costs = expected_costs([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8]], [[0, 4], [2, 0]])
    assert costs.tolist() == pytest.approx([0.05, 0.25, 0.2])
    assert expected_costs([[0.3, 0.7]], [[0, 0], [0, 0]]).tolist() == [0.0]
    with pytest.raises(ValueError, match="do not fit"):
        expected_costs([[0.3, 0.7]], [[0]])


def test_as_many_pages_are_drawn_from_each_bin_and_put_up_for_review(game: Game, modeler: int) -> None:
    beliefs = [number / 200 for number in range(101)]
    audit_id = start(game, modeler, pool(game, beliefs))
    task = show_task(audit_id, asker_id=modeler)
    assert (task.kind, task.state, task.rows, task.data_name) == ("audit", "done", 101, "pool.jsonl")
    view = seen(modeler, audit_id)
    assert (view.state, view.pool, view.wanted, view.judged, view.data) == (
        "judging",
        101,
        10,
        0,
        "pool.jsonl",
    )
    assert (view.machine, view.version) == ("toy", "1")
    assert [(round(low, 2), round(high, 2)) for low, high, *_ in view.strata] == [
        (0, 0.1), (0.1, 0.2), (0.2, 0.3), (0.3, 0.4), (0.4, 0.5),
    ]  # fmt: skip
    assert [drawn for _, _, _, drawn, _, _ in view.strata] == [2] * 5
    assert sum(held for _, _, held, *_ in view.strata) == 101
    assert view.errors.value is None
    assert rows("SELECT DISTINCT origin, state, submission_id FROM review_item") == [("audit", "open", None)]
    assert sum(weight for (weight,) in rows("SELECT weight FROM audit_page")) == pytest.approx(1)  # type: ignore[misc]
    assert game.lease(game.judge()).title == ""  # handed out like any other page
    game.check_books()
    assert value("SELECT sum(escrow) FROM ledger") == 10 * PRICE


def test_a_verdict_closes_the_item_pays_from_the_promise_and_gives_the_rest_back(
    game: Game, modeler: int
) -> None:
    audit_id = start(game, modeler, pool(game, [0.1, 0.4]), bins=1, wanted=2)
    (first, _), (second, _) = items()
    judges = [game.judge() for _ in range(3)]
    judged(game, first, judges, "spam")
    assert value("SELECT state FROM review_item WHERE public_id = :id", id=first) == "settled"
    assert value("SELECT sum(escrow) FROM ledger") == PRICE
    view = seen(modeler, audit_id)
    assert (view.state, view.judged, view.errors.count) == ("judging", 1, 1)
    judged(game, second, judges, "ham")
    view = seen(modeler, audit_id)
    assert (view.state, view.judged, view.errors.value) == ("done", 2, 0.5)
    assert [stratum[2:] for stratum in view.strata] == [(2, 2, 2, 1)]
    earned = sum(game.balance(each) for each in judges)
    assert value("SELECT sum(budget) FROM ledger") == 1_000_000 - earned
    game.check_nothing_is_promised()
    game.check_books()
    number = value("SELECT id FROM review_item WHERE public_id = :id", id=first)
    ring("settle", number)  # type: ignore[arg-type]
    game.check_nothing_is_promised()


def test_what_judges_cannot_decide_waits_at_the_desk_and_is_closed_from_there(
    game: Game, modeler: int
) -> None:
    audit_id = start(game, modeler, pool(game, [0.1]), bins=1, wanted=1)
    [(item, _)] = items()
    for turn in range(7):
        if value("SELECT state FROM review_item") == "open":
            judge(game, item, game.judge(), ("spam", "ham")[turn % 2])
    assert value("SELECT state FROM review_item") == "undecided"
    find_stuck(now=game.clock())
    desk = show_desk("spam", asker_id=modeler)
    assert desk.item is not None
    assert (desk.waiting, desk.item.public_id, desk.item.origin) == (1, item, "audit")
    decide_at_desk("spam", item, label="spam", reason="It sells.", asker_id=modeler, now=game.clock())
    assert value("SELECT state FROM review_item") == "settled"
    assert seen(modeler, audit_id).errors.value == 1.0
    game.check_nothing_is_promised()
    game.check_books()


def test_the_budget_holds_every_judgement_or_nothing_is_drawn(game: Game, modeler: int) -> None:
    game.challenge("poor", budget=10 * PRICE - 1)
    grant_role("modeler", "modeler", slug="poor", now=game.clock())
    data = pool(game, [0.1] * 20)
    with pytest.raises(Conflict, match="may cost 3,500 points, and 3,499 are free"):
        start_audit(
            "poor", data, format="jsonl", wanted=10, data_name="pool", asker_id=modeler, snapshots=game.snapshots,
            now=game.clock(), new_id="x",
        )  # fmt: skip
    assert value("SELECT count(*) FROM task") == 0
    start_audit(
        "poor", data, format="jsonl", bins=1, wanted=9, data_name="pool", asker_id=modeler, snapshots=game.snapshots,
        now=game.clock(), new_id="y",
    )  # fmt: skip
    with pytest.raises(Conflict):
        start_audit(
            "poor", data, format="jsonl", bins=1, wanted=1, data_name="pool", asker_id=modeler,
            snapshots=game.snapshots, now=game.clock(), new_id="z",
        )  # fmt: skip
    game.check_books()


@pytest.mark.parametrize(
    ("changes", "blames"),
    [
        ({"bins": 0}, "bins"),
        ({"wanted": 4}, "wanted"),
        ({"wanted": 5000}, "wanted"),
        ({"format": "xml"}, "format"),
    ],
)
def test_what_is_asked_wrongly_is_said_at_once(
    game: Game, modeler: int, changes: dict[str, Any], blames: str
) -> None:
    with pytest.raises(Invalid) as caught:
        start(game, modeler, pool(game, [0.1]), **changes)
    assert caught.value.field == blames


def test_only_modelers_start_and_see_audits(game: Game, modeler: int) -> None:
    audit_id = start(game, modeler, pool(game, [0.1]), bins=1, wanted=1)
    stranger = game.player()
    with pytest.raises(Forbidden):
        start(game, stranger, pool(game, [0.1]))
    with pytest.raises(Forbidden):
        show_audit("spam", audit_id, asker_id=stranger)
    with pytest.raises(NotFound):
        show_audit("spam", "other", asker_id=modeler)
    assert [view.public_id for view in list_audits("spam", asker_id=None)] == [audit_id]


def test_a_csv_needs_no_label_and_addresses_are_not_fetched(game: Game, modeler: int) -> None:
    data = b'url;text\nhttps://a.example/;"Plant the oak in spring."\nhttps://b.example/;\nhttps://c.example/;"Cheap pills."\n'
    audit_id = start(game, modeler, data, format="csv", bins=1, wanted=9)
    task = show_task(audit_id, asker_id=modeler)
    assert (task.state, task.rows, task.bad_count) == ("done", 2, 1)
    assert "nothing is fetched" in task.bad_rows[0].reason
    assert game.reader.asked == []
    assert [url for _, url in items()] == ["https://a.example/", "https://c.example/"]


def test_a_page_without_an_address_has_one_made_of_its_text(game: Game) -> None:
    page = row_of(
        Found(shortened(Page(text="Plant  the\noak.\n\n\nIn spring."))), game.snapshots, game.clock()
    )
    assert page.url == page.canonical_url == f"upload:{page.content_hash[:16]}"
    assert page.blocks == [["p", "Plant the oak."], ["p", "In spring."]]
    assert page.text == "Plant the oak.\n\nIn spring."
    assert game.snapshots.get(page.snapshot) == page.text.encode()


def test_a_machine_that_is_away_fails_the_task_with_a_sentence(game: Game, modeler: int) -> None:
    data = pool(game, [0.1])
    game.machine.trouble = MachineUnavailable("The machine does not answer.")
    task = show_task(start(game, modeler, data, bins=1, wanted=1), asker_id=modeler)
    assert (task.state, value("SELECT count(*) FROM audit")) == ("failed", 0)
    assert "Nothing was put up" in task.message


def test_an_audit_whose_worker_was_killed_is_drawn_once(game: Game, modeler: int) -> None:
    game.bell.hold()
    audit_id = start(game, modeler, pool(game, [number / 40 for number in range(20)]))
    number = value("SELECT id FROM task")
    with transaction() as session:
        assert tasks.take_task(session, number, game.clock(), game.clock() + LEASE)  # type: ignore[arg-type]
    game.clock.advance(seconds=100)
    jobs = [lambda: run_task(number, tools(game)) for _ in range(3)]  # type: ignore[arg-type]
    assert errors(at_once(game.app, jobs)) == []
    with transaction() as session:  # killed after the pages were written, before the task was marked as done
        session.get_one(DbTask, number).state = "queued"
    run_task(number, tools(game))  # type: ignore[arg-type]
    assert show_task(audit_id, asker_id=modeler).state == "done"
    assert (value("SELECT count(*) FROM audit"), value("SELECT count(*) FROM audit_page")) == (1, 10)
    assert (value("SELECT count(*) FROM review_item"), value("SELECT count(*) FROM page")) == (10, 10)
    assert value("SELECT sum(escrow) FROM ledger") == 10 * PRICE


def test_the_estimate_is_near_to_the_truth_of_the_whole_pool(game: Game, modeler: int) -> None:
    dice = random.Random(3)
    beliefs = [dice.betavariate(0.3, 3) for _ in range(600)]
    truths = ["spam" if dice.random() < 0.6 * belief + 0.02 else "ham" for belief in beliefs]
    said = ["spam" if belief > 0.5 else "ham" for belief in beliefs]
    wrong = [truth != label for truth, label in zip(truths, said, strict=True)]
    audit_id = start(game, modeler, pool(game, beliefs), bins=5, wanted=100)
    judges = [game.judge() for _ in range(7)]
    looked_at = []
    for item, url in items():
        place = int(url.removeprefix("https://pool").partition(".")[0])
        looked_at.append(wrong[place])
        judged(game, item, judges, truths[place])
    view, truth, plain = seen(modeler, audit_id), sum(wrong) / 600, sum(looked_at) / 100
    assert (view.state, view.judged, view.errors.count) == ("done", 100, sum(looked_at))
    assert view.errors.value is not None
    assert view.errors.low is not None
    assert view.errors.high is not None
    assert view.errors.low <= truth <= view.errors.high
    assert abs(view.errors.value - truth) < 0.04 < abs(plain - truth)
    game.check_books()
    game.check_nothing_is_promised()
