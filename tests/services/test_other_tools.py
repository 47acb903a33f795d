"""Label Studio's tasks, crowd-kit's tables and Hugging Face data sets: in, out, and in again."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from btm.rules.errors import Invalid
from btm.services.export_corpus import export_corpus
from btm.services.export_dataset import zip_dataset
from btm.services.export_pool import export_pool
from btm.services.import_pool import import_pool
from btm.services.labelled_files import folder_rows, guess_format, rows_of
from btm.services.read_judgements import read_judgements
from btm.services.read_labelled import Labelled, read_labelled, read_rows

from ..support import texts
from ..support.databases import rows
from ..support.game import Game
from .test_pool_import import LABELS, page, put_in, say


def choice(*labels: str) -> list[dict[str, Any]]:
    return [{"from_name": "q", "to_name": "t", "type": "choices", "value": {"choices": list(labels)}}]


def noisy(data: bytes, format: str) -> Labelled:
    return read_labelled(io.BytesIO(data), format, labels=None, reader=None, noisy=LABELS)


def labelled(data: bytes, format: str) -> Labelled:
    return read_labelled(io.BytesIO(data), format, labels=LABELS, reader=None)


TASKS = [
    {"id": 7, "data": {"text": "Win a prize", "URL": "https://a.example/"}, "annotations": [
        {"completed_by": 1, "result": choice("ham")},
        {"completed_by": {"id": 2, "email": "b@b.example"}, "result": choice("spam")},
        {"completed_by": 1, "result": choice("spam")},
        {"completed_by": 3, "was_cancelled": True, "result": []},
        {"completed_by": 4, "result": [{"type": "textarea", "value": {"text": ["hm"]}}]},
    ], "predictions": [{"model_version": "m", "score": 0.9, "result": choice("ham")}]},
    {"id": 8, "data": {"text": "An oak"}, "annotations": []},
    {"id": 9, "data": {"image": "https://a.example/a.png"}},
    {"id": 10, "data": {"text": "Bread"}, "annotations": [{"completed_by": 1, "result": choice("eggs")}]},
    {"text": "A task that is its own data"},
    "no task",
]  # fmt: skip


def test_of_label_studios_tasks_each_annotator_gives_one_label() -> None:
    found = noisy(json.dumps(TASKS).encode(), "label-studio")
    assert [(each.name, each.page.text, each.given) for each in found.pages] == [
        ("7", "Win a prize", ("spam", "spam")), ("8", "An oak", ()), ("", "A task that is its own data", ()),
    ]  # fmt: skip
    assert found.pages[0].page.url == "https://a.example/"
    assert [(row.number, row.reason) for row in found.bad] == [
        (3, "has data with image; it needs text, html or url"),
        (4, "has the label 'eggs'; the labels are spam, ham"),
        (6, "is no task"),
    ]


def test_a_machine_learns_from_tasks_whose_annotators_agree() -> None:
    split = {"data": {"text": "Odd"}, "annotations": [{"completed_by": n, "result": choice(label)} for n, label in enumerate(LABELS, 1)]}  # fmt: skip
    found = labelled(json.dumps([TASKS[0], split, TASKS[1]]).encode(), "label-studio")
    assert [(each.page.text, each.label) for each in found.pages] == [("Win a prize", "spam")]
    assert [row.reason for row in found.bad] == [
        "was given different labels (ham, spam); import it into the pool instead", "has no label",
    ]  # fmt: skip


@pytest.mark.parametrize("data", [b"", b"{", b'"text"', b"\xff\xfe"])
def test_what_is_no_list_of_tasks_is_told(data: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        list(rows_of(io.BytesIO(data), "label-studio"))
    assert refused.value.field == "data"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["data", "text", "annotations", "result", "value", "choices", "completed_by", "meta", "id"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(JSON)
@settings(max_examples=60, deadline=None)
def test_whatever_the_json_holds_rows_are_read_or_left_out(told: Any) -> None:
    try:
        found = noisy(json.dumps(told).encode(), "label-studio")
    except Invalid:
        return
    assert all(each.page.text for each in found.pages)


def judged_pool(game: Game) -> None:
    game.challenge()
    put_in(game, page(game, "a", "spam", spam=0.1), page(game, "b"))
    say(game, "a", "spam", "spam")
    say(game, "b", "ham")


def exported(form: str, slug: str = "spam", game: Game | None = None) -> bytes:
    assert game is not None
    return b"".join(export_pool(slug, form, asker_id=None, now=game.clock()))


def test_a_pool_goes_to_label_studio_and_comes_back_with_its_judgements(game: Game) -> None:
    judged_pool(game)
    written = exported("label-studio", game=game)
    first, second = json.loads(written)
    assert first["data"]["text"] == texts.text("a")
    assert first["data"]["given"] == {"spam": 1}
    assert [(each["model_version"], each["result"][0]["value"]["choices"]) for each in first["predictions"]] == [
        ("machine", ["ham"]), ("judges", ["spam"]),
    ]  # fmt: skip
    assert first["predictions"][0]["score"] == pytest.approx(0.9)
    assert all("completed_by" not in each for each in first["annotations"])
    handles = [str(row[0]) for row in rows("SELECT handle FROM account")]
    assert not any(handle in written.decode() for handle in handles)
    assert second["annotations"][0]["lead_time"] == 8.0
    again = noisy(written, "label-studio")
    assert [(each.page.text, each.given) for each in again.pages] == [
        (texts.text("a"), ("spam", "spam")), (texts.text("b"), ("ham",)),
    ]  # fmt: skip
    other = game.challenge(slug="other")
    done = import_pool(
        "other", again.pages, asker_id=None, shelf=game.shelf, snapshots=game.snapshots, now=game.clock()
    )
    assert done.added == 2
    assert rows("SELECT given FROM pool_page WHERE challenge_id = :id ORDER BY id", id=other)


def test_the_labelling_configuration_fits_the_tasks(game: Game) -> None:
    judged_pool(game)
    config = ElementTree.fromstring(exported("label-studio-config", game=game))
    [text], [choices] = config.findall("Text"), config.findall("Choices")
    [part, *_] = json.loads(exported("label-studio", game=game))[0]["annotations"][0]["result"]
    assert (choices.get("name"), choices.get("toName")) == (part["from_name"], part["to_name"])
    assert (text.get("name"), text.get("value")) == (part["to_name"], "$text")
    assert [each.get("value") for each in choices] == list(LABELS)


def test_a_pools_judgements_are_read_by_the_quality_command_and_crowd_kit(game: Game) -> None:
    judged_pool(game)
    written = exported("crowd-kit", game=game)
    assert written.splitlines()[0] == b"task,worker,label"
    found = read_judgements(io.BytesIO(written))
    assert (found.labels, len(set(found.items)), len(set(found.workers))) == (["spam", "spam", "ham"], 2, 3)
    refs = [json.loads(line)["ref"] for line in exported("jsonl", game=game).splitlines()]
    assert sorted(set(found.items)) == sorted(refs)


def test_a_corpus_goes_to_label_studio_crowd_kit_and_back_as_a_data_set(game: Game) -> None:
    game.challenge()
    submission = game.settled()
    task, *more = json.loads(b"".join(export_corpus("spam", "label-studio", asker_id=None, now=game.clock())))
    assert not more
    assert [each["model_version"] for each in task["predictions"]] == ["toy 1", "verdict"]
    [same] = noisy(json.dumps([task]).encode(), "label-studio").pages
    assert (same.name, set(same.given)) == (submission, {"spam"})
    crowd = read_judgements(
        io.BytesIO(b"".join(export_corpus("spam", "crowd-kit", asker_id=None, now=game.clock())))
    )
    assert (set(crowd.items), len(crowd.labels)) == ({submission}, len(same.given))
    archive = b"".join(zip_dataset("spam", asker_id=None, now=game.clock()))
    [back] = labelled(archive, "hf").pages
    assert (back.page.text, back.label) == (same.page.text, "spam")


CARD = """---
configs:
  - config_name: default
    data_files:
      - {split: train, path: data/train-*}
