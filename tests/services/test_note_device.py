from __future__ import annotations

from btm.services.note_device import note_device

from ..support.databases import rows
from ..support.game import Game


def test_a_device_is_noted_once_a_person(game: Game) -> None:
    first, second = game.player(), game.player()
    for account in (first, first, second):
        game.clock.advance(hours=1)
        note_device(account, fingerprint="one", now=game.clock())
    assert rows("SELECT account_id FROM fingerprint ORDER BY id") == [(first,), (second,)]
