"""Posts one message to a Slack webhook: one POST per attempt, no redirect, no retry of its own.

The address is the secret. It is never part of an error, a repr or a log line. It was written by
the operator, so it is dialled without the wall that feeds have, but by https only.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import re
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp
from yarl import URL

from monitor.delivery.channel import Clock
from monitor.delivery.redaction import Redaction
from monitor.errors import DeliveryError
from monitor.model import Message

#: What a room reads above a message that it may have seen before.
REPEAT_NOTE = "Possibly a repeat: the answer to an earlier attempt was lost."

_ANSWER_LIMIT = 4096
_BLOCKS_LIMIT = 50
_RETRY_AFTER_S = (1.0, 6 * 3600.0)
_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?")
_TEMPORARY = frozenset({408, 429})
_LOST = (aiohttp.ClientError, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """A webhook and how fast it may be used."""

    name: str
    webhook: str = field(repr=False)
    allow_http: bool = False  #: to this machine only, for tests
    timeout_s: float = 30.0
    gap_s: float = 1.0  #: between messages: Slack takes one a second


class SlackChannel:
    """One webhook, that is one room."""

    def __init__(
        self,
        settings: SlackSettings,
        clock: Clock,
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = settings.name
        self._settings = settings
        self._url = _webhook(settings)
        self._clock = clock
        self._sleep = sleep
        self._monotonic = monotonic
        self._free_at = monotonic()
        self._turn = asyncio.Lock()
        self._quote = Redaction(*_secrets(settings.webhook, self._url))

    async def send(self, message: Message, *, repeat: bool = False) -> None:
        """Post ``message``; only status 200 with the body ``ok`` counts as sent.

        Temporary: no connection, 408, 429, 5xx. Permanent: every other answer. Uncertain: the
        connection stood, but no whole answer came.
        """
        body = _marked(message.body) if repeat else message.body
        async with self._turn:
            await self._pause()
            try:
                await self._post(body)
            finally:
                self._free_at = self._monotonic() + self._settings.gap_s

    async def _pause(self) -> None:
        wait = self._free_at - self._monotonic()
        if wait > 0:
            await self._sleep(min(wait, self._settings.gap_s))

    async def _post(self, body: bytes) -> None:
        reached = asyncio.Event()
        try:
            async with (
                self._session(reached) as session,
                session.post(self._url, data=body, allow_redirects=False) as response,
            ):
                status, headers = response.status, response.headers
                text = await _start_of(response)
        except _LOST as error:
            said = self._quote(error) or type(error).__name__
            raise self._lost(said, uncertain=reached.is_set()) from None
        if refusal := self._judge(status, text, headers.get("Retry-After", "")):
            raise refusal

    def _session(self, reached: asyncio.Event) -> aiohttp.ClientSession:
        """Return a session for one request; ``reached`` is set when a connection stands."""

        async def connected(*_: object) -> None:
            reached.set()

        trace = aiohttp.TraceConfig()
        trace.on_connection_create_end.append(connected)
        return aiohttp.ClientSession(
            trust_env=False,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            connector=aiohttp.TCPConnector(force_close=True),
            timeout=aiohttp.ClientTimeout(total=self._settings.timeout_s),
            trace_configs=[trace],
            headers={
                "Content-Type": "application/json",
                "User-Agent": "newsmonitor",
                "Accept-Encoding": "identity",
            },
        )

    def _judge(self, status: int, text: str | None, retry_after: str) -> DeliveryError | None:
        if status == 200 and text is None:
            return self._lost("status 200, but the answer broke off", uncertain=True)
        if status == 200 and text is not None and text.strip() == "ok":
            return None
        said = self._quote(text or "") or "nothing more"
        what = f"channel {self.name}: Slack answered {status}: {said}"
        if status in _TEMPORARY or status >= 500:
            wait = _retry_after_s(retry_after, self._clock.now())
            return DeliveryError(what, retry_after_s=wait)
        if 300 <= status < 400:
            what = f"channel {self.name}: Slack answered {status}, a redirect is not followed"
        return DeliveryError(f"{what}; look at the webhook of this channel", permanent=True)

    def _lost(self, said: str, *, uncertain: bool) -> DeliveryError:
        what = "no clear answer, the message may have arrived" if uncertain else "no connection"
        return DeliveryError(f"channel {self.name}: {what}: {said}", uncertain=uncertain)


def _webhook(settings: SlackSettings) -> URL:
    """Return the webhook's address. Raises a permanent DeliveryError that does not show it."""
    url = URL()
    with suppress(ValueError):
        url = URL(settings.webhook.strip())
    https = url.scheme == "https" and bool(url.host)
    if https or (settings.allow_http and url.scheme == "http" and _is_loopback(url.host or "")):
        return url
    raise DeliveryError(
        f"channel {settings.name}: the webhook is no https:// address (it is not shown here); "
        "look at webhook_file",
        permanent=True,
    )


def _secrets(webhook: str, url: URL) -> list[str]:
    """Return the address and those of its pieces that open the door by themselves."""
    pieces = {part for part in url.raw_parts if len(part) >= 8} - {"services"}
    whole = (webhook.strip(), str(url), url.raw_path_qs, url.raw_path)
    found = [*whole, url.raw_query_string, url.raw_password or "", *pieces]
    return [one for one in found if len(one) > 1]  # the path "/" is no secret


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _start_of(response: aiohttp.ClientResponse) -> str | None:
    """Return the start of the answer's body, None if it broke off."""
    body = bytearray()
    try:
        async for chunk in response.content.iter_chunked(_ANSWER_LIMIT):
            body += chunk
            if len(body) >= _ANSWER_LIMIT:
                break
    except _LOST:
        return None
    return body[:_ANSWER_LIMIT].decode("utf-8", "replace")


def _retry_after_s(value: str, now: datetime) -> float | None:
    """Return the wait that ``Retry-After`` asks for (RFC 9110 10.2.3), kept within bounds.

    None for what is neither seconds nor a date.
    """
    value = value.strip()
    least, most = _RETRY_AFTER_S
    if _SECONDS.fullmatch(value):
        return min(max(float(value), least), most)
    try:
        then = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    aware = then if then.tzinfo else then.replace(tzinfo=UTC)
    return min(max((aware - now).total_seconds(), least), most)


def _marked(body: bytes) -> bytes:
    """Return the payload with a note that it may be a repeat; what is no payload stays as it is."""
    try:
        payload = json.loads(body)
    except ValueError:
        return body
    if not isinstance(payload, dict):
        return body
    payload["text"] = f"{REPEAT_NOTE} {payload.get('text') or ''}".strip()
    blocks = payload.get("blocks")
    if isinstance(blocks, list) and 0 < len(blocks) < _BLOCKS_LIMIT:
        note = {"type": "plain_text", "text": REPEAT_NOTE}
        payload["blocks"] = [{"type": "context", "elements": [note]}, *blocks]
    return json.dumps(payload, ensure_ascii=False).encode("utf-8", "replace")
