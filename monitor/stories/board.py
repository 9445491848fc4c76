"""All open stories, indexed by what they say, so that a new item meets only those like it.

The index maps a rare trait, or a pair of meanings in one headline, to the items that say it. The
cost of a new item depends on how much is said of its own event, not on how many stories are open.
Holds state, but only what it was given; knows no clock and no store.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations

from monitor.model import Member
from monitor.stories.evidence import Traits, traits
from monitor.stories.likeness import NOTHING, Rarity, Weighed, likeness, weigh
from monitor.stories.meanings import Trait

#: How long after its last member a story stays open; items further apart are never compared.
WINDOW = timedelta(hours=72)
#: Of the items that say a thing, so many of the newest are looked at.
NEWEST = 100
#: So many of the rarest things that an item says are looked up.
RAREST = 32
#: Weight of what two items must share to be compared: two rare words, or three common things.
ENOUGH = 9.0
#: So many items at most are compared trait by trait with a new one.
CANDIDATES = 24
#: Meanings of a headline that are joined in pairs.
_JOINED = 12
Key = tuple[Trait, ...]


class Board:
    """Items on the board have a number each, in the order in which they were added."""

    def __init__(self) -> None:
        self.members: list[Member] = []
        self._said: list[Traits] = []
        self._weighed: dict[int, Weighed] = {}
        self._rarity = Rarity()
        self._index: defaultdict[Key, list[int]] = defaultdict(list)
        self._scores: dict[tuple[int, int], float] = {}

    def add(self, member: Member) -> int:
        """Put an item on the board and return its number."""
        number = len(self.members)
        said = traits(member)
        self.members.append(member)
        self._said.append(said)
        self._rarity.add(said.all)
        for key in _keys(said):
            self._index[key].append(number)
        return number

    def like(self, number: int) -> list[int]:
        """Return the items worth comparing with this one, the likeliest first."""
        told = [key for key in _keys(self._said[number]) if len(self._index[key]) > 1]
        told.sort(key=lambda key: (len(self._index[key]), key))
        found: defaultdict[int, float] = defaultdict(float)
        for key in told[:RAREST]:
            weight = self._weight(key)
            for other in self._index[key][-NEWEST:]:
                found[other] += weight
        found.pop(number, None)
        enough = [(other, weight) for other, weight in found.items() if weight > ENOUGH]
        ranked = heapq.nsmallest(CANDIDATES, enough, key=lambda one: (-one[1], one[0]))
        return [other for other, _ in ranked if self._apart(number, other) <= WINDOW]

    def score(self, one: int, other: int) -> float:
        """Return the log-odds that two items tell of one event; NOTHING where too far apart."""
        pair = (one, other) if one < other else (other, one)
        if pair not in self._scores:
            near = self._apart(one, other) <= WINDOW
            found = likeness(self.weighed(one), self.weighed(other)) if near else NOTHING
            self._scores[pair] = found
        return self._scores[pair]

    def headline(self, number: int) -> str:
        return self._said[number].headline

    def weighed(self, number: int) -> Weighed:
        if number not in self._weighed:
            self._weighed[number] = weigh(self._said[number], self._rarity)
        return self._weighed[number]

    def _apart(self, one: int, other: int) -> timedelta:
        return abs(self._said[one].seen - self._said[other].seen)

    def _weight(self, key: Key) -> float:
        return sum(self._rarity.weight(part) for part in key) / len(key)


def _keys(said: Traits) -> Iterator[Key]:
    """Return what an item is found by: rare traits alone, meanings of the headline in pairs."""
    for trait in said.all:
        if trait.kind not in "cp":
            yield (trait,)
    meanings = sorted(trait for trait in said.title if trait.kind in "cp")
    yield from combinations(meanings[:_JOINED], 2)
