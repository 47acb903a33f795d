"""Sample views of the corpus wing, one for each state that a page can be in."""

from __future__ import annotations

import random
from dataclasses import replace

from btm.services import views_clusters as vc

from . import samples as s
from .samples import DRUGS, NONE, before


def share(count: int, total: int, low: float, high: float) -> vc.ShareView:
    return vc.ShareView(count / total, low, high, count, total)


NO_SHARE = vc.ShareView(None, None, None, 0, 0)

CACTI = vc.ClusterCard(
    "c1", "San Pedro cuttings", True, ("trichocereus", "san pedro", "cuttings", "columnar", "freshly harvested", "pachanoi"), DRUGS, NONE,
    64, 11, 0.912, (1, 4, 13, 46), "known", before(days=80), before(hours=9), True, 1.0, share(62, 412_000, 0.000118, 0.000193), 1.31,
)  # fmt: skip
CLUSTERS = (
    CACTI,
    replace(CACTI, public_id="c2", name="incense, herbal blend, collectors", is_named=False, terms=("incense", "herbal blend", "collectors"), size=41, finders=8, severity=0.874, bands=(2, 3, 12, 24), state="new", common=share(31, 412_000, 0.00005, 0.000107), weight=1.0),
    replace(CACTI, public_id="c3", name="trip reports told as travel diaries", size=33, finders=14, severity=0.71, bands=(3, 8, 14, 8), state="regressed", last_at=before(days=2), common=share(4, 412_000, 0.000004, 0.000025), weight=0.8, open_share=0.55),
    replace(CACTI, public_id="c4", name="plant food, bath, not for human", is_named=False, size=22, finders=3, severity=0.96, bands=(0, 0, 2, 20), state="fixed", last_at=before(days=40), is_active=False, common=share(2, 412_000, 0.000001, 0.000018), open_share=0.045),
    replace(CACTI, public_id="c5", name="kratom, leaf, powder", is_named=False, size=12, finders=5, severity=0.66, bands=(2, 3, 5, 2), state="new", common=None),
    replace(CACTI, public_id="c6", name="poppy pods for dried flower arrangements of every kind and for all seasons", size=7, finders=2, severity=0.83, bands=(0, 1, 2, 4), state="known", common=None, open_share=None),
    replace(CACTI, public_id="c7", name="grow tents, lights", is_named=False, size=3, finders=1, severity=0.58, bands=(0, 1, 2, 0), state="new", common=None),
)  # fmt: skip
MANY_CLUSTERS = tuple(
    replace(CLUSTERS[i % 7], public_id=f"m{i}", name=f"{CLUSTERS[i % 7].name} {i}", size=max(3, 900 - 14 * i)) for i in range(60)
)  # fmt: skip

PLAYERS = vc.ArmView(
    "Players",
    1204,
    share(325, 1204, 0.246, 0.296),
    share(79, 1204, 0.053, 0.081),
    (0.12, 0.2, 0.44, 0.24),
    1312.0,
)
INSPECTION = vc.ArmView(
    "Inspection",
    500,
    vc.ShareView(0.087, 0.061, 0.118, 52, 500),
    vc.ShareView(0.012, 0.003, 0.031, 6, 500),
    (0.57, 0.29, 0.125, 0.015),
    None,
)
WEEKS = tuple(
    (before(days=7 * (14 - i)), probes, errors)
    for i, (probes, errors) in enumerate(
        ((40, 19), (96, 41), (121, 44), (88, 27), (0, 0), (102, 31), (140, 39), (131, 30), (97, 18), (110, 26), (84, 15), (76, 14), (61, 11), (58, 10))
    )
)  # fmt: skip
CORPUS = vc.CorpusView(
    "drugs", s.CARD.title, 325, 1204, CLUSTERS, PLAYERS, INSPECTION,
    "Players found errors in 27% (25 to 30%) of the pages they sent; inspection in 8.7% (6.1 to 12%); severe: 6.6% (5.3 to 8.1%) against 1.2% (0.3 to 3.1%).",
    vc.QuadrantsView(912, 284, 131, 246), WEEKS, 14,
)  # fmt: skip
CORPUS_ALONE = replace(CORPUS, inspection=None, sentence="Players found errors in 27% (25 to 30%) of the pages they sent, severe ones in 6.6% (5.3 to 8.1%). Nothing was inspected yet, so there is nothing to hold that against.")  # fmt: skip
NO_ARM = vc.ArmView("Players", 0, NO_SHARE, NO_SHARE, (0.0, 0.0, 0.0, 0.0), None)
CORPUS_NONE = vc.CorpusView(
    "drugs",
    s.CARD.title,
    0,
    0,
    (),
    NO_ARM,
    None,
    "No page was verified yet.",
    vc.QuadrantsView(0, 0, 0, 0),
    (),
    0,
)
CORPUS_INSPECTED = replace(CORPUS_NONE, inspection=INSPECTION, sentence="Nothing that players sent was verified yet.", quadrants=vc.QuadrantsView(400, 48, 40, 12))  # fmt: skip
CORPUS_NO_ERROR = replace(CORPUS_NONE, probes=3, players=replace(NO_ARM, pages=3, errors=vc.ShareView(0.0, 0.0, 0.56, 0, 3), severe=vc.ShareView(0.0, 0.0, 0.56, 0, 3)), sentence="Players found errors in 0% (0 to 56%) of the pages they sent.", weeks=((before(days=3), 3, 0),))  # fmt: skip
CORPUS_MANY = replace(CORPUS, clusters=MANY_CLUSTERS)

