"""The readers of the soak: a mail server, a room and a webhook that fail as real ones do.

What they were given whole is kept, also when the sender was never told so: these are the moments
from which a repeat must follow, and the only ones from which it may.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiosmtpd.smtp import SMTP

MAIL_FAULTS = ("451 to RCPT", "451 after DATA", "dropped after DATA", "550 to RCPT")
POST_FAULTS = ("429", "500", "hung up before", "hung up after taking it")


@dataclass
class Inboxes:
    """All three; ``share`` of what comes meets a fault."""

    dice: random.Random
    share: float = 0.35
    mails: list[tuple[str, bytes]] = field(default_factory=list)  #: recipient, message
    posts: list[bytes] = field(default_factory=list)  #: bodies for the room
    wires: list[tuple[str, bytes]] = field(default_factory=list)  #: Idempotency-Key, body
    struck: Counter[str] = field(default_factory=Counter)
    mail_port: int = 0
    hook: str = ""
    wire: str = ""
    _stack: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(self, hostname="mail.example.org", data_size_limit=2**22), "127.0.0.1", 0
        )
        await self._stack.enter_async_context(server)
        self.mail_port = server.sockets[0].getsockname()[1]
        application = web.Application(client_max_size=2**24)
        application.router.add_post("/hook", self._room)
        application.router.add_post("/wire", self._webhook)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self.hook, self.wire = f"{base}/hook", f"{base}/wire"

    async def close(self) -> None:
        await self._stack.aclose()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        session.fault = self._fault("mail", MAIL_FAULTS, (4, 3, 4, 1))
        if session.fault.endswith("to RCPT"):
            return f"{session.fault[:3]} not now"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if session.fault == "451 after DATA":
            return "451 try again later"
        self.mails.append((envelope.rcpt_tos[0], bytes(envelope.original_content)))
        if session.fault == "dropped after DATA":
            server.transport.abort()
        return "250 OK"

    async def _room(self, request: web.Request) -> web.Response:
        fault = self._fault("room", POST_FAULTS, (3, 3, 1, 3))
        body = await self._read(request, fault)
        if body is not None:
            self.posts.append(body)
        return self._say(request, fault)

    async def _webhook(self, request: web.Request) -> web.Response:
        fault = self._fault("webhook", POST_FAULTS, (3, 3, 1, 3))
        body = await self._read(request, fault)
        if body is not None:
            self.wires.append((request.headers.get("Idempotency-Key", ""), body))
        return self._say(request, fault)

    async def _read(self, request: web.Request, fault: str) -> bytes | None:
        """Return what is taken; nothing when the fault comes before that."""
        body = await request.read()
        return body if fault in {"", "hung up after taking it"} else None

    def _say(self, request: web.Request, fault: str) -> web.Response:
        if fault.startswith("hung up") and request.transport is not None:
            request.transport.abort()
        if fault == "429":
            return web.Response(status=429, headers={"Retry-After": "2"})
        return web.Response(status=500) if fault == "500" else web.Response(text="ok")

    def _fault(self, who: str, kinds: tuple[str, ...], weights: tuple[int, ...]) -> str:
        if self.dice.random() >= self.share:
            return ""
        kind = self.dice.choices(kinds, weights)[0]
        self.struck[f"{who}: {kind}"] += 1
        return kind
