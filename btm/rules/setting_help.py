"""One sentence of help for every setting of a challenge: for the console, the command line and docs/settings.md, which a test keeps
level with this."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields

from btm.rules.errors import Invalid
from btm.rules.settings import BOUNDS, WHOLE, ChallengeRules

GROUPS = {
    "money": "What a find pays",
    "judging": "What a judgement pays",
    "verdicts": "When a page is decided",
    "appeals": "When a verdict is taken up again",
    "gold": "Pages with a known answer",
    "haste": "Haste, and pauses",
    "test": "The test",
    "collect": "Collecting examples",
}
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:[.,]\d{3})+")
HELP: dict[str, tuple[str, str]] = {
    "max_bonus": ("money", "Points for a wholly new and wholly certain mistake."),
    "min_quote": ("money", "A page that would pay less is refused: the machine already knows it."),
    "sharpness": (
        "money",
        "Power of the severity. At 2 a machine that was undecided pays a quarter; 1 is the deployment of 2011.",
    ),
    "novelty_floor": ("money", "What is left of a bonus when the mistake was wholly foreseeable."),
    "points_per_usd": ("money", "The rate at which points are money."),
    "base_pay": ("money", "Points for an honest probe that was judged and rejected."),
    "base_pay_daily_cap": ("money", "The most base pay that one person has in a day."),
    "quote_hours": ("money", "How long a quote stands."),
    "hold_days": (
        "money",
        "Points for a find are paid out once its page was looked at again and was the same; after so many days they are in any case. "
        "0 pays them at once.",
    ),
    "judging_price": ("judging", "Points for one judgement."),
    "quality_specification": (
        "judging",
        "From this quality on (0 tells nothing, 1 all) a judgement pays the full price.",
    ),
    "pay_proof_judgements": ("judging", "So many judgements are paid in full before quality counts."),
    "min_judgements": ("verdicts", "Fewer never decide."),
    "max_judgements": ("verdicts", "With so many and no agreement, a modeler decides."),
    "max_expected_cost": (
        "verdicts",
        "A verdict is given once it is expected to cost no more than this share of the worst mistake.",
    ),
    "judge_accuracy": (
        "verdicts",
        "How often a judge of whom nothing is known is taken to be right.",
    ),
    "verdict_days": ("verdicts", "How long a verdict may take; after that the quote is paid."),
    "lease_seconds": ("verdicts", "How long a judge has a page to themselves."),
    "ageing_hours": (
        "verdicts",
        "A page that waits so many hours longer is served as if it were worth 2.7 times as much.",
    ),
    "most_corrections": (
        "verdicts",
        'After so many judges who say "none of these", a page goes to the desk.',
    ),
    "appeal_days": ("appeals", "How long after a rejection its player may appeal."),
    "appeal_min_judgements": ("appeals", "How many fresh judges at least decide an appeal."),
    "gold_rate_start": (
        "gold",
        "Share of pages with a known answer among those that a new judge gets.",
    ),
    "gold_rate_floor": ("gold", "The same share for a judge who has proved to be good."),
    "gold_proof_answers": ("gold", "About so many right answers to known pages prove a judge."),
    "gold_pool": (
        "gold",
        "How many known pages of a topic are in use; newer verdicts replace older ones.",
    ),
    "gold_min_probability": (
        "gold",
        "A verdict becomes a known page by itself from this probability on.",
    ),
    "gold_min_judgements": ("gold", "And from so many judgements on, all of which agree."),
    "gold_leak_answers": (
        "gold",
        "After so many answers a known page may be retired because it is answered suspiciously well.",
    ),
    "min_gold_accuracy": ("gold", "A judge who is right less often on known pages is blocked,"),
    "min_gold_answers": ("gold", "after so many answers to them."),
    "too_fast_z": (
        "haste",
        "An answer is marked as too fast when its time is so many standard deviations (of the logarithm) below the usual.",
    ),
    "too_fast_least": ("haste", "No answer is marked before so many times are known."),
    "friction_share": (
        "haste",
        "The most pauses, as a share of page turns, for judges of low quality. 0 is none for anybody.",
    ),
    "friction_seconds": ("haste", "How long such a pause is."),
    "friction_quality": (
        "haste",
        "Judges below this quality meet pauses, the more the further below.",
    ),
    "qualification_pass": ("test", "Share of the test's questions to be answered rightly."),
    "qualification_wait_minutes": ("test", "How long somebody waits after failing the test."),
    "collect_goal": (
        "collect",
        "While there is no machine: how many verified examples are asked for in all, shared out by the challenge's `proportions` "
        "(equal parts where there are none).",
    ),
    "collect_least": (
        "collect",
        "How many verified examples of every label a first machine needs; never fewer than 10.",
    ),
    "site_likeness": (
        "collect",
        "How much alike two pages of one site are, as examples. At .3 the second page of a site adds .54 of a page, the tenth .06; 0 "
        "makes all pages of a site worth the same.",
    ),
    "given_accuracy": ("collect", "How often a label that came with an imported page is taken to be right."),
}
"""By setting: its group and its help, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting as a form shows it."""

    name: str
    group: str
    help: str
    default: float
    low: float
    high: float
    is_whole: bool


def settings() -> tuple[Setting, ...]:
    """All settings, in the order of HELP; one without help comes last, with none."""
    defaults = ChallengeRules()
    known = [each.name for each in fields(ChallengeRules)]
    names = [*HELP, *(name for name in known if name not in HELP)]
    return tuple(
        Setting(
            name,
            *HELP.get(name, ("money", "")),
            getattr(defaults, name),
            *BOUNDS[name],
            is_whole=name in WHOLE,
        )
        for name in names
    )


def read_setting(name: str, typed: str) -> int | float:
    """What somebody typed for a setting, as a number. Raises Invalid (field: the setting's name), which says what to type."""
    if name not in BOUNDS:
        raise Invalid(f"{name!r} is not a setting of a challenge.", field=name)
    words = "".join(typed.split()).replace("−", "-")
    if name in WHOLE and _THOUSANDS.fullmatch(words):
        words = words.replace(",", "").replace(".", "")
    words = words.replace(",", ".")
    low, high = BOUNDS[name]
    kind = "a whole number" if name in WHOLE else "a number"
    try:
        value = int(words) if name in WHOLE and words.lstrip("+-").isdecimal() else float(words)
    except ValueError:
        value = float("nan")
    if name in WHOLE and isinstance(value, float) and value.is_integer():
        value = int(value)
    if not low <= value <= high or (name in WHOLE and not isinstance(value, int)):
        raise Invalid(
            f"{name} is {typed.strip()[:40] or 'empty'}; type {kind} from {low:g} to {high:,.10g}.",
            field=name,
        )
    return value
