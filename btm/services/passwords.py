"""Hashes of passwords and tokens. Shared by the services."""

from __future__ import annotations

import hashlib
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """The argon2id hash to keep, at OWASP's minimum of 19 MiB and two passes."""
    return hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether a password is right. Takes as long for somebody who does not exist, so that a stranger learns nothing."""
    try:
        return hasher.verify(password_hash or _nobody(), password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return hasher.hash("nobody has this password")


def token_hash(token: str) -> str:
    """What is kept of a session's token (it is random and long, so that a plain hash suffices)."""
    return hashlib.sha256(token.encode()).hexdigest()
