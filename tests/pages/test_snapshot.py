"""Keeping raw bodies by their hash: in a folder, and in a store that speaks S3."""

from __future__ import annotations

import gzip
import hashlib
import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from btm.pages import objects
from btm.pages.snapshot import (
    FolderSnapshots,
    SnapshotDamaged,
    SnapshotMissing,
    SnapshotStore,
    open_snapshots,
    place_of,
)

from ..support import object_store

BODY = b"<p>The boats came home.</p>" * 100


class Kept:
    """A store, and how a test gets at what lies in it behind its back."""

    def __init__(self, kind: str, folder: Path, s3: str) -> None:
        self._prefix = f"pages-{secrets.token_hex(4)}"
        self._s3 = s3
        self._folder = folder / "snapshots"
        self.store = open_snapshots(
            str(self._folder) if kind == "folder" else place_of(f"s3://btm/{self._prefix}", s3)
        )
        self._client = object_store.client(s3) if kind == "s3" else None

    def names(self) -> list[str]:
        """The keys of what is there."""
        if self._client is None:
            return [path.stem for path in self._folder.rglob("*.gz")]
        listed = self._client.list_objects_v2(Bucket="btm", Prefix=self._prefix).get("Contents", [])
        return [Path(entry["Key"]).stem for entry in listed if entry["Key"].endswith(".gz")]

    def swap(self, key: str, data: bytes) -> None:
        """Put other bytes in its place."""
        path = f"{key[:2]}/{key[2:4]}/{key}.gz"
        if self._client is None:
            (self._folder / path).write_bytes(data)
        else:
            self._client.put_object(Bucket="btm", Key=f"{self._prefix}/{path}", Body=data)


@pytest.fixture(params=["folder", "s3"])
def kept(request, tmp_path, s3) -> Kept:
    return Kept(request.param, tmp_path, s3)


@pytest.fixture
def store(kept) -> SnapshotStore:
    return kept.store


def test_a_body_comes_back_as_it_was_put(store):
    key = store.put(BODY)
    assert key == hashlib.sha256(BODY).hexdigest()
    assert store.get(key) == BODY
    assert store.verify(key)


def test_the_same_body_is_kept_once_however_many_put_it(store, kept):
    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(store.put, [BODY] * 16))) == 1
    assert kept.names() == list(store.keys()) == [hashlib.sha256(BODY).hexdigest()]


def test_a_missing_body_and_a_forged_key_are_missing(store):
    for key in ("0" * 64, "../../etc/passwd", "", "0" * 63 + "\n"):
        assert not store.verify(key)
        with pytest.raises(SnapshotMissing):
            store.get(key)


@pytest.mark.parametrize("damage", [b"", b"junk", b"\x1f\x8b\x08\x00junk"])
def test_a_damaged_body_is_noticed_and_replaced(store, kept, damage):
    key = store.put(BODY)
    kept.swap(key, damage)
    assert not store.verify(key)
    with pytest.raises(SnapshotDamaged):
        store.get(key)
    assert store.put(BODY) == key
    assert store.get(key) == BODY


def test_a_body_swapped_for_another_is_noticed(store, kept):
    key = store.put(BODY)
    kept.swap(key, gzip.compress(b"other"))
    assert not store.verify(key)


def test_a_body_can_be_taken_down(store):
    key = store.put(BODY)
    store.delete(key)
    store.delete(key)
    assert not store.verify(key)


def test_all_keys_are_listed_and_nothing_else(store):
    assert list(store.keys()) == []
    keys = {store.put(f"{number}".encode()) for number in range(5)}
    store.check_writable()
    assert set(store.keys()) == keys


def test_a_store_that_cannot_be_written_says_so(tmp_path, s3):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError):  # noqa: PT011 - whichever the system gives
        FolderSnapshots(tmp_path / "file").check_writable()
    with pytest.raises(OSError):  # noqa: PT011
        open_snapshots(place_of("s3://no-such-bucket/pages", s3)).check_writable()


def test_a_store_that_does_not_answer_is_no_store_that_has_nothing(s3, monkeypatch):
    monkeypatch.setattr("s3fs.S3FileSystem.retries", 1)
    monkeypatch.setitem(objects._S3_TIMES, "retries", {"max_attempts": 1})
    gone = objects.ObjectSnapshots("s3://btm/pages", "http://127.0.0.1:1")
    for ask in (gone.get, gone.verify, gone.delete):
        with pytest.raises(objects.StoreDown, match="does not answer"):
            ask("0" * 64)


def test_the_place_says_what_kind_it_is(tmp_path):
    assert isinstance(open_snapshots(tmp_path), FolderSnapshots)
    assert isinstance(open_snapshots(f"file://{tmp_path}"), FolderSnapshots)
    assert isinstance(open_snapshots("memory://pages"), objects.ObjectSnapshots)
    assert place_of("s3://b/p", "http://h:9/?a=1#x").count("#") == 1
