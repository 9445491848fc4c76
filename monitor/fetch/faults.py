"""Names what went wrong on the wire: libcurl's codes in, FetchError out.

A message names the host and the cause and never more of the address, whose path and query may hold
a secret. It judges no answer; an HTTP status of any kind is not a fault.
"""

from __future__ import annotations

import errno
import os

from monitor.errors import FetchError
from monitor.fetch.transfers import CODES, Ended
from monitor.model.feeds import PollOutcome

_PLAIN = {
    CODES.timed_out: (PollOutcome.TIMEOUT, "no connection in time"),
    CODES.bad_address: (
        PollOutcome.REFUSED,
        "the address cannot be read; correct it in feeds.yaml",
    ),
    CODES.nothing: (PollOutcome.CONNECT, "the server hung up without an answer"),
}
_HINT = "name its network in fetch.allow_private if it is meant"


def named(ended: Ended, host: str, *, answered: bool) -> FetchError:
    """Return the error of a transfer that failed; ``answered``: the head of an answer has come."""
    if ended.walled is not None and ended.code == CODES.not_connected:
        wall = ended.walled
        what = f"leads to {wall.address} ({wall.why}); {_HINT}"
        return FetchError(PollOutcome.REFUSED, f"{host}: {what}", whole_host=True)
    kind, cause = _cause(ended, answered=answered)
    unreachable = ended.code in {CODES.not_connected, *CODES.tls} or (
        ended.code == CODES.timed_out and not answered
    )
    return FetchError(kind, f"{host}: {cause}", whole_host=unreachable)


def _cause(ended: Ended, *, answered: bool) -> tuple[PollOutcome, str]:
    """Return the class and the cause in words."""
    if ended.code in CODES.tls:
        return PollOutcome.TLS, f"TLS failed ({_words(ended.words)})"
    if ended.code == CODES.not_connected:
        return PollOutcome.CONNECT, f"not connected ({_reason(ended)})"
    if ended.code in CODES.lost and not answered:
        return PollOutcome.CONNECT, f"connection lost ({_reason(ended)})"
    return _PLAIN.get(ended.code, (PollOutcome.CONNECT, "the answer cannot be read as HTTP"))


def _reason(ended: Ended) -> str:
    """Return the system's own words for an error, or libcurl's."""
    if ended.errno in errno.errorcode:
        return os.strerror(ended.errno)
    return _words(ended.words)


def _words(text: str) -> str:
    """Return libcurl's words without the phrase that only says again that it is TLS."""
    plain = " ".join(text.split()).removeprefix("SSL certificate problem: ").removeprefix("SSL: ")
    return plain[:120] or "handshake failed"
