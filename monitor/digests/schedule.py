"""Which digest is due, and for which window: one per local date, in every zone, never by a cron.

Decides from what was already built and from ``now``, as often as it is asked. The window of a
digest begins exactly where the one before it ended, so that nothing falls between two digests.
Never reads a clock, never remembers anything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.model import Due, Window
from monitor.times import local, slot, utc

EVERY_DAY = frozenset(range(7))
ON_TIME = timedelta(minutes=2)  # a daemon asks every half minute; later than this is late
FIRST_REACH = timedelta(days=7)  # a first digest looks back no further
_LOOK_BACK = 15  # days: two weeks find any weekday even if its date was skipped once


@dataclass(frozen=True, slots=True)
class Plan:
    """When a profile's digest is wanted; weekdays count from Monday = 0."""

    profile: str
    at: time
    zone: str
    weekdays: frozenset[int] = EVERY_DAY

    def __post_init__(self) -> None:
        if not self.weekdays or not self.weekdays <= EVERY_DAY:
            raise ValueError(f"{self.profile}: weekdays must be some of 0 (Monday) to 6 (Sunday)")


def due(
    plan: Plan,
    done: Collection[date],
    since: datetime,
    now: datetime,
    *,
    last_end: datetime | None = None,
) -> Due | None:
    """Return the digest that must be built at ``now``, or None.

    ``done`` holds the local dates that have their digest, ``last_end`` is where the last window
    ended, ``since`` is when watching for this profile began. Only the newest slot that has passed
    is ever due: dates missed before it are inside its window, and it is labelled a catch-up.

    The window ends at the slot. When the digest comes late it ends at ``now`` instead, so that
    what was polled after the downtime is already in it. The first window begins at ``since``, or
    7 days before the slot where that is later.
    """
    passed = _slots_back(plan, now)
    day, at = next(passed, (None, now))
    if day is None or day in done:
        return None
    start = utc(last_end) if last_end is not None else max(utc(since), at - FIRST_REACH)
    if at <= start:
        return None  # watching began later, or a late digest has covered this slot
    end = at if utc(now) - at <= ON_TIME else utc(now)
    missed_day, missed_at = next(passed, (None, start))
    missed = missed_day is not None and missed_day not in done and missed_at > start
    return Due(plan.profile, day, Window(start, end), catch_up=missed)


def upcoming(plan: Plan, now: datetime) -> datetime:
    """Return the first slot after ``now``, in UTC."""
    zone = ZoneInfo(plan.zone)
    today = local(now, zone).date()
    days = (today + timedelta(days=n) for n in range(_LOOK_BACK))
    slots = (slot(day, plan.at, zone) for day in days if _wanted(plan, day, zone))
    return next(at for at in slots if at > now)


def _slots_back(plan: Plan, now: datetime) -> Iterator[tuple[date, datetime]]:
    """Yield the dates whose slot has passed, newest first.

    The search begins a day ahead: a clock that is set back over midnight shows yesterday again
    after today's slot has already passed.
    """
    zone = ZoneInfo(plan.zone)
    ahead = local(now, zone).date() + timedelta(days=1)
    for day in (ahead - timedelta(days=n) for n in range(_LOOK_BACK + 1)):
        if _wanted(plan, day, zone) and (at := slot(day, plan.at, zone)) <= now:
            yield day, at


def _wanted(plan: Plan, day: date, zone: ZoneInfo) -> bool:
    return day.weekday() in plan.weekdays and _exists(day, zone)


def _exists(day: date, zone: ZoneInfo) -> bool:
    """Tell whether the zone lived through ``day`` at all: Samoa had no 30 December 2011."""
    return local(slot(day, time(0), zone), zone).date() == day
