"""Small crawls in which a known cause of errors comes up now and then, and a game that knows the cause."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Sequence
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from . import texts
from .databases import value
from .finding import finds, place, regroup
from .game import SURE, Game

Row = tuple[str, str]
ORDINARY = [
    "garden", "river", "bread", "window", "morning", "council", "library", "station", "weather", "harvest",
    "museum", "painter", "bridge", "season", "village", "market", "doctor", "teacher", "captain", "engine",
    "orchard", "blanket", "kitchen", "letter", "mountain", "concert", "history", "science", "journey", "factory",
    "hospital", "election",
]  # fmt: skip


def known_cause(game: Game, cause: str = "cause", count: int = 10) -> str:
    """A challenge with verified finds of one cause, grouped. Returns the cluster's public id."""
    challenge_id = game.challenge()
    place(game, *finds(game, cause, count))
    assert regroup(game, challenge_id)
    return str(value("SELECT public_id FROM cluster WHERE retired_at IS NULL"))


def ordinary(seed: object) -> str:
    """An English text, unlike anything made of invented words."""
    dice = random.Random(f"ordinary {seed}")
    return ". ".join("The " + " and the ".join(dice.sample(ORDINARY, 6)) for _ in range(8)) + "."


def crawl(game: Game, pages: int, every: int, cause: str = "cause") -> list[Row]:
    """(address, text) of pages of which one in `every` is of the cause; the machine is SURE that all are ham."""
    made = []
    for number in range(pages):
        url = f"https://crawled{number}.example/page"
        text = texts.same_topic(cause, 1000 + number) if number % every == 0 else ordinary(number)
        game.machine.believe(url, (1 - SURE, SURE))
        made.append((url, text))
    return made


def write_jsonl(path: Path, rows: Sequence[Row]) -> Path:
    path.write_text("".join(json.dumps({"url": url, "text": text}) + "\n" for url, text in rows))
    return path


def write_csv(path: Path, rows: Sequence[Row]) -> Path:
    out = io.StringIO()
    csv.writer(out).writerows([("url", "text"), *rows])
    path.write_text(out.getvalue())
    return path


def write_warc(path: Path, rows: Sequence[Row]) -> Path:
    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        for url, text in rows:
            body = f"<html><head><title>Crawled</title></head><body><p>{text}</p></body></html>".encode()
            head = StatusAndHeaders(
                "200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1"
            )
            writer.write_record(
                writer.create_warc_record(url, "response", payload=io.BytesIO(body), http_headers=head)
            )
    return path
