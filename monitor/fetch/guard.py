"""The wall: which addresses may be dialled. A feed must never reach the network we stand in.

Judges the numeric address at the moment its socket is made, so that names, literals, redirects and
a resolver that changes its answer all end at one gate. It never resolves names and knows nothing of
HTTP. The list is our own: ``ipaddress.is_global`` lets translation prefixes and multicast through
and differs between Python releases.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

#: IANA's registries of special-purpose addresses (RFC 6890 and its successors) and multicast.
#: The last three rows are all of IPv6 outside 2000::/3, where the public Internet lives.
DENIED: tuple[tuple[Network, str], ...] = tuple(
    (ip_network(network), what)
    for network, what in (
        ("0.0.0.0/8", "this host"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local, cloud metadata"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "protocol assignments"),
        ("192.0.2.0/24", "documentation"),
        ("192.31.196.0/24", "AS112 sink"),
        ("192.52.193.0/24", "multicast tunnel"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("192.175.48.0/24", "AS112 sink"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved, broadcast"),
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("::/96", "IPv4-compatible"),
        ("64:ff9b::/96", "NAT64"),
        ("64:ff9b:1::/48", "local NAT64"),
        ("100::/16", "discard"),
        ("2001::/32", "Teredo"),
        ("2001::/23", "protocol assignments"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("2620:4f:8000::/48", "AS112 sink"),
        ("3ffe::/16", "6bone, returned"),
        ("3fff::/20", "documentation"),
        ("5f00::/16", "segment routing"),
        ("fc00::/7", "unique local"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
        ("::/3", "not public"),
        ("4000::/2", "not public"),
        ("8000::/1", "not public"),
    )
)

_NAT64 = IPv6Network("64:ff9b::/96")


class Walled(OSError):  # noqa: N818 - reads as a sentence: raise Walled
    """A dial that the wall refused."""

    def __init__(self, address: str, why: str) -> None:
        super().__init__(errno.EACCES, "address behind the wall")
        self.address = address
        self.why = why


class Wall:
    """Lets public addresses through, and those private networks that are named."""

    def __init__(self, allow_private: Sequence[Network] = ()) -> None:
        self._allowed = tuple(allow_private)

    def allows(self, ip: str | Address) -> bool:
        """Tell whether this address may be dialled; what is no numeric address may not."""
        return self.objection(ip) is None

    def objection(self, ip: str | Address) -> str | None:
        """Return what kind of forbidden address this is, or None when it may be dialled.

        An address that carries another one (NAT64, 6to4, Teredo) is judged by both: to open the
        translation prefix does not open the private network behind it.
        """
        try:
            outer = ip_address(ip) if isinstance(ip, str) else ip
        except ValueError:
            return "not a numeric address"
        return next(filter(None, map(self._denied, _faces(outer))), None)

    def open_socket(self, family: int, kind: int, protocol: int, address: str) -> socket.socket:
        """Make the socket for dialling a numeric address. Raises Walled."""
        why = self.objection(address)
        if why is not None:
            raise Walled(address, why)
        return socket.socket(family, kind, protocol)

    def _denied(self, ip: Address) -> str | None:
        if any(ip in network for network in self._allowed):
            return None
        return next((what for network, what in DENIED if ip in network), None)


def _faces(ip: Address) -> Iterator[Address]:
    """Yield the address and the IPv4 addresses inside it; a mapped one is only its inside."""
    if isinstance(ip, IPv4Address):
        yield ip
        return
    if ip.ipv4_mapped:
        yield ip.ipv4_mapped
        return
    yield ip
    if ip.sixtofour:
        yield ip.sixtofour
    if ip.teredo:
        yield from ip.teredo
    if ip in _NAT64:
        yield IPv4Address(int(ip) & 0xFFFF_FFFF)
