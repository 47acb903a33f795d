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

from btm.pages.addresses import parse_address, parse_networks
from btm.pages.proxy import parse_proxy
from btm.pages.snapshot import place_of
from btm.platforms.keys import PlatformKeys

LOG_FORMATS = ("plain", "json")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


@dataclass(frozen=True)
class Settings:
    """How one instance runs. Durations in seconds, sizes in bytes, limits in Flask-Limiter's words."""

    data_dir: Path
    database_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    redis_url: str = field(default="", repr=False)
    public_url: str = ""
    trusted_hosts: tuple[str, ...] = ()
    trusted_proxies: int = 0
    fetch_allow_private: str = ""
    fetch_deadline: float = 10.0
    worker_threads: int = 32
    web_workers: int = 1
    web_threads: int = 16
    limit_log_in: str = "20 per minute; 200 per hour"
    limit_register: str = "60 per hour"
    limit_probe: str = "120 per minute; 3000 per day"
    limit_judge: str = "240 per minute"
    limit_api: str = "600 per minute"
    platforms: PlatformKeys = field(default=PlatformKeys(), repr=False)
    secret_key_fallbacks: tuple[str, ...] = field(default=(), repr=False)
    snapshot_url: str = ""
    snapshot_endpoint: str = ""
    own_addresses: tuple[str, ...] = ()
    fetch_proxy: str = field(default="", repr=False)
    log_format: str = "plain"
    log_level: str = "WARNING"
    metrics_token: str = field(default="", repr=False)
    metrics_networks: str = ""
    keep_devices_days: int = 90
    keep_refused_days: int = 30
    keep_payees_days: int = 90
    payout_four_eyes: bool = False
    report_contact: str = ""

    @property
    def is_secure(self) -> bool:
        """Whether people reach this instance by https, so that cookies may insist on it."""
        return self.public_url.startswith("https://")

    @property
    def snapshot_dir(self) -> Path:
        return self.data_dir / "snapshots"

    @property
    def snapshot_place(self) -> str:
        """Where snapshots are kept, as btm.pages.snapshot.open_snapshots takes it."""
        if self.snapshot_url:
            return place_of(self.snapshot_url, self.snapshot_endpoint)
        return str(self.snapshot_dir)

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
        worker_threads=_number(env, "BTM_WORKER_THREADS", 32),
        web_workers=_number(env, "BTM_WEB_WORKERS", 1),
        web_threads=_number(env, "BTM_WEB_THREADS", 16),
        limit_log_in=env.get("BTM_LIMIT_LOG_IN") or Settings.limit_log_in,
        limit_register=env.get("BTM_LIMIT_REGISTER") or Settings.limit_register,
        limit_probe=env.get("BTM_LIMIT_PROBE") or Settings.limit_probe,
        limit_judge=env.get("BTM_LIMIT_JUDGE") or Settings.limit_judge,
        limit_api=env.get("BTM_LIMIT_API") or Settings.limit_api,
        platforms=_platforms(env),
        secret_key_fallbacks=_list(env.get("BTM_SECRET_KEY_FALLBACKS", "")),
        snapshot_url=env.get("BTM_SNAPSHOT_URL", "").rstrip("/"),
        snapshot_endpoint=env.get("BTM_SNAPSHOT_ENDPOINT", ""),
        own_addresses=_list(env.get("BTM_OWN_ADDRESSES", "")),
        fetch_proxy=env.get("BTM_FETCH_PROXY", ""),
        log_format=env.get("BTM_LOG_FORMAT") or Settings.log_format,
        log_level=(env.get("BTM_LOG_LEVEL") or Settings.log_level).upper(),
        metrics_token=env.get("BTM_METRICS_TOKEN", ""),
        metrics_networks=env.get("BTM_METRICS_NETWORKS", ""),
        keep_devices_days=_number(env, "BTM_KEEP_DEVICES_DAYS", 90),
        keep_refused_days=_number(env, "BTM_KEEP_REFUSED_DAYS", 30),
        keep_payees_days=_number(env, "BTM_KEEP_PAYEES_DAYS", 90),
        payout_four_eyes=_switch(env, "BTM_PAYOUT_FOUR_EYES"),
        report_contact=_contact(env.get("BTM_REPORT_CONTACT", "").strip()),
    )
    _check(settings)
    return settings


