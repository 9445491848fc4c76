"""Nouns of reading: what a digest holds, and where its delivery stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from monitor.model.items import Level, Member, Story


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
class WatchlistInfo:
    """What a digest needs to know of a watchlist."""

    name: str
    title: str
    level: Level = Level.MEDIUM


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


class DeliveryState(StrEnum):
    """Where a delivery stands; see docs/delivery.md."""

    PENDING = "pending"
    SENDING = "sending"  #: claimed; after a crash: nobody knows
    SENT = "sent"
    RETRY = "retry"  #: temporary failure, due again at ``due_at``
    DEAD = "dead"  #: permanent failure: the dead letter


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
