"""Apprise as a best effort: plain text, no calls to people, a deadline, no word of the address."""

from __future__ import annotations

import json
import logging
import traceback

import pytest

from monitor.delivery import AppriseChannel, AppriseSettings
from monitor.delivery.apprise import harmless
from monitor.errors import DeliveryError
from monitor.model import Message
from tests.delivery.servers import CANARY, Raw, closed_port, tcp_server

pytest.importorskip("apprise", reason="the optional extra newsmonitor[apprise] is not installed")


def message(body: str = "2 stories\n@everyone <!channel>") -> Message:
    return Message("any", "any", 1, 1, "n", body.encode(), "text/plain")


def channel(port: int, *, timeout_s: float = 10.0) -> AppriseChannel:
    url = f"json://127.0.0.1:{port}/{CANARY}"
    return AppriseChannel(AppriseSettings("any", url, timeout_s=timeout_s))


async def test_a_message_arrives_as_plain_text():
    """One POST by the service that the address names, the text with every call broken."""
    raw = Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    async with tcp_server(raw) as port:
        await channel(port).send(message())
    (request,) = raw.requests
    told = json.loads(request.partition(b"\r\n\r\n")[2])["message"]
    assert told.replace("\u2060", "") == "2 stories\n@everyone <!channel>"
    assert "@everyone" not in told
    assert "<!channel>" not in told


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        pytest.param("@everyone", "@\u2060everyone", id="everybody"),
        pytest.param("<@U012>", "<\u2060@\u2060U012>", id="one person"),
        pytest.param("<!here>", "<\u2060!here>", id="whoever is here"),
        pytest.param("<#C1>", "<\u2060#C1>", id="a channel"),
        pytest.param("@ noon <b>", "@ noon <b>", id="an at and a tag that call nobody"),
    ],
)
def test_nothing_from_a_feed_calls_people(given, shown):
    """What a service would read as a call is broken by a joiner that nobody sees."""
    assert harmless(given.encode()) == shown


def test_a_repeat_says_so():
    """Apprise knows no key, so the words say that it may be the second time."""
    assert harmless(b"x", repeat=True).startswith("Possibly a repeat")


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(None, id="nobody listens"),
        pytest.param(b"HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n", id="500"),
        pytest.param(b"HTTP/1.1 429 X\r\nContent-Length: 0\r\n\r\n", id="429"),
        pytest.param(b"HTTP/1.1 302 X\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", id="302"),
        pytest.param(b"", id="dropped"),
    ],
)
async def test_a_failure_is_temporary_uncertain_and_quiet(answer, caplog):
    """Apprise says only no: it goes again, at most once per attempt, and no log shows the token."""
    caplog.set_level(logging.DEBUG)
    raw = Raw(answer or b"")
    async with tcp_server(raw) as port:
        with pytest.raises(DeliveryError) as caught:
            await channel(await closed_port() if answer is None else port).send(message())
    error = caught.value
    assert (error.permanent, error.uncertain) == (False, True)
    assert len(raw.requests) <= 1
    assert CANARY not in caplog.text + "".join(traceback.format_exception(error)) + repr(error)


async def test_a_hanging_service_is_left_alone_after_its_time():
    """The loop goes on; a second message does not start a second call beside it."""
    raw = Raw(hang=True)
    async with tcp_server(raw) as port:
        one = channel(port, timeout_s=0.2)
        with pytest.raises(DeliveryError, match=r"no answer in 0\.2 seconds"):
            await one.send(message())
        with pytest.raises(DeliveryError, match="still hangs") as caught:
            await one.send(message())
        assert not caught.value.uncertain
        assert len(raw.requests) == 1


@pytest.mark.parametrize("url", [f"nothing://{CANARY}", CANARY, "", "json://[" + CANARY])
def test_an_address_that_apprise_does_not_know_is_refused_unseen(url):
    """Found when the channel is opened, not when a digest is due."""
    with pytest.raises(DeliveryError) as caught:
        AppriseChannel(AppriseSettings("any", url))
    assert caught.value.permanent
    assert CANARY not in str(caught.value)
