"""Reads the body of an answer within its bounds.

The body of a success must be whole, or it is an error: half a feed would look like a feed that lost
its items. Of any other status the number is what counts, and the body is whatever came of it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import aiohttp

from monitor.errors import FetchError
from monitor.fetch.encodings import EncodingFault, decoder_for
from monitor.fetch.limits import Limits
from monitor.model.feeds import PollOutcome

_PIECE = 64 * 2**10


class _TooLargeError(Exception):
    pass


async def read_body(response: aiohttp.ClientResponse, host: str, limits: Limits) -> bytes:
    """Return the decoded body. Raises FetchError and, for the caller to name, aiohttp's errors."""
    out = bytearray()
    if 200 <= response.status < 300:
        await _fill_whole(out, response, host, limits.body_bytes)
        return bytes(out)
    with suppress(EncodingFault, _TooLargeError, aiohttp.ClientError, OSError):
        async with asyncio.timeout(limits.error_body_s):
            await _fill(out, response, limits.error_body_bytes)
    return bytes(out)


async def _fill_whole(
    out: bytearray, response: aiohttp.ClientResponse, host: str, most: int
) -> None:
    too_large = FetchError(
        PollOutcome.TOO_LARGE, f"{host}: the body is larger than {most / 2**20:g} MiB"
    )
    if (response.content_length or 0) > most:
        raise too_large
    lost = _loss(response)
    try:
        ended = await _fill(out, response, most)
    except _TooLargeError:
        raise too_large from None
    except EncodingFault as exc:
        raise FetchError(PollOutcome.ENCODING, f"{host}: {exc}") from exc
    except (aiohttp.ClientError, OSError) as exc:
        raise _cut(host, out) from exc
    if not ended or lost:
        raise _cut(host, out)


def _loss(response: aiohttp.ClientResponse) -> list[BaseException]:
    """Return a list that will hold the error, if one ends a body that states no length.

    aiohttp takes even a reset for its end. Of a body with a length, or in chunks, it sees the end.
    """
    losses: list[BaseException] = []
    if response.content_length is not None or "Transfer-Encoding" in response.headers:
        return losses

    def note(closed: asyncio.Future[None]) -> None:
        error = None if closed.cancelled() else closed.exception()
        if error is not None:
            losses.append(error)

    protocol = response.connection.protocol if response.connection else None
    if protocol is not None and protocol.closed is not None:
        protocol.closed.add_done_callback(note)
    return losses


def _cut(host: str, out: bytearray) -> FetchError:
    return FetchError(PollOutcome.CONNECT, f"{host}: the answer was cut short at {len(out)} bytes")


async def _fill(out: bytearray, response: aiohttp.ClientResponse, most: int) -> bool:
    """Decode the body into ``out``, at most so many bytes; tell whether its own end was reached.

    The bytes on the wire have the same bound: a stream of empty blocks decodes to nothing for ever.
    """
    decoder = decoder_for(",".join(response.headers.getall("Content-Encoding", ())))
    taken = 0
    while piece := await response.content.read(_PIECE):
        taken += len(piece)
        room = most - len(out)
        plain = decoder.feed(piece, room)
        out += plain[:room]
        if taken > most or len(plain) > room:
            raise _TooLargeError
    return decoder.whole or not taken
