from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from btm.rules.design import Design, plain_design
from btm.rules.errors import Conflict, Forbidden, Invalid, NotFound
from btm.services.change_challenge_state import change_challenge_state
from btm.services.clone_challenge import clone_challenge
from btm.services.create_challenge import create_challenge
from btm.services.edit_challenge import edit_challenge
from btm.services.roles import grant_role
from btm.services.show_authoring import show_authoring
from btm.services.show_challenge import show_challenge
from btm.store.acts import list_acts
from btm.store.transaction import reading

from ..support.crowd import at_once, errors
from ..support.databases import rows, value
from ..support.designs import spam_design
from ..support.game import Game


def create(game: Game, design: Design | None = None, asker_id: int | None = None) -> str:
    return create_challenge(
        design or spam_design(), asker_id=asker_id, now=game.clock(), new_salt=lambda: game.new("salt")
    )


def edit(
    game: Game, slug: str, asker_id: int | None = None, revision: int | None = None, /, **changes: Any
) -> int:
    return edit_challenge(slug, changes, asker_id=asker_id, now=game.clock(), revision=revision)


def become(game: Game, slug: str, state: str, asker_id: int | None = None) -> None:
    change_challenge_state(slug, state, asker_id=asker_id, shelf=game.shelf, now=game.clock())


def modeler(game: Game, scope: str = "", role: str = "modeler") -> int:
    name = game.new("modeler")
    account_id = game.player(name)
    grant_role(name, role, slug=scope, now=game.clock())
    return account_id


def verbs() -> list[str]:
    with reading() as session:
        return [act.verb for act, _ in reversed(list_acts(session))]


def test_a_draft_goes_live_once_nothing_is_missing_and_is_funded_once(game: Game) -> None:
    game.machine_row()
    slug = create(game, Design(title="Find spam!"))
    assert slug == "find-spam"
    view = show_authoring(slug, asker_id=None, now=game.clock())
    assert {each.step for each in view.missing} == {"brief", "labels", "money", "machine"}
    with pytest.raises(Invalid) as caught:
        become(game, slug, "live")
    assert (caught.value.code, caught.value.field) == ("incomplete", "sought")
    edit(game, slug, **plain_design(replace(spam_design(), slug=slug)))
    assert show_authoring(slug, asker_id=None, now=game.clock()).is_ready
    for state in ("live", "live", "paused", "live"):
        become(game, slug, state)
    assert rows("SELECT budget FROM ledger WHERE kind = 'fund'") == [(100_000,)]
    assert verbs() == [
        "create_challenge", "edit_challenge", "open_challenge", "pause_challenge", "open_challenge"
    ]  # fmt: skip
    game.quoted(slug=slug)


@pytest.mark.parametrize("role", ["modeler", "admin"])
def test_who_makes_a_challenge_models_it(game: Game, role: str) -> None:
    game.machine_row()
    maker = modeler(game, "", role)
    slug = create(game, asker_id=maker)
    assert rows("SELECT role FROM role WHERE scope = :s AND account_id = :a", s=slug, a=maker) == [
        ("modeler",)
    ]


def test_a_modeler_of_one_challenge_edits_that_one_only(game: Game) -> None:
    game.challenge("one")
    game.challenge("two")
    own = modeler(game, "one")
    assert edit(game, "one", own, title="Mine") == 1
    become(game, "one", "paused", own)
    for forbidden in (
        lambda: edit(game, "two", own, title="Not mine"),
        lambda: become(game, "two", "paused", own),
        lambda: create(game, asker_id=own),
        lambda: clone_challenge("one", asker_id=own, now=game.clock(), new_salt=lambda: "s"),
        lambda: show_authoring("two", asker_id=own, now=game.clock()),
        lambda: edit(game, "one", game.player(), title="A player's"),
    ):
        with pytest.raises(Forbidden):
            forbidden()
    assert rows("SELECT slug, state FROM challenge ORDER BY slug") == [("one", "paused"), ("two", "live")]


def test_a_draft_is_there_for_its_modelers_only(game: Game) -> None:
    maker, other = modeler(game), game.player()
    slug = create(game, Design(title="Half done"), maker)
    assert show_challenge(slug, now=game.clock(), viewer_id=maker).card.state == "draft"
    for asker_id in (None, other):
        with pytest.raises(NotFound):
            show_challenge(slug, now=game.clock(), viewer_id=asker_id)
    with pytest.raises(NotFound):
        show_authoring(slug, asker_id=other, now=game.clock())
    with pytest.raises(NotFound):
        game.submitted(other, slug=slug)


