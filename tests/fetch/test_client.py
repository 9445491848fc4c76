"""The client against servers that behave: what it sends, what it hands back."""

from __future__ import annotations

import asyncio
import re

import pytest

from monitor.errors import FetchError
from monitor.fetch import Client, Limits, Wall
from monitor.model.feeds import PollOutcome, Validators

NONE = Validators()


async def test_the_headers_of_a_first_request_are_these_and_no_others(client, serve, answering):
    """Product, version and contact are named; no referrer, cookie, language or query is added."""
    server = await serve(answering())
    await client.get(server.url + "?b=2&a=1", NONE)
    assert server.requests[0].startswith(b"GET /feed?b=2&a=1 HTTP/1.1\r\n")
    assert server.headers() == {
        "host": f"127.0.0.1:{server.port}".encode(),
        "user-agent": b"newsmonitor/9.9 (+mailto:desk@example.org)",
        "accept": server.headers()["accept"],
        "accept-encoding": b"gzip, deflate, br",
    }
    assert b"application/rss+xml" in server.headers()["accept"]


VALIDATORS = [
    ("strong tag with quotes", '"abc"', None),
    ("weak tag", 'W/"abc"', None),
    ("tag without quotes", "abc", None),
    ("tag of odd signs", '"a,b;c\\"--gzip"', None),
    ("tag with spaces inside", '"a  b"', None),
    ("tag in UTF-8", '"Ð¿Ñ\x83"', None),
    ("date alone", None, "Tue, 18 Nov 2025 07:28:00 GMT"),
    ("date that is none", None, "yesterday,  07:28 PM +0000 (local)"),
    ("both", '"x"', "0"),
]


@pytest.mark.parametrize(("why", "etag", "date"), VALIDATORS, ids=[row[0] for row in VALIDATORS])
async def test_validators_come_in_and_go_out_byte_for_byte(
    client, serve, answering, why, etag, date
):
    """What the server sent as ETag and Last-Modified is what it gets back, each byte of it."""
    sent = [
        f"{name}: {value}".encode("latin-1")
        for name, value in (("ETag", etag), ("Last-Modified", date))
        if value
    ]
    server = await serve(answering("200 OK", b"<rss/>", *sent), answering("304 Not Modified"))
    first = await client.get(server.url, NONE)
    assert (first.header("etag"), first.header("last-modified")) == (etag, date)
    await client.get(server.url, Validators(first.header("etag"), first.header("last-modified")))
    for name, value in (("if-none-match", etag), ("if-modified-since", date)):
        assert server.headers().get(name) == (value.encode("latin-1") if value else None)


UNSENDABLE = [
    ("NUL", '"a\x00"'),
    ("line break", '"a"\r\nX-Injected: 1'),
    ("beyond latin-1", '"пу"'),
]


@pytest.mark.parametrize(("why", "etag"), UNSENDABLE, ids=[row[0] for row in UNSENDABLE])
async def test_a_validator_that_cannot_go_out_unchanged_stays_at_home(
    client, serve, answering, why, etag
):
    """A changed validator would be a made-up one, so none is sent."""
    server = await serve(answering())
    await client.get(server.url, Validators(etag, None))
    assert "if-none-match" not in server.headers()
    assert b"Injected" not in server.requests[0]


async def test_a_304_is_an_answer_with_headers_and_no_body(client, serve):
    """A 304 brings its headers; nothing waits for a body, whatever length it names."""
    server = await serve(
        b'HTTP/1.1 304 Not Modified\r\nETag: "new"\r\nCache-Control: max-age=60\r\n'
        b"Content-Length: 999\r\n\r\n"
    )
    got = await client.get(server.url, Validators('"old"', None))
    assert (got.status, got.body, got.header("etag")) == (304, b"", '"new"')
    assert got.header("cache-control") == "max-age=60"
    assert (got.url, got.hops) == (server.url, ())
    assert 0 < got.elapsed_s < 5


