from __future__ import annotations

from pathlib import Path

import pytest

from btm.cli.resuming import keep_whole_rows

from .support import texts
from .support.game import Game
from .test_cli import run

TEXT = 'One "line".\nAnother, with a comma;\r\nand "a third".'


def export(game: Game, *arguments: str) -> str:
    done = run(game, "export", "corpus", "--challenge", "spam", *arguments)
    assert done.exit_code == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_an_interrupted_file_is_gone_on_with_wherever_it_was_cut(
    game: Game, tmp_path: Path, kind: str
) -> None:
    game.challenge()
    for turn in range(3):
        game.settled(url=game.page(text=f"{texts.text(str(turn))}\n{TEXT}"))
    file, half = tmp_path / "corpus", tmp_path / "corpus.part"
    export(game, "--format", kind, "--output", str(file))
    whole = file.read_bytes()
    assert not half.exists()
    for cut in (0, 3, len(whole) // 3, len(whole) // 2, len(whole) - 1, len(whole)):
        half.write_bytes(whole[:cut])
        export(game, "--format", kind, "--output", str(file), "--resume")
        assert file.read_bytes() == whole, cut
    assert not half.exists()


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_at_any_byte_only_whole_rows_are_kept(game: Game, tmp_path: Path, kind: str) -> None:
    game.challenge()
    made = [game.settled(url=game.page(text=f"{texts.text(str(turn))}\n{TEXT}")) for turn in range(2)]
    file, half = tmp_path / "corpus", tmp_path / "half"
    export(game, "--format", kind, "--output", str(file), "--until", "2100-01-01")
    whole = file.read_bytes()
    first = tmp_path / "first"
    first.write_bytes(whole)
    export(game, "--format", kind, "--output", str(first), "--after", made[0])
    header = whole.index(b"\n") + 1 if kind == "csv" else 0
    end = len(whole) - (first.stat().st_size - header)
    for cut in range(0, len(whole) + 1, 7):
        half.write_bytes(whole[:cut])
        last = keep_whole_rows(half, kind)
        if cut == len(whole):
            assert last == made[1]
        elif cut >= end:
            assert (last, half.read_bytes()) == (made[0], whole[:end])
        else:
            assert (last, half.read_bytes()) == (None, b"")


def test_a_data_set_is_a_folder_or_an_archive(game: Game, tmp_path: Path) -> None:
    game.challenge()
    game.settled()
    folder = tmp_path / "set"
    export(game, "--format", "dataset", "--output", str(folder))
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert files == ["README.md", "data/test-00000-of-00001.parquet", "data/train-00000-of-00001.parquet"]
    export(game, "--format", "dataset", "--output", str(tmp_path / "set.zip"))
    assert (tmp_path / "set.zip").read_bytes().startswith(b"PK")
    again = run(
        game, "export", "corpus", "--challenge", "spam", "--format", "dataset", "--output", str(folder)
    )
    assert (again.exit_code, "not an empty folder" in again.stderr) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--resume",), "Only JSONL and CSV that go to --output can be resumed."),
        (("--since", "yesterday"), "'since' must be a date"),
        (("--test-share", "2"), "'test_share' must be a number between 0 and 1"),
        (("--cluster", "nowhere"), "There is no cluster 'nowhere' here."),
        (("--after", "nowhere"), "There is no verified find 'nowhere' here to go on after."),
    ],
)
def test_what_cannot_be_done_is_said(game: Game, arguments: tuple[str, ...], sentence: str) -> None:
    game.challenge()
    done = run(game, "export", "corpus", "--challenge", "spam", *arguments)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(sentence)
