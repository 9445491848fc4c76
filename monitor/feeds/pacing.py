"""When a feed is polled again, and why then. Pure: no clock, no dice; jitter comes from a hash.

The order of what counts: what the server asks (Retry-After, max-age, ttl), then back-off after
failures, then the user's wish, then the feed's own rhythm. Never sooner than the floor, and not in
the hours and on the days in which the document asks to be left alone (RSS skipHours, skipDays).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.model import Feed, FeedState, PollOutcome, PollRecord
from monitor.text import digest

#: No plan reaches further than this, with jitter and a week of skipped days included.
FURTHEST_S = 16 * 86_400
#: Feeds that wake at one hour are spread over so much of it.
_SPREAD_S = 1_800


@dataclass(frozen=True, slots=True)
class Pace:
    """The numbers of pacing, in seconds; defaults from the study of what publishers bear."""

    floor_s: float = 600  #: no feed is polled more often, whatever it says
    usual_s: float = 3_600  #: without any other knowledge
    fast_s: float = 900  #: a busy feed
    slow_s: float = 6 * 3_600  #: a feed without news
    retry_s: float = 1_800  #: first back-off, doubled with each failure
    backoff_s: float = 24 * 3_600  #: longest back-off in the first week of failures
    longest_s: float = 7 * 86_400  #: what a server may ask, and back-off after a week
    jitter: float = 0.1  #: share of the interval by which feeds are spread
    #: hosts of many sites, where what one feed is told concerns no other
    apart: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Plan:
    """When next, and the reason in words."""

    at: datetime
    why: str


def plan_next(
    feed: Feed,
    state: FeedState,
    record: PollRecord,
    asked: float | None,
    pace: Pace,
    rhythm: tuple[float | None, str] = (None, "the usual interval"),
) -> Plan:
    """Return when ``feed`` is due after ``record``; ``state`` already counts the failure.

    ``asked`` is the delay in seconds that the server asks for; ``rhythm`` is the interval, in
    seconds, that the feed has earned, and why.
    """
    if record.outcome.well or record.outcome is PollOutcome.TRUNCATED:
        delay, why = _rhythm(feed, state, pace, rhythm)
    else:
        delay, why = _backoff(state, record, pace)
    if asked is not None and min(asked, pace.longest_s) > delay:
        delay, why = min(asked, pace.longest_s), "the server asks for it"
    spread = delay * pace.jitter * share(feed.url)
    at = record.at + timedelta(seconds=max(delay, pace.floor_s) + spread)
    open_at = _open(at, state)
    if open_at is None:
        return Plan(at, why)
    # Not all at the stroke of the hour at which so many feeds are open again.
    return Plan(open_at + timedelta(seconds=_SPREAD_S * share(feed.url)), "its skipHours, skipDays")


def claim(state: FeedState, now: datetime, pace: Pace) -> datetime:
    """Return until when a feed that is about to be asked is left alone if the answer is lost.

    As long as its last pause was, since that is what its server may have asked for; so a daemon
    that is killed before the answer is written asks nobody too early.
    """
    told = state.next_poll_at, state.last_poll_at
    pause = (told[0] - told[1]).total_seconds() if told[0] and told[1] else pace.floor_s
    return now + timedelta(seconds=min(max(pause, pace.floor_s), pace.slow_s))


def _open(at: datetime, state: FeedState) -> datetime | None:
    """Return the first hour from ``at`` on that the document does not exclude; None for ``at``.

    A document that excludes every hour, or every day, means something else, and is not obeyed.
    """
    hours, days = set(state.skip_hours), set(state.skip_days)
    if not hours and not days:
        return None
    hour = at.replace(minute=0, second=0, microsecond=0)
    for step in range(8 * 24):
        then = hour + timedelta(hours=step)
        if then.hour not in hours and then.weekday() not in days:
            return then if step else None
    return None


def share(url: str) -> float:
    """Return a number in [0, 1) that is always the same for ``url``."""
    return int(digest(url, length=8), 16) / 0x1_0000_0000


def earned(state: FeedState, record: PollRecord, pace: Pace) -> tuple[float, str]:
    """Return the interval that a feed has earned with this poll, in seconds, and why.

    A third or more new: at once the fast end. A poll that shares nothing with the one before: half.
    Some news: a fifth less, down to the usual pace. None: half as much again, up to the slow end.
    """
    now = state.interval_s or pace.usual_s
    if record.possible_gap:
        return max(now / 2, pace.fast_s), "the last poll may have missed items"
    if record.found and record.new >= record.found / 3:
        return pace.fast_s, "a third or more of its items were new"
    if record.new:
        return max(now * 0.8, min(now, pace.usual_s)), "some of its items were new"
    return min(now * 1.5, pace.slow_s), "nothing was new"


def _rhythm(
    feed: Feed, state: FeedState, pace: Pace, told: tuple[float | None, str]
) -> tuple[float, str]:
    if state.lying:
        return 86_400, "it hides its news behind 304: one full look a day"
    if feed.interval_s:
        return feed.interval_s, "the interval set in feeds.yaml"
    interval, why = told
    return interval or state.interval_s or pace.usual_s, why


def _backoff(state: FeedState, record: PollRecord, pace: Pace) -> tuple[float, str]:
    if state.gone:
        return pace.longest_s, "gone for good, says the server; asked once a week all the same"
    long_gone = state.failing_since and record.at - state.failing_since > timedelta(days=7)
    limit = pace.longest_s if long_gone else pace.backoff_s
    steps = min(max(state.failures - 1, 0), 20)  # 2**20 half-hours outlast every limit
    if record.outcome in {PollOutcome.BLOCKED, PollOutcome.GONE, PollOutcome.PARSER_KILLED}:
        return min(pace.retry_s * 2 ** (steps + 3), limit), f"{record.outcome}: a long pause"
    return min(pace.retry_s * 2**steps, limit), f"{state.failures} failures in a row"


def is_due(state: FeedState, now: datetime) -> bool:
    """Tell whether the feed may be polled at ``now``.

    A time further away than any plan reaches was written under a wrong clock and does not count.
    """
    if state.next_poll_at is None or state.next_poll_at <= now:
        return True
    return state.next_poll_at - now > timedelta(seconds=FURTHEST_S)
