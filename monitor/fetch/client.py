"""Asks one address for a feed and hands back what came, whatever the status.

Follows redirects by its own rules, keeps every bound of Limits, and turns each failure into
FetchError. It sends no cookie, no referrer and no credentials, goes through no proxy, retries
nothing, and does not judge what an answer means for the feed.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from types import TracebackType
from typing import Self

from yarl import URL

from monitor.errors import FetchError
from monitor.fetch import redirects
from monitor.fetch.encodings import ACCEPTED
from monitor.fetch.faults import named
from monitor.fetch.guard import Wall
from monitor.fetch.limits import Limits
from monitor.fetch.names import Names
from monitor.fetch.reply import Reply
from monitor.fetch.transfers import CODES, Ended, Request, Transfers
from monitor.model.feeds import Answer, PollOutcome, Validators

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)


#: What no header may hold, or would not go out as it came in.
_UNFIT = re.compile(r"[^\x20-\x7e\x80-\xff]")


class Client:
    """Fetches feeds politely: one fixed set of headers, validators byte for byte.

    ``contact`` is a mailto: or https: address where a site's owner can complain. ``authorities``
    (a file in PEM) and ``names`` replace the system's trusted authorities and name servers.
    """

    def __init__(
        self,
        contact: str,
        version: str,
        wall: Wall,
        limits: Limits,
        *,
        authorities: Path | None = None,
        names: Names | None = None,
    ) -> None:
        agent = _user_agent(contact, version)
        self._headers = [
            line.encode("ascii")
            for line in (
                f"User-Agent: {agent}",
                f"Accept: {ACCEPT}",
                f"Accept-Encoding: {ACCEPTED}",
            )
        ]
        self._limits = limits
        self._transfers = Transfers(wall, authorities)
        self._names = names or Names()

    async def __aenter__(self) -> Self:
        await self._transfers.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._transfers.__aexit__(kind, error, trace)
        await self._names.close()

    async def get(self, url: str, validators: Validators) -> Answer:
        """Fetch one address, following redirects. Raises FetchError when there is no answer.

        The validators go along on every hop, since nobody knows which of them issued them.
        """
        begun = asyncio.get_running_loop().time()
        here = redirects.start(url)
        headers = [*self._headers, *_conditions(validators)]
        try:
            async with asyncio.timeout(self._limits.total_s):
                return await self._follow(url, here, headers, begun)
        except TimeoutError as exc:
            raise FetchError(
                PollOutcome.TIMEOUT, f"{here.host}: no whole answer in {self._limits.total_s:g} s"
            ) from exc

    async def _follow(self, url: str, here: URL, headers: list[bytes], begun: float) -> Answer:
        seen = [here]
        hops: list[tuple[int, str]] = []
        while True:
            name = _named(seen)
            try:
                reply = await self._exchange(here, headers, name)
            except FetchError as error:
                if hops:  # a dead host behind a redirect says nothing about the one asked first
                    error.whole_host = False
                raise
            if reply.status not in redirects.STATUSES:
                return Answer(
                    url=str(here) if hops else url,
                    status=reply.status,
                    headers=reply.headers,
                    body=reply.body,
                    hops=tuple(hops),
                    elapsed_s=asyncio.get_running_loop().time() - begun,
                )
            location = reply.headers.get("location")
            here = redirects.follow(seen, reply.status, location, self._limits.hops)
            seen.append(here)
            hops.append((reply.status, str(here)))

    async def _exchange(self, here: URL, headers: list[bytes], name: str) -> Reply:
        """Ask one address once. Raises FetchError."""
        loop, limits = asyncio.get_running_loop(), self._limits
        begun = loop.time()
        addresses = await self._resolved(here, name)
        left = limits.connect_s - (loop.time() - begun)
        timer: list[asyncio.TimerHandle] = []
        reply = Reply(
            name,
            limits,
            # Its status is known; what an error page says is rarely worth waiting for.
            on_page=lambda: timer.append(
                loop.call_later(limits.error_body_s, self._transfers.stop, reply)
            ),
        )
        try:
            ended = await self._transfers.run(Request(str(here), headers, left, addresses), reply)
        finally:
            for one in timer:
                one.cancel()
        return _judged(reply, ended, name)

    async def _resolved(self, here: URL, name: str) -> list[str]:
        """Return a host's addresses in libcurl's way; none for a host that is a number."""
        host = here.raw_host or ""
        if ":" in host or host.replace(".", "").isdigit():
            return []
        try:
            async with asyncio.timeout(self._limits.connect_s):
                found = await self._names.addresses(host)
        except TimeoutError as exc:
            what = f"{name}: no connection in time"
            raise FetchError(PollOutcome.TIMEOUT, what, whole_host=True) from exc
        told = ",".join(f"[{one}]" if ":" in one else one for one in found)
        return [f"{host}:{here.port}:{told}"]


def _judged(reply: Reply, ended: Ended, name: str) -> Reply:
    """Return the answer, if what came is one. Raises FetchError."""
    if reply.fault is not None:
        raise reply.fault
    if reply.has_enough or (reply.status and not reply.is_success):
        return reply
    if ended.code and reply.status and ended.code in CODES.cut:
        raise reply.cut_short()
    if ended.code or not reply.status:
        raise named(ended, name, answered=bool(reply.status))
    if not reply.is_whole:
        raise reply.cut_short()
    return reply


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


def _conditions(validators: Validators) -> list[bytes]:
    """Return the conditional headers (RFC 9110, 13.1), each exact or left out.

    A validator that would not go out as it came in is not sent.
    """
    pairs = (
        ("If-None-Match", validators.etag),
        ("If-Modified-Since", validators.last_modified),
    )
    return [
        f"{name}: {value}".encode("latin-1")
        for name, value in pairs
        if value and not _UNFIT.search(value)
    ]
