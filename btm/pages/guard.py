"""The gate before every connection: may this address be fetched, and where exactly does the socket go?

Called for the first address and again for every redirect. It resolves a name once; the caller connects to the
addresses that were checked here and to nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from btm.pages.addresses import is_inside, is_public, parse_address, unwrap
from btm.pages.policy import DEFAULT_POLICY, Policy
from btm.pages.reasons import FetchFailed, Refused
from btm.pages.urls import Parts, parse

__all__ = ["DEFAULT_POLICY", "Policy", "Refused", "Target", "check_form", "vet"]

Resolve = Callable[[str], list[str]]
_WEB_PORTS = (80, 443)


@dataclass(frozen=True)
class Target:
    """A place that may be connected to: `addresses` are the checked ones, `host` the name for TLS and the Host header. There are no
    addresses where a proxy looks the name up."""

    url: str
    scheme: str
    host: str
    port: int
    addresses: tuple[str, ...]
    path: str


def check_form(url: str, policy: Policy = DEFAULT_POLICY) -> Parts:
    """Everything that can be said of an address without looking its name up; for an instant answer.

    Raises Refused.
    """
    parts = parse(url)
    if (parts.host, parts.port) in _places(policy.own_hosts):
        raise Refused("own_service")
    if parts.is_literal:
        _check_addresses(parts, [parts.host], policy)
    elif not policy.allow_private:
        if _is_local_name(parts.host):
            raise Refused("blocked_address")
        if parts.port not in _WEB_PORTS:
            raise Refused("port")
    return parts


def vet(url: str, resolve: Resolve, policy: Policy = DEFAULT_POLICY) -> Target:
    """Check an address, with exactly one lookup of its name (none where it is a number).

    `resolve(host)` returns numeric addresses, and raises OSError where there are none. One bad answer refuses the whole name.
    With a proxy no name is looked up here. Raises Refused, or FetchFailed (`unreachable`) where the name has no address.
    """
    parts = check_form(url, policy)
    if policy.proxy and not parts.is_literal:
        return Target(parts.url, parts.scheme, parts.host, parts.port, (), parts.path + parts.query)
    answers = [parts.host] if parts.is_literal else _look_up(parts.host, resolve)
    addresses = _check_addresses(parts, answers, policy)
    return Target(parts.url, parts.scheme, parts.host, parts.port, addresses, parts.path + parts.query)


def _look_up(host: str, resolve: Resolve) -> list[str]:
    try:
        answers = resolve(host)
    except (OSError, UnicodeError) as error:
        raise FetchFailed("unreachable") from error
    if not answers:
        raise FetchFailed("unreachable")
    return answers


def _check_addresses(parts: Parts, answers: Iterable[str], policy: Policy) -> tuple[str, ...]:
    try:
        addresses = [parse_address(answer) for answer in answers]
    except ValueError as error:
        raise Refused("blocked_address") from error
    opened = [is_inside(address, policy.allow_private) for address in addresses]
    own = _places(policy.own_addresses)
    if any((str(unwrap(address)), parts.port) in own for address in addresses):
        raise Refused("blocked_address")
    if not all(inside or is_public(address) for inside, address in zip(opened, addresses, strict=True)):
        raise Refused("blocked_address")
    if not all(opened):
        _check_as_public(parts)
    return tuple(str(address) for address in addresses)


def _check_as_public(parts: Parts) -> None:
    if not parts.is_literal and _is_local_name(parts.host):
        raise Refused("blocked_address")
    if parts.port not in _WEB_PORTS:
        raise Refused("port")


def _is_local_name(host: str) -> bool:
    return "." not in host or host.endswith(".localhost")


def _places(entries: Iterable[str]) -> set[tuple[str, int]]:
    """`host`, `host:port`, `v6` or `[v6]:port` as (host, port) pairs; without a port, both web ports."""
    places: set[tuple[str, int]] = set()
    for entry in entries:
        host, colon, port = entry.strip().lower().rpartition(":")
        bare_v6 = entry.count(":") > 1 and not entry.strip().startswith("[")
        if colon and port.isdigit() and not bare_v6:
            places.add((host.strip("[]").removesuffix("."), int(port)))
        elif entry.strip():
            name = entry.strip().lower().strip("[]").removesuffix(".")
            places.update((name, web_port) for web_port in _WEB_PORTS)
    return places
