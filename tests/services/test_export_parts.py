"""Exports of a part of the corpus, and in formats for machines."""

from __future__ import annotations

import importlib.util
import io
import json
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from btm.rules.errors import Forbidden, NotFound
from btm.rules.exports import ExportQuery, side_of
from btm.services import parquet_rows
from btm.services.export_corpus import export_corpus
from btm.services.export_dataset import export_dataset, zip_dataset
from btm.services.export_warc import export_warc
from btm.services.parquet_rows import parquet_of

from ..support.clock import WEDNESDAY_NOON as WHEN
from ..support.finding import cluster, find
from ..support.game import Game
from .test_place_find import grouped
from .test_show_map import replayed


def exported(kind: str = "jsonl", **asked: Any) -> bytes:
    return b"".join(export_corpus("spam", kind, ExportQuery(**asked), asker_id=None, now=WHEN))


def rows(**asked: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in exported(**asked).decode().split("\n") if line]


def ids(**asked: Any) -> list[str]:
    return [row["id"] for row in rows(**asked)]


def parquet(**asked: Any) -> list[dict[str, Any]]:
    return list(pq.read_table(io.BytesIO(exported("parquet", **asked))).to_pylist())


def archive(**asked: Any) -> bytes:
    return b"".join(zip_dataset("spam", ExportQuery(**asked), asker_id=None, now=WHEN))


def test_a_cluster_can_be_taken_alone(game: Game) -> None:
    _, oak, knee = grouped(game)
    find(game, "oak", 70)
    assert ids(cluster=cluster(game, oak[0]).public_id) == oak  # type: ignore[union-attr]
    assert ids(state="new") == [*oak, *knee]
    assert ids(state="fixed") == []
    with pytest.raises(NotFound):
        exported(cluster="nowhere")


def test_what_the_playing_machine_gets_right_by_now_is_fixed(game: Game) -> None:
    game.challenge()
    mended, still, unasked = (game.settled() for _ in range(3))
    assert ids(status="open") == [mended, still, unasked]
    replayed(game, mended, wrong=False)
    replayed(game, still, wrong=True)
    assert (ids(status="fixed"), ids(status="open")) == ([mended], [still])
    assert ids(machine="1") == [mended, still, unasked]
    assert ids(machine="2") == []


def test_a_time_holds_its_first_moment_and_not_its_last(game: Game) -> None:
    game.challenge()
    made = []
    for _ in range(3):
        made.append(game.settled())
        game.clock.advance(days=1)
    last = game.clock() - timedelta(days=1)
    assert ids(since=last - timedelta(days=1), until=last) == [made[1]]
    assert ids(since=last) == [made[2]]


def test_whole_clusters_are_on_one_side_and_stay_there(game: Game) -> None:
    _, oak, knee = grouped(game)
    alone = find(game, "stone", 1)
    share = 0.5
    train, test = ids(part="train", test_share=share), ids(part="test", test_share=share)
    assert sorted([*train, *test]) == sorted([*oak, *knee, alone])
    for group in (oak, knee):
        assert set(group) <= set(train) or set(group) <= set(test)
        side = side_of("salt of spam", cluster(game, group[0]).public_id, share)  # type: ignore[union-attr]
        assert group[0] in {"train": train, "test": test}[side]
    assert alone in {"train": train, "test": test}[side_of("salt of spam", alone, share)]
    find(game, "stone", 2)
    assert set(train) <= set(ids(part="train", test_share=share))


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_an_export_goes_on_after_a_find(game: Game, kind: str) -> None:
    game.challenge()
    made = [game.settled() for _ in range(4)]
    assert ids(after=made[1]) == made[2:]
    whole = exported(kind)
    rest = b"".join(
        export_corpus("spam", kind, ExportQuery(after=made[1]), asker_id=None, now=WHEN, header=False)
    )
    assert rest
    assert whole.endswith(rest)
    for unknown in ("nowhere", game.submitted()):
        with pytest.raises(NotFound):
            export_corpus("spam", kind, ExportQuery(after=unknown), asker_id=None, now=WHEN)


def test_a_web_archive_of_a_part_is_smaller(game: Game) -> None:
    game.challenge()
    first = game.settled()
    game.settled()
    whole, part = (
        b"".join(export_warc("spam", query, asker_id=None, now=WHEN, snapshots=game.snapshots))
        for query in (ExportQuery(), ExportQuery(after=first))
    )
    assert 0 < len(part) < len(whole)