async def test_only_headers_of_use_are_kept(client, serve, answering):
    """Names are lower-case, lists are joined, of single headers the first counts, the rest go."""
    server = await serve(
        answering(
            "200 OK", b"x",
            b"RETRY-AFTER: 120", b"Retry-After: 5", b"Cache-Control: private",
            b"cache-control: max-age=9", b"Set-Cookie: a=b", b"X-Powered-By: x",
            b"Content-Type: text/xml; charset=windows-1251", b"CF-Mitigated: challenge",
            b"Server: caf\xe9",
        )
    )  # fmt: skip
    got = await client.get(server.url, NONE)
    assert dict(got.headers) == {
        "retry-after": "120",
        "cache-control": "private, max-age=9",
        "content-type": "text/xml; charset=windows-1251",
        "cf-mitigated": "challenge",
        "server": "caf\xe9",
    }


@pytest.mark.parametrize("status", [200, 204, 206, 300, 400, 403, 404, 410, 429, 500, 503, 599])
async def test_every_status_is_an_answer(client, serve, answering, status):
    """No HTTP status is a fault of the fetch, and its body is kept."""
    body = b"" if status == 204 else b"<title>Just a moment...</title>"
    server = await serve(answering(f"{status} X", body))
    got = await client.get(server.url, NONE)
    assert (got.status, got.body) == (status, body)


async def test_no_cookie_is_ever_sent_back(client_with, serve, answering, name_server):
    """Neither a redirect nor an earlier answer makes the client carry a cookie."""
    cookie = b"Set-Cookie: id=1; Path=/"
    server = await serve(
        answering("302 Found", b"", cookie, b"Location: /next"),
        answering("200 OK", b"", cookie),
    )
    _, resolver = await name_server({"news.example": [["127.0.0.1"]]})
    client = await client_with(names=resolver)
    for _ in range(2):
        await client.get(f"http://news.example:{server.port}/feed", NONE)
    assert len(server.requests) == 3
    assert not any(b"cookie" in request.lower() for request in server.requests)


async def test_headers_are_the_same_on_every_request(client, serve, answering):
    """Nothing in the header set depends on the time, the hop or the request before."""
    server = await serve(
        answering("301 Moved Permanently", b"", b"Location: /next"), answering(), answering()
    )
    await client.get(server.url, Validators('"a"', None))
    await client.get(server.url, Validators('"a"', None))
    assert len({request.split(b"\r\n", 1)[1] for request in server.requests}) == 1


async def test_early_hints_are_passed_over(client, serve, answering):
    """An interim answer is not the answer."""
    server = await serve(
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + answering("200 OK", b"x")
    )
    got = await client.get(server.url, NONE)
    assert (got.status, got.body, got.header("link")) == (200, b"x", None)


@pytest.mark.parametrize("count", [120, 500])
async def test_hundreds_of_headers_are_borne(client, serve, answering, count):
    """Some newsrooms send more than a hundred headers; they are read all the same."""
    server = await serve(answering("200 OK", b"x", *(b"X-%d: y" % n for n in range(count))))
    assert (await client.get(server.url, NONE)).body == b"x"


async def test_a_body_without_length_ends_with_the_connection(client, serve):
    """The oldest way to send a body is still one."""
    server = await serve(b"HTTP/1.0 200 OK\r\n\r\n<rss/>")
    assert (await client.get(server.url, NONE)).body == b"<rss/>"


async def test_a_chunked_body_is_put_together(client, serve):
    """Chunks are transport, not content."""
    server = await serve(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n<rs\r\n3;x=y\r\ns/>\r\n0\r\n\r\n"
    )
    assert (await client.get(server.url, NONE)).body == b"<rss/>"


