"""Which IP addresses are on the open internet: explicit tables.

`ipaddress.is_global` is not used: on Python 3.11 and 3.12 it is wrong for 6to4, local NAT64, some multicast,
old site-local and mapped carrier-NAT addresses. The tables follow the IANA special-purpose registries.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_DENIED_4 = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # this network; 0.0.0.0 reaches the local host on Linux
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier NAT
        "127.0.0.0/8",
        "168.63.129.16/32",  # the Azure host, from inside
        "169.254.0.0/16",  # link-local, and most clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments, Oracle's metadata
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_ALLOWED_6 = IPv6Network("2000::/3")
_DENIED_6 = tuple(
    IPv6Network(block)
    for block in (
        "2001::/23",  # protocol assignments: Teredo, benchmarking, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which embeds an IPv4 address and has no public relays any more
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")


def parse_address(text: str) -> Address:
    """An address from a resolver's answer; a zone (`%eth0`) is kept, and keeps it from being public.

    Raises ValueError for anything that is not a numeric address.
    """
    return ip_address(text)


def unwrap(address: Address) -> Address:
    """The IPv4 address inside an IPv4-mapped or NAT64 address, where the packets would really go."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_public(address: Address) -> bool:
    """Whether the address belongs to the open internet."""
    inner = unwrap(address)
    if isinstance(inner, IPv4Address):
        return not any(inner in block for block in _DENIED_4)
    return inner.scope_id is None and inner in _ALLOWED_6 and not any(inner in block for block in _DENIED_6)


def is_inside(address: Address, networks: Iterable[Network]) -> bool:
    """Whether the address, or the IPv4 address that it embeds, lies in one of the networks."""
    inner = unwrap(address)
    return any(inner.version == network.version and inner in network for network in networks)


def parse_networks(setting: str) -> tuple[Network, ...]:
    """Networks from a comma-separated setting such as `127.0.0.0/8, ::1/128`.

    Raises ValueError, naming the piece, where one is not a network.
    """
    return tuple(ip_network(piece.strip(), strict=False) for piece in setting.split(",") if piece.strip())
