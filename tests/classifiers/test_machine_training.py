"""The training command, on a made-up data folder: what it reads, how it splits, and that it repeats itself."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pytest

from classifiers.artifact import read_artifact
from classifiers.machine import load
from classifiers.page import Page
from classifiers.train_defaults import main
from classifiers.training_data import (
    Example,
    not_about,
    plain,
    read_hate,
    read_posts,
    read_web,
    stitch,
    without_title,
)

TOPIC_WORDS = {
    "drugs": "pills powder",
    "alcohol": "cider mead",
    "guns": "barrel trigger",
    "gambling": "dice chips",
    "none": "garden fence",
}
PLACES = [
    f"{a} {b}"
    for a in ("north", "south", "east", "west", "upper", "lower")
    for b in ("road", "bridge", "mill", "farm", "lake")
]


def write(path: Path, header: str, rows: list[list[str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header.split(","), *rows])


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    posts = []
    for label, words in TOPIC_WORDS.items():
        for number, place in enumerate(PLACES):
            kind = "neutral" if label == "none" else "positive"
            split = "test" if number % 3 == 0 else "train"
            posts.append(
                [f"{label}{number}", label, kind, f"{label}{number % 3}", split, f"{words} by the {place}"]
            )
    posts += [
        [f"x{n}", "none", "lookalike-drugs", "pillows", "train", f"pillows by the {p}"]
        for n, p in enumerate(PLACES)
    ]
    write(folder / "posts" / "posts.csv.gz", "id,label,kind,community,split,text", posts)
    web = [
        [f"https://site{n}.example/a", "article", f"Heading {p}\nWe walked along the {p}."]
        for n, p in enumerate(PLACES)
    ]
    write(folder / "pages" / "texts.csv.gz", "url,page_type,text", web)
    kinds = {"hate": "vile them", "offensive": "rude word", "neither": "nice day"}
    hate = [[f"{words} at the {place}", label] for label, words in kinds.items() for place in PLACES]
    write(folder / "hate" / "tweets.csv.gz", "text,label", hate)
    return folder


def test_lookalikes_are_kept_apart_from_all_other_posts(data: Path) -> None:
    posts, looks = read_posts(data), read_posts(data, lookalikes=True)
    assert len(posts.train) == 100
    assert len(posts.test) == 50
    assert {each.source for each in looks.train} == {"pillows"}
    assert not {"pillows"} & {each.source for each in posts.train + posts.test}


def test_a_site_stands_on_one_side_of_the_split(data: Path) -> None:
    web = read_web(data)
    assert len(web.train) + len(web.test) == 30
    assert not {each.source for each in web.train} & {each.source for each in web.test}
    assert web.train[0].page.title.startswith("Heading")


def test_every_fifth_hate_post_or_so_is_held_out(data: Path) -> None:
    split = read_hate(data)
    assert 5 <= len(split.test) <= 30
    assert len(split.train) + len(split.test) == 90


def test_stitched_pages_are_of_one_label_and_repeat_themselves() -> None:
    posts = [Example(Page(text=f"{label} {n}"), label, label, "positive") for label in "ab" for n in range(9)]
    made = stitch(posts, [Example(Page(text="filler " * 500), "none", "f", "article")], 30, seed=4)
    assert made == stitch(posts, [Example(Page(text="filler " * 500), "none", "f", "article")], 30, seed=4)
    for each in made:
        assert each.page.title.startswith(each.label)
        assert {word for word in each.page.text.split() if word in ("a", "b")} <= {each.label}
    assert any("filler" in each.page.text for each in made)


def test_pages_that_speak_of_a_topic_all_the_time_do_not_count_as_negatives() -> None:
    wine = Example(Page(text="wine, more wine, white wine, red wine, and a winery"), "none", "w", "article")
    assert not_about("alcohol", [wine]) == []
    assert not_about("guns", [wine]) == [wine]


def test_every_second_page_goes_without_its_title() -> None:
    pages = [Example(Page(title="T", text="b"), "none", "s", "k")] * 4
    assert [each.page.title for each in without_title(pages)] == ["T", "", "T", ""]


def test_marks_of_posting_are_taken_off() -> None:
    assert plain("RT @somebody: you &amp; me https://t.example/x") == ": you & me"


def test_the_command_builds_machines_cards_and_background_and_repeats_itself(
    data: Path, tmp_path: Path
) -> None:
    for out in ("one", "two"):
        main(["--data", str(data), "--out", str(tmp_path / out), "--only", "drugs", "hate", "background"])
    for name in ("drugs", "hate"):
        one, two = (tmp_path / out / name / "manifest.json" for out in ("one", "two"))
        assert one.read_text() == two.read_text()
        machine = load(tmp_path / "one" / name)
        assert machine.version == json.loads((tmp_path / "two" / name / "card.json").read_text())["version"]
        assert "blind spots" in (tmp_path / "one" / name / "README.md").read_text()
    machine = load(tmp_path / "one" / "drugs")
    assert machine.predict(["pills and powder", "a garden fence"]) == ["drugs", "none"]
    assert machine.card["metrics"]["lookalikes"]["pages"] == 30
    assert set(read_artifact(tmp_path / "one" / "background").arrays) == {"idf", "mean"}
