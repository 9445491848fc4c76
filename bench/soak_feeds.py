"""The publishers of the soak: one HTTP server on several loopback addresses that can misbehave.

Each fault is laid before one request of one feed and happens once. Every request is kept with the
moment at which it came, what it carried and what it was told: from that the auditor judges
politeness.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from dataclasses import dataclass, field
from email.utils import formatdate

from aiohttp import web
from soak_clock import FakeClock
from soak_world import Source, World

#: Faults of one answer; what they are is said in :meth:`Publishers._misbehave`.
FAULTS = (
    "500 once", "503 with Retry-After", "429 with Retry-After", "hang", "answer cut off",
    "no feed but HTML", "document broken off", "403", "document that eats memory",
)  # fmt: skip


@dataclass
class Request:
    """One request and its answer."""

    path: str
    at: float  #: the machine's clock
    told: float  #: the daemon's clock at that moment
    conditional: bool
    status: int = 0
    wait_s: float = 0.0  #: what the answer asks for
    complete: bool = False
    blank: bool = False  #: a whole answer without validators: what was known is known no more
    settled: bool = False  #: came after the last fault


@dataclass
class Publishers:
    """Serves the world."""

    world: World
    clock: FakeClock
    requests: list[Request] = field(default_factory=list)
    laid: dict[str, str] = field(default_factory=dict)  #: feed → the fault of its next answer
    struck: Counter[str] = field(default_factory=Counter)
    settling: bool = False
    port: int = 0
    _runner: web.AppRunner | None = None
    _glutton: bytes = b""

    async def open(self) -> None:
        """Listen on every host of the world, from the second time on at the same port."""
        application = web.Application()
        application.router.add_get("/{path:.*}", self._answer)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        for host in sorted({source.host for source in self.world.sources}):
            await web.TCPSite(runner, host, self.port, reuse_address=True).start()
            self.port = self.port or runner.addresses[0][1]
        self._runner = runner

    async def close(self) -> None:
        """Close all sockets, as a machine that loses its network or restarts its server."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def is_open(self) -> bool:
        return self._runner is not None

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        source = next((s for s in self.world.sources if s.path == request.path), None)
        if source is None:
            return web.Response(status=404)
        told = request.headers.get("If-None-Match")
        asked = Request(
            source.path,
            self.clock.real(),
            self.clock.now(),
            conditional=bool(told or request.headers.get("If-Modified-Since")),
            settled=self.settling,
        )
        self.requests.append(asked)
        if told:
            revision = int(told.rstrip('"').rpartition("-")[2])
            source.acknowledged = max(source.acknowledged, revision)
        if fault := self.laid.pop(source.path, ""):
            self.struck[fault] += 1
            return await self._misbehave(fault, request, asked)
        return await self._behave(source, told, request, asked)

    async def _behave(
        self, source: Source, told: str | None, request: web.Request, asked: Request
    ) -> web.StreamResponse:
        revision = source.revision
        headers = {"ETag": source.tag, "Content-Type": "application/rss+xml"}
        if source.max_age:
            headers["Cache-Control"] = f"max-age={source.max_age}"
        if source.dated:
            headers["Last-Modified"] = formatdate(self.clock.start + revision, usegmt=True)
        fresh = told == source.tag
        asked.status, asked.wait_s = 304 if fresh else 200, float(source.max_age)
        body = b"" if fresh else source.document()
        answer = web.Response(status=asked.status, body=body, headers=headers)
        await answer.prepare(request)
        await answer.write_eof()
        asked.complete = request.transport is not None and not request.transport.is_closing()
        if asked.complete and self.settling:
            source.acknowledged = max(source.acknowledged, revision)
        return answer

    async def _misbehave(
        self, fault: str, request: web.Request, asked: Request
    ) -> web.StreamResponse:
        asked.status = {"5": 500, "4": 403}.get(fault[0], 200)
        if "Retry-After" in fault:
            asked.status, asked.wait_s = int(fault[:3]), 7.0
            return web.Response(status=asked.status, headers={"Retry-After": "7"})
        if asked.status != 200:
            return web.Response(status=asked.status)
        if fault == "hang":
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(20)
            return web.Response(status=504)
        if fault == "answer cut off":
            return await self._cut_off(request)
        body = {
            "no feed but HTML": b"<!doctype html><title>Maintenance</title><p>Back soon",
            "document broken off": self._source(request).document()[:-40],
        }.get(fault) or self._eats_memory()
        asked.blank = True
        return web.Response(body=body, headers={"Content-Type": "application/rss+xml"})

    async def _cut_off(self, request: web.Request) -> web.StreamResponse:
        body = self._source(request).document()
        answer = web.StreamResponse(headers={"Content-Length": str(len(body) + 1)})
        await answer.prepare(request)
        await answer.write(body[: len(body) // 2])
        if request.transport is not None:
            request.transport.abort()
        return answer

    def _source(self, request: web.Request) -> Source:
        return next(s for s in self.world.sources if s.path == request.path)

    def _eats_memory(self) -> bytes:
        """Return a document whose reading takes far more room than the document."""
        if not self._glutton:
            many = b"".join(b'<item><x%d y="1"/></item>' % n for n in range(300_000))
            self._glutton = b'<rss version="2.0"><channel><title>g</title>%s</channel></rss>' % many
        return self._glutton
