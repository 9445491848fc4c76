"""Names what went wrong on the wire: foreign exceptions in, FetchError out.

A message names the host and the cause and never more of the address, whose path and query may hold
a secret. It judges no answer; an HTTP status of any kind is not a fault.
"""

from __future__ import annotations

import errno
import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import aiohttp
from aiohttp import client_exceptions as http

from monitor.errors import FetchError
from monitor.fetch.guard import Walled
from monitor.model.feeds import PollOutcome

#: From the narrow to the wide; the first that fits names the fault.
_FAULTS: tuple[tuple[type[Exception], PollOutcome, str], ...] = (
    (http.InvalidURL, PollOutcome.REFUSED, "the address cannot be read; correct it in feeds.yaml"),
    (TimeoutError, PollOutcome.TIMEOUT, "no connection in time"),
    (http.ClientPayloadError, PollOutcome.CONNECT, "the answer was cut short"),
    (http.ClientResponseError, PollOutcome.CONNECT, "the answer cannot be read as HTTP"),
    (http.ServerDisconnectedError, PollOutcome.CONNECT, "the server hung up without an answer"),
)

#: So many kept connections to one host may turn out to be closed before a request is given up.
MOST_STALE = 4
_reused: ContextVar[bool] = ContextVar("reused", default=False)


@contextmanager
def translated(host: str, *, redirected: bool = False) -> Iterator[None]:
    """Turn what aiohttp raises inside the block into FetchError.

    After a redirect a dead host says nothing about the host that was asked first.
    """
    try:
        yield
    except (aiohttp.ClientError, OSError, ValueError) as exc:
        kind, cause = _named(exc)
        unreachable = isinstance(exc, http.ClientConnectorError) and not redirected
        raise FetchError(kind, f"{host}: {cause}", whole_host=unreachable) from exc


async def note_reuse(*_: object) -> None:
    """Remember that the request goes over a connection that was open before (a tracing hook)."""
    _reused.set(True)


async def once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keep aiohttp from repeating a request that got no answer; the next poll is soon enough.

    It repeats on ClientOSError and ServerDisconnectedError, so these are wrapped. Only where the
    server had closed a kept connection, nobody has heard the request, and it goes over another
    (RFC 9112, 9.3.1).
    """
    for _ in range(MOST_STALE):
        _reused.set(False)
        try:
            return await handler(request)
        except http.ClientConnectorError:
            raise
        except (http.ClientOSError, http.ServerDisconnectedError) as exc:
            if not _reused.get():
                raise aiohttp.ClientConnectionError from exc
    raise aiohttp.ClientConnectionError from http.ServerDisconnectedError()


def _named(exc: Exception) -> tuple[PollOutcome, str]:
    """Return the class and the cause in words."""
    if type(exc) is http.ClientConnectionError and isinstance(exc.__cause__, Exception):
        exc = exc.__cause__
    if isinstance(exc, http.ClientConnectorError):
        return _not_connected(exc)
    for fault, kind, cause in _FAULTS:
        if isinstance(exc, fault):
            return kind, cause
    if isinstance(exc, OSError):
        return PollOutcome.CONNECT, f"connection lost ({_reason(exc)})"
    return PollOutcome.CONNECT, f"the request failed ({type(exc).__name__})"


def _not_connected(exc: http.ClientConnectorError) -> tuple[PollOutcome, str]:
    if isinstance(exc, http.ClientConnectorDNSError):
        return PollOutcome.DNS, f"name not resolved ({_reason(exc.os_error)})"
    if isinstance(exc, http.ClientSSLError):
        return PollOutcome.TLS, f"TLS failed ({_tls_reason(exc)})"
    wall = exc.os_error
    if isinstance(wall, Walled):
        hint = "name its network in fetch.allow_private if it is meant"
        return PollOutcome.REFUSED, f"leads to {wall.address} ({wall.why}); {hint}"
    return PollOutcome.CONNECT, f"not connected ({_reason(exc.os_error)})"


def _reason(exc: OSError) -> str:
    """Return the system's own words for an error; aiohttp wraps them in the address."""
    if exc.errno is not None and exc.errno in errno.errorcode:
        return os.strerror(exc.errno)
    words = exc.strerror or str(exc) or type(exc).__name__
    return " ".join(words.split())[:120]


def _tls_reason(exc: http.ClientSSLError) -> str:
    cause = exc.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return cause.verify_message or "certificate not trusted"
    if isinstance(cause, ssl.SSLError):
        return cause.reason or "handshake failed"
    return "handshake failed"
