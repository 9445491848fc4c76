"""From due feeds to stored items and hits.

::

    due feeds | claim | gate (per host) | fetch | read: judge, parse in a cage
              | record: identify, decide, match, and ONE transaction

A feed is claimed before it is asked, on disk: a daemon that is killed asks nobody again too early.
One bad feed is a result, never an exception. When no server at all answers, the network is down:
one incident, and no feed is blamed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Protocol

from monitor.clock import Clock
from monitor.errors import FetchError
from monitor.feeds.freshness import to_send
from monitor.feeds.health import address
from monitor.feeds.network import Network
from monitor.feeds.pacing import FURTHEST_S, Pace, claim
from monitor.fetch import HostGate
from monitor.model import Answer, Feed, FeedState, PollOutcome, PollRecord, Validators
from monitor.pipeline.book import Book
from monitor.pipeline.foresight import foresee
from monitor.pipeline.harvest import Harvest, Parser, read
from monitor.pipeline.lookout import Lookout
from monitor.pipeline.observer import Observer
from monitor.pipeline.record import Recorder, Unread
from monitor.store import Store
from monitor.text import clean, cut
from monitor.urls import host

#: For each request in flight so many polls are under way: others wait for a claim or for the disk.
HANDS = 4
#: So many feeds are looked up at once, shortly before they are asked.
AHEAD = 50
#: Reading a host out of an address costs more than remembering it.
_host = lru_cache(maxsize=50_000)(host)


class Fetcher(Protocol):
    """What polling needs from the fetch door."""

    async def get(self, url: str, validators: Validators) -> Answer: ...


@dataclass(slots=True)
class SweepReport:
    """What one sweep came to."""

    polled: list[tuple[Feed, PollRecord]] = field(default_factory=list)
    network_down: bool = False

    @property
    def unreached(self) -> list[tuple[Feed, PollRecord]]:
        return [(feed, record) for feed, record in self.polled if record.outcome.unreached]

    @property
    def all_unreached(self) -> bool:
        return bool(self.polled) and len(self.unreached) == len(self.polled)

    def total(self, name: str) -> int:
        """Sum one of the records' counts, such as ``new``."""
        return sum(int(getattr(record, name)) for _, record in self.polled)


@dataclass(slots=True)
class _Sweep:
    report: SweepReport = field(default_factory=SweepReport)
    held: list[tuple[Feed, FeedState, PollRecord]] = field(default_factory=list)
    reached: bool = False  #: some server answered, so the network is there
    hushed: frozenset[str] = frozenset()
    dead_hosts: dict[str, FetchError] = field(default_factory=dict)
    states: dict[str, FeedState] = field(default_factory=dict)  #: of feeds that are next


