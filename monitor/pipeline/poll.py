"""From due feeds to stored items and hits.

::

    due feeds | gate (per host) | fetch | judge | parse in a cage | identify | decide | match
              | items, hits, validators and the poll's row in ONE transaction

A crash before the commit is a refetch, not a loss. One bad feed is a result, never an exception.
When no server at all answers, the network is down: one incident, and no feed is blamed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from monitor.clock import Clock
from monitor.errors import FetchError, ParseError
from monitor.feeds.decide import decide
from monitor.feeds.identify import identify
from monitor.feeds.judge import judge, validators_of
from monitor.feeds.pacing import Pace, after, all_unreached, asked_delay, is_due, plan_next
from monitor.fetch import HostGate
from monitor.matching import Matcher
from monitor.model import (
    Answer,
    Decision,
    Feed,
    FeedState,
    Item,
    Match,
    Novelty,
    ParsedFeed,
    PollOutcome,
    PollRecord,
    Validators,
)
from monitor.pipeline.observer import Observer
from monitor.store import Store
from monitor.text import clean, cut, digest
from monitor.urls import host

#: A poll that shares nothing with the one before may have missed items; fewer entries tell nothing.
MIN_FOR_GAP = 3
#: After a sweep in which nobody answered: pause, doubled up to the longest.
NETWORK_PAUSE_S = 60
NETWORK_LONGEST_S = 600


class Fetcher(Protocol):
    """What polling needs from the fetch door."""

    async def get(self, url: str, validators: Validators) -> Answer: ...


class Parser(Protocol):
    """What polling needs from the parsing door."""

    async def parse(
        self, body: bytes, content_type: str | None, language: str = ""
    ) -> ParsedFeed: ...


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
    dead_hosts: dict[str, FetchError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Harvest:
    """What a poll brought in, before it is written."""

    answer: Answer
    outcome: PollOutcome
    reason: str
    validators: Validators
    moved_to: str | None = None
    parsed: ParsedFeed | None = None
    body_hash: str = ""


class Poller:
    """Polls feeds; all state is in the store."""

    def __init__(
        self,
        store: Store,
        fetcher: Fetcher,
        gate: HostGate,
        parser: Parser,
        matcher: Matcher,
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
        self._matcher = matcher
        self._clock = clock
        self._observer = observer
        self._pace = pace or Pace()
        self._slots = asyncio.Semaphore(concurrency)
        self._in_flight: set[str] = set()
        self._quiet_until: datetime | None = None
        self._pause_s = NETWORK_PAUSE_S

    def watch_for(self, matcher: Matcher) -> None:
        """Match with ``matcher`` from the next poll on."""
        self._matcher = matcher

    def due(self, feeds: Iterable[Feed]) -> list[Feed]:
        """Return the feeds whose time has come, the longest overdue first."""
        now = self._clock.now()
        if self._quiet_until is not None and now < self._quiet_until:
            return []
        states = self._store.feeds.states()
        ready = [
            feed
            for feed in feeds
            if feed.url not in self._in_flight and is_due(states.get(feed.url, _new(feed)), now)
        ]
        return sorted(ready, key=lambda feed: states.get(feed.url, _new(feed)).next_poll_at or now)

    async def sweep(self, feeds: Sequence[Feed]) -> SweepReport:
        """Poll these feeds, each once and none twice at a time."""
        todo = [feed for feed in feeds if feed.url not in self._in_flight]
        self._in_flight.update(feed.url for feed in todo)
        sweep = _Sweep()
        try:
            lines = self._lines(todo)
            ends = await asyncio.gather(
                *(self._work_off(line, sweep) for line in lines), return_exceptions=True
            )
            for end in ends:
                if end is not None:
                    raise end
            self._settle(sweep)
        finally:
            self._in_flight.difference_update(feed.url for feed in todo)
        return sweep.report

    def _lines(self, feeds: Sequence[Feed]) -> list[deque[Feed]]:
        """Return one queue per host, as often as the host may have requests in flight."""
        by_host: dict[str, deque[Feed]] = {}
        for feed in feeds:
            by_host.setdefault(host(feed.url), deque()).append(feed)
        return [
            line for line in by_host.values() for _ in range(min(self._gate.per_host, len(line)))
        ]

    async def _work_off(self, line: deque[Feed], sweep: _Sweep) -> None:
        """Poll a host's feeds in turn; a host that is not there is not asked for each of them."""
        while line:
            feed = line.popleft()
            error = sweep.dead_hosts.get(host(feed.url))
            if error is None:
                await self._poll(feed, sweep)
            else:
                state = self._store.feeds.state(feed.url)
                self._hold(feed, state, error, self._clock.now(), sweep)

    def _settle(self, sweep: _Sweep) -> None:
        """Decide at the end of a sweep whether silence everywhere was the network's fault."""
        outcomes = [record.outcome for _, _, record in sweep.held]
        if sweep.held and not sweep.reached and all_unreached(outcomes):
            sweep.report.network_down = True
            self._quiet_until = self._clock.now() + timedelta(seconds=self._pause_s)
            self._pause_s = min(self._pause_s * 2, NETWORK_LONGEST_S)
            reasons = ", ".join(sorted({outcome.value for outcome in outcomes}))
            what = f"none of {len(outcomes)} feeds could be reached ({reasons})"
            self._observer.incident(f"the network is down: {what}; no feed is blamed")
        else:
            self._flush(sweep)

    def _flush(self, sweep: _Sweep) -> None:
        for feed, state, record in sweep.held:
            self._write_failure(feed, state, record, None)
        sweep.held.clear()

    def _answered(self, sweep: _Sweep) -> None:
        sweep.reached = True
        self._quiet_until, self._pause_s = None, NETWORK_PAUSE_S
        self._flush(sweep)

    async def _poll(self, feed: Feed, sweep: _Sweep) -> None:
        async with self._slots, self._gate.turn(host(feed.url)):
            now = self._clock.now()
            state = self._store.feeds.state(feed.url)
            try:
                answer = await self._fetcher.get(feed.url, state.validators)
            except FetchError as error:
                self._hold(feed, state, error, now, sweep)
                return
        self._answered(sweep)
        try:
            harvest = await self._read(feed, state, answer)
        except ParseError as error:
            harvest = _Harvest(answer, PollOutcome(error.kind), str(error), state.validators)
        record = self._commit(feed, state, harvest, now)
        sweep.report.polled.append((feed, record))

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
            conditional=bool(state.validators),
        )
        sweep.report.polled.append((feed, record))
        if error.whole_host:
            sweep.dead_hosts[host(feed.url)] = error
        if sweep.reached or not record.outcome.unreached:
            self._write_failure(feed, state, record, None)
        else:
            sweep.held.append((feed, state, record))

    async def _read(self, feed: Feed, state: FeedState, answer: Answer) -> _Harvest:
        verdict = judge(answer)
        if not verdict.outcome.well:
            return _Harvest(answer, verdict.outcome, verdict.reason, state.validators)
        told = validators_of(answer, state.validators)
        harvest = _Harvest(
            answer, verdict.outcome, verdict.reason, told, verdict.moved_to, None, state.body_hash
        )
        if verdict.outcome is PollOutcome.NOT_MODIFIED:
            return harvest
        body_hash = digest(answer.body.hex(), length=32)
        if body_hash == state.body_hash:
            return replace(harvest, reason="the same document as before")
        parsed = await self._parser.parse(answer.body, answer.header("content-type"), feed.language)
        if parsed.truncated:  # the next poll must get the body again, so nothing new is kept
            reason = "the document broke off; its last entry was left out"
            return replace(
                harvest,
                outcome=PollOutcome.TRUNCATED,
                reason=reason,
                validators=state.validators,
                parsed=parsed,
            )
        return replace(harvest, parsed=parsed, body_hash=body_hash)

    def _commit(self, feed: Feed, state: FeedState, harvest: _Harvest, now: datetime) -> PollRecord:
        """Write everything that one poll brought, or nothing."""
        record = PollRecord(
            feed_url=feed.url,
            at=now,
            outcome=harvest.outcome,
            status=harvest.answer.status,
            reason=harvest.reason,
            conditional=bool(state.validators),
            bytes=len(harvest.answer.body),
            elapsed_s=harvest.answer.elapsed_s,
        )
        ttl_s = harvest.parsed.ttl_s if harvest.parsed else None
        asked = asked_delay(harvest.answer, now, ttl_s)
        if not (harvest.outcome.well or harvest.outcome is PollOutcome.TRUNCATED):
            return self._write_failure(feed, state, record, asked)
        with self._store.transaction():
            record, found = self._store_entries(feed, harvest.parsed, record)
            fresh = after(state, record, harvest.validators, harvest.moved_to)
            fresh = replace(fresh, body_hash=harvest.body_hash)
            self._save(feed, fresh, record, asked)
        self._observer.polled(feed, record)
        for item, match in found:
            self._observer.hit(feed, item, match)
        return record

    def _store_entries(
        self, feed: Feed, parsed: ParsedFeed | None, record: PollRecord
    ) -> tuple[PollRecord, list[tuple[Item, Match]]]:
        if parsed is None:
            return record, []
        document = identify(parsed.entries, feed.url)
        is_new = self._store.items.is_new_feed(feed.url)
        by_key, by_url = self._store.items.known(feed.url, document)
        decisions = decide(document, by_key, by_url, backfill=is_new)
        found, hits = self._apply(feed, decisions, record.at)
        counts = {kind: sum(one.novelty is kind for one in decisions) for kind in Novelty}
        overlap = len(decisions) - counts[Novelty.NEW] - counts[Novelty.REPEATED]
        record = replace(
            record,
            found=len(decisions),
            new=counts[Novelty.NEW],
            sighted=counts[Novelty.SIGHTED],
            edited=counts[Novelty.EDITED],
            hits=hits,
            left_out=parsed.left_out,
            possible_gap=not is_new and not overlap and len(decisions) >= MIN_FOR_GAP,
        )
        return record, found

    def _apply(
        self, feed: Feed, decisions: Sequence[Decision], now: datetime
    ) -> tuple[list[tuple[Item, Match]], int]:
        found: list[tuple[Item, Match]] = []
        hits = 0
        for decision in decisions:
            item = self._store.items.apply(decision, feed, now)
            if item is None:
                continue
            matches = self._matcher.match(item.title, item.text)
            if matches:
                hits += self._store.hits.save(item.id, matches, now)
                found += [(item, match) for match in matches]
        return found, hits

    def _write_failure(
        self, feed: Feed, state: FeedState, record: PollRecord, asked: float | None
    ) -> PollRecord:
        with self._store.transaction():
            self._save(feed, after(state, record, state.validators, None), record, asked)
        self._observer.polled(feed, record)
        return record

    def _save(self, feed: Feed, state: FeedState, record: PollRecord, asked: float | None) -> None:
        plan = plan_next(feed, state, record, asked, self._pace)
        self._store.feeds.save(replace(state, next_poll_at=plan.at, why_then=plan.why), record)


def _new(feed: Feed) -> FeedState:
    return FeedState(feed.url)


def _reason(error: Exception) -> str:
    return cut(clean(str(error)), 300)
