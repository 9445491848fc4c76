"""Transfers by themselves: what libcurl is told of a name holds for that one request."""

from __future__ import annotations

import asyncio

from monitor.fetch import Wall
from monitor.fetch.transfers import CODES, Request, Transfers
from tests.fetch.conftest import LOOPBACK


class Sink:
    """Takes all that comes."""

    def __init__(self) -> None:
        self.body = b""

    def head(self, _: bytes) -> None:
        return

    def body_piece(self, data: bytes) -> None:
        self.body += data


async def test_addresses_of_a_name_hold_for_one_request(serve, answering):
    """The next one is told anew, and may go elsewhere."""
    old, new = await serve(answering("200 OK", b"old")), await serve(answering("200 OK", b"new"))
    async with Transfers(Wall(LOOPBACK)) as transfers:

        async def ask(port: int, told: str) -> tuple[int, bytes]:
            sink = Sink()
            request = Request(
                f"http://moved.invalid:{port}/", (), 2, [f"moved.invalid:{port}:{told}"]
            )
            return (await transfers.run(request, sink)).code, sink.body

        assert await ask(old.port, "127.0.0.1") == (0, b"old")
        assert await ask(new.port, "127.0.0.1") == (0, b"new")
        code, body = await ask(old.port, "127.0.0.2")
        assert (code != 0, body) == (True, b"")  # nobody listens there


async def test_what_was_told_of_a_name_is_forgotten(serve, answering):
    """Else libcurl would hold on to it for good: asked without addresses, it finds its own."""
    server = await serve(answering("200 OK", b"here"))
    url = f"http://localhost:{server.port}/"
    async with Transfers(Wall(LOOPBACK)) as transfers:
        told = [f"localhost:{server.port}:127.0.0.2"]  # where nobody listens
        assert (await transfers.run(Request(url, (), 2, told), Sink())).code != 0
        sink = Sink()
        assert (await transfers.run(Request(url, (), 2), sink)).code == 0
        assert sink.body == b"here"


async def test_a_wait_of_one_transfer_does_not_hold_up_another(serve):
    """The one timer serves the earliest of all wishes, in whichever order they come."""
    server = await serve(b"")  # waits for a request, and so for ever where TLS is to begin
    url = server.url.replace("http:", "https:")
    loop = asyncio.get_running_loop()
    async with Transfers(Wall(LOOPBACK)) as transfers:
        slow = asyncio.ensure_future(transfers.run(Request(url, (), 30), Sink()))
        await asyncio.sleep(0.05)
        begun = loop.time()
        ended = await transfers.run(Request(url, (), 0.3), Sink())
        assert (ended.code, slow.done()) == (CODES.timed_out, False)
        assert 0.2 < loop.time() - begun < 1.5
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)
