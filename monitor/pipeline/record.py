"""Writes what a poll came to: items, hits, validators and the poll's row in ONE transaction.

A crash before the commit is a refetch, not a loss. Other polls may share the transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from monitor.feeds import health
from monitor.feeds.freshness import asked_delay
from monitor.feeds.pacing import Pace, earned, plan_next
from monitor.model import Answer, Feed, FeedState, PollOutcome, PollRecord
from monitor.pipeline.book import Book
from monitor.pipeline.foresight import Foresight
from monitor.pipeline.glean import Gleaned, Unread, glean
from monitor.pipeline.harvest import Harvest
from monitor.pipeline.merging import twin_of
from monitor.pipeline.observer import Observer
from monitor.store import Store
from monitor.urls import host, is_local

__all__ = ["Recorder", "Unread"]


@dataclass(slots=True)
class _Document:
    """A document on its way into the store."""

    feed: Feed
    state: FeedState  #: before this poll
    harvest: Harvest
    seen: Foresight
    record: PollRecord  #: without its counts
    gleaned: Gleaned | None = None  #: once it is written


class Recorder:
    """The only writer of polls."""

    def __init__(self, store: Store, book: Book, observer: Observer, pace: Pace) -> None:
        self._store = store
        self._book = book
        self._observer = observer
        self._pace = pace

    async def commit(
        self,
        feed: Feed,
        state: FeedState,
        harvest: Harvest,
        seen: Foresight | None,
        now: datetime,
    ) -> PollRecord:
        """Write everything that one poll brought, or nothing; ``seen`` is of a parsed document.

        Raises Unread when an entry must be written that was left out of parsing.
        """
        answer = harvest.answer
        record = PollRecord(
            feed_url=feed.url,
            at=now,
            outcome=harvest.outcome,
            status=answer.status,
            reason=harvest.reason,
            conditional=bool(harvest.fresh.sent),
            bytes=len(answer.body),
            elapsed_s=answer.elapsed_s,
        )
        truncated = harvest.outcome is PollOutcome.TRUNCATED
        if not (harvest.outcome.well or truncated):
            return self.fail(feed, state, record, asked_delay(answer, now))
        if harvest.parsed is None or seen is None:
            after = health.after_well(state, record, harvest.fresh)
            self._add(feed, self._planned(feed, after, record, answer), record)
            return record
        document = _Document(feed, state, harvest, seen, record)
        return await self._book.document(
            len(seen.entries), partial(self._write, document), partial(self._tell, document)
        )

    def _write(self, document: _Document) -> PollRecord:
        """Write a document; the caller's transaction."""
        feed, harvest = document.feed, document.harvest
        gleaned = glean(self._store, feed, document.state, harvest, document.seen, document.record)
        record = gleaned.record
        if harvest.outcome is PollOutcome.TRUNCATED:
            after = health.after_truncated(gleaned.state, record)
        else:
            after = health.after_well(gleaned.state, record, harvest.fresh)
        if harvest.parsed is not None and not harvest.parsed.skipped:
            # Once a day or so, since it looks at other feeds.
            after = replace(after, twin=twin_of(self._store, feed, after, gleaned.decisions))
        self._store.feeds.save(self._planned(feed, after, record, harvest.answer), record)
        document.gleaned = gleaned
        return record

    def _tell(self, document: _Document) -> None:
        feed, gleaned = document.feed, document.gleaned
        assert gleaned is not None, "it is told once it is written"
        self._observer.polled(feed, gleaned.record)
        if gleaned.state.by_link and not document.state.by_link:
            self._observer.incident(f"{feed.title}: {gleaned.record.reason}")
        for item, match in gleaned.found:
            self._observer.hit(feed, item, match)

    def fail(
        self, feed: Feed, state: FeedState, record: PollRecord, asked: float | None = None
    ) -> PollRecord:
        """Write a poll that brought nothing; at once, when the server asks for silence."""
        after = health.after_failure(state, record)
        plan = plan_next(feed, after, record, asked, self._pace)
        after = replace(after, next_poll_at=plan.at, why_then=plan.why)
        if record.status not in {429, 503}:
            self._add(feed, after, record)
            return record
        with self._store.transaction():
            if asked is not None:
                self._hush(feed, state, record, asked)
            self._store.feeds.save(after, record)
        self._observer.polled(feed, record)
        return record

    def _add(self, feed: Feed, after: FeedState, record: PollRecord) -> None:
        self._book.add(after, record, lambda: self._observer.polled(feed, record))

    def _hush(self, feed: Feed, state: FeedState, record: PollRecord, asked: float) -> None:
        """What one feed is told by a server counts for all feeds of that host.

        Not on a private one: there a single address may be many sites behind one generator.
        """
        name = host(health.address(feed.url, state))
        if is_local(name) or name in self._pace.apart:
            return
        until = record.at + timedelta(seconds=min(asked, self._pace.longest_s))
        self._store.feeds.hush(name, until, record.reason)

    def _planned(
        self, feed: Feed, state: FeedState, record: PollRecord, answer: Answer
    ) -> FeedState:
        asked = asked_delay(answer, record.at, state.declared_s)
        rhythm = earned(state, record, self._pace)
        plan = plan_next(feed, state, record, asked, self._pace, rhythm)
        return replace(state, interval_s=rhythm[0], next_poll_at=plan.at, why_then=plan.why)
