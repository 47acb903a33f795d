"""Sample views of judges, agreement, the desk and gold, one for each state that a page can be in."""

from __future__ import annotations

from dataclasses import replace

from btm.services import views_judges as vj
from btm.services.views_challenges import LabelView
from btm.services.views_review import BlockView

from . import samples as s
from .samples import DRUGS, NONE, after, before

LABELS = (DRUGS, NONE)

CAREFUL = vj.JudgeView(
    7, "marta_k", "active", 1284, 0, 31, 4, 0.912, 0.884, 0.936, 1, 25, ((402.4, 21.1), (18.6, 841.9)), 11.4, 96, 93,
    31_350, before(days=61), before(minutes=4),
)  # fmt: skip
BIASED = replace(
    CAREFUL, account_id=11, handle="old_owl", judgements=412, cannot=0, hasty=0, quality=0.61, quality_low=0.52, quality_high=0.69,
    needed=3, price=8, matrix=((121.0, 3.2), (132.4, 155.4)), median_seconds=74.0, gold_asked=41, gold_right=29, earned=4_120,
    last_at=before(hours=5),
)  # fmt: skip
SPAMMER = replace(
    CAREFUL, account_id=12, handle="a-name-as-long-as-a-name-may-be-32", judgements=688, cannot=2, hasty=511, quality=0.004,
    quality_low=-0.02, quality_high=0.05, needed=None, price=1, matrix=((0.0, 208.0), (0.0, 480.0)), median_seconds=1.3,
    gold_asked=52, gold_right=31, earned=688, last_at=before(days=1),
)  # fmt: skip
BLOCKED = replace(
    SPAMMER, account_id=13, handle="quick_fox", standing="blocked", judgements=96, withdrawn=96, hasty=40, gold_asked=20, gold_right=7,
    quality=0.11, quality_low=0.02, quality_high=0.24, matrix=((20.1, 12.0), (38.2, 25.7)), earned=0, last_at=before(days=9),
)  # fmt: skip
NEWCOMER = vj.JudgeView(
    14, "sun", "active", 0, 0, 0, 0, None, None, None, None, 25, ((0.0, 0.0), (0.0, 0.0)), None, 0, 0, 0, before(hours=1), None,
)  # fmt: skip
JUDGES = (CAREFUL, SPAMMER, BIASED, BLOCKED, NEWCOMER)

PAIR = vj.PairView(12, SPAMMER.handle, 13, "quick_fox", 88, 86, 51.3, 0.00000012, True)
PAIR_LIKELY = vj.PairView(11, "old_owl", 7, "marta_k", 40, 39, 33.8, 0.0213, False)
PAIR_DEVICE = vj.PairView(7, "marta_k", 14, "sun", 0, 0, 0.0, None, True)

LIST = vj.JudgeListView(
    "drugs", "drugs", LABELS, JUDGES, 5, 4, 1, None, (PAIR, PAIR_LIKELY, PAIR_DEVICE), before(minutes=3), 12
)
LIST_NONE = replace(
    LIST, judges=(), total=0, active=0, blocked=0, pairs=(), fitted_at=None, waiting_judgements=0
)
LIST_CROWD = replace(
    LIST, total=1000, active=962, blocked=38, cursor="next", pairs=tuple(replace(PAIR, a_id=i) for i in range(40)),
    judges=tuple(
        replace(JUDGES[i % 5], account_id=100 + i, handle=f"judge_{i:04}") for i in range(50)
    ),
)  # fmt: skip

MANY = tuple(LabelView(f"label-{i}", f"Label number {i}", f"this page is of kind {i}") for i in range(10))
_WIDE = tuple(tuple(40.0 if i == j else float((i * 3 + j * 5) % 7) for j in range(10)) for i in range(10))
LIST_MANY = replace(LIST, labels=MANY, judges=tuple(replace(each, matrix=_WIDE) for each in JUDGES[:3]))

