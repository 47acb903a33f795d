from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from btm import logs
from btm.config import read_settings

SECRETS = {
    "BTM_SECRET_KEY": "a key that nobody may read",
    "BTM_SECRET_KEY_FALLBACKS": "an older key of ours",
    "BTM_DATABASE_URL": "postgresql://btm:pass%2Fword-of-db@db.internal/btm",
    "BTM_METRICS_TOKEN": "scrape-me-if-you-can",
    "BTM_PROLIFIC_TOKEN": "prolific-token",
    "BTM_MTURK_SECRET_KEY": "mturk-secret",
}


def formatter(tmp_path: Path, kind: str) -> logging.Formatter:
    return logs.formatter_for(
        read_settings({"BTM_DATA_DIR": str(tmp_path), "BTM_LOG_FORMAT": kind, **SECRETS})
    )


def record(message: str, *args: object, **more: object) -> logging.LogRecord:
    return logging.getLogger("btm.test").makeRecord(
        "btm.test", logging.WARNING, "", 0, message, args, None, **more
    )  # type: ignore[arg-type]


def test_a_line_of_json_has_its_ids_and_figures(tmp_path: Path) -> None:
    with logs.named(request="r-1"), logs.named(submission="abc"):
        line = json.loads(
            formatter(tmp_path, "json").format(record("it took %s", 3, extra={"btm": {"ms": 3}}))
        )
    assert line["message"] == "it took 3"
    assert (line["level"], line["logger"]) == ("WARNING", "btm.test")
    assert (line["request"], line["submission"], line["ms"]) == ("r-1", "abc", 3)
    assert line["at"].endswith("+00:00")
    assert "request" not in json.loads(formatter(tmp_path, "json").format(record("later")))


def test_a_message_of_several_lines_is_one_line_of_json(tmp_path: Path) -> None:
    assert "\n" not in formatter(tmp_path, "json").format(record("one\ntwo"))


@pytest.mark.parametrize("kind", ["json", "plain"])
def test_no_secret_of_the_settings_is_ever_written(tmp_path: Path, kind: str) -> None:
    words = [*SECRETS.values(), "pass%2Fword-of-db", "pass/word-of-db"]
    try:
        raise ValueError(" ".join(words))
    except ValueError as error:
        seen = record("%s", " ".join(words))
        seen.exc_info = (type(error), error, error.__traceback__)
    line = formatter(tmp_path, kind).format(seen)
    assert "***" in line
    for word in ("nobody may read", "older key", "word-of-db", "scrape-me", "prolific-token", "mturk-secret"):
        assert word not in line, word


def test_a_line_for_people_ends_with_its_ids(tmp_path: Path) -> None:
    with logs.named(work="examine:3"):
        assert formatter(tmp_path, "plain").format(record("it failed")).endswith("it failed [work=examine:3]")


@pytest.mark.parametrize("kind", ["json", "plain"])
def test_no_token_in_an_address_is_ever_written(tmp_path: Path, kind: str) -> None:
    token = "Zk3vQ9a1B2c3D4e5-F6g7H8i9J0_k1L2m3N4o5P6q7R"
    line = formatter(tmp_path, kind).format(record("Error handling request %s", f"/at/{token}/c/drugs"))
    assert token not in line
    assert "/at/***/c/drugs" in line