TITLES = (
    "Rare cacti and succulents, fast delivery",
    "Incense for collectors",
    "A week in the rain forest",
    "",
    "Ein Abend in Wien",
)


def scattered(
    clusters: tuple[vc.ClusterCard, ...], lone: int, seed: int = 5, per: int | None = None
) -> tuple[vc.MapPoint, ...]:
    """Finds around a middle for each cluster, and some anywhere."""
    dice = random.Random(seed)
    points = []
    for card in clusters:
        x, y, wide = dice.uniform(0.12, 0.88), dice.uniform(0.12, 0.88), dice.uniform(0.02, 0.06)
        for _ in range(per or card.size):
            points.append((dice.gauss(x, wide), dice.gauss(y, wide), card.public_id, card.state))
    points += [(dice.random(), dice.random(), "", "new") for _ in range(lone)]
    dice.shuffle(points)
    return tuple(
        vc.MapPoint(f"{i:016x}", min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0), cluster, dice.betavariate(5, 2), state, TITLES[i % 5], f"site-{i % 97}.example")
        for i, (x, y, cluster, state) in enumerate(points)
    )  # fmt: skip


MAP = vc.MapView("drugs", s.CARD.title, scattered(CLUSTERS, 46), CLUSTERS, 46, 228, 12, before(minutes=21))
MAP_NONE = vc.MapView("drugs", s.CARD.title, (), (), 0, 0, 0, None)
MAP_FEW = vc.MapView("drugs", s.CARD.title, scattered((), 3), (), 3, 3, 3, None)
MAP_UNSCANNED = replace(MAP, clusters=tuple(replace(each, common=None) for each in CLUSTERS))
MAP_MANY = vc.MapView("drugs", s.CARD.title, scattered(MANY_CLUSTERS, 2000, per=300), MANY_CLUSTERS, 2000, 31_204, 0, before(hours=2))  # fmt: skip

FIND = s.FINDS[0]
FINDS = tuple(
    replace(s.FINDS[i % 2], public_id=f"find{i}", severity=0.97 - 0.03 * i, title=TITLES[i % 5], settled_at=before(days=2 * i))
    for i in range(8)
)  # fmt: skip
CLUSTER = vc.ClusterView(
    "drugs", s.CARD.title, CACTI, "Garden shops that sell columnar cacti by the cutting, and say how fresh the skin is.\nSent to the crawl team in May.",
    FINDS[:3], FINDS, "older",
    (("desert-garden.example", 21), ("a-very-long-host-name-of-a-garden-shop-that-does-not-end.example", 12), *((f"site-{i}.example", 9 - i) for i in range(8))),
    (("en", 51), ("de", 9), ("", 4)),
    (vc.VersionStatus("drugs", "2026.11", 64, 64, before(days=60)), vc.VersionStatus("drugs-corrected", "9f31c07be2aa", 9, 64, before(days=20)), vc.VersionStatus("drugs-corrected", "b20c55d19aa0", 0, 64, before(hours=2))),
    tuple((before(days=77 - 7 * i), count) for i, count in enumerate((3, 9, 14, 8, 0, 6, 9, 4, 5, 2, 3, 1))), 4, 2,
    {"find0": "same", "find1": "changed", "find2": "gone"},
)  # fmt: skip
CLUSTER_SMALL = vc.ClusterView(
    "drugs", s.CARD.title, CLUSTERS[6], "", FINDS[:1], FINDS[:3], None, (("smoke.example", 3),), (("en", 3),), (), ((before(days=3), 3),), 0, 0
)  # fmt: skip
REPORTS = {
    "c1": CLUSTER,
    "c7": CLUSTER_SMALL,
    "c3": replace(CLUSTER, card=CLUSTERS[2], notes=""),
    "c6": replace(CLUSTER, card=CLUSTERS[5]),
}

