"""The life of a machine version in a challenge, and what a version does to the life of a cluster of verified errors."""

from __future__ import annotations

from collections.abc import Sequence

from btm.rules.errors import Conflict, Invalid

FIXED_SHARE = 0.1
"""A cluster is fixed when at most this share of its finds is still wrong."""
REGRESSED_SHARE = 0.25
"""A fixed cluster has regressed when more than this share is wrong again. Between the two nothing moves to and fro."""
LEAST_FINDS, LEAST_CAUSES = 40, 6
"""Fewest finds, of how many causes at least, that the machine never learned from: half to learn from, half to measure on."""
LEAST_ORDINARY, LEAST_RARE = 400, 40
"""Fewest ordinary pages, and of labels but the commonest, where they stand in for natural traffic: half to measure on."""
_MOST_NAME = 60


def life(state: str, wrong: int, total: int) -> str:
    """A cluster's state after a version was asked about all of its finds: `wrong` of `total` are still errors.

    new, known or regressed becomes fixed; fixed becomes regressed; anything else stays. A cluster that is still new counts as
    known once it is measured. Raises ValueError for counts that cannot be.
    """
    if not 0 <= wrong <= total:
        raise ValueError(f"{wrong} of {total} finds cannot be wrong")
    if total == 0:
        return state
    if wrong <= FIXED_SHARE * total:
        return "fixed"
    if state == "fixed" and wrong > REGRESSED_SHARE * total:
        return "regressed"
    return state


def choose_kind(wanted: str | None, machine_kind: str, *, has_base: bool, is_given: bool) -> str:
    """`candidate` (trained anew) or `correction` (a layer over what cannot be trained).

    `has_base`: there is base data for the machine that plays; `is_given`: a file of it came with the request. Left open, a file
    asks for a candidate, and so does a machine that was trained here. Raises Invalid (field `kind` or `data`).
    """
    if wanted not in (None, "candidate", "correction"):
        raise Invalid("A round is of the kind candidate or correction.", field="kind")
    if wanted == "candidate" and not has_base:
        raise Invalid(
            "A candidate needs base data, and what this machine was trained on is not here. Give a labelled file, or "
            "train a correction.",
            field="data",
        )
    if wanted is not None:
        return wanted
    return "candidate" if is_given or (machine_kind == "trained" and has_base) else "correction"


def name_candidate(kind: str, slug: str, base_name: str, base_kind: str) -> str:
    """What the new version is a version of: the machine's own name, where that is of the same make."""
    if kind == "candidate":
        return base_name if base_kind == "trained" else f"{slug[: _MOST_NAME - 4]}-own"
    return base_name if base_kind == "corrected" else f"{base_name[: _MOST_NAME - 10]}-corrected"


def check_corpus(finds: int, causes: int) -> None:
    """Raises Invalid (field `corpus`) where there is too little to learn from and to measure on."""
    if finds < LEAST_FINDS or causes < LEAST_CAUSES:
        raise Invalid(
            f"There {_are(finds, 'find')} of {causes} {'cause' if causes == 1 else 'causes'} that this machine never learned "
            f"from; at least {LEAST_FINDS} of {LEAST_CAUSES} causes are needed: one half to learn from, the other to see "
            "whether it helped.",
            field="corpus",
        )


def check_ordinary(counts: Sequence[int]) -> None:
    """Raises Invalid (field `data`) where verified pages are too few to stand in for natural traffic; `counts` of each label."""
    total = sum(counts)
    rare = total - max(counts, default=0)
    if total < LEAST_ORDINARY or rare < LEAST_RARE:
        raise Invalid(
            f"There {_are(total, 'ordinary page')} with a verdict (probes that the machine got right, and inspected pages), "
            f"{rare:,} of them of labels but the commonest; at least {LEAST_ORDINARY} and {LEAST_RARE} are needed. Inspect more, "
            "or give a labelled file of natural traffic.",
            field="data",
        )


def parts(finds: int) -> int:
    """In how many parts finds are cut, one of which is held out: half of a small corpus, a quarter of a large one."""
    return min(4, max(2, finds // 30))


def check_promotion(state: str, reasons: Sequence[str], *, advised: bool, plays_base: bool) -> None:
    """May a round be promoted unforced? Raises Conflict with what speaks against it; its code says whether force would do
    (`not_advised`) or not (`conflict`)."""
    if state != "ready":
        raise Conflict(_NOT_READY.get(state, "This round cannot be promoted any more."))
    if not plays_base:
        raise Conflict(
            "Another machine plays now than the one that this round was measured against. Start a new round.",
            code="not_advised",
        )
    if not advised:
        raise Conflict(" ".join(["It is not recommended.", *reasons]), code="not_advised")


_NOT_READY = {
    "training": "This round is still under way.",
    "failed": "This round failed; there is no machine to promote.",
    "promoted": "This round is promoted already.",
    "declined": "This round was declined when a newer one was started.",
    "rolled_back": "This round was rolled back. Start a new one.",
}


def may_roll_back(state: str, *, plays_candidate: bool) -> bool:
    """Only what plays can be rolled back."""
    return state == "promoted" and plays_candidate


def _are(count: int, what: str) -> str:
    return f"is 1 {what}" if count == 1 else f"are {count or 'no'} {what}s"
