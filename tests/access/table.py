"""Every route x method x role x status. A row for each `METHOD endpoint` of the app's own URL map; see rows_*.py.

A new route: add a `Row` to the rows of its wing, of the kind that fits (kinds.py says what each answers to whom), such as

    "GET console_judges.judge": Row(MODELER, at={"account_id": "judge"}),

Values in `at` are names of things in the seeded game (world.py), or stand for themselves.
"""

from __future__ import annotations

from .kinds import Row
from .rows_api import ROWS as API
from .rows_console import ROWS as CONSOLE
from .rows_game import ROWS as GAME
from .rows_public import ROWS as PUBLIC

TABLE: dict[str, Row] = {**PUBLIC, **GAME, **CONSOLE, **API}
