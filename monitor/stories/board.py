"""All items of open stories, indexed by what they say: a new item meets only those like it.

The index maps a rare trait, or a pair of meanings in one headline, to the newest items that say
it. The cost of a new item depends on how much is said of its own event, not on how many stories
are open; an item takes a few kilobytes, whatever its length. An item's number is its id: ids grow
in the order of first sight, so a board that was filled anew answers as one that grew. Holds state,
but only what it was given; knows no clock and no store.
"""

from __future__ import annotations

import heapq
import math
from array import array
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import TypeVar

from monitor.model import Member
from monitor.stories.evidence import Traits, traits
from monitor.stories.likeness import IMAGINED, NOTHING, Weighed, commonness, likeness, weigh
from monitor.stories.meanings import Trait

#: How long after its last member a story stays open; items further apart are never compared.
WINDOW = timedelta(hours=72)
#: Items that a board holds at most; beyond that the oldest go.
MOST = 200_000
#: Of the items that say a thing, so many of the newest are looked at.
NEWEST = 100
#: So many of the rarest things that an item says are looked up.
RAREST = 32
#: What two items must share to be compared, as a multiple of the weight of a thing that one item
#: alone would say: somewhat more than one rare word, or three common things.
ENOUGH = 1.18
#: Or this share of all that the new item says: in a flood of copies nothing is rare any more.
MOSTLY = 0.6
#: So many items at most are compared trait by trait with a new one.
CANDIDATES = 24
#: Meanings of a headline that are joined in pairs.
_JOINED = 12
Pair = tuple[Trait, Trait]
K = TypeVar("K", Trait, Pair)


@dataclass(slots=True)
class _Posting:
    """Who says a thing: how many, and the newest by their numbers, in order."""

    key: Trait
    count: int = 0
    commonness: float = 0.0
    newest: list[int] = field(default_factory=list)


@dataclass(slots=True)
class _Kept:
    """What is remembered of an item: its traits, packed; its words are gone."""

    seen: float
    window_s: float
    title: tuple[_Posting, ...]
    beyond: tuple[_Posting, ...]  #: what only the lead or the hits say
    headline: str
    tongue: str
    runs: array[int]


