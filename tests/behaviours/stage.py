"""A loopback server and the real service on one clock, for the numbered behaviours of polling."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from aiohttp import web

from monitor.clock import SteppedClock
from monitor.daemon import Service
from monitor.feeds.health import Condition, condition
from monitor.files import load
from monitor.model import FeedState, PollRecord
from monitor.pipeline import Silent, SweepReport
from tests.desk import make_desk
from tests.servers import FeedServer, Shown, Special

HIT = Shown("Drones reach Russia", "hit", text="Shahed-136 drones were seen in Moscow.")
DULL = Shown("A quiet day", "dull")


class Ear(Silent):
    """Remembers what it hears."""

    def __init__(self) -> None:
        self.hits: list[str] = []
        self.incidents: list[str] = []

    def hit(self, feed, item, match) -> None:
        self.hits.append(item.title)

    def incident(self, what) -> None:
        self.incidents.append(what)


@dataclass
class Stage:
    """Everything that a behaviour needs."""

    folder: Path
    clock: SteppedClock
    server: FeedServer
    ear: Ear
    paths: tuple[str, ...]
    settings: str | None = None
    service: Service | None = None

    def later(self, **span: float) -> None:
        self.clock.set(self.clock.now() + timedelta(**span))

    def url(self, path: str = "/a") -> str:
        return path if "://" in path else self.server.base + path

    def state(self, path: str = "/a") -> FeedState:
        return self.service.store.feeds.state(self.url(path))

    def pause(self, path: str = "/a") -> float:
        """Return the seconds until the next poll, without jitter's tenth."""
        return (self.state(path).next_poll_at - self.clock.now()).total_seconds()

    def fares(self, path: str = "/a") -> Condition:
        return condition(self.state(path), self.clock.now())

    def record(self, path: str = "/a") -> PollRecord:
        return self.service.store.feeds.polls(self.url(path))[0]

    def titles(self) -> list[str]:
        return sorted(item.title for item in self.service.store.items.newest(1000))

    async def sweep(self, **span: float) -> SweepReport:
        """Let time pass and poll what is due."""
        self.later(**span)
        return await self.service.poll()

    async def at_next(self, path: str = "/a") -> PollRecord:
        """Go to the feed's next poll and poll."""
        self.clock.set(max(self.state(path).next_poll_at, self.clock.now()))
        await self.service.poll()
        return self.record(path)

    async def force(self) -> SweepReport:
        """Poll all feeds now, due or not."""
        return await self.service.poll(list(self.service.setup.feeds))

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Stage]:
        """Run the service until the block ends; open it again for a restart."""
        more = [self.settings] if self.settings else []
        config = make_desk(self.folder, [self.url(path) for path in self.paths], *more)
        async with Service(
            load(config), clock=self.clock, observer=self.ear, longest_pause_s=1e9
        ) as service:
            self.service = service
            yield self


@asynccontextmanager
async def stage(tmp_path, clock, paths=("/a",), settings=None) -> AsyncIterator[Stage]:
    """Start the server only; the service is opened by the test."""
    server = FeedServer()
    runner = await server.start()
    try:
        yield Stage(tmp_path, clock, server, Ear(), tuple(paths), settings)
    finally:
        await runner.cleanup()


@asynccontextmanager
async def playing(tmp_path, clock, paths=("/a",), settings=None) -> AsyncIterator[Stage]:
    """Start the server and the service."""
    async with stage(tmp_path, clock, paths, settings) as made, made.open():
        yield made


def plain(body: bytes, status: int = 200, **headers: str) -> Special:
    """Answer with these bytes, whatever the request says."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: web.Response(body=body, status=status, headers=named)


def in_turn(*answers: Special) -> Special:
    """Answer the n-th request with the n-th answer, and later ones with the last."""
    left: Iterator[Special] = iter(answers)
    now = [answers[0]]

    def answer(request: web.Request) -> web.Response:
        now[0] = next(left, now[0])
        return now[0](request)

    return answer


def moved(status: int, target: str) -> Special:
    return lambda _: web.Response(status=status, headers={"Location": target})
