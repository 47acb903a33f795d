"""One story, played once: a visitor and two others hunt, four people judge, and everybody is paid."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from . import law
from .cards import Card
from .people import Person, Watch
from .plan import TOPICS, Hunt, read_hunt
from .server import ROOT, Product
from .site import PageSite

TABS = 2
ROUND = 6
PLAYERS = ("Ines", "Bartek", "Chidi")
VERIFIERS = ("Vera", "Wim", "Xenia")


@dataclass
class Submitted:
    """A hunt as it went: `card` is the machine's first answer, `end` what its page said in the end."""

    hunt: Hunt
    player: str
    card: Card
    fate: str
    end: Card | None = None


@dataclass
class Record:
    """All that happened, as its people saw it."""

    product: Product
    site: PageSite
    watch: Watch
    people: dict[str, Person] = field(default_factory=dict)
    submitted: list[Submitted] = field(default_factory=list)
    judged: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)
    tests: dict[tuple[str, str], bool] = field(default_factory=dict)
    visitor: Card | None = None
    too_late: str = ""
    promised: dict[str, Any] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)
    slip: str = ""
    again: dict[str, Card] = field(default_factory=dict)
    like: Submitted | None = None
    fetched: list[str] = field(default_factory=list)
    passed_on: str = ""

    def committed(self, player: str | None = None, challenge: str | None = None) -> list[Submitted]:
        return [
            one
            for one in self.submitted
            if one.fate == "commit" and player in (None, one.player) and challenge in (None, one.hunt.challenge)
        ]  # fmt: skip

    def open(self, player: str | None = None, challenge: str | None = None) -> list[Submitted]:
        """What still waits for judges at the end."""
        return [
            one
            for one in self.submitted
            if one.fate == "open" and player in (None, one.player) and challenge in (None, one.hunt.challenge)
        ]

    def finds(self, challenge: str) -> list[Submitted]:
        """The machine's errors that were confirmed."""
        return [one for one in self.committed(challenge=challenge) if one.hunt.is_find]

    def paid(self, player: str, challenge: str | None = None, only_finds: bool = False) -> int:
        """What a player's pages come to, by the rules."""
        return sum(
            law.pay(one.hunt.probabilities, one.hunt.target, one.hunt.truth, one.card.points or 0)
            for one in self.committed(player, challenge)
            if one.hunt.is_find or not only_finds
        )

    def one(self, title: str) -> Submitted:
        return next(one for one in self.submitted if one.hunt.title == title)


def brief(challenge: str) -> dict[str, Any]:
    """A shipped challenge, as its file has it."""
    return dict(yaml.safe_load((ROOT / "btm" / "shipped" / f"{challenge}.yaml").read_text(encoding="utf-8")))


def play(browser: Any, product: Product, site: PageSite, hunts: list[Hunt]) -> Record:
    """Play it to the end."""
    record = Record(product, site, Watch())
    for handle in (*PLAYERS, *VERIFIERS, product.admin[0]):
        record.people[handle] = Person(browser, product.url, handle, record.watch)
    hunts, asked = list(hunts), len(site.asked)
    _visitor_first(record, hunts.pop(_first(hunts, "drugs")))
    for handle in (*PLAYERS[1:], *VERIFIERS):
        record.people[handle].register()
    record.people[product.admin[0]].log_in(product.admin[1])
    last = [hunts.pop(_last(hunts, challenge)) for challenge in ("drugs", "alcohol")]
    _race(record, hunts.pop(_first(hunts, "drugs")))
    _hunt_all(record, hunts)
    _take_tests(record)
    _look_at_what_is_promised(record)
    for topic in TOPICS:
        _judge_all(record, topic)
    for one in record.submitted:
        one.end = record.people[one.player].wait_until_settled(one.card.id) if one.fate == "commit" else None
    _come_again(record)
    for hunt in last:
        _hand_in_late(record, hunt)
    record.fetched = site.asked[asked:]
    return record


def _first(hunts: list[Hunt], challenge: str) -> int:
    """The first find of a challenge."""
    return next(
        i for i, hunt in enumerate(hunts) if hunt.challenge == challenge and hunt.is_find and hunt.is_quoted
    )


def _last(hunts: list[Hunt], challenge: str) -> int:
    """The last wrong claim about a real page of a challenge."""
    fitting = [
        i for i, hunt in enumerate(hunts) if hunt.challenge == challenge and hunt.is_real and not hunt.is_find
    ]
    return fitting[-1]


def _visitor_first(record: Record, hunt: Hunt) -> None:
    """Somebody probes before they have an account, makes one from the card, and finds the offer still there."""
    visitor = record.people[PLAYERS[0]]
    record.visitor = visitor.probe(hunt.challenge, record.site.url(hunt.path))
    visitor.page.goto(f"{visitor.base}/s/{record.visitor.id}")
    visitor.page.locator('[data-card] a[href*="/register"]').click()
    visitor.register(path=None)
    card = visitor.answer()
    visitor.act("commit", "in_review")
    record.submitted.append(Submitted(hunt, visitor.handle, card, "commit"))


def _race(record: Record, hunt: Hunt) -> None:
    """Two have an offer for the same page. The first to take it has it, and the other is told at once."""
    first, second = (record.people[handle] for handle in PLAYERS[1:])
    url = record.site.url(hunt.path)
    cards = [person.probe(hunt.challenge, url) for person in (first, second)]
    first.act("commit", "in_review")
    second.page.locator('[data-card] form[action$="/commit"] button').click()
    problem = second.page.locator("[data-card-slot] .problem")
    problem.wait_for()
    record.too_late = problem.inner_text()
    record.submitted += [
        Submitted(hunt, first.handle, cards[0], "commit"),
        Submitted(hunt, second.handle, cards[1], "late"),
    ]


