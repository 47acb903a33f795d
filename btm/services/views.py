"""The values that services hand to pages, API and CLI. Plain, frozen, and without behaviour that needs a database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AccountView:
    """Who is asking. A visitor has an account row too (so that a probe survives registration), but no name."""

    id: int
    handle: str
    is_visitor: bool
    is_modeler: bool
    is_admin: bool
    balance: int


@dataclass(frozen=True, slots=True)
class SessionView:
    id: int
    device: str
    created_at: datetime
    seen_at: datetime
    is_current: bool


@dataclass(frozen=True, slots=True)
class LabelView:
    """One label: `name` for a button ("About drugs"), `statement` for the machine's sentence ("this page is about drugs")."""

    key: str
    name: str
    statement: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class ExampleView:
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class BriefView:
    """What a challenge asks for, in words. `question` is what a verifier is asked about a page."""

    summary: str
    question: str
    counts: tuple[ExampleView, ...]
    counts_not: tuple[ExampleView, ...]


@dataclass(frozen=True, slots=True)
class ChallengeCard:
    """One line of the challenge list. Points are whole; `points_per_usd` turns them into money."""

    slug: str
    title: str
    sought: str
    target: LabelView
    machine_name: str
    machine_version: str
    max_bonus: int
    points_per_usd: int
    judging_price: int
    is_open: bool
    is_harmful: bool
    found: int
    in_review: int
    budget_left: int
    created_at: datetime
    last_found_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChallengeView:
    card: ChallengeCard
    brief: BriefView
    labels: tuple[LabelView, ...]
    verdict_days: int


@dataclass(frozen=True, slots=True)
class BeliefView:
    """What the machine believes: its likeliest label, how likely (0 to 1), and a word for it that a newcomer knows."""

    label: LabelView
    probability: float
    sure: str
    out_of_100: int


@dataclass(frozen=True, slots=True)
class NeighbourView:
    """A find like this one. `public_id` is None where its page is not public."""

    title: str
    host: str
    similarity: float
    public_id: str | None


@dataclass(frozen=True, slots=True)
class QuoteView:
    """What a submission would pay, itemised: points = round(max_bonus * severity_factor * novelty * prevalence)."""

    points: int
    max_bonus: int
    points_per_usd: int
    belief: BeliefView
    claimed: LabelView
    severity: float
    severity_factor: float
    novelty: float
    prevalence: float
    similar_found: int
    neighbours: tuple[NeighbourView, ...]


@dataclass(frozen=True, slots=True)
class RefusalView:
    """Why a submission ended early: what happened, and what to do next. `repeats` names the submission it repeats, if public."""

    code: str
    headline: str
    sentence: str
    next_step: str
    repeats: str | None = None
    repeats_url: str = ""


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """How verification stands. `verdict` is None while it is under way; then points and a reason are there."""

    judgements: int
    judgements_wanted: int
    verdict: LabelView | None
    points: int
    reason: str
    settled_at: datetime | None
    deadline_at: datetime | None


@dataclass(frozen=True, slots=True)
class SubmissionView:
    """One submission as its player sees it. `state` is one of btm.rules.submissions.STATES; `step` is fetching, reading or asking,
    or waiting while its machine does not answer."""

    public_id: str
    challenge_slug: str
    challenge_title: str
    url: str
    host: str
    title: str
    state: str
    step: str
    created_at: datetime
    expires_at: datetime | None
    is_mine: bool
    may_commit: bool
    needs_account: bool
    quote: QuoteView | None = None
    refusal: RefusalView | None = None
    outcome: OutcomeView | None = None


@dataclass(frozen=True, slots=True)
class BlockView:
    """A piece of a page's text: kind is title, h1 to h6, p, li, quote, code or cell."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class ItemView:
    """A review item under lease. It says nothing of the machine, of the player, or of where it came from."""

    public_id: str
    token: str
    title: str
    host: str
    language: str
    blocks: tuple[BlockView, ...]
    lease_expires_at: datetime


@dataclass(frozen=True, slots=True)
class JudgingView:
    """The judge's page. `item` is None when nothing waits that this person could judge.

    `challenge` speaks for all that are judged together, whichever of them the item is of, so that it gives nothing away;
    `is_covered`: the text is shown when asked for.
    """

    challenge: ChallengeView
    item: ItemView | None
    is_covered: bool
    price: int
    judged_today: int
    earned_today: int


@dataclass(frozen=True, slots=True)
class JudgingOffer:
    """Challenges that are judged together: the one that speaks for them, qualified or not, and how many items wait for this person."""

    card: ChallengeCard
    question: str
    is_covered: bool
    is_qualified: bool
    waiting: int


@dataclass(frozen=True, slots=True)
class QualificationItem:
    number: int
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class QualificationAnswer:
    item: QualificationItem
    given: LabelView | None
    truth: LabelView
    why: str
    is_right: bool


@dataclass(frozen=True, slots=True)
class QualificationView:
    """The short test that makes a player a verifier of one challenge. `answers` is filled after it was taken."""

    challenge: ChallengeView
    items: tuple[QualificationItem, ...]
    pass_mark: int
    is_qualified: bool
    retry_at: datetime | None
    is_covered: bool = False
    answers: tuple[QualificationAnswer, ...] = ()
    passed: bool | None = None


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One entry of somebody's ledger. `points` is signed. `kind` is bonus, judging, base, deadline, reversal or payout."""

    at: datetime
    kind: str
    reason: str
    points: int
    challenge_slug: str
    challenge_title: str
    submission: str | None


@dataclass(frozen=True, slots=True)
class Statement:
    """A player's money: waiting (promised if peers agree), approved (earned), paid (left for outside)."""

    waiting: int
    approved: int
    paid: int
    points_per_usd: int
    lines: tuple[LedgerLine, ...]
    next_cursor: str | None
    finds: int
    probes: int
    judgements: int


@dataclass(frozen=True, slots=True)
class LeaderRow:
    rank: int
    handle: str
    points: int
    finds: int
    is_me: bool


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """`period` is week or all; `challenge` is None for the overall board."""

    period: str
    challenge: ChallengeCard | None
    rows: tuple[LeaderRow, ...]
    me: LeaderRow | None


@dataclass(frozen=True, slots=True)
class FindView:
    """A verified error on the public page of finds. `link` is empty where the category is harmful: the URL is text only."""

    public_id: str
    title: str
    url_text: str
    link: str
    host: str
    truth: LabelView
    machine_said: LabelView
    belief: float
    severity: float
    novelty: float
    points: int
    finder: str
    settled_at: datetime


@dataclass(frozen=True, slots=True)
class FindsPage:
    challenge: ChallengeView
    finds: tuple[FindView, ...]
    total: int
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class MachineView:
    """A machine and its card (data, licence, metrics, blind spots) for anyone to read."""

    name: str
    version: str
    labels: tuple[str, ...]
    card: dict[str, object] = field(default_factory=dict)
    challenges: tuple[ChallengeCard, ...] = ()


@dataclass(frozen=True, slots=True)
class ConsoleRow:
    """A challenge as its modeler sees it in the console."""

    card: ChallengeCard
    probes: int
    refused: int
    quoted: int
    in_review: int
    confirmed: int
    rejected: int
    undecided: int
    points_paid: int
    points_reserved: int
    budget: int
