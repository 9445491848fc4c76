"""Holds requests back so that no host gets more than a few at once, nor in quick succession.

Decides only when a request may start. It knows nothing of feeds, HTTP or when a poll is due, and
it reads no clock of its own: time and sleep are handed in.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from types import TracebackType

#: Above this many hosts the ones that rest are forgotten.
_MANY = 1_024


class _Lane:
    """The queue before one host: first come, first served."""

    def __init__(self, per_host: int) -> None:
        self.slots = asyncio.Semaphore(per_host)
        self.door = asyncio.Lock()  #: one goes through at a time
        self.users = 0  #: waiting or in flight
        self.next_start = float("-inf")


class _Turn:
    """A request's turn: entered when it may start, left when it has ended.

    A class rather than a generator of contextlib's, since it is entered for every poll.
    """

    __slots__ = ("_everywhere", "_gate", "_lane")

    def __init__(self, gate: HostGate, lane: _Lane, everywhere: asyncio.Semaphore | None) -> None:
        self._gate, self._lane, self._everywhere = gate, lane, everywhere

    async def __aenter__(self) -> None:
        lane = self._lane
        lane.users += 1
        try:
            await lane.slots.acquire()
            try:
                await self._gate.start(lane, self._everywhere)
            except BaseException:
                lane.slots.release()
                raise
        except BaseException:
            lane.users -= 1
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._everywhere is not None:
            self._everywhere.release()
        self._lane.slots.release()
        self._lane.users -= 1


class HostGate:
    """Lets ``per_host`` requests in at once, their starts ``gap_s`` seconds apart, per host.

    Each host has a queue of its own, so a slow or crowded one delays no other. Two and five seconds
    are what large collectors of news have found that hosts bear without blocking.
    """

    def __init__(
        self,
        per_host: int = 2,
        gap_s: float = 5.0,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.per_host = per_host
        self._gap_s = gap_s
        self._sleep = sleep
        self._monotonic = monotonic
        self._lanes: dict[str, _Lane] = {}

    def turn(self, host: str, everywhere: asyncio.Semaphore | None = None) -> _Turn:
        """Wait for this host's turn, and hold one of its slots until the block ends.

        ``everywhere`` bounds what is in flight to all hosts. Its slot is taken last, so that those
        who wait for a crowded host take nothing from the others.
        """
        return _Turn(self, self._lane(host), everywhere)

    async def start(self, lane: _Lane, everywhere: asyncio.Semaphore | None) -> None:
        """Return at the next start; the gap to the one after it is counted from there."""
        async with lane.door:
            wait = lane.next_start - self._monotonic()
            if wait > 0:
                await self._sleep(wait)
            if everywhere is not None:
                await everywhere.acquire()
            # Not from the clock alone: a sleep that ends a little early must not add up.
            lane.next_start = max(self._monotonic(), lane.next_start) + self._gap_s

    def _lane(self, host: str) -> _Lane:
        if host not in self._lanes:
            if len(self._lanes) >= _MANY:
                self._forget()
            self._lanes[host] = _Lane(self.per_host)
        return self._lanes[host]

    def _forget(self) -> None:
        """Drop the lanes that nobody uses and whose gap is over."""
        now = self._monotonic()
        self._lanes = {
            host: lane for host, lane in self._lanes.items() if lane.users or lane.next_start > now
        }
