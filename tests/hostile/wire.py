"""Loopback servers in a thread of their own, so that what they do costs the daemon's loop nothing."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Coroutine
from ipaddress import ip_address
from typing import Any, Self

_PIECE = 2**18
Reply = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]


class Wire:
    """Answers each path with the reply that stands for it, byte for byte, and 404 to any other."""

    def __init__(self, replies: dict[str, Reply], address: str = "127.0.0.1") -> None:
        self.address = address
        self.replies = replies
        self.asked: list[str] = []
        self.connections = 0
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def base(self) -> str:
        return f"http://{self.address}:{self.port}"

    def __enter__(self) -> Self:
        ready = threading.Event()

        def serve() -> None:
            asyncio.set_event_loop(self._loop)
            self._server = self._loop.run_until_complete(
                asyncio.start_server(self._handle, self.address, 0, limit=2**16)
            )
            self.port = self._server.sockets[0].getsockname()[1]
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
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        self._tasks.add(task)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._serve(reader, writer)
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        path = request.split(b" ", 2)[1].decode("latin-1")
        self.asked.append(path)
        reply = self.replies.get(path, answer("404 Not Found"))
        if isinstance(reply, bytes):
            for at in range(0, len(reply), _PIECE):
                writer.write(reply[at : at + _PIECE])
                await writer.drain()
            with contextlib.suppress(TimeoutError):  # an abrupt end may take the last bytes along
                await asyncio.wait_for(reader.read(1), 1)
        else:
            await reply(writer)


def answer(status: str = "200 OK", body: bytes = b"", **headers: str) -> bytes:
    """Return an answer with its right length; the connection ends with it."""
    named = {"Content-Type": "application/xml"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in named.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def forever(piece: bytes, every_s: float = 0.0, head: bytes = b"") -> Reply:
    """Return a reply that begins with ``head`` and never ends."""

    async def reply(writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(every_s)

    return reply


def torn(head: bytes) -> Reply:
    """Return a reply that ends with RST behind ``head``."""

    async def reply(writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        await writer.drain()
        await asyncio.sleep(0.05)
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    return reply


Says = list[str] | str


class NameServer(asyncio.DatagramProtocol):
    """A name server on loopback.

    The n-th question for a name gets the n-th answer, then the last: addresses of either kind,
    ``servfail``, ``silence``, or another name that it stands for, with that name's addresses.
    """

    def __init__(self, names: dict[str, list[Says]]) -> None:
        self.names = names
        self.asked: list[str] = []

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, peer: Any) -> None:
        name, question = _question(data)
        kind = struct.unpack("!H", question[-4:-2])[0]
        told = self.names.get(name, ["unknown"])
        says = told[min(self.asked.count(name), len(told) - 1)]
        if kind == 1:
            self.asked.append(name)
        if says == "silence":
            return
        code = {"servfail": 2, "unknown": 3}.get(says, 0) if isinstance(says, str) else 0
        records = [] if code else _records(kind, says)
        head = data[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, len(records), 0, 0)
        self.transport.sendto(head + question + b"".join(records), peer)


def _question(data: bytes) -> tuple[str, bytes]:
    labels, at = [], 12
    while data[at]:
        labels.append(data[at + 1 : at + 1 + data[at]].decode())
        at += 1 + data[at]
    return ".".join(labels).lower(), data[12 : at + 5]


def _records(kind: int, says: Says) -> list[bytes]:
    here, records = b"\xc0\x0c", []
    if isinstance(says, str):
        target = b"".join(bytes([len(one)]) + one.encode() for one in says.split(".")) + b"\0"
        records.append(here + struct.pack("!HHIH", 5, 1, 0, len(target)) + target)
        here, says = target, ["127.0.0.1", "::1"]
    version = {1: 4, 28: 6}.get(kind)
    packed = [ip.packed for ip in map(ip_address, says) if ip.version == version]
    return records + [here + struct.pack("!HHIH", kind, 1, 0, len(one)) + one for one in packed]


async def as_long_as(work: Coroutine[Any, Any, Any]) -> list[float]:
    """Run ``work`` and return the pauses of the loop meanwhile, in seconds beyond a tick of 10 ms."""
    task, pauses = asyncio.ensure_future(work), []
    loop = asyncio.get_running_loop()
    while not task.done():
        before = loop.time()
        await asyncio.sleep(0.01)
        pauses.append(loop.time() - before - 0.01)
    task.result()
    return pauses
