"""The Slack channel against a loopback double and against servers that break off."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web

from monitor.clock import SteppedClock
from monitor.delivery import SlackChannel, SlackSettings, check_mention
from monitor.delivery.slack import REPEAT_NOTE
from monitor.errors import DeliveryError
from monitor.model import Message
from tests.delivery.conftest import NOW
from tests.delivery.servers import CANARY, Raw, closed_port, tcp_server

PAYLOAD = {"text": "2 stories", "blocks": [{"type": "divider"}]}


def room_message(body: bytes = json.dumps(PAYLOAD).encode()) -> Message:
    return Message("room", "room", 1, 1, "daily-1", body, "application/json")


@dataclass
class Room:
    """A webhook that keeps what it was given and answers as told."""

    status: int = 200
    body: bytes = b"ok"
    headers: dict[str, str] = field(default_factory=dict)
    posts: list[tuple[str, bytes, str]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        kind = request.headers.get("Content-Type", "")
        self.posts.append((request.method, await request.read(), kind))
        return web.Response(status=self.status, body=self.body, headers=self.headers)


@asynccontextmanager
async def webhook(room: Room) -> AsyncIterator[int]:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", room.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


class Sleeper:
    """Time that passes only by being slept through."""

    def __init__(self) -> None:
        self.at = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds


def room_channel(port: int, timeout_s: float = 2.0, sleeper: Sleeper | None = None) -> SlackChannel:
    url = f"http://127.0.0.1:{port}/services/T01/B01/{CANARY}"
    config = SlackSettings("room", url, allow_http=True, timeout_s=timeout_s)
    time = sleeper or Sleeper()
    clock = SteppedClock(NOW)
    return SlackChannel(config, clock, sleep=time.sleep, monotonic=time.monotonic)


async def refusal(channel: SlackChannel) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await channel.send(room_message())
    assert CANARY not in str(caught.value)
    return caught.value


async def test_a_post_with_the_answer_ok_is_sent():
    """The frozen bytes go out by one POST, and ok means sent."""
    room = Room()
    async with webhook(room) as port:
        await room_channel(port).send(room_message())
    assert room.posts == [("POST", json.dumps(PAYLOAD).encode(), "application/json")]


@pytest.mark.parametrize(
    ("status", "body", "permanent"),
    [
        pytest.param(200, b"no_text", True, id="200 with another body"),
        pytest.param(200, b"", True, id="200 with no body"),
        pytest.param(204, b"", True, id="204"),
        pytest.param(301, b"", True, id="a permanent redirect"),
        pytest.param(302, b"", True, id="a redirect"),
        pytest.param(307, b"", True, id="a redirect that keeps the method"),
        pytest.param(400, b"invalid_blocks", True, id="400 invalid_blocks"),
        pytest.param(403, b"action_prohibited", True, id="403"),
        pytest.param(404, b"no_service", True, id="404 no_service"),
        pytest.param(405, b"", True, id="405"),
        pytest.param(408, b"", False, id="408"),
        pytest.param(410, b"channel_is_archived", True, id="410"),
        pytest.param(429, b"rate_limited", False, id="429"),
        pytest.param(500, b"rollup_error", False, id="500"),
        pytest.param(503, b"", False, id="503"),
    ],
)
async def test_every_answer_has_its_class(status, body, permanent):
    """One POST per attempt, no redirect followed, and the class that the status means."""
    room = Room(status, body, {"Location": "/elsewhere"} if 300 <= status < 400 else {})
    async with webhook(room) as port:
        error = await refusal(room_channel(port))
    assert len(room.posts) == 1
    assert (error.permanent, error.uncertain) == (permanent, False)
    assert str(status) in str(error)
    if body and status != 302:
        assert body.decode() in str(error)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        pytest.param("2", 2.0, id="seconds"),
        pytest.param("0", 1.0, id="no wait at all is one second"),
        pytest.param("3600", 3600.0, id="an hour"),
        pytest.param("1000000000", 21600.0, id="thirty years are six hours"),
        pytest.param("9" * 400, 21600.0, id="more than a float holds"),
        pytest.param(format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0, id="a date"),
        pytest.param(format_datetime(NOW - timedelta(days=9), usegmt=True), 1.0, id="a past date"),
        pytest.param("Thu, 31 Dec 9999 23:59:59 -2359", 21600.0, id="the end of the calendar"),
        pytest.param("-5", None, id="negative"),
        pytest.param("1e9", None, id="no number of HTTP"),
        pytest.param("٣", None, id="digits of another script"),
        pytest.param("soon", None, id="garbage"),
        pytest.param("", None, id="nothing"),
    ],
)
async def test_retry_after_is_read_within_bounds(value, seconds):
    """Seconds or a date, never under a second, never over six hours, garbage ignored."""
    room = Room(429, b"", {"Retry-After": value})
    async with webhook(room) as port:
        error = await refusal(room_channel(port))
    assert error.retry_after_s == seconds


@pytest.mark.parametrize(
    "double",
    [
        pytest.param(Raw(), id="hangs up after the request"),
        pytest.param(Raw(hang=True), id="never answers"),
        pytest.param(Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no"), id="half an ok"),
        pytest.param(
            Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no", hang=True), id="hangs in the ok"
        ),
        pytest.param(Raw(b"HTTP/1.1 2"), id="half a status"),
        pytest.param(Raw(b"220 mail.example.org ESMTP\r\n"), id="another protocol"),
        pytest.param(Raw(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 90_000), id="endless header"),
    ],
)
async def test_an_answer_that_breaks_off_is_uncertain_after_one_post(double):
    """Whoever read the request may have posted it; we do not post it again by ourselves."""
    async with tcp_server(double) as port:
        error = await refusal(room_channel(port, timeout_s=0.4))
    assert (error.permanent, error.uncertain) == (False, True)
    assert len(double.requests) == 1


async def test_a_broken_body_does_not_hide_a_clear_refusal():
    """The status said no; what was lost of its reason does not matter."""
    double = Raw(b"HTTP/1.1 404 Not Found\r\nContent-Length: 99\r\n\r\nno_")
    async with tcp_server(double) as port:
        error = await refusal(room_channel(port))
    assert (error.permanent, error.uncertain) == (True, False)


async def test_an_endless_answer_is_read_in_part_only():
    """Four kilobytes decide; nobody waits for the rest, and the error is a line."""
    double = Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n" + b"x" * 9000, hang=True)
    async with tcp_server(double) as port:
        error = await refusal(room_channel(port, timeout_s=1.0))
    assert (error.permanent, error.uncertain) == (True, False)
    assert len(str(error)) < 250


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_no_connection_is_temporary_and_certain(host):
    """Where nobody listens nothing can have arrived."""
    port = await closed_port()
    url = f"http://{host}:{port}/services/T01/B01/{CANARY}"
    channel = SlackChannel(SlackSettings("room", url, allow_http=True), SteppedClock(NOW))
    error = await refusal(channel)
    assert (error.permanent, error.uncertain) == (False, False)


async def test_a_name_that_does_not_resolve_is_temporary():
    """A failing look-up passes; nothing can have arrived."""
    config = SlackSettings("room", f"https://no-such-host.invalid/{CANARY}", timeout_s=1.0)
    error = await refusal(SlackChannel(config, SteppedClock(NOW)))
    assert (error.permanent, error.uncertain) == (False, False)


async def test_a_failing_handshake_is_temporary_and_certain():
    """A server that speaks no TLS was told nothing."""

    class Plain(Raw):
        async def serve(self, reader, writer):
            await reader.read(1)
            writer.write(b"HTTP/1.1 400 no\r\n\r\n")
            writer.close()

    async with tcp_server(Plain()) as port:
        config = SlackSettings("room", f"https://127.0.0.1:{port}/{CANARY}", timeout_s=1.0)
        error = await refusal(SlackChannel(config, SteppedClock(NOW)))
    assert (error.permanent, error.uncertain) == (False, False)


async def test_messages_of_one_channel_keep_a_second_apart():
    """Slack takes one message a second; a failed one counts as well."""
    room, sleeper = Room(500, b""), Sleeper()
    async with webhook(room) as port:
        channel = room_channel(port, sleeper=sleeper)
        await refusal(channel)
        room.status, room.body = 200, b"ok"
        await channel.send(room_message())
        sleeper.at += 0.25
        await channel.send(room_message())
        sleeper.at += 5
        await channel.send(room_message())
    assert sleeper.slept == [1.0, 0.75]
    assert len(room.posts) == 4


async def test_two_senders_of_one_channel_take_turns():
    """The second apart holds between concurrent sends too."""
    room, sleeper = Room(), Sleeper()
    async with webhook(room) as port:
        channel = room_channel(port, sleeper=sleeper)
        await asyncio.gather(*(channel.send(room_message()) for _ in range(3)))
    assert sleeper.slept == [1.0, 1.0]


async def test_a_possible_repeat_says_so_in_the_room():
    """The notice stands in the notification and above the blocks; the rest is unchanged."""
    room = Room()
    async with webhook(room) as port:
        await room_channel(port).send(room_message(), repeat=True)
    sent = json.loads(room.posts[0][1])
    assert sent["text"] == f"{REPEAT_NOTE} 2 stories"
    assert sent["blocks"][0]["elements"][0]["text"] == REPEAT_NOTE
    assert sent["blocks"][1:] == PAYLOAD["blocks"]


@pytest.mark.parametrize(
    "body",
    [b"no json", b"[1]", b'{"text": "a"}', json.dumps({"blocks": [{}] * 50}).encode()],
    ids=["no JSON", "no object", "no blocks", "no room for a block"],
)
async def test_a_repeat_never_makes_a_message_unsendable(body):
    """A payload that has no place for the notice goes out all the same."""
    room = Room()
    async with webhook(room) as port:
        await room_channel(port).send(room_message(body), repeat=True)
    assert len(room.posts) == 1
    blocks = json.loads(room.posts[0][1] if body != b"no json" else b"{}")
    assert not isinstance(blocks, dict) or len(blocks.get("blocks", [])) <= 50


@pytest.mark.parametrize(
    ("url", "allow_http"),
    [
        pytest.param(f"http://hooks.example.org/{CANARY}", True, id="http to another machine"),
        pytest.param(f"http://127.0.0.1/{CANARY}", False, id="http without leave"),
        pytest.param(f"file:///{CANARY}", True, id="a file"),
        pytest.param(f"{CANARY}", True, id="no address"),
        pytest.param(f"https://[{CANARY}", True, id="a broken address"),
        pytest.param(f"https:///{CANARY}", True, id="no host"),
        pytest.param("", False, id="an empty file"),
    ],
)
def test_a_webhook_that_is_none_is_refused_without_showing_it(url, allow_http):
    """Only https, or http to this machine in a test; the error keeps the secret."""
    with pytest.raises(DeliveryError) as caught:
        SlackChannel(SlackSettings("room", url, allow_http=allow_http), SteppedClock(NOW))
    assert caught.value.permanent
    assert CANARY not in str(caught.value)


async def test_the_environments_proxy_is_not_asked(monkeypatch):
    """A proxy in the environment would see the address."""
    port = await closed_port()
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
    room = Room()
    async with webhook(room) as room_port:
        await room_channel(room_port).send(room_message())
    assert len(room.posts) == 1


@pytest.mark.parametrize(
    "mention", ["", "<!here>", "<!channel>", "<@U012AB3CD>", "<!subteam^S01>", "<!here> <@W01>"]
)
def test_a_mention_that_slack_knows_is_accepted(mention):
    """Nobody, a whole room, a person, a group, or several of them."""
    check_mention(mention)


@pytest.mark.parametrize("mention", ["@here", "<https://example.org|x>", "all hands", "<!here|x>"])
def test_what_is_no_mention_is_refused(mention):
    """A slip in the settings does not become text that people read every day."""
    with pytest.raises(DeliveryError, match="mention") as caught:
        check_mention(mention)
    assert caught.value.permanent
