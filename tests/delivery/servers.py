"""Loopback servers that behave, and that misbehave on demand."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, AuthResult

from monitor.model import Message

#: What a script may say instead of an answer.
DROP, HANG = b"drop", b"hang"
CANARY = "canary-7f3a9e51c0"


def mail_message(
    body: bytes = b"Subject: x\r\n\r\nhello\r\n", to: str = "a@example.org"
) -> Message:
    return Message("desk", to, 1, 1, "<id@example.org>", body, "message/rfc822")


class Inbox:
    """Keeps what a real SMTP server was given."""

    def __init__(self, refuse: Mapping[str, str] | None = None) -> None:
        self.received: list[tuple[str, list[str], bytes]] = []
        self.logins: list[tuple[str, str]] = []
        self.refuse = refuse or {}

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.received.append((envelope.mail_from, envelope.rcpt_tos, envelope.original_content))
        return "250 OK"

    def authenticate(self, server, session, envelope, mechanism, data) -> AuthResult:
        self.logins.append((mechanism, data.password.decode()))
        return AuthResult(success=data.password.decode() == CANARY, handled=False)


@asynccontextmanager
async def smtp_server(
    inbox: Inbox,
    tls: ssl.SSLContext | None = None,
    *,
    implicit: bool = False,
    limit: int = 2**20,
    login: bool = True,
) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()

    def factory() -> SMTP:
        return SMTP(
            inbox,
            hostname="double.example.org",
            data_size_limit=limit,
            tls_context=None if implicit else tls,
            require_starttls=tls is not None and not implicit,
            auth_require_tls=tls is not None and not implicit,
            authenticator=inbox.authenticate if login else None,
            auth_exclude_mechanism=None if login else ["PLAIN", "LOGIN"],
        )

    server = await loop.create_server(factory, "127.0.0.1", 0, ssl=tls if implicit else None)
    async with server:
        yield server.sockets[0].getsockname()[1]


@dataclass
class Script:
    """A mail server that answers by the verb; ``body`` is its word after the final dot."""

    answers: dict[str, bytes] = field(default_factory=dict)
    body: bytes = b"250 kept"
    greeting: bytes = b"220 here"
    bodies: list[bytes] = field(default_factory=list)
    verbs: list[str] = field(default_factory=list)
    has_body: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._say(writer, self.greeting)
            while line := await reader.readline():
                verb = line.split()[0].decode().upper()
                self.verbs.append(verb)
                default = b"354 go on" if verb == "DATA" else b"250 fine"
                answer = self.answers.get(verb, default)
                await self._say(writer, answer)
                if verb == "DATA" and answer.startswith(b"354"):
                    self.bodies.append(await reader.readuntil(b"\r\n.\r\n"))
                    self.has_body.set()
                    await self._say(writer, self.body)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _say(self, writer: asyncio.StreamWriter, answer: bytes) -> None:
        if answer == DROP:
            raise ConnectionResetError
        if answer == HANG:
            await asyncio.sleep(30)
        writer.write(answer + b"\r\n")
        await writer.drain()


@dataclass
class Raw:
    """An HTTP server that reads one request, writes ``answer`` as it is, and hangs up or hangs."""

    answer: bytes = b""
    hang: bool = False
    requests: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        lengths = [
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        ]
        self.requests.append(head + await reader.readexactly(sum(lengths)))
        writer.write(self.answer)
        if self.hang:
            await asyncio.sleep(30)
        writer.close()


@asynccontextmanager
async def tcp_server(double: Script | Raw) -> AsyncIterator[int]:
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with suppress(asyncio.CancelledError):
            await double.serve(reader, writer)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def closed_port() -> int:
    """Return a port of this machine where nobody listens."""
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port
