"""Nouns of the recorded news day: who publishes, in which feeds, what and when.

Frozen values only. ``event`` and ``trap`` are for tests and never reach a served document.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")
DAY_START = datetime(2026, 3, 10, 7, tzinfo=ZONE).astimezone(UTC)
DAY_END = DAY_START + timedelta(days=1)


class TroubleKind(StrEnum):
    """What is wrong with a feed; each is a thing that real feeds do."""

    GONE = "gone"  #: 410
    NOT_FOUND = "not-found"  #: 404
    CHALLENGE = "challenge"  #: 403 with a bot challenge page
    UNAVAILABLE = "unavailable"  #: 503 with Retry-After
    WEB_PAGE = "web-page"  #: 200, but HTML where the feed was
    TRUNCATED = "truncated"  #: the document breaks off
    BAD_BYTE = "bad-byte"  #: one byte that is no UTF-8
    PARSER_TRAP = "parser-trap"  #: small, well-formed, and takes feedparser most of a minute


@dataclass(frozen=True, slots=True)
class Trouble:
    """A fault that lasts from ``start`` (included) to ``end`` (excluded)."""

    kind: TroubleKind
    start: datetime
    end: datetime

    def on_at(self, now: datetime) -> bool:
        return self.start <= now < self.end


@dataclass(frozen=True, slots=True)
class Edit:
    """A new headline from ``at`` on."""

    at: datetime
    title: str


@dataclass(frozen=True, slots=True)
class SampleItem:
    """One invented news item of one outlet."""

    number: int  #: place in the outlet's file, from 1
    published_at: datetime
    sections: tuple[str, ...]
    title: str
    summary: str
    link: str
    guid: str
    source: str = ""  #: the outlet that the entry itself names
    edits: tuple[Edit, ...] = ()
    withdrawn_at: datetime | None = None
    event: str = ""
    trap: str = ""
    wire: str = ""  #: the syndicated story whose text this is

    def title_at(self, now: datetime) -> str:
        return next((edit.title for edit in reversed(self.edits) if edit.at <= now), self.title)

    def changed_at(self, now: datetime) -> datetime:
        """Return when the item last changed, as seen at ``now``."""
        return max([self.published_at, *(edit.at for edit in self.edits if edit.at <= now)])

    def is_out(self, now: datetime) -> bool:
        withdrawn = self.withdrawn_at is not None and self.withdrawn_at <= now
        return self.published_at <= now and not withdrawn


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How the server of a feed speaks HTTP, and how its documents are written."""

    etag: str = ""  #: ``strong``, ``weak`` or none
    last_modified: bool = False
    coding: str = ""  #: ``gzip``, when the client accepts it
    charset: str = "utf-8"
    charset_in: str = "xml"  #: where the charset is declared: ``xml`` or ``http``
    moved_to: str = ""  #: the feed's own path answers 301 to this one
    max_age_s: int = 0
    retry_after_s: int = 0
    ttl_min: int = 0
    markup: bool = False  #: summaries are HTML paragraphs
    restless: bool = False  #: the document carries the time of the request
    omit: tuple[str, ...] = ()  #: ``guid``, ``date``
    troubles: tuple[Trouble, ...] = ()

    def trouble_at(self, now: datetime) -> TroubleKind | None:
        return next((trouble.kind for trouble in self.troubles if trouble.on_at(now)), None)


@dataclass(frozen=True, slots=True)
class SampleFeed:
    """One feed of an outlet, with every item that it will ever show, oldest first."""

    path: str
    title: str
    outlet: str
    domain: str
    language: str
    country: str
    tags: tuple[str, ...]
    state_affiliated: bool
    kind: str  #: ``rss``, ``atom`` or ``rdf``
    size: int  #: shows the newest so many items
    behaviour: Behaviour
    items: tuple[SampleItem, ...]

    def shown_at(self, now: datetime) -> tuple[SampleItem, ...]:
        """Return the items that the feed carries at ``now``, newest first."""
        out = [item for item in self.items if item.is_out(now)]
        return tuple(reversed(out[-self.size :]))

    def changed_at(self, now: datetime) -> datetime:
        """Return when the document last changed, as seen at ``now``."""
        gone = [item.withdrawn_at for item in self.items if item.withdrawn_at is not None]
        changes = [item.changed_at(now) for item in self.items if item.published_at <= now]
        return max([DAY_START - timedelta(days=1), *changes, *(at for at in gone if at <= now)])


@dataclass(frozen=True, slots=True)
class Outlet:
    """An invented publisher."""

    name: str
    domain: str
    country: str
    state_affiliated: bool
    feeds: tuple[SampleFeed, ...]
    items: tuple[SampleItem, ...]


@dataclass(frozen=True, slots=True)
class NewsDay:
    """The whole day, outlets in the order of their files."""

    outlets: tuple[Outlet, ...]
    start: datetime = DAY_START
    end: datetime = DAY_END

    @property
    def feeds(self) -> tuple[SampleFeed, ...]:
        return tuple(feed for outlet in self.outlets for feed in outlet.feeds)

    @property
    def items(self) -> tuple[SampleItem, ...]:
        return tuple(item for outlet in self.outlets for item in outlet.items)
