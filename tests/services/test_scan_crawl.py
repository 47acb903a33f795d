from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from btm.rules.errors import Conflict, Forbidden, Invalid, NotFound
from btm.services.keep_scan import keep_scan
from btm.services.pool_pages import add_pages
from btm.services.record_judgement import record_judgement
from btm.services.scan_crawl import Where, candidates, scan_crawl
from btm.services.scanning import SAMPLE, SUSPECT, Scanned
from btm.services.show_scan import list_scans, show_scan
from btm.services.views_scans import ScanView
from btm.store import pool
from btm.store.transaction import transaction
from classifiers.errors import MachineUnavailable

from ..support import texts
from ..support.crawls import crawl, known_cause, ordinary, write_csv, write_jsonl, write_warc
from ..support.databases import rows, value
from ..support.finding import find, finds, place, regroup
from ..support.game import Game


def scanned(game: Game, folder: Path, *sources: Path, **options: Any) -> Scanned:
    """A scan in this process."""
    where = Where(str(folder / "snapshots"), folder / "machines", folder / "scans")
    given: dict[str, Any] = {"where": where, "asker_id": None, "workers": 1} | options
    return scan_crawl("spam", [str(source) for source in sources], **given)


def kept(game: Game, found: Scanned) -> ScanView:
    return keep_scan("spam", found, asker_id=None, now=game.clock(), new_id=game.new("scan"))


def put_up(game: Game, found: Scanned, limit: int = 100) -> list[int]:
    """How many of the sample, and how many of the likeliest errors, came to the pool."""
    return [
        add_pages(
            "spam", pages, source=source, asker_id=None, shelf=game.shelf, snapshots=game.snapshots, now=game.clock(),
            limit=limit,
        ).added
        for source, pages in zip((SAMPLE, SUSPECT), candidates(found, limit), strict=True)
    ]  # fmt: skip


def judge_pool(game: Game, label: str) -> None:
    """Judges call every page of the pool that waits the same."""
    judges = [game.judge() for _ in range(5)]
    for (item,) in rows("SELECT public_id FROM review_item WHERE origin = 'pool' AND state = 'open'"):
        for judge_id in judges:
            if value("SELECT state FROM review_item WHERE public_id = :id", id=item) == "open":
                game.lease_to(str(item), judge_id, "token")
                record_judgement(
                    str(item), judge_id=judge_id, token="token", label=label, cannot=None, seconds=8.0, now=game.clock()
                )  # fmt: skip


@pytest.mark.parametrize(
    ("write", "name"), [(write_jsonl, "c.jsonl"), (write_csv, "c.csv"), (write_warc, "c.warc.gz")]
)
def test_a_cluster_is_counted_in_a_crawl_of_any_kind(
    game: Game, tmp_path: Path, write: Any, name: str
) -> None:
    cluster = known_cause(game)
    found = scanned(game, tmp_path, write(tmp_path / name, crawl(game, 60, 5)))
    assert dict(found.summary.clusters) == {cluster: 12}
    view = kept(game, found)
    assert (view.machine, view.version, view.pages, view.open, view.bad) == ("toy", "1", 60, 60, ())
    [each] = view.clusters
    assert (each.public_id, each.share, each.suspects, each.checked) == (cluster, 0.2, 12, 0)
    assert each.low < 0.2 < each.high
    assert show_scan("spam", view.public_id, asker_id=None) == view
    assert list_scans("spam", asker_id=None) == [view]


def test_the_best_suspects_are_put_up_for_review_once(game: Game, tmp_path: Path) -> None:
    cluster = known_cause(game)
    found = scanned(game, tmp_path, write_warc(tmp_path / "c.warc.gz", crawl(game, 60, 5)))
    assert put_up(game, found, 8) == [4, 4]
    assert put_up(game, found, 8) == [0, 0]
    assert rows(
        "SELECT origin, state, count(*) FROM review_item WHERE submission_id IS NULL GROUP BY 1, 2"
    ) == [("pool", "open", 8)]
    assert rows(
        "SELECT DISTINCT c.public_id, p.assigned FROM pool_page p JOIN cluster c ON c.id = p.cluster_id"
    ) == [(cluster, "ham")]
    assert game.lease(game.judge()).title == "Crawled"
    assert kept(game, found).sent == 8
    game.check_books()


def test_verdicts_on_the_sample_make_it_an_estimate_of_errors(game: Game, tmp_path: Path) -> None:
    known_cause(game)
    source = write_jsonl(tmp_path / "c.jsonl", crawl(game, 60, 5))
    found = scanned(game, tmp_path, source)
    before = kept(game, found).clusters[0]
    put_up(game, found)
    judge_pool(game, "ham")
    again = scanned(game, tmp_path, source)
    after = kept(game, again).clusters[0]
    assert (before.checked, after.checked, after.truly) == (0, 12, 0)
    assert after.share < before.share / 4
    assert value("SELECT count(*) FROM scan") == 2
    game.check_books()
    game.check_nothing_is_promised()