def _platforms(env: Mapping[str, str]) -> PlatformKeys:
    return PlatformKeys(
        mturk_access_key=env.get("BTM_MTURK_ACCESS_KEY", ""),
        mturk_secret_key=env.get("BTM_MTURK_SECRET_KEY", ""),
        mturk_is_live=_switch(env, "BTM_MTURK_LIVE"),
        mturk_endpoint=_address(env, "BTM_MTURK_ENDPOINT"),
        mturk_worker_site=_address(env, "BTM_MTURK_WORKER_SITE"),
        prolific_token=env.get("BTM_PROLIFIC_TOKEN", ""),
        prolific_endpoint=_address(env, "BTM_PROLIFIC_ENDPOINT"),
        prolific_site=_address(env, "BTM_PROLIFIC_SITE"),
    )


def _contact(words: str) -> str:
    """An e-mail address, or an https address, as an address of the web."""
    if not words:
        return ""
    contact = words if ":" in words else f"mailto:{words}"
    if (
        not contact.startswith(("mailto:", "https://"))
        or not contact.isprintable()
        or " " in contact
        or (contact.startswith("mailto:") and "@" not in contact)
    ):
        raise ValueError(
            f"BTM_REPORT_CONTACT is {words!r}; it must be an e-mail address or begin with https://"
        )
    return contact


def _address(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "").rstrip("/")
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.netloc or parts.path or parts.query):
        raise ValueError(f"{name} is {value!r}; it must be an address such as https://api.example.org")
    return value


def _check(settings: Settings) -> None:
    if settings.public_url and urlsplit(settings.public_url).scheme not in ("http", "https"):
        raise ValueError("BTM_PUBLIC_URL must begin with http:// or https://")
    for name, networks in (
        ("BTM_FETCH_ALLOW_PRIVATE", settings.fetch_allow_private),
        ("BTM_METRICS_NETWORKS", settings.metrics_networks),
    ):
        try:
            parse_networks(networks)
        except ValueError as error:
            raise ValueError(f"{name} is no list of networks: {error}") from error
    if len(settings.secret_key) < 16:
        raise ValueError(
            "BTM_SECRET_KEY is too short; use at least 16 characters, or leave it out and one is made"
        )
    _check_operations(settings)


def _check_operations(settings: Settings) -> None:
    if settings.snapshot_url and "://" not in settings.snapshot_url:
        raise ValueError("BTM_SNAPSHOT_URL must be an address such as s3://bucket/prefix")
    if urlsplit(settings.snapshot_url).username is not None:
        raise ValueError("BTM_SNAPSHOT_URL must hold no key; give it by AWS_ACCESS_KEY_ID and the like")
    if settings.snapshot_endpoint and urlsplit(settings.snapshot_endpoint).scheme not in ("http", "https"):
        raise ValueError("BTM_SNAPSHOT_ENDPOINT must begin with http:// or https://")
    if settings.fetch_proxy:
        parse_proxy(settings.fetch_proxy)
    if settings.log_format not in LOG_FORMATS:
        raise ValueError(
            f"BTM_LOG_FORMAT is {settings.log_format!r}; it must be one of: {', '.join(LOG_FORMATS)}"
        )
    if settings.log_level not in LOG_LEVELS:
        raise ValueError(
            f"BTM_LOG_LEVEL is {settings.log_level!r}; it must be one of: {', '.join(LOG_LEVELS)}"
        )
    if settings.metrics_token and len(settings.metrics_token) < 16:
        raise ValueError("BTM_METRICS_TOKEN is too short; use at least 16 characters")
    for place in settings.own_addresses:
        if not _is_place(place):
            raise ValueError(
                f"BTM_OWN_ADDRESSES: {place!r} is no address such as 203.0.113.7 or [2001:db8::7]:443"
            )


def _is_place(place: str) -> bool:
    """Whether this is an IP address, with or without a port."""
    bare, colon, port = place.rpartition(":") if place.count(":") == 1 or "]:" in place else (place, "", "")
    if colon and not port.isdecimal():
        return False
    try:
        parse_address(bare.strip("[]"))
    except ValueError:
        return False
    return True


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


def _switch(env: Mapping[str, str], name: str) -> bool:
    return _number(env, name, 0, least=0) > 0


def _number(env: Mapping[str, str], name: str, default: int, least: int = 1) -> int:
    value = env.get(name, "")
    if not value:
        return default
    if not value.isdecimal() or int(value) < least:
        raise ValueError(f"{name} is {value!r}; it must be a whole number from {least} up")
    return int(value)
