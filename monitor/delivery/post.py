"""One POST to an address that is a secret: no redirect, no retry, no proxy, a bounded answer.

What is done with the answer, each channel decides. The address was written by the operator, so it
is dialled without the wall that feeds have, but by https only. It is never part of an error, a
repr or a log line.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp
from yarl import URL

from monitor.delivery.redaction import Redaction
from monitor.errors import DeliveryError

_ANSWER_LIMIT = 4096
_RETRY_AFTER_S = (1.0, 6 * 3600.0)
_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?")
_TEMPORARY = frozenset({408, 429})
_LOST = (aiohttp.ClientError, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said."""

    status: int
    text: str | None  #: the start of the body; None when it broke off
    retry_after: str = ""

    @property
    def is_temporary(self) -> bool:
        return self.status in _TEMPORARY or self.status >= 500


@dataclass(frozen=True, slots=True)
class Postbox:
    """Where the POSTs of one channel go, and how its failures are told."""

    name: str  #: of the channel
    what: str  #: how messages call the other side: ``Slack``
    url: URL
    quote: Redaction
    timeout_s: float = 30.0

    async def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post once; raises an uncertain DeliveryError once the connection stood."""
        reached = asyncio.Event()
        try:
            async with (
                self._session(reached) as session,
                session.post(
                    self.url, data=body, headers=headers, allow_redirects=False
                ) as response,
            ):
                text = await _start_of(response)
                wait = response.headers.get("Retry-After", "")
                return Answer(response.status, text, wait)
        except _LOST as error:
            said = self.quote(error) or type(error).__name__
            raise self.lost(said, uncertain=reached.is_set()) from None

    def lost(self, said: str, *, uncertain: bool) -> DeliveryError:
        what = "no clear answer, the message may have arrived" if uncertain else "no connection"
        return DeliveryError(f"channel {self.name}: {what}: {said}", uncertain=uncertain)

    def refusal(self, answer: Answer, now: datetime, hint: str) -> DeliveryError:
        """Return what an answer that is no success means: to be tried again, or final."""
        said = self.quote(answer.text or "") or "nothing more"
        what = f"channel {self.name}: {self.what} answered {answer.status}: {said}"
        if answer.is_temporary:
            return DeliveryError(what, retry_after_s=retry_after_s(answer.retry_after, now))
        if 300 <= answer.status < 400:
            what = f"channel {self.name}: {self.what} answered {answer.status}, "
            what += "a redirect is not followed"
        return DeliveryError(f"{what}; {hint}", permanent=True)

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
            timeout=aiohttp.ClientTimeout(total=self.timeout_s),
            trace_configs=[trace],
            headers={"User-Agent": "newsmonitor", "Accept-Encoding": "identity"},
        )


def secret_address(value: str, *, allow_http: bool) -> URL | None:
    """Return ``value`` as an address that may be dialled: https, or http to this machine only."""
    with suppress(ValueError):
        url = URL(value.strip())
        if url.scheme == "https" and url.host:
            return url
        if allow_http and url.scheme == "http" and is_loopback(url.host or ""):
            return url
    return None


def pieces_of(address: str, url: URL) -> list[str]:
    """Return the address and those of its pieces that open the door by themselves."""
    pieces = {part for part in url.raw_parts if len(part) >= 8} - {"services"}
    whole = (address.strip(), str(url), url.raw_path_qs, url.raw_path)
    values = [value for value in url.query.values() if len(value) >= 8]
    found = [*whole, url.raw_query_string, url.raw_password or "", *pieces, *values]
    return [one for one in found if len(one) > 1]  # the path "/" is no secret


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def retry_after_s(value: str, now: datetime) -> float | None:
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
