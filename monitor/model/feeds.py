"""Nouns of polling: what was asked, what came over the wire, what a feed said, what we remember."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Feed:
    """A polled address from feeds.yaml; the address is its identity."""

    url: str
    title: str
    outlet: str  #: who publishes it; several feeds may share one
    language: str = ""
    country: str = ""
    tags: tuple[str, ...] = ()
    state_affiliated: bool = False
    interval_s: float | None = None  #: a wish of the user; servers may ask for more
    expect_s: float | None = None  #: how often the user expects news of it
    since: date | None = None  #: what it held from this day on is news, not backfill


@dataclass(frozen=True, slots=True)
class Validators:
    """ETag and Last-Modified, byte for byte as the server sent them (RFC 9110, 8.8)."""

    etag: str | None = None
    last_modified: str | None = None

    def __bool__(self) -> bool:
        return bool(self.etag or self.last_modified)


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer, redirects followed; deciding what it means is not the door's job."""

    url: str  #: the address that answered
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)  #: lower-case names
    body: bytes = b""  #: decoded from its Content-Encoding, empty on 304
    hops: tuple[tuple[int, str], ...] = ()  #: (status, target) of each redirect followed
    elapsed_s: float = 0.0

    def header(self, name: str) -> str | None:
        return self.headers.get(name)


class PollOutcome(StrEnum):
    """What one poll came to. Stored, shown, counted."""

    OK = "ok"
    NOT_MODIFIED = "not-modified"
    TRUNCATED = "truncated"
    GONE = "gone"
    NOT_FOUND = "not-found"
    BLOCKED = "blocked"
    RATE_LIMITED = "rate-limited"
    SERVER_ERROR = "server-error"
    CLIENT_ERROR = "client-error"
    TIMEOUT = "timeout"
    CONNECT = "connect"
    DNS = "dns"
    TLS = "tls"
    TOO_LARGE = "too-large"
    ENCODING = "encoding"
    REDIRECT = "redirect"
    REFUSED = "refused"  #: by our own wall: a private address, a forbidden scheme
    NOT_A_FEED = "not-a-feed"
    PARSER_KILLED = "parser-killed"

    @property
    def well(self) -> bool:
        """True when the feed's news of the moment are all in the store."""
        return self in {PollOutcome.OK, PollOutcome.NOT_MODIFIED}

    @property
    def unreached(self) -> bool:
        """True when no server answered at all."""
        return self in {
            PollOutcome.TIMEOUT,
            PollOutcome.CONNECT,
            PollOutcome.DNS,
            PollOutcome.TLS,
        }


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed document, as plain text; nothing is looked up or judged yet."""

    guid: str | None
    link: str | None
    title: str
    summary: str
    published_at: datetime | None = None
    author: str = ""
    source: str = ""  #: the outlet that the entry itself names (RSS ``source``)


#: Stands for an entry that was left out of parsing, because its raw bytes were known.
UNREAD = Entry(guid=None, link=None, title="", summary="")


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed document, read whole or without the entries that were known."""

    kind: str  #: ``rss20``, ``atom10``, ...
    title: str
    entries: tuple[Entry, ...]
    language: str = ""
    ttl_s: float | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()  #: Monday = 0
    truncated: bool = False  #: the document broke off; the last entry was left out
    left_out: int = 0  #: entries beyond the cap
    warnings: tuple[str, ...] = ()
    #: A hash of each entry's raw bytes, in the order of the document; "" for an entry that must be
    #: parsed every time, and no hashes at all for a document that cannot be cut into entries.
    raw_keys: tuple[str, ...] = ()
    skipped: int = 0  #: entries that were left out of ``entries`` because their hash was known


@dataclass(frozen=True, slots=True)
class FeedState:
    """What is remembered of a feed between polls."""

    url: str
    validators: Validators = field(default_factory=Validators)
    next_poll_at: datetime | None = None
    why_then: str = ""  #: the reason for the next poll's time
    last_poll_at: datetime | None = None
    last_well_at: datetime | None = None
    last_new_at: datetime | None = None
    last_full_at: datetime | None = None  #: last request without validators
    outcome: PollOutcome | None = None
    reason: str = ""
    failures: int = 0
    failing_since: datetime | None = None
    body_hash: str = ""
    moved_to: str | None = None
    moves: int = 0  #: polls in a row that were redirected there for good
    gone: bool = False
    interval_s: float | None = None  #: the pace that the feed has earned
    rhythm_s: float | None = None  #: smoothed time between two polls with news
    same_answers: int = 0  #: full answers in a row with the same body, although asked not to
    lying: bool = False  #: said 304 when there was news
    empties: int = 0  #: documents in a row without any entry
    noticed_at: datetime | None = None  #: when the present trouble became worth a notice
    recovered_at: datetime | None = None
    declared_s: float | None = None  #: the least time between polls that the document declares
    skip_hours: tuple[int, ...] = ()  #: hours (UTC) in which it asks not to be polled
    skip_days: tuple[int, ...] = ()  #: weekdays (UTC), Monday = 0
    by_link: bool = False  #: its guids proved useless: links identify its entries
    twin: str = ""  #: a subscribed feed that it moved to, or repeats: the two want merging


@dataclass(frozen=True, slots=True)
class PollRecord:
    """One row per poll: what happened and what follows."""

    feed_url: str
    at: datetime
    outcome: PollOutcome
    status: int | None
    reason: str
    conditional: bool
    bytes: int = 0
    elapsed_s: float = 0.0
    found: int = 0
    new: int = 0
    sighted: int = 0
    edited: int = 0
    hits: int = 0
    left_out: int = 0
    possible_gap: bool = False
    next_poll_at: datetime | None = None  #: what was planned then, and why
    why_then: str = ""

    @property
    def known(self) -> int:
        """Entries that were nothing new: neither new, nor first seen here, nor edited."""
        return max(0, self.found - self.new - self.sighted - self.edited)
