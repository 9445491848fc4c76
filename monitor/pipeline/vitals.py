"""The signs of life of a running daemon: systemd's watchdog and status, metrics, health, heartbeat.

The watchdog is fed from the loop itself and only while :class:`Pulse` finds that the work moves, so
a loop that is stuck and polls that stand still both end in a restart. The heartbeat goes out only
while no alarm stands, so that its silence reaches a person even when this machine is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Self
from zoneinfo import ZoneInfo

from monitor.clock import Clock
from monitor.errors import InputError, MonitorError, Problem
from monitor.files import Setup, secret
from monitor.heartbeat import Heartbeat
from monitor.metrics import CONTENT_TYPE, Metrics
from monitor.model import Standing
from monitor.pipeline.pulse import Pulse
from monitor.pipeline.standing import standing, status_line
from monitor.sdnotify import Notifier, watchdog_s
from monitor.serving import HealthServer, Pages
from monitor.store import Reserve, Store

#: How often the loop is felt, at the latest; systemd may want it more often.
_BEAT_S = 5.0
_LOOK_S = 20.0
#: Scrapes within this many seconds are answered from one look.
_FRESH_S = 10.0


class Vitals:
    """Shows how the daemon stands; use as an async context manager around its work.

    Raises InputError on entering: C010 for an address that cannot be listened on, S001 and S002
    for a heartbeat that has no address.
    """

    def __init__(
        self,
        store: Store,
        setup: Setup,
        clock: Clock,
        metrics: Metrics,
        pulse: Pulse,
        *,
        tell: Callable[[str], None],
        environment: Mapping[str, str],
    ) -> None:
        self.setup = setup
        self._store = store
        self._clock = clock
        self._metrics = metrics
        self._pulse = pulse
        self._tell = tell
        self.notifier = Notifier.of(environment)
        self._watchdog_s = watchdog_s(environment)
        self._reserve = Reserve(setup.database)
        self.server: HealthServer | None = None
        self._doors = contextlib.AsyncExitStack()
        self._told: Standing | None = None
        self._looked = float("-inf")
        self._trouble = ""
        self._lag_s = 0.0
        self._mute = False

    async def __aenter__(self) -> Self:
        try:
            heartbeat = _heartbeat(self.setup)
            await self._serve()
        except BaseException:
            await self._doors.aclose()
            raise
        self._doors.callback(self.notifier.close)
        for work in (self._beat(), self._watch(), self._call(heartbeat)):
            self._doors.push_async_callback(_end, asyncio.create_task(work))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.notifier.stopping()
        await self._doors.aclose()

    def ready(self) -> None:
        """Say that the service works: the database is open and migrated, the settings are in force.

        From here on the watchdog is fed.
        """
        self.notifier.ready()
        self._say()

    def reloading(self) -> None:
        self.notifier.reloading()

    async def _serve(self) -> None:
        listen = self.setup.settings.http.listen
        if not listen:
            return
        pages = Pages(self._pulse.stalled, self._unready, self._figures, CONTENT_TYPE)
        try:
            self.server = await self._doors.enter_async_context(HealthServer(listen, pages))
        except OSError as error:
            what = f"http.listen: {listen}: {error.strerror}"
            hint = "another program may listen there; name another port"
            raise InputError([Problem(str(self.setup.path), 1, "C010", what, hint)]) from error

    async def _beat(self) -> None:
        """Feel the loop, and feed the watchdog while the work moves."""
        rest = min(_BEAT_S, (self._watchdog_s or _BEAT_S * 4) / 4)
        while True:
            if stalled := self._pulse.stalled():
                self._complain(f"stalled, and the watchdog is not fed: {'; '.join(stalled)}")
            else:
                self._mute = False
                self.notifier.alive()
            begun = time.monotonic()
            await asyncio.sleep(rest)
            self._lag_s = max(self._lag_s, time.monotonic() - begun - rest)

    def _complain(self, what: str) -> None:
        """Tell once, until it is over."""
        if not self._mute:
            self._mute = True
            self._tell(what)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_S)
            self._say()

    def _say(self) -> None:
        """Show the state to systemd and in the figures."""
        told = self.look()
        if told is None:
            self.notifier.status(f"the database cannot be read: {self._trouble}")
            return
        zones = [plan.zone for plan in self.setup.settings.digests.values()]
        self.notifier.status(status_line(told, zones[0] if zones else ZoneInfo("UTC")))

    def look(self) -> Standing | None:
        """Return how the service stands, at most some seconds old; None without a database."""
        if time.monotonic() - self._looked > _FRESH_S:
            self._looked = time.monotonic()
            try:
                self._told, self._trouble = standing(self._store, self.setup, self._clock.now()), ""
                self._metrics.show(self._told)
            except MonitorError as error:
                self._told, self._trouble = None, str(error)
        return self._told

    def _unready(self) -> Sequence[str]:
        told = self.look()
        if told is None:
            return [f"the database cannot be read: {self._trouble}"]
        return [*self._pulse.stalled(), *told.alarms]

    def _figures(self) -> bytes:
        self.look()
        lag, self._lag_s = self._lag_s, 0.0
        self._metrics.measured(lag_s=lag, size=self._reserve.used(), free=self._reserve.free())
        return self._metrics.text()

    async def _call(self, heartbeat: Heartbeat | None) -> None:
        """Call the heartbeat's address while no alarm stands."""
        if heartbeat is None:
            return
        every = self.setup.settings.heartbeat.every
        while True:
            if not self._unready() and (trouble := await heartbeat.beat()):
                self._tell(f"the heartbeat was not heard: {trouble}")
            await asyncio.sleep(every)


def _heartbeat(setup: Setup) -> Heartbeat | None:
    wanted = setup.settings.heartbeat
    if not wanted.url_file and not wanted.url_env:
        return None
    address = secret(setup, "the heartbeat's address", file=wanted.url_file, env=wanted.url_env)
    try:
        return Heartbeat(address)
    except ValueError as error:
        problem = Problem(str(setup.path), 1, "C011", f"the heartbeat's address {error}")
        raise InputError([problem]) from None


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
