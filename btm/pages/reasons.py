"""Why a page could not be read: one small table of reasons, each with the sentence that a person sees.

A sentence never quotes the server, an exception or an address, so that nothing can be probed through it,
and every blocked address gets the very same one.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """What the product shows (`code`, stable, for code and counters) and says (`sentence`, for a person)."""

    code: str
    sentence: str


_BLOCKED = (
    "This address is not on the open web, so we do not fetch it. Please try a page that anybody can visit."
)

REASONS: dict[str, Reason] = {
    # refused before a byte is sent
    "blocked_address": Reason("blocked", _BLOCKED),
    "own_service": Reason(
        "blocked", "This is a page of the game itself. Please try a page from somewhere else on the web."
    ),
    "port": Reason(
        "blocked", "We only visit the ordinary web ports, 80 and 443. Please try the page's usual address."
    ),
    "credentials": Reason(
        "blocked",
        "This address carries a user name or password. Please take it out and try the plain address.",
    ),
    "scheme": Reason(
        "bad_url", "A page's address begins with http:// or https://. Please copy it from the browser."
    ),
    "bad_url": Reason(
        "bad_url",
        "This does not look like a web address. Please copy it whole from the browser and try again.",
    ),
    # the server's answer
    "not_found": Reason(
        "not_found", "The site says that this page does not exist (any more). Please check the address."
    ),
    "http_status": Reason(
        "http_status",
        "The site did not hand us this page. It may ask visitors to log in; please try another page.",
    ),
    "too_many_redirects": Reason(
        "too_many_redirects",
        "This address keeps sending us on to others. Please paste the address where the browser ends up.",
    ),
    "not_a_page": Reason(
        "not_a_page",
        "This is a file, not a page: an image, a PDF, a download. Please try a page with text on it.",
    ),
    "nothing_to_read": Reason(
        "nothing_to_read",
        "We found no text to read on this page. Please try a page with some sentences on it.",
    ),
    "too_large": Reason(
        "too_large",
        "This page is too large for us to read. Please try a smaller one, such as a single article.",
    ),
    "broken": Reason(
        "broken", "The site's answer was cut off or garbled. Please try again later, or try another page."
    ),
    # the way there
    "unreachable": Reason(
        "unreachable", "We could not reach this site. Please check the spelling, or try again later."
    ),
    "tls": Reason(
        "tls",
        "This site's security certificate does not hold, so we did not read the page. Please try another page.",
    ),
    "timeout": Reason(
        "timeout", "The site took too long to answer. Please try again later, or try another page."
    ),
    # our own limits
    "too_heavy": Reason("too_heavy", "This page takes too much work to read. Please try a simpler page."),
    "interrupted": Reason("interrupted", "We were interrupted while reading this page. Please try it again."),
}

CODES: frozenset[str] = frozenset(reason.code for reason in REASONS.values())


class ReadFailed(Exception):
    """A page could not be read.

    `reason` is a key of `REASONS` (the finest grain), `code` its public code and `sentence` what to tell the person.
    """

    def __init__(self, reason: str) -> None:
        known = REASONS[reason]
        super().__init__(reason)
        self.reason = reason
        self.code = known.code
        self.sentence = known.sentence


class Refused(ReadFailed, ValueError):
    """The address itself is not one that may be fetched; nothing was sent to it."""


class FetchFailed(ReadFailed):
    """The address was fine and the fetch or the reading of it was not."""


def failure(reason: str) -> ReadFailed:
    """The exception for a reason that came over the wire; an unknown reason becomes `broken`."""
    if reason not in REASONS:
        return FetchFailed("broken")
    if REASONS[reason].code in ("blocked", "bad_url"):
        return Refused(reason)
    return FetchFailed(reason)