class Board:
    """Items by their ids; add, compare, forget."""

    def __init__(self) -> None:
        self._kept: dict[int, _Kept] = {}
        self._said: dict[Trait, _Posting] = {}
        self._pairs: dict[Pair, _Posting] = {}
        self._ages: list[tuple[float, int]] = []
        self._weighed: dict[int, Weighed] = {}
        self._scores: dict[tuple[int, int], float] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, number: int) -> bool:
        return number in self._kept

    def add(self, member: Member, window: timedelta = WINDOW) -> int:
        """Put an item on the board, in the place of its former self; return its number.

        Raises ValueError where nobody says when it was first seen.
        """
        number, said = member.item.id, traits(member)
        self.remove(number)
        self._kept[number] = kept = _Kept(
            seen=said.seen.timestamp(),
            window_s=window.total_seconds(),
            title=tuple(self._enter(trait, number) for trait in sorted(said.title)),
            beyond=tuple(self._enter(trait, number) for trait in sorted(said.all - said.title)),
            headline=said.headline,
            tongue=said.tongue,
            runs=array("I", sorted(said.runs)),
        )
        for pair in _joint(kept.title):
            posting = self._pairs.setdefault(pair, _Posting(pair[0]))
            _post(posting, number)
        heapq.heappush(self._ages, (kept.seen + kept.window_s, number))
        return number

    def remove(self, number: int) -> None:
        """Take an item off the board, if it is there."""
        kept = self._kept.pop(number, None)
        if kept is None:
            return
        for posting in (*kept.title, *kept.beyond):
            _strike(self._said, posting.key, number)
        for pair in _joint(kept.title):
            _strike(self._pairs, pair, number)
        self.begin()

    def forget(self, now: datetime) -> list[int]:
        """Take off what no new item can meet any more, and what is too much; return the numbers."""
        gone = []
        moment = now.timestamp()
        while self._ages and (self._ages[0][0] < moment or len(self._kept) > MOST):
            until, number = heapq.heappop(self._ages)
            kept = self._kept.get(number)
            if kept is not None and kept.seen + kept.window_s == until:
                self.remove(number)
                gone.append(number)
        return gone

    def begin(self) -> None:
        """Weigh anew from here on: what was rare may have become common."""
        self._weighed.clear()
        self._scores.clear()

    def like(self, number: int) -> list[int]:
        """Return the items worth comparing with this one, the likeliest first."""
        found: defaultdict[int, float] = defaultdict(float)
        for posting, weight in self._rarest(self._kept[number]):
            for other in posting.newest[-NEWEST:]:
                found[other] += weight
        found.pop(number, None)
        least = min(ENOUGH * self._whole(), MOSTLY * self._told(self._kept[number]))
        enough = [(other, weight) for other, weight in found.items() if weight > least]
        ranked = heapq.nsmallest(CANDIDATES, enough, key=lambda one: (-one[1], one[0]))
        return [other for other, _ in ranked if self.near(number, other)]

    def before(self, one: int, other: int) -> bool:
        """Tell whether an item was first seen before another, or is the lower number of two."""
        return (self._kept[one].seen, one) < (self._kept[other].seen, other)

    def near(self, one: int, other: int) -> bool:
        """Tell whether one story's window can hold both."""
        here, there = self._kept[one], self._kept[other]
        return abs(here.seen - there.seen) <= min(here.window_s, there.window_s)

    def score(self, one: int, other: int) -> float:
        """Return the log-odds that two items tell of one event; NOTHING where too far apart."""
        pair = (one, other) if one < other else (other, one)
        if pair not in self._scores:
            near = self.near(one, other)
            found = likeness(self.weighed(one), self.weighed(other)) if near else NOTHING
            self._scores[pair] = found
        return self._scores[pair]

    def headline(self, number: int) -> str:
        return self._kept[number].headline

    def weighed(self, number: int) -> Weighed:
        if number not in self._weighed:
            kept, whole = self._kept[number], self._whole()
            said = (*kept.title, *kept.beyond)
            weights = {
                one.key: whole - one.commonness if one.commonness < whole else 0.0 for one in said
            }
            self._weighed[number] = weigh(_unpacked(kept), weights)
        return self._weighed[number]

    def _enter(self, trait: Trait, number: int) -> _Posting:
        """Note that an item says this; return the posting that all who say it share."""
        posting = self._said.get(trait)
        if posting is None:
            posting = self._said[trait] = _Posting(trait)
        if trait.kind in "cp":
            posting.count += 1
        else:
            _post(posting, number)
        posting.commonness = commonness(trait, posting.count)
        return posting

    def _rarest(self, kept: _Kept) -> Iterator[tuple[_Posting, float]]:
        """Return who else says what this item says, the rarest things first, with their weight."""
        said = (*kept.title, *kept.beyond)
        told: list[tuple[int, tuple[Trait, ...], _Posting]] = [
            (one.count, (one.key,), one) for one in said if one.count > 1 and one.newest
        ]
        pairs = [(pair, self._pairs[pair]) for pair in _joint(kept.title)]
        told += [(one.count, pair, one) for pair, one in pairs if one.count > 1]
        for _, key, posting in heapq.nsmallest(RAREST, told, key=lambda one: one[:2]):
            yield posting, sum(map(self._weight, key)) / len(key)

    def _told(self, kept: _Kept) -> float:
        """Return the weight of all that an item can be found by."""
        alone = [one.key for one in (*kept.title, *kept.beyond) if one.newest]
        pairs = [sum(map(self._weight, pair)) / 2 for pair in _joint(kept.title)]
        return sum(map(self._weight, alone)) + sum(pairs)

    def _weight(self, trait: Trait) -> float:
        return max(0.0, self._whole() - self._said[trait].commonness)

    def _whole(self) -> float:
        return math.log(IMAGINED + len(self._kept))


def _joint(title: tuple[_Posting, ...]) -> Iterator[Pair]:
    """Return the meanings of a headline in pairs: each alone is said every hour."""
    meanings = [one.key for one in title if one.key.kind in "cp"]
    yield from combinations(meanings[:_JOINED], 2)


def _post(posting: _Posting, number: int) -> None:
    posting.count += 1
    newest = posting.newest
    if newest and number < newest[-1]:
        insort(newest, number)
    else:
        newest.append(number)
    if len(newest) > 3 * NEWEST:
        del newest[: -2 * NEWEST]


def _strike(index: dict[K, _Posting], key: K, number: int) -> None:
    posting = index[key]
    posting.count -= 1
    posting.commonness = commonness(posting.key, posting.count)
    if not posting.count:
        del index[key]
        return
    at = bisect_left(posting.newest, number)
    if at < len(posting.newest) and posting.newest[at] == number:
        del posting.newest[at]


def _unpacked(kept: _Kept) -> Traits:
    title = frozenset([one.key for one in kept.title])
    return Traits(
        title=title,
        all=title.union([one.key for one in kept.beyond]),
        headline=kept.headline,
        tongue=kept.tongue,
        runs=frozenset(kept.runs),
        seen=datetime.fromtimestamp(kept.seen, UTC),
    )
