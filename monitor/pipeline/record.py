"""Writes what a poll came to: items, hits, validators and the poll's row in ONE transaction.

A crash before the commit is a refetch, not a loss.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

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


class Recorder:
    """The only writer of polls."""

    def __init__(self, store: Store, book: Book, observer: Observer, pace: Pace) -> None:
        self._store = store
        self._book = book
        self._observer = observer
        self._pace = pace

    def commit(
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
        with self._store.transaction():
            gleaned = glean(self._store, feed, state, harvest, seen, record)
            record = gleaned.record
            after = (
                health.after_truncated(gleaned.state, record)
                if truncated
                else health.after_well(gleaned.state, record, harvest.fresh)
            )
            if not harvest.parsed.skipped:  # once a day or so, since it looks at other feeds
                after = replace(after, twin=twin_of(self._store, feed, after, gleaned.decisions))
            self._store.feeds.save(self._planned(feed, after, record, answer), record)
        self._tell(feed, state, after, gleaned)
        return record

    def _tell(self, feed: Feed, before: FeedState, after: FeedState, gleaned: Gleaned) -> None:
        self._observer.polled(feed, gleaned.record)
        if after.by_link and not before.by_link:
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
