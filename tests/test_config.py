from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from btm.config import read_settings
from btm.jobs.policy import make_policy
from btm.pages.guard import vet
from btm.pages.reasons import Refused


def test_without_any_variable_everything_lies_in_one_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = read_settings({})
    assert settings.data_dir == tmp_path / "var"
    assert settings.database_url == f"sqlite:///{tmp_path / 'var' / 'btm.db'}"
    assert not settings.is_secure


def test_the_secret_key_is_made_once_kept_and_for_the_owner_s_eyes(tmp_path: Path) -> None:
    first, second = (read_settings({"BTM_DATA_DIR": str(tmp_path)}).secret_key for _ in range(2))
    assert first == second
    assert len(first) == 64
    assert stat.S_IMODE(os.stat(tmp_path / "secret_key").st_mode) == 0o600
    assert first not in repr(read_settings({"BTM_DATA_DIR": str(tmp_path)}))


def test_processes_that_start_at_once_agree_on_the_key(tmp_path: Path) -> None:
    for turn in range(20):
        keys: list[str] = []
        start = threading.Barrier(8)

        def read(
            folder: str = str(tmp_path / str(turn)), start: threading.Barrier = start, keys: list[str] = keys
        ) -> None:
            start.wait()
            try:
                keys.append(read_settings({"BTM_DATA_DIR": folder}).secret_key)
            except ValueError as error:
                keys.append(str(error))

        threads = [threading.Thread(target=read) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(keys)) == 1, set(keys)
        assert len(keys[0]) == 64


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_a_plain_postgresql_address_is_understood(tmp_path: Path, scheme: str) -> None:
    given = {"BTM_DATA_DIR": str(tmp_path), "BTM_DATABASE_URL": f"{scheme}://u:p@h:5433/name?sslmode=require"}
    assert read_settings(given).database_url == "postgresql+psycopg://u:p@h:5433/name?sslmode=require"


def test_lists_and_numbers_are_read(tmp_path: Path) -> None:
    settings = read_settings(
        {
            "BTM_DATA_DIR": str(tmp_path), "BTM_TRUSTED_HOSTS": " a.example, .b.example ,", "BTM_TRUSTED_PROXIES": "2",
            "BTM_PUBLIC_URL": "https://btm.example/", "BTM_FETCH_DEADLINE": "7", "BTM_WEB_WORKERS": "",
        }
    )  # fmt: skip
    assert settings.trusted_hosts == ("a.example", ".b.example")
    assert (settings.trusted_proxies, settings.fetch_deadline, settings.web_workers) == (2, 7.0, 1)
    assert (settings.public_url, settings.is_secure) == ("https://btm.example", True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BTM_TRUSTED_PROXIES", "one"), ("BTM_WEB_WORKERS", "-1"), ("BTM_WEB_THREADS", "1.5"), ("BTM_FETCH_DEADLINE", "²"),
        ("BTM_PUBLIC_URL", "btm.example"), ("BTM_SECRET_KEY", "short"), ("BTM_FETCH_ALLOW_PRIVATE", "everything"),
        ("BTM_SNAPSHOT_URL", "bucket/prefix"), ("BTM_SNAPSHOT_URL", "s3://key:secret@bucket/prefix"), ("BTM_SNAPSHOT_ENDPOINT", "minio:9000"),
        ("BTM_FETCH_PROXY", "proxy:4750"), ("BTM_OWN_ADDRESSES", "btm.example.org"), ("BTM_OWN_ADDRESSES", "203.0.113.7:"),
        ("BTM_LOG_FORMAT", "xml"), ("BTM_LOG_LEVEL", "loud"), ("BTM_METRICS_TOKEN", "short"), ("BTM_METRICS_NETWORKS", "ours"),
        ("BTM_WEB_WORKERS", "0"), ("BTM_WEB_THREADS", "0"), ("BTM_WORKER_THREADS", "0"), ("BTM_FETCH_DEADLINE", "0"),
        ("BTM_REPORT_CONTACT", "us"), ("BTM_REPORT_CONTACT", "http://btm.example"), ("BTM_REPORT_CONTACT", "a@b\nExpires: never"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_used_is_blamed_by_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        read_settings({"BTM_DATA_DIR": str(tmp_path), name: value})


def test_no_secret_is_in_the_text_of_the_settings(tmp_path: Path) -> None:
    settings = read_settings(
        {
            "BTM_DATA_DIR": str(tmp_path), "BTM_SECRET_KEY": "the newest key of all", "BTM_SECRET_KEY_FALLBACKS": "an older key, one more",
            "BTM_FETCH_PROXY": "http://ops:pass-word@proxy:4750", "BTM_METRICS_TOKEN": "a token for the metrics",
            "BTM_DATABASE_URL": "postgresql://ops:pass-word@db/btm", "BTM_REDIS_URL": "redis://:pass-word@redis/0",
        }
    )  # fmt: skip
    assert settings.secret_key_fallbacks == ("an older key", "one more")
    for secret in ("newest", "older", "pass-word", "a token"):
        assert secret not in repr(settings)


@pytest.mark.parametrize(
    "place", ["203.0.113.7", "203.0.113.7:8443", "2001:db8::7", "[2001:db8::7]", "[2001:db8::7]:443"]
)
def test_own_addresses_are_never_fetched_whatever_name_leads_there(tmp_path: Path, place: str) -> None:
    settings = read_settings({"BTM_DATA_DIR": str(tmp_path), "BTM_OWN_ADDRESSES": place, "BTM_FETCH_ALLOW_PRIVATE": "203.0.113.0/24,2001:db8::/32"})  # fmt: skip
    address = "203.0.113.7" if "." in place else "2001:db8::7"
    port = ":8443" if place.endswith(":8443") else ":443" if place.endswith("]:443") else ""
    with pytest.raises(Refused, match="blocked_address"):
        vet(f"http://elsewhere.example{port}/", lambda host: [address], make_policy(settings))
