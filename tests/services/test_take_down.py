"""Takedowns, on both databases. A page's words are searched for in every column of every table afterwards."""

from __future__ import annotations

import hashlib
import json

import pytest
from sqlalchemy import inspect

from btm.pages.snapshot import SnapshotMissing
from btm.rules.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from btm.rules.exports import ExportQuery
from btm.services.export_corpus import export_corpus
from btm.services.find_stuck import find_stuck
from btm.services.finish_takedown import finish_takedown
from btm.services.kept_rows import unpack_rows
from btm.services.mark_gold import mark_gold
from btm.services.record_judgement import record_judgement
from btm.services.take_down import take_down
from btm.services.train_first_machine import train_first_machine
from btm.store.database import db

from ..support import texts
from ..support.collected import collected
from ..support.crowd import at_once, errors
from ..support.databases import rows, value
from ..support.finding import find, finds, place
from ..support.game import Game
from ..support.rejudging import appeal, die_everywhere, listen, modeler, promised

MARK = "zebrafish"
"""A word that stands on the page in question alone."""
URL = f"https://{MARK}.example/{MARK}"
TEXT = " ".join([MARK, *texts.text("a page that has to go").split(), MARK])


@pytest.fixture(autouse=True)
def worker(game: Game) -> None:
    listen(game)
    game.bell.work["takedown"] = lambda row_id: finish_takedown(
        row_id, snapshots=game.snapshots, now=game.clock()
    )


def bad(game: Game, url: str = URL, text: str = TEXT) -> str:
    return game.page(url, text=text, title=f"The {MARK}")


def down(game: Game, what: str = URL, reason: str = "private", **how: object) -> str:
    return take_down(
        "spam", what, **{"reason": reason, "note": "", "asker_id": None, "now": game.clock(), "new_id": game.new("down")} | how
    )  # type: ignore[arg-type]  # fmt: skip


def everything() -> str:
    """Every value of every table, as text."""
    told = []
    for table in inspect(db.engine).get_table_names():
        for row in rows(f'SELECT * FROM "{table}"'):
            told += [value.decode("latin-1") if isinstance(value, bytes) else str(value) for value in row]
    return "\n".join(told).casefold()


def key_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def is_kept(game: Game, text: str = TEXT) -> bool:
    try:
        return bool(game.snapshots.get(key_of(text)))
    except SnapshotMissing:
        return False


def test_nothing_of_a_verified_find_is_left_but_a_tombstone(game: Game) -> None:
    challenge = game.challenge()
    finds(game, "roses", 4)
    public_id = game.committed(url=bad(game))
    game.judge_says(public_id, "spam", reason=f"It is a {MARK}.")
    game.judge_says(public_id, "spam", reason=f"Look, a {MARK}!")
    item = game.item(public_id)
    mark_gold(
        "spam", item.public_id, truth=None, why=f"A {MARK} sells.", asker_id=None, now=game.clock(), new_id="gold"
    )  # fmt: skip
    place(game, public_id)
    had = game.balance(game.row(public_id).player_id)
    assert MARK in everything()
    assert is_kept(game)

    taken = down(game, public_id, note="Somebody asked us to.")

    assert MARK not in everything()
    assert not is_kept(game)
    row = game.row(public_id)
    assert (row.state, row.refusal, row.url) == ("refused", "taken_down", f"taken-down:{taken}")
    assert game.balance(row.player_id) == had > 0
    assert rows("SELECT name, reason FROM tombstone JOIN takedown ON takedown.id = takedown_id") == [
        (public_id, "private")
    ]
    assert rows("SELECT state, retired_why FROM gold") == [("retired", "taken_down")]
    assert value("SELECT count(*) FROM outcome WHERE challenge_id = :id", id=challenge) == 4
    view = game.view(public_id)
    assert view.refusal is not None
    assert "cannot be handed in again" in view.refusal.sentence
    game.check_books()
    game.check_nothing_is_promised()


def test_a_page_that_waits_is_closed_and_everybody_gets_what_is_theirs(game: Game) -> None:
    game.challenge()
    public_id = game.committed(url=bad(game))
    first = game.judge_says(public_id, "spam")
    holder, late = game.judge(), game.item(public_id)
    lease = game.lease(holder)
    assert lease is not None
    assert lease.public_id == late.public_id
    quote = promised(game, public_id)

    down(game)

    assert game.balance(game.row(public_id).player_id) == quote
    assert game.balance(first) == game.balance(holder) == 50
    with pytest.raises(Conflict):
        record_judgement(
            late.public_id, judge_id=holder, token=lease.token, label="spam", cannot=None, seconds=9.0, now=game.clock()
        )  # fmt: skip
    assert game.lease(game.judge()) is None
    assert game.lease(holder) is None
    game.check_books()
    game.check_nothing_is_promised()


def test_what_nobody_may_hand_in_pays_its_player_nothing_and_its_judges_all(game: Game) -> None:
    game.challenge()
    public_id = game.committed(url=bad(game))
    judge = game.judge_says(public_id, "spam")
    down(game, reason="illegal")
    assert game.balance(game.row(public_id).player_id) == 0
    assert game.balance(judge) == 50
    game.check_books()
    game.check_nothing_is_promised()


