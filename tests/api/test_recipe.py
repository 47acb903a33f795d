"""The client in docs/api.md, as it stands there, against a server: from a file and rows to a live challenge."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from btm.services import roles
from btm.services.run_task import TaskTools, run_task
from btm.services.tokens import make_token_for

from ..support import two_thousand as own
from ..support.databases import Database, migrated, rows

RECIPE = Path(__file__).parents[2] / "docs" / "api.md"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[Database, str]]:
    with migrated("sqlite", tmp_path) as made, made.app.app_context():
        running = make_server("127.0.0.1", 0, made.app, threaded=True)
        thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield made, f"http://127.0.0.1:{running.server_port}"
        finally:
            running.shutdown()
            thread.join()
            running.server_close()


def recipe() -> dict[str, Any]:
    """Everything that the page's Python says."""
    names: dict[str, Any] = {}
    program = "\n".join(re.findall(r"```python\n(.*?)```", RECIPE.read_text(encoding="utf-8"), re.DOTALL))
    exec(
        compile("from __future__ import annotations\nimport hashlib, hmac\n" + program, str(RECIPE), "exec"),
        names,
    )
    return names


def test_the_recipe_goes_from_a_file_and_rows_to_a_live_challenge(server: tuple[Database, str]) -> None:
    made, base = server
    now = datetime.now(UTC)
    roles.make_first_admin("ada", "a long password", now=now)
    token = make_token_for("ada", "recipe", ["model", "read"], days=1, secret="for-a-test", now=now)
    names = recipe()
    client = names["Client"](base, token)

    def work() -> None:
        with made.app.app_context():
            parts = made.app.extensions
            tools = TaskTools(
                parts["btm_reader"](),
                parts["btm_snapshots"],
                parts["btm_machines"],
                lambda: datetime.now(UTC),
            )
            for (task_id,) in rows("SELECT id FROM task WHERE state = 'queued'"):
                run_task(int(str(task_id)), tools)

    wait = client.wait

    def waiting(path: str, *states: str) -> Any:
        work()
        return wait(path, *states)

    client.wait = waiting
    texts = [{"text": text, "label": label} for text, label in own._invented()][:200]
    live = names["go_live"](client, own.DESIGN, texts, own.MACHINE)
    assert (live["state"], live["design"]["machine"]) == ("live", own.MACHINE)
    assert [each["slug"] for each in client.every("/authored?limit=1")] == [own.SLUG]
    with pytest.raises(names["Problem"], match="404 not_found"):
        client.ask("GET", "/challenges/nowhere")


def test_the_recipe_tells_our_deliveries_from_others() -> None:
    from btm.rules.webhooks import signature

    is_ours, header = recipe()["is_ours"], signature("s3cret", 1_700_000_000, b"{}")
    assert is_ours("s3cret", header, b"{}", 1_700_000_100)
    assert not is_ours("s3cret", header, b"{ }", 1_700_000_100)
    assert not is_ours("other", header, b"{}", 1_700_000_100)
    assert not is_ours("s3cret", header, b"{}", 1_700_001_000)
