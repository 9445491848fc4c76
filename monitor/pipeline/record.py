"""Writes what a poll came to: items, hits, validators and the poll's row in ONE transaction.

A crash before the commit is a refetch, not a loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.feeds import health
from monitor.feeds.decide import decide
from monitor.feeds.freshness import asked_delay
from monitor.feeds.identify import identify, line_up
from monitor.feeds.pacing import Pace, earned, plan_next
from monitor.matching import Matcher
from monitor.model import (
    UNREAD,
    Decision,
    Feed,
    FeedState,
    Identified,
    Item,
    Match,
    Novelty,
    ParsedFeed,
    PollOutcome,
    PollRecord,
)
from monitor.pipeline.harvest import Harvest
from monitor.pipeline.observer import Observer
from monitor.store import Store
from monitor.urls import host, is_local

#: A poll that shares nothing with the one before may have missed items; fewer entries tell nothing.
MIN_FOR_GAP = 3
#: What writes nothing, so that an entry need not be parsed for it.
_SETTLED = {Novelty.KNOWN, Novelty.REPEATED, Novelty.EDIT_LIMIT}


class Unread(Exception):  # noqa: N818 - a signal to read the document again, not an error
    """An entry that was left out of parsing must be written; the document must be read whole."""


class Recorder:
    """The only writer of polls."""

    def __init__(self, store: Store, matcher: Matcher, observer: Observer, pace: Pace) -> None:
        self._store = store
        self.matcher = matcher
        self._observer = observer
        self._pace = pace

    def commit(self, feed: Feed, state: FeedState, harvest: Harvest, now: datetime) -> PollRecord:
        """Write everything that one poll brought, or nothing.

        Raises Unread when an entry must be written that was left out of parsing.
        """
        record = PollRecord(
            feed_url=feed.url,
            at=now,
            outcome=harvest.outcome,
            status=harvest.answer.status,
            reason=harvest.reason,
            conditional=bool(harvest.fresh.sent),
            bytes=len(harvest.answer.body),
            elapsed_s=harvest.answer.elapsed_s,
        )
        ttl_s = harvest.parsed.ttl_s if harvest.parsed else None
        asked = asked_delay(harvest.answer, now, ttl_s)
        if not (harvest.outcome.well or harvest.outcome is PollOutcome.TRUNCATED):
            return self.fail(feed, state, record, asked)
        with self._store.transaction():
            record, found = self._store_entries(feed, state, harvest, record)
            self._save(feed, self._after(state, record, harvest), record, asked)
        self._observer.polled(feed, record)
        for item, match in found:
            self._observer.hit(feed, item, match)
        return record

    def fail(
        self, feed: Feed, state: FeedState, record: PollRecord, asked: float | None = None
    ) -> PollRecord:
        """Write a poll that brought nothing."""
        with self._store.transaction():
            if asked is not None and record.status in {429, 503}:
                self._hush(feed, record, asked)
            after = health.after_failure(state, record)
            plan = plan_next(feed, after, record, asked, self._pace)
            self._store.feeds.save(replace(after, next_poll_at=plan.at, why_then=plan.why), record)
        self._observer.polled(feed, record)
        return record

    def _hush(self, feed: Feed, record: PollRecord, asked: float) -> None:
        """What one feed is told by a server counts for all feeds of that host.

        Not on a private one: there a single address may be many sites behind one generator.
        """
        if is_local(host(feed.url)):
            return
        until = record.at + timedelta(seconds=min(asked, self._pace.longest_s))
        self._store.feeds.hush(host(feed.url), until, record.reason)

    def _after(self, state: FeedState, record: PollRecord, harvest: Harvest) -> FeedState:
        if record.outcome is PollOutcome.TRUNCATED:
            return health.after_truncated(state, record)
        return health.after_well(state, record, harvest.fresh)

    def _save(self, feed: Feed, state: FeedState, record: PollRecord, asked: float | None) -> None:
        interval, why = earned(state, record, self._pace)
        paced = replace(state, interval_s=interval)
        plan = plan_next(feed, paced, record, asked, self._pace, why)
        self._store.feeds.save(replace(paced, next_poll_at=plan.at, why_then=plan.why), record)

    def _store_entries(
        self, feed: Feed, state: FeedState, harvest: Harvest, record: PollRecord
    ) -> tuple[PollRecord, list[tuple[Item, Match]]]:
        parsed = harvest.parsed
        if parsed is None:
            return record, []
        document = identify(line_up(parsed, harvest.known), feed.url)
        is_new = state.last_well_at is None and self._store.items.is_new_feed(feed.url)
        known = self._store.items.known(feed.url, document)
        decisions = decide(document, known, backfill=is_new, since=feed.since)
        if any(one.identified.entry is UNREAD and one.novelty not in _SETTLED for one in decisions):
            raise Unread
        self._remember(feed, parsed, document, record.at)
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

    def _remember(
        self, feed: Feed, parsed: ParsedFeed, document: Sequence[Identified], now: datetime
    ) -> None:
        if parsed.raw_keys:
            marks = {
                key: one.marks for key, one in zip(parsed.raw_keys, document, strict=True) if key
            }
            self._store.last_documents.save(feed.url, marks, now, whole=not parsed.skipped)

    def _apply(
        self, feed: Feed, decisions: Sequence[Decision], now: datetime
    ) -> tuple[list[tuple[Item, Match]], int]:
        found: list[tuple[Item, Match]] = []
        hits = 0
        for decision in decisions:
            item = self._store.items.apply(decision, feed, now)
            if item is None and decision.reworded:
                item = self._adopt(decision, feed, now)
            if item is None:
                continue
            matches = self.matcher.match(item.title, item.text)
            if matches:
                hits += self._store.hits.save(item.id, matches, now)
                found += [(item, match) for match in matches]
        return found, hits

    def _adopt(self, decision: Decision, feed: Feed, now: datetime) -> Item | None:
        """Take this feed's wording of a known item when it fires a list that the kept one did not.

        Else whoever shows an address first, under whatever title, would hide the news behind it.
        """
        said, item_id = decision.identified.entry, decision.item_id
        if said is UNREAD or item_id is None:
            return None
        fired = {match.watchlist for match in self.matcher.match(said.title, said.summary)}
        told = {hit.watchlist for hit in self._store.hits.of_items([item_id])}
        return self._store.items.adopt(decision, feed, now) if fired - told else None
