"""What every channel owes: no secret shown, hostile content harmless, a repeat recognisable."""

from __future__ import annotations

import asyncio
import logging
import traceback
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from monitor.clock import SteppedClock
from monitor.delivery import (
    AppriseSettings,
    Channel,
    FileChannel,
    FileSettings,
    SlackChannel,
    SlackSettings,
    SmtpChannel,
    SmtpSettings,
    WebhookChannel,
    WebhookSettings,
)
from monitor.delivery.smtp import Security, may_carry_password
from monitor.errors import DeliveryError
from monitor.model import Message
from tests.delivery.conftest import NOW
from tests.delivery.servers import CANARY, DROP, Inbox, Raw, Script, smtp_server, tcp_server

HOSTILE = (
    "<!channel> =?utf-8?q?=0D=0ABcc:x?= \u202e\x1b[2J\r\n.\r\nRCPT TO:<x@y>\r\n<script>".encode()
)


async def no_sleep(_: float) -> None:
    return None


def mail(port: int, **changes) -> SmtpChannel:
    given = {"username": "watch", "password": CANARY, "security": Security.NONE}
    config = {"timeout_s": 0.4, "total_s": 2.0, "helo": "c.example.org", **given, **changes}
    return SmtpChannel(SmtpSettings("it", "127.0.0.1", "w@example.org", port, **config))


def slack(port: int) -> SlackChannel:
    url = f"http://127.0.0.1:{port}/services/T01/B01/{CANARY}"
    config = SlackSettings("it", url, allow_http=True, timeout_s=0.4)
    return SlackChannel(config, SteppedClock(NOW), sleep=no_sleep)


def hook(port: int) -> WebhookChannel:
    url = f"http://127.0.0.1:{port}/services/T01/B01/{CANARY}"
    config = WebhookSettings("it", url, token=CANARY, allow_http=True, timeout_s=0.4)
    return WebhookChannel(config, SteppedClock(NOW))


def message(body: bytes = b"Subject: x\r\n\r\nhello\r\n", name: str = "n.html") -> Message:
    return Message("it", "a@example.org", 1, 1, name, body, "text/html")


class Kept:
    """A channel with its receiver, and what arrived there."""

    def __init__(self, channel: Channel, arrived: Callable[[], list[bytes]]) -> None:
        self.channel = channel
        self.arrived = arrived


@pytest.fixture(params=["mail", "slack", "hook", "folder"])
async def kept(request, tmp_path: Path) -> AsyncIterator[Kept]:
    async with AsyncExitStack() as stack:
        if request.param == "mail":
            inbox = Inbox()
            port = await stack.enter_async_context(smtp_server(inbox))
            yield Kept(mail(port), lambda: [body for _, _, body in inbox.received])
        elif request.param in {"slack", "hook"}:
            raw = Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            port = await stack.enter_async_context(tcp_server(raw))
            make = slack if request.param == "slack" else hook
            yield Kept(make(port), lambda: [one.partition(b"\r\n\r\n")[2] for one in raw.requests])
        else:
            folder = tmp_path / "folder"
            channel = FileChannel(FileSettings("it", folder))
            yield Kept(channel, lambda: [one.read_bytes() for one in folder.iterdir()])


async def test_the_frozen_bytes_arrive_as_they_are(kept):
    """A channel sends what was frozen, whatever it holds, and adds nothing."""
    body = HOSTILE + b"\r\n"
    await kept.channel.send(message(body))
    assert kept.arrived() == [body]


async def test_a_repeat_arrives_recognisably(kept):
    """A second attempt is the same bytes to who can tell, or bears a notice."""
    first = message()
    await kept.channel.send(first)
    await kept.channel.send(first, repeat=True)
    assert set(kept.arrived()) == {first.body}


@pytest.mark.parametrize("name", ["../up", "a\r\nb", "", "\ud800", "x" * 4000])
async def test_a_hostile_name_does_no_harm(kept, name):
    """The message's name is a label; no channel lets it command anything."""
    await kept.channel.send(message(name=name))
    assert len(kept.arrived()) == 1


async def test_a_channel_bears_its_name(kept):
    """Dispatch finds a channel by the name in the settings."""
    assert kept.channel.name == "it"


PAIR = b64encode(f"\0watch\0{CANARY}".encode()).decode()
SHAPES = (CANARY, b64encode(CANARY.encode()).decode(), PAIR)
ECHO = " ".join(("you said", *SHAPES))  # what a mail server has read from us
ECHO_OF_URL = f"you asked for /services/T01/B01/{CANARY} and {CANARY}"
LOGIN = b"250-c.example.org\r\n250 AUTH PLAIN"


