"""Nouns of identity: how an entry becomes an item, and why it is or is not written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum

from monitor.model.feeds import Entry


@dataclass(frozen=True, slots=True)
class Marks:
    """All that the rules of identity look at in an entry, and no words: small enough to keep."""

    guid: str  #: a hash of it; "" for none
    name: str  #: a hash of the guid's canonical form; "" for none
    url: str | None  #: canonical link
    title: str  #: a hash of the folded headline
    day: str  #: of publication, ISO; "" for none
    fingerprint: str  #: of title and summary


@dataclass(frozen=True, slots=True)
class Identified:
    """An entry with the keys it is recognised by."""

    entry: Entry  #: UNREAD where only its marks are remembered
    marks: Marks
    key: str  #: identity inside its feed
    url: str | None  #: canonical link, identity over all feeds; None where it identifies nothing
    link: str  #: the link as it may be shown, or ""
    fingerprint: str  #: of title and summary; differs when a reader would see a difference


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """What the store remembers of an entry's identity."""

    item_id: int
    fingerprint: str  #: of the item's present version
    versions: int
    sighted_here: bool  #: this feed has carried it before
    own: bool = True  #: this feed was the first to carry it: its edits count
    published_at: datetime | None = None
    purged: bool = False  #: its words are gone; it stays only so that it never returns


@dataclass(frozen=True, slots=True)
class Known:
    """What the store remembers of a document's entries, by each of their marks."""

    by_key: Mapping[str, KnownEntry] = field(default_factory=dict)
    by_url: Mapping[str, KnownEntry] = field(default_factory=dict)
    by_wording: Mapping[str, KnownEntry] = field(default_factory=dict)  #: in this feed, lately


class Novelty(StrEnum):
    """Why an entry is or is not written."""

    NEW = "new"
    SIGHTED = "sighted"  #: known item, first time in this feed
    REKEYED = "rekeyed"  #: known under another guid and address: the feed changed them
    EDITED = "edited"
    KNOWN = "known"
    REPEATED = "repeated"  #: twice in one document
    EDIT_LIMIT = "edit-limit"  #: changes with every poll: a clock inside the text


@dataclass(frozen=True, slots=True)
class Decision:
    identified: Identified
    novelty: Novelty
    item_id: int | None = None  #: of the known item
    backfill: bool = False  #: was in the feed when we first saw the feed
    reworded: bool = False  #: a known item, in other words than those that are kept


@dataclass(frozen=True, slots=True)
class Item:
    """An entry identified and kept, once, whatever number of feeds carry it."""

    id: int
    title: str
    text: str
    url: str = ""
    language: str = ""
    published_at: datetime | None = None
    first_seen_at: datetime | None = None
    backfill: bool = False
    dated: str = ""  #: ``undated`` or ``future`` where the feed's own date could not be used


class Level(IntEnum):
    """How much a watchlist matters to its reader; the meaning is fixed in docs/watchlists.md."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        return self.name.lower()


class Kind(StrEnum):
    """How a surface text came to count as a term."""

    EXACT = "exact"
    FORM = "form"
    ALIAS = "alias"
    PREFIX = "prefix"
    FUZZY = "fuzzy"
    PATTERN = "pattern"  #: a regular expression
    MOVE = "move"


@dataclass(frozen=True, slots=True)
class Move:
    """A market move read from the text."""

    value: float  #: per cent, without sign; the low end of a range
    unit: str  #: ``%`` or a currency per quantity
    direction: str  #: ``rise``, ``fall``
    price: str = ""  #: the level reached, in the text's own words


@dataclass(frozen=True, slots=True)
class Evidence:
    """One surface text that made a watchlist fire; offsets point into what the person reads."""

    group: str
    term: str  #: as the watchlist writes it
    text: str  #: as the item writes it
    field: str  #: ``title`` or ``text``
    start: int
    end: int
    kind: Kind
    alias: str = ""  #: the alias set it came from, without the @
    move: Move | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """The evidence that one text fires one watchlist; pure, not yet stored."""

    watchlist: str
    level: Level
    score: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A stored match."""

    id: int
    item_id: int
    watchlist: str
    level: Level
    score: float
    evidence: tuple[Evidence, ...]
    matched_at: datetime
    story_id: int | None = None
    story_reason: str = ""  #: why it was put into that story
    lost_at: datetime | None = None  #: since when the item's wording no longer fires the list


@dataclass(frozen=True, slots=True)
class Sighting:
    """An item seen in a feed."""

    item_id: int
    feed_url: str
    outlet: str
    seen_at: datetime
    state_affiliated: bool = False
    country: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """An earlier wording of an item."""

    item_id: int
    title: str
    text: str
    until: datetime  #: when the next wording was seen


@dataclass(frozen=True, slots=True)
class Member:
    """An item of a story with all that the store knows about it."""

    item: Item
    hits: tuple[Hit, ...]
    sightings: tuple[Sighting, ...] = ()
    versions: tuple[Version, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """Several items about one event; members in the order in which they were first seen."""

    id: int
    members: tuple[Member, ...]
