"""Named domain errors. Each carries a code for programs and a sentence for a person; one place in
`btm.factory` maps them to HTTP answers, and the CLI to exit codes."""

from __future__ import annotations


class DomainError(Exception):
    """Something that a person asked for cannot be done, and why.

    `code` is stable and for programs, `sentence` is for the person who asked, `status` is the HTTP status that fits.
    """

    status = 400
    code = "invalid"

    def __init__(self, sentence: str, *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field
        if code is not None:
            self.code = code


class Invalid(DomainError):
    """The input cannot be taken as it is; `field` names the form field that is to blame, where one is."""

    status = 422


class NotFound(DomainError):
    """There is no such thing, or not for the one who asks."""

    status = 404
    code = "not_found"


class Forbidden(DomainError):
    """The one who asks may not do this."""

    status = 403
    code = "forbidden"


class SignInNeeded(DomainError):
    """Only somebody with an account may do this."""

    status = 401
    code = "sign_in_needed"


class Conflict(DomainError):
    """The thing has moved on since the page was drawn: lease passed on, quote expired, budget spent."""

    status = 409
    code = "conflict"


class TooMany(DomainError):
    """A limit was met; try again later."""

    status = 429
    code = "too_many"