def http(status: int, text: str = ECHO_OF_URL) -> Raw:
    return Raw(f"HTTP/1.1 {status} X\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode())


@asynccontextmanager
async def nobody(_: object) -> AsyncIterator[int]:
    async with tcp_server(Script()) as port:
        pass
    yield port


FAILURES = [
    pytest.param(mail, None, id="mail: nobody there"),
    pytest.param(mail, Script(greeting=b"421 " + ECHO.encode()), id="mail: echo as a greeting"),
    pytest.param(mail, Script(greeting=ECHO.encode()), id="mail: no SMTP"),
    pytest.param(mail, Script({"EHLO": LOGIN, "AUTH": b"535 " + ECHO.encode()}), id="mail: 535"),
    pytest.param(mail, Script({"EHLO": LOGIN, "AUTH": b"454 " + ECHO.encode()}), id="mail: 454"),
    pytest.param(mail, Script({"EHLO": LOGIN, "AUTH": ECHO.encode()}), id="mail: malformed"),
    pytest.param(mail, Script({"EHLO": LOGIN, "AUTH": DROP}), id="mail: dropped at AUTH"),
    pytest.param(mail, Script({"EHLO": LOGIN.replace(b"PLAIN", b"X")}), id="mail: no login known"),
    pytest.param(
        mail,
        Script({"EHLO": LOGIN, "AUTH": b"235 in", "MAIL": b"550 " + ECHO.encode()}),
        id="mail: 550",
    ),
    pytest.param(
        mail, Script({"EHLO": LOGIN, "AUTH": b"235 in"}, body=DROP), id="mail: dropped after DATA"
    ),
    pytest.param(slack, None, id="slack: nobody there"),
    pytest.param(slack, Raw(), id="slack: dropped"),
    pytest.param(slack, Raw(hang=True), id="slack: hangs"),
    pytest.param(slack, Raw(ECHO_OF_URL.encode() + b"\r\n\r\n"), id="slack: no HTTP"),
    pytest.param(
        slack,
        Raw(f"HTTP/1.1 200 OK\r\n{CANARY} {CANARY}\r\n\r\n".encode()),
        id="slack: echo in a broken header",
    ),
    pytest.param(
        slack,
        Raw(f"HTTP/1.1 302 X\r\nLocation: /{CANARY}\r\nContent-Length: 0\r\n\r\n".encode()),
        id="slack: redirect",
    ),
    *(
        pytest.param(slack, http(status), id=f"slack: {status}")
        for status in (200, 400, 403, 404, 410, 429, 500)
    ),
    *(
        pytest.param(hook, http(status), id=f"webhook: {status}")
        for status in (302, 400, 401, 404, 429, 500)
    ),
    pytest.param(hook, Raw(), id="webhook: dropped"),
    pytest.param(hook, None, id="webhook: nobody there"),
]


@pytest.mark.parametrize(("make", "double"), FAILURES)
async def test_no_failure_shows_the_secret(make, double, caplog):
    """Not the error, its traceback or its cause, not a repr, not the log at its finest."""
    caplog.set_level(logging.DEBUG)
    asyncio.get_running_loop().set_debug(True)
    async with nobody(None) if double is None else tcp_server(double) as port:
        channel = make(port)
        with pytest.raises(DeliveryError) as caught:
            await channel.send(message())
    error = caught.value
    shown = [str(error), repr(error), repr(error.args), repr(channel), caplog.text]
    shown += traceback.format_exception(error)
    assert not [shape for shape in SHAPES if shape in "\n".join(shown)]
    assert str(error).startswith("channel it: ")


@pytest.mark.parametrize(
    "settings",
    [
        SmtpSettings("it", "h", "w@example.org", password=CANARY),
        SlackSettings("it", CANARY),
        WebhookSettings("it", CANARY, token=CANARY),
        AppriseSettings("it", CANARY),
    ],
    ids=["mail", "slack", "webhook", "apprise"],
)
def test_settings_do_not_show_their_secret(settings):
    """A settings object in a log or a traceback keeps quiet."""
    assert CANARY not in repr(settings)
    assert CANARY not in f"{settings}"


@pytest.mark.parametrize(
    ("encrypted", "peer", "may"),
    [
        pytest.param(True, "192.0.2.1", True, id="TLS to anywhere"),
        pytest.param(False, "192.0.2.1", False, id="in clear to another machine"),
        pytest.param(False, "10.0.0.5", False, id="in clear to the next room"),
        pytest.param(False, "127.0.0.1", True, id="in clear to this machine"),
        pytest.param(False, "::1", True, id="in clear to this machine, IPv6"),
        pytest.param(False, "", False, id="in clear to nobody knows whom"),
    ],
)
def test_a_password_leaves_this_machine_encrypted_only(encrypted, peer, may):
    """Without TLS the password goes nowhere, unless the server is this very machine."""
    assert may_carry_password(encrypted=encrypted, peer=peer) is may
