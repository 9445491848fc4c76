"""All doors opened and wired: poll, fold, build, send, reload; one round of work at a time.

Nothing here waits for a clock: :mod:`monitor.daemon` says when, a command says once. The lock makes
this process the only writer of the database.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from monitor import __version__
from monitor.clock import Clock, SystemClock
from monitor.delivery import Channel, DispatchReport
from monitor.errors import DiskFull, InputError, Problem, StoreError
from monitor.feeds.pacing import Pace
from monitor.fetch import Client, HostGate, Limits, Wall
from monitor.files import Setup, keep_last_good, load
from monitor.model import DeliveryState, Digest, Feed
from monitor.parsing import Cage, ParserPool
from monitor.pipeline.alerts import compose_alerts
from monitor.pipeline.caretaker import Caretaker
from monitor.pipeline.channels import open_channels
from monitor.pipeline.chorus import Chorus
from monitor.pipeline.compose import compose_due
from monitor.pipeline.fold import Folder
from monitor.pipeline.lookout import Lookout
from monitor.pipeline.notices import deliver
from monitor.pipeline.observer import Observer, Silent
from monitor.pipeline.poll import Poller, SweepReport
from monitor.pipeline.requests import absorb
from monitor.store import Lock, Reserve, Store
from monitor.times import stamp

#: A breath is drawn every tick; a longer pause means that nobody was watching.
LONGEST_PAUSE_S = 300


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
        self.clock = clock or SystemClock()
        self.observer = Chorus(observer or Silent())
        #: Once set, nothing more is begun.
        self.stopping = asyncio.Event()
        #: Set when a round failed at the desk: what it was sending is taken up by the next.
        self.interrupted = False
        self._longest_pause_s = longest_pause_s
        self._doors = contextlib.AsyncExitStack()
        self._desk_lock = asyncio.Lock()
        self._fold_lock = asyncio.Lock()
        self.store: Store
        self.caretaker: Caretaker
        self._folder: Folder
        self._poller: Poller
        self.lookout = Lookout(setup.watchlists)
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
        self._channels = open_channels(setup, self.clock)
        self._doors.enter_context(Lock(setup.database))
        self._doors.push_async_callback(self.lookout.aclose)
        self.lookout.begin()
        reserve = Reserve(setup.database)
        self.store = _open_store(setup, reserve)
        self._doors.callback(self.store.close)
        tell = self.observer.incident
        self.caretaker = Caretaker(self.store, setup, self.clock, tell, reserve)
        self._folder = Folder(self.store, _windows(setup))
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
            self.lookout,
            self.clock,
            self.observer,
            pace=_pace(setup),
            concurrency=settings.fetch.concurrency,
        )
        try:
            self._begin()
        except DiskFull as error:  # what is open and needs no step of the tables is written to here
            self.caretaker.disk_is_full(str(error))
            self._begin()

    def _begin(self) -> None:
        now = self.clock.now()
        self.store.feeds.sync(self.setup.feeds, now)
        self.store.upkeep.began(now)
        self.breathe()
        self._take_up(now)

    def _take_up(self, now: datetime) -> None:
        """Take up what was being sent when we, or the database, went away."""
        channels = self.setup.settings.channels.items()
        hold = [name for name, one in channels if getattr(one, "on_uncertain", "") == "hold"]
        if interrupted := self.store.ledger.recover(now, hold):
            what = f"{interrupted} deliveries were interrupted; they are sent again and say so"
            what += ", or held where their channel wants that" if hold else ""
            self.observer.incident(what)

    async def reload(self) -> None:
        """Read settings, feeds and watchlists again; what does not load leaves all as it was.

        Takes effect at once for feeds, watchlists, channels and digests; what concerns the doors
        (``fetch:``, ``parser:``, ``database:``, ``http:``, ``heartbeat:``) wants a restart.
        """
        try:
            read = await asyncio.to_thread(load, self.setup.path)
            fresh = replace(read, database=self.setup.database)
            channels = open_channels(fresh, self.clock)
            self.store.feeds.sync(fresh.feeds, self.clock.now())
        except InputError as error:
            self.complain(error.problems)
            return
        except StoreError as error:
            self.observer.incident(f"the configuration was not read again: {error}")
            return
        self.setup = self.caretaker.setup = fresh
        self._channels = channels
        self.lookout.watch_for(fresh.watchlists)
        self._folder = Folder(self.store, _windows(fresh))
        self.complain(())
        self.observer.incident("the configuration was read again and is in force")

    def complain(self, problems: Sequence[Problem]) -> None:
        """Remember what did not load, for the log, the status and the next digest.

        Without problems the complaint ends, and what is in force is kept as the last good.
        """
        told = "; ".join(str(one) for one in problems)
        with contextlib.suppress(StoreError):  # a sick database is told of by every tick
            self.store.upkeep.remember("complaint", told)
        if told:
            self.observer.incident(f"not loaded, the last good version stays in force: {told}")
            return
        try:
            keep_last_good(self.setup)
        except OSError as error:
            self.observer.incident(f"no copy of the configuration was kept: {error.strerror}")

    def breathe(self) -> None:
        """Note that we watch; a hole since the last breath goes into the next digest."""
        hole = self.store.upkeep.breathe(self.clock.now(), self._longest_pause_s)
        if hole is not None:
            self.observer.incident(
                f"nobody was watching from {hole.start:%Y-%m-%d %H:%M} to {hole.end:%H:%M} UTC"
            )

    def due(self) -> list[Feed]:
        """Return the feeds whose time has come."""
        return self._poller.due(self.setup.feeds)

    async def poll(self, feeds: list[Feed] | None = None) -> SweepReport:
        """Poll ``feeds`` now, or those that are due."""
        chosen = self.due() if feeds is None else feeds
        report = await self._poller.sweep(chosen)
        self._tell_suspended()
        await self._fold()
        return report

    def _tell_suspended(self) -> None:
        """Say which patterns were too slow for an item, in the log and in the next digest."""
        matcher = self.lookout.at_hand
        if matcher is None or not matcher.suspended:
            return
        suspended = matcher.suspended
        told = "; ".join(
            f"the pattern {pattern} of {name} was left out of {times} items, as it took too long"
            for (name, pattern), times in sorted(suspended.items())
        )
        suspended.clear()
        self.observer.incident(told)
        with contextlib.suppress(StoreError):
            self.store.upkeep.remember("suspended", told)
            self.store.upkeep.remember("suspended_at", stamp(self.clock.now()))

    async def _fold(self) -> None:
        async with self._fold_lock:
            await self._folder.fold(self.clock.now(), self.observer)

    async def desk(self) -> tuple[list[Digest], DispatchReport]:
        """Fold, build what is due, send what is due. One at a time."""
        async with self._desk_lock:
            self.store.still_there()  # before a claim: a row written into a lost file tells nobody
            if self.interrupted:
                self._take_up(self.clock.now())
                self.interrupted = False
            absorb(self.setup, self.store, self.clock.now(), self.observer)
            await self._fold()
            compose_alerts(self.setup, self.store, self.clock.now(), self.observer)
            made = compose_due(self.setup, self.store, self.clock.now(), self.observer)
            report = await deliver(
                self.setup, self.store, self._channels, self.clock, self.stopping
            )
            self._report(report)
            return made, report

    async def send_waiting(self) -> DispatchReport:
        """Send what waits in the ledger; nothing is built."""
        async with self._desk_lock:
            report = await deliver(
                self.setup, self.store, self._channels, self.clock, self.stopping
            )
            self._report(report)
            return report

    async def once(self, feeds: list[Feed] | None = None) -> Round:
        """Poll what is due, send what is due, index what is new, keep the database in order."""
        self.breathe()
        self.caretaker.mind_the_disk()
        sweep = await self.poll([] if self.caretaker.paused else feeds)
        made, dispatched = await self.desk()
        waiting = 1
        while waiting:
            waiting = self.store.upkeep.index()
            await asyncio.sleep(0)  # others have their turn between two steps
        await self.caretaker.round()
        return Round(sweep, made, dispatched)

    def _report(self, report: DispatchReport) -> None:
        for one in report.outcomes:
            message = one.delivery.message
            self.observer.delivered(message.channel, message.name, one.state, one.error)
            if one.state is DeliveryState.DEAD:
                self.observer.incident(f"not delivered by {message.channel}: {one.error}")
            elif one.state is DeliveryState.UNCERTAIN:
                what = "nobody knows whether it arrived; 'newsmonitor digest deliveries' shows it"
                self.observer.incident(f"held by {message.channel}: {what}")
        for problem in report.problems:
            self.observer.incident(problem)


def _windows(setup: Setup) -> dict[str, timedelta]:
    """Return how long stories stay open, for the lists that say so."""
    return {one.name: timedelta(seconds=one.window_s) for one in setup.watchlists if one.window_s}


def _pace(setup: Setup) -> Pace:
    polling = setup.settings.polling
    return Pace(
        floor_s=polling.floor,
        usual_s=polling.usual,
        fast_s=polling.fast,
        slow_s=polling.slow,
        apart=frozenset(name.lower() for name in polling.hosts_apart),
    )


def _open_store(setup: Setup, reserve: Reserve) -> Store:
    """Open the database; on a full disk with the room that was kept back for it."""
    folder = setup.settings.backup.folder
    copies = setup.resolve(folder) if folder else None
    try:
        return Store.writer(setup.database, copies)
    except DiskFull:
        if not reserve.held:
            raise
        reserve.release()
        return Store.writer(setup.database, copies)