def _fates(hunts: list[Hunt]) -> list[str]:
    """What becomes of each offer: most are taken; one is turned down, one taken back afterwards, one left lying."""
    others = ["withdraw", "leave", "take back"]
    return [
        others.pop(0) if hunt.is_quoted and not hunt.is_find and hunt.is_real and others else "commit"
        for hunt in hunts
    ]


def _hunt_all(record: Record, hunts: list[Hunt]) -> None:
    """The players work side by side, each in a few tabs."""
    tabs = {handle: [record.people[handle].tab() for _ in range(TABS)] for handle in PLAYERS}
    seats = [(handle, tab) for handle in PLAYERS for tab in tabs[handle]]
    queue = list(zip(hunts, _fates(hunts), strict=True))
    while queue:
        wave, queue = queue[: len(seats)], queue[len(seats) :]
        for (hunt, _), (handle, tab) in zip(wave, seats, strict=False):
            record.people[handle].ask(hunt.challenge, record.site.url(hunt.path), tab)
        for (hunt, fate), (handle, tab) in zip(wave, seats, strict=False):
            record.submitted.append(_settle_on(record.people[handle], hunt, fate, tab))
    for _, tab in seats:
        tab.close()


def _settle_on(player: Person, hunt: Hunt, fate: str, tab: Any) -> Submitted:
    card = player.answer(tab)
    if card.state != "quoted":
        return Submitted(hunt, player.handle, card, "refused")
    if fate in ("commit", "take back"):
        player.act("commit", "in_review", tab)
    if fate in ("withdraw", "take back"):
        player.act("withdraw", "withdrawn", tab)
    return Submitted(hunt, player.handle, card, fate)


def _take_tests(record: Record) -> None:
    """The verifiers pass a test of every topic; a player passes one and fails the other."""
    for topic in TOPICS:
        for handle in (*VERIFIERS, PLAYERS[2]):
            challenge = f"{topic}-lookalikes" if handle == VERIFIERS[1] else topic  # either test will do
            right = [item["label"] for item in brief(challenge)["qualification"]]
            labels = [label["key"] for label in brief(challenge)["labels"]]
            fails = (handle, topic) == (PLAYERS[2], "alcohol")
            answers = [next(key for key in labels if key != label) for label in right] if fails else right
            record.tests[handle, topic] = record.people[handle].take_test(challenge, answers)


def _look_at_what_is_promised(record: Record) -> None:
    record.promised = record.people[record.product.admin[0]].console()
    record.waiting = {handle: record.people[handle].statement()[0]["waiting"] for handle in PLAYERS}


def _judge_all(record: Record, topic: str) -> None:
    """In turns, by the pages' real labels, until nothing waits for anybody. One judge slips once, another passes once."""
    judges = [handle for (handle, name), passed in record.tests.items() if name == topic and passed]
    labels = [label["key"] for label in brief(topic)["labels"]]
    is_over = False
    while not is_over:
        is_over = True
        for handle in judges:

            def decide(title: str, handle: str = handle) -> str:
                challenge, truth = record.one(title).hunt.challenge, record.one(title).hunt.truth
                if (
                    (handle, challenge) == (VERIFIERS[0], "drugs")
                    and not record.slip
                    and record.one(title).player != PLAYERS[2]
                ):
                    record.slip = title
                    return next(key for key in labels if key != truth)
                if (handle, challenge) == (VERIFIERS[1], "alcohol") and not record.passed_on:
                    record.passed_on = title
                    return "cannot"
                return truth

            given = record.people[handle].judge(topic, decide, ROUND)
            record.judged.setdefault(handle, []).extend(
                (record.one(title).hunt.challenge, title, label) for title, label in given
            )
            is_over = is_over and not given


def _hand_in_late(record: Record, hunt: Hunt) -> None:
    """A page that nobody judges any more."""
    player = record.people[PLAYERS[0]]
    card = player.probe(hunt.challenge, record.site.url(hunt.path))
    player.act("commit", "in_review")
    record.submitted.append(Submitted(hunt, player.handle, card, "open"))


def _come_again(record: Record) -> None:
    """Others bring pages that were found, that were judged, and one much like a find."""
    found = next(
        one for one in record.committed() if one.hunt.is_find and one.hunt.challenge == "drugs-lookalikes"
    )
    judged = next(one for one in record.committed() if not one.hunt.is_find)
    for name, one in (("found", found), ("judged", judged)):
        other = record.people[next(handle for handle in PLAYERS if handle != one.player)]
        record.again[name] = other.probe(
            one.hunt.challenge, f"{record.site.url(one.hunt.path)}?utm_source=a-friend#top"
        )
    record.like, hunt = _like_a_find(record)
    other = record.people[next(handle for handle in PLAYERS if handle != record.like.player)]
    record.again["like"] = other.probe(hunt.challenge, record.site.url(hunt.path))


def _like_a_find(record: Record) -> tuple[Submitted, Hunt]:
    """A confirmed post, and its mirror, which the machine gets wrong as well."""
    for one in record.committed():
        if one.hunt.is_find and not one.hunt.is_real:
            mirror = read_hunt(record.site, one.hunt.challenge, f"{one.hunt.path}/mirror", one.hunt.truth)
            if mirror and mirror.is_quoted:
                return one, mirror
    raise AssertionError("no mirror of a find would be worth a quote")
