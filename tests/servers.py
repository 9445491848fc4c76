"""A loopback feed server for tests: honest by default, scripted where a test wants trouble."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from html import escape
from typing import Self

from aiohttp import web


@dataclass
class Shown:
    """One entry as the server shows it."""

    title: str
    guid: str = ""
    link: str = ""
    text: str = ""
    more: str = ""


def rss(entries: list[Shown], ttl: int = 0) -> bytes:
    """Return an RSS 2.0 document."""
    items = "".join(
        f"<item><title>{escape(e.title)}</title><guid isPermaLink='false'>{escape(e.guid or e.title)}</guid>"
        f"<link>{escape(e.link or f'https://news.example/{e.guid or e.title}')}</link>"
        f"<description>{escape(e.text)}</description>{e.more}</item>"
        for e in entries
    )
    head = f"<ttl>{ttl}</ttl>" if ttl else ""
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>T</title>{head}{items}</channel></rss>'.encode()


@dataclass
class Asked:
    """One request as it came."""

    path: str
    headers: dict[str, str]


Special = Callable[[web.Request], web.Response]


@dataclass
class FeedServer:
    """Serves ``documents`` by path with a strong ETag; ``specials`` answer instead."""

    documents: dict[str, bytes] = field(default_factory=dict)
    specials: dict[str, Special] = field(default_factory=dict)
    answers: dict[str, Callable[[web.Request], Awaitable[web.Response]]] = field(
        default_factory=dict
    )
    asked: list[Asked] = field(default_factory=list)
    base: str = ""

    def show(self, path: str, *entries: Shown) -> None:
        self.documents[path] = rss(list(entries))

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(Asked(request.path, dict(request.headers)))
        if slow := self.answers.get(request.path):
            return await slow(request)
        if special := self.specials.get(request.path):
            return special(request)
        body = self.documents.get(request.path)
        if body is None:
            return web.Response(status=404)
        tag = f'"{hashlib.sha256(body).hexdigest()[:12]}"'
        headers = {"ETag": tag, "Content-Type": "application/rss+xml"}
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, headers=headers)

    def count(self, *, conditional: bool | None = None) -> int:
        wanted = [
            one for one in self.asked
            if conditional is None or ("If-None-Match" in one.headers) is conditional
        ]  # fmt: skip
        return len(wanted)

    async def start(self) -> web.AppRunner:
        application = web.Application()
        application.router.add_get("/{path:.*}", self.answer)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner


class ThreadedFeedServer(FeedServer):
    """The same server in a thread of its own, for commands that run in other processes."""

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()

        def serve() -> None:
            asyncio.set_event_loop(self._loop)
            self._runner = self._loop.run_until_complete(self.start())
            ready.set()
            self._loop.run_forever()

        self._thread = threading.Thread(target=serve, daemon=True)
        self._thread.start()
        ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _end(self) -> None:
        """Close the server and let go of answers that a test has left hanging."""
        await self._runner.cleanup()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
