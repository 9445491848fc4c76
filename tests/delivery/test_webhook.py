"""The webhook: what its POST looks like, where it may go, what it keeps to itself."""

from __future__ import annotations

import pytest

from monitor.clock import SteppedClock
from monitor.delivery import WebhookChannel, WebhookSettings
from monitor.errors import DeliveryError
from monitor.model import Message
from tests.delivery.conftest import NOW
from tests.delivery.servers import CANARY, Raw, tcp_server

OK = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"


def message(name: str = "daily-1", part: int = 1, body: bytes = b'{"type": "digest"}') -> Message:
    return Message("hook", "hook", part, 2, name, body, "application/json")


def channel(url: str, **more) -> WebhookChannel:
    return WebhookChannel(WebhookSettings("hook", url, **more), SteppedClock(NOW))


def headers(request: bytes) -> dict[str, str]:
    lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return {key.lower(): value.strip() for key, _, value in (one.partition(":") for one in lines)}


async def posted(*messages: Message, token: str = "") -> list[bytes]:
    raw = Raw(OK)
    async with tcp_server(raw) as port:
        one = channel(f"http://127.0.0.1:{port}/news?key=1", token=token, allow_http=True)
        for index, message in enumerate(messages):
            await one.send(message, repeat=index > 0)
    return raw.requests


async def test_a_post_bears_type_token_and_key():
    """JSON, the bearer token where there is one, and nothing that names the reader's machine."""
    (request,) = await posted(message(), token="t0ken")
    told = headers(request)
    assert request.startswith(b"POST /news?key=1 HTTP/1.1")
    assert told["content-type"] == "application/json"
    assert told["authorization"] == "Bearer t0ken"
    assert told["user-agent"] == "newsmonitor"
    assert "cookie" not in told


async def test_without_a_token_nobody_is_authorized():
    """No empty header where no token is set."""
    (request,) = await posted(message())
    assert "authorization" not in headers(request)


async def test_every_attempt_of_a_message_has_one_key_and_every_message_its_own():
    """The other side can drop a repeat, and never drops a part for another."""
    requests = await posted(message(), message(), message(part=2), message(name="daily-2"))
    keys = [headers(one)["idempotency-key"] for one in requests]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3
    assert keys[0].startswith('"')
    assert keys[0].endswith('"')


@pytest.mark.parametrize(
    ("url", "allow_http", "opens"),
    [
        pytest.param("https://hooks.example.org/x", False, True, id="https"),
        pytest.param("https://10.0.0.5/x", False, True, id="https in the own network"),
        pytest.param("http://127.0.0.1/x", True, True, id="http to this machine"),
        pytest.param("http://127.0.0.1/x", False, False, id="http to this machine, not allowed"),
        pytest.param("http://10.0.0.5/x", True, False, id="http to another machine"),
        pytest.param("ftp://hooks.example.org/x", True, False, id="another scheme"),
        pytest.param("hooks.example.org", True, False, id="no scheme"),
        pytest.param("https://", True, False, id="no host"),
        pytest.param("https://[", True, False, id="no address at all"),
    ],
)
def test_an_address_is_https_or_this_machine(url, allow_http, opens):
    """What is not dialled is refused when the channel is opened, without showing it."""
    if opens:
        channel(url, allow_http=allow_http)
        return
    with pytest.raises(DeliveryError) as caught:
        channel(url, allow_http=allow_http)
    assert caught.value.permanent
    assert "example.org" not in str(caught.value)


@pytest.mark.parametrize("token", ["a\r\nX: y", "tökén", "a\0b"])
def test_a_token_that_is_no_header_is_refused_unseen(token):
    """A token cannot bring a header of its own, nor fail only when a digest is due."""
    with pytest.raises(DeliveryError) as caught:
        channel("https://hooks.example.org/x", token=token)
    assert token not in str(caught.value)


def test_settings_show_neither_address_nor_token():
    """A settings object in a log keeps quiet."""
    settings = WebhookSettings("hook", f"https://h.example/{CANARY}", token=CANARY)
    assert CANARY not in repr(settings)
