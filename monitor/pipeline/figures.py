"""What a digest shows beside its stories: items per day, what is usual, what is far from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from monitor.matching import Watchlist
from monitor.model import Surge, Trend, WatchlistInfo, Window
from monitor.store import Store
from monitor.stories.surge import PAST, Hour, silences, surges
from monitor.times import from_stamp, local, slot

TREND_DAYS = 14
#: Days that tell what is usual; with fewer nobody knows.
LEAST_USUAL_DAYS = 5


def read_trends(
    store: Store, zone: ZoneInfo, infos: Sequence[WatchlistInfo], now: datetime
) -> tuple[Trend, ...]:
    """Count each list's items per day of the reader's calendar, the last day being today."""
    today = local(now, zone).date()
    days = [today - timedelta(days=n) for n in reversed(range(-1, TREND_DAYS))]
    counts = store.tallies.per_day([slot(day, time(0), zone) for day in days])
    none = (0,) * TREND_DAYS
    return tuple(Trend(info.name, counts.get(info.name, none)) for info in infos)


def read_surges(store: Store, now: datetime) -> tuple[Surge, ...]:
    """Return the watchlists that find far more than their own past lets one expect."""
    since = max(watched_since(store, now), now - timedelta(hours=PAST))
    rows = (Hour(*row) for row in store.tallies.per_hour(since))
    return surges(rows, since, now)


def read_silences(store: Store, lists: Sequence[Watchlist], now: datetime) -> tuple[Surge, ...]:
    """Return the watchlists that were declared regular (``expect:``) and found nothing."""
    expected = {one.name: one.expect_s for one in lists if one.expect_s}
    if not expected:
        return ()
    last = store.tallies.last_at(sorted(expected))
    return silences(expected, last, watched_since(store, now), now)


def watched_since(store: Store, now: datetime) -> datetime:
    """Return when watching began; unlike the store's own word for it this never writes."""
    told = store.upkeep.recall("began_at")
    return from_stamp(told) if told else now


def usual(
    trends: Sequence[Trend], zone: ZoneInfo, began: datetime, window: Window, now: datetime
) -> float | None:
    """Return how many hits such a window usually has; None while too few days were watched.

    It is the median of the whole days before today, since watching began, for the window's length.
    """
    watched = (local(now, zone).date() - local(began, zone).date()).days - 1
    days = min(watched, TREND_DAYS - 1)
    if days < LEAST_USUAL_DAYS:
        return None
    per_day = [sum(trend.counts[-1 - n] for trend in trends) for n in range(1, days + 1)]
    return float(median(per_day)) * ((window.end - window.start) / timedelta(days=1))
