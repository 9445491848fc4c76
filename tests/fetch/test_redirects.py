"""Redirects: which are followed, which are refused, what is remembered of them."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from monitor.errors import FetchError
from monitor.fetch import Limits
from monitor.model.feeds import PollOutcome, Validators

NONE = Validators()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_each_kind_is_followed_and_recorded(client, serve, answering, status):
    """The answer tells who answered, and each hop with its status and full target."""
    server = await serve(
        answering(f"{status} X", b"gone", b"Location: ../new?x=1#frag"), answering("200 OK", b"y")
    )
    got = await client.get(server.url, Validators('"tag"', None))
    target = f"http://127.0.0.1:{server.port}/new?x=1"
    assert (got.url, got.body, got.hops) == (target, b"y", ((status, target),))
    assert server.headers()["if-none-match"] == b'"tag"'


async def test_to_another_host(client, serve, answering):
    """A hop to another server carries its own Host and nothing of the first."""
    other = await serve(answering("200 OK", b"y"))
    server = await serve(answering("301 X", b"", b"Location: " + other.url.encode()))
    got = await client.get(server.url, NONE)
    assert got.hops == ((301, other.url),)
    assert other.headers()["host"] == f"127.0.0.1:{other.port}".encode()
    assert "referer" not in other.headers()


async def test_a_target_in_raw_utf8_is_understood(client, serve, answering):
    """Many servers put letters into Location as they are."""
    server = await serve(
        answering("302 X", b"", "Location: /новости".encode()), answering("200 OK", b"y")
    )
    await client.get(server.url, NONE)
    assert server.requests[-1].startswith(b"GET /%D0%BD%D0%BE%D0%B2")


async def test_five_hops_are_followed(client, serve, answering):
    """A chain as long as the limit leads to an answer."""
    steps = [answering("302 X", b"", b"Location: /%d" % n) for n in range(5)]
    server = await serve(*steps, answering("200 OK", b"y"))
    got = await client.get(server.url, NONE)
    assert (got.body, len(got.hops)) == (b"y", 5)


async def test_the_sixth_hop_is_not(client, serve, answering):
    """A chain longer than the limit is an error, and the sixth target is never asked."""
    steps = [answering("302 X", b"", b"Location: /%d" % n) for n in range(9)]
    server = await serve(*steps)
    with pytest.raises(FetchError, match="more than 5 redirects") as caught:
        await client.get(server.url, NONE)
    assert caught.value.kind == PollOutcome.REDIRECT
    assert len(server.requests) == 6


@pytest.mark.parametrize("location", [b"/feed", b"", b"#x", b"?", b"./feed"])
async def test_a_circle_is_noticed_at_once(client, serve, answering, location):
    """A redirect to where we have been ends without a second round."""
    server = await serve(answering("302 X", b"", b"Location: " + location))
    with pytest.raises(FetchError, match="circle") as caught:
        await client.get(server.url, NONE)
    assert caught.value.kind == PollOutcome.REDIRECT
    assert len(server.requests) == 1


REFUSED = [
    ("a file", b"file:///etc/passwd", PollOutcome.REFUSED, "scheme 'file'"),
    ("ftp", b"ftp://127.0.0.1/x", PollOutcome.REFUSED, "scheme 'ftp'"),
    ("data", b"data:text/xml,<rss/>", PollOutcome.REFUSED, "scheme 'data'"),
    ("script", b"javascript:alert(1)", PollOutcome.REFUSED, "scheme 'javascript'"),
    ("a private address", b"http://10.0.0.1/", PollOutcome.REFUSED, "10.0.0.1 (private)"),
    ("cloud metadata", b"http://169.254.169.254/latest/", PollOutcome.REFUSED, "link-local"),
    ("IPv6 loopback", b"http://[::1]:1/", PollOutcome.REFUSED, "::1 (loopback)"),
    ("mapped address", b"http://[::ffff:10.0.0.1]/", PollOutcome.REFUSED, "(private)"),
    ("mapped address in hex", b"http://[::ffff:a00:1]/", PollOutcome.REFUSED, "(private)"),
    ("translated address", b"http://[64:ff9b::a00:1]/", PollOutcome.REFUSED, "(NAT64)"),
    ("all zeros", b"http://0.0.0.0:1/", PollOutcome.REFUSED, "(this host)"),
    ("circled digits", "http://①⓪.0.0.1/".encode(), PollOutcome.REFUSED, "10.0.0.1"),
    ("user name", b"http://me@127.0.0.1/", PollOutcome.REDIRECT, "user name"),
    ("junk", b"http://[::1", PollOutcome.REDIRECT, "cannot be read"),
    ("space in the host", b"http://exa mple/", PollOutcome.REDIRECT, "cannot be read"),
    ("far too long", b"http://127.0.0.1/" + b"a" * 5_000, PollOutcome.REDIRECT, "cannot be read"),
]


@pytest.mark.parametrize(("why", "location", "kind", "says"), REFUSED, ids=[r[0] for r in REFUSED])
async def test_where_no_redirect_may_lead(client, serve, answering, why, location, kind, says):
    """Each forbidden target is refused with its reason, and no second request is made here."""
    server = await serve(answering("302 X", b"", b"Location: " + location), answering())
    with pytest.raises(FetchError) as caught:
        await client.get(server.url, NONE)
    assert caught.value.kind == kind
    assert says in str(caught.value)
    assert str(caught.value).startswith("127.0.0.1")
    assert len(server.requests) == 1


NUMBERS = [
    "http://2130706433:{}/",
    "http://0x7f000001:{}/",
    "http://0177.0.0.1:{}/",
    "http://127.1:{}/",
]


@pytest.mark.parametrize("form", NUMBERS)
async def test_odd_spellings_of_loopback_reach_nothing(client_with, serve, answering, form):
    """Decimal, hexadecimal, octal and short addresses never reach this machine."""
    client = await client_with(allow=())
    server = await serve(answering())
    with pytest.raises(FetchError) as caught:
        await client.get(form.format(server.port), NONE)
    assert caught.value.kind in {PollOutcome.REFUSED, PollOutcome.DNS}
    assert server.requests == []


async def test_loopback_is_shut_unless_named(client_with, serve, answering):
    """Without allow_private not even 127.0.0.1 is reached; the message says how to open it."""
    client = await client_with(allow=())
    server = await serve(answering())
    with pytest.raises(FetchError, match="allow_private") as caught:
        await client.get(server.url, NONE)
    assert caught.value.kind == PollOutcome.REFUSED
    assert server.requests == []


async def test_a_redirect_cannot_use_what_another_network_was_opened_for(
    client_with, serve, answering
):
    """Opening one address leaves its neighbours shut, also behind a redirect."""
    client = await client_with(allow=[ip_network("127.0.0.1/32")])
    hidden = await serve(answering(), address="127.0.0.2")
    target = f"http://127.0.0.2:{hidden.port}/".encode()
    server = await serve(answering("302 X", b"", b"Location: " + target))
    with pytest.raises(FetchError, match=r"redirected to 127\.0\.0\.2") as caught:
        await client.get(server.url, NONE)
    assert caught.value.kind == PollOutcome.REFUSED
    assert hidden.requests == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_to_nowhere_is_an_error(client, serve, answering, status):
    """A redirect without Location is neither followed nor taken for an answer."""
    server = await serve(answering(f"{status} X", b"<rss/>"))
    with pytest.raises(FetchError, match="without saying where") as caught:
        await client.get(server.url, NONE)
    assert caught.value.kind == PollOutcome.REDIRECT


async def test_from_https_to_http_is_refused(
    client_with, serve, answering, tls_server_context, certificate
):
    """Encryption that the user asked for is not given up behind his back."""
    plain = await serve(answering())
    server = await serve(
        answering("301 X", b"", b"Location: " + plain.url.encode()), tls=tls_server_context
    )
    client = await client_with(authorities=certificate[0])
    with pytest.raises(FetchError, match="plain http") as caught:
        await client.get(server.url, NONE)
    assert caught.value.kind == PollOutcome.REDIRECT
    assert plain.requests == []


async def test_from_http_to_https_is_followed(
    client_with, serve, answering, tls_server_context, certificate
):
    """The way up is open."""
    secure = await serve(answering("200 OK", b"y"), tls=tls_server_context)
    server = await serve(answering("308 X", b"", b"Location: " + secure.url.encode()))
    client = await client_with(authorities=certificate[0])
    got = await client.get(server.url, NONE)
    assert (got.body, got.hops) == (b"y", ((308, secure.url),))


async def test_the_deadline_is_for_the_whole_chain(client_with, serve, answering):
    """Many slow hops together may not take longer than one fetch may."""
    import asyncio

    async def slow(reader, writer):
        await asyncio.sleep(0.2)
        writer.write(answering("302 X", b"", b"Location: /%d" % len(server.requests)))

    server = await serve(slow)
    client = await client_with(limits=Limits(total_s=0.5))
    with pytest.raises(FetchError) as caught:
        await client.get(server.url, NONE)
    assert caught.value.kind == PollOutcome.TIMEOUT
    assert len(server.requests) <= 3
