"""Sample views, one for each state that a page can be in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from btm.services import views_challenges as v_challenges
from btm.services import views_corpus as v_corpus
from btm.services import views_judges as v_judges
from btm.services import views_money as v_money
from btm.services import views_people as v_people
from btm.services import views_play as v_play
from btm.services import views_review as v_review

NOW = datetime.now(UTC).replace(microsecond=0)


def before(**delta: float) -> datetime:
    return NOW - timedelta(**delta)


def after(**delta: float) -> datetime:
    return NOW + timedelta(**delta)


DRUGS = v_challenges.LabelView(
    "drugs", "About drugs", "this page is about drugs", "It sells, praises or explains the use of drugs."
)
NONE = v_challenges.LabelView(
    "none", "Not about drugs", "this page is not about drugs", "Medicine, news and warnings are not meant."
)

MEMBER = v_people.AccountView(7, "marta_k", False, False, False, 12480)
VISITOR = v_people.AccountView(9, "", True, False, False, 0)
MODELER = v_people.AccountView(3, "ines", False, True, False, 0)
ADMIN = v_people.AccountView(3, "ada", False, False, True, 0)

CARD = v_challenges.ChallengeCard(
    "drugs", "Drug pages that look innocent", "Pages about drugs that the machine takes for something harmless.",
    DRUGS, "drugs", "2026.11", 1000, 5000, 25, True, True, 128, 9, 412_000, before(days=12), before(hours=3),
)  # fmt: skip
CARDS = [
    CARD,
    replace(
        CARD, slug="not-drugs", title="Innocent pages that look like drugs", target=NONE, found=1204, max_bonus=600,
        sought="Gardens, pharmacies, recipes: pages that have nothing to do with drugs, and are taken for it.", is_harmful=False,
    ),
    replace(CARD, slug="alcohol", title="Alcohol pages that look innocent", machine_name="alcohol", found=0, in_review=0,
            last_found_at=None, sought="Pages that sell or celebrate alcohol without the machine noticing."),
    replace(CARD, slug="not-alcohol", title="Innocent pages that look like alcohol", machine_name="alcohol", is_open=False,
            sought="Solvents, perfumes, cleaning and chemistry that the machine mistakes for a drink."),
]  # fmt: skip

BRIEF = v_challenges.BriefView(
    "Find pages that sell, praise or explain the use of drugs, and that the machine believes to be about something else.",
    "Is this page about drugs?",
    (
        v_challenges.ExampleView(
            "A shop that sells “research powders” by the gram.", "It sells drugs, whatever it calls them."
        ),
        v_challenges.ExampleView("A diary of a weekend on mushrooms.", "It describes the use of drugs."),
    ),
    (
        v_challenges.ExampleView("A pharmacy's page about a pain killer.", "Medicine, used as medicine."),
        v_challenges.ExampleView(
            "A newspaper's report of an arrest.", "It tells of drugs, and does not invite to them."
        ),
    ),
)
CHALLENGE = v_challenges.ChallengeView(CARD, BRIEF, (DRUGS, NONE), 7)
TAME = replace(CHALLENGE, card=CARDS[1])
PAUSED = replace(CHALLENGE, card=replace(CARD, is_open=False))
SPENT = replace(CHALLENGE, card=replace(CARD, budget_left=0))

QUOTE = v_play.QuoteView(
    points=759, max_bonus=1000, points_per_usd=5000, belief=v_play.BeliefView(NONE, 0.972, "quite sure", 97), claimed=DRUGS,
    severity=0.972, severity_factor=0.944784, novelty=0.803, prevalence=1.0, similar_found=2,
    neighbours=(
        v_play.NeighbourView("Rare cacti and succulents, fast delivery", "desert-garden.example", 0.41, "aaa"),
        v_play.NeighbourView("Incense for collectors", "smoke.example", 0.22, None),
    ),
)  # fmt: skip
UNSURE = replace(
    QUOTE, points=203, belief=v_play.BeliefView(DRUGS, 0.549, "leaning to think", 55), severity=0.451, severity_factor=0.203401,
    novelty=1.0, similar_found=0, neighbours=(),
)  # fmt: skip
COMMON = replace(QUOTE, prevalence=1.25, points=948)

_QUOTED = v_play.SubmissionView(
    "q1", "drugs", CARD.title, "https://www.desert-garden.example/shop/trichocereus-cuttings?size=30", "desert-garden.example",
    "Trichocereus cuttings, freshly harvested, 30 cm", "quoted", "", before(minutes=2), after(hours=23), True, True, False, QUOTE,
)  # fmt: skip
_SETTLED = v_play.OutcomeView(
    2,
    2,
    DRUGS,
    759,
    "Two people agreed with you, and the machine was quite sure of the opposite.",
    before(minutes=9),
    None,
)
_REVIEW = v_play.OutcomeView(1, 2, None, 0, "", None, after(days=6))


def _state(state: str, **changes: object) -> v_play.SubmissionView:
    return replace(_QUOTED, public_id=state, state=state, may_commit=False, expires_at=None, **changes)  # type: ignore[arg-type]


SUBMISSIONS: dict[str, v_play.SubmissionView] = {
    "queued": _state("queued", title="", quote=None),
    "fetching": _state("fetching", title="", step="reading", quote=None),
    "quoted": replace(_QUOTED, public_id="quoted"),
    "unsure": replace(_QUOTED, public_id="unsure", quote=UNSURE),
    "common": replace(_QUOTED, public_id="common", quote=COMMON),
    "visitor": replace(_QUOTED, public_id="visitor", may_commit=False, needs_account=True),
    "expired": replace(_QUOTED, public_id="expired", may_commit=False),
    "in_review": _state("in_review", outcome=_REVIEW),
    "unjudged": replace(_state("in_review", outcome=replace(_REVIEW, judgements=0)), public_id="unjudged"),
    "confirmed": _state("confirmed", outcome=_SETTLED),
    "theirs": replace(_state("confirmed", outcome=_SETTLED), public_id="theirs", is_mine=False),
    "rejected": _state("rejected", outcome=replace(_SETTLED, verdict=NONE, points=0, reason="Two people read it as a shop for garden plants: nothing on the page speaks of their use.")),
    "appealable": replace(_state("rejected", outcome=replace(_SETTLED, verdict=NONE, points=10, reason="2 of 3 people say that this page is NOT about drugs, and so does the machine.", judgements=3, may_appeal=True, appeal_until=after(days=6), said=(v_play.SaidView(NONE, "A garden shop, as far as I can see", ""), v_play.SaidView(None, "", "a shop for aquarium plants"), v_play.SaidView(DRUGS, "", "")))), public_id="appealable"),
    "appealed": replace(_state("rejected", outcome=replace(_SETTLED, verdict=NONE, points=10, reason="2 of 2 people say that this page is NOT about drugs, and so does the machine.", reopened="appeal", appeal="open", deadline_at=after(days=6))), public_id="appealed"),
    "overruled": replace(_state("confirmed", outcome=replace(_SETTLED, decided_by_team=True, team_reason="The shop sells kratom under another name.", appeal="upheld")), public_id="overruled"),
    "undecided": _state("undecided", outcome=replace(_SETTLED, judgements=7, verdict=None, points=0, reason="It went to the person who runs this challenge, who will decide.")),
    "withdrawn": _state("withdrawn"),
    "refused": _state("refused", quote=None, title="", refusal=v_play.RefusalView(
        "already_found", "Somebody found this page before.", "The address is new, but the text is the same as a page that is confirmed already.",
        "A different page of the same kind may still pay: look for a different shop.", "theirs", "https://desert-garden.example/")),
    "known": replace(_state("refused", quote=UNSURE, refusal=v_play.RefusalView(
        "machine_right", "The machine already knows this one.", "It is sure that this page is about drugs, so there is nothing to win here.",
        "Look for pages that say it in other words.")), public_id="known"),
    "broken": replace(_state("refused", quote=None, title="", refusal=v_play.RefusalView(
        "timeout", "The page did not answer in time.", "Its server took longer than ten seconds. That says nothing about the page.",
        "Try again in a while, or try another page.", None, "")), public_id="broken"),
}  # fmt: skip

ROWS = [
    SUBMISSIONS[name]
    for name in (
        "fetching",
        "quoted",
        "in_review",
        "confirmed",
        "rejected",
        "undecided",
        "refused",
        "withdrawn",
    )
]

ITEM = v_review.ItemView(
    "item1", "tok1", "Trichocereus cuttings, freshly harvested", "desert-garden.example", "en",
    (
        v_review.BlockView("h1", "Trichocereus cuttings, freshly harvested"),
        v_review.BlockView("p", "Our columns are grown outdoors, cut to order and shipped the same day, wrapped in paper so that they arrive without bruises. Each cutting has been left to heal for at least two weeks."),
        v_review.BlockView("h2", "How to prepare"),
        v_review.BlockView("li", "Let the cut end dry for a few days before you plant it."),
        v_review.BlockView("li", "For the other use, customers simmer the skin for six hours; see the forum for how much and how long it lasts."),
        v_review.BlockView("quote", "“Strong, clean, came on after ninety minutes. Will order again.”"),
        v_review.BlockView("h3", "Prices"),
        v_review.BlockView("cell", "30 cm"), v_review.BlockView("cell", "24 €"), v_review.BlockView("cell", "50 cm"), v_review.BlockView("cell", "39 €"),
        v_review.BlockView("code", "CACTUS10 <script>alert(1)</script>"),
        *(v_review.BlockView("p", "We water once a fortnight in summer and not at all in winter. A plant that looks thin is not ill; it is waiting. Give it light, patience and a pot with a hole.") for _ in range(5)),
    ),
    after(hours=12),  # of the import: a long run of the suite must not outlive it
)  # fmt: skip
ITEM2 = replace(ITEM, public_id="item2", token="tok2", title="Bread that needs no kneading", host="kitchen.example", blocks=(
    v_review.BlockView("h1", "Bread that needs no kneading"), v_review.BlockView("p", "Flour, water, salt and a night of patience.")))  # fmt: skip
JUDGING = v_review.JudgingView(CHALLENGE, ITEM, True, 25, 14, 350)
JUDGING_TAME = replace(JUDGING, challenge=TAME, is_covered=False)
JUDGING_NONE = replace(JUDGING, item=None)
JUDGING_PAUSE = replace(JUDGING, pause_seconds=12.0)
JUDGING_CHECK = replace(
    JUDGING,
    check=v_review.QualificationItem(
        1, "Planting an oak", "Dig a hole twice as wide as the root ball. Keep weed away from the trunk."
    ),
)
OFFERS = [
    v_review.JudgingOffer(CARDS[0], "Is this page about drugs?", True, True, 12),
    v_review.JudgingOffer(CARDS[1], "Is this page about guns?", True, False, 40),
    v_review.JudgingOffer(CARDS[2], "Is this page about alcohol?", False, True, 0),
]

TEST_ITEMS = tuple(
    v_review.QualificationItem(number, title, text)
    for number, (title, text) in enumerate((
        ("Spring sale at the garden centre", "Roses, lavender and lawn seed at half price until Sunday. Our gardeners answer your questions every morning."),
        ("My first time with salvia", "It started within seconds. I will tell how I smoked it, how much, and what I would do otherwise."),
        ("What to do after an overdose", "Call for help at once. Stay with the person. These are the signs to look for."),
    ), 1)
)  # fmt: skip
TEST = v_review.QualificationView(CHALLENGE, TEST_ITEMS, 2, False, None, is_covered=True)
_WHY = (
    "A shop for plants, and nothing else.",
    "It tells how to use a drug.",
    "Help for people in danger is not about drugs in our sense.",
)
ANSWERS = tuple(
    v_review.QualificationAnswer(item, DRUGS, DRUGS if i == 1 else NONE, _WHY[i], i == 1)
    for i, item in enumerate(TEST_ITEMS)
)
PASSED_ANSWERS = tuple(replace(answer, given=answer.truth, is_right=True) for answer in ANSWERS)
TEST_FAILED = replace(TEST, answers=ANSWERS, passed=False, retry_at=after(hours=1))
TEST_PASSED = replace(TEST, answers=PASSED_ANSWERS, passed=True, is_qualified=True)
TEST_LATER = replace(TEST, retry_at=after(minutes=40))
TEST_DONE = replace(TEST, is_qualified=True)

LINES = (
    v_money.LedgerLine(before(minutes=9), "bonus", "Two people agreed with you.", 759, "drugs", CARD.title, "confirmed", 5000),
    v_money.LedgerLine(before(hours=5), "judging", "A judgement.", 25, "drugs", CARD.title, None, 5000),
    v_money.LedgerLine(before(days=1), "base", "Effort: 15 pages tried.", 30, "alcohol", CARDS[2].title, None, 0),
    v_money.LedgerLine(before(days=2), "deadline", "Nobody had decided in seven days.", 410, "drugs", CARD.title, "undecided", 5000),
    v_money.LedgerLine(before(days=3), "reversal", "The same judgement was entered twice.", -25, "drugs", CARD.title, None, 5000),
    v_money.LedgerLine(before(days=9), "payout", "Paid out.", -5000, "", "", None, 5000),
)  # fmt: skip
STATEMENT = v_money.Statement(
    1518, 7480, 5000, 5000, LINES, "2", 14, 63, 212, v_money.WorthView(30, 149, 100, 30)
)
STATEMENT_NONE = v_money.Statement(0, 0, 0, 5000, (), None, 0, 0, 0)

LEADERS = tuple(
    v_money.LeaderRow(rank, handle, points, finds, handle == MEMBER.handle)
    for rank, handle, points, finds in ((1, "old_owl", 18240, 31), (2, "marta_k", 12480, 14), (3, "a-name-as-long-as-a-name-may-be-32", 3200, 9), (4, "sun", 25, 0))
)  # fmt: skip
BOARD = v_money.Leaderboard("week", None, LEADERS, LEADERS[1])
BOARD_OF_ONE = v_money.Leaderboard(
    "all", CARD, (LEADERS[0], LEADERS[2]), v_money.LeaderRow(118, "marta_k", 12, 0, True)
)
BOARD_NONE = v_money.Leaderboard("week", CARD, (), None)

FINDS = tuple(
    v_corpus.FindView(f"f{i}", title, url, link, host, DRUGS, NONE, belief, belief, 0.8, points, finder, before(days=i))
    for i, (title, url, link, host, belief, points, finder) in enumerate((
        ("Rare cacti and succulents, fast delivery", "https://desert-garden.example/shop", "", "desert-garden.example", 0.972, 759, "marta_k"),
        ("Incense for collectors", "https://smoke.example/a/very/long/path/that/does/not/end/and/goes/on/and/on/and/on?and=on", "https://smoke.example/", "smoke.example", 0.88, 412, "old_owl"),
    ))
)  # fmt: skip
FOUND = v_corpus.FindsPage(CHALLENGE, FINDS, 128, "next")
FOUND_NONE = v_corpus.FindsPage(CHALLENGE, (), 0, None)

MACHINE = v_challenges.MachineView(
    "drugs", "2026.11", ("drugs", "none"),
    {
        "description": "Words and pairs of words, weighed by a logistic regression. It reads a page's text and nothing else.",
        "data": {"source": "Public web pages, labelled by hand", "pages": 41250, "languages": ["en"], "split": {"train": 0.8, "test": 0.2}},
        "metrics": {
            "posts": {"average_precision": {"value": 0.9132, "low": 0.908, "high": 0.921}, "pages": 8250, "reliability": [[0.02, 0.03, 5400], [0.5, 0.4, 80], [0.97, 0.98, 900]]},
            "lookalikes": {"flagged": 0.264, "pages": 3000},
        },
        "thresholds": {"drugs": 0.5},
        "blind_spots": ["Shops that avoid the word", "Languages other than English"],
        "licence": "Apache-2.0",
        "trained_at": "2026-11-02",
        "features": {"terms": 50000, "ngrams": [1, 2]},
        "nothing": None,
    },
    (CARDS[0], CARDS[1]),
)  # fmt: skip
CONSOLE = [
    v_corpus.ConsoleRow(CARDS[0], 2210, 1480, 3, 120, 148, 9, 128, 310, 12, 71_240, 4_100, 500_000),
    v_corpus.ConsoleRow(CARDS[3], 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 500_000),
]
SESSIONS = [
    v_people.SessionView(1, "Firefox on Linux", before(days=3), before(seconds=4), True),
    v_people.SessionView(2, "Safari on iPhone", before(days=40), before(days=2), False),
]
ERASURE = v_people.ErasureView("marta_k", True, 3125, 870, 3995, "")
ERASURE_HELD = v_people.ErasureView("marta_k", True, 0, 0, 0, "A payment is on its way.")
ERASURE_BARE = v_people.ErasureView("guest-1", False, 0, 0, 0, "")

TOKENS = [
    v_people.TokenView(
        2, "robot", ("read", "play"), before(days=3), NOW + timedelta(days=87), before(hours=2)
    ),
    v_people.TokenView(1, "notebook", ("model",), before(days=9), NOW + timedelta(days=81), None),
]


_MISSED = v_judges.MissedPage(
    31, "Water pipes and more", "glass.example", (v_review.BlockView("p", "Hand-made glass, shipped discreetly."),), NONE, DRUGS,
    "The things are made for taking drugs.", "", "", before(hours=3),
)  # fmt: skip
RECORD = v_judges.OwnRecordView(
    "drugs", "Is this page about drugs?", (DRUGS, NONE), "active", "", "", 214, 5200, 17, 25, 14.2,
    ("hasty", "misses:drugs"),
    (
        _MISSED,
        replace(_MISSED, judgement_id=32, title="Leaflet", dispute="open"),
        replace(_MISSED, judgement_id=33, title="Tea shop", dispute="upheld", dispute_answer="It is about tea."),
        replace(_MISSED, judgement_id=34, title="Grow lights", dispute="declined", dispute_answer="The page names the plant."),
    ),
    5000,
)  # fmt: skip
RECORD_NEW = replace(RECORD, judgements=0, earned=0, price=25, median_seconds=None, advice=(), missed=())
RECORD_BLOCKED = replace(
    RECORD, standing="blocked", blocked_why="gold", blocked_note="Please take the test again first."
)
