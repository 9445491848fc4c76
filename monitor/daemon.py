"""The service: one process, one writer, one loop. Home of APScheduler.

What is due is computed from the database at every tick, so the scheduler carries no state: interval
triggers in UTC, a memory job store, no cron and no jitter (both have frozen it on DST nights).
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from apscheduler.events import EVENT_JOB_ERROR
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from monitor import __version__, logs
from monitor.clock import Clock, SystemClock
from monitor.delivery import Channel, DispatchReport, dispatch
from monitor.errors import InputError, Problem
from monitor.feeds.pacing import Pace
from monitor.fetch import Client, HostGate, Limits, Wall
from monitor.files import Setup, keep_last_good, load
from monitor.matching import Matcher, compile_watchlists
from monitor.model import DeliveryState, Digest, Feed
from monitor.parsing import Cage, ParserPool
from monitor.pipeline import Observer, Poller, Silent, SweepReport, compose_due, fold
from monitor.pipeline.channels import open_channels
from monitor.store import Lock, Store

TICK_S = 20
#: A breath is drawn every tick; a longer pause means that nobody was watching.
LONGEST_PAUSE_S = 300
#: How long the first digest after a start waits for the first sweep.
FIRST_SWEEP_S = 90
#: How long a stop waits for requests in flight; systemd's own limit is longer.
STOP_S = 10
#: Lists that are matched against items; drafts and retired ones are not.
MATCHED = {"live", "test"}


@dataclass(frozen=True, slots=True)
class Round:
    """What one round of work came to."""

    sweep: SweepReport
    digests: list[Digest]
    dispatched: DispatchReport


class Service:
    """All doors opened and wired; use as an async context manager.

    Raises AlreadyRunning, SchemaTooNew, StoreError and InputError on entering.
    """

    def __init__(
        self,
        setup: Setup,
        *,
        clock: Clock | None = None,
        observer: Observer | None = None,
        longest_pause_s: float = LONGEST_PAUSE_S,
    ) -> None:
        self.setup = setup
        self._longest_pause_s = longest_pause_s
        self._clock = clock or SystemClock()
        self._observer = observer or Silent()
        self._doors = contextlib.AsyncExitStack()
        self._stopping = asyncio.Event()
        self._sweeps: set[asyncio.Task[SweepReport]] = set()
        self._desks: set[asyncio.Task[None]] = set()
        self._desk_lock = asyncio.Lock()
        self._fold_lock = asyncio.Lock()
        self._warm = False
        self.store: Store
        self._poller: Poller
        self._channels: dict[str, Channel]

    async def __aenter__(self) -> Self:
        try:
            await self._open()
        except BaseException:
            await self._doors.aclose()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._doors.aclose()

    async def _open(self) -> None:
        setup, settings = self.setup, self.setup.settings
        self._channels = open_channels(setup, self._clock)
        self._doors.enter_context(Lock(setup.database))
        self.store = Store.writer(setup.database)
        self._doors.callback(self.store.close)
        pool = ParserPool(
            settings.parser.workers,
            Cage(settings.parser.deadline, settings.parser.memory_mb * 1024 * 1024),
        )
        limits = Limits(total_s=settings.fetch.timeout)
        wall = Wall(settings.fetch.allow_private)
        client = Client(settings.fetch.contact, __version__, wall, limits)
        self._poller = Poller(
            self.store,
            await self._doors.enter_async_context(client),
            HostGate(settings.fetch.per_host, settings.fetch.host_gap),
            await self._doors.enter_async_context(pool),
            _matcher(setup),
            self._clock,
            self._observer,
            pace=_pace(setup),
            concurrency=settings.fetch.concurrency,
        )
        self._begin()

    def _begin(self) -> None:
        now = self._clock.now()
        self.store.feeds.sync(self.setup.feeds, now)
        self.store.upkeep.began(now)
        self.breathe()
        if interrupted := self.store.ledger.recover(now):
            what = f"{interrupted} deliveries were interrupted; they are sent again and say so"
            self._observer.incident(what)

    def reload(self) -> None:
        """Read settings, feeds and watchlists again; what does not load leaves all as it was.

        Takes effect at once for feeds, watchlists, channels and digests; what concerns the doors
        (``fetch:``, ``parser:``, ``database:``) wants a restart.
        """
        try:
            fresh = load(self.setup.path)
            channels = open_channels(fresh, self._clock)
        except InputError as error:
            self.complain(error.problems)
            return
        self.setup, self._channels = fresh, channels
        self._poller.watch_for(_matcher(fresh))
        self.store.feeds.sync(fresh.feeds, self._clock.now())
        self.complain(())
        self._observer.incident("the configuration was read again and is in force")

    def complain(self, problems: Sequence[Problem]) -> None:
        """Remember what did not load, for the log, the status and the next digest.

        Without problems the complaint ends, and what is in force is kept as the last good.
        """
        told = "; ".join(str(one) for one in problems)
        self.store.upkeep.remember("complaint", told)
        if told:
            self._observer.incident(f"not loaded, the last good version stays in force: {told}")
        else:
            keep_last_good(self.setup)

    def breathe(self) -> None:
        """Note that we watch; a hole since the last breath goes into the next digest."""
        hole = self.store.upkeep.breathe(self._clock.now(), self._longest_pause_s)
        if hole is not None:
            self._observer.incident(
                f"nobody was watching from {hole.start:%Y-%m-%d %H:%M} to {hole.end:%H:%M} UTC"
            )

    def due(self) -> list[Feed]:
        """Return the feeds whose time has come."""
        return self._poller.due(self.setup.feeds)

    async def poll(self, feeds: list[Feed] | None = None) -> SweepReport:
        """Poll ``feeds`` now, or those that are due."""
        chosen = self.due() if feeds is None else feeds
        report = await self._poller.sweep(chosen)
        await self._fold()
        return report

    async def _fold(self) -> None:
        async with self._fold_lock:
            await fold(self.store, self._clock.now(), self._observer)

    async def desk(self) -> tuple[list[Digest], DispatchReport]:
        """Fold, build what is due, send what is due. One at a time."""
        async with self._desk_lock:
            await self._fold()
            made = compose_due(self.setup, self.store, self._clock.now(), self._observer)
            report = await dispatch(
                self.store.ledger, self._channels, self._clock, stopping=self._stopping
            )
            self._report(report)
            return made, report

    async def once(self, feeds: list[Feed] | None = None) -> Round:
        """Poll what is due, send what is due, index what is new."""
        self.breathe()
        sweep = await self.poll(feeds)
        made, dispatched = await self.desk()
        while self.store.upkeep.index():
            pass
        return Round(sweep, made, dispatched)

    async def run(self) -> None:
        """Work until SIGTERM or SIGINT; returns when everything in flight has ended."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        loop.add_signal_handler(signal.SIGHUP, self.reload)
        scheduler = _scheduler()
        for work in (self._poll_tick, self._desk_tick, self._index_tick):
            scheduler.add_job(work, IntervalTrigger(seconds=TICK_S, timezone=UTC),
                              next_run_time=datetime.now(UTC))  # fmt: skip # noqa: TID251
        scheduler.add_listener(_log_failure, EVENT_JOB_ERROR)
        scheduler.start()
        try:
            await self._stopping.wait()
        finally:
            scheduler.shutdown(wait=False)
            await self._drain()

    async def _drain(self) -> None:
        """Give what is in flight a moment, then let go.

        What is not committed is fetched again; a send that is cut off stays *sending* in the ledger
        and goes again with a word that it may be a repeat.
        """
        left = [*self._sweeps, *self._desks]
        if left:
            await asyncio.wait(left, timeout=STOP_S)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _poll_tick(self) -> None:
        """Start a sweep and do not wait for it: a slow host must not hold up the rest."""
        self.breathe()
        chosen = [] if self._stopping.is_set() else self.due()
        if chosen:
            task = asyncio.create_task(self.poll(chosen))
            self._sweeps.add(task)
            task.add_done_callback(self._swept)

    def _swept(self, task: asyncio.Task[SweepReport]) -> None:
        self._sweeps.discard(task)
        _tell_failure(task, "a sweep failed")

    async def _desk_tick(self) -> None:
        """Start a round at the desk, if none is under way, as a task that a stop can wait for."""
        if not self._desks and not self._stopping.is_set():
            task = asyncio.create_task(self._desk_round())
            self._desks.add(task)
            task.add_done_callback(self._desk_done)

    async def _desk_round(self) -> None:
        """At the start the first sweep goes before: a late digest must hold what was missed."""
        if not self._warm:
            self._warm = True
            if self._sweeps:
                await asyncio.wait(self._sweeps, timeout=FIRST_SWEEP_S)
        if not self._stopping.is_set():
            await self.desk()

    def _desk_done(self, task: asyncio.Task[None]) -> None:
        self._desks.discard(task)
        _tell_failure(task, "a round at the desk failed")

    async def _index_tick(self) -> None:
        if not self._stopping.is_set():
            self.store.upkeep.index()

    def _report(self, report: DispatchReport) -> None:
        for one in report.outcomes:
            message = one.delivery.message
            self._observer.delivered(message.channel, message.name, one.state, one.error)
            if one.state is DeliveryState.DEAD:
                self._observer.incident(f"not delivered by {message.channel}: {one.error}")
        for problem in report.problems:
            self._observer.incident(problem)


def _matcher(setup: Setup) -> Matcher:
    return compile_watchlists([one for one in setup.watchlists if one.status in MATCHED])


def _pace(setup: Setup) -> Pace:
    polling = setup.settings.polling
    return Pace(
        floor_s=polling.floor, usual_s=polling.usual, fast_s=polling.fast, slow_s=polling.slow
    )


def _tell_failure(task: asyncio.Task[Any], what: str) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        logs.get().error(what, exc_info=error)


def _log_failure(event: Any) -> None:
    """A failed tick is a bug or a sick database: loud, and the next tick tries again."""
    logs.get().error("a tick failed", exc_info=event.exception)


def _scheduler() -> Any:
    return AsyncIOScheduler(
        timezone=UTC,
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
