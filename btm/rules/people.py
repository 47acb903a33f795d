"""Names and passwords that an account may have."""

from __future__ import annotations

import re
import unicodedata

from btm.rules.errors import Invalid

HANDLE = re.compile(r"[^\W_](?:[\w.-]{0,30}[^\W_])?")
RESERVED = frozenset(
    {"admin", "administrator", "machine", "the-machine", "moderator", "system", "visitor", "you", "btm"}
)
PASSWORD_MIN = 10
PASSWORD_MAX = 200


def handle_key(handle: str) -> str:
    """The form in which names are compared: compatibility characters and case folded, composed again after that."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", handle).casefold())


def check_handle(handle: str) -> str:
    """The name as it will be shown, or Invalid. Letters and digits of any script, with . - _ inside; 2 to 32 characters."""
    name = unicodedata.normalize("NFKC", handle).strip()
    if not 2 <= len(name) <= 32 or not HANDLE.fullmatch(name):
        raise Invalid(
            "Pick a name of 2 to 32 letters or digits; dots, dashes and underscores may stand between them.",
            field="handle",
        )
    if handle_key(name) in RESERVED:
        raise Invalid("That name is not available. Pick another one.", field="handle")
    return name


def check_password(password: str, handle: str) -> str:
    """The password, or Invalid: long enough to be worth guessing, and not the name itself (NIST SP 800-63B: length, no recipes)."""
    if len(password) < PASSWORD_MIN:
        raise Invalid(
            f"Use at least {PASSWORD_MIN} characters. A short sentence is easy to remember.", field="password"
        )
    if len(password) > PASSWORD_MAX:
        raise Invalid(f"Use at most {PASSWORD_MAX} characters.", field="password")
    if handle_key(password).replace(" ", "") == handle_key(handle) or len(set(password)) < 4:
        raise Invalid(
            "That password is too easy to guess. A short sentence is easy to remember.", field="password"
        )
    return password
