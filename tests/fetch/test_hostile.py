"""Servers that mean harm or know no better: each fetch ends, in bounded time and memory."""

from __future__ import annotations

import asyncio
import errno
import gzip
import os
import tracemalloc

import pytest

from monitor.errors import FetchError
from monitor.fetch import Limits
from monitor.fetch.names import Names
from monitor.model.feeds import PollOutcome, Validators

NONE = Validators()
SHORT = Limits(total_s=0.4, connect_s=0.3, error_body_s=0.2)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


async def fault(client, url) -> FetchError:
    """Return the error of a fetch that must fail."""
    with pytest.raises(FetchError) as caught:
        await client.get(url, NONE)
    return caught.value


def forever(piece: bytes, every_s: float = 0.0, head: bytes = b""):
    """Return a reply that never ends."""

    async def reply(reader, writer):
        writer.write(head)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(every_s)

    return reply


async def silence(reader, writer):
    """Answer nothing, and hang up when the client does."""
    await reader.read()


LATE = [
    ("no byte at all", silence),
    ("a byte of the body now and then", forever(b"x", 0.05, b"HTTP/1.1 200 OK\r\n\r\n")),
    ("a byte of a header now and then", forever(b"x", 0.05, b"HTTP/1.1 200 OK\r\nX: ")),
    ("a header now and then", forever(b"X: y\r\n", 0.05, b"HTTP/1.1 200 OK\r\n")),
    ("interim answers only", forever(b"HTTP/1.1 100 Continue\r\n\r\n", 0.05)),
    ("a promised body that does not come", forever(b"", 0.05, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")),
    ("a chunk of nothing now and then", forever(b"1\r\nx\r\n", 0.05, CHUNKED)),
]  # fmt: skip


@pytest.mark.parametrize(("why", "reply"), LATE, ids=[row[0] for row in LATE])
async def test_the_total_deadline_ends_every_kind_of_waiting(client_with, serve, why, reply):
    """However the time is wasted, the fetch ends at its deadline and says so."""
    server = await serve(reply)
    client = await client_with(limits=SHORT)
    async with asyncio.timeout(2):
        error = await fault(client, server.url)
    assert error.kind == PollOutcome.TIMEOUT
    assert str(error) == "127.0.0.1: no whole answer in 0.4 s"


FLOODS = [
    ("headers without end", forever(b"X-Y: z\r\n" * 99, 0, b"HTTP/1.1 200 OK\r\n"), PollOutcome.CONNECT),
    ("one header without end", forever(b"x" * 9_999, 0, b"HTTP/1.1 200 OK\r\nX: "), PollOutcome.CONNECT),
    ("a status line without end", forever(b"x" * 9_999, 0, b"HTTP/1.1 200 "), PollOutcome.CONNECT),
    ("a body without end", forever(b"x" * 65_536, 0, b"HTTP/1.1 200 OK\r\n\r\n"), PollOutcome.TOO_LARGE),
    ("chunks without end", forever(b"2000\r\n" + b"x" * 8_192 + b"\r\n", 0, CHUNKED), PollOutcome.TOO_LARGE),
    ("a huge promised length", forever(b"", 1, b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n"), PollOutcome.TOO_LARGE),
    ("chunk extensions without end", forever(b";x=y" * 999, 0, CHUNKED + b"1"), PollOutcome.TIMEOUT),
    ("trailers without end", forever(b"X: y\r\n" * 99, 0, CHUNKED + b"0\r\n"), PollOutcome.CONNECT),
]  # fmt: skip


@pytest.mark.parametrize(("why", "reply", "kind"), FLOODS, ids=[row[0] for row in FLOODS])
async def test_a_flood_ends_within_bounds(client_with, serve, why, reply, kind):
    """Endless data ends in an error while the memory stays small."""
    server = await serve(reply)
    client = await client_with(limits=Limits(total_s=0.8, body_bytes=2**20))
    tracemalloc.start()
    try:
        error = await fault(client, server.url)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert error.kind == kind
    assert peak < 24 * 2**20


async def test_a_stream_that_unfolds_to_nothing_ends_too(client_with, serve):
    """The bytes on the wire are bounded as well, for those that decode to none."""
    body = gzip.compress(b"")[:10] + b"\x00\x00\x00\xff\xff" * 100_000 + b"\x03\x00" + bytes(8)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
    client = await client_with(limits=Limits(body_bytes=100_000))
    server = await serve(head + body)
    assert (await fault(client, server.url)).kind == PollOutcome.TOO_LARGE


@pytest.mark.parametrize("status", ["403 Forbidden", "429 Too Many Requests", "503 Busy"])
@pytest.mark.parametrize(
    "reply",
    [
        forever(b"x" * 65_536, 0, b"HTTP/1.1 STATUS\r\nRetry-After: 9\r\n\r\n<title>"),
        forever(b"x", 0.05, b"HTTP/1.1 STATUS\r\nRetry-After: 9\r\n\r\n<title>"),
        forever(b"", 0.05, b"HTTP/1.1 STATUS\r\nRetry-After: 9\r\nContent-Length: 99\r\n\r\n<title>"),
    ],
    ids=["endless", "dripping", "stalled"],
)  # fmt: skip
async def test_the_status_of_an_error_page_outweighs_its_body(client_with, serve, status, reply):
    """Of an error page only the beginning is needed, and no trick with it hides the status."""

    async def with_status(reader, writer):
        write = writer.write
        writer.write = lambda data: write(data.replace(b"STATUS", status.encode()))
        await reply(reader, writer)

    server = await serve(with_status)
    client = await client_with(limits=Limits(total_s=3, error_body_s=0.2, error_body_bytes=9_000))
    got = await client.get(server.url, NONE)
    assert (got.status, got.header("retry-after")) == (int(status[:3]), "9")
    assert got.body.startswith(b"<title>")
    assert len(got.body) <= 9_000


CUT = [
    ("shorter than its length", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<rss>"),
    ("no last chunk", CHUNKED + b"5\r\n<rss>\r\n"),
    ("inside a chunk", CHUNKED + b"9\r\n<rss>"),
]


@pytest.mark.parametrize(("why", "reply"), CUT, ids=[row[0] for row in CUT])
async def test_a_body_cut_short_is_an_error(client, serve, why, reply):
    """Half a feed is never taken for a whole one."""
    server = await serve(reply)
    error = await fault(client, server.url)
    assert (error.kind, str(error)) == (
        PollOutcome.CONNECT,
        "127.0.0.1: the answer was cut short at 5 bytes",
    )


async def test_a_reset_in_the_body_is_an_error(client, serve, reset):
    """A connection torn down is never taken for an end."""

    async def tear(reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n<rss>")
        await writer.drain()
        await asyncio.sleep(0.05)
        reset(writer)

    server = await serve(tear)
    error = await fault(client, server.url)
    assert error.kind == PollOutcome.CONNECT
    assert "cut short" in str(error)


async def test_a_reset_behind_a_whole_body_is_none(client, serve, reset):
    """Some servers tear the connection down after the last byte; the body is whole all the same."""

    async def tear(reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<rss/>")
        await writer.drain()
        await asyncio.sleep(0.05)
        reset(writer)

    server = await serve(tear)
    assert (await client.get(server.url, NONE)).body == b"<rss/>"


async def test_a_body_longer_than_its_length_ends_there(client, serve):
    """What comes after the promised length is not part of the answer."""
    server = await serve(
        b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<rss/>HTTP/1.1 500 X\r\n\r\n"
    )
    assert (await client.get(server.url, NONE)).body == b"<rss/>"


NO_HTTP = [
    ("nothing", b""),
    ("another protocol", b"SSH-2.0-OpenSSH_9.6\r\n"),
    ("random bytes", bytes(range(256)) * 4),
    ("a body alone", b"<rss></rss>"),
    ("half a head", b"HTTP/1.1 200 OK\r\nContent-"),
    ("a status of letters", b"HTTP/1.1 abc OK\r\n\r\n"),
    ("a length of letters", b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nx"),
    ("two lengths", b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy"),
    ("a chunk size of letters", CHUNKED + b"zz\r\nx\r\n"),
]


@pytest.mark.parametrize(("why", "reply"), NO_HTTP, ids=[row[0] for row in NO_HTTP])
async def test_what_is_no_http_is_a_fault_of_the_connection(client, serve, why, reply):
    """Garbage is named as such, and asked for only once."""
    server = await serve(reply)
    assert (await fault(client, server.url)).kind == PollOutcome.CONNECT
    assert len(server.requests) == 1


async def test_a_reset_without_an_answer_is_not_asked_again(client, serve, reset):
    """A server that hangs up gets no second request; the next poll is soon enough."""

    async def tear(reader, writer):
        reset(writer)

    server = await serve(tear)
    assert (await fault(client, server.url)).kind == PollOutcome.CONNECT
    assert len(server.requests) == 1


async def test_a_closed_port(client, serve):
    """A refused connection names the host and the system's reason, and never the query."""
    import socket

    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        error = await fault(client, f"http://127.0.0.1:{port}/feed?key=hunter2")
    assert error.kind == PollOutcome.CONNECT
    assert str(error) == f"127.0.0.1: not connected ({os.strerror(errno.ECONNREFUSED)})"


async def test_a_name_that_does_not_exist(client_with, name_server):
    """A name nobody knows is a fault of DNS."""
    _, resolver = await name_server({})
    client = await client_with(names=resolver)
    error = await fault(client, "http://nowhere.example/feed")
    assert error.kind == PollOutcome.DNS
    assert str(error).startswith("nowhere.example: name not resolved (")


async def test_a_name_server_that_is_silent_takes_no_longer_than_a_connection_may(client_with):
    """A dead name server ends at the limit for connecting."""
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        resolver = Names(nameservers=["127.0.0.1"], udp_port=deaf.getsockname()[1], timeout=5)
        client = await client_with(limits=SHORT, names=resolver)
        async with asyncio.timeout(2):
            error = await fault(client, "http://slow.example/feed")
        await resolver.close()
    assert error.kind == PollOutcome.TIMEOUT
    assert "slow.example" in str(error)


NAMES = [
    ("a name of a private address", ["10.0.0.1"], "10.0.0.1 (private)"),
    ("a name of loopback", ["127.0.0.1"], "127.0.0.1 (loopback)"),
    ("two private addresses", ["10.0.0.1", "192.168.0.1"], "(private)"),
    ("two of both kinds", ["10.0.0.1", "fd00::1"], "network in fetch.allow_private"),
    ("cloud metadata by name", ["169.254.169.254"], "link-local"),
]


@pytest.mark.parametrize(("why", "addresses", "says"), NAMES, ids=[row[0] for row in NAMES])
async def test_a_public_name_is_no_way_into_a_private_network(
    client_with, name_server, why, addresses, says
):
    """The wall judges what the name leads to, not the name."""
    _, resolver = await name_server({"inside.example": [addresses]})
    client = await client_with(allow=(), names=resolver)
    error = await fault(client, "http://inside.example:1/feed")
    assert error.kind == PollOutcome.REFUSED
    assert says in str(error)
    assert str(error).startswith("inside.example: ")


async def test_a_mixed_name_reaches_only_its_open_address(
    client_with, serve, answering, name_server
):
    """Of several addresses the walled ones are passed over and an open one is used."""
    server = await serve(answering("200 OK", b"x"))
    _, resolver = await name_server({"mixed.example": [["10.0.0.1", "127.0.0.1"]]})
    client = await client_with(names=resolver)
    assert (await client.get(f"http://mixed.example:{server.port}/", NONE)).body == b"x"


async def test_a_name_that_changes_its_address_is_judged_again(
    client_with, serve, answering, name_server
):
    """A name that was open at the first dial and is private at the second is refused then."""
    server = await serve(answering("302 X", b"", b"Location: http://turning.example:1/"))
    names, resolver = await name_server({"turning.example": [["127.0.0.1"], ["10.0.0.1"]]})
    client = await client_with(names=resolver)
    error = await fault(client, f"http://turning.example:{server.port}/")
    assert names.asked == ["turning.example", "turning.example"]
    assert (error.kind, "10.0.0.1" in str(error)) == (PollOutcome.REFUSED, True)


async def test_a_certificate_that_nobody_signed_is_refused(
    client, serve, answering, tls_server_context
):
    """A self-signed certificate ends the fetch before a request is sent."""
    server = await serve(answering(), tls=tls_server_context)
    error = await fault(client, server.url)
    assert error.kind == PollOutcome.TLS
    assert "self-signed" in str(error) or "self signed" in str(error)
    assert server.requests == []


async def test_a_certificate_for_another_host_is_refused(
    client_with, serve, answering, tls_server_context, certificate, name_server
):
    """A trusted certificate for one host does not serve another."""
    server = await serve(answering(), tls=tls_server_context)
    _, resolver = await name_server({"other.example": [["127.0.0.1"]]})
    client = await client_with(authorities=certificate[0], names=resolver)
    error = await fault(client, f"https://other.example:{server.port}/")
    assert error.kind == PollOutcome.TLS
    assert "other.example" in str(error)


async def test_tls_asked_of_a_plain_server(client):
    """A server that does not speak TLS is a fault of TLS."""

    async def plain(reader, writer):
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    listening = await asyncio.start_server(plain, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    error = await fault(client, f"https://127.0.0.1:{port}/")
    listening.close()
    assert error.kind == PollOutcome.TLS


async def test_a_handshake_that_stalls_ends_at_the_limit_for_connecting(client_with):
    """A server that accepts and then says nothing under TLS does not take the whole deadline."""

    async def stall(reader, writer):
        await reader.read()
        writer.close()

    listening = await asyncio.start_server(stall, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    client = await client_with(limits=Limits(total_s=5, connect_s=0.3))
    async with asyncio.timeout(2):
        error = await fault(client, f"https://127.0.0.1:{port}/")
    listening.close()
    assert error.kind == PollOutcome.TIMEOUT
