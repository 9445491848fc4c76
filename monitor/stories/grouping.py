"""Which story an item belongs to. Home of rapidfuzz for stories.

An item joins a story when one of its members is about the same event; the reason is kept. Rules, in
the order in which they are tried on a pair of items that fired a common watchlist:

1. different counted things ("12th" and "13th package") keep items apart;
2. the same headline, publisher's suffix stripped: the copies of a wire story;
3. the same text, headline rewritten: a copy under another title;
4. much of the headline's wording and the same matched terms, within a day: told anew.

Evidence across languages and merges of stories are not decided here yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from rapidfuzz import fuzz

from monitor.model import Item, Member, Story
from monitor.text import fold, words

#: How long after its last member a story stays open.
WINDOW = timedelta(hours=72)
#: Headlines this similar (rapidfuzz token_set_ratio, 0 to 100) are the same headline.
SAME_TITLE = 90
#: Share of the shorter text's five-word runs that must stand in the longer one.
SAME_TEXT = 0.5
MIN_RUNS = 6
#: Headlines told anew: share of common words of either, and matched terms in common.
RETOLD = 0.4
RETOLD_TERMS = 2
_SUFFIX = re.compile(r"\s+[-–—|:]\s+[^-–—|]{2,40}$")
_NUMBER = re.compile(r"\d+")


class Reason(StrEnum):
    """Why an item was put where it is."""

    FIRST = "first"  #: opens a story
    SAME_ITEM = "same-item"  #: another watchlist fired on an item of the story
    SAME_TITLE = "same-title"
    SAME_TEXT = "same-text"
    RETOLD = "retold"


@dataclass(frozen=True, slots=True)
class Placement:
    """An item and its story: ``story`` is an id, or None for the new story number ``opens``."""

    member: Member
    reason: Reason
    story: int | None = None
    opens: int = 0


@dataclass(slots=True)
class _Open:
    story: int | None
    opens: int
    members: list[Member] = field(default_factory=list)


def place(fresh: Sequence[Member], recent: Iterable[Story]) -> tuple[Placement, ...]:
    """Place each fresh member in a recent story or a new one, in order of first sight."""
    stories = [_Open(story.id, 0, list(story.members)) for story in recent]
    placements = []
    for member in sorted(fresh, key=lambda one: (_seen(one.item), one.item.id)):
        home, reason = _home(member, stories)
        if home is None:
            home = _Open(None, sum(1 for story in stories if story.story is None) + 1)
            stories.append(home)
        home.members.append(member)
        placements.append(Placement(member, reason, home.story, home.opens))
    return tuple(placements)


def _home(member: Member, stories: Sequence[_Open]) -> tuple[_Open | None, Reason]:
    """Return the story of the strongest reason; the earlier story where two are equal."""
    order = list(Reason)
    found: tuple[_Open | None, Reason] = (None, Reason.FIRST)
    for story in stories:
        for other in story.members:
            reason = same_event(member, other)
            if reason is None:
                continue
            if found[0] is None or order.index(reason) < order.index(found[1]):
                found = (story, reason)
            if reason in {Reason.SAME_ITEM, Reason.SAME_TITLE}:
                return story, reason
    return found


def same_event(one: Member, other: Member) -> Reason | None:
    """Return why two members are about one event, or None."""
    if one.item.id == other.item.id:
        return Reason.SAME_ITEM
    if not _lists(one) & _lists(other) or _apart(one.item, other.item) > WINDOW:
        return None
    if _same_text(one.item.text, other.item.text):
        return Reason.SAME_TEXT
    title, rival = headline(one.item.title), headline(other.item.title)
    if _numbers(title) != _numbers(rival):
        return None
    if _same_title(title, rival):
        return Reason.SAME_TITLE
    near = _apart(one.item, other.item) <= timedelta(days=1)
    return Reason.RETOLD if near and _retold(one, other, title, rival) else None


@lru_cache(maxsize=20_000)
def headline(title: str) -> str:
    """Return the title without a publisher's suffix (" - Reuters"), folded."""
    stripped = _SUFFIX.sub("", title)
    return fold(stripped if len(stripped) >= len(title) // 2 else title)


def _same_title(one: str, other: str) -> bool:
    if min(len(one.split()), len(other.split())) < 4:
        return one == other
    longest = max(len(one), len(other))
    if min(len(one), len(other)) < longest * 0.6:
        return False
    return fuzz.token_set_ratio(one, other) >= SAME_TITLE


def _same_text(one: str, other: str) -> bool:
    runs, rivals = _runs(one), _runs(other)
    shorter = min(len(runs), len(rivals))
    return shorter >= MIN_RUNS and len(runs & rivals) >= SAME_TEXT * shorter


@lru_cache(maxsize=20_000)
def _runs(text: str) -> frozenset[int]:
    found = words(text[:3_000])
    return frozenset(hash(tuple(found[i : i + 5])) for i in range(len(found) - 4))


def _retold(one: Member, other: Member, title: str, rival: str) -> bool:
    if len(_terms(one) & _terms(other)) < RETOLD_TERMS:
        return False
    words_here, words_there = set(title.split()), set(rival.split())
    common = {word for word in words_here & words_there if len(word) > 3}
    return len(common) >= RETOLD * max(len(words_here), len(words_there))


def _terms(member: Member) -> set[str]:
    """Return the matched terms as the watchlists write them, alias sets by name."""
    return {seen.alias or fold(seen.term) for hit in member.hits for seen in hit.evidence}


def _lists(member: Member) -> set[str]:
    return {hit.watchlist for hit in member.hits}


@lru_cache(maxsize=20_000)
def _numbers(title: str) -> frozenset[str]:
    return frozenset(_NUMBER.findall(title))


def _seen(item: Item) -> datetime:
    assert item.first_seen_at is not None, "a stored item was seen at some time"
    return item.first_seen_at


def _apart(one: Item, other: Item) -> timedelta:
    return abs(_seen(one) - _seen(other))