class Poller:
    """Polls feeds; all state is in the store."""

    def __init__(
        self,
        store: Store,
        fetcher: Fetcher,
        gate: HostGate,
        parser: Parser,
        lookout: Lookout,
        clock: Clock,
        observer: Observer,
        *,
        pace: Pace | None = None,
        concurrency: int = 50,
    ) -> None:
        self._store = store
        self._fetcher = fetcher
        self._gate = gate
        self._parser = parser
        self._clock = clock
        self._observer = observer
        self._pace = pace or Pace()
        self._book = Book(store, alone=lambda: len(self._in_flight) < 2)
        self._recorder = Recorder(store, self._book, observer, self._pace)
        self._lookout = lookout
        self._concurrency = concurrency
        self._slots = asyncio.Semaphore(concurrency)
        self._in_flight: set[str] = set()
        self._network = Network()

    def due(self, feeds: Iterable[Feed]) -> list[Feed]:
        """Return the feeds whose time has come, the longest overdue first."""
        now = self._clock.now()
        if self._network.is_quiet(now):
            return []
        self._store.feeds.mend_times(now)
        known = {feed.url: feed for feed in feeds}
        waiting = self._store.feeds.due(now, now + timedelta(seconds=FURTHEST_S))
        hushed, moved = self._store.feeds.hushed(now), self._store.feeds.moved()
        return [
            known[url]
            for url in waiting
            if url in known
            and url not in self._in_flight
            and not (hushed and _host(moved.get(url, url)) in hushed)
        ]

    async def sweep(self, feeds: Sequence[Feed]) -> SweepReport:
        """Poll these feeds, each once and none twice at a time."""
        todo = [feed for feed in feeds if feed.url not in self._in_flight]
        self._in_flight.update(feed.url for feed in todo)
        sweep = _Sweep()
        try:
            crowded, lone = self._lines(todo)
            hands = min(len(lone), HANDS * self._concurrency)
            ends = await asyncio.gather(
                *(self._work_off(line, sweep) for line in crowded),
                *(self._work_off(lone, sweep, AHEAD) for _ in range(hands)),
                return_exceptions=True,
            )
            self._settle(sweep)
            for end in ends:
                if end is not None:
                    raise end
        finally:
            try:
                self._book.flush()
            finally:
                self._in_flight.difference_update(feed.url for feed in todo)
        return sweep.report

    def _lines(self, feeds: Sequence[Feed]) -> tuple[list[deque[Feed]], deque[Feed]]:
        """Return one queue per host with several feeds, and one for all the others.

        A host's queue stands there as often as the host may have requests in flight; it waits for
        its turns, and must hold up no other. The last queue is worked off by many hands: a task for
        each of ten thousand feeds would take more memory than all else.
        """
        moved = self._store.feeds.moved()
        by_host: dict[str, deque[Feed]] = {}
        for feed in feeds:
            by_host.setdefault(_host(moved.get(feed.url, feed.url)), deque()).append(feed)
        crowded = [
            line
            for line in by_host.values()
            if len(line) > 1
            for _ in range(min(self._gate.per_host, len(line)))
        ]
        return crowded, deque(line[0] for line in by_host.values() if len(line) == 1)

    async def _work_off(self, line: deque[Feed], sweep: _Sweep, ahead: int = 1) -> None:
        """Poll a queue in turn; a host that is not there is not asked for each of its feeds.

        What is remembered of a feed is looked up when it is next, with ``ahead`` of the queue.
        """
        while line:
            feed, state = self._next(line, sweep, ahead)
            name = _host(address(feed.url, state))
            if name in sweep.hushed:
                continue  # it has just asked for silence; its other feeds stay due
            error = sweep.dead_hosts.get(name)
            if error is None:
                await self._poll(feed, state, name, sweep)
            else:
                self._hold(feed, state, error, self._clock.now(), sweep)

    def _next(self, line: deque[Feed], sweep: _Sweep, ahead: int) -> tuple[Feed, FeedState]:
        """Take the next feed of a queue, with what is remembered of it."""
        feed = line.popleft()
        if feed.url not in sweep.states:
            some = [feed.url, *(one.url for one in islice(line, ahead - 1))]
            sweep.states |= self._store.feeds.states_of(some)
        return feed, sweep.states.pop(feed.url, None) or FeedState(feed.url)

    def _settle(self, sweep: _Sweep) -> None:
        """Decide at the end of a sweep whether silence everywhere was the network's fault."""
        if not sweep.held:
            return
        hosts = {_host(address(feed.url, state)) for feed, state, _ in sweep.held}
        if sweep.reached or not self._network.is_down(hosts, self._clock.now()):
            self._flush(sweep)
            return
        sweep.report.network_down = True
        with self._store.transaction():  # no server heard of us
            self._store.feeds.release(state for _, state, _ in sweep.held)
        reasons = ", ".join(sorted({record.outcome.value for _, _, record in sweep.held}))
        what = f"none of {len(sweep.held)} feeds could be reached ({reasons})"
        self._observer.incident(f"the network is down: {what}; no feed is blamed")

    def _flush(self, sweep: _Sweep) -> None:
        for feed, state, record in sweep.held:
            self._recorder.fail(feed, state, record)
        sweep.held.clear()

    def _answered(self, sweep: _Sweep) -> None:
        sweep.reached = True
        self._network.answered(self._clock.now())
        self._flush(sweep)

    async def _poll(self, feed: Feed, state: FeedState, name: str, sweep: _Sweep) -> None:
        now = self._clock.now()
        until = claim(state, now, self._pace)
        asked = False
        try:
            await self._book.claim(feed.url, until, None if to_send(state, now) else now)
            async with self._gate.turn(name, self._slots):
                if name in sweep.hushed:
                    return
                asked, now = True, self._clock.now()
                sent = to_send(state, now)
                answer = await self._fetcher.get(address(feed.url, state), sent)
        except FetchError as error:
            self._hold(feed, state, error, now, sweep)
            return
        finally:
            if not asked:
                self._release(state)
        self._answered(sweep)
        record = await self._read(feed, state, answer, sent, now)
        sweep.report.polled.append((feed, record))
        if record.status in {429, 503}:
            sweep.hushed = self._store.feeds.hushed(now)

    async def _read(
        self, feed: Feed, state: FeedState, answer: Answer, sent: Validators, now: datetime
    ) -> PollRecord:
        marks = self._store.last_documents.marks
        harvest = await read(self._parser, feed, state, answer, sent, lambda: marks(feed.url, now))
        try:
            return await self._record(feed, state, harvest, now)
        except Unread:
            harvest = await read(self._parser, feed, state, answer, sent)
            return await self._record(feed, state, harvest, now)

    async def _record(
        self, feed: Feed, state: FeedState, harvest: Harvest, now: datetime
    ) -> PollRecord:
        seen = None
        if harvest.parsed:
            is_first = state.last_well_at is None
            seen = await foresee(await self._lookout.matcher(), feed, harvest, is_first=is_first)
        return await self._recorder.commit(feed, state, harvest, seen, now)

    def _release(self, state: FeedState) -> None:
        """Take back the claim on a feed that was not asked after all."""
        self._book.withdraw(state.url)
        with self._store.transaction():
            self._store.feeds.release([state])

    def _hold(
        self, feed: Feed, state: FeedState, error: FetchError, now: datetime, sweep: _Sweep
    ) -> None:
        """Keep a failure back while it may be the network's: no server has answered so far."""
        record = PollRecord(
            feed_url=feed.url,
            at=now,
            outcome=PollOutcome(error.kind),
            status=None,
            reason=_reason(error),
            conditional=bool(to_send(state, now)),
        )
        sweep.report.polled.append((feed, record))
        if error.whole_host:
            sweep.dead_hosts[_host(address(feed.url, state))] = error
        if sweep.reached or not record.outcome.unreached:
            self._recorder.fail(feed, state, record)
        else:
            sweep.held.append((feed, state, record))


def _reason(error: Exception) -> str:
    return cut(clean(str(error)), 300)
