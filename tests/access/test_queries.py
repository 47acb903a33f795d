"""How many questions each page asks the database: few, and as many with many rows as with a few.

The pages are those of the access table, and so of the app's own URL map: a new page is counted without a word here.
"""

from __future__ import annotations

from btm.services.mark_gold import mark_gold
from btm.store.tables import DbAudit, DbChallenge, DbInvite, DbPayoutBatch
from btm.store.transaction import transaction

from ..support.counting import counted
from ..support.finding import finds
from .kinds import ROLES
from .table import TABLE
from .world import SLUG, World

MOST = 45
"""So many questions at most, who is asking included."""
MORE: dict[str, int] = {}
"""Pages that may ask more, and how many."""
ALLOWED = 1
"""A page may ask one thing more once there is something of a kind."""
GROWN = 20


def page_names() -> list[str]:
    return sorted(name for name in TABLE if name.startswith("GET "))


def asked(world: World) -> dict[str, int]:
    """How many questions each page asks the second time that it is asked for: by the player or verifier where they may, who have rows
    of their own."""
    counts, routes = {}, dict(world.routes())
    for name in page_names():
        row = TABLE[name]
        wanted = ["verifier" if "review" in name else "player", *reversed(ROLES)]
        role = next((role for role in wanted if row.expected(role, "GET") == 200), None)
        if role is None:
            continue
        address = world.address(routes[name], row)
        world.ask(role, "GET", address, row)
        with counted() as sent:
            world.ask(role, "GET", address, row)
        counts[name] = len(sent)
    return counts


def grow(world: World) -> None:
    """Twenty more of what pages list: submissions, judgements, judges, players, finds, gold, and rows of the console's lists."""
    game, people = world.game, world.people
    game.bell.is_held = False
    for number in range(GROWN):
        player = people["player"] if number % 3 else game.player()
        public_id = game.committed(player)
        if number % 5 != 4:
            game.judge_says(public_id, "spam" if number % 2 else "ham", people["verifier"])
            game.judged(public_id, "spam" if number % 2 else "ham")
        if number % 5 == 3 and game.item(public_id).verdict is not None:
            mark_gold(
                SLUG, game.item(public_id).public_id, truth=None, why="It is.", asker_id=None, now=game.clock(),
                new_id=game.new("gold"),
            )  # fmt: skip
    finds(game, "knitting", 8)
    with transaction() as session:
        challenge = session.query(DbChallenge).filter_by(slug=SLUG).one()
        own = {"challenge_id": challenge.id}
        for number in range(GROWN):
            session.add(
                DbAudit(
                    public_id=f"audit{number}", machine_id=challenge.machine_id, data="pool", wanted=1, pool=1, strata=[],
                    state="done", created_at=game.clock(), **own,
                )
            )  # fmt: skip
            session.add(
                DbPayoutBatch(
                    public_id=f"batch{number}", platform="local", state="open", cutoff=game.clock(), least_cents=1,
                    created_at=game.clock(),
                )
            )  # fmt: skip
            session.add(
                DbInvite(code=f"invite{number}", kind="play", most_uses=5, created_at=game.clock(), **own)
            )
    game.bell.hold()


def test_every_page_asks_little_and_no_more_with_many_rows(world: World) -> None:
    before = asked(world)
    grow(world)
    after = asked(world)
    wordy = {name: n for name, n in after.items() if n > MORE.get(name, MOST)}
    growing = {name: (n, after[name]) for name, n in before.items() if after[name] > n + ALLOWED}
    assert not wordy, f"these pages ask the database too much: {wordy}"
    assert not growing, f"these pages ask the more the more rows there are: {growing}"
