"""Sample views of a challenge that collects examples, and of pages brought to it."""

from __future__ import annotations

from dataclasses import replace

from btm.services.views_challenges import ChallengeView, NeedView
from btm.services.views_collecting import CollectingView, MissingView, PoolPageView, PoolPointView, PoolView
from btm.services.views_play import OutcomeView

from . import samples as s

CARD = replace(
    s.CARD, slug="collect", title="Pages about vapes", mode="collect", machine_name="", machine_version="", found=0, in_review=7,
    last_found_at=None, is_harmful=False,
)  # fmt: skip
NEEDS = (NeedView(s.DRUGS, 100, 42, 5, 1.0, 1000), NeedView(s.NONE, 100, 81, 2, 0.29, 293))
COLLECT = ChallengeView(CARD, s.BRIEF, (s.DRUGS, s.NONE), 7, needs=NEEDS)
ONE_FULL = replace(COLLECT, needs=(NEEDS[0], NeedView(s.NONE, 100, 100, 3, 0.0, 0)))
ENOUGH = replace(COLLECT, needs=tuple(replace(each, verified=100, want=0.0, pays=0) for each in NEEDS))

COLLECTING = CollectingView(
    slug="collect", mode="collect", needs=NEEDS, missing=(MissingView("drugs", "About drugs", 8),), least=50, submitted=1240,
    checked=131, sites=97, machine="", suggested_name="collect-first", last_at=s.CARD.last_found_at,
)  # fmt: skip
COMPLETE = replace(COLLECTING, missing=())

QUOTE = replace(
    s.QUOTE, points=538, belief=None, severity=1.0, severity_factor=1.0, novelty=0.538, similar_found=1,
    neighbours=s.QUOTE.neighbours[:1], site="desert-garden.example", site_pages=1,
)  # fmt: skip
AHEAD = replace(QUOTE, points=293, severity=0.293, severity_factor=0.293, novelty=1.0, similar_found=0, neighbours=(), site_pages=0, claimed=s.NONE)  # fmt: skip


def _said(outcome: OutcomeView | None) -> OutcomeView | None:
    words = "2 of 2 people say that this page is about drugs, as you said."
    return replace(outcome, reason=words) if outcome is not None and outcome.reason else outcome


SUBMISSIONS = {
    f"example_{name}": replace(
        s.SUBMISSIONS[name], public_id=f"example_{name}", challenge_slug="collect", challenge_title=CARD.title, claimed=s.DRUGS,
        outcome=_said(s.SUBMISSIONS[name].outcome), quote=QUOTE if s.SUBMISSIONS[name].quote else None,
    )
    for name in ("queued", "fetching", "quoted", "visitor", "unjudged", "in_review", "confirmed", "rejected", "undecided", "refused")
}  # fmt: skip
SUBMISSIONS["example_ahead"] = replace(
    SUBMISSIONS["example_quoted"], public_id="example_ahead", quote=AHEAD, claimed=s.NONE
)

POOL_POINTS = tuple(
    PoolPointView(
        12 * i, 400, 1 - 0.28 * 0.86**i, None if i < 3 else 0.93 - 0.22 * 0.88**i - 0.012 * (i % 3), s.before(hours=40 - i)
    )
    for i in range(24)
)  # fmt: skip
POOL = PoolView(
    slug="drugs", pages=2412, waiting=1904, open=188, undecided=7, decided=313, labels=(("drugs", 121), ("none", 192)), judgements=1276,
    given=4120, given_checked=290, given_right=231, affordable=940, price=350, has_machine=True, points=POOL_POINTS,
)  # fmt: skip
POOL_NONE = PoolView(
    slug="drugs", pages=0, waiting=0, open=0, undecided=0, decided=0, labels=(("drugs", 0), ("none", 0)), judgements=0, given=0,
    given_checked=0, given_right=0, affordable=0, price=350, has_machine=True,
)  # fmt: skip
POOL_NEW = replace(POOL_NONE, pages=40, waiting=40, given=12, points=POOL_POINTS[:1])
POOL_PAGES = (
    PoolPageView("a1", "Cuttings of San Pedro, freshly harvested", "desert-garden.example", "decided", ((s.DRUGS, 1), (s.NONE, 2)), ((s.DRUGS, 3),), s.DRUGS, 0.994, 0.41, s.NONE),
    PoolPageView("", "The text of a page that never had a title, and so is called by the words that it begins …", "", "open", (), ((s.DRUGS, 1), (s.NONE, 1)), None, 0.5, 0.5, s.NONE),
    PoolPageView("row-2210-of-a-file-whose-names-are-" + "long" * 20, "Knees", "knee.example", "undecided", ((s.NONE, 1),), ((s.DRUGS, 3), (s.NONE, 4)), s.NONE, 0.62, 0.21, s.NONE),
    PoolPageView("a4", "Trees of the north", "trees.example", "waiting", ((s.NONE, 4),), (), s.NONE, 0.83, 0.03, None),
)  # fmt: skip
