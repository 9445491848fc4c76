"""Keeps the database in order beside the work: copies, retention, room on the disk.

Copies and counts are made in a thread of their own over a connection that reads; old rows go in
short transactions with rests between them, so that polls are never held up. When the disk is full
polling pauses, the reserve is given up so that messages still go out, and work goes on by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from monitor.clock import Clock
from monitor.errors import DiskFull, StoreError
from monitor.files import Setup
from monitor.store import (
    Gone,
    Limits,
    Reserve,
    Store,
    copy_database,
    copy_name,
    prune,
    sooner,
)
from monitor.times import from_stamp, stamp

_FORGET_EVERY = timedelta(days=1)
#: After a copy that failed the next try waits this long.
_TRY_AGAIN = timedelta(hours=1)
_REST_S = 0.05
#: A step may hold the loop for this long; its size follows what was measured.
_STEP_S = 0.015
_LEAST_ROWS, _MOST_ROWS = 20, 2_000

T = TypeVar("T")


class Caretaker:
    """Does what is due, one thing at a time."""

    def __init__(
        self,
        store: Store,
        setup: Setup,
        clock: Clock,
        tell: Callable[[str], None],
        reserve: Reserve,
    ) -> None:
        self.setup = setup
        self._store = store
        self._clock = clock
        self._tell = tell
        self._reserve = reserve
        self._rows = 200
        self._tried_at: datetime | None = None
        #: Set after an end without notice: the whole file is read once, beside the work.
        self.check_wanted = False
        self.paused = bool(store.upkeep.recall("disk_full_since"))

    def mind_the_disk(self) -> None:
        """Pause when the room runs out, go on when it is back; called at every tick."""
        if self.paused and self._reserve.hold():
            self._resume()
        elif not self.paused and not self._reserve.hold():
            self.disk_is_full("the disk is nearly full")

    def disk_is_full(self, why: str) -> None:
        """Pause polling and give up the reserve, so that messages can still go out."""
        self._reserve.release()
        if self.paused:
            return
        self.paused = True
        with contextlib.suppress(StoreError):
            self._store.upkeep.remember("disk_full_since", stamp(self._clock.now()))
        self._tell(f"{why}; polling pauses, nothing is lost: free some room and it goes on")

    def _resume(self) -> None:
        try:
            self._store.upkeep.remember("disk_full_since", "")
        except DiskFull:
            self._reserve.release()
            return
        self.paused = False
        self._tell("there is room on the disk again; polling goes on")

    async def round(self) -> None:
        """Do what is due; raises Damaged when the database turns out to be."""
        now = self._clock.now()
        if self.check_wanted:
            self.check_wanted = False
            await _in_thread(lambda: _read_whole(self.setup.database))
        if self.backup_due(now):
            await self.back_up(now)
        if self._is_past("last_retention_at", now, _FORGET_EVERY) and not self.paused:
            await self.forget(now)

    def backup_due(self, now: datetime) -> bool:
        backup = self.setup.settings.backup
        recent = self._tried_at is not None and now - self._tried_at < _TRY_AGAIN
        every = timedelta(seconds=backup.every)
        return bool(backup.folder) and not recent and self._is_past("last_backup_at", now, every)

    async def back_up(self, now: datetime) -> None:
        """Make one copy and delete the oldest; what goes wrong is told and remembered."""
        self._tried_at = now
        database, backup = self.setup.database, self.setup.settings.backup
        folder = self.setup.resolve(backup.folder)
        target = folder / copy_name(database, now)
        try:
            await _in_thread(lambda: copy_database(database, target))
        except StoreError as error:
            self._store.upkeep.remember("backup_trouble", str(error))
            self._tell(f"no copy of the database was made: {error}")
            return
        prune(folder, database, backup.keep)
        with self._store.transaction():
            self._store.upkeep.remember("last_backup_at", stamp(now))
            self._store.upkeep.remember("backup_trouble", "")

    async def forget(self, now: datetime) -> Gone:
        """Delete what is older than the settings say, with rests in between."""
        limits = await self._limits(now)
        total = Gone()
        steps = self._store.retention.steps(limits, lambda: self._rows)
        while True:
            begun = time.monotonic()
            gone = next(steps, None)
            if gone is None:
                break
            self._fit(time.monotonic() - begun)
            total += gone
            await asyncio.sleep(_REST_S)
        self._store.upkeep.remember("last_retention_at", stamp(now))
        return total

    def _fit(self, took_s: float) -> None:
        """Make the next step half as large when this one was long, twice when it was short."""
        if took_s > _STEP_S:
            self._rows = max(_LEAST_ROWS, self._rows // 2)
        elif took_s < _STEP_S / 4:
            self._rows = min(_MOST_ROWS, self._rows * 2)

    async def _limits(self, now: datetime) -> Limits:
        kept = self.setup.settings.retention
        told = self._store.upkeep.told_upto(list(self.setup.settings.digests))
        beyond = await _in_thread(lambda: _beyond(self.setup.database, kept.most_items))
        limits = Limits(
            items=now - timedelta(seconds=kept.items),
            hits=now - timedelta(seconds=kept.hits),
            polls=now - timedelta(seconds=kept.polls),
            told_upto=told,
        )
        return sooner(limits, beyond)

    def _is_past(self, key: str, now: datetime, every: timedelta) -> bool:
        """Tell whether ``every`` has passed since ``key``; at first since watching began."""
        last = self._store.upkeep.recall(key)
        since = from_stamp(last) if last else self._store.upkeep.began(now)
        return now - since >= every or since > now + every


def _read_whole(database: Path) -> None:
    with contextlib.closing(Store.reader(database)) as reader:
        reader.check()


def _beyond(database: Path, most: int) -> datetime | None:
    with contextlib.closing(Store.reader(database)) as reader:
        return reader.oldest_beyond(most)


async def _in_thread(work: Callable[[], T]) -> T:
    """Run ``work`` in a thread that holds up no stop: it dies with the process."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if not done.done():
            if error is not None:
                done.set_exception(error)
            else:
                done.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, failure = None, None
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - raised again where it is awaited
            failure = error
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=run, name="upkeep", daemon=True).start()
    return await done
