"""What is logged, and how: lines for people or JSON for programs, with the request's and the submission's id, without any secret."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from gunicorn.glogging import Logger

from btm.config import Settings, read_settings

PLAIN = "%(asctime)s %(levelname)s %(name)s: %(message)s"
LEAST_SECRET = 6
"""Shorter words would be blotted out wherever they stand by chance."""
WORKER_PATH = r"(?<=/at/)[\w-]{43}"
"""What stands for a cookie in the addresses of a platform's frame: see btm.web.frames."""
_ids: ContextVar[dict[str, str] | None] = ContextVar("btm_log_ids", default=None)


@contextmanager
def named(**ids: str) -> Iterator[None]:
    """Put ids (request, submission, work) on every line that is logged inside the block."""
    token = _ids.set({**(_ids.get() or {}), **ids})
    try:
        yield
    finally:
        _ids.reset(token)


def name(**ids: str) -> None:
    """Put ids on every later line of this context, until `unname`."""
    _ids.set({**(_ids.get() or {}), **ids})


def unname() -> None:
    """Put no ids on later lines."""
    _ids.set(None)


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """Every word of the settings that may stand in no log, longest first."""
    keys = settings.platforms
    found = {
        settings.secret_key, *settings.secret_key_fallbacks, settings.metrics_token, keys.mturk_access_key,
        keys.mturk_secret_key, keys.prolific_token,
    }  # fmt: skip
    for address in (settings.database_url, settings.redis_url, settings.fetch_proxy):
        password = urlsplit(address).password if "://" in address else None
        found |= {password, unquote(password)} if password else set()
    return tuple(sorted((word for word in found if len(word) >= LEAST_SECRET), key=len, reverse=True))


class Blotting(logging.Formatter):
    """A formatter that writes *** for every secret of the settings, and for every token in an address."""

    def __init__(self, layout: str, secrets: Iterable[str]) -> None:
        super().__init__(layout)
        self._secret = re.compile("|".join([*map(re.escape, secrets), WORKER_PATH]))

    def blot(self, text: str) -> str:
        """The text without secrets."""
        return self._secret.sub("***", text)

    def format(self, record: logging.LogRecord) -> str:
        """One line for people, with the ids at its end; a traceback follows where there is one."""
        ids = " ".join(f"{key}={value}" for key, value in _of(record).items())
        whole = super().format(record)
        first, line_end, rest = whole.partition("\n")
        return self.blot(f"{first} [{ids}]{line_end}{rest}" if ids else whole)


class JsonLines(Blotting):
    """The same as one JSON object a line: at, level, logger, message, the ids, and error with the traceback."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__("%(message)s", secrets)

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname, "logger": record.name, "message": record.getMessage(), "process": record.process,
            **_of(record),
        }  # fmt: skip
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        blotted = {key: self.blot(value) if isinstance(value, str) else value for key, value in line.items()}
        return json.dumps(blotted, ensure_ascii=False, default=str)


def _of(record: logging.LogRecord) -> dict[str, Any]:
    """The ids of the context, and the figures that the line itself brings as `extra={"btm": ...}`."""
    return {**(_ids.get() or {}), **getattr(record, "btm", {})}


def formatter_for(settings: Settings) -> logging.Formatter:
    """How lines of this instance look."""
    secrets = secrets_of(settings)
    return JsonLines(secrets) if settings.log_format == "json" else Blotting(PLAIN, secrets)


def set_up_logs(settings: Settings) -> None:
    """Log to standard error as the settings say. For processes of ours; a test or a library keeps its own handlers."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter_for(settings))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("btm").setLevel(settings.log_level)


class GunicornLogger(Logger):  # type: ignore[misc]
    """The web server's own lines in the same form: `gunicorn --logger-class btm.logs.GunicornLogger`."""

    def setup(self, cfg: Any) -> None:
        """See gunicorn."""
        super().setup(cfg)
        formatter = formatter_for(read_settings())
        for handler in self.error_log.handlers:
            handler.setFormatter(formatter)
