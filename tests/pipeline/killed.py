"""A sender that is killed at a chosen moment of its life, and the servers that outlive it."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from aiohttp import web

from monitor.clock import SteppedClock
from monitor.delivery import (
    Channel,
    SlackChannel,
    SlackSettings,
    SmtpChannel,
    SmtpSettings,
    dispatch,
    holding,
)
from monitor.delivery.smtp import Security
from monitor.model import Message
from monitor.store import Store
from tests.delivery.servers import Inbox, smtp_server

NOW = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)
NEVER = 10**9

_context = multiprocessing.get_context("forkserver")
# What every life would import anew; this module itself cannot be named before Python 3.13 (gh-117378).
_context.set_forkserver_preload(
    ["monitor.delivery", "monitor.store", "aiosmtpd.smtp", "aiohttp.web", "pytest"]
)


@dataclass(frozen=True)
class Life:
    """One start of the sender; it kills itself before event number ``until``."""

    database: Path
    mail_port: int
    hook: str
    until: int = NEVER
    hold: bool = False


class Countdown:
    """Counts what the sender does (each statement, each begin and end of a send), and kills it."""

    def __init__(self, until: int) -> None:
        self.seen = 0
        self._until = until

    def __call__(self, _: object = None) -> None:
        if self.seen == self._until:
            os.kill(os.getpid(), signal.SIGKILL)
        self.seen += 1


class Counted:
    """A channel whose every send is two events."""

    def __init__(self, channel: Channel, tick: Countdown) -> None:
        self.name, self.holds = channel.name, channel.holds
        self._channel, self._tick = channel, tick

    async def send(self, message: Message, *, repeat: bool = False) -> None:
        self._tick()
        await self._channel.send(message, repeat=repeat)
        self._tick()


def live(life: Life, events: multiprocessing.Queue[int] | None = None) -> None:
    """Recover, then send what is due; as the daemon does it at a start."""
    tick, clock = Countdown(life.until), SteppedClock(NOW)
    store = Store.writer(life.database)
    store._db.raw.set_trace_callback(tick)
    opened: tuple[Channel, ...] = (
        SmtpChannel(SmtpSettings("desk", "127.0.0.1", "w@example.org", life.mail_port,
                                 Security.NONE, helo="c.example.org", holds=life.hold)),
        SlackChannel(SlackSettings("room", life.hook, allow_http=True, gap_s=0.0,
                                   holds=life.hold), clock),
    )  # fmt: skip
    channels = {one.name: Counted(one, tick) for one in opened}
    store.ledger.recover(clock.now(), holding(channels))
    asyncio.run(dispatch(store.ledger, channels, clock))
    if events is not None:
        events.put(tick.seen)
    store.close()


@dataclass
class Outside:
    """A mail server and a room in a thread of their own: they see every life of the sender."""

    inbox: Inbox = field(default_factory=Inbox)
    posts: list[bytes] = field(default_factory=list)
    hanging: bool = False  #: the room takes a post and says nothing
    victim: int | None = None  #: killed when the next body is here, before it is answered

    def __enter__(self) -> Self:
        self._ready, self._loop = threading.Event(), asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _serve(self) -> None:
        self._loop.run_until_complete(self._run())

    async def _run(self) -> None:
        self._stop = asyncio.Event()
        async with AsyncExitStack() as stack:
            keep = self.inbox.handle_DATA

            async def keep_and_kill(server, session, envelope):
                said = await keep(server, session, envelope)
                self._kill()
                return said

            self.inbox.handle_DATA = keep_and_kill  # type: ignore[method-assign]
            self.mail_port = await stack.enter_async_context(smtp_server(self.inbox))
            application = web.Application()
            application.router.add_post("/hook", self._take)
            runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.hook = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
            self._ready.set()
            await self._stop.wait()

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.posts.append(body)
        self._kill()
        if self.hanging:
            await asyncio.sleep(60)
        return web.Response(text="ok")

    def _kill(self) -> None:
        if self.victim is not None:
            os.kill(self.victim, signal.SIGKILL)
            self.victim = None

    def forget(self) -> None:
        self.inbox.received.clear()
        self.posts.clear()


def run(life: Life, outside: Outside | None = None) -> bool:
    """Run one life to its end; tell whether it was killed. With ``outside`` a server kills it."""
    process = _context.Process(target=live, args=(life,))
    process.start()
    if outside is not None:
        outside.victim = process.pid
    process.join(60)
    killed = process.exitcode == -signal.SIGKILL
    assert killed or process.exitcode == 0, f"the sender ended with {process.exitcode}"
    if outside is not None:
        outside.victim = None
    return killed


def events_of(life: Life) -> int:
    """Return how many events an undisturbed life has."""
    events: multiprocessing.Queue[int] = _context.Queue()
    process = _context.Process(target=live, args=(life, events))
    process.start()
    count = events.get(timeout=60)
    process.join(60)
    return count


def put(database: Path, freeze: Callable[[Store], None]) -> None:
    """Make a database with messages in it."""
    store = Store.writer(database)
    freeze(store)
    store.close()
