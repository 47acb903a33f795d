from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from btm.cli import btm

from .rules.crowd import crowd

# Five sites: a and b are careful, c takes everything for a little worse, d says G to all.
JUDGEMENTS = """worker,item,label
a,one,G
a,two,P
a,three,X
a,four,G
a,five,P
b,one,G
b,two,P
b,three,X
b,four,G
b,five,P
c,one,P
c,two,X
c,three,X
c,four,P
c,five,X
d,one,G
d,two,G
d,three,G
d,four,G
d,five,G
"""
HEADER, *ROWS = JUDGEMENTS.splitlines()
MANY = "\n".join([HEADER] + [row.replace(",", f",{copy}-", 1) for copy in range(8) for row in ROWS])
GOLD = "item,label\none,G\ntwo,P\n"
COSTS = "true,assigned,cost\nG,P,1\nG,X,2\nP,G,1\nP,X,1\nX,G,2\nX,P,1\n"


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """Runs `btm quality ...` in an empty folder, where there is no database."""
    monkeypatch.chdir(tmp_path)
    Path("judgements.csv").write_text(JUDGEMENTS)
    Path("gold.csv").write_text(GOLD)
    Path("costs.csv").write_text(COSTS)

    def run(*arguments: str, data: str | bytes | None = None) -> Result:
        return CliRunner().invoke(btm, ["quality", *arguments], input=data)

    yield run
    assert not list(tmp_path.glob("*.db"))


def test_it_says_what_items_are_and_ranks_the_judges(command: Any) -> None:
    done = command("-", data=MANY)
    assert done.exit_code == 0, done.stderr
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0] == "40 items, 4 judges, 160 judgements"
    assert any(line.split()[:2] == ["3-two", "P"] for line in lines)
    ranking = [line.split()[1] for line in lines[lines.index("", 3) :] if line]
    assert ranking[-1] == "d"
    assert set(ranking[1:3]) == {"a", "b"}


def test_json_holds_everything(command: Any) -> None:
    done = command(
        "judgements.csv", "--gold", "gold.csv", "--costs", "costs.csv", "--specification", "0.9", "--json"
    )
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["labels"] == ["G", "P", "X"]
    items = {item["item"]: item for item in told["items"]}
    assert items["one"]["probabilities"] == {"G": 1.0, "P": 0.0, "X": 0.0}
    assert (items["one"]["gold"], items["three"]["gold"]) == (True, False)
    assert sum(items["three"]["probabilities"].values()) == pytest.approx(1)
    judges = {judge["worker"]: judge for judge in told["judges"]}
    assert (judges["a"]["gold_right"], judges["a"]["gold_judgements"]) == (2, 2)
    assert (judges["d"]["gold_right"], judges["c"]["gold_right"]) == (1, 0)
    for judge in judges.values():
        assert judge["low"] <= judge["high"] <= 1
        assert judge["pay"] == (1 / judge["judges_needed"] if judge["judges_needed"] else 0)
    assert command("judgements.csv", "--json").stdout == command("judgements.csv", "--json").stdout


def test_costs_move_the_verdict(command: Any) -> None:
    split = "worker,item,label\n" + "".join(f"w{n},page,{'ok' if n < 3 else 'bad'}\n" for n in range(5))
    Path("harsh.csv").write_text("true,assigned,cost\nok,bad,1\nbad,ok,1000000\n")

    def label(*more: str) -> str:
        return json.loads(command("-", "--json", "--method", "majority", *more, data=split).stdout)["items"][
            0
        ]["label"]

    assert label() == "ok"
    assert label("--costs", "harsh.csv") == "bad"


@pytest.mark.parametrize("method", ["dawid-skene", "quality-vote", "majority"])
def test_every_method_labels_every_item(command: Any, method: str) -> None:
    told = json.loads(command("judgements.csv", "--json", "--method", method).stdout)
    found = {item["item"]: item["label"] for item in told["items"]}
    assert found == {"one": "G", "two": "P", "three": "X", "four": "G", "five": "P"}


def test_bad_rows_are_named_on_standard_error_and_the_rest_is_used(command: Any) -> None:
    bad = JUDGEMENTS + 'e,one\ne,,G\n,one,G\n\ne,"one"x,G\n'
    done = command("-", data=bad.encode() + b"e,one,\xff\n")
    assert done.exit_code == 0, done.stderr
    for sentence in (
        "Row 21 has 2 fields; 3 are needed",
        "Row 22 has no item",
        "Row 23 has no worker",
        "Row 24 is no proper CSV",
        "Row 25 has a label that is not UTF-8",
        "5 rows were left out, 20 are used.",
    ):
        assert sentence in done.stderr
    assert "5 items, 4 judges, 20 judgements" in done.stdout


