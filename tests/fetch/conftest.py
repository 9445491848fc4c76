"""Loopback servers that send exactly the bytes they are told to, and clients that may reach them."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import ssl
import struct
import subprocess
from collections.abc import Awaitable, Callable
from ipaddress import ip_address, ip_network

import pytest

from monitor.fetch import Client, Limits, Wall
from monitor.fetch.names import Names

Reply = bytes | Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
LOOPBACK = (ip_network("127.0.0.0/8"),)


class Server:
    """Answers the n-th connection with the n-th reply, and every later one with the last."""

    def __init__(self, replies: tuple[Reply, ...]) -> None:
        self.replies = replies
        self.requests: list[bytes] = []
        self.tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.scheme = "http"

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/feed"

    def headers(self, index: int = -1) -> dict[str, bytes]:
        """Return the headers of a request as bytes by lower-case name."""
        lines = self.requests[index].split(b"\r\n")[1:-2]
        pairs = (line.split(b": ", 1) for line in lines)
        return {name.decode().lower(): value for name, value in pairs}

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.tasks.add(asyncio.current_task())
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self.reply(reader, writer)
        finally:
            writer.close()

    async def reply(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Note the request, and send what is due."""
        request = await reader.readuntil(b"\r\n\r\n")
        self.requests.append(request)
        reply = self.replies[min(len(self.requests), len(self.replies)) - 1]
        if isinstance(reply, bytes):
            writer.write(reply)
            await writer.drain()
        else:
            await reply(reader, writer)

    async def stop(self) -> None:
        """End every conversation that is still going on."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await asyncio.sleep(0)


@pytest.fixture
async def serve():
    """Return a function that starts a server with the given replies."""
    running: list[tuple[asyncio.Server, Server]] = []

    async def start(*replies: Reply, tls: ssl.SSLContext | None = None, address="127.0.0.1"):
        server = Server(replies)
        listening = await asyncio.start_server(server.handle, address, 0, ssl=tls)
        running.append((listening, server))
        server.port = listening.sockets[0].getsockname()[1]
        server.scheme = "https" if tls else "http"
        return server

    yield start
    for listening, server in running:
        listening.close()
        await server.stop()


@pytest.fixture
async def client_with():
    """Return a function that opens a client; by default it may dial 127.0.0.0/8 and nothing else."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(allow=LOOPBACK, limits: Limits | None = None, **options) -> Client:
            client = Client(
                "mailto:desk@example.org", "9.9", Wall(allow), limits or Limits(), **options
            )
            return await stack.enter_async_context(client)

        yield start


@pytest.fixture
async def client(client_with) -> Client:
    """Return an open client that may dial 127.0.0.0/8 and nothing else."""
    return await client_with()


def answer(status: str = "200 OK", body: bytes = b"", *headers: bytes) -> bytes:
    """Return the bytes of an answer with its right length."""
    head = [f"HTTP/1.1 {status}".encode(), b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


@pytest.fixture
def answering():
    """Return the function that writes an answer's bytes."""
    return answer


@pytest.fixture
def certificate(tmp_path):
    """Return (file, key) of a fresh self-signed certificate for 127.0.0.1."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed, so there is no certificate to test with")
    pem, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        [
            openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-nodes", "-days", "2", "-subj", "/CN=loopback", "-addext",
            "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(pem),
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return pem, key


@pytest.fixture
def tls_server_context(certificate) -> ssl.SSLContext:
    """Return the server's side of TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


@pytest.fixture
def reset():
    """Return a function that ends a connection with RST instead of FIN."""

    def abort(writer: asyncio.StreamWriter) -> None:
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    return abort


class NameServer(asyncio.DatagramProtocol):
    """A name server on loopback: the n-th question for a name gets the n-th answer, then the last.

    An answer is a list of addresses of either kind; a name that it does not know does not exist.
    """

    def __init__(self, names: dict[str, list[list[str]]]) -> None:
        self.names = names
        self.asked: list[str] = []

    def connection_made(self, transport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, peer) -> None:
        labels, at = [], 12
        while data[at]:
            labels.append(data[at + 1 : at + 1 + data[at]].decode())
            at += 1 + data[at]
        question = data[12 : at + 5]
        name = ".".join(labels).lower()
        kind = struct.unpack("!H", question[-4:-2])[0]
        addresses: list[bytes] = []
        if name in self.names:
            answers = self.names[name]
            version = {1: 4, 28: 6}.get(kind)
            now = answers[min(self.asked.count(name), len(answers) - 1)]
            addresses = [ip.packed for ip in map(ip_address, now) if ip.version == version]
        if kind == 1:
            self.asked.append(name)
        flags = 0x8180 | (0 if name in self.names else 3)
        head = data[:2] + struct.pack("!HHHHH", flags, 1, len(addresses), 0, 0)
        records = b"".join(
            b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 0, len(packed)) + packed
            for packed in addresses
        )
        self.transport.sendto(head + question + records, peer)


@pytest.fixture
async def name_server():
    """Return a function that starts a name server, and gives it with a resolver that asks it."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(names: dict[str, list[list[str]]]):
            loop = asyncio.get_running_loop()
            transport, server = await loop.create_datagram_endpoint(
                lambda: NameServer(names), local_addr=("127.0.0.1", 0)
            )
            stack.callback(transport.close)
            port = transport.get_extra_info("sockname")[1]
            resolver = Names(nameservers=["127.0.0.1"], udp_port=port, tries=1, timeout=1)
            stack.push_async_callback(resolver.close)
            return server, resolver

        yield start
