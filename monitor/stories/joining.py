"""Join items and stories step by step, the surest pair first: one round over fresh items.

Two groups become one as long as their items are on average likelier than not about one event: one
bridge between two events joins nothing. Two stories that exist need far surer ground. Reads the
board, changes nothing on it, and looks at no story that no fresh item is like.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, product

from monitor.stories.board import Board

#: Mean log-odds above which two groups are one story.
JOINED = -0.2
#: Mean log-odds above which two stories that exist are merged: their ids have been told.
MERGED = 0.5
#: What one pair may say for a merge: a round-up that copies both stories must not decide alone.
LOUDEST = 2.0
#: Best single pair that a join needs.
BRIDGE = 0.5
#: So many members of a story, spread over its time, speak for it.
SPEAKERS = 8

#: Stories that exist come first, by their ids; then fresh items; then what was joined.
Key = tuple[int, int]


@dataclass(slots=True)
class Group:
    """Items by their numbers on the board; ``stories`` are the ids it holds, the oldest first."""

    items: list[int]
    stories: list[int]
    friends: set[Key] = field(default_factory=set)  #: groups worth joining


@dataclass(frozen=True, slots=True)
class Bridge:
    """Two stories were found to be one: the younger id, the older, and how sure that is."""

    young: int
    old: int
    score: float  #: mean log-odds of their members


class Joining:
    """Groups on their way to be stories; ``story_of`` and ``items_of`` tell what exists."""

    def __init__(
        self, board: Board, story_of: Mapping[int, int], items_of: Mapping[int, Sequence[int]]
    ) -> None:
        self.bridges: list[Bridge] = []
        self._board = board
        self._story_of, self._items_of = story_of, items_of
        self._groups: dict[Key, Group] = {}
        self._home: dict[int, Key] = {}
        self._heap: list[tuple[float, Key, Key]] = []
        self._joined = count()

    def run(self, fresh: Sequence[int]) -> None:
        """Join groups, the surest pair first, until no pair is sure enough."""
        for place, number in enumerate(fresh):
            self._enter((1, place), Group([number], []))
        for number in fresh:
            self._befriend(number)
        for key, group in list(self._groups.items()):
            for other in sorted(group.friends):
                if key < other:
                    self._offer(key, other)
        while self._heap:
            score, one, two = heapq.heappop(self._heap)
            if one in self._groups and two in self._groups:
                self._join(one, two, -score)

    def group(self, number: int) -> tuple[Key, Group]:
        """Return the group that an item of this round has come to, and the group's key."""
        key = self._home[number]
        return key, self._groups[key]

    def _enter(self, key: Key, group: Group) -> None:
        self._groups[key] = group
        self._home |= dict.fromkeys(group.items, key)

    def _befriend(self, number: int) -> None:
        key = self._home[number]
        for other in self._board.like(number):
            if self._board.score(number, other) > BRIDGE:
                theirs = self._home.get(other) or self._fetch(other)
                if theirs != key:
                    self._groups[key].friends.add(theirs)
                    self._groups[theirs].friends.add(key)

    def _fetch(self, number: int) -> Key:
        """Take a story that exists into the round."""
        story = self._story_of[number]
        key = (0, story)
        self._enter(key, Group(sorted(self._items_of[story]), [story]))
        return key

    def _join(self, one: Key, two: Key, score: float) -> None:
        """Replace two groups by their union and offer it to the friends of both."""
        first, second = self._groups.pop(one), self._groups.pop(two)
        stories = sorted(first.stories + second.stories)
        if first.stories and second.stories:
            self.bridges.append(Bridge(max(first.stories[0], second.stories[0]), stories[0], score))
        friends = {key for key in first.friends | second.friends if key in self._groups}
        key = (2, next(self._joined))
        self._enter(key, Group(sorted(first.items + second.items), stories, friends))
        for other in sorted(friends):
            self._groups[other].friends.add(key)
            self._offer(other, key)

    def _offer(self, one: Key, two: Key) -> None:
        first, second = self._groups[one], self._groups[two]
        exist = bool(first.stories and second.stories)
        mean = self._mean(first.items, second.items, LOUDEST if exist else math.inf)
        if mean > (MERGED if exist else JOINED):
            heapq.heappush(self._heap, (-round(mean, 9), one, two))

    def _mean(self, here: Sequence[int], there: Sequence[int], loudest: float) -> float:
        pairs = product(self._speakers(here), self._speakers(there))
        scores = [min(self._board.score(one, two), loudest) for one, two in pairs]
        return sum(scores) / len(scores)

    def _speakers(self, items: Sequence[int]) -> Sequence[int]:
        """Return members that differ, spread over the story's time; copies speak once."""
        voices = list({self._board.headline(one): one for one in reversed(items)}.values())
        if len(voices) <= SPEAKERS:
            return voices
        return [voices[i * (len(voices) - 1) // (SPEAKERS - 1)] for i in range(SPEAKERS)]
