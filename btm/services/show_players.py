"""Players who may hand in pages of their own making, for the modelers of a challenge. Nobody else is ever shown this."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import combinations

from btm.pages.clean import normalised
from btm.pages.signature import similarity
from btm.rules.own_pages import (
    LEAST_PAGES,
    NEW_DAYS,
    Handed,
    SitePage,
    frames,
    own_year,
    suspect,
    usual_share,
)
from btm.services.modelling import get_modelled
from btm.services.views_judges import PlayerSignView, PlayersView
from btm.store import handed_in
from btm.store.handed_in import HandedPage, SiteCount
from btm.store.transaction import reading

WINDOW = timedelta(days=180)
MOST_PLAYERS = 40
"""So many players' pages are compared: of those with most pages on sites that nobody else handed in."""
MOST_SITES = 15
MOST_OTHERS = 300
LONGEST_LINE = 120
LEAST_SCORE = 0.1
"""Who looks less suspicious than this is not listed."""


def show_players(slug: str, *, asker_id: int | None, now: datetime) -> PlayersView:
    """Those who look as if they made the pages that they hand in, the most suspicious first. Raises NotFound, Forbidden."""
    since = now - WINDOW
    with reading() as session:
        challenge = get_modelled(session, slug, asker_id)
        counts = handed_in.pages_by_site(session, challenge.id, since)
        handed = _handed(counts, handed_in.first_seen(session, challenge.id, since), now)
        asked = sorted(
            (player for player, each in handed.items() if each.pages >= LEAST_PAGES and each.own),
            key=lambda player: (-sum(handed[player].own.values()), player),
        )[:MOST_PLAYERS]
        most = MOST_PLAYERS * MOST_SITES
        pages = handed_in.newest_pages(session, challenge.id, since, asked, most)
        others = handed_in.newest_pages(session, challenge.id, since, None, MOST_OTHERS)
        names = handed_in.handles(session, asked)
    own = _own_pages(pages, handed)
    told = _frames(own, [*others, *pages])
    signs = [_sign(player, names[player], handed, own[player], told[player]) for player in asked]
    found = [sign for sign in signs if sign is not None and sign.score >= LEAST_SCORE]
    return PlayersView(
        slug=challenge.slug,
        players=tuple(sorted(found, key=lambda sign: (-sign.score, sign.account_id))),
        looked_at=sum(each.pages >= LEAST_PAGES for each in handed.values()),
        since=since,
    )


def _handed(
    counts: Sequence[SiteCount], seen: Mapping[str, tuple[int, datetime]], now: datetime
) -> dict[int, Handed]:
    by_player: dict[int, list[SiteCount]] = defaultdict(list)
    for count in counts:
        by_player[count.player_id].append(count)
    found = {}
    for player, lines in by_player.items():
        own = {line.site: line.pages for line in lines if seen.get(line.site, (2, now))[0] == 1}
        new = sum(seen[site][1] >= now - timedelta(days=NEW_DAYS) for site in own)
        found[player] = Handed(sum(line.pages for line in lines), own, new)
    return found


def _own_pages(pages: Sequence[HandedPage], handed: Mapping[int, Handed]) -> dict[int, list[HandedPage]]:
    """By player, the newest page of each of their own sites."""
    own: dict[int, list[HandedPage]] = defaultdict(list)
    for page in pages:
        if page.site in handed[page.player_id].own and len(own[page.player_id]) < MOST_SITES:
            own[page.player_id].append(page)
    return own


def _frames(
    own: Mapping[int, Sequence[HandedPage]], everybody: Sequence[HandedPage]
) -> dict[int, list[frozenset[str]]]:
    """By player, what tells the frames of their own sites' pages, in the order of `own`."""
    lines: dict[int, list[list[str]]] = defaultdict(list)
    for player, pages in own.items():
        lines[player] = [_lines(page) for page in pages]
    shown = {(page.player_id, page.site) for pages in own.values() for page in pages}
    for page in everybody:
        if (page.player_id, page.site) not in shown:
            lines[page.player_id].append(_lines(page))
    found = frames(lines)
    return defaultdict(list, {player: found[player][: len(pages)] for player, pages in own.items()})


def _lines(page: HandedPage) -> list[str]:
    """The short lines of a page, by which sites of one make are alike: menus, headings, footers."""
    return [normalised(text) for _, text in page.blocks if len(text) <= LONGEST_LINE]


def _sign(
    player: int,
    handle: str,
    handed: Mapping[int, Handed],
    pages: Sequence[HandedPage],
    lines: Sequence[frozenset[str]],
) -> PlayerSignView | None:
    likeness = {
        (i, j): similarity(pages[i].signature, pages[j].signature)
        for i, j in combinations(range(len(pages)), 2)
    }
    sites = [SitePage(page.site, each) for page, each in zip(pages, lines, strict=True)]
    mine = handed[player]
    found = suspect(mine, usual_share(handed, player), sites, likeness)
    if found is None:
        return None
    years = [year for page in pages if (year := own_year(text for _, text in page.blocks)) is not None]
    return PlayerSignView(
        account_id=player,
        handle=handle,
        pages=mine.pages,
        own_pages=sum(mine.own.values()),
        own_sites=len(mine.own),
        score=found.score,
        reasons=tuple(reason.sentence for reason in found.reasons),
        oldest_year=min(years, default=None),
        examples=tuple((page.site, page.public_id) for page in pages[:5]),
    )
