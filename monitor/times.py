"""Times: UTC inside, a reader's wall clock at the edges, durations as people write them.

Decides what a local wall time means on the two nights when clocks change, and how instants are
written as text. Never reads a clock.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

_DURATION = re.compile(r"\s*(\d{1,9}(?:\.\d{1,6})?)\s*(ms|s|m|min|h|d|w)\s*", re.ASCII)
_UNIT_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_HTTP_DATE_LENGTH = 64  # the longest form in RFC 9110, 5.6.7 has 33 characters


def utc(moment: datetime) -> datetime:
    """Return the same instant in UTC; a datetime without a zone raises ValueError."""
    if moment.tzinfo is UTC:
        return moment
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone; pass an aware datetime")
    return moment.astimezone(UTC)


@lru_cache(maxsize=256)  # a poll writes the same moment half a dozen times
def stamp(moment: datetime) -> str:
    """Return ``2026-11-22T06:00:00.000000Z``: always 27 characters, so text sorts like time."""
    return utc(moment).isoformat(timespec="microseconds")[:26] + "Z"


def from_stamp(text: str) -> datetime:
    """Read what :func:`stamp` wrote, with or without the fraction; raises ValueError."""
    return utc(datetime.fromisoformat(text))


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return the same instant on the wall clock of ``zone``."""
    return utc(moment).astimezone(zone)


def slot(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the UTC instant at which the wall clock of ``zone`` first shows ``day`` and ``at``.

    An hour that occurs twice means its first occurrence. A wall time that the clock jumps over
    means the first instant after the jump, also when the whole day is missing.
    """
    wall = datetime.combine(day, at.replace(tzinfo=None, fold=0))
    first = wall.replace(tzinfo=zone).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first
    before_jump = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return _end_of_jump(wall, before_jump, first, zone)


def _end_of_jump(wall: datetime, before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Find by halving when the clock jumps over ``wall``; offsets change on whole seconds."""
    first, last = 0, int((after - before).total_seconds())
    while last - first > 1:
        middle = (first + last) // 2
        shown = (before + timedelta(seconds=middle)).astimezone(zone).replace(tzinfo=None)
        first, last = (first, middle) if shown >= wall else (middle, last)
    return (before + timedelta(seconds=last)).replace(microsecond=0)


def parse_http_date(text: str | None) -> datetime | None:
    """Read one of the three forms of RFC 9110, 5.6.7; anything else is None, never an error."""
    if not text or len(text) > _HTTP_DATE_LENGTH:
        return None
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def parse_duration(text: str) -> float:
    """Return the seconds in ``10s``, ``30m``, ``1.5h``, ``3d`` or ``2w``; raises ValueError."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(f"{text[:40]!r} is no duration; write a number and s, m, h, d or w: 4h")
    return float(found[1]) * _UNIT_S[found[2]]


def human(seconds: float) -> str:
    """Return a length of time in at most two units: ``45 s``, ``1 h 30 min``, ``24 h``, ``3 d``.

    Hours go up to 48, since a day of news may have 23 or 25 of them.
    """
    if seconds < 0:
        return f"-{human(-seconds)}"
    if seconds < 1:
        return f"{round(seconds * 1000)} ms" if seconds else "0 s"
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return _two(whole, 60, "min", "s")
    if whole < 48 * 3600:
        return _two(whole // 60, 60, "h", "min")
    return _two(whole // 3600, 24, "d", "h")


def _two(count: int, per_large: int, large: str, small: str) -> str:
    wholes, rest = divmod(count, per_large)
    return f"{wholes} {large} {rest} {small}" if rest else f"{wholes} {large}"
