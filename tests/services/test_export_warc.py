from __future__ import annotations

import io
import json
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from btm.pages.fetch import Redirect
from btm.rules.errors import Forbidden, NotFound
from btm.services.export_warc import export_warc

from ..support.clock import WEDNESDAY_NOON as WHEN
from ..support.fakes import read_page
from ..support.finding import cluster
from ..support.game import Game
from .test_place_find import grouped

Record = tuple[str, str, str, bytes]
"""Type, address, status line or method, and body."""


def archive(game: Game, slug: str = "spam") -> bytes:
    return b"".join(export_warc(slug, asker_id=None, now=WHEN, snapshots=game.snapshots))


def records(data: bytes) -> list[Record]:
    found = []
    for record in ArchiveIterator(io.BytesIO(data), check_digests="raise"):
        line = record.http_headers.to_str().split("\r\n")[0] if record.http_headers else ""
        body = record.content_stream().read()
        found.append((record.rec_type, record.rec_headers.get_header("WARC-Target-URI") or "", line, body))
    return found


def metadata(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(body) for kind, _, _, body in records(data) if kind == "metadata"]


def test_a_page_is_there_as_it_came_with_what_was_found_about_it(game: Game) -> None:
    game.challenge()
    url = game.page("https://a.example/x?y=1", text="Some “text” of it.")
    public_id = game.settled("spam", url=url)
    game.settled("ham")
    info, response, request, about = records(archive(game))
    assert info[0] == "warcinfo"
    assert response == ("response", url, "HTTP/1.1 200 OK", "Some “text” of it.".encode())
    assert (request[0], request[1], request[2]) == ("request", url, "GET /x?y=1 HTTP/1.1")
    assert about[:2] == ("metadata", url)
    [row] = metadata(archive(game))
    assert (row["id"], row["verified_label"], row["predicted"], row["has_body"]) == (
        public_id,
        "spam",
        "ham",
        True,
    )
    assert "text" not in row
    assert [each["label"] for each in row["judgements"]] == ["spam", "spam"]


def test_its_cluster_is_there_too(game: Game) -> None:
    _, oak, _ = grouped(game)
    row = next(each for each in metadata(archive(game)) if each["id"] == oak[0])
    assert row["cluster"] == cluster(game, oak[0]).public_id  # type: ignore[union-attr]


def test_the_way_to_a_page_is_there_hop_by_hop(game: Game) -> None:
    game.challenge()
    url, final = "https://a.example/short", "https://c.example/page"
    game.page(url, text="The page.", final_url=final)
    game.reader.pages[url] = read_page(
        url, "The page.", final_url=final, redirects=[Redirect(301, url), Redirect(302, "https://b.example/")]
    )
    game.settled("spam", url=url)
    responses = [(where, line) for kind, where, line, _ in records(archive(game)) if kind == "response"]
    assert responses == [
        (url, "HTTP/1.1 301 Moved Permanently"),
        ("https://b.example/", "HTTP/1.1 302 Found"),
        (final, "HTTP/1.1 200 OK"),
    ]
    locations = [
        record.http_headers.get_header("Location")
        for record in ArchiveIterator(io.BytesIO(archive(game)))
        if record.rec_type == "response"
    ]
    assert locations == ["https://b.example/", final, None]


def test_a_page_whose_bytes_are_gone_has_its_metadata_only(game: Game) -> None:
    game.challenge()
    game.settled("spam")
    game.snapshots.bodies.clear()
    kinds = [kind for kind, *_ in records(archive(game))]
    assert kinds == ["warcinfo", "metadata"]
    assert metadata(archive(game))[0]["has_body"] is False


def test_the_same_corpus_gives_the_same_bytes(game: Game) -> None:
    game.challenge()
    game.settled("spam")
    assert archive(game) == archive(game)


def test_an_archive_is_for_modelers(game: Game) -> None:
    game.challenge()
    with pytest.raises(Forbidden):
        export_warc("spam", asker_id=game.player(), now=WHEN, snapshots=game.snapshots)
    with pytest.raises(NotFound):
        export_warc("nowhere", asker_id=None, now=WHEN, snapshots=game.snapshots)
