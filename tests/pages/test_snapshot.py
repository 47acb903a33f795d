"""Keeping raw bodies by their hash."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from btm.pages.snapshot import FolderSnapshots, SnapshotDamaged, SnapshotMissing

BODY = b"<p>The boats came home.</p>" * 100


@pytest.fixture
def store(tmp_path):
    return FolderSnapshots(tmp_path / "snapshots")


def test_a_body_comes_back_as_it_was_put(store):
    key = store.put(BODY)
    assert key == hashlib.sha256(BODY).hexdigest()
    assert store.get(key) == BODY
    assert store.verify(key)


def test_the_same_body_is_kept_once_however_many_put_it(store, tmp_path):
    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(store.put, [BODY] * 40))) == 1
    assert len([path for path in (tmp_path / "snapshots").rglob("*") if path.is_file()]) == 1


def test_a_missing_body_and_a_forged_key_are_missing(store):
    for key in ("0" * 64, "../../etc/passwd", "", "0" * 63 + "\n"):
        assert not store.verify(key)
        with pytest.raises(SnapshotMissing):
            store.get(key)


@pytest.mark.parametrize("damage", [b"", b"junk", b"\x1f\x8b\x08\x00junk"])
def test_a_damaged_body_is_noticed_and_replaced(store, tmp_path, damage):
    key = store.put(BODY)
    (path,) = (tmp_path / "snapshots").rglob("*.gz")
    path.write_bytes(damage)
    assert not store.verify(key)
    with pytest.raises(SnapshotDamaged):
        store.get(key)
    assert store.put(BODY) == key
    assert store.get(key) == BODY


def test_a_body_swapped_for_another_is_noticed(store, tmp_path):
    key, other = store.put(BODY), store.put(b"other")
    paths = {path.stem: path for path in (tmp_path / "snapshots").rglob("*.gz")}
    paths[key].write_bytes(paths[other].read_bytes())
    assert not store.verify(key)


def test_a_body_can_be_taken_down(store):
    key = store.put(BODY)
    store.delete(key)
    store.delete(key)
    assert not store.verify(key)
