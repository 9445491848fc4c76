"""Rows 45 to 69: what servers, names and addresses come to, through the real doors on loopback."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import pytest

from monitor.clock import SteppedClock
from monitor.daemon import Service
from monitor.errors import InputError
from monitor.feeds.health import condition
from monitor.fetch import Client, HostGate, Limits, Wall
from monitor.fetch.names import Names
from monitor.files import load
from monitor.model import Feed, PollOutcome, PollRecord
from monitor.parsing import ParserPool
from monitor.pipeline import Poller, Silent
from monitor.pipeline.lookout import Lookout
from monitor.store import Store
from tests.behaviours.stage import Ear
from tests.conftest import NOON
from tests.desk import make_desk
from tests.fetch.conftest import LOOPBACK
from tests.hostile.network import OTHERS, WALLED, WHOLE, WIRED, away
from tests.hostile.rounds import FINE, QUICK, Seen, round_of, wired
from tests.hostile.wire import NameServer, Says, Wire, answer

OK, REFUSED, TIMEOUT = PollOutcome.OK, PollOutcome.REFUSED, PollOutcome.TIMEOUT
CONNECT, REDIRECT, LARGE = PollOutcome.CONNECT, PollOutcome.REDIRECT, PollOutcome.TOO_LARGE
LIMITED, BROKEN = PollOutcome.RATE_LIMITED, PollOutcome.SERVER_ERROR
IDS = {row: f"{row:02} {words}" for row, (words, _) in WIRED.items()} | {
    row: f"{row:02} {words}" for row, words in OTHERS.items()
}
WEEK_H = 7 * 24

#: What each reply must come to, and between how many hours the feed is then left alone.
EXPECTED: dict[str, tuple[PollOutcome, float, float]] = {
    "endless": (LARGE, 0.5, 24), "endless-chunks": (LARGE, 0.5, 24), "drip": (TIMEOUT, 0.5, 24),
    "headers": (TIMEOUT, 0.5, 24), "header": (CONNECT, 0.5, 24), "reset": (CONNECT, 0.5, 24),
    "too-short": (CONNECT, 0.5, 24), "too-long": (CONNECT, 0.5, 24),
    "circle": (REDIRECT, 0.5, 24), "chain": (REDIRECT, 0.5, 24),
    "private": (REFUSED, 0.5, 24), "metadata": (REFUSED, 0.5, 24),
    "file": (REFUSED, 0.5, 24), "ftp": (REFUSED, 0.5, 24), "data": (REFUSED, 0.5, 24),
    "moved": (OK, 0.15, 24), "nothing-new": (PollOutcome.NOT_MODIFIED, 0.15, 24),
    "gone": (PollOutcome.GONE, 4, 24),
    "wait-seconds": (LIMITED, 2, 24), "wait-date": (LIMITED, 2, 24), "wait-ages": (LIMITED, 24, WEEK_H),
    "wait-negative": (LIMITED, 0.5, 24), "wait-garbage": (LIMITED, 0.5, 24),
    "unavailable": (BROKEN, 0.5, 24), "unavailable-until": (BROKEN, 2, 24),
}  # fmt: skip


@pytest.fixture(scope="module")
def seen(tmp_path_factory) -> Seen:
    """One round over all replies that need nothing but a path."""
    return asyncio.run(round_of(tmp_path_factory.mktemp("wired"), wired(), QUICK))


@pytest.mark.parametrize("row", WIRED, ids=[IDS[row] for row in WIRED])
def test_a_hostile_server_ends_as_it_should(seen, row):
    """The class of the trouble, a polite pause, and a word in the list of feeds."""
    for name in (name for name in WIRED[row][1] if name in EXPECTED):
        outcome, least_h, most_h = EXPECTED[name]
        record = seen.records[name]
        # Bytes behind the promised length are garbage, or come when nobody listens any more.
        late = name == "too-long" and record.outcome is PollOutcome.TRUNCATED
        assert late or record.outcome is outcome, (name, record)
        assert least_h <= seen.pause_h(name) <= most_h * 1.1, (name, seen.pause_h(name))
        if not outcome.well:
            assert record.reason
            assert seen.words[name] == record.outcome.replace("-", " ")


def test_the_good_feed_beside_them_is_read_and_every_slot_is_free(seen):
    """Nothing stays in flight once a round is over, and nobody has blamed the network."""
    assert seen.records["fine"].outcome is OK
    assert (seen.busy, seen.killed) == (0, 0)
    assert seen.elapsed_s < 25


@asynccontextmanager
async def serving(tmp_path, wire: Wire, urls: list[str], opened: str) -> AsyncIterator[Service]:
    """Open the service on these addresses; ``opened`` are the private networks it may dial."""
    settings = QUICK.replace("allow_private: [127.0.0.0/8]", f"allow_private: [{opened}]")
    config = make_desk(tmp_path, [one.replace("PORT", str(wire.port)) for one in urls], settings)
    async with Service(
        load(config), clock=SteppedClock(NOON), observer=Ear(), longest_pause_s=1e9
    ) as service:
        yield service


@pytest.mark.parametrize("row", WALLED, ids=[IDS[row] for row in WALLED])
async def test_an_address_behind_the_wall_is_refused_before_a_connection(tmp_path, row):
    """In feeds.yaml or by a redirect; however it is spelled, nobody on this machine hears of it."""
    with Wire({}) as wire:
        wire.replies["/"] = FINE
        for number, url in enumerate(WALLED[row]):
            folder = tmp_path / str(number)
            folder.mkdir()
            try:
                async with serving(folder, wire, [url], "") as service:
                    ((_, record),) = (await service.poll()).polled
            except InputError as error:  # refused even earlier, with its line
                assert error.problems[0].code == "F001"  # noqa: PT017 - one of two good ends
            else:
                assert record.outcome in {REFUSED, PollOutcome.DNS}, (url, record)
        assert wire.connections == 0


@pytest.mark.parametrize("row", WALLED, ids=[IDS[row] for row in WALLED])
async def test_a_redirect_behind_the_wall_is_refused_before_a_connection(tmp_path, row):
    """The same addresses as targets; 127.0.0.2 alone is open, for the server that redirects."""
    with Wire({}) as wire, Wire({}, "127.0.0.2") as outside:
        for number, url in enumerate(WALLED[row]):
            target = url.replace("PORT", str(wire.port))
            outside.replies[f"/{number}"] = answer("302 Found", Location=target)
        urls = [f"{outside.base}/{number}" for number in range(len(WALLED[row]))]
        async with serving(tmp_path, wire, urls, "127.0.0.2/32") as service:
            report = await service.poll()
        ends = {record.outcome for _, record in report.polled}
        assert ends <= {REFUSED, REDIRECT, PollOutcome.DNS}, report.polled
        assert (wire.connections, len(report.polled)) == (0, len(urls))


class Room:
    """The poller with the real doors, where a test brings its own names or certificates."""

    def __init__(self, store: Store, clock: SteppedClock) -> None:
        self.store, self.clock = store, clock
        self.poller: Poller
        self.feeds: list[Feed] = []

    async def poll(self, *urls: str, **later: float) -> list[PollRecord]:
        self.clock.set(self.clock.now() + timedelta(**later))
        self.feeds = [Feed(url, url, "Outlet", language="en") for url in urls]
        self.store.feeds.sync(self.feeds, self.clock.now())
        by_url = {feed.url: record for feed, record in (await self.poller.sweep(self.feeds)).polled}
        return [by_url[url] for url in urls]

    def word(self, url: str) -> str:
        return condition(self.store.feeds.state(url), self.clock.now()).word


@pytest.fixture
async def room(store, clock):
    """Return a function that opens a Room; 127.0.0.0/8 may be dialled."""
    async with AsyncExitStack() as stack:

        async def start(names: dict[str, list[Says]] | None = None, **options) -> Room:
            if names is not None:
                loop = asyncio.get_running_loop()
                transport, _ = await loop.create_datagram_endpoint(
                    lambda: NameServer(names), local_addr=("127.0.0.1", 0)
                )
                stack.callback(transport.close)
                options["names"] = Names(
                    nameservers=["127.0.0.1"], tries=1, timeout=1,
                    udp_port=transport.get_extra_info("sockname")[1],
                )  # fmt: skip
                stack.push_async_callback(options["names"].close)
            wall = Wall(options.pop("allow", LOOPBACK))
            limits = Limits(total_s=3, connect_s=2)
            client = Client("mailto:desk@example.org", "9.9", wall, limits, **options)
            made = Room(store, clock)
            made.poller = Poller(
                store,
                await stack.enter_async_context(client),
                HostGate(10, 0),
                await stack.enter_async_context(ParserPool(1)),
                Lookout([]),
                clock,
                Silent(),
            )
            return made

        yield start


@asynccontextmanager
async def tls_server(context: ssl.SSLContext, reply: bytes) -> AsyncIterator[int]:
    """Serve ``reply`` to every request over TLS; yield the port."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply)
        writer.close()

    listening = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    yield listening.sockets[0].getsockname()[1]
    listening.close()


