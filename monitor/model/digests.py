"""Nouns of reading: what a digest holds, and where its delivery stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from monitor.model.items import Level, Member, Story
from monitor.model.stories import Dossier, Surge


@dataclass(frozen=True, slots=True)
class Window:
    """From ``start`` (included) to ``end`` (excluded)."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """A digest that must be built now."""

    profile: str
    local_date: date
    window: Window
    catch_up: bool = False  #: covers more than one slot after downtime


@dataclass(frozen=True, slots=True)
class FeedTrouble:
    """A feed whose news may be missing, for the coverage footer."""

    title: str
    url: str
    outlet: str
    status: str
    reason: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was watched in a window, and what may be missing."""

    feeds: int = 0
    polled: int = 0  #: feeds polled at least once in the window
    well: int = 0  #: feeds whose last poll was well
    polls: int = 0
    items: int = 0  #: new items in the window
    troubles: tuple[FeedTrouble, ...] = ()
    gaps: tuple[str, ...] = ()  #: sentences: feeds or hours that may have holes
    caps: tuple[str, ...] = ()  #: sentences: what a limit cut off
    notices: tuple[str, ...] = ()  #: sentences: a watchlist that did not load, a dead letter


@dataclass(frozen=True, slots=True)
class Trend:
    """How much one watchlist found, for a line of small bars."""

    watchlist: str
    counts: tuple[int, ...]  #: items per local day, the oldest first, today last


@dataclass(frozen=True, slots=True)
class Flood:
    """Far more than usual: what to say instead of listing it all."""

    hits: int
    usual: float  #: hits of a usual window
    sources: tuple[tuple[str, int], ...]  #: outlets with the most items, the most first
    terms: tuple[tuple[str, int], ...]  #: terms as the watchlists write them, the most first


@dataclass(frozen=True, slots=True)
class WatchlistInfo:
    """What a digest needs to know of a watchlist."""

    name: str
    title: str
    level: Level = Level.MEDIUM
    on_trial: bool = False  #: status ``test``: told in a section of its own, never alerts


@dataclass(frozen=True, slots=True)
class DigestStory:
    """A story as a digest shows it: judged, cut to size, still without markup."""

    story: Story
    lead: Member  #: the item whose headline stands for the story
    watchlists: tuple[str, ...]
    level: Level
    score: float
    outlets: tuple[str, ...]  #: in the order in which they were seen
    state_outlets: tuple[str, ...]
    languages: tuple[str, ...]
    first_seen_at: datetime
    is_update: bool = False  #: an earlier digest has shown the story
    dossier: Dossier = field(default_factory=Dossier)
    alerted_at: datetime | None = None  #: when an alert told of it, in this digest's window
    on_trial: bool = False  #: only lists that are still being tried out found it


@dataclass(frozen=True, slots=True)
class Section:
    watchlist: WatchlistInfo
    stories: tuple[DigestStory, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Digest:
    """What one reader gets for one window."""

    id: str  #: the key: profile and local date; also in the log
    profile: str
    window: Window
    timezone: str
    top: tuple[DigestStory, ...]
    sections: tuple[Section, ...]
    quiet: tuple[WatchlistInfo, ...]  #: watchlists without a match
    coverage: Coverage
    stories: int
    items: int
    outlets: int
    catch_up: bool = False
    title: str = "Watch"  #: what subject and heading call it
    trends: tuple[Trend, ...] = ()
    surges: tuple[Surge, ...] = ()
    flood: Flood | None = None
    levels: tuple[tuple[Level, int], ...] = ()  #: how many of ``stories`` each level has


@dataclass(frozen=True, slots=True)
class Alert:
    """Stories that are told at once, gathered for one message."""

    id: str  #: the key: rule and moment; also in the log
    rule: str
    at: datetime
    timezone: str
    stories: tuple[DigestStory, ...]
    reasons: tuple[str, ...]  #: one for each story: ``new story``, ``update: 6,000 drones``
    left_out: int = 0
    watchlists: tuple[WatchlistInfo, ...] = ()  #: those that the stories name


class DeliveryState(StrEnum):
    """Where a delivery stands; see docs/delivery.md."""

    PENDING = "pending"
    SENDING = "sending"  #: claimed; after a crash: nobody knows
    SENT = "sent"
    RETRY = "retry"  #: temporary failure, due again at ``due_at``
    UNCERTAIN = "uncertain"  #: interrupted, and held until a person says: send it again, or drop it
    DEAD = "dead"  #: permanent failure: the dead letter
    DROPPED = "dropped"  #: a person said: not to be sent any more


@dataclass(frozen=True, slots=True)
class Message:
    """One frozen part for one recipient of one channel; sent again it is the same bytes."""

    channel: str
    recipient: str  #: address, or the channel's name where there is one receiver only
    part: int
    parts: int
    name: str  #: file name or Message-ID
    body: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message in the ledger."""

    id: int
    digest_id: str
    message: Message
    state: DeliveryState
    attempts: int
    due_at: datetime
    first_tried_at: datetime | None = None
    error: str = ""
    repeat: bool = False  #: an earlier attempt was interrupted: it may arrive twice
