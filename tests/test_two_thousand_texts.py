"""From 2,000 labelled texts in a CSV and an empty database to a live challenge with a machine trained on them: by command line, by
console, by API. Each way is the one that the README names."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextvars import Context
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from btm.services import roles
from btm.services.run_task import TaskTools, run_task
from btm.services.show_challenge import show_challenge
from btm.services.show_machine_report import show_machine_report
from btm.services.tokens import make_token_for

from .support import two_thousand as own
from .support.clock import WEDNESDAY_NOON
from .support.databases import Database, migrated, rows
from .support.sitting import Sitting

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Database]:
    """A migrated database with nothing in it."""
    with migrated("sqlite", tmp_path) as made, made.app.app_context():
        yield made


README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def it_is_live_with_its_machine() -> None:
    view = show_challenge(own.SLUG, now=WEDNESDAY_NOON)
    assert (view.card.state, view.card.machine_name) == ("live", own.MACHINE)
    report = show_machine_report(own.MACHINE, None)
    [figure] = [
        figure
        for label in report.labels
        if label.label == own.TARGET
        for figure in label.figures
        if figure.key == "auc"
    ]
    assert figure.value is not None
    assert figure.value > 0.9
    assert report.evaluation.rows >= 300


def test_by_command_line(empty: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pages.csv").write_bytes(own.csv_file())
    Path("challenge.yaml").write_text(own.DESIGN, encoding="utf-8")
    runner = empty.app.test_cli_runner()

    def btm(*arguments: str, code: int = 0) -> str:
        assert f"btm {arguments[0]} {arguments[1]} " in README
        done = runner.invoke(args=["btm", *arguments])
        assert done.exit_code == code, done.output
        return str(done.stdout)

    btm("challenge", "create", "challenge.yaml")
    assert "[machine]" in btm("challenge", "check", own.SLUG, code=1)
    train = ("machine", "train", "--challenge", own.SLUG, "--data", "pages.csv", "--json")
    made = json.loads(btm(*train))
    assert made["left_out"] == 0
    btm("machine", "activate", "--challenge", own.SLUG, own.MACHINE)
    assert "Ready to go live" in btm("challenge", "check", own.SLUG)
    btm("challenge", "resume", own.SLUG)
    it_is_live_with_its_machine()


def test_by_console(empty: Database) -> None:
    now = datetime.now(UTC)
    assert roles.make_first_admin("admin", "the one-time password", now=now)
    me = Sitting(empty.app.test_client())
    for words in (
        "Console", "Write challenges", "New challenge", "An empty sheet", "Make the draft", "Machine",
        "Train one from labelled pages", "Check and open", "Go live",
    ):  # fmt: skip
        assert f"*{words}*" in README
    me.go("/login")
    me.fill("Name", "admin")
    me.fill("Password", "the one-time password")
    me.press("Log in")
    me.go("/console")
    me.follow("Write challenges")
    me.follow("New challenge")
    me.fill("Title", "Pages about drinks that look like something else")
    me.choose("An empty sheet")
    me.press("Make the draft")
    for label, value in (
        ("Address", own.SLUG), ("Which pages are sought", "Pages about drinks that the machine misses."),
        ("What players read first", "The machine says whether a page is about drinks. Find those that it misses."),
        ("The question that judges", "Is this page about drinks?"),
    ):  # fmt: skip
        me.fill(label, value)
    for nth, (text, why) in enumerate(
        (("A cellar's notes.", "It is about wine."), ("A cake.", "The rum is a spice."))
    ):
        me.fill("Example 1", text, nth)
        me.fill("Why", why, nth)
    me.press("Save and go on")
    for nth, key in enumerate((own.TARGET, own.OTHER)):
        me.fill("Name", f"Answer {key}", nth)
        me.fill("Key", key, nth)
        me.fill("What the machine says", f"this page is {key}", nth)
    me.choose("Label 1 is the target")
    me.press("Save and go on")
    me.press("Save and go on")
    me.fill("Starting budget", "200000")
    me.press("Save and go on")
    me.press("Save and go on")
    for nth, key in enumerate((own.TARGET, own.OTHER)):
        me.fill("Its text", f"A page that is {key}.", nth)
        me.fill("The right answer", f"Answer {key}", nth)
        me.press("Add a page")
    me.press("Save and go on")
    me.follow("Train one from labelled pages")
    me.attach("Labelled pages", own.csv_file(), "pages.csv")
    me.fill("Name", own.MACHINE)
    me.press("Train")
    work(empty)
    me.go(me.path)
    assert "It is trained" in me.text
    me.go(f"/console/c/{own.SLUG}/write/machine")
    me.choose(own.MACHINE)
    me.press("Save and go on")
    me.follow("Check and open")
    me.press("Go live")
    it_is_live_with_its_machine()


def test_by_api(empty: Database) -> None:
    now = datetime.now(UTC)
    assert roles.make_first_admin("admin", "the one-time password", now=now)
    token = make_token_for("admin", "mine", ["model"], days=1, secret="s" * 43, now=now)
    client, keys = empty.app.test_client(), itertools.count()

    def ask(method: str, path: str, body: object = None) -> Any:
        plain = path.replace(own.MACHINE, "NAME").replace(own.SLUG, "mine").replace(version, "VERSION")
        assert f"{method} /api/v1{plain}".replace(public_id, "ID") in README or path.endswith("/draft")
        head = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"key-{next(keys)}"}
        answer = Context().run(client.open, f"/api/v1{path}", method=method, json=body, headers=head)
        assert answer.status_code < 300, answer.text
        return answer.json

    mine, public_id, version = f"/challenges/{own.SLUG}", "ID", "VERSION"
    draft = ask("POST", "/challenge-files", {"yaml": own.DESIGN})
    assert [each["field"] for each in draft["missing"] if each["is_must"]] == ["machine"]
    task = ask("POST", f"{mine}/machines", {"name": own.MACHINE, "data": own.csv_file().decode()})
    work(empty)
    public_id = task["public_id"]
    task = ask("GET", f"/tasks/{public_id}")
    assert (task["state"], task["bad_count"]) == ("done", 0)
    version = task["machine_version"]
    ask("POST", f"{mine}/machines/{own.MACHINE}/{version}/activate")
    assert ask("GET", f"{mine}/draft")["is_ready"]
    ask("POST", f"{mine}/state", {"state": "live"})
    it_is_live_with_its_machine()


def work(made: Database) -> None:
    """What the worker does, once."""
    parts = made.app.extensions
    tools = TaskTools(
        parts["btm_reader"](), parts["btm_snapshots"], parts["btm_machines"], lambda: datetime.now(UTC)
    )
    for [task_id] in rows("SELECT id FROM task WHERE state = 'queued'"):
        run_task(int(str(task_id)), tools)
