"""A small seeded game on SQLite, a browser for each role, and the database put back after each request that may write."""

from __future__ import annotations

import hashlib
import io
import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import url_for
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from btm.api import bearer
from btm.rules.tokens import SCOPES
from btm.services.mark_gold import mark_gold
from btm.services.sessions import start_session
from btm.services.tokens import find_bearer, make_token
from btm.store.tables import (
    DbAudit,
    DbChallenge,
    DbDelivery,
    DbDispute,
    DbGold,
    DbInvite,
    DbJudgement,
    DbPayoutBatch,
    DbReviewItem,
    DbRole,
    DbRound,
    DbScan,
    DbTask,
    DbWebhook,
    DbWork,
)
from btm.store.transaction import transaction
from btm.web import clock
from btm.web.limits import limiter

from ..support import rounds
from ..support.databases import Database, migrated
from ..support.game import Game, open_game
from ..support.rejudging import block, listen
from .kinds import ROLES, Row

SLUG, OTHER = "spam", "ham"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class World:
    """The app on the seeded game. `names` holds what the names in the table's rows stand for."""

    def __init__(self, database: Database, game: Game, folder: Path) -> None:
        self.app, self.game = database.app, game
        self.names: dict[str, str] = {}
        self._keys = itertools.count()
        self.people: dict[str, int] = {}
        self._file = sqlite3.connect(folder / "btm.db", timeout=30)
        seed(self)
        self._watch = sqlite3.connect(folder / "btm.db", timeout=30)
        self._kept = sqlite3.connect(":memory:")
        self._file.backup(self._kept)
        self._seeded = self.content()
        sign = SecureCookieSessionInterface().get_signing_serializer(self.app)
        assert sign is not None
        self._cookies = {role: sign.dumps({"t": f"token of {role}", "_permanent": True}) for role in ROLES}
        self.browsers = {role: self._browser(role) for role in ROLES}

    def routes(self) -> list[tuple[str, Rule]]:
        """Every `METHOD endpoint` of the app's URL map, with one rule of it."""
        found: dict[str, Rule] = {}
        for rule in self.app.url_map.iter_rules():
            for method in (rule.methods or set()) & set(METHODS):
                known = found.get(f"{method} {rule.endpoint}")
                if known is None or len(rule.arguments) > len(known.arguments):
                    found[f"{method} {rule.endpoint}"] = rule
        return sorted(found.items())

    def address(self, rule: Rule, row: Row, **changes: str) -> str:
        """The address that a row asks for."""
        values: dict[str, Any] = {"slug": SLUG, "name": "toy", **row.at} | changes
        known = {key: self.names.get(value, value) for key, value in values.items() if key in rule.arguments}
        with self.app.test_request_context():
            return url_for(rule.endpoint, **known, **row.args)

    def ask(self, role: str, method: str, address: str, row: Row) -> TestResponse:
        """A role's browser asks. The stranger and the visitor come anew each time, since a session may be made for them."""
        browser = self.browsers[role] if role != "stranger" else self.app.test_client()
        if row.by_token:
            return self._ask_by_token(role, method, address, row)
        form = {key: self._sent(value) for key, value in row.form.items()}
        sent = {"data": form} if method != "GET" else {}
        answer = browser.open(address, method=method, headers=dict(row.headers), **sent)
        answer.get_data()
        return answer

    def _ask_by_token(self, role: str, method: str, address: str, row: Row) -> TestResponse:
        headers = dict(row.headers)
        if role not in ("stranger", "visitor"):
            headers["Authorization"] = f"Bearer btm_{role}"
        if method != "GET":
            headers["Idempotency-Key"] = f"{role}-{next(self._keys)}"
        body = {
            key: self.names.get(value, value) if isinstance(value, str) else value
            for key, value in row.form.items()
        }
        sent = {"json": body} if method != "GET" else {}
        return self.app.test_client().open(address, method=method, headers=headers, **sent)

    def has_written(self, row: Row, before: int) -> bool:
        """Whether anything was written since `before` (a version) of the seeded game. By token, a call under its key may have been
        begun and let go."""
        return self.version() != before and (not row.by_token or self.content() != self._seeded)

    def content(self) -> str:
        """All that is written, without what says who called with which key."""
        told = (line for line in self._watch.iterdump() if '"api_call"' not in line)
        return hashlib.sha256("\n".join(told).encode()).hexdigest()

    def _sent(self, value: str | bytes) -> Any:
        return (io.BytesIO(value), "pages.csv") if isinstance(value, bytes) else self.names.get(value, value)

    def version(self) -> int:
        """A number that moves whenever anybody writes."""
        return int(self._watch.execute("PRAGMA data_version").fetchone()[0])

    def put_back(self) -> None:
        """The database as it was seeded, and browsers that are signed in."""
        self._kept.backup(self._file)
        self.browsers = {role: self._browser(role) for role in ROLES}

    def _browser(self, role: str) -> FlaskClient:
        client = self.app.test_client()
        if role != "stranger":
            client.set_cookie("btm", self._cookies[role])
        return client

    def close(self) -> None:
        for connection in (self._file, self._watch, self._kept):
            connection.close()


