"""Ask an address for a feed as the poller would: the same client, wall, pace and cage.

What answers with a page is searched for feeds, and each candidate is asked in turn. Writes nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import TracebackType
from typing import Self

from monitor import __version__
from monitor.errors import FeedError, ParseError
from monitor.feeds.decode import decode
from monitor.feeds.discover import Candidate, Found, discover
from monitor.feeds.judge import judge
from monitor.fetch import Client, HostGate, Limits, Wall
from monitor.files import Setup
from monitor.model import Answer, ParsedFeed, PollOutcome, Validators
from monitor.parsing import Cage, ParserPool
from monitor.urls import host

#: So many addresses of one page are asked, and so many guesses where none of them is a feed.
MAX_ASKED = 12
MAX_GUESSED = 6
#: Told before each request: its number, of how many, and the address.
Told = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Sound:
    """An address behind which a feed was read."""

    url: str  #: where its server sends us for good, else as asked
    asked: str
    parsed: ParsedFeed
    title: str = ""  #: what a page called it
    found: Found | None = None  #: None: the address that was given

    @property
    def name(self) -> str:
        return self.parsed.title or self.title or host(self.url)

    @property
    def newest(self) -> datetime | None:
        dates = (one.published_at for one in self.parsed.entries if one.published_at)
        return max(dates, default=None)


@dataclass(frozen=True, slots=True)
class Findings:
    """What is behind an address: one feed, or a page and the feeds that it leads to."""

    feed: Sound | None
    others: tuple[Sound, ...] = ()
    why: str = ""  #: why the address itself is no feed


class Finder:
    """The doors that asking needs; use as an async context manager."""

    def __init__(self, setup: Setup) -> None:
        fetch, parser = setup.settings.fetch, setup.settings.parser
        wall, limits = Wall(fetch.allow_private), Limits(total_s=fetch.timeout)
        self._client = Client(fetch.contact, __version__, wall, limits)
        self._gate = HostGate(fetch.per_host, fetch.host_gap)
        self._pool = ParserPool(1, Cage(parser.deadline, parser.memory_mb * 1024 * 1024))
        self._doors = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._doors.enter_async_context(self._client)
        await self._doors.enter_async_context(self._pool)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._doors.aclose()

    async def look(self, url: str, told: Told) -> Findings:
        """Return what is behind ``url``; raises FeedError when it cannot be fetched."""
        told(1, 1, url)
        answer = await self._get(url)
        try:
            return Findings(await self._read(url, answer))
        except ParseError as error:
            if error.kind != PollOutcome.NOT_A_FEED:
                raise
            why = str(error)
        found = _candidates(answer)
        sure = [one for one in found if one.found is not Found.GUESSED][:MAX_ASKED]
        guesses = [one for one in found if one.found is Found.GUESSED][:MAX_GUESSED]
        others = await self._sound(sure, told) or await self._sound(guesses, told)
        return Findings(None, tuple(others), why)

    async def _sound(self, candidates: Sequence[Candidate], told: Told) -> list[Sound]:
        """Ask the candidates one after the other; keep those that are feeds, each once."""
        sound: dict[str, Sound] = {}
        for number, one in enumerate(candidates, 1):
            told(number, len(candidates), one.url)
            with contextlib.suppress(FeedError):
                read = await self._read(one.url, await self._get(one.url))
                sound.setdefault(read.url, replace(read, title=one.title, found=one.found))
        return list(sound.values())

    async def _get(self, url: str) -> Answer:
        async with self._gate.turn(host(url)):
            return await self._client.get(url, Validators())

    async def _read(self, asked: str, answer: Answer) -> Sound:
        verdict = judge(answer)
        if not verdict.outcome.well:
            raise FeedError(verdict.reason)
        parsed = await self._pool.parse(answer.body, answer.header("content-type"))
        return Sound(verdict.moved_to or asked, asked, parsed)


def _candidates(answer: Answer) -> tuple[Candidate, ...]:
    try:
        page = decode(answer.body, answer.header("content-type")).text
    except ParseError:
        return ()
    return discover(page, answer.url)