def test_a_scan_feeds_prevalence_and_bounded_weights_to_clusters(game: Game, tmp_path: Path) -> None:
    challenge_id = game.challenge()
    place(game, *finds(game, "common", 6), *finds(game, "rare", 6))
    assert regroup(game, challenge_id)
    pages = crawl(game, 200, 2, "common") + [
        (f"https://r{n}.example/", texts.same_topic("rare", 500 + n)) for n in range(2)
    ]
    view = kept(game, scanned(game, tmp_path, write_jsonl(tmp_path / "c.jsonl", pages)))
    assert [each.suspects for each in view.clusters] == [100, 2]
    assert [each.weight for each in view.clusters] == [
        weight for (weight,) in rows("SELECT weight FROM cluster ORDER BY weight DESC")
    ]
    assert 1 < view.clusters[0].weight <= 2
    assert 0.5 <= view.clusters[1].weight < 1
    assert value("SELECT count(*) FROM cluster WHERE prevalence IS NOT NULL") == 2


def test_a_quote_is_weighed_by_the_cluster_that_the_page_would_be_placed_in(game: Game) -> None:
    cluster = known_cause(game)
    plain = game.quoted(url=game.page(text=texts.same_topic("cause", 77)))
    committed = game.committed(url=game.page(text=texts.same_topic("cause", 78)))
    promised = game.row(committed).quote
    assert promised is not None
    with transaction() as session:
        pool.write_prevalence(session, game.row(plain).challenge_id, cluster, {"share": 0.1}, 0.5)
    heavy = game.quoted(url=game.page(text=texts.same_topic("cause", 79)))
    other = game.quoted(url=game.page(text=ordinary("something else")))
    weights = [game.row(each).quote.prevalence_weight for each in (plain, heavy, other)]  # type: ignore[union-attr]
    assert weights == [1.0, 0.5, 1.0]
    assert game.view(heavy).quote.points < game.view(plain).quote.points  # type: ignore[union-attr]
    kept_promise = game.row(committed).quote
    assert kept_promise is not None
    assert (kept_promise.prevalence_weight, kept_promise.points) == (1.0, promised.points)


def test_a_scan_that_was_interrupted_goes_on_though_errors_were_verified_meanwhile(
    game: Game, tmp_path: Path
) -> None:
    known_cause(game)
    source = write_jsonl(tmp_path / "c.jsonl", crawl(game, 60, 5))
    whole = scanned(game, tmp_path, source, state=tmp_path / "whole", chunk_bytes=4000)

    def stop(share: float, word: str) -> None:
        if share > 0.4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scanned(game, tmp_path, source, chunk_bytes=4000, progress=stop)
    find(game, "another cause", 0)
    shares: list[float] = []
    found = scanned(
        game, tmp_path, source, chunk_bytes=4000, progress=lambda share, word: shares.append(share)
    )
    assert shares[0] > 0.4
    assert found.summary.to_json() == whole.summary.to_json()
    fresh = scanned(game, tmp_path, source, fresh=True)
    assert len(fresh.summary.plan.known.clusters) == len(whole.summary.plan.known.clusters) + 1


def test_what_cannot_be_scanned_is_refused_with_a_sentence(game: Game, tmp_path: Path) -> None:
    known_cause(game)
    with pytest.raises(Invalid, match="nothing to scan"):
        scanned(game, tmp_path, tmp_path / "missing.jsonl")
    with pytest.raises(Forbidden):
        scanned(game, tmp_path, tmp_path / "c.jsonl", asker_id=game.player())
    with pytest.raises(NotFound):
        show_scan("spam", "other", asker_id=None)
    first = write_jsonl(tmp_path / "a.jsonl", crawl(game, 10, 5))
    second = write_jsonl(tmp_path / "b.jsonl", crawl(game, 12, 5))
    scanned(game, tmp_path, first, state=tmp_path / "state")
    with pytest.raises(Invalid, match="--fresh begins anew"):
        scanned(game, tmp_path, second, state=tmp_path / "state")


def test_a_machine_that_is_away_leaves_the_parts_to_be_tried_again(game: Game, tmp_path: Path) -> None:
    known_cause(game)
    source = write_jsonl(tmp_path / "c.jsonl", crawl(game, 20, 5))
    game.machine.trouble = MachineUnavailable("The machine does not answer.")
    assert len(scanned(game, tmp_path, source).failed) == 1
    with pytest.raises(Conflict, match="kept; go on later"):
        scanned(game, tmp_path, source, chunk_bytes=1000)
    game.machine.trouble = None
    assert scanned(game, tmp_path, source).summary.pages == 20


def test_before_the_first_find_there_is_nothing_to_look_for(game: Game, tmp_path: Path) -> None:
    game.challenge()
    found = scanned(game, tmp_path, write_jsonl(tmp_path / "c.jsonl", crawl(game, 10, 5)))
    assert (found.summary.pages, kept(game, found).clusters, candidates(found, 10)) == (10, (), ([], []))
