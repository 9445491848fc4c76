"""Nouns of a story's inner life: who had it first, who copied, what was added, what was changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What an item did for its story when it came."""

    FIRST = "first"
    UPDATE = "update"  #: added an entity, a number, a move or an origin
    REPORT = "report"  #: own words, nothing new
    COPY = "copy"  #: the words of an earlier item


@dataclass(frozen=True, slots=True)
class Part:
    """One item's part in a story."""

    item_id: int
    role: Role
    origin: int  #: index into :attr:`Dossier.origins`
    new: tuple[str, ...] = ()  #: what it added, each a short phrase: ``number: 6,000``
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """A source: an agency with all its texts, whoever prints them, or an outlet with its own."""

    name: str  #: the agency credited in the text, else the outlet that was first
    outlets: tuple[str, ...]  #: that carry it, in the order in which they were seen
    items: tuple[int, ...]
    first_seen_at: datetime | None = None
    state_affiliated: bool = False  #: only state-affiliated outlets carry it, or the agency is one


class Change(StrEnum):
    """A piece of a word diff."""

    SAME = "same"
    CUT = "cut"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of an item's headline or text."""

    item_id: int
    field: str  #: ``title`` or ``text``
    before: str
    after: str
    at: datetime | None = None
    diff: tuple[tuple[Change, str], ...] = ()
    weighty: tuple[str, ...] = ()  #: why the meaning changed: ``number``, ``negation``, ``actor``


@dataclass(frozen=True, slots=True)
class Dossier:
    """What is known of a story beyond its members; made anew from them whenever it is wanted."""

    origins: tuple[Origin, ...] = ()
    parts: tuple[Part, ...] = ()  #: in the order of the story's members
    edits: tuple[Edit, ...] = ()
    first_outlet: str = ""
    merged: tuple[int, ...] = ()  #: ids of stories that were merged into this one
    outlets: tuple[str, ...] = ()  #: in the order in which they were seen
    state_outlets: tuple[str, ...] = ()  #: those of them that are state-affiliated
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Surge:
    """Far more, or less, than a watchlist's own past lets one expect."""

    watchlist: str
    since: datetime
    count: int
    expected: float
    silent: bool = False  #: something expected did not come
    what: str = ""  #: a sentence for the reader