_LINE = vj.JudgementLine(
    "item1", "Trichocereus cuttings, freshly harvested", "desert-garden.example", DRUGS, "", "", "It tells how to cook the skin.",
    DRUGS, False, False, False, 14.2, before(minutes=4),
)  # fmt: skip
JUDGEMENTS = (
    _LINE,
    replace(_LINE, item_public_id="item2", title="Bread that needs no kneading", host="kitchen.example", given=NONE, truth=None, reason="", seconds=6.0),
    replace(_LINE, item_public_id="item3", title="Incense for collectors", host="smoke.example", given=NONE, truth=DRUGS, is_gold=True, is_hasty=True, reason="", seconds=0.9),
    replace(_LINE, item_public_id="item4", title="", host="a-very-long-host-name-of-a-magazine-that-does-not-end.example", given=None, cannot="language", truth=None, reason=""),
    replace(_LINE, item_public_id="item5", title="Ein Abend in Wien", host="wien.example", given=None, other="alcohol", truth=NONE, is_withdrawn=True, reason="Wine, not drugs.", seconds=190.0),
)  # fmt: skip
HISTORY = (
    vj.StandingChangeView("blocked", "gold", "", "", before(days=9), 96),
    vj.StandingChangeView("lifted", "by_hand", "They wrote to us: a child had played with the phone.", "ines", before(days=30), 41),
    vj.StandingChangeView("blocked", "collusion", "", "", before(days=33), 41),
)  # fmt: skip
REPORT = vj.JudgeReportView("drugs", LABELS, CAREFUL, (), (PAIR_LIKELY, PAIR_DEVICE), JUDGEMENTS, "older")
REPORT_BLOCKED = vj.JudgeReportView("drugs", LABELS, BLOCKED, HISTORY, (PAIR,), JUDGEMENTS[:2], None)
REPORT_NEW = vj.JudgeReportView("drugs", LABELS, NEWCOMER, (), (), (), None)
REPORT_MANY = replace(REPORT, labels=MANY, judge=replace(BIASED, matrix=_WIDE))
REPORTS = {7: REPORT, 13: REPORT_BLOCKED, 14: REPORT_NEW}

AGREEMENT = vj.AgreementView(
    0.742, 0.701, 0.781, 0.768, 1804, 1712, 9, 4391, 612, ((2, 1204), (3, 301), (4, 118), (5, 52), (6, 21), (7, 16)), 2.44,
    94_120, 54.98, 5000, 6.4, 3, 14,
)  # fmt: skip
AGREEMENT_NONE = vj.AgreementView(None, None, None, None, 0, 0, 0, 0, 0, (), None, 0, None, 5000, None, 0, 0)
AGREEMENT_POOR = replace(
    AGREEMENT, alpha=0.03, alpha_low=-0.04, alpha_high=0.11, alpha_cost=None, per_item=((1, 3), (40, 900)), cost_per_item=1250.4,
    median_hours=0.4,
)  # fmt: skip

_ANSWER = vj.JudgeAnswer(
    7,
    "marta_k",
    DRUGS,
    "",
    "",
    "It tells how to cook the skin, and how long it lasts.",
    41.0,
    0.91,
    False,
    False,
    1,
    before(days=2),
)
ANSWERS = (
    _ANSWER,
    replace(_ANSWER, account_id=11, handle="old_owl", label=NONE, reason="A shop for plants.", quality=0.61, seconds=74.0),
    replace(_ANSWER, account_id=12, handle=SPAMMER.handle, label=NONE, reason="", quality=0.004, seconds=1.1, is_hasty=True),
    replace(_ANSWER, account_id=14, handle="sun", label=None, cannot="unsure", reason="", quality=None, round=2),
    replace(_ANSWER, account_id=15, handle="lin", label=None, other="alcohol", reason="It is about brewing.", quality=0.8, round=2),
    replace(_ANSWER, account_id=13, handle="quick_fox", label=NONE, reason="", quality=0.11, is_withdrawn=True),
)  # fmt: skip
ITEM = vj.DeskItem(
    "item1", s.ITEM.title, s.ITEM.host, "https://desert-garden.example/shop/trichocereus?size=30", "en", s.ITEM.blocks, "submission",
    DRUGS, NONE, 0.972, 759, ((DRUGS, 0.524), (NONE, 0.476)), ANSWERS, "undecided", "", before(days=2), after(hours=31),
)  # fmt: skip
ITEM_POOL = replace(
    ITEM, public_id="item2", title="Bread that needs no kneading", host="kitchen.example", origin="pool", claimed=None, believed=None,
    believed_probability=None, promised=0, why="corrections", answers=ANSWERS[3:5], chances=(),
    blocks=(BlockView("h1", "Bread that needs no kneading"), BlockView("p", "Flour, water, salt and a night of patience.")),
)  # fmt: skip
ITEM_APPEAL = replace(
    ITEM,
    why="appeal",
    appeal_reason="Read the third paragraph: it tells how to make the drink.",
    deadline_at=before(hours=1),
)
_WAITING = tuple(
    (f"item{i}", title, host, after(hours=31 + 20 * i))
    for i, (title, host) in enumerate(
        (
            (s.ITEM.title, s.ITEM.host),
            ("Bread that needs no kneading", "kitchen.example"),
            ("", "a-very-long-host-name-of-a-magazine-that-does-not-end.example"),
        ),
        1,
    )
)
DESK = vj.DeskView("drugs", LABELS, 3, _WAITING, ITEM)
DESK_POOL = replace(DESK, item=ITEM_POOL)
DESK_APPEAL = replace(DESK, item=ITEM_APPEAL)
DESK_NONE = replace(DESK, waiting=0, items=(), item=None)
DESK_MANY = replace(
    DESK, labels=MANY, waiting=1204, items=tuple((f"i{i}", f"Page {i}", "forum.example", after(hours=i)) for i in range(50)),
    item=replace(ITEM, claimed=MANY[0], believed=MANY[3], chances=tuple((label, 0.1) for label in MANY),
                 answers=tuple(replace(_ANSWER, account_id=i, handle=f"judge_{i}", label=MANY[i % 10]) for i in range(14))),
)  # fmt: skip

