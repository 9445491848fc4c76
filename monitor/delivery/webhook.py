"""Posts one message as JSON to an address of the operator's, with a key by which a repeat is known.

The address and the token are the secrets; how a POST is made and told of is
:mod:`monitor.delivery.post`. The address may be a private one, since the operator wrote it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from monitor.delivery.channel import Clock
from monitor.delivery.post import Answer, Postbox, pieces_of, secret_address
from monitor.delivery.redaction import Redaction
from monitor.errors import DeliveryError
from monitor.model import Message
from monitor.text import digest

_HINT = "look at the address and the token of this channel"


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """An address that takes JSON."""

    name: str
    url: str = field(repr=False)
    token: str = field(default="", repr=False)  #: sent as ``Authorization: Bearer``
    allow_http: bool = False  #: to this machine only
    timeout_s: float = 30.0
    holds: bool = False  #: what may have arrived waits for a person


class WebhookChannel:
    """One address."""

    def __init__(self, settings: WebhookSettings, clock: Clock) -> None:
        self.name = settings.name
        self.holds = settings.holds
        self._post = _postbox(settings)
        self._token = settings.token
        self._clock = clock

    async def send(self, message: Message, *, repeat: bool = False) -> None:  # noqa: ARG002
        """Post ``message``; every status from 200 to 299 counts as sent.

        A repeat shows itself by its ``Idempotency-Key``. Temporary: no connection, 408, 429, 5xx.
        Permanent: every other answer. Uncertain: the connection stood, but no whole answer came.
        """
        answer = await self._post.post(message.body, self._headers(message))
        self._judge(answer)

    def _headers(self, message: Message) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            # A structured string, quotes included, as the IETF's draft on this header has it.
            "Idempotency-Key": f'"{idempotency_key(message)}"',
        }
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        return headers

    def _judge(self, answer: Answer) -> None:
        if not 200 <= answer.status < 300:
            raise self._post.refusal(answer, self._clock.now(), _HINT)
        if answer.text is None:
            said = f"status {answer.status}, but the answer broke off"
            raise self._post.lost(said, uncertain=True)


def idempotency_key(message: Message) -> str:
    """Return the key of a message, the same for every attempt, another for every other message."""
    about = (message.channel, message.recipient, message.name, str(message.part))
    return digest("idempotency", *about, length=32)


def _postbox(settings: WebhookSettings) -> Postbox:
    url = secret_address(settings.url, allow_http=settings.allow_http)
    if url is None:
        raise DeliveryError(
            f"channel {settings.name}: url_file holds no https:// address (it is not shown here); "
            "http is for addresses of this machine only",
            permanent=True,
        )
    if not (settings.token.isascii() and settings.token.isprintable()):
        raise DeliveryError(
            f"channel {settings.name}: the token holds what no header can carry; write it as ASCII",
            permanent=True,
        )
    quote = Redaction(*pieces_of(settings.url, url), settings.token)
    return Postbox(settings.name, "the webhook", url, quote, settings.timeout_s)
