"""The daemon: one process, one loop, ticks and signals around one Service. Home of APScheduler.

What is due is computed from the database at every tick, so the scheduler carries no state: interval
triggers in UTC, a memory job store, no cron and no jitter (both have frozen it on DST nights). A
full disk pauses polling and a damaged database ends the daemon; neither is ever taken for "sent".
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.events import EVENT_JOB_ERROR
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from monitor import __version__, logs, memory
from monitor.errors import Damaged, DiskFull, StoreError
from monitor.metrics import Metrics
from monitor.model import Feed, PollRecord
from monitor.pipeline import Silent, SweepReport
from monitor.pipeline.pulse import Pulse
from monitor.pipeline.service import Round, Service
from monitor.pipeline.vitals import Vitals

__all__ = ["Daemon", "Round", "Service"]

TICK_S = 20
#: How long the first digest after a start waits for the first sweep.
FIRST_SWEEP_S = 90
#: How long a stop waits for requests in flight; systemd's own limit is longer.
STOP_S = 10
#: A sweep of so many feeds leaves something to give back.
MANY_POLLS = 200
#: How often the clock on the wall is held against the one that cannot be set, and what is a step.
CLOCK_S, STEP_S = 10, 5


class Daemon:
    """Works until it is told to stop; the Service is open and stays its caller's to close."""

    def __init__(self, service: Service, environment: Mapping[str, str] = os.environ) -> None:
        self._service = service
        self._pulse = Pulse(time.monotonic)
        metrics = Metrics(__version__)
        service.observer.join(metrics)
        service.observer.join(_Movement(self._pulse))
        self._vitals = Vitals(
            service.store,
            service.setup,
            service.clock,
            metrics,
            self._pulse,
            tell=service.observer.incident,
            environment=environment,
        )
        self._sweeps: set[asyncio.Task[SweepReport]] = set()
        self._desks: set[asyncio.Task[None]] = set()
        self._cares: set[asyncio.Task[None]] = set()
        self._reloads: set[asyncio.Task[None]] = set()
        self._warm = False
        self._fatal: Damaged | None = None

    async def run(self) -> None:
        """Work until SIGTERM or SIGINT; returns when everything in flight has ended.

        Raises Damaged when the database is found to be, and InputError as :class:`Vitals` does.
        """
        self._hear_signals()
        self._count_crashes()
        async with self._vitals:
            await self._work()
        with contextlib.suppress(StoreError):
            self._service.store.upkeep.ended()
        if self._fatal is not None:
            raise self._fatal

    def _count_crashes(self) -> None:
        service = self._service
        if crashes := service.store.upkeep.started(service.clock.now()):
            times = "once" if crashes == 1 else f"{crashes} times"
            what = f"the last run ended without notice; that happened {times} in 24 hours"
            service.observer.incident(what)
            service.caretaker.check_wanted = True

    def _hear_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._service.stopping.set)
        loop.add_signal_handler(signal.SIGHUP, self._hang_up)

    def _hang_up(self) -> None:
        """Read the configuration again; what comes while it is being read is read afterwards."""
        task = asyncio.create_task(self._reload([*self._reloads]))
        self._reloads.add(task)
        task.add_done_callback(self._reloaded)

    async def _reload(self, earlier: Sequence[asyncio.Task[None]]) -> None:
        """Read the configuration again, and tell systemd when that is done."""
        if earlier:
            await asyncio.wait(earlier)
        self._vitals.notifier.reloading()
        try:
            await self._service.reload()
        finally:
            self._vitals.setup = self._service.setup
            self._vitals.ready()
        await self._settle()

    def _reloaded(self, task: asyncio.Task[None]) -> None:
        self._reloads.discard(task)
        self._look_at(task, "the configuration was not read again")

    async def _settle(self) -> None:
        """Keep the collector from what stays, once the lists can be matched."""
        await self._service.lookout.matcher()
        memory.settle()

    async def _work(self) -> None:
        scheduler = _scheduler()
        for tick in (self._poll_tick, self._desk_tick, self._index_tick, self._care_tick):
            scheduler.add_job(tick, IntervalTrigger(seconds=TICK_S, timezone=UTC),
                              next_run_time=datetime.now(UTC))  # fmt: skip # noqa: TID251
        scheduler.add_listener(
            lambda event: self._failed("a tick failed", event.exception), EVENT_JOB_ERROR
        )
        self._pulse.begins("the ticks")
        scheduler.start()
        self._vitals.ready()
        settling = asyncio.create_task(self._settle())
        settling.add_done_callback(lambda task: self._look_at(task, "the lists were not built"))
        clock = asyncio.create_task(self._mind_the_clock(scheduler))
        try:
            await self._service.stopping.wait()
        finally:
            clock.cancel()
            settling.cancel()
            self._vitals.notifier.stopping()
            scheduler.shutdown(wait=False)
            await self._drain()

    async def _mind_the_clock(self, scheduler: Any) -> None:
        """Wake the ticks when the clock was set: they wait for a time on the wall."""
        wall, steady = self._service.clock.now(), time.monotonic()
        while True:
            await asyncio.sleep(CLOCK_S)
            before, since = wall, steady
            wall, steady = self._service.clock.now(), time.monotonic()
            step = wall - before - timedelta(seconds=steady - since)
            if abs(step.total_seconds()) >= STEP_S:
                self._clock_was_set(step)
                for job in scheduler.get_jobs():
                    job.modify(next_run_time=datetime.now(UTC))  # noqa: TID251

    def _clock_was_set(self, step: timedelta) -> None:
        way = "forward" if step > timedelta(0) else "back"
        self._service.observer.incident(
            f"the clock was set {way} by {abs(step.total_seconds()):.0f} seconds"
        )
        with contextlib.suppress(StoreError):
            self._service.store.ledger.shift(min(step, timedelta(0)))

    async def _drain(self) -> None:
        """Give what is in flight a moment, then let go.

        What is not committed is fetched again; a send that is cut off stays *sending* in the ledger
        and goes again with a word that it may be a repeat. A copy of the database that is half made
        is worth nothing and is not waited for.
        """
        left: list[asyncio.Task[Any]] = [*self._sweeps, *self._desks]
        if left:
            await asyncio.wait(left, timeout=STOP_S)
        left += [*self._cares, *self._reloads]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _poll_tick(self) -> None:
        """Start a sweep and do not wait for it: a slow host must not hold up the rest."""
        service = self._service
        self._pulse.moves("the ticks")
        service.store.still_there()
        service.caretaker.mind_the_disk()
        if service.caretaker.paused or service.stopping.is_set():
            return
        service.breathe()
        if chosen := service.due():
            self._pulse.begins("polling")
            task = asyncio.create_task(service.poll(chosen))
            self._sweeps.add(task)
            task.add_done_callback(self._swept)

    def _swept(self, task: asyncio.Task[SweepReport]) -> None:
        self._sweeps.discard(task)
        self._pulse.moves("polling")
        if not self._sweeps:
            self._pulse.ends("polling")
        self._look_at(task, "a sweep failed")
        if (
            not task.cancelled()
            and not task.exception()
            and len(task.result().polled) >= MANY_POLLS
        ):
            memory.give_back()

    async def _desk_tick(self) -> None:
        """Start a round at the desk, if none is under way, as a task that a stop can wait for."""
        if not self._desks and not self._service.stopping.is_set():
            self._pulse.begins("the desk")
            task = asyncio.create_task(self._desk_round())
            self._desks.add(task)
            task.add_done_callback(self._desk_done)

    async def _desk_round(self) -> None:
        """At the start the first sweep goes before: a late digest must hold what was missed."""
        if not self._warm:
            self._warm = True
            if self._sweeps:
                await asyncio.wait(self._sweeps, timeout=FIRST_SWEEP_S)
        if not self._service.stopping.is_set():
            await self._service.desk()

    def _desk_done(self, task: asyncio.Task[None]) -> None:
        self._desks.discard(task)
        self._pulse.ends("the desk")
        if not task.cancelled() and task.exception() is not None:
            self._service.interrupted = True
        self._look_at(task, "a round at the desk failed")

    async def _index_tick(self) -> None:
        service = self._service
        if not (service.stopping.is_set() or service.caretaker.paused):
            service.store.upkeep.index()

    async def _care_tick(self) -> None:
        if not (self._cares or self._service.stopping.is_set()):
            task = asyncio.create_task(self._service.caretaker.round())
            self._cares.add(task)
            task.add_done_callback(self._cared)

    def _cared(self, task: asyncio.Task[None]) -> None:
        self._cares.discard(task)
        self._look_at(task, "upkeep failed")

    def _look_at(self, task: asyncio.Task[Any], what: str) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failed(what, error)

    def _failed(self, what: str, error: BaseException) -> None:
        """A full disk pauses polls, a damaged database ends us; else the next tick tries again."""
        if isinstance(error, DiskFull):
            self._service.caretaker.disk_is_full(str(error))
        elif isinstance(error, Damaged):
            self._fatal = error
            self._service.stopping.set()
        elif isinstance(error, StoreError):
            self._service.observer.incident(f"{what}: {error}")
        else:
            logs.get().error(what, exc_info=error)


class _Movement(Silent):
    """Each poll that ends is a sign of life."""

    def __init__(self, pulse: Pulse) -> None:
        self._pulse = pulse

    def polled(self, feed: Feed, record: PollRecord) -> None:  # noqa: ARG002 - an event's shape
        self._pulse.moves("polling")


def _scheduler() -> Any:
    return AsyncIOScheduler(
        timezone=UTC,
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
