from __future__ import annotations

import pytest

from btm.services.list_challenges import list_challenges
from btm.services.qualify import show_qualification
from btm.services.seed_challenges import SHIPPED, seed_challenges
from btm.services.show_challenge import show_challenge
from btm.services.show_machine import list_machines
from btm.store.tables import DbChallenge
from btm.store.transaction import transaction
from classifiers import machine as machines

from ..support.crowd import at_once, errors
from ..support.databases import rows, value
from ..support.game import Game

SLUGS = sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def seed(game: Game, salt: str = "salt") -> list[str]:
    return seed_challenges(now=game.clock(), new_salt=lambda: salt)


def test_everything_that_ships_is_added_and_funded(game: Game) -> None:
    assert sorted(seed(game)) == SLUGS
    assert {"drugs", "drugs-lookalikes", "alcohol", "alcohol-lookalikes"} <= set(SLUGS)
    assert value("SELECT count(*) FROM ledger WHERE kind = 'fund' AND budget > 0") == len(SLUGS)
    assert {card.slug for card in list_challenges(now=game.clock()) if card.is_open} == set(SLUGS)


def test_seeding_twice_is_the_same_as_once(game: Game) -> None:
    seed(game)
    before = [rows(f"SELECT * FROM {table} ORDER BY id") for table in ("challenge", "machine", "ledger")]
    assert seed(game, "another salt") == []
    assert [
        rows(f"SELECT * FROM {table} ORDER BY id") for table in ("challenge", "machine", "ledger")
    ] == before


def test_four_processes_that_seed_at_once_add_everything_once(game: Game) -> None:
    answers = at_once(game.app, [lambda: seed(game)] * 4)
    assert errors(answers) == []
    assert sorted(slug for added in answers for slug in added) == SLUGS
    assert value("SELECT count(*) FROM machine") == len(set(rows("SELECT name FROM machine")))


def test_what_a_modeler_changed_stays_changed(game: Game) -> None:
    seed(game)
    with transaction() as session:
        session.query(DbChallenge).filter_by(slug="drugs").update(
            {"title": "My own title", "state": "closed"}
        )
    seed(game)
    assert rows("SELECT title, state FROM challenge WHERE slug = 'drugs'") == [("My own title", "closed")]


def test_a_challenge_follows_its_machine_to_a_newer_version(
    game: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed(game)
    plain = machines.load_default

    def newer(name: str) -> object:
        loaded = plain(name)
        version = "99" if name == "drugs" else loaded.version
        return type(
            "Newer", (), {"name": name, "version": version, "card": loaded.card, "classes_": loaded.classes_}
        )()

    monkeypatch.setattr(machines, "load_default", newer)
    assert seed(game) == []
    found = dict(rows("SELECT c.slug, m.version FROM challenge c JOIN machine m ON m.id = c.machine_id"))  # type: ignore[arg-type]
    assert (found["drugs"], found["drugs-lookalikes"]) == ("99", "99")
    assert found["alcohol"] != "99"


@pytest.mark.parametrize("slug", SLUGS)
def test_a_shipped_challenge_hangs_together(game: Game, slug: str) -> None:
    seed(game)
    view = show_challenge(slug, now=game.clock())
    keys = {label.key for label in view.labels}
    assert view.card.target.key in keys
    assert view.brief.counts
    assert view.brief.counts_not
    [machine] = [
        machine for machine in list_machines(now=game.clock()) if machine.name == view.card.machine_name
    ]
    assert set(machine.labels) == keys
    quiz = show_qualification(slug, account_id=0, now=game.clock())
    assert len(quiz.items) >= 5
    stored = [
        label
        for [labels] in rows("SELECT qualification FROM challenge WHERE slug = :s", s=slug)
        for label in [labels]
    ]
    assert stored
    with transaction() as session:
        truths = {
            item["label"] for item in session.query(DbChallenge).filter_by(slug=slug).one().qualification
        }
    assert truths == keys
