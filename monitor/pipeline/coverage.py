"""What was watched in a window and what may be missing: the digest's own conscience."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.feeds import health
from monitor.model import Coverage, DeliveryState, Feed, FeedState, FeedTrouble, Window
from monitor.pipeline.merging import proposed
from monitor.pipeline.troubles import troubles as own_troubles
from monitor.store import Store


def coverage(store: Store, window: Window, now: datetime, zone: ZoneInfo) -> Coverage:
    """Read from the store what the polls of ``window`` came to."""
    feeds, states = store.feeds.subscribed(), store.feeds.states()
    tally = store.feeds.tally(window)
    troubles = [
        trouble for feed in feeds if (trouble := _trouble(feed, states[feed.url], now)) is not None
    ]
    gaps = [_absence(hole, zone) for hole in _joined(store.upkeep.absences(window))]
    gaps += [
        f"{title}: items may have come and gone between two polls" for title in tally.gap_feeds
    ]
    cut = f"{tally.left_out} entries beyond the limit of one document were not read"
    return Coverage(
        feeds=len(feeds),
        polled=tally.polled,
        well=len(feeds) - len(troubles),
        polls=tally.polls,
        items=store.items.count(window.start, window.end),
        troubles=tuple(sorted(troubles, key=lambda one: (one.status, one.title))),
        gaps=tuple(gaps),
        caps=(cut,) if tally.left_out else (),
        notices=(
            *_complaint(store),
            *own_troubles(store, now),
            *_dead_letters(store),
            *(told for f in feeds for told in health.notices(f.title, states[f.url], window)),
            *(f"two feeds are one: {one.sentence}" for one in proposed(store, feeds, states)),
        ),
    )


def _trouble(feed: Feed, state: FeedState, now: datetime) -> FeedTrouble | None:
    fares = health.condition(state, now, feed.expect_s)
    if not fares.word:
        return None
    return FeedTrouble(feed.title, feed.url, feed.outlet, fares.word, fares.reason, fares.since)


def _joined(holes: Sequence[Window]) -> list[Window]:
    """Make one hole of several between which hardly a minute was watched."""
    joined: list[Window] = []
    for hole in holes:
        if joined and hole.start - joined[-1].end <= timedelta(minutes=1):
            joined[-1] = Window(joined[-1].start, hole.end)
        else:
            joined.append(hole)
    return joined


def _absence(hole: Window, zone: ZoneInfo) -> str:
    start, end = hole.start.astimezone(zone), hole.end.astimezone(zone)
    shown = "%H:%M" if start.date() == end.date() else "%a %d %b %H:%M"
    return f"not watching {start:{shown}}–{end:{shown}} {end:%Z}: the program did not run"


def _complaint(store: Store) -> list[str]:
    told = store.upkeep.recall("complaint")
    return [f"not loaded, the last good version is in force: {told}"] if told else []


def _dead_letters(store: Store) -> list[str]:
    dead = [one for one in store.ledger.unsent() if one.state is DeliveryState.DEAD]
    return [
        f"not delivered: {one.digest_id} part {one.message.part} by {one.message.channel}"
        f" to {one.message.recipient}: {one.error}"
        for one in dead[-5:]
    ]
