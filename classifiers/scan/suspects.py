"""What a scan keeps of single pages: the likeliest errors, and a fair sample of each cluster. Both are of bounded size,
and come out the same in whatever order chunks are put together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Suspect:
    """A page that looks like an error of a cause already known.

    `foreseeable` is the known-unknowns model's probability of that; `severity` how wrong the machine would be, 0 to 1;
    `label` what it says, with `probability`. `source` and `offset` find the record again (`sources.read_at`).
    """

    url: str
    cluster: str
    foreseeable: float
    severity: float
    label: str
    probability: float
    title: str
    source: str
    offset: int

    @property
    def score(self) -> float:
        """What finding out is worth: the probability of an error, times its severity."""
        return self.foreseeable * self.severity

    @property
    def host(self) -> str:
        """The host that the page is of, without `www.`; empty where the address is none."""
        try:
            return (urlsplit(self.url).hostname or "").removeprefix("www.")
        except ValueError:
            return ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class Best:
    """The `most` suspects of highest score, no address twice and at most `per_host` of one host.

    Addresses within hosts within the whole are nested sets, so keeping the best as they come loses none of the final ones
    (greedy is exact on a laminar matroid: Edmonds 1971).
    """

    def __init__(self, most: int, per_host: int) -> None:
        self.most = most
        self.per_host = per_host
        self._held: list[Suspect] = []

    def add(self, suspects: Iterable[Suspect]) -> None:
        """Offer some."""
        for suspect in suspects:
            self._held.append(suspect)
            if len(self._held) >= 2 * self.most + 100:
                self._held = self.ranked()

    def ranked(self) -> list[Suspect]:
        """Those kept, best first; ties by address and place."""
        kept: list[Suspect] = []
        urls: set[str] = set()
        hosts: dict[str, int] = {}
        for each in sorted(self._held, key=lambda s: (-s.score, s.url, s.source, s.offset)):
            if each.url not in urls and hosts.get(each.host, 0) < self.per_host:
                urls.add(each.url)
                hosts[each.host] = hosts.get(each.host, 0) + 1
                kept.append(each)
                if len(kept) == self.most:
                    break
        return kept


class Sample:
    """`size` of the suspects offered, every one with the same chance: those whose hash is lowest.

    Only verdicts on these say what share of a cluster's suspects are errors; the best-ranked ones flatter it. `salt` makes
    another sample. Bottom-k sampling (Cohen and Kaplan 2007): mergeable, and without a random state to keep.
    """

    def __init__(self, size: int, salt: int) -> None:
        self.size = size
        self._salt = salt
        self._held: dict[tuple[str, int, str], tuple[bytes, Suspect]] = {}

    def add(self, suspects: Iterable[Suspect]) -> None:
        """Offer some."""
        for suspect in suspects:
            key = (suspect.source, suspect.offset, suspect.url)
            self._held[key] = (self._hash(key), suspect)
            if len(self._held) >= 2 * self.size + 20:
                self._cut()

    def members(self) -> list[Suspect]:
        """Those kept, in the order of their hashes."""
        self._cut()
        return [suspect for _, suspect in self._held.values()]

    def _cut(self) -> None:
        kept = sorted(self._held.items(), key=lambda item: item[1][0])
        self._held = dict(kept[: self.size])

    def _hash(self, key: tuple[str, int, str]) -> bytes:
        text = "\0".join((str(self._salt), *map(str, key)))
        return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=12).digest()
