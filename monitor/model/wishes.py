"""Nouns of a person's wishes: what was judged relevant or noise, and what must stay silent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """What a reader said of a hit."""

    RELEVANT = "relevant"
    NOISE = "noise"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A reader's mark on one hit: an item that fired a watchlist."""

    item_id: int
    watchlist: str
    verdict: Verdict
    at: datetime
    note: str = ""


class MuteKind(StrEnum):
    """What is silenced."""

    WATCHLIST = "watchlist"
    STORY = "story"
    OUTLET = "outlet"


@dataclass(frozen=True, slots=True)
class Mute:
    """Silence in digests and alerts, with its reason and, mostly, its end."""

    id: int
    kind: MuteKind
    target: str  #: a watchlist's name, a story's number, an outlet's name
    reason: str
    at: datetime
    until: datetime | None = None  #: None: until a person ends it