@contextmanager
def open_world(folder: Path) -> Iterator[World]:
    with migrated("sqlite", folder) as database:
        database.app.config.update(WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
        limiter.enabled = False
        game = open_game(database)
        before, clock.now, bearer.now = clock.now, game.clock, game.clock
        world = World(database, game, folder)
        try:
            yield world
        finally:
            limiter.enabled, clock.now, bearer.now = True, before, before
            world.close()


def seed(world: World) -> None:
    """Two challenges, a person of each role, and one of each thing that a route may name, all of the challenge `spam`."""
    game, names = listen(world.game), world.names
    game.challenge(SLUG, gold_rate_start=0.0, gold_rate_floor=0.0)
    game.challenge(OTHER, target="ham")
    people = world.people = {
        "visitor": game.visitor(), "player": game.player("player"), "verifier": game.judge(handle="verifier"),
        "blocked": game.judge(handle="blocked"), "modeler": game.player("modeler"), "other": game.player("other"),
        "admin": game.player("admin"),
    }  # fmt: skip
    names["judge"] = str(people["verifier"])
    with transaction() as session:
        for who, role, scope in (
            ("modeler", "modeler", SLUG),
            ("other", "modeler", OTHER),
            ("admin", "admin", ""),
        ):
            session.add(DbRole(account_id=people[who], role=role, scope=scope, granted_at=game.clock()))
    names["rejected"] = game.settled("ham", people["player"])
    names["quoted"] = game.quoted(people["player"])
    judged = game.committed(game.player())
    game.judge_says(judged, "spam", people["verifier"])
    game.judge_says(judged, "spam", people["blocked"])
    names["find"] = game.settled("spam")
    names["settled"] = game.item(names["find"]).public_id
    block(game, people["blocked"])
    names["gold"] = gold(world)
    names["item-open"] = game.item(game.committed(game.player())).public_id
    rounds.add_corpus(game)
    names["cluster"] = "c-knitting"
    add_rows(world)
    game.bell.hold()
    for role, account_id in people.items():
        start_session(account_id, new_token=f"token of {role}", device="A browser", now=game.clock())
        if role != "visitor":
            make_token(account_id, role, SCOPES, days=30, secret=role, now=game.clock())
            find_bearer(f"btm_{role}", now=game.clock())  # so that it is noted already when it was last used


def gold(world: World) -> str:
    """A gold page, missed by the verifier and by another judge, who disputes it."""
    game = world.game
    item = game.item(game.settled("spam"))
    public_id = mark_gold(
        SLUG, item.public_id, truth=None, why="It sells.", asker_id=None, now=game.clock(), new_id="gold"
    )
    judges = world.people["verifier"], game.judge()
    with transaction() as session:
        challenge = session.query(DbChallenge).filter_by(slug=SLUG).one()
        gold_id = session.query(DbGold.id).filter_by(public_id=public_id).scalar()
        for number, judge in enumerate(judges):
            copy = DbReviewItem(
                public_id=f"gold{number}", challenge_id=challenge.id, page_id=item.page_id, topic=SLUG, origin="gold",
                state="settled", gold_id=gold_id, for_judge_id=judge, shuffle=0.5, opened_at=game.clock(),
                deadline_at=game.clock(), verdict="spam", decided_at=game.clock(),
            )  # fmt: skip
            session.add(copy)
            session.flush()
            said = DbJudgement(
                item_id=copy.id, judge_id=judge, label="ham", seconds=9.0, judged_at=game.clock(), round=0
            )
            session.add(said)
            session.flush()
            world.names["missed" if number == 0 else "disputed"] = str(said.id)
        dispute = DbDispute(
            gold_id=gold_id,
            judgement_id=said.id,
            judge_id=judge,
            reason="No.",
            state="open",
            made_at=game.clock(),
        )
        session.add(dispute)
        session.flush()
        world.names["dispute"] = str(dispute.id)
    return public_id


def add_rows(world: World) -> None:
    """An inspection, rounds, long work, and a page that nobody could decide."""
    game, names = world.game, world.names
    undecided = game.committed(game.player())
    names["undecided"] = game.item(undecided).public_id
    with transaction() as session:
        session.query(DbReviewItem).filter_by(public_id=names["undecided"]).update({"state": "undecided"})
        challenge = session.query(DbChallenge).filter_by(slug=SLUG).one()
        own = {"challenge_id": challenge.id}
        machine = challenge.machine_id
        session.add(
            DbAudit(
                public_id="audit", machine_id=machine, data="pool", wanted=1, pool=1, strata=[], state="done",
                created_at=game.clock(), **own,
            )
        )  # fmt: skip
        for name, state in (("batch", "open"), ("paid", "paid")):
            session.add(
                DbPayoutBatch(
                    public_id=name, platform="local", state=state, cutoff=game.clock(), least_cents=1, created_at=game.clock(),
                )
            )  # fmt: skip
        session.add(DbInvite(code="invite", kind="play", most_uses=5, created_at=game.clock(), **own))
        session.add(
            DbWork(
                public_id="work", platform="mturk", kind="play", title="Find", description="Find.", pieces=1, places=1,
                reward_cents=1, minutes=1, days=1, requirements={}, url="", completion_code="", state="open",
                created_at=game.clock(), **own,
            )
        )  # fmt: skip
        session.add(
            DbTask(
                public_id="task", kind="train", state="failed", message="Too few rows", input={}, result={},
                created_at=game.clock(), **own,
            )
        )  # fmt: skip
        report: dict[str, Any] = {"open": 9, "bad": [["empty", 1]], "clusters": [], "sent": 0}
        session.add(
            DbScan(
                public_id="scan", machine_id=machine, source="crawl.warc.gz", pages=10, report=report, created_at=game.clock(),
                **own,
            )
        )  # fmt: skip
        hook = DbWebhook(
            public_id="hook",
            url="https://hooks.example/",
            secret="",
            events=["verdict"],
            created_at=game.clock(),
            **own,
        )
        session.add(hook)
        session.flush()
        session.add(
            DbDelivery(
                public_id="delivery", webhook_id=hook.id, key="verdict", event="verdict", body="{}", state="sent",
                fence=1, tries=1, created_at=game.clock(), answer="answered 200",
            )
        )  # fmt: skip
        for number, (name, state) in enumerate((("round", "ready"), ("promoted", "promoted"))):
            session.add(
                DbRound(
                    public_id=name, number=number + 1, kind="correction", state=state, data={}, base_machine_id=machine,
                    candidate_id=machine, report={}, started_at=game.clock(), **own,
                )
            )  # fmt: skip
