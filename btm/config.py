"""One frozen Settings, read once from BTM_* environment variables. docs/settings.md lists them, and a test checks that it does."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from btm.pages.addresses import parse_networks


@dataclass(frozen=True)
class Settings:
    """How one instance runs. Durations in seconds, sizes in bytes, limits in Flask-Limiter's words."""

    data_dir: Path
    database_url: str
    secret_key: str = field(repr=False)
    redis_url: str = ""
    public_url: str = ""
    trusted_hosts: tuple[str, ...] = ()
    trusted_proxies: int = 0
    fetch_allow_private: str = ""
    fetch_deadline: float = 10.0
    worker_threads: int = 16
    web_workers: int = 1
    web_threads: int = 16
    limit_log_in: str = "20 per minute; 200 per hour"
    limit_register: str = "60 per hour"
    limit_probe: str = "120 per minute; 3000 per day"
    limit_judge: str = "240 per minute"

    @property
    def is_secure(self) -> bool:
        """Whether people reach this instance by https, so that cookies may insist on it."""
        return self.public_url.startswith("https://")

    @property
    def snapshot_dir(self) -> Path:
        return self.data_dir / "snapshots"

    @property
    def machine_dir(self) -> Path:
        """Where packed machines are unpacked. Only a cache: what is lost is unpacked again."""
        return self.data_dir / "machines"

    @property
    def queue_file(self) -> Path:
        return self.data_dir / "queue.db"


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment. Makes the data folder, and a secret key in it where none is given.

    Raises ValueError with a sentence that names the variable to blame.
    """
    env = os.environ if environ is None else environ
    data_dir = Path(env.get("BTM_DATA_DIR") or "var").resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    settings = Settings(
        data_dir=data_dir,
        database_url=_database_url(env.get("BTM_DATABASE_URL", ""), data_dir),
        secret_key=env.get("BTM_SECRET_KEY") or _kept_secret(data_dir / "secret_key"),
        redis_url=env.get("BTM_REDIS_URL", ""),
        public_url=env.get("BTM_PUBLIC_URL", "").rstrip("/"),
        trusted_hosts=_list(env.get("BTM_TRUSTED_HOSTS", "")),
        trusted_proxies=_number(env, "BTM_TRUSTED_PROXIES", 0, least=0),
        fetch_allow_private=env.get("BTM_FETCH_ALLOW_PRIVATE", ""),
        fetch_deadline=float(_number(env, "BTM_FETCH_DEADLINE", 10)),
        worker_threads=_number(env, "BTM_WORKER_THREADS", 16),
        web_workers=_number(env, "BTM_WEB_WORKERS", 1),
        web_threads=_number(env, "BTM_WEB_THREADS", 16),
        limit_log_in=env.get("BTM_LIMIT_LOG_IN") or Settings.limit_log_in,
        limit_register=env.get("BTM_LIMIT_REGISTER") or Settings.limit_register,
        limit_probe=env.get("BTM_LIMIT_PROBE") or Settings.limit_probe,
        limit_judge=env.get("BTM_LIMIT_JUDGE") or Settings.limit_judge,
    )
    _check(settings)
    return settings


def _check(settings: Settings) -> None:
    if settings.public_url and urlsplit(settings.public_url).scheme not in ("http", "https"):
        raise ValueError("BTM_PUBLIC_URL must begin with http:// or https://")
    try:
        parse_networks(settings.fetch_allow_private)
    except ValueError as error:
        raise ValueError(f"BTM_FETCH_ALLOW_PRIVATE is no list of networks: {error}") from error
    if len(settings.secret_key) < 16:
        raise ValueError(
            "BTM_SECRET_KEY is too short; use at least 16 characters, or leave it out and one is made"
        )


def _database_url(given: str, data_dir: Path) -> str:
    if not given:
        return f"sqlite:///{data_dir / 'btm.db'}"
    for plain in ("postgres://", "postgresql://"):
        if given.startswith(plain):
            return "postgresql+psycopg://" + given.removeprefix(plain)
    return given


def _kept_secret(path: Path) -> str:
    """The instance's own key, made once. Of processes that start at once, the first to link its finished file wins."""
    if not path.exists():
        descriptor, draft = tempfile.mkstemp(
            prefix=".secret_key.", dir=path.parent
        )  # for the owner's eyes only
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        os.unlink(draft)
    return path.read_text().strip()


def _list(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _number(env: Mapping[str, str], name: str, default: int, least: int = 1) -> int:
    value = env.get(name, "")
    if not value:
        return default
    if not value.isdecimal() or int(value) < least:
        raise ValueError(f"{name} is {value!r}; it must be a whole number from {least} up")
    return int(value)