def test_parquet_says_what_jsonl_says(game: Game) -> None:
    _, oak, _ = grouped(game)
    find(game, "oak", 70)
    replayed(game, oak[0], wrong=False)
    found, lines = parquet(), rows()
    same = [name for name in lines[0] if name not in MADE_TYPED]
    assert [{name: row[name] for name in same} for row in found] == [
        {name: row[name] for name in same} for row in lines
    ]
    assert found[0]["settled_at"] == game.clock()
    assert found[0]["versions"][0]["at"].isoformat() == lines[0]["versions"][0]["at"]
    assert (found[-1]["cluster"], found[-1]["rechecked_at"], found[-1]["redirects"]) == (None, None, [])


MADE_TYPED = {
    "fetched_at", "submitted_at", "settled_at", "rechecked_at", "cluster", "cluster_name", "cluster_state", "recheck", "versions",
    "redirects",
}  # fmt: skip


def test_an_empty_corpus_has_the_same_columns(game: Game) -> None:
    game.challenge()
    empty = pq.read_table(io.BytesIO(exported("parquet")))
    game.settled()
    assert empty.num_rows == 0
    assert empty.schema == pq.read_table(io.BytesIO(exported("parquet"))).schema


def test_a_row_group_ends_by_rows_or_by_text(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    game.challenge()
    for _ in range(5):
        game.settled()
    monkeypatch.setattr(parquet_rows, "ROWS", 2)
    assert pq.ParquetFile(io.BytesIO(exported("parquet"))).num_row_groups == 3
    monkeypatch.setattr(parquet_rows, "BYTES", 1)
    assert pq.ParquetFile(io.BytesIO(exported("parquet"))).num_row_groups == 5


def test_the_same_query_gives_the_same_bytes(game: Game) -> None:
    grouped(game)
    for kind in ("jsonl", "csv", "parquet"):
        assert exported(kind, state="new") == exported(kind, state="new"), kind
    assert archive() == archive()


def test_a_data_set_is_split_and_has_a_card(game: Game, tmp_path: Path) -> None:
    grouped(game)
    with zipfile.ZipFile(io.BytesIO(archive(test_share=0.5))) as opened:
        assert opened.testzip() is None
        opened.extractall(tmp_path)
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    _, head, prose = text.split("---\n", 2)
    card = yaml.safe_load(head)
    assert (card["license"], card["language"], card["size_categories"]) == ("other", ["en"], ["n<1K"])
    for part in ("train", "test"):
        found = pq.read_table(tmp_path / "data" / f"{part}-00000-of-00001.parquet")
        assert found["id"].to_pylist() == ids(part=part, test_share=0.5)
        assert f"| {part} | {found.num_rows} |" in prose
    [config] = card["configs"]
    paths = {each["split"]: each["path"] for each in config["data_files"]}
    assert paths
    assert all(pq.read_table(tmp_path / path).num_rows for path in paths.values())
    assert "`spam`" in prose
    assert "Only a part" not in prose
    if importlib.util.find_spec("datasets") is None:
        pytest.skip("the package datasets is not installed: its own reader was not tried")
    import datasets

    loaded = datasets.load_dataset(str(tmp_path), cache_dir=str(tmp_path / "cache"))
    assert set(loaded) == set(paths)


def test_a_data_set_of_one_side_holds_that_side_and_says_what_was_asked(game: Game) -> None:
    game.challenge()
    game.settled()
    files = {
        path: b"".join(chunks)
        for path, chunks in export_dataset(
            "spam", ExportQuery(part="train", status="open"), asker_id=None, now=WHEN
        )
    }
    assert list(files) == ["data/train-00000-of-00001.parquet", "README.md"]
    assert "Only a part of the corpus: `status` open." in files["README.md"].decode()


def test_every_format_is_for_modelers(game: Game) -> None:
    game.challenge()
    stranger = game.player()
    with pytest.raises(Forbidden):
        export_corpus("spam", "parquet", asker_id=stranger, now=WHEN)
    with pytest.raises(Forbidden):
        zip_dataset("spam", asker_id=stranger, now=WHEN)


def test_twenty_thousand_rows_take_no_more_memory_than_two_thousand(game: Game) -> None:
    game.challenge()
    game.settled()
    [row] = rows()

    def many(count: int) -> Iterator[dict[str, Any]]:
        for turn in range(count):
            yield {**row, "id": f"find {turn}", "text": f"{turn} " + "words " * 50}

    def peak(count: int) -> int:
        tracemalloc.start()
        for _ in parquet_of(many(count), ["spam", "ham"]):
            pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(100)
    assert peak(20_000) < 1.2 * peak(2_000)
