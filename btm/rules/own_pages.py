"""Does a player hand in pages of their own making? A suspicion with its reasons, from what is known here; never a proof.

Somebody who makes pages to be paid for them needs sites that nobody else knows, and fills them from one frame: the same menu, footer and
phrases on every one. Honest hunters find sites that nobody else handed in, too, so that alone says little; how usual it is among the others is
what it is measured against.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

_COPYRIGHT = re.compile(r"(?:©|\(c\)|copyright)\D{0,20}((?:19|20)\d\d)", re.IGNORECASE)
LEAST_PAGES = 4
"""Of somebody with fewer pages nothing is said."""
LEAST_SITES = 2
"""Frames are compared between so many sites at least."""
ALIKE = 0.3
"""Two pages are of one frame from this share of lines in common on."""
NEARLY = 0.2
"""Or from this share of word shingles in common on. Unrelated texts have next to none; from .6 on a page is refused as a repeat."""
NEW_DAYS = 30
WEIGHTS = {"alike": 0.7, "alone": 0.3, "one_site": 0.3, "new": 0.1}
"""How much each sign can say at most. They are put together as independent reasons are: 1 - prod(1 - weight * strength)."""


@dataclass(frozen=True, slots=True)
class SitePage:
    """One page of a player, one a site: `lines` are those that tell its frame."""

    site: str
    lines: frozenset[str]


@dataclass(frozen=True, slots=True)
class Handed:
    """What a player handed in. `own` counts pages by site, for the sites that nobody else ever handed in; `new_sites` are those of them that
    this place first saw within NEW_DAYS; `pages` are all of them."""

    pages: int
    own: Mapping[str, int]
    new_sites: int

    @property
    def own_share(self) -> float:
        return sum(self.own.values()) / self.pages if self.pages else 0.0


@dataclass(frozen=True, slots=True)
class Reason:
    """A sign: `code` is one of WEIGHTS, `strength` from 0 to 1, and the sentence for a modeler."""

    code: str
    strength: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Suspicion:
    """`score` from 0 to 1, and what it is made of, the strongest sign first."""

    score: float
    reasons: tuple[Reason, ...]


def suspect(
    handed: Handed, usual_share: float, pages: Sequence[SitePage], likeness: Mapping[tuple[int, int], float]
) -> Suspicion | None:
    """How likely it looks that a player makes the pages; None where there are too few to say anything.

    usual_share: what share of the others' pages is on sites that only their player handed in, 0 to 1. pages: of the player's own sites,
    one a site, without the lines that other players' pages have too. likeness: by positions (i < j) in `pages`, the estimated share
    of word shingles in common.
    """
    if handed.pages < LEAST_PAGES:
        return None
    found = [
        reason
        for reason in (
            _alike(pages, likeness),
            _alone(handed, usual_share),
            _one_site(handed),
            _new(handed),
        )
        if reason is not None
    ]
    left = 1.0
    for reason in found:
        left *= 1 - WEIGHTS[reason.code] * reason.strength
    order = sorted(found, key=lambda reason: -WEIGHTS[reason.code] * reason.strength)
    return Suspicion(round(1 - left, 4), tuple(order))


def _alike(pages: Sequence[SitePage], likeness: Mapping[tuple[int, int], float]) -> Reason | None:
    if len(pages) < LEAST_SITES:
        return None
    pairs = list(combinations(range(len(pages)), 2))
    alike = [pair for pair in pairs if _is_alike(pages, pair, likeness.get(pair, 0.0))]
    if not alike:
        return None
    involved = len({page for pair in alike for page in pair})
    share = involved / len(pages)
    return Reason(
        "alike",
        share if involved > LEAST_SITES else share / 2,
        f"{involved} of {len(pages)} sites that only they handed in share a frame or wording that no other player's pages have.",
    )


def _is_alike(pages: Sequence[SitePage], pair: tuple[int, int], likeness: float) -> bool:
    a, b = pages[pair[0]].lines, pages[pair[1]].lines
    return likeness >= NEARLY or (len(a & b) >= LEAST_SITES and len(a & b) / len(a | b) >= ALIKE)


def _alone(handed: Handed, usual_share: float) -> Reason | None:
    excess = max(0.0, handed.own_share - usual_share) / max(1e-9, 1 - usual_share)
    if excess <= 0:
        return None
    return Reason(
        "alone",
        excess,
        f"{handed.own_share:.0%} of their pages are on sites that nobody else handed in; {usual_share:.0%} is usual here.",
    )


def _one_site(handed: Handed) -> Reason | None:
    """Many pages of one site that nobody else knows."""
    site, most = max(handed.own.items(), key=lambda each: (each[1], each[0]), default=("", 0))
    if most < LEAST_PAGES:
        return None
    return Reason(
        "one_site", most / handed.pages, f"{most} pages are of {site}, which nobody else handed in."
    )


def _new(handed: Handed) -> Reason | None:
    if not handed.new_sites:
        return None
    many = "site was" if handed.new_sites == 1 else "sites were"
    return Reason(
        "new",
        handed.new_sites / len(handed.own),
        f"{handed.new_sites} of these {len(handed.own)} {many} first seen here within the last {NEW_DAYS} days.",
    )


def frames(players: Mapping[int, Sequence[Iterable[str]]]) -> dict[int, list[frozenset[str]]]:
    """By player, the lines of each page that tell its frame: those that no other player's page has, so that what every site says ("Cookies",
    "Powered by ...") makes nobody alike. players: by player, the lines of each of their pages."""
    sets = {player: [frozenset(lines) for lines in pages] for player, pages in players.items()}
    owners = Counter(line for pages in sets.values() for line in frozenset().union(*pages))
    return {
        player: [frozenset(line for line in lines if owners[line] == 1) for lines in pages]
        for player, pages in sets.items()
    }


def usual_share(all_handed: Mapping[int, Handed], but: int) -> float:
    """What share of the others' pages is on sites that only their player handed in; 0 where there are no others."""
    others = [handed for player, handed in all_handed.items() if player != but]
    pages = sum(handed.pages for handed in others)
    return sum(sum(handed.own.values()) for handed in others) / pages if pages else 0.0


def own_year(lines: Iterable[str]) -> int | None:
    """The earliest year of a copyright line: how old a page says that its site is, which nobody has to believe. None where it says nothing."""
    years = [int(year) for line in lines for year in _COPYRIGHT.findall(line)]
    return min(years, default=None)
