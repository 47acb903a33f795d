"""Calls to MTurk's requester API, and what their failures mean."""

from __future__ import annotations

import hashlib
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from btm.platforms.keys import PlatformKeys
from btm.platforms.platform import Payment, PlatformDown, PlatformRefused

REGION = "us-east-1"
KEY_TROUBLE = frozenset(
    {
        "UnrecognizedClientException",
        "InvalidSignatureException",
        "IncompleteSignatureException",
        "MissingAuthenticationTokenException",
        "AccessDeniedException",
        "InvalidClientTokenId",
        "ExpiredTokenException",
    }
)
WAIT = "MTurk did not answer. Nothing is lost; it is tried again."
NO_KEYS = "MTurk does not accept this instance's keys. Check BTM_MTURK_ACCESS_KEY and BTM_MTURK_SECRET_KEY."
NO_MONEY = "The MTurk account has not enough money for this. Add some there; it is tried again."


def make_client(keys: PlatformKeys, *, attempts: int = 2) -> Any:
    """A client with this instance's keys and nobody else's: what lies about on the machine (profiles, roles) is not looked at."""
    return boto3.client(
        "mturk",
        region_name=REGION,
        endpoint_url=keys.mturk_api,
        aws_access_key_id=keys.mturk_access_key,
        aws_secret_access_key=keys.mturk_secret_key,
        config=Config(
            connect_timeout=5,
            read_timeout=20,
            retries={"mode": "standard", "total_max_attempts": attempts},
            proxies={},
        ),
    )


def call(client: Any, operation: str, **parameters: Any) -> dict[str, Any]:
    """One call. Raises PlatformRefused with MTurk's reason, or PlatformDown."""
    try:
        return dict(getattr(client, operation)(**parameters))
    except ParamValidationError as error:
        raise PlatformRefused(f"MTurk would not take this: {error}") from error
    except ClientError as error:
        raise _meaning(error) from error
    except BotoCoreError as error:
        raise PlatformDown(WAIT) from error


def _meaning(error: ClientError) -> PlatformRefused | PlatformDown:
    told = error.response.get("Error", {})
    code, words = str(told.get("Code", "")), str(told.get("Message") or error.response.get("Message") or "")
    if code in KEY_TROUBLE:
        return PlatformDown(NO_KEYS)
    if "insufficient funds" in words.lower() or "InsufficientFunds" in _turk_code(error):
        return PlatformDown(NO_MONEY)
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in ("RequestError", "ValidationException") or (
        code != "ThrottlingException" and 400 <= status < 429
    ):
        return PlatformRefused(f"MTurk says no: {words or code}")
    return PlatformDown(WAIT)


def _turk_code(error: ClientError) -> str:
    return str(error.response.get("TurkErrorCode", ""))


def all_of(client: Any, operation: str, name: str, **parameters: Any) -> list[dict[str, Any]]:
    """Every entry of a paged list."""
    found: list[dict[str, Any]] = []
    token = ""
    while True:
        more = {"NextToken": token} if token else {}
        page = call(client, operation, MaxResults=100, **parameters, **more)
        found += page.get(name, [])
        token = page.get("NextToken", "")
        if not token or not page.get(name):
            return found


def token_of(key: str) -> str:
    """A key of ours as a UniqueRequestToken: 64 characters at most, always the same ones."""
    return hashlib.sha256(key.encode()).hexdigest()


def mark_of(payment: Payment) -> str:
    """How a bonus is known again after its token has run out: a short mark of its key, in the reason that MTurk keeps for good."""
    return f"[{hashlib.sha256(payment.key.encode()).hexdigest()[:20]}]"


def usd(cents: int) -> str:
    """Cents as MTurk writes money."""
    return f"{cents // 100}.{cents % 100:02d}"
