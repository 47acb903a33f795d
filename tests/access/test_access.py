"""Who gets in where: every route of the app, asked by everybody."""

from __future__ import annotations

import pytest

from btm.store.tables_challenges import DbChallenge
from btm.store.transaction import transaction

from .kinds import ROLES
from .table import TABLE
from .world import OTHER, World

SHARED = {"name": "toy", "version": "1", "format": "jsonl", "step": "brief"}
"""Values that name the same thing whatever the challenge."""


def test_every_route_has_a_row(world: World) -> None:
    routes = {name for name, _ in world.routes()}
    missing, gone = sorted(routes - TABLE.keys()), sorted(TABLE.keys() - routes)
    assert not missing, (
        f"No row in the access table for: {', '.join(missing)}. Say who may ask it: add a Row to tests/access/rows_*.py "
        "(the one of its wing), of the kind in tests/access/kinds.py that fits; tests/access/table.py shows an example."
    )
    assert not gone, (
        f"These rows of the access table have no route any more, so take them out: {', '.join(gone)}"
    )


@pytest.mark.parametrize("name", sorted(TABLE))
def test_each_role_is_answered_as_the_table_says(world: World, name: str) -> None:
    method, row, rule = name.split()[0], TABLE[name], dict(world.routes())[name]
    address = world.address(rule, row)
    wrong = []
    for role in ROLES:
        before = world.version()
        answer = world.ask(role, method, address, row)
        expected = row.expected(role, method)
        if answer.status_code != expected:
            wrong.append(f"{role}: {answer.status_code}, not {expected}")
        if expected in (401, 403) and world.has_written(row, before):
            wrong.append(f"{role}: was refused, and yet something was written")
        if method != "GET":
            world.put_back()
    assert not wrong, f"{name} ({address}): {'; '.join(wrong)}"


@pytest.mark.parametrize("state", ["draft", "archived"])
@pytest.mark.parametrize("role", ["player", "other"])
def test_nobody_else_learns_that_a_draft_is_there(world: World, role: str, state: str) -> None:
    """Nor that one is that was archived as a draft."""
    made = world.game.challenge("draft", state=state)
    with transaction() as session:
        session.get_one(DbChallenge, made).live_at = None
    told = []
    for name, rule in world.routes():
        if "slug" in rule.arguments and name in TABLE:
            method, row = name.split()[0], TABLE[name]
            draft, nothing = (
                world.ask(role, method, world.address(rule, row, slug=slug), row).status_code
                for slug in ("draft", "nowhere")
            )
            if draft != nothing:
                told.append(f"{name}: {draft}, and {nothing} where there is nothing")
    world.put_back()
    assert not told, "; ".join(told)


def things(world: World) -> list[str]:
    """Routes under a challenge's address that name something of it."""
    return [
        name
        for name, rule in world.routes()
        if "slug" in rule.arguments and name in TABLE and set(TABLE[name].at) - SHARED.keys()
    ]


def test_nothing_of_one_challenge_is_reached_under_the_address_of_another(world: World) -> None:
    routes, reached = dict(world.routes()), []
    for name in things(world):
        method, row = name.split()[0], TABLE[name]
        before = world.version()
        answer = world.ask("other", method, world.address(routes[name], row, slug=OTHER), row)
        if answer.status_code not in (403, 404) or world.has_written(row, before):
            reached.append(f"{name}: {answer.status_code}")
            world.put_back()
    assert not reached, "; ".join(reached)
