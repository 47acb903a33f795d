"""What a player reads when a submission ends early: the game's own reasons here, those of fetching from btm.pages.reasons."""

from __future__ import annotations

from btm.pages.reasons import REASONS
from btm.rules.stops import BUDGET, DATE, FINDS, SENTENCES
from btm.services.views_play import RefusalView

GAME: dict[str, tuple[str, str, str]] = {
    "already_found": (
        "Somebody was here before you",
        "This page, or one with the same text, has already been found in this challenge.",
        "Look for a page of another kind: a new kind of mistake pays most.",
    ),
    "already_handed_in": (
        "Somebody was here before you",
        "This page, or one with the same text, is already waiting for its verdict in this challenge.",
        "Look for another page. You can still use what you learned from this one.",
    ),
    "already_judged": (
        "This page has been judged",
        "People have already looked at this page, or one with the same text, and settled what it is.",
        "Look for another page.",
    ),
    "already_known": (
        "The machine already knows this one",
        "The machine is right about this page, so there is nothing to win with it.",
        "Look for a page that would surprise it.",
    ),
    "budget_spent": (
        "This challenge has spent its budget",
        "Nothing can be promised here at the moment, so we stopped before you spent more time on it.",
        "Try another challenge, or come back later.",
    ),
    "closed": (
        "This challenge is closed",
        "It takes no new pages at the moment.",
        "Try another challenge.",
    ),
    DATE: ("This challenge is over", SENTENCES[DATE], "Try another challenge."),
    FINDS: ("There are enough finds", SENTENCES[FINDS], "Try another challenge."),
    BUDGET: ("This challenge spends no more", SENTENCES[BUDGET], "Try another challenge."),
    "enough": (
        "There are enough examples",
        "Every kind of page has been found as often as was asked for, so nothing more is paid here for now.",
        "Try another challenge. This one goes on when its machine has learned.",
    ),
    "label_full": (
        "Enough of these for now",
        "Pages of this kind have run ahead of the others, so this one would pay next to nothing.",
        "Look at what is still wanted, and bring a page of that.",
    ),
    "site_known": (
        "We have enough of this site",
        "Several pages of this site are here already. One more of them teaches a machine next to nothing, so it would pay as little.",
        "Look for a page on another site.",
    ),
    "too_alike": (
        "This is much like what we have",
        "Pages that say nearly the same are here already, so this one would pay next to nothing.",
        "Look for a page that puts it differently, or comes from another corner of the web.",
    ),
    "machine_came": (
        "There is a machine now",
        "While we read your page, this challenge learned from its examples. From now on it looks for pages that its machine gets wrong.",
        "Read what it looks for now, and try a page of that.",
    ),
    "machine_away": (
        "The machine did not come back",
        "We asked it about your page again and again for a day, and it did not answer. Nothing was counted against you.",
        "Try the page again in a while.",
    ),
    "taken_down": (
        "This was taken down",
        "What this page shows must not be shown or kept here, so nothing of it is. It cannot be handed in again.",
        "Look for another page.",
    ),
    "gave_up": (
        "We could not finish this one",
        "Something on our side went wrong several times. Nothing was lost and nothing was counted against you.",
        "Try the page again in a while.",
    ),
}
HEADLINES = {
    "blocked": "We do not visit this address",
    "bad_url": "This is not a web address",
    "not_found": "There is no page there",
    "not_a_page": "This is not a page",
    "nothing_to_read": "There is nothing to read",
    "too_large": "This page is too large",
    "timeout": "The page did not come in time",
}


def explain(reason: str, *, repeats: str | None = None, repeats_url: str = "") -> RefusalView:
    """The words for a stored reason. `repeats` is the public id of the submission that it repeats, if that is public."""
    if reason in GAME:
        headline, sentence, next_step = GAME[reason]
        return RefusalView(reason, headline, sentence, next_step, repeats, repeats_url)
    known = REASONS.get(reason, REASONS["interrupted"])
    sentence, _, next_step = known.sentence.rpartition(". ")
    headline = HEADLINES.get(known.code, "We could not read this page")
    return RefusalView(known.code, headline, f"{sentence}.", next_step, repeats, repeats_url)
