"""Validators to send and to remember, and how long a server asks us to wait. Pure.

A validator is stored byte for byte and never kept beyond the answer that replaced it: a client that
latches an old one downloads everything for ever, or nothing ever again.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from monitor.model import Answer, FeedState, Validators
from monitor.times import parse_http_date

#: So many full answers with the same body, though both validators were sent: the ETag is useless
#: (Apache makes one that never matches when it compresses).
USELESS_AFTER = 3
#: The least time between two requests without validators to one feed.
FULL_EVERY = timedelta(hours=24)
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)
_NO_CACHE = re.compile(r"(?:^|[,\s])no-(?:cache|store)\b", re.IGNORECASE)


def to_send(state: FeedState, now: datetime) -> Validators:
    """Return the validators for the next request.

    None at all when a full look is due: a feed that has answered 304 for far longer than its
    rhythm may be lying; at most one such look in 24 hours.
    """
    if not state.validators or is_full_look_due(state, now):
        return Validators()
    if state.same_answers >= USELESS_AFTER and state.validators.last_modified:
        return Validators(None, state.validators.last_modified)
    return state.validators


def is_full_look_due(state: FeedState, now: datetime) -> bool:
    """Tell whether the feed's 304s have become doubtful, or are known to be false."""
    if state.last_full_at is not None and now - state.last_full_at < FULL_EVERY:
        return False
    if state.lying:
        return True
    quiet = now - (state.last_new_at or now)
    return quiet > max(FULL_EVERY, timedelta(seconds=4 * (state.rhythm_s or 0)))


def validators_of(answer: Answer, before: Validators) -> Validators:
    """Return the validators to remember, as sent.

    A 200 replaces both, a missing one is forgotten; a 304 replaces those that it carries
    (RFC 9110, 15.4.5).
    """
    etag, modified = answer.header("etag"), answer.header("last-modified")
    if answer.status == 304:
        return Validators(etag or before.etag, modified or before.last_modified)
    return Validators(etag, modified)


def asked_delay(answer: Answer, now: datetime, declared_s: float | None = None) -> float | None:
    """Return the seconds a server asks us to wait: Retry-After, else the longest wish of the rest.

    That is max-age, or without it Expires, and ``declared_s``: what the document itself declares
    (ttl, ``sy:updatePeriod``). Dates count relative to the server's own Date, so that its wrong
    clock does not matter (RFC 9111, 4.2; RFC 9110, 10.2.3). Garbage and the past are None.
    """
    base = parse_http_date(answer.header("date") or "") or now
    if answer.status in {429, 503}:
        return _retry_after(answer, base)
    if answer.status >= 400:
        return None
    wishes = [wish for wish in (_freshness(answer, base), declared_s) if wish and wish > 0]
    return max(wishes, default=None)


def _retry_after(answer: Answer, base: datetime) -> float | None:
    text = (answer.header("retry-after") or "").strip()
    if re.fullmatch(r"\d{1,12}", text):
        return float(text)
    moment = parse_http_date(text)
    if moment is None or moment <= base:
        return None
    return (moment - base).total_seconds()


def _freshness(answer: Answer, base: datetime) -> float | None:
    control = answer.header("cache-control") or ""
    if _NO_CACHE.search(control):
        return None
    if found := _MAX_AGE.search(control):
        return float(found.group(1))
    expires = parse_http_date(answer.header("expires") or "")
    return (expires - base).total_seconds() if expires else None