def test_an_appeal_ends_as_the_page_stood(game: Game) -> None:
    game.challenge()
    public_id = game.settled("ham", url=bad(game))
    appeal(game, public_id, reason=f"It is a {MARK}.")
    had = game.balance(game.row(public_id).player_id)
    down(game)
    assert game.balance(game.row(public_id).player_id) == had
    assert rows("SELECT state, reason FROM appeal") == [("declined", "")]
    assert MARK not in everything()
    game.check_books()
    game.check_nothing_is_promised()


@pytest.mark.parametrize("again", ["same address", "same text", "nearly the same text", "led there"])
def test_it_cannot_be_handed_in_again(game: Game, again: str) -> None:
    game.challenge()
    down(game, game.settled("spam", url=bad(game)))
    other = f"https://other.example/{MARK}"
    if again == "same address":
        with pytest.raises(Invalid) as refused:
            game.submitted(url=URL + "#part")
        assert (refused.value.code, refused.value.field) == ("taken_down", "url")
        assert "taken down" in refused.value.sentence
    elif again == "led there":
        refuse(game, game.page(other, text=texts.text("quite another text"), final_url=URL))
    else:
        refuse(game, game.page(other, text=TEXT if again == "same text" else f"{TEXT} Seen today."))


def refuse(game: Game, url: str) -> None:
    public_id = game.submitted(url=url)
    assert (game.row(public_id).state, game.row(public_id).refusal) == ("refused", "taken_down")
    assert game.row(public_id).page_id is None
    assert not is_kept(game, str(game.reader.pages[url].text))  # type: ignore[union-attr]


def test_pages_with_nearly_its_text_go_too_and_those_of_others_stay(game: Game) -> None:
    game.challenge()
    game.challenge("other")
    same = game.quoted(url=bad(game, f"https://{MARK}-two.example/", f"{TEXT} Seen today."))
    public_id = game.committed(url=bad(game))
    repeat = game.submitted(url=bad(game, f"https://{MARK}-three.example/"))
    elsewhere = game.committed(url=bad(game), slug="other")
    else_where = game.committed(url=game.page("https://else.example/", text=texts.text("something else")))
    down(game, public_id)
    for each in (same, public_id, repeat):
        assert (game.row(each).state, game.row(each).refusal) == ("refused", "taken_down"), each
        assert MARK not in game.row(each).page.text  # type: ignore[union-attr]
    assert game.row(elsewhere).state == game.row(else_where).state == "in_review"
    assert MARK in game.row(elsewhere).page.text  # type: ignore[union-attr]
    assert is_kept(game)  # the other challenge's page has the same bytes
    assert not is_kept(game, f"{TEXT} Seen today.")
    assert rows("SELECT kept FROM takedown_blob ORDER BY id")[0][0]
    take_down("other", elsewhere, reason="rights", asker_id=None, now=game.clock(), new_id="second")
    assert not is_kept(game)
    assert MARK not in everything()


def test_the_operator_takes_it_down_everywhere(game: Game) -> None:
    game.challenge()
    game.challenge("other")
    here, there = game.settled("spam", url=bad(game)), game.committed(url=bad(game), slug="other")
    down(game, here, everywhere=True)
    assert game.row(there).refusal == "taken_down"
    assert MARK not in everything()
    assert not is_kept(game)
    game.challenge("third")
    with pytest.raises(Invalid, match="taken down"):
        game.submitted(url=URL, slug="third")


def test_killed_at_any_statement_it_is_whole_or_not_there_and_the_sweep_ends_it(game: Game) -> None:
    game.challenge()
    public_id = game.committed(url=bad(game))
    game.judge_says(public_id, "spam")
    game.bell.hold()
    assert die_everywhere(lambda: down(game), everything) > 10
    assert MARK not in everything()
    assert is_kept(game)
    [[row_id]] = rows("SELECT id FROM takedown")

    class Dead(Exception):
        pass

    def die(key: str) -> None:
        raise Dead

    delete, game.snapshots.delete = game.snapshots.delete, die  # type: ignore[method-assign, assignment]
    with pytest.raises(Dead):
        finish_takedown(int(str(row_id)), snapshots=game.snapshots, now=game.clock())
    game.snapshots.delete = delete  # type: ignore[method-assign]
    game.bell.let_go()
    find_stuck(now=game.clock())
    assert not is_kept(game)
    game.check_books()
    game.check_nothing_is_promised()


def test_taken_down_by_eight_while_it_is_judged_and_committed_it_is_taken_down_once(game: Game) -> None:
    game.challenge()
    mirror = game.quoted(url=bad(game, "https://twin.example/", f"{TEXT} Twin."))
    public_id = game.committed(url=bad(game))
    judges = [game.judge() for _ in range(3)]
    calls = [
        *[lambda: down(game, public_id)] * 8,
        *[lambda judge=judge: game.judge_says(public_id, "spam", judge) for judge in judges],
        lambda: game.commit(mirror),
    ]  # fmt: skip
    wrong = [each for each in errors(at_once(game.app, calls)) if not isinstance(each, DomainError)]
    assert wrong == []
    assert value("SELECT count(*) FROM takedown") == 1
    game.clock.advance(minutes=16)
    find_stuck(now=game.clock())
    assert MARK not in everything()
    assert {game.row(each).state for each in (public_id, mirror)} == {"refused"}
    game.check_books()
    game.check_nothing_is_promised()


