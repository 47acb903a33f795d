"""What a fetch may do and what it may cost: one frozen value, made once from the settings."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from btm.pages.addresses import Network, parse_networks

__all__ = ["DEFAULT_POLICY", "Policy", "parse_networks"]


@dataclass(frozen=True)
class Policy:
    """The limits of one fetch, redirects, reading and all.

    `allow_private`: networks that may be fetched although they are not public, on any port and under any host name (for tests and
    closed installations). `own_hosts` (`host` or `host:port`) and `own_addresses` (`address`, `address:port` or `[v6]:port`) are this
    service itself and are never fetched; without a port they mean 80 and 443. `deadline` is seconds for everything together,
    `max_bytes` the most bytes of body, before and after decompression. `memory_bytes` is the child's whole address space.
    `ca_bundle` is a PEM file of trusted roots in place of the usual ones. `resolve_map` answers for a name instead of DNS: it exists for tests,
    and its answers are checked like any other. `proxy` (see btm.pages.proxy) is the only way out where there is one; it then looks
    names up and answers for what they lead to.
    """

    allow_private: tuple[Network, ...] = ()
    own_hosts: tuple[str, ...] = ()
    own_addresses: tuple[str, ...] = ()
    deadline: float = 10.0
    connect_timeout: float = 4.0
    max_bytes: int = 3_000_000
    max_redirects: int = 5
    memory_bytes: int = 300_000_000
    cpu_seconds: int = 4
    user_agent: str = "Mozilla/5.0 (compatible; BeatTheMachine/1.0; page reader)"
    ca_bundle: str | None = None
    resolve_map: tuple[tuple[str, tuple[str, ...]], ...] = ()
    proxy: str = field(default="", repr=False)

    def to_json(self) -> dict[str, Any]:
        """Plain values, for the reading child."""
        plain = asdict(self)
        plain["allow_private"] = [str(network) for network in self.allow_private]
        return plain

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Policy:
        """The inverse of `to_json`, also after a trip through JSON (which turns tuples into lists)."""
        known = {each.name for each in fields(cls)}
        values = {name: value for name, value in plain.items() if name in known}
        values["allow_private"] = parse_networks(",".join(plain["allow_private"]))
        values["own_hosts"] = tuple(plain["own_hosts"])
        values["own_addresses"] = tuple(plain["own_addresses"])
        values["resolve_map"] = tuple((name, tuple(answers)) for name, answers in plain["resolve_map"])
        return cls(**values)


DEFAULT_POLICY = Policy()
