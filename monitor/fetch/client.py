"""Asks one address for a feed and hands back what came, whatever the status.

Holds the connections, follows redirects by its own rules, keeps every bound of Limits, and turns
each failure into FetchError. It sends no cookie, no referrer and no credentials, goes through no
proxy, retries nothing, and does not judge what an answer means for the feed.
"""

from __future__ import annotations

import asyncio
import ssl
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from monitor.errors import FetchError
from monitor.fetch import redirects
from monitor.fetch.body import read_body
from monitor.fetch.encodings import ACCEPTED
from monitor.fetch.faults import note_reuse, once, translated
from monitor.fetch.guard import Wall
from monitor.fetch.limits import Limits
from monitor.model.feeds import Answer, PollOutcome, Validators

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)
#: How long a connection waits for another request: for a host whose next feed follows at once.
KEPT_S = 2.0
#: The headers that somebody decides by; no other header of an answer is kept.
KEPT = frozenset(
    {
        "age", "cache-control", "cf-mitigated", "content-type", "date", "etag", "expires",
        "last-modified", "link", "location", "retry-after", "server", "x-datadome",
    }
)  # fmt: skip
#: Of these a repeated header continues the list; of the others the first counts.
_LISTS = frozenset({"cache-control", "link"})


class Client:
    """Fetches feeds politely: one fixed set of headers, validators byte for byte.

    ``contact`` is a mailto: or https: address where a site's owner can complain. ``tls`` and
    ``resolver`` replace the system's trusted authorities and name servers.
    """

    def __init__(
        self,
        contact: str,
        version: str,
        wall: Wall,
        limits: Limits,
        *,
        tls: ssl.SSLContext | None = None,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._headers = {
            "User-Agent": _user_agent(contact, version),
            "Accept": ACCEPT,
            "Accept-Encoding": ACCEPTED,
        }
        self._wall = wall
        self._limits = limits
        self._tls = tls
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        limits = self._limits
        connector = aiohttp.TCPConnector(
            limit=0,  # the pipeline bounds what is in flight; waiting here would eat the deadline
            socket_factory=self._wall.open_socket,
            resolver=self._resolver,  # aiohttp's default is aiodns wherever that is installed
            ssl=self._tls or True,
            keepalive_timeout=KEPT_S,
        )
        watch = aiohttp.TraceConfig()
        watch.on_connection_reuseconn.append(note_reuse)
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=aiohttp.ClientTimeout(total=None, connect=limits.connect_s),
            middlewares=(once,),
            trace_configs=[watch],
            max_field_size=limits.header_bytes,
            max_headers=limits.headers,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def get(self, url: str, validators: Validators) -> Answer:
        """Fetch one address, following redirects. Raises FetchError when there is no answer.

        The validators go along on every hop, since nobody knows which of them issued them.
        """
        begun = asyncio.get_running_loop().time()
        here = redirects.start(url)
        try:
            async with asyncio.timeout(self._limits.total_s):
                return await self._follow(url, here, self._headers | _conditions(validators), begun)
        except TimeoutError as exc:
            raise FetchError(
                PollOutcome.TIMEOUT, f"{here.host}: no whole answer in {self._limits.total_s:g} s"
            ) from exc

    async def _follow(self, url: str, here: URL, headers: dict[str, str], begun: float) -> Answer:
        assert self._session is not None, "the client is used outside its async with block"
        seen = [here]
        hops: list[tuple[int, str]] = []
        while True:
            name = _named(seen)
            with translated(name, redirected=bool(hops)):
                async with self._session.get(
                    here, headers=headers, allow_redirects=False
                ) as response:
                    kept = _kept(response.raw_headers)
                    if response.status not in redirects.STATUSES:
                        return Answer(
                            url=str(here) if hops else url,
                            status=response.status,
                            headers=kept,
                            body=await read_body(response, name, self._limits),
                            hops=tuple(hops),
                            elapsed_s=asyncio.get_running_loop().time() - begun,
                        )
            location = kept.get("location")
            here = redirects.follow(seen, response.status, location, self._limits.hops)
            seen.append(here)
            hops.append((response.status, str(here)))


def _named(seen: list[URL]) -> str:
    """Return the host for messages, and after a redirect the one that the user knows as well."""
    first, last = seen[0].host, seen[-1].host
    return f"{first}" if first == last else f"{first}, redirected to {last}"


def _user_agent(contact: str, version: str) -> str:
    """Return ``newsmonitor/1.0 (+mailto:desk@example.org)``. Raises ValueError."""
    agent = f"newsmonitor/{version} (+{contact})" if contact else f"newsmonitor/{version}"
    if not (agent.isascii() and agent.isprintable()):
        raise ValueError("fetch.contact must be printable ASCII, as mailto:desk@example.org is")
    return agent


def _conditions(validators: Validators) -> dict[str, str]:
    """Return the conditional headers (RFC 9110, 13.1), each exact or left out."""
    pairs = (
        ("If-None-Match", validators.etag),
        ("If-Modified-Since", validators.last_modified),
    )
    wire = ((name, _wire(value)) for name, value in pairs if value)
    return {name: value for name, value in wire if value}


def _wire(value: str) -> str | None:
    """Return the text that aiohttp, which writes UTF-8, puts out as the bytes that came in.

    None when there is no such text: a validator that would go out changed is not sent.
    """
    try:
        text = value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return None
    return text if not any(ord(char) < 32 or ord(char) == 127 for char in text) else None


def _kept(raw: tuple[tuple[bytes, bytes], ...]) -> dict[str, str]:
    """Return the headers of use by lower-case name, each byte as one character."""
    kept: dict[str, str] = {}
    for raw_name, raw_value in raw:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if name in KEPT and name not in kept:
            kept[name] = value
        elif name in _LISTS:
            kept[name] += f", {value}"
    return kept