async def test_slow_neighbours_do_not_delay(client, serve, answering):
    """A feed that hangs leaves the others as quick as ever."""
    release = asyncio.Event()

    async def hang(reader, writer):
        await release.wait()

    slow, quick = await serve(hang), await serve(answering("200 OK", b"x"))
    hanging = [asyncio.create_task(client.get(slow.url, NONE)) for _ in range(60)]
    async with asyncio.timeout(3):
        assert (await client.get(quick.url, NONE)).body == b"x"
    release.set()
    await asyncio.gather(*hanging, return_exceptions=True)


async def test_an_international_name_and_a_spaced_path_go_over_the_wire_encoded(
    client_with, serve, answering, name_server
):
    """An address as people write it becomes one that servers understand."""
    server = await serve(answering())
    _, resolver = await name_server({"xn--e1afmkfd.example": [["127.0.0.1"]]})
    client = await client_with(names=resolver)
    await client.get(f"http://пример.example:{server.port}/а б", NONE)
    assert server.requests[0].startswith(b"GET /%D0%B0%20%D0%B1 HTTP/1.1")
    assert server.headers()["host"] == f"xn--e1afmkfd.example:{server.port}".encode()


BAD_ADDRESSES = [
    ("empty", ""),
    ("no scheme", "example.org/feed"),
    ("file", "file:///etc/passwd"),
    ("ftp", "ftp://127.0.0.1/feed"),
    ("no host", "http:///feed"),
    ("broken bracket", "http://[::1/feed"),
    ("port out of range", "http://127.0.0.1:99999/"),
    ("space in the host", "http://exa mple/"),
    ("password", "https://user:hunter2@127.0.0.1/feed"),
]


@pytest.mark.parametrize(("why", "url"), BAD_ADDRESSES, ids=[row[0] for row in BAD_ADDRESSES])
async def test_an_address_that_nobody_should_ask_is_refused(client, why, url):
    """Foreign schemes, junk and credentials end before any socket is made, without being shown."""
    with pytest.raises(FetchError) as caught:
        await client.get(url, NONE)
    assert caught.value.kind == PollOutcome.REFUSED
    assert "hunter2" not in str(caught.value)
    assert "feeds.yaml" in str(caught.value)


def test_the_contact_must_be_fit_for_a_header():
    """A contact that would break the header is refused before the first request."""
    with pytest.raises(ValueError, match=re.escape("fetch.contact")):
        Client("mailto:a@example.org\r\nX: y", "1", Wall(), Limits())


async def test_every_request_has_a_connection_of_its_own_that_is_closed_at_once(client, serve):
    """No server holds a connection for a reader that comes back in an hour."""
    ends: asyncio.Queue[tuple[int, bytes]] = asyncio.Queue()

    async def stay(reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await writer.drain()
        ends.put_nowait((writer.get_extra_info("peername")[1], await reader.read()))

    server = await serve(stay)
    assert [(await client.get(server.url, NONE)).body for _ in range(2)] == [b"ok", b"ok"]
    async with asyncio.timeout(2):
        (first, rest), (second, more) = await ends.get(), await ends.get()
    assert (first != second, rest, more) == (True, b"", b"")


async def test_a_request_that_is_given_up_leaves_nothing_behind(client, serve, answering):
    """A task that is cancelled closes its connection, and others go on."""
    asked, gone = asyncio.Event(), asyncio.Event()

    async def hang(reader, writer):
        asked.set()
        await reader.read()
        gone.set()

    slow, quick = await serve(hang), await serve(answering("200 OK", b"x"))
    task = asyncio.create_task(client.get(slow.url, NONE))
    await asked.wait()
    task.cancel()
    async with asyncio.timeout(2):
        await gone.wait()
    assert (await client.get(quick.url, NONE)).body == b"x"


async def test_a_proxy_of_the_environment_is_not_asked(client, serve, answering, monkeypatch):
    """What the wall has let through must be what is dialled."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1")
    server = await serve(answering("200 OK", b"x"))
    assert (await client.get(server.url, NONE)).body == b"x"