def test_what_was_archived_as_a_draft_is_there_for_its_modelers_only(game: Game) -> None:
    maker, other = modeler(game), game.player()
    slug = create(game, Design(title="Half done"), maker)
    become(game, slug, "archived", maker)
    assert show_challenge(slug, now=game.clock(), viewer_id=maker).card.state == "archived"
    for asker_id in (None, other):
        with pytest.raises(NotFound):
            show_challenge(slug, now=game.clock(), viewer_id=asker_id)
    with pytest.raises(NotFound):
        show_authoring(slug, asker_id=other, now=game.clock())
    become(game, slug, "draft", maker)
    assert show_authoring(slug, asker_id=maker, now=game.clock()).state == "draft"


def test_a_taken_address_is_told_and_one_made_of_the_title_goes_on_counting(game: Game) -> None:
    game.machine_row()
    assert [create(game) for _ in range(3)] == ["spam-2", "spam-2-2", "spam-2-3"]
    with pytest.raises(Invalid) as caught:
        create(game, spam_design("spam-2"))
    assert caught.value.field == "slug"
    with pytest.raises(Conflict):
        edit(game, "spam-2-2", slug="spam-2")


def test_twenty_who_create_at_once_each_make_one(game: Game) -> None:
    game.machine_row()
    answers = at_once(game.app, [lambda: create(game)] * 8)
    assert errors(answers) == []
    assert len(set(answers)) == 8 == value("SELECT count(*) FROM challenge")


def test_a_draft_that_is_renamed_keeps_its_modelers(game: Game) -> None:
    maker = modeler(game)
    slug = create(game, Design(title="Old name"), maker)
    helper = modeler(game)
    edit(game, slug, maker, slug="new-name", topic="new-name")
    assert show_authoring("new-name", asker_id=maker, now=game.clock()).design.title == "Old name"
    assert rows("SELECT count(*) FROM role WHERE scope = 'new-name'") == [(1,)]
    assert show_authoring("new-name", asker_id=helper, now=game.clock()).slug == "new-name"


def test_a_machine_that_is_not_there_is_told(game: Game) -> None:
    with pytest.raises(Invalid) as caught:
        create(game, spam_design(machine="nobody"))
    assert caught.value.field == "machine"


def test_a_clone_says_the_same_and_has_none_of_what_was_done(game: Game) -> None:
    game.challenge(budget=5000)
    game.settled("spam")
    before = rows("SELECT * FROM ledger ORDER BY id")
    maker = modeler(game)
    slug = clone_challenge("spam", asker_id=maker, now=game.clock(), new_salt=lambda: "other")
    view, source = (
        show_authoring(slug, asker_id=maker, now=game.clock()),
        show_authoring("spam", asker_id=maker, now=game.clock()),
    )
    assert (view.state, view.has_work, view.free_budget, view.design.topic) == ("draft", False, 0, slug)
    assert view.design == replace(source.design, slug=slug, topic=slug, title=f"{source.design.title} (copy)")
    assert rows("SELECT * FROM ledger ORDER BY id") == before
    edit(
        game,
        slug,
        labels=[{"key": "a", "name": "A", "statement": "a"}, {"key": "ham", "name": "H", "statement": "h"}],
    )
    assert show_authoring(slug, asker_id=maker, now=game.clock()).design.target == ""


def test_a_topic_of_others_cannot_be_joined(game: Game) -> None:
    game.challenge("one")
    game.challenge("mine")
    own = modeler(game, "mine")
    with pytest.raises(Forbidden, match="not yours"):
        edit(game, "mine", own, topic="one")
    assert edit(game, "mine", modeler(game), topic="one") == 1


def test_labels_that_differ_from_the_topic_s_keep_a_draft_from_going_live(game: Game) -> None:
    game.challenge("spam")
    design = spam_design(
        "other", topic="spam", labels=(*spam_design().labels[:1], replace(spam_design().labels[1], key="egg"))
    )
    design = replace(design, machine="", qualification=())
    create(game, design)
    assert "topic" in {
        each.field for each in show_authoring("other", asker_id=None, now=game.clock()).missing
    }
