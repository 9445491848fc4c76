"""How the service stands: one reading of the database for status, health, metrics and systemd.

Decides what counts as an alarm (polls, digests or deliveries have stopped) and what else needs a
person. Reads only, so that a command may ask beside a running daemon.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.digests import Plan, upcoming
from monitor.files import Setup
from monitor.model import ProfileStanding, Standing
from monitor.pipeline.compose import due_now
from monitor.pipeline.troubles import moment
from monitor.store import FeedCounts, Store
from monitor.times import human, local

#: A digest that was not built this long after its slot is late; a day and this make 26 hours.
LATE = timedelta(hours=2)
#: Longer than this without a poll, or with a message that does not go out, is an alarm.
SILENCE = timedelta(hours=26)
#: So many ends without notice in a day are a crash loop.
CRASH_LOOP = 3
#: A copy is missed when so many of its times have passed without one.
_MISSED_COPIES = 3


def standing(store: Store, setup: Setup, now: datetime) -> Standing:
    """Return how the service stands at ``now``."""
    counts = store.upkeep.feed_counts()
    deliveries = store.upkeep.open_deliveries()
    waiting = [one.oldest for state, one in deliveries.items() if state != "dead"]
    oldest = min(waiting, default=None)
    profiles = tuple(_profiles(store, setup, now))
    disk_full = moment(store, "disk_full_since")
    alarms = (
        *_silence(store, counts, now),
        *(f"the digest '{one.name}' is more than 2 hours late" for one in profiles if one.overdue),
        *_stuck(oldest, now),
        *([f"the disk is full since {disk_full:%Y-%m-%d %H:%M} UTC; polling pauses"]
          if disk_full else []),
    )  # fmt: skip
    return Standing(
        at=now,
        feeds=counts.feeds,
        failing=counts.failing,
        unpolled=counts.unpolled,
        items_ever=store.upkeep.items_ever(),
        last_poll_at=counts.last_poll_at,
        profiles=profiles,
        deliveries=tuple((str(state), one.count) for state, one in deliveries.items()),
        oldest_unsent_at=oldest,
        unclean_starts=store.upkeep.unclean_starts(now),
        disk_full_since=disk_full,
        last_backup_at=moment(store, "last_backup_at"),
        alarms=alarms,
        needs=(*alarms, *_wants(store, setup, now)),
    )


def status_line(told: Standing, zone: ZoneInfo) -> str:
    """Return the line for ``systemctl status``; the time of the next digest is that of ``zone``."""
    parts = [f"{told.feeds - told.failing} of {told.feeds} feeds well"]
    if told.next_digest_at:
        parts.append(f"next digest {local(told.next_digest_at, zone):%a %H:%M %Z}")
    if told.oldest_unsent_at:
        waits = max(timedelta(0), told.at - told.oldest_unsent_at)
        parts.append(f"oldest unsent {human(waits.total_seconds())}")
    if told.needs:
        parts.append(f"NEEDS A PERSON: {told.needs[0]}")
    return ", ".join(parts)


def _profiles(store: Store, setup: Setup, now: datetime) -> Iterator[ProfileStanding]:
    for name, plan in setup.settings.digests.items():
        last = store.digests.last(name)
        yield ProfileStanding(
            name=name,
            last_at=last.built_at if last else None,
            next_at=upcoming(Plan(name, plan.wall_time, plan.timezone, plan.days), now),
            overdue=due_now(store, name, plan, now - LATE) is not None,
        )


def _silence(store: Store, counts: FeedCounts, now: datetime) -> Iterator[str]:
    if counts.feeds and counts.failing == counts.feeds:
        yield "every feed fails"
    if counts.last_poll_at is None:
        began = moment(store, "began_at")
        if began is None or now - began > LATE:
            yield "nothing has been polled yet"
    elif now - counts.last_poll_at > SILENCE:
        yield "nothing has been polled for more than 26 hours"


def _stuck(oldest: datetime | None, now: datetime) -> Iterator[str]:
    if oldest is not None and now - oldest > SILENCE:
        yield f"a message has been waiting since {oldest:%Y-%m-%d %H:%M} UTC"


def _wants(store: Store, setup: Setup, now: datetime) -> Iterator[str]:
    """Yield what wants a person although polls and digests go on."""
    yield from store.upkeep.dead_letters()
    held = store.upkeep.open_deliveries().get("uncertain")
    if held:
        yield f"{held.count} interrupted deliveries are held: send them again or drop them"
    if told := store.upkeep.recall("complaint"):
        yield f"not loaded, the last good version is in force: {told}"
    if (crashes := store.upkeep.unclean_starts(now)) >= CRASH_LOOP:
        yield f"the program ended without notice {crashes} times in the last 24 hours"
    yield from _missed_copies(store, setup, now)


def _missed_copies(store: Store, setup: Setup, now: datetime) -> Iterator[str]:
    backup = setup.settings.backup
    since = moment(store, "last_backup_at") or moment(store, "began_at")
    longest = timedelta(seconds=_MISSED_COPIES * backup.every)
    if backup.folder and since is not None and now - since > longest:
        why = store.upkeep.recall("backup_trouble")
        yield f"no copy of the database since {since:%Y-%m-%d %H:%M} UTC" + (
            f": {why}" if why else ""
        )
