"""No form is taken without its key, and none from another site's page: every route that writes, from the app's own URL map."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .table import TABLE
from .world import World

BY_TOKEN = ("api.", "api_")
"""Endpoints that take no cookie, and so need no key: whoever asks shows a token of their own."""


@pytest.fixture(autouse=True)
def checked(world: World) -> Iterator[None]:
    world.app.config["WTF_CSRF_ENABLED"] = True
    yield
    world.app.config["WTF_CSRF_ENABLED"] = False


def writing(world: World) -> list[str]:
    return [
        name
        for name, rule in world.routes()
        if not name.startswith("GET") and not rule.endpoint.startswith(BY_TOKEN)
    ]


@pytest.mark.parametrize("key", ["", "made up", "IjEyMzQi.aaaa.bbbb"])
def test_no_form_is_taken_without_the_key_of_its_page(world: World, key: str) -> None:
    routes, taken, before = dict(world.routes()), [], world.version()
    for name in writing(world):
        row = TABLE[name]
        form = {**row.form, **({"csrf_token": key} if key else {})}
        answer = world.browsers["admin"].open(
            world.address(routes[name], row), method=name.split()[0], data=form
        )
        if answer.status_code != 400 or "open for too long" not in answer.text:
            taken.append(f"{name}: {answer.status_code}")
    assert not taken, f"These take a form without its key: {'; '.join(taken)}"
    assert world.version() == before