def test_what_was_being_fetched_meanwhile_is_found_when_it_is_sealed(game: Game) -> None:
    """The worker asked before the takedown, and writes after it."""
    game.challenge()
    public_id = game.committed(url=bad(game))
    mirror = game.page("https://mirror.example/", text=f"{TEXT} Mirrored.")
    put = game.snapshots.put

    def late(body: bytes) -> str:
        game.snapshots.put = put  # type: ignore[method-assign]
        key = put(body)
        down(game, public_id)
        return key

    game.snapshots.put = late  # type: ignore[method-assign]
    caught = game.submitted(url=mirror)
    assert game.row(caught).refusal == "taken_down"
    assert MARK not in everything()
    find_stuck(now=game.clock())
    assert not is_kept(game, f"{TEXT} Mirrored.")
    assert value("SELECT count(*) FROM takedown WHERE sealed_at IS NULL") == 1
    game.clock.advance(minutes=16)
    find_stuck(now=game.clock())
    assert value("SELECT count(*) FROM takedown WHERE sealed_at IS NULL") == 0


def test_what_a_machine_was_trained_on_is_kept_without_it(game: Game) -> None:
    game.challenge(mode="collect", collect_least=20)
    public_id = game.settled_example("spam", bad(game))
    for label in ("spam", "ham"):
        collected(game, label, 30)
    train_first_machine("spam", asker_id=None, snapshots=game.snapshots, now=game.clock())
    assert [body for body in game.snapshots.bodies.values() if MARK.encode() in body and b"number" in body]
    down(game, public_id)
    assert [key for key, body in game.snapshots.bodies.items() if MARK.encode() in body] == []
    [[location]] = rows("SELECT location FROM machine WHERE kind = 'trained'")
    kept = json.loads(location) if isinstance(location, str) else location
    assert len(unpack_rows(game.snapshots.get(kept["data"]["base"]["key"]))) == 60  # type: ignore[index, call-overload]


def test_an_export_has_a_tombstone_in_its_place(game: Game) -> None:
    game.challenge()
    first, gone, last = (find(game, cause, 0) for cause in ("roses", "knives", "ships"))
    newest = find(game, "lamps", 0)
    down(game, gone)
    down(game, newest, reason="illegal")
    after = find(game, "hats", 0)
    exported = [json.loads(line) for line in export(game, "jsonl").splitlines()]
    assert [row["id"] for row in exported] == [first, gone, last, newest, after]
    [stone] = [row for row in exported if row["id"] == gone]
    assert stone["taken_down"] == "private"
    assert stone["taken_down_at"] == game.clock().isoformat()
    assert not any(stone[name] for name in stone if name not in ("id", "taken_down", "taken_down_at"))
    assert [row["taken_down"] for row in exported] == ["", "private", "", "illegal", ""]
    assert len(export(game, "csv").splitlines()) >= 6
    assert export(game, "parquet")
    on = [json.loads(line)["id"] for line in export(game, "jsonl", after=newest).splitlines()]
    assert on == [after]


def export(game: Game, kind: str, **asked: str) -> bytes:
    return b"".join(export_corpus("spam", kind, ExportQuery(**asked), asker_id=None, now=game.clock()))


def test_what_is_remembered_of_it_is_forgotten(game: Game) -> None:
    """The next page like it is as new as the first: the memory holds nothing of what was taken down."""
    game.challenge()
    first = find(game, "roses", 0)
    assert game.view(game.quoted(url=game.page(text=texts.same_topic("roses", 5)))).quote.novelty < 0.9  # type: ignore[union-attr]
    down(game, first)
    quote = game.view(game.quoted(url=game.page(text=texts.same_topic("roses", 9)))).quote
    assert quote is not None
    assert quote.novelty == 1.0


def test_a_modeler_may_in_their_challenge_and_it_is_on_record(game: Game) -> None:
    game.challenge()
    public_id = game.settled("spam", url=bad(game))
    with pytest.raises(Forbidden):
        down(game, public_id, asker_id=game.player())
    asker = modeler(game)
    with pytest.raises(Invalid, match="operator"):
        down(game, public_id, asker_id=asker, everywhere=True)
    with pytest.raises(Invalid):
        down(game, public_id, reason="because")
    for unknown in ("nothing", "https://nothing.example/"):
        with pytest.raises(NotFound):
            down(game, unknown)
    taken = down(game, public_id, asker_id=asker)
    assert down(game, public_id, asker_id=asker) == taken
    [[actor, verb, subject, detail]] = rows(
        "SELECT actor_id, verb, subject, detail FROM act WHERE verb = 'take_down'"
    )
    assert (actor, verb, subject) == (asker, "take_down", "challenge:spam")
    assert MARK not in str(detail)