dataset_info:
  features:
    - {name: text, dtype: string}
    - name: label
      dtype: {class_label: {names: {"0": ham, "1": spam}}}
---
# Own data
"""


def data_set(folder: Path) -> Path:
    """A data set of three files, two of which hold the default configuration's rows."""
    (folder / "data").mkdir(parents=True)
    (folder / "README.md").write_text(CARD)
    (folder / "data" / "train-0.csv").write_text('text,label\n"A prize",1\n"An oak",0\n"Nobody said",-1\n')
    (folder / "data" / "other.csv").write_text("text,label\nNot these,1\n")
    table = pa.table({"text": ["A river", "Click"], "label": [1, 0], "at": [1.5, None]})
    features = {"text": {"dtype": "string"}, "label": {"names": ["spam", "ham"], "_type": "ClassLabel"}}
    table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    pq.write_table(table, folder / "data" / "train-1.parquet")
    return folder


def test_a_hugging_face_data_set_is_read_from_its_folder_or_a_zip_of_it(tmp_path: Path) -> None:
    folder = data_set(tmp_path / "own")
    found = read_rows(folder_rows(folder, labelled=False), labels=None, reader=None, noisy=LABELS)
    expected = [
        ("A prize", ("spam",)),
        ("An oak", ("ham",)),
        ("Nobody said", ()),
        ("A river", ("ham",)),
        ("Click", ("spam",)),
    ]
    assert [(each.page.text, each.given) for each in found.pages] == expected
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for file in folder.rglob("*.*"):
            archive.write(file, f"own/{file.relative_to(folder)}")
    zipped = noisy(packed.getvalue(), "hf")
    assert [(each.page.text, each.given) for each in zipped.pages] == expected
    alone = labelled((folder / "data" / "train-1.parquet").read_bytes(), "parquet")
    assert [each.label for each in alone.pages] == ["ham", "spam"]