def test_a_label_that_the_costs_do_not_name_is_a_bad_row(command: Any) -> None:
    done = command("-", "--costs", "costs.csv", data=JUDGEMENTS + "e,one,Z\n")
    assert "Row 21 has the label 'Z'; the costs name G, P, X" in done.stderr
    assert done.exit_code == 0


def test_gold_that_does_not_fit_is_named_and_left_out(command: Any) -> None:
    Path("gold.csv").write_text(GOLD + "nine,G\nthree,Z\ntwo,G\n")
    done = command("judgements.csv", "--gold", "gold.csv")
    assert "Gold row 3 names the item 'nine', which nobody judged" in done.stderr
    assert "Gold row 4 has the label 'Z', which is none of G, P, X" in done.stderr
    assert "Gold row 5 says 'G' of item 'two'; an earlier row says 'P'" in done.stderr
    assert "3 rows were left out, 2 are used." in done.stderr


@pytest.mark.parametrize(
    "data",
    [
        JUDGEMENTS.replace(",", "\t"),
        JUDGEMENTS.replace(",", ";").replace("\n", "\r\n"),
        JUDGEMENTS.replace("worker,item", "judge,task"),
        "\ufeff" + JUDGEMENTS,
        JUDGEMENTS.encode("utf-16"),
        gzip.compress(JUDGEMENTS.encode(), mtime=0),
        "note," + JUDGEMENTS.replace("\n", "\nx,").removesuffix("x,"),
    ],
)
def test_files_as_they_come_give_the_same_answer(command: Any, data: str | bytes) -> None:
    done = command("-", "--json", data=data)
    assert done.exit_code == 0, done.stderr
    assert done.stdout == command("judgements.csv", "--json").stdout


def test_a_file_without_names_is_taken_in_the_usual_order_and_said_so(command: Any) -> None:
    done = command("-", "--json", data=JUDGEMENTS.split("\n", 1)[1].replace(",", "\t"))
    assert "The first row names no columns" in done.stderr
    assert done.stdout == command("judgements.csv", "--json").stdout


@pytest.mark.parametrize(
    ("arguments", "data", "says"),
    [
        (["-"], "", "The file is empty"),
        (["-"], "a,b\n1,2\n", "A first row with the columns worker, item, label is needed"),
        (["-"], "worker,item,label\n", "no judgement that can be used"),
        (["-"], "worker,item,label\n,one,G\n", "Row 1 has no worker."),
        (["-"], "worker,item,label\na,one,G\n", "Every judgement says 'G'"),
        (["-"], gzip.compress(b"worker,item,label", mtime=0)[:20], "compressed, and damaged"),
        (["-"], b"PK\x03\x04rest", "spreadsheet or an archive"),
        (["judgements.csv", "--costs", "-"], "true,assigned,cost\nG,P,1\n", "to take 'P' for 'G'"),
        (
            ["judgements.csv", "--costs", "-"],
            "true,assigned,cost\nG,P,cheap\n",
            "Row 1 of the costs has the cost 'cheap'",
        ),
        (["judgements.csv", "--costs", "-"], "true,assigned,cost\nG,P,-1\n", "a number from 0 is needed"),
        (["judgements.csv", "--costs", "-"], "true,assigned,cost\nG,G,0\n", "at least two labels"),
    ],
)
def test_what_cannot_be_used_ends_with_a_sentence_and_exit_code_1(
    command: Any, arguments: list[str], data: Any, says: str
) -> None:
    done = command(*arguments, data=data)
    assert (done.exit_code, done.stdout) == (1, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_help_shows_examples(command: Any) -> None:
    done = command("--help")
    assert done.exit_code == 0
    assert (
        "flask --app app btm quality judgements.csv --gold gold.csv --costs costs.csv --json" in done.stdout
    )
    assert "worker,item,label" in done.stdout


@pytest.mark.data
def test_real_judgements_are_labelled_rightly_and_guessers_come_last(command: Any) -> None:
    (workers, items, labels), gold = crowd("rte")
    rows = ("\t".join(row) for row in zip(workers, items, labels, strict=True))
    told = json.loads(command("-", "--json", data="\n".join(rows)).stdout)
    right = sum(item["label"] == gold[item["item"]] for item in told["items"])
    assert right / len(gold) >= 0.92
    assert {judge["worker"] for judge in told["judges"][-3:]} == {"w000", "w014", "w044"}
    assert len(os.listdir()) == 3
