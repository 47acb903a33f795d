"""What a scan has found so far: counts, sums and a few pages. Of a chunk, or of all chunks put together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from classifiers.scan.plan import ScanPlan
from classifiers.scan.suspects import Best, Sample, Suspect


@dataclass
class Blocks:
    """Sums over blocks of pages in a row, from which the spread of a share between blocks follows.

    `count` blocks; `squares`, the sum of n * n over their numbers of pages n; for each cluster, with m suspects in a block,
    the sums of m * m and of m * n.
    """

    count: int = 0
    squares: int = 0
    own: Counter[str] = field(default_factory=Counter)
    cross: Counter[str] = field(default_factory=Counter)

    def close(self, pages: int, suspects: Mapping[str, int]) -> None:
        """Count a finished block."""
        self.count += 1
        self.squares += pages * pages
        for cluster, number in suspects.items():
            self.own[cluster] += number * number
            self.cross[cluster] += number * pages

    def add(self, other: Blocks) -> None:
        self.count += other.count
        self.squares += other.squares
        self.own.update(other.own)
        self.cross.update(other.cross)


class Summary:
    """Pages scored, records left out by reason, pages open, suspects by cluster, and the pages worth a look.

    Its size is bounded by the plan and the number of clusters, whatever was scanned. Adding summaries up gives the same in
    any order.
    """

    def __init__(self, plan: ScanPlan) -> None:
        self.plan = plan
        self.pages = 0
        self.open = 0
        self.bad: Counter[str] = Counter()
        self.clusters: Counter[str] = Counter()
        self.blocks = Blocks()
        self.best = Best(plan.suspects, plan.per_host)
        self.samples: dict[str, Sample] = {}

    def note(self, suspects: Iterable[Suspect]) -> None:
        """Suspects with their clusters counted."""
        suspects = list(suspects)
        self.clusters.update(suspect.cluster for suspect in suspects)
        self._keep(suspects, suspects)

    def add(self, other: Summary) -> None:
        """Take in what another has found."""
        self.pages += other.pages
        self.open += other.open
        self.bad.update(other.bad)
        self.clusters.update(other.clusters)
        self.blocks.add(other.blocks)
        self._keep(other.best.ranked(), [each for s in other.samples.values() for each in s.members()])

    def _keep(self, best: list[Suspect], sampled: list[Suspect]) -> None:
        self.best.add(best)
        for suspect in sampled:
            if suspect.cluster not in self.samples:
                self.samples[suspect.cluster] = Sample(self.plan.sample, self.plan.salt)
            self.samples[suspect.cluster].add((suspect,))

    def sample(self, cluster: str) -> list[Suspect]:
        """The fair sample of a cluster's suspects, for verdicts that the estimate rests on."""
        return self.samples[cluster].members() if cluster in self.samples else []

    def to_json(self) -> dict[str, Any]:
        """Plain values, equal for equal summaries."""
        blocks = self.blocks
        return {
            "pages": self.pages,
            "open": self.open,
            "bad": _plain(self.bad),
            "clusters": _plain(self.clusters),
            "blocks": [blocks.count, blocks.squares, _plain(blocks.own), _plain(blocks.cross)],
            "best": [suspect.to_json() for suspect in self.best.ranked()],
            "samples": [s.to_json() for name in sorted(self.samples) for s in self.samples[name].members()],
        }

    @classmethod
    def from_json(cls, plan: ScanPlan, plain: Mapping[str, Any]) -> Summary:
        """The inverse. Raises KeyError, TypeError or ValueError for anything else."""
        made = cls(plan)
        made.pages, made.open = int(plain["pages"]), int(plain["open"])
        made.bad, made.clusters = Counter(plain["bad"]), Counter(plain["clusters"])
        count, squares, own, cross = plain["blocks"]
        made.blocks = Blocks(int(count), int(squares), Counter(own), Counter(cross))
        made._keep(
            [Suspect(**each) for each in plain["best"]], [Suspect(**each) for each in plain["samples"]]
        )
        return made


def _plain(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: counts[name] for name in sorted(counts)}
