from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from btm.pages.snapshot import FolderSnapshots
from btm.rules.errors import Conflict, Invalid
from btm.rules.exports import ExportQuery
from btm.services.back_up import back_up
from btm.services.export_corpus import export_corpus
from btm.services.restore_backup import restore_backup

from ..support import databases
from ..support.game import Game


def no_bar(_share: float, _word: str) -> None:
    pass


def export(game: Game) -> bytes:
    rows = export_corpus("spam", "jsonl", ExportQuery(), asker_id=None, now=game.clock())
    return b"".join(row if isinstance(row, bytes) else row.encode() for row in rows)


def made(game: Game, folder: Path) -> tuple[Path, FolderSnapshots]:
    game.challenge()
    game.settled("spam")
    game.settled("spam")
    game.committed(game.player())
    kept = FolderSnapshots(folder / "kept")
    kept.put(b"a page")
    back_up(folder / "backup", snapshots=kept, now=game.clock(), progress=no_bar)
    return folder / "backup", kept


@pytest.mark.parametrize("kind", databases.KINDS)
def test_a_backup_is_restored_into_an_empty_database_of_either_kind(
    game: Game, kind: str, tmp_path: Path
) -> None:
    folder, kept = made(game, tmp_path)
    before = export(game)
    assert before.count(b"\n") == 2
    (tmp_path / "other").mkdir()
    with databases.migrated(kind, tmp_path / "other") as other, other.app.app_context():
        copies = FolderSnapshots(tmp_path / "copies")
        restore_backup(folder, snapshots=copies, progress=no_bar)
        back_up(tmp_path / "again", snapshots=copies, now=game.clock(), progress=no_bar)
        assert export(game) == before
        assert set(copies.keys()) == set(kept.keys())
        game.check_books()
        game.player("somebody new")  # ids go on after those that came back
        with pytest.raises(Conflict, match="not empty"):
            restore_backup(folder, snapshots=copies, progress=no_bar)
    for path in folder.glob("*.gz"):
        assert gzip.decompress(path.read_bytes()) == gzip.decompress(
            (tmp_path / "again" / path.name).read_bytes()
        ), path.name


@pytest.mark.parametrize("harm", ["a table", "a snapshot", "no manifest"])
def test_a_harmed_backup_is_not_restored(game: Game, harm: str, tmp_path: Path) -> None:
    folder, _ = made(game, tmp_path)
    game.database.wipe()
    path = {"a table": folder / "ledger.jsonl.gz", "no manifest": folder / "manifest.json"}.get(harm)
    path = path or next((folder / "snapshots").rglob("*.gz"))
    path.write_bytes(b"harmed")
    with pytest.raises(Invalid):
        restore_backup(folder, snapshots=FolderSnapshots(tmp_path / "copies"), progress=no_bar)
    assert databases.value("SELECT count(*) FROM account") == 0


def test_a_snapshot_that_is_deleted_while_others_are_copied_does_not_end_the_backup(
    game: Game, tmp_path: Path
) -> None:
    class Store(FolderSnapshots):
        """Of which a body goes once all were listed."""

        def keys(self) -> Iterator[str]:
            listed = sorted(super().keys())
            self.delete(listed[0])
            return iter(listed)

    kept = Store(tmp_path / "kept")
    for body in (b"one", b"two", b"three"):
        kept.put(body)
    manifest = back_up(tmp_path / "backup", snapshots=kept, now=game.clock(), progress=no_bar)
    assert manifest["snapshots"] == 2
    game.database.wipe()
    restore_backup(tmp_path / "backup", snapshots=FolderSnapshots(tmp_path / "copies"), progress=no_bar)


def test_damaged_snapshots_are_named_and_everything_else_is_kept(game: Game, tmp_path: Path) -> None:
    kept = FolderSnapshots(tmp_path / "kept")
    keys = [kept.put(body) for body in (b"one", b"two", b"three")]
    next(path for path in (tmp_path / "kept").rglob("*.gz") if keys[1] in path.name).write_bytes(
        gzip.compress(b"other")
    )
    manifest = back_up(tmp_path / "backup", snapshots=kept, now=game.clock(), progress=no_bar)
    assert (manifest["snapshots"], manifest["damaged"]) == (2, [keys[1]])
    game.database.wipe()
    copies = FolderSnapshots(tmp_path / "copies")
    restore_backup(tmp_path / "backup", snapshots=copies, progress=no_bar)
    assert set(copies.keys()) == {keys[0], keys[2]}


def test_the_command_says_what_is_damaged(
    game: Game, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = FolderSnapshots(tmp_path / "kept")
    key = kept.put(b"one")
    monkeypatch.setitem(game.app.extensions, "btm_snapshots", kept)
    run = game.app.test_cli_runner().invoke
    assert run(args=["btm", "backup", str(tmp_path / "whole")]).exit_code == 0
    next((tmp_path / "kept").rglob("*.gz")).write_bytes(gzip.compress(b"other"))
    told = run(args=["btm", "backup", str(tmp_path / "less")])
    assert told.exit_code == 1
    assert key in told.stderr
    assert "0 snapshots written" in told.stdout


def test_a_folder_that_holds_something_is_not_written_to(game: Game, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(Conflict):
        back_up(tmp_path, snapshots=FolderSnapshots(tmp_path / "none"), now=game.clock(), progress=no_bar)
