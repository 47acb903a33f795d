"""What part of a corpus an export holds, and which side of a split a find is on."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from btm.rules.errors import Invalid

STATES = ("new", "known", "fixed", "regressed")
STATUSES = ("open", "fixed")
PARTS = ("train", "test")
TEST_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class ExportQuery:
    """Which verified errors are asked for. None stands for all.

    `cluster` is a cluster's id and `state` its state; `status` is what the machine that plays now says of a find: `open`, it is
    still wrong, or `fixed`. `machine`: the version of the machine that the find was found against. `since` (with it) and `until`
    (without it) bound the moment of the verdict. `part` is one side of the split by cluster, of which `test_share` (0 to 1) is
    for testing. `after`: the id of the find after which to go on.
    """

    cluster: str | None = None
    state: str | None = None
    status: str | None = None
    machine: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    part: str | None = None
    test_share: float = TEST_SHARE
    after: str | None = None


NAMES = tuple(ExportQuery.__dataclass_fields__)
EVERYTHING = ExportQuery()


def query_from(values: Mapping[str, str]) -> ExportQuery:
    """A query from text, as a form, an address or a command has it; an empty value is none. Names other than a query's are passed
    over. Raises Invalid, naming the field."""
    given = {name: values[name].strip() for name in NAMES if values.get(name, "").strip()}
    since, until = _moment(given.get("since"), "since"), _moment(given.get("until"), "until")
    if since is not None and until is not None and since >= until:
        raise Invalid("The first moment must be before the last.", field="until")
    return ExportQuery(
        cluster=given.get("cluster"),
        state=_one_of(given.get("state"), STATES, "state"),
        status=_one_of(given.get("status"), STATUSES, "status"),
        machine=given.get("machine"),
        since=since,
        until=until,
        part=_one_of(given.get("part"), PARTS, "part"),
        test_share=_share(given.get("test_share")),
        after=given.get("after"),
    )


def side_of(salt: str, group: str, test_share: float) -> str:
    """`test` or `train`. group: a cluster's id, or a find's own where it is alone, so that a whole cluster is on one side.

    It depends on nothing but its arguments: it is the same whatever else is found later, and a larger share only moves groups
    from training to testing.
    """
    digest = hmac.new(salt.encode(), f"split {group}".encode(), hashlib.sha256).digest()
    return "test" if int.from_bytes(digest[:8], "big") < test_share * 2**64 else "train"


def _one_of(value: str | None, choices: tuple[str, ...], field: str) -> str | None:
    if value is not None and value not in choices:
        raise Invalid(f"{field!r} can be {', '.join(choices[:-1])} or {choices[-1]}.", field=field)
    return value


def _moment(value: str | None, field: str) -> datetime | None:
    """A day is its midnight, and what says no time zone is in UTC."""
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(
            f"{field!r} must be a date such as 2026-03-31, or a moment such as 2026-03-31T12:00.", field=field
        ) from None


def _share(value: str | None) -> float:
    try:
        share = TEST_SHARE if value is None else float(value)
    except ValueError:
        share = -1.0
    if not 0 < share < 1:
        raise Invalid("'test_share' must be a number between 0 and 1, such as 0.2.", field="test_share")
    return share
