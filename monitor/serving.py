"""A small server for this machine alone: is it alive, is it ready, what are its figures.

It answers what it is told to answer and decides nothing. It listens on loopback only, answers only
to names of this machine (so that no web page can ask by a rebound name), reads no body, and never
logs a request.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Self

from aiohttp import web

_STOP_S = 2.0


@dataclass(frozen=True, slots=True)
class Pages:
    """What is answered: reasons for not being well (none is well), and the figures' text."""

    ill: Callable[[], Sequence[str]]
    unready: Callable[[], Sequence[str]]
    figures: Callable[[], bytes]
    figures_type: str


class HealthServer:
    """Serves ``/healthz``, ``/readyz`` and ``/metrics``; use as an async context manager.

    Raises OSError when the address is taken.
    """

    def __init__(self, listen: str, pages: Pages) -> None:
        host, _, port = listen.rpartition(":")
        self._host, self._port = host.strip("[]"), int(port)
        self._pages = pages
        application = web.Application(middlewares=[_only_this_machine], client_max_size=1024)
        application.router.add_get("/healthz", self._health)
        application.router.add_get("/readyz", self._readiness)
        application.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(
            application, access_log=None, handle_signals=False, shutdown_timeout=_STOP_S
        )

    @property
    def port(self) -> int:
        """The port that was taken; the settings may say 0."""
        return int(self._runner.addresses[0][1])

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except BaseException:
            await self._runner.cleanup()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _health(self, _: web.Request) -> web.Response:
        return _answer("alive", self._pages.ill())

    async def _readiness(self, _: web.Request) -> web.Response:
        return _answer("ready", self._pages.unready())

    async def _metrics(self, _: web.Request) -> web.Response:
        headers = {"Content-Type": self._pages.figures_type}
        return web.Response(body=self._pages.figures(), headers=headers)


def _answer(word: str, reasons: Sequence[str]) -> web.Response:
    body = {word: not reasons, "reasons": list(reasons)}
    return web.Response(
        text=json.dumps(body, ensure_ascii=False),
        content_type="application/json",
        status=503 if reasons else 200,
    )


@web.middleware
async def _only_this_machine(request: web.Request, handler: object) -> web.StreamResponse:
    if not _is_ours(request.host):
        raise web.HTTPMisdirectedRequest(text="only for this machine")
    answer: web.StreamResponse = await handler(request)  # type: ignore[operator]
    return answer


def _is_ours(host: str) -> bool:
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    try:
        return ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return name == "localhost"
