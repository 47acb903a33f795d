"""Sessions are rows: ending one ends every copy of its cookie, at once."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from btm.services.passwords import hash_password
from btm.store.tables import DbAccount
from btm.store.transaction import transaction

from ..support.databases import rows, value
from .world import World

PASSWORD = "a long enough password"


@pytest.fixture
def person(world: World) -> int:
    """The player, who has a password now."""
    with transaction() as session:
        account = session.get_one(DbAccount, world.people["player"])
        account.password_hash = hash_password(PASSWORD)
    return world.people["player"]


def log_in(world: World, client: FlaskClient | None = None) -> FlaskClient:
    client = client or world.app.test_client()
    answer = client.post("/login", data={"handle": "player", "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    return client


def cookie(client: FlaskClient) -> str:
    found = client.get_cookie("btm")
    assert found is not None
    return found.value


def copy_of(world: World, client: FlaskClient) -> FlaskClient:
    """Somebody who has stolen the cookie."""
    thief = world.app.test_client()
    thief.set_cookie("btm", cookie(client))
    return thief


def is_in(client: FlaskClient) -> bool:
    return client.get("/me/settings").status_code == 200


def test_a_log_in_begins_a_new_session_and_ends_the_one_it_came_with(world: World, person: int) -> None:
    client = world.app.test_client()
    client.post("/c/spam/submissions", data={"url": "https://fresh.example/"})
    before = cookie(client)
    thief = copy_of(world, client)
    assert "fresh.example" in thief.get("/me/submissions").text
    log_in(world, client)
    assert cookie(client) != before
    assert not is_in(thief)
    assert "fresh.example" not in thief.get("/me/submissions").text, "a fixed session is worth nothing"


def test_logging_out_ends_every_copy_of_the_cookie(world: World, person: int) -> None:
    client = log_in(world)
    thief = copy_of(world, client)
    assert is_in(thief)
    assert client.post("/logout").status_code == 303
    assert not is_in(thief)
    assert not is_in(client)


def test_one_session_ends_from_another_and_nobody_elses_does(world: World, person: int) -> None:
    here, there = log_in(world), log_in(world)
    listed = re.findall(r"/me/settings/sessions/(\d+)/end", here.get("/me/settings").text)
    newest = value("SELECT max(id) FROM session WHERE account_id = :a", a=person)
    assert str(newest) in listed
    stranger = world.browsers["other"]
    stranger.post(f"/me/settings/sessions/{newest}/end")
    assert is_in(there), "somebody else's session"
    here.post(f"/me/settings/sessions/{newest}/end")
    assert not is_in(there)
    assert is_in(here)


def test_a_new_password_ends_every_other_session(world: World, person: int) -> None:
    here, there = log_in(world), log_in(world)
    answer = here.post("/me/settings/password", data={"old": PASSWORD, "new": "quite another long password"})
    assert answer.status_code == 303
    assert is_in(here)
    assert not is_in(there)


def test_only_a_hash_of_a_token_is_kept(world: World, person: int) -> None:
    client = log_in(world)
    with client.session_transaction() as session:
        token = session["t"]
    assert len(token) >= 43
    kept = [str(row) for row in rows("SELECT token_hash, device FROM session")]
    assert not [row for row in kept if token in row]


@pytest.mark.parametrize(
    "forged", ["", "x", "eyJ0IjoiMSJ9.aaaa.bbbb", "eyJ0IjoiMSJ9..", "\x7f" * 40, "a" * 3000]
)
def test_a_made_up_cookie_is_nobody(world: World, forged: str) -> None:
    client = world.app.test_client()
    client.set_cookie("btm", forged)
    assert client.get("/me/settings").status_code == 302
    assert client.get("/").status_code == 200


def test_the_cookie_is_kept_from_scripts_and_other_sites(world: World, person: int) -> None:
    answer = world.app.test_client().post("/login", data={"handle": "player", "password": PASSWORD})
    sent = answer.headers["Set-Cookie"]
    assert "HttpOnly" in sent
    assert "SameSite=Lax" in sent


def test_changing_the_secret_key_signs_nobody_out_while_the_old_one_is_named(
    world: World, person: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As docs/operations.md says: the new key, the old one as a fallback, and later without it."""
    old = str(world.app.secret_key)
    stays, sleeps = log_in(world), log_in(world)
    monkeypatch.setitem(world.app.config, "SECRET_KEY", "the newest key of all")
    monkeypatch.setitem(world.app.config, "SECRET_KEY_FALLBACKS", [old])
    before = cookie(stays)
    assert is_in(stays)
    assert cookie(stays) != before  # signed anew
    monkeypatch.setitem(world.app.config, "SECRET_KEY_FALLBACKS", None)
    assert is_in(stays)
    assert not is_in(sleeps)