STRATA = tuple(
    (i / 20, (i + 1) / 20, pool, min(50, pool), min(judged, pool), errors)
    for i, (pool, judged, errors) in enumerate(
        ((61_204, 50, 1), (4_110, 50, 3), (1_209, 48, 4), (803, 50, 9), (611, 50, 11), (498, 50, 14), (402, 50, 18), (377, 50, 21), (21, 21, 10), (0, 0, 0))
    )
)  # fmt: skip
AUDIT = vc.AuditView("a1", "drugs", "2026.11", "a day of traffic.jsonl", "done", 69_235, 500, 500, STRATA, INSPECTION.errors, INSPECTION.severe, before(days=9))  # fmt: skip
AUDIT_JUDGING = replace(
    AUDIT, public_id="a2", data="crawl-2026-11.csv", state="judging", judged=120, created_at=before(days=1)
)
AUDIT_NEW = replace(AUDIT, public_id="a3", data="", state="judging", judged=0, strata=tuple((*each[:4], 0, 0) for each in STRATA), errors=NO_SHARE, severe=NO_SHARE, created_at=before(hours=1))  # fmt: skip
AUDITS = [AUDIT_NEW, AUDIT_JUDGING, AUDIT]

SETS = (
    vc.RoundSet("natural", "Natural traffic", 8250, (("average_precision", 0.9132, 0.9141, -0.0012, 0.0031), ("auc", 0.981, 0.9815, -0.001, 0.002), ("calibration", 0.011, 0.012, -0.002, 0.004), ("accuracy", 0.962, 0.963, -0.002, 0.004), ("wrong", 0.038, 0.037, -0.004, 0.002), ("severe", 0.004, 0.003, -0.002, 0.0), ("cost", 0.0312, 0.0308, -0.0011, 0.0004), ("log_loss", 0.104, 0.103, -0.004, 0.002))),
    vc.RoundSet("audit", "Stratified audit", 500, (("average_precision", 0.741, 0.778, 0.004, 0.071), ("wrong", 0.087, 0.071, -0.031, -0.002), ("cost", 0.074, 0.069, -0.013, 0.003), ("calibration", 0.05, 0.071, 0.003, 0.04), ("auc", None, None, None, None))),
    vc.RoundSet("corpus", "Held-out finds", 162, (("wrong", 1.0, 0.284, -0.79, -0.64), ("severe", 0.43, 0.06, -0.44, -0.3), ("cost", 0.86, 0.31, -0.6, -0.5), ("average_precision", None, None, None, None))),
)  # fmt: skip
ROUND_CLUSTERS = (
    vc.RoundCluster("c1", "San Pedro cuttings", 32, 1.0, 0.03, "fixed"),
    vc.RoundCluster("c2", "incense, herbal blend, collectors", 20, 1.0, 0.35, "better"),
    vc.RoundCluster("c3", "trip reports told as travel diaries", 17, 0.94, 0.94, "same"),
    vc.RoundCluster("c4", "plant food, bath, not for human", 11, 0.09, 0.27, "worse"),
    vc.RoundCluster("", "Finds that stand alone", 23, 1.0, 0.61, "better"),
)
READY = vc.RoundView(
    "ready", 4, "correction", "ready", "drugs 2026.11", "drugs-corrected b20c55d19aa0", "", None, "promote",
    ("Of the held-out finds 100% before and 28% after are wrong; 1 of 4 clusters are fixed.", "On natural traffic average precision goes from 0.9132 to 0.9141 (difference +0.0009, -0.0012 to +0.0031) and expected cost from 0.0312 to 0.0308 (difference -0.0004, -0.0011 to +0.0004): not worse by more than 0.003."),
    SETS, ROUND_CLUSTERS, 1, 0, before(hours=3), before(hours=2), None, True, False,
)  # fmt: skip
ADVERSE = replace(
    READY, public_id="adverse", number=3, recommendation="do_not", may_promote=False,
    reasons=("On natural traffic average precision goes from 0.9132 to 0.9021 (difference -0.0111, -0.0150 to -0.0071): worse by more than 0.003.",),
)  # fmt: skip
ROUNDS = {
    each.public_id: each
    for each in (
        replace(READY, public_id="training", number=8, state="training", candidate="", message="Training the candidate", progress=0.42, recommendation="", reasons=(), sets=(), clusters=(), closed=0, finished_at=None, may_promote=False),
        READY,
        ADVERSE,
        replace(READY, public_id="thin", number=2, kind="candidate", state="declined", recommendation="not_enough_data", reasons=("There are 14 held-out finds; at least 20 are needed to tell.",), sets=(replace(SETS[0], pages=0, figures=()),), clusters=(), closed=0, decided_at=before(hours=1), may_promote=False),
        replace(READY, public_id="promoted", number=1, state="promoted", closed=4, regressed=1, decided_at=before(days=9), may_promote=False, may_roll_back=True),
        replace(READY, public_id="rolled_back", number=7, state="rolled_back", decided_at=before(days=9), may_promote=False),
        replace(READY, public_id="failed", number=6, state="failed", candidate="", message="The base data holds one label only. Give a file with both.", recommendation="", reasons=(), sets=(), clusters=(), closed=0, may_promote=False),
    )
}  # fmt: skip
ROUND_LIST = sorted(
    (each for each in ROUNDS.values() if each.state != "training"), key=lambda each: -each.number
)
ROUND_LIST_OPEN = [ROUNDS["training"], *ROUND_LIST]
