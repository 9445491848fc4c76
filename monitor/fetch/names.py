"""Turns host names into addresses, without threads. Home of aiodns.

What the names lead to is judged by the wall when it is dialled, not here.
"""

from __future__ import annotations

import asyncio
import socket
from ipaddress import ip_address
from typing import Any

import aiodns

from monitor.errors import FetchError
from monitor.model.feeds import PollOutcome


class Names:
    """Asks the system's name servers, or those that are named (c-ares' own options)."""

    def __init__(self, **options: Any) -> None:
        self._options = options
        self._resolver: aiodns.DNSResolver | None = None

    async def addresses(self, host: str) -> tuple[str, ...]:
        """Return the addresses of a name in the order of preference; of a number itself.

        Raises FetchError (dns).
        """
        if _is_number(host):
            return (host,)
        if self._resolver is None:
            self._resolver = aiodns.DNSResolver(loop=asyncio.get_running_loop(), **self._options)
        try:
            found = await self._resolver.getaddrinfo(
                host, family=socket.AF_UNSPEC, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
            )
        except aiodns.error.DNSError as error:
            raise _unresolved(host, str(error.args[-1])) from error
        except UnicodeError as error:
            raise _unresolved(host, "no name that can be asked for") from error
        addresses = tuple(dict.fromkeys(_text(node.addr[0]) for node in found.nodes))
        if not addresses:
            raise _unresolved(host, "it has no address")
        return addresses

    async def close(self) -> None:
        if self._resolver is not None:
            await self._resolver.close()
            self._resolver = None


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _text(address: bytes | str) -> str:
    return address.decode("ascii") if isinstance(address, bytes) else address


def _unresolved(host: str, why: str) -> FetchError:
    words = " ".join(why.split())[:120]
    return FetchError(PollOutcome.DNS, f"{host}: name not resolved ({words})", whole_host=True)
