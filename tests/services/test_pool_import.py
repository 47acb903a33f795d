"""A modeler's pool: imported with noisy labels, judged where a label pays most, measured, taken away."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from btm.pages.snapshot import FolderSnapshots
from btm.rules import repeated_labelling as law
from btm.rules.errors import Conflict, Forbidden, Invalid
from btm.services.export_pool import export_pool
from btm.services.find_stuck import find_unmeasured
from btm.services.import_pool import import_pool, put_up_more, start_pool_import
from btm.services.list_pool import list_pool
from btm.services.measure_pool import measure_pool
from btm.services.pooling import Pooled
from btm.services.read_labelled import Labelled, LabelledPage, read_labelled
from btm.services.record_judgement import record_judgement
from btm.services.refit_jury import refit_jury
from btm.services.run_task import TaskTools, run_task
from btm.services.show_desk import show_desk
from btm.services.show_judges import show_judges
from btm.services.show_pool import show_pool
from btm.store.database import db
from classifiers.page import Page

from ..support import texts
from ..support.databases import overheard, rows, value
from ..support.game import Game
from ..support.labelled import sentence

LABELS = ("spam", "ham")


def read(text: str, format: str = "csv") -> Labelled:
    return read_labelled(io.BytesIO(text.encode()), format, labels=None, reader=None, noisy=LABELS)


def page(game: Game, name: str, *given: str, spam: float = 0.5) -> LabelledPage:
    url = f"https://{name}.example/"
    game.machine.believe(url, (spam, 1 - spam))
    return LabelledPage(1, Page(url=url, title=name, text=texts.text(name)), "", given=given, name=name)


def toy(label: str, number: int) -> LabelledPage:
    """A page whose words and whose one given label are of a kind."""
    name = f"{label}{number}"
    page = Page(url=f"https://{name}.example/", text=sentence(label, number))
    return LabelledPage(1, page, "", given=(label,), name=name)


def put_in(game: Game, *pages: LabelledPage, asker: int | None = None, **how: object) -> Pooled:
    return import_pool(
        "spam", pages, asker_id=asker, shelf=game.shelf, snapshots=game.snapshots, now=game.clock(), **how
    )  # type: ignore[arg-type]


def say(game: Game, name: str, *labels: str) -> None:
    """Fresh judges say what an imported page is."""
    [[item]] = rows(
        "SELECT i.public_id FROM review_item i JOIN pool_page p ON p.item_id = i.id WHERE p.name = :name",
        name=name,
    )
    for label in labels:
        judge = game.judge()
        game.lease_to(str(item), judge, "token")
        record_judgement(
            str(item), judge_id=judge, token="token", label=label, cannot=None, seconds=8.0, now=game.clock()
        )


def test_noisy_labels_are_read_from_any_number_of_columns_and_rows() -> None:
    found = read(
        "id,text,label,label_2,labels\na,One text,spam,HAM,\nb,Another,,,spam|ham; spam\nc,One text,ham,,\nd,None at all,,,\ne,Odd,eggs,,\n"
    )
    assert [(each.name, each.given) for each in found.pages] == [
        ("a", ("spam", "ham", "ham")), ("b", ("spam", "ham", "spam")), ("d", ()),
    ]  # fmt: skip
    assert [(row.number, row.reason) for row in found.bad] == [
        (5, "has the label 'eggs'; the labels are spam, ham")
    ]
    [lines] = read('{"text": "A text", "label": ["spam", "spam"], "id": 7}', "jsonl").pages
    assert (lines.name, lines.given) == ("7", ("spam", "spam"))


def test_pages_are_put_up_by_what_a_label_pays(game: Game) -> None:
    game.challenge(budget=2 * 350)
    pages = (
        page(game, "sure", "spam", "spam", "spam", spam=0.99), page(game, "split", "spam", "ham", spam=0.5),
        page(game, "bare", spam=0.7), page(game, "agreed", "ham", "ham", spam=0.6),
    )  # fmt: skip
    assert put_in(game, *pages) == Pooled(4, 0, 2)
    assert [row[0] for row in rows("SELECT name FROM pool_page WHERE item_id IS NOT NULL ORDER BY name")] == [
        "bare",
        "split",
    ]
    scores = dict(rows("SELECT name, score FROM pool_page"))
    assert scores["split"] == pytest.approx(0.5)
    assert scores["agreed"] == pytest.approx((0.125 * 0.4) ** 0.5)
    game.check_books()


def test_the_same_file_again_adds_nothing(game: Game) -> None:
    game.challenge()
    again = page(game, "b")
    assert put_in(game, page(game, "a"), again) == Pooled(2, 0, 2)
    assert put_in(game, page(game, "a"), again, page(game, "c")) == Pooled(1, 2, 1)


def test_the_place_in_the_queue_follows_the_labels(game: Game) -> None:
    game.challenge(min_judgements=6)
    put_in(game, page(game, "a"), page(game, "b", "spam", "spam", "spam"), ranking="lu")
    places = dict(rows("SELECT p.name, i.priority FROM review_item i JOIN pool_page p ON p.item_id = i.id"))
    assert places["a"] > places["b"]
    say(game, "a", "spam", "spam", "spam", "spam", "spam")
    moved = dict(rows("SELECT p.name, i.priority FROM review_item i JOIN pool_page p ON p.item_id = i.id"))
    assert moved["a"] < moved["b"] == places["b"]
    refit_jury(int(value("SELECT id FROM jury")), now=game.clock())
    assert (
        value("SELECT i.priority FROM review_item i JOIN pool_page p ON p.item_id = i.id WHERE p.name = 'a'")
        == moved["a"]
    )


def test_given_labels_make_no_verdict(game: Game) -> None:
    game.challenge()
    put_in(game, page(game, "a", *["spam"] * 9))
    say(game, "a", "ham", "ham")
    view = show_pool("spam", asker_id=None)
    assert (view.decided, view.labels, view.given_checked, view.given_right) == (
        1,
        (("spam", 0), ("ham", 1)),
        1,
        0,
    )


def test_without_a_machine_labels_alone_decide_the_order(game: Game) -> None:
    game.challenge(mode="collect")
    assert put_in(game, page(game, "a", "spam"), page(game, "b"), most=1) == Pooled(2, 0, 1)
    assert rows(
        "SELECT p.name, i.ranked_by, p.assigned FROM review_item i JOIN pool_page p ON p.item_id = i.id"
    ) == [("b", "lu", "")]


def test_more_is_put_up_until_nothing_is_left_or_can_be_paid(game: Game) -> None:
    game.challenge(budget=2 * 350)
    put_in(game, *(page(game, name) for name in "abc"), most=1)
    assert put_up_more("spam", most=5, asker_id=None, now=game.clock()) == 1
    with pytest.raises(Conflict) as refused:
        put_up_more("spam", asker_id=None, now=game.clock())
    assert refused.value.code == "budget_spent"
    assert show_pool("spam", asker_id=None).waiting == 1
    game.check_books()


def test_it_is_for_modelers_and_for_orders_that_exist(game: Game) -> None:
    game.challenge()
    with pytest.raises(Forbidden):
        put_in(game, page(game, "a"), asker=game.player())
    for wrong in ({"ranking": "luck"}, {"most": -1}):
        with pytest.raises(Invalid):
            put_in(game, page(game, "a"), **wrong)
    with pytest.raises(Invalid, match="no usable row"):
        put_in(game)


def test_an_upload_is_imported_in_the_background(game: Game) -> None:
    game.challenge()
    tools = TaskTools(game.reader, game.snapshots, game.shelf, game.clock)  # type: ignore[arg-type]
    game.bell.work["task"] = lambda row_id: run_task(row_id, tools)
    data = f"url,text,label\nhttps://a.example/,{texts.text('a')},spam\nhttps://b.example/,{texts.text('b')},\n,x,eggs\n".encode()
    with pytest.raises(Invalid):
        start_pool_import(
            "spam", b"name\nx\n", format="csv", data_name="p", asker_id=_modeler(game), snapshots=game.snapshots,
            now=game.clock(), new_id="t0",
        )  # fmt: skip
    start_pool_import(
        "spam", data, format="csv", data_name="p.csv", asker_id=_modeler(game), snapshots=game.snapshots,
        now=game.clock(), new_id="t1",
    )  # fmt: skip
    [[state, result]] = rows("SELECT state, result FROM task")
    told = json.loads(result) if isinstance(result, str) else result
    assert (state, told["added"], told["put_up"], told["bad_count"]) == ("done", 2, 2, 1)


def test_a_file_goes_to_the_store_while_nothing_is_held_and_nobody_else_s_does(
    game: Game, tmp_path: Path
) -> None:
    game.challenge()
    game.bell.work["task"] = lambda row_id: None
    before, held = db.engine.pool.checkedout(), []  # type: ignore[attr-defined]

    class Store(FolderSnapshots):
        def put(self, body: bytes) -> str:
            held.append(db.engine.pool.checkedout() - before)  # type: ignore[attr-defined]
            return super().put(body)

    store = Store(tmp_path)
    for asker, number in ((game.player(), 0), (_modeler(game), 1)):
        try:
            start_pool_import(
                "spam", f"text\n{texts.text('a')}\n".encode(), format="csv", data_name="p", asker_id=asker,
                snapshots=store, now=game.clock(), new_id="t",
            )  # fmt: skip
        except Forbidden:
            assert number == 0
        assert len(list(store.keys())) == number
    assert held == [0]


def test_whoever_only_looks_writes_nothing(game: Game) -> None:
    game.challenge()
    with overheard() as asked:
        list_pool("spam", asker_id=None)
        show_pool("spam", asker_id=None)
        show_desk("spam", asker_id=None)
        show_judges("spam", asker_id=None, now=game.clock())
    writes = ("INSERT", "UPDATE", "DELETE", "BEGIN IMMEDIATE")
    assert [statement for statement, _ in asked if statement.startswith(writes)] == []


def _modeler(game: Game) -> int:
    from btm.store.tables import DbRole
    from btm.store.transaction import transaction

    account_id = game.player()
    with transaction() as session:
        session.add(DbRole(account_id=account_id, role="modeler", scope="spam", granted_at=game.clock()))
    return account_id


def test_quality_is_measured_as_judgements_come(game: Game) -> None:
    challenge_id = game.challenge(min_judgements=1, max_expected_cost=0.2, judging_price=1)
    game.bell.work["pool"] = lambda row_id: measure_pool(row_id, now=game.clock())
    made = []
    for number in range(14):
        for label in LABELS:
            text = sentence(label, number)
            made.append(
                LabelledPage(
                    1,
                    Page(url=f"https://{label}{number}.example/", text=text),
                    "",
                    given=(label,),
                    name=f"{label}{number}",
                )
            )
    put_in(game, *made)
    find_unmeasured()
    for number in range(12):
        for label in LABELS:
            say(game, f"{label}{number}", label)
    find_unmeasured()
    find_unmeasured()
    first, second = show_pool("spam", asker_id=None).points
    assert (first.judgements, first.model_quality) == (0, None)
    assert first.label_quality == pytest.approx(2 / 3)
    assert second.judgements == 24
    assert second.label_quality is not None
    assert second.label_quality > first.label_quality
    assert second.model_quality == 1.0
    assert not measure_pool(challenge_id, now=game.clock())
    assert value("SELECT count(*) FROM pool_point") == 2


def test_pages_that_wait_are_ordered_by_a_model_of_the_labels(game: Game) -> None:
    challenge_id = game.challenge()
    made = [
        toy(label, number)
        for number in range(12) for label in LABELS
    ]  # fmt: skip
    put_in(game, *made, most=0)
    measure_pool(challenge_id, now=game.clock())
    assert value("SELECT max(model_uncertainty) FROM pool_page") < 0.5
    [[score, model]] = rows("SELECT score, model_uncertainty FROM pool_page WHERE name = 'spam3'")
    assert score == pytest.approx(law.score("lmu", (1, 0), float(model)))


def test_what_is_known_is_taken_away(game: Game) -> None:
    game.challenge()
    put_in(game, page(game, "a", "spam", "ham", spam=0.9), page(game, "b"), page(game, "c", "ham"))
    say(game, "a", "ham", "ham")
    text = b"".join(export_pool("spam", "csv", asker_id=None, now=game.clock())).decode()
    a, b, c = csv.DictReader(io.StringIO(text))
    assert (a["name"], a["state"], a["label"], json.loads(a["judged"]), a["machine_says"]) == (
        "a",
        "decided",
        "ham",
        {"ham": 2},
        "spam",
    )
    assert float(a["probability"]) > 0.9
    assert (b["label"], b["probability"]) == ("", "")
    assert (c["label"], float(c["probability"])) == ("ham", pytest.approx(2 / 3, abs=1e-5))
    lines = [
        json.loads(line)
        for line in b"".join(export_pool("spam", "jsonl", asker_id=None, now=game.clock())).splitlines()
    ]
    assert [each["given"] for each in lines] == [{"spam": 1, "ham": 1}, {}, {"ham": 1}]
    with pytest.raises(Invalid):
        export_pool("spam", "xls", asker_id=None, now=game.clock())


def test_its_pages_are_listed_by_state_a_part_at_a_time(game: Game) -> None:
    game.challenge()
    plain = page(game, "plain", "spam")
    plain = replace(plain, page=replace(plain.page, title=""))
    put_in(game, page(game, "a", "spam"), page(game, "b"), plain, most=0)
    first = list_pool("spam", asker_id=None, limit=2)
    assert [each.name for each in first.pages] == ["a", "b"]
    [last] = list_pool("spam", cursor=first.next_cursor, asker_id=None, limit=2).pages
    assert (last.host, last.state, last.label and last.label.key) == ("plain.example", "waiting", "spam")
    assert last.title.endswith(" …")
    waiting = list_pool("spam", state="waiting", asker_id=None, limit=1)
    order = [each.name for each in waiting.pages]
    while waiting.next_cursor:
        waiting = list_pool("spam", state="waiting", cursor=waiting.next_cursor, asker_id=None, limit=1)
        order += [each.name for each in waiting.pages]
    assert order == [row[0] for row in rows("SELECT name FROM pool_page ORDER BY score DESC, id")]
    put_up_more("spam", most=3, asker_id=None, now=game.clock())
    say(game, "a", "ham", "ham")
    [decided] = list_pool("spam", state="decided", asker_id=None).pages
    assert ([(label.key, n) for label, n in decided.judged], decided.label and decided.label.key) == (
        [("ham", 2)],
        "ham",
    )
    assert [each.name for each in list_pool("spam", state="open", asker_id=None).pages] == ["b", "plain"]
    with pytest.raises(Invalid):
        list_pool("spam", state="odd", asker_id=None)
