from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from btm.pages.blocks import Block, joined
from btm.pages.clean import content_hash
from btm.services import memory

from ..support import texts
from ..support.databases import value
from ..support.game import Game
from .test_place_find import judged_anew

FOOTER = " ".join(texts.words("footer", 80))


def page_of(game: Game, url: str, *blocks: str) -> str:
    """A page made of these blocks."""
    address = game.page(url, text="\n\n".join(blocks))
    made = tuple(Block("p", block) for block in blocks)
    whole = joined(made)
    game.reader.pages[address] = replace(
        game.reader.pages[address],
        blocks=made,
        text=whole,
        content_hash=content_hash(whole),  # type: ignore[type-var]
    )
    return address


def novelty(game: Game, url: str) -> float:
    """What a fresh player is told about a page; a page that is refused as a repeat is not new at all."""
    row = game.row(game.submitted(url=url))
    if row.refusal in ("already_found", "already_handed_in"):
        return 0.0
    assert row.quote is not None, row.refusal
    return row.quote.novelty


def test_novelty_falls_at_once_in_another_process_that_has_looked_before(
    game: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    game.challenge()
    game.settled("spam", url=game.page(text=texts.text("something else")))
    here: dict[tuple[str, int], memory._Memory] = {}
    there: dict[tuple[str, int], memory._Memory] = {}
    monkeypatch.setattr(memory, "_memories", there)
    assert novelty(game, game.page(text=texts.same_topic("oak", 1))) > 0.8
    monkeypatch.setattr(memory, "_memories", here)
    found = game.settled("spam", url=game.page(text=texts.same_topic("oak", 2)))
    monkeypatch.setattr(memory, "_memories", there)
    third = game.quoted(url=game.page(text=texts.same_topic("oak", 3)))
    quote = game.row(third).quote
    assert quote is not None
    assert quote.novelty < 0.4
    assert quote.neighbours[0][0] == game.row(found).id
    assert quote.neighbours[0][1] > 0.5


def test_a_verdict_that_is_overturned_is_learned_anew(game: Game) -> None:
    game.challenge()
    found = game.settled("spam", url=game.page(text=texts.same_topic("oak", 1)))
    assert novelty(game, game.page(text=texts.same_topic("oak", 2))) < 0.4
    judged_anew(found, game, truth="ham", is_error=False)
    assert novelty(game, game.page(text=texts.same_topic("oak", 3))) > 0.95
    judged_anew(found, game, truth="spam", is_error=True)
    assert novelty(game, game.page(text=texts.same_topic("oak", 4))) < 0.4
    assert value("SELECT count(*) FROM outcome") == 1


KNOWN = [" ".join(texts.words(f"known {turn}", 40)) for turn in range(5)]
OTHERS = [" ".join(texts.words(f"others {turn}", 40)) for turn in range(5)]


@pytest.mark.parametrize(
    ("url", "blocks"),
    [
        ("https://mirror.example/x", KNOWN),
        ("https://mirror.example/x", KNOWN[::-1]),
        ("https://mirror.example/x", [*OTHERS[:1], *KNOWN, *OTHERS[1:2]]),
        ("https://mirror.example/x", [*OTHERS[:2], *KNOWN[::-1], *OTHERS[2:4]]),
        ("https://a.example/other-address", [*KNOWN, *OTHERS[:1]]),
        ("https://a.example/other-address", [*OTHERS[:2], *KNOWN, *OTHERS[2:4]]),
        ("https://a.example/other-address", KNOWN[:3]),
    ],
)
def test_a_known_page_in_a_thin_disguise_is_not_new(game: Game, url: str, blocks: Sequence[str]) -> None:
    game.challenge()
    game.settled("spam", url=page_of(game, "https://a.example/known", *KNOWN))
    assert novelty(game, page_of(game, url, *blocks)) < 0.4


@pytest.mark.parametrize("committed_only", [False, True])
def test_another_page_of_the_same_site_is_new(game: Game, committed_only: bool) -> None:
    game.challenge()
    player = game.player()
    first = page_of(game, "https://a.example/known", FOOTER, *KNOWN)
    if committed_only:
        game.committed(player, first)
    else:
        game.settled("spam", player, first)
    second = game.quoted(player, page_of(game, "https://a.example/other", FOOTER, *OTHERS))
    quote = game.row(second).quote
    assert quote is not None
    assert quote.novelty > 0.8