async def test_48_a_server_that_says_nothing_under_tls(room):
    """The limit for connecting ends it; the feed beside it is read."""

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    listening = await asyncio.start_server(deaf, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    with Wire({"/a": FINE}) as wire:
        made = await room()
        stalled, fine = await made.poll(f"https://127.0.0.1:{port}/", f"{wire.base}/a")
    listening.close()
    assert (stalled.outcome, fine.outcome) == (TIMEOUT, OK)


async def test_54_a_redirect_from_https_to_http(room, certificate, tls_server_context):
    """Not followed: who trusts https is not led to plain text by a server's slip."""
    with Wire({"/a": FINE}) as wire:
        made = await room(authorities=certificate[0])
        reply = away(301, f"{wire.base}/a")
        async with tls_server(tls_server_context, reply) as port:
            (record,) = await made.poll(f"https://127.0.0.1:{port}/")
        assert record.outcome is REDIRECT
        assert "plain http" in record.reason
        assert wire.asked == []


def test_55_a_move_is_followed_and_not_yet_recorded(seen):
    """One permanent redirect is read at its target; the address stays until it has stood."""
    assert [item.title for item in seen.items["moved"]]
    assert (seen.states["moved"].moves, seen.records["moved"].outcome) == (1, OK)


async def test_61_a_name_that_turns_private(room):
    """Open when first asked, private when dialled again: refused then, and named."""
    with Wire({}) as wire:
        made = await room({"turning.example": [["127.0.0.1"], ["10.0.0.1"]]})
        wire.replies["/a"] = away(302, "http://turning.example:1/")
        (record,) = await made.poll(f"http://turning.example:{wire.port}/a")
    assert record.outcome is REFUSED
    assert "10.0.0.1" in record.reason


async def test_62_a_name_with_a_public_and_a_private_address(room):
    """Only the open address is dialled, in whatever order they come."""
    with Wire({"/a": FINE}) as wire:
        made = await room({"m.example": [["10.0.0.1", "127.0.0.1", "fd00::1"]], "n.example": [["127.0.0.1", "10.0.0.1"]]})  # fmt: skip
        ends = await made.poll(*(f"http://{one}.example:{wire.port}/a" for one in "mn"))
    assert [one.outcome for one in ends] == [OK, OK]


async def test_63_a_name_that_stands_for_localhost(room):
    """A CNAME is no way around the wall."""
    with Wire({"/a": FINE}) as wire:
        made = await room({"alias.example": ["localhost"]}, allow=())
        (record,) = await made.poll(f"http://alias.example:{wire.port}/a")
        assert (record.outcome, wire.connections) == (REFUSED, 0)
    assert "loopback" in record.reason


async def test_64_a_name_server_that_is_dead_broken_or_slow(room):
    """Each ends in time and is tried again later; a feed that needs no name is on time."""
    names: dict[str, list[Says]] = {"dead.example": ["silence"], "broken.example": ["servfail"]}
    urls = [f"http://{one}.example/a" for one in ("dead", "broken", "unknown")]
    with Wire({"/a": FINE}) as wire:
        made = await room(names)
        async with asyncio.timeout(10):
            *ends, fine = await made.poll(*urls, f"{wire.base}/a")
    assert fine.outcome is OK
    assert {one.outcome for one in ends} <= {PollOutcome.DNS, TIMEOUT}
    pauses = [made.store.feeds.state(url).next_poll_at - NOON for url in urls]
    assert all(timedelta(minutes=30) <= pause <= timedelta(hours=1) for pause in pauses)


async def test_65_304_to_everything_becomes_visible(tmp_path, clock):
    """A server that never shows its feed is silent after three days, and is asked ever less."""
    with Wire({"/a": answer("304 Not Modified")}) as wire:
        config = make_desk(tmp_path, [f"{wire.base}/a"])
        async with Service(
            load(config), clock=clock, observer=Ear(), longest_pause_s=1e9
        ) as service:
            url = f"{wire.base}/a"
            for _ in range(40):
                await service.poll()
                clock.set(service.store.feeds.state(url).next_poll_at)
            state = service.store.feeds.state(url)
        assert clock.now() - NOON > timedelta(days=4)
        assert condition(state, clock.now()).word == "silent"
        assert len(wire.asked) == 40


@pytest.fixture
def expired(tmp_path):
    """Return (file, key) of a certificate for 127.0.0.1 that has expired."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed, so there is no certificate to test with")
    pem, key, wish = tmp_path / "old.pem", tmp_path / "old.key", tmp_path / "old.csr"
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    named = ["-subj", "/CN=loopback", "-addext", "subjectAltName=IP:127.0.0.1"]
    for words in (
        ["req", "-new", *new_key, *named, "-keyout", str(key), "-out", str(wish)],
        ["x509", "-req", "-in", str(wish), "-signkey", str(key), "-days", "-1",
         "-copy_extensions", "copy", "-out", str(pem)],
    ):  # fmt: skip
        subprocess.run([openssl, *words], check=True, capture_output=True)
    return pem, key


@pytest.mark.parametrize("which", ["expired", "another host's"])
async def test_69_a_certificate_that_has_expired_or_is_another_hosts(
    room, expired, certificate, which
):
    """Refused by TLS with the reason in words; the feed backs off and is visible."""
    files = expired if which == "expired" else certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    made = await room({"other.example": [["127.0.0.1"]]}, authorities=files[0])
    name = "127.0.0.1" if which == "expired" else "other.example"
    with Wire({"/a": FINE}) as wire:
        async with tls_server(context, answer(body=WHOLE)) as port:
            url = f"https://{name}:{port}/"
            record, fine = await made.poll(url, f"{wire.base}/a")
    assert (record.outcome, fine.outcome) == (PollOutcome.TLS, OK)
    assert {"expired": "expired"}.get(which, "other.example") in record.reason
    assert made.word(url) == "tls"


def test_the_table_is_whole():
    """Rows 1 to 69, each once: documents, mutations, replies, and those with a test of their own."""
    from tests.hostile.documents import ROWS

    alone = {int(name[5:7]) for name in globals() if name[:5] == "test_" and name[5:7].isdigit()}
    assert sorted([*ROWS, 40, *WIRED, *OTHERS]) == list(range(1, 70))
    assert set(OTHERS) <= alone | set(WALLED)
    assert {name for _, replies in WIRED.values() for name in replies} - set(EXPECTED) == {
        "circle-b", "target", *(f"chain-{n}" for n in range(1, 9)),
    }  # fmt: skip
