"""What stands word for word on several pages of a site is the site's, and says nothing about one of them. Shared by the services."""

from __future__ import annotations

import hashlib
from array import array
from dataclasses import replace

from btm.services.machines import as_page
from btm.services.presenting import host_of
from btm.store.tables_play import DbPage
from classifiers.page import Page

MOST_SHARED = 0.35
"""A page of whose words more than this stand on another page of its site is like that page, and not merely of its site."""
MOST_PAGES = 50


class Sites:
    """The blocks of known pages, by site, as hashes: of each site those of the last pages."""

    def __init__(self) -> None:
        self._blocks: dict[str, list[array[int]]] = {}

    def add(self, page: DbPage) -> None:
        """Remember a page's blocks."""
        of_site = self._blocks.setdefault(host_of(page.final_url), [])
        of_site.append(array("Q", (_hash(text) for _, text in page.blocks)))
        del of_site[:-MOST_PAGES]

    def known(self, page: DbPage) -> set[int]:
        """The hashes of all blocks known of this page's site."""
        return {block for each in self._blocks.get(host_of(page.final_url), ()) for block in each}


def own_words(page: DbPage, sites: Sites) -> Page:
    """The page as a machine reads it, without what stands on other known pages of its site: a menu, a footer, a standing notice.

    Where that is more than a third of the page it stays: then the page repeats another one, and is no new page of the same site.
    """
    known = sites.known(page)
    whole = as_page(page)
    if not known:
        return whole
    own = [text for _, text in page.blocks if _hash(text) not in known]
    words, own_count = (
        sum(len(text.split()) for _, text in page.blocks),
        sum(len(text.split()) for text in own),
    )
    if own_count < (1 - MOST_SHARED) * words:
        return whole
    return replace(whole, text="\n\n".join(own))


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
