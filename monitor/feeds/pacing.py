"""When a feed is polled again, and why then. Pure: no clock, no dice; jitter comes from a hash.

The order of what counts: what the server asks (Retry-After, max-age, ttl), then back-off after
failures, then the user's wish, then the feed's own rhythm. Never sooner than the floor.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.model import Answer, Feed, FeedState, PollOutcome, PollRecord, Validators
from monitor.text import digest
from monitor.times import parse_http_date

_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)
_NO_CACHE = re.compile(r"(?:^|[,\s])no-(?:cache|store)\b", re.IGNORECASE)


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


@dataclass(frozen=True, slots=True)
class Plan:
    """When next, and the reason in words."""

    at: datetime
    why: str


def plan_next(
    feed: Feed, state: FeedState, record: PollRecord, asked: float | None, pace: Pace
) -> Plan:
    """Return when ``feed`` is due after ``record``; ``state`` already counts the failure.

    ``asked`` is the delay in seconds that the server asks for, see :func:`asked_delay`.
    """
    if record.outcome.well or record.outcome is PollOutcome.TRUNCATED:
        delay, why = _rhythm(feed, state, record, pace)
    else:
        delay, why = _backoff(state, record, pace)
    if asked is not None and min(asked, pace.longest_s) > delay:
        delay, why = min(asked, pace.longest_s), "the server asks for it"
    spread = delay * pace.jitter * share(feed.url)
    return Plan(record.at + timedelta(seconds=max(delay, pace.floor_s) + spread), why)


def share(url: str) -> float:
    """Return a number in [0, 1) that is always the same for ``url``."""
    return int(digest(url, length=8), 16) / 0x1_0000_0000


def asked_delay(answer: Answer, now: datetime, ttl_s: float | None = None) -> float | None:
    """Return the seconds a server asks us to wait: Retry-After, else max-age or Expires, else ttl.

    Dates count relative to the server's own Date, so that its wrong clock does not matter
    (RFC 9111, 4.2; RFC 9110, 10.2.3). Garbage and the past are None.
    """
    base = parse_http_date(answer.header("date") or "") or now
    if answer.status in {429, 503} and (waited := _retry_after(answer, base)) is not None:
        return waited
    if answer.status >= 400:
        return None
    wishes = [wish for wish in (_freshness(answer, base), ttl_s) if wish and wish > 0]
    return max(wishes, default=None)


def _retry_after(answer: Answer, base: datetime) -> float | None:
    text = (answer.header("retry-after") or "").strip()
    if re.fullmatch(r"\d{1,12}", text):
        return float(text)
    moment = parse_http_date(text)
    if moment is None or moment <= base:
        return None
    return (moment - base).total_seconds()


def _freshness(answer: Answer, base: datetime) -> float | None:
    control = answer.header("cache-control") or ""
    if _NO_CACHE.search(control):
        return None
    if found := _MAX_AGE.search(control):
        return float(found.group(1))
    expires = parse_http_date(answer.header("expires") or "")
    return (expires - base).total_seconds() if expires else None


def _rhythm(feed: Feed, state: FeedState, record: PollRecord, pace: Pace) -> tuple[float, str]:
    if feed.interval_s:
        return feed.interval_s, "the interval set in feeds.yaml"
    if record.possible_gap:
        return pace.fast_s, "the last poll may have missed items"
    if record.found and record.new >= record.found / 3:
        return pace.fast_s, "a third or more of its items were new"
    if state.last_new_at and record.at - state.last_new_at > timedelta(days=2):
        return pace.slow_s, "nothing new for two days"
    return pace.usual_s, "the usual interval"


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
    """Tell whether the feed may be polled at ``now``."""
    return state.next_poll_at is None or state.next_poll_at <= now


def after(
    state: FeedState, record: PollRecord, validators: Validators, moved_to: str | None
) -> FeedState:
    """Return what to remember after ``record``; the next poll's time is set by the caller."""
    if record.outcome.well or record.outcome is PollOutcome.TRUNCATED:
        return _after_well(state, record, validators, moved_to)
    gone_before = state.outcome is PollOutcome.GONE and state.failing_since is not None
    long_enough = gone_before and _day_apart(state.failing_since, record.at)
    return replace(
        state,
        last_poll_at=record.at,
        last_full_at=state.last_full_at if record.conditional else record.at,
        outcome=record.outcome,
        reason=record.reason,
        failures=state.failures + 1,
        failing_since=state.failing_since or record.at,
        gone=record.outcome is PollOutcome.GONE and long_enough,
    )


def _after_well(
    state: FeedState, record: PollRecord, validators: Validators, moved_to: str | None
) -> FeedState:
    return replace(
        state,
        validators=validators,
        last_poll_at=record.at,
        last_well_at=record.at,
        last_new_at=record.at if record.new else state.last_new_at or record.at,
        last_full_at=state.last_full_at if record.conditional else record.at,
        outcome=record.outcome,
        reason=record.reason,
        failures=0,
        failing_since=None,
        moved_to=moved_to or state.moved_to,
        gone=False,
    )


def _day_apart(earlier: datetime | None, later: datetime) -> bool:
    return earlier is not None and later - earlier >= timedelta(days=1)


def all_unreached(outcomes: Sequence[PollOutcome]) -> bool:
    """Tell a broken network from broken feeds: several were tried, no server answered."""
    return len(outcomes) >= 3 and all(outcome.unreached for outcome in outcomes)
