"""What a verified example is paid, and how its verdict reads. Shared by the services; asks the database for nothing."""

from __future__ import annotations

from btm.rules.collecting import CommittedExample, settle_example
from btm.rules.settings import ChallengeRules
from btm.rules.settlement import Settlement
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_collecting import DbExample
from btm.store.tables_play import DbQuote


def ruling(
    challenge: DbChallenge, quote: DbQuote, truth: int, rules: ChallengeRules, base_paid_today: int
) -> Settlement:
    """The settlement of an example verified as the label `truth`, by the terms frozen in its quote."""
    keys = challenge.label_keys
    frozen = dict(zip(quote.terms.get("labels", keys), quote.terms["wants"], strict=True))
    committed = CommittedExample(
        keys.index(quote.target), [frozen.get(key, 0.0) for key in keys], quote.novelty, quote.points
    )
    return settle_example(committed, truth, rules, base_paid_today)


def verdict_words(example: DbExample, state: str, people: str) -> str:
    """What a player reads under the verdict. people: who says so, and what."""
    if example.truth == example.claimed:
        return f"{people}, as you said."
    if state == "confirmed":
        return f"{people}. That is not what you said, but such a page was wanted too."
    return f"{people}. That is not what you said, and no more of those are wanted."