def test_a_folder_or_archive_without_rows_says_so(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("---\n: [\n---\n")
    with pytest.raises(Invalid, match="no YAML"):
        list(folder_rows(tmp_path, labelled=True))
    (tmp_path / "README.md").write_text("No head.")
    with pytest.raises(Invalid, match="There is no"):
        list(folder_rows(tmp_path, labelled=True))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", "text,label\n" + "many words,ham\n" * 99)
    spoilt = bytearray(packed.getvalue())
    spoilt[45:60] = b"\xff" * 15
    for data, format in ((b"PK", "hf"), (bytes(spoilt), "hf"), (b"PAR1 and no more", "parquet")):
        with pytest.raises(Invalid):
            list(rows_of(io.BytesIO(data), format))


@pytest.mark.parametrize(
    ("name", "head", "format"),
    [
        ("a.csv", b"text,label", "csv"), ("a.json", b' [{"data"', "label-studio"), ("a.json", b'{"text"', "jsonl"),
        ("a", b"\xef\xbb\xbf[{", "label-studio"), ("a.parquet", b"PAR1", "parquet"), ("a.zip", b"PK", "hf"),
        ("a.jsonl", b"[", "jsonl"), ("", b"", "csv"),
    ],
)  # fmt: skip
def test_the_format_is_told_by_name_or_first_bytes(name: str, head: bytes, format: str) -> None:
    assert guess_format(name, head) == format


def test_a_pool_goes_out_as_a_data_set_and_comes_back(game: Game) -> None:
    judged_pool(game)
    archive = exported("hf", game=game)
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        assert packed.namelist() == ["data/train-00000-of-00001.parquet", "README.md"]
        table = pq.read_table(io.BytesIO(packed.read("data/train-00000-of-00001.parquet"))).to_pylist()
    assert [(each["name"], each["label"], each["judged"], each["given"]["spam"]) for each in table] == [
        ("a", "spam", {"spam": 2, "ham": 0}, 1), ("b", "ham", {"spam": 0, "ham": 1}, 0),
    ]  # fmt: skip
    assert sum(table[0]["posterior"].values()) == pytest.approx(1)
    back = labelled(archive, "hf")
    assert [(each.page.text, each.label) for each in back.pages] == [
        (texts.text("a"), "spam"), (texts.text("b"), "ham"),
    ]  # fmt: skip