GOLD = vj.GoldView(
    "g1", "Rare cacti and succulents, fast delivery", "desert-garden.example", "https://desert-garden.example/", DRUGS,
    "The shop's forum tells how to prepare them.", "verdict", "active", "", 48, 41, 40.2, 5, 1, before(days=20), None, "item7",
)  # fmt: skip
GOLD_ALL = (
    GOLD,
    replace(GOLD, public_id="g2", title="Lawn seed for shade", host="garden.example", truth=NONE, source="marked", asked=0, right=0, expected=0.0, revealed=0, disputes=0, why=""),
    replace(GOLD, public_id="g3", title="", host="a-very-long-host-name-of-a-magazine-that-does-not-end.example", state="retired", retired_why="leaked", asked=130, right=130, expected=104.6, retired_at=before(days=2)),
    replace(GOLD, public_id="g4", title="Hemp rope, ten metres", host="rope.example", state="retired", retired_why="by_hand", asked=12, right=12, expected=10.9, retired_at=before(days=5), disputes=0),
)  # fmt: skip
DISPUTE = vj.DisputeView(
    31,
    GOLD,
    NONE,
    "old_owl",
    "This is a shop for gardeners. The forum is on another site, and I cannot see it from here.",
    "open",
    "",
    before(hours=7),
)
DISPUTES = (DISPUTE, replace(DISPUTE, id=32, handle="sun", given=None, reason="", made_at=before(days=2)))
CANDIDATES = (
    vj.GoldCandidate("item8", "Kratom, by the kilo", "leaf.example", DRUGS, 0.997, 3, before(days=1)),
    vj.GoldCandidate("item9", "", "a-very-long-host-name-of-a-magazine-that-does-not-end.example", NONE, 0.981, 2, before(days=3)),
)  # fmt: skip
SHELF = vj.GoldShelfView(
    "drugs", LABELS, GOLD_ALL, "older", 2, 1, ((DRUGS, 1), (NONE, 1)), DISPUTES, CANDIDATES
)
SHELF_NONE = replace(
    SHELF,
    gold=(),
    cursor=None,
    active=0,
    retired=0,
    by_label=((DRUGS, 0), (NONE, 0)),
    disputes=(),
    candidates=(),
)
SHELF_MANY = replace(
    SHELF, labels=MANY, by_label=tuple((label, i) for i, label in enumerate(MANY)), active=45, retired=900,
    gold=tuple(replace(GOLD, public_id=f"g{i}", truth=MANY[i % 10]) for i in range(50)),
    candidates=tuple(replace(CANDIDATES[0], item_public_id=f"c{i}", truth=MANY[i % 10]) for i in range(20)),
)  # fmt: skip
