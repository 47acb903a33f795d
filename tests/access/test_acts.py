"""What privileged people do is on record: every route of theirs that changes something, or takes the corpus away."""

from __future__ import annotations

import pytest

from btm.services import roles
from btm.services.log_in import log_in
from btm.store.acts import list_acts
from btm.store.transaction import reading

from ..support.databases import rows, value
from .table import TABLE
from .world import World

EXPORTS = [name for name in TABLE if name.startswith("GET corpus.export")]
CHANGES = [
    name
    for name, row in TABLE.items()
    if row.is_privileged and not name.startswith("GET") and row.ok < 400 and not row.unrecorded
]


@pytest.mark.parametrize("name", sorted(CHANGES + EXPORTS))
def test_what_a_modeler_does_leaves_an_act_on_record(world: World, name: str) -> None:
    method, row = name.split()[0], TABLE[name]
    role = "modeler" if row.expected("modeler", method) == row.ok else "admin"
    if name.endswith(".lift"):
        row = TABLE[name]
        blocked = {"account_id": str(world.people["blocked"])}
        address = world.address(dict(world.routes())[name], row, **blocked)
    else:
        address = world.address(dict(world.routes())[name], row)
    before = int(str(value("SELECT coalesce(max(id), 0) FROM act")))
    answer = world.ask(role, method, address, row)
    assert answer.status_code == row.ok, answer.text
    added = rows("SELECT actor_id, verb, subject FROM act WHERE id > :before", before=before)
    assert added, (
        f"{name} leaves nothing on record. Call btm.store.acts.record_act in the transaction of what it does, or say in its row of the "
        "access table why it need not (unrecorded=...)."
    )
    assert {actor for actor, _, _ in added} == {world.people[role]}


def test_nothing_that_was_refused_is_on_record(world: World) -> None:
    before = value("SELECT count(*) FROM act")
    routes = dict(world.routes())
    for name in CHANGES + EXPORTS:
        world.ask("other", name.split()[0], world.address(routes[name], TABLE[name]), TABLE[name])
    assert value("SELECT count(*) FROM act WHERE subject LIKE '%spam%'") == before


def test_what_the_operator_does_to_accounts_is_on_record_without_a_secret(world: World) -> None:
    now = world.game.clock()
    roles.grant_role("player", "modeler", slug="spam", now=now)
    roles.grant_role("player", "modeler", slug="spam", now=now)
    roles.qualify_account("player", "spam", now=now)
    roles.reset_password("player", "a very secret password", now=now)
    with reading() as session:
        found = [(act.verb, act.actor_id) for act, _ in list_acts(session, subject="account:player")]
    assert found == [("reset_password", None), ("qualify_account", None), ("grant_role", None)]
    assert "secret" not in str(rows("SELECT detail FROM act"))
    log_in("player", "a very secret password", visitor_id=None, new_token="x", device="", now=now)
