"""Posts one message to a Slack webhook: only the answer ``ok`` counts, one message a second.

The address is the secret; how a POST is made and told of is :mod:`monitor.delivery.post`.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from monitor.delivery.channel import Clock
from monitor.delivery.post import Answer, Postbox, pieces_of, secret_address
from monitor.delivery.redaction import Redaction
from monitor.errors import DeliveryError
from monitor.model import Message

#: What a room reads above a message that it may have seen before.
REPEAT_NOTE = "Possibly a repeat: the answer to an earlier attempt was lost."

_BLOCKS_LIMIT = 50
_HEADERS = {"Content-Type": "application/json"}
_HINT = "look at the webhook of this channel"
_MENTION = re.compile(r"<(?:!(?:here|channel|everyone|subteam\^S[A-Z0-9]+)|@[UW][A-Z0-9]+)>")


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """A webhook and how fast it may be used."""

    name: str
    webhook: str = field(repr=False)
    allow_http: bool = False  #: to this machine only, for tests
    timeout_s: float = 30.0
    gap_s: float = 1.0  #: between messages: Slack takes one a second
    holds: bool = False  #: what may have arrived waits for a person


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
        self.holds = settings.holds
        self._gap_s = settings.gap_s
        self._post = _postbox(settings)
        self._clock = clock
        self._sleep = sleep
        self._monotonic = monotonic
        self._free_at = monotonic()
        self._turn = asyncio.Lock()

    async def send(self, message: Message, *, repeat: bool = False) -> None:
        """Post ``message``; only status 200 with the body ``ok`` counts as sent.

        Temporary: no connection, 408, 429, 5xx. Permanent: every other answer. Uncertain: the
        connection stood, but no whole answer came.
        """
        body = _marked(message.body) if repeat else message.body
        async with self._turn:
            await self._pause()
            try:
                answer = await self._post.post(body, _HEADERS)
            finally:
                self._free_at = self._monotonic() + self._gap_s
        self._judge(answer)

    async def _pause(self) -> None:
        wait = self._free_at - self._monotonic()
        if wait > 0:
            await self._sleep(min(wait, self._gap_s))

    def _judge(self, answer: Answer) -> None:
        if answer.status != 200:
            raise self._post.refusal(answer, self._clock.now(), _HINT)
        if answer.text is None:
            raise self._post.lost("status 200, but the answer broke off", uncertain=True)
        if answer.text.strip() != "ok":
            raise self._post.refusal(answer, self._clock.now(), _HINT)


def check_mention(mention: str) -> None:
    """Raise a permanent DeliveryError unless ``mention`` is empty, or mentions and nothing else."""
    if not all(_MENTION.fullmatch(one) for one in mention.split()):
        raise DeliveryError(
            "mention: is none that Slack knows; write <!here>, <!channel>, <@U012AB3CD> "
            "or <!subteam^S012AB3CD>",
            permanent=True,
        )


def _postbox(settings: SlackSettings) -> Postbox:
    """Return where to post. Raises a permanent DeliveryError that does not show the address."""
    url = secret_address(settings.webhook, allow_http=settings.allow_http)
    if url is None:
        raise DeliveryError(
            f"channel {settings.name}: the webhook is no https:// address (it is not shown here); "
            "look at webhook_file",
            permanent=True,
        )
    quote = Redaction(*pieces_of(settings.webhook, url))
    return Postbox(settings.name, "Slack", url, quote, settings.timeout_s)


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
