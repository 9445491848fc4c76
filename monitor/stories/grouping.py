"""Which story an item belongs to.

Fresh items and open stories are joined step by step, the surest pair first, as long as an item is
on average likelier than not about the event of the story: one bridge between two events joins
nothing. Stories that exist are never merged and never lose an item, so that their ids stay true.
The result does not depend on the order in which one call gives its items.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count, product

from monitor.model import Member, Story
from monitor.stories.board import WINDOW, Board
from monitor.stories.likeness import Reason, reason

__all__ = ["WINDOW", "Placement", "Reason", "place"]

#: Mean log-odds above which two groups are one story.
JOINED = -0.2
#: Best single pair that a join needs.
BRIDGE = 0.5
#: So many members of a story, spread over its time, speak for it.
SPEAKERS = 8


@dataclass(frozen=True, slots=True)
class Placement:
    """An item and its story: ``story`` is an id, or None for the new story number ``opens``."""

    member: Member
    reason: Reason
    story: int | None = None
    opens: int = 0
    score: float = 0.0  #: log-odds of the best pair in the story; 0 where there is none


@dataclass(slots=True)
class _Group:
    """Items by their numbers on the board; ``story`` is the id of one that exists."""

    story: int | None
    items: list[int]
    friends: set[int] = field(default_factory=set)  #: keys of groups worth joining


def place(fresh: Sequence[Member], recent: Iterable[Story]) -> tuple[Placement, ...]:
    """Place each fresh member in a recent story or a new one, in order of first sight."""
    joining = _Joining()
    home: dict[int, int] = {}
    for story in sorted(recent, key=lambda one: one.id):
        joining.open(story.id, story.members)
        home |= {member.item.id: story.id for member in story.members}
    arrived = sorted(fresh, key=_arrival)
    numbers = [None if one.item.id in home else joining.open(None, [one]) for one in arrived]
    joining.run([number for number in numbers if number is not None])
    opened: dict[int, int] = {}
    return tuple(
        Placement(member, Reason.SAME_ITEM, home[member.item.id])
        if number is None
        else joining.placement(number, opened)
        for member, number in zip(arrived, numbers, strict=True)
    )


def _arrival(member: Member) -> tuple[float, int]:
    seen = member.item.first_seen_at
    return (seen.timestamp() if seen else 0.0, member.item.id)


class _Joining:
    """Groups on their way to be stories."""

    def __init__(self) -> None:
        self.board = Board()
        self._groups: dict[int, _Group] = {}
        self._keys = count()
        self._home: dict[int, int] = {}
        self._heap: list[tuple[float, int, int]] = []

    def open(self, story: int | None, members: Sequence[Member]) -> int:
        """Begin a group; return the number of its first item on the board."""
        items = [self.board.add(member) for member in members]
        self._enter(_Group(story, items))
        return items[0] if items else -1

    def run(self, fresh: Sequence[int]) -> None:
        """Join groups, the surest pair first, until no pair is sure enough."""
        for number in fresh:
            self._befriend(number)
        for key, group in self._groups.items():
            for other in sorted(group.friends):
                if key < other:
                    self._offer(key, other)
        while self._heap:
            _, one, two = heapq.heappop(self._heap)
            if one in self._groups and two in self._groups:
                self._merge(one, two)

    def placement(self, number: int, opened: dict[int, int]) -> Placement:
        """Say where an item has come to be; ``opened`` numbers the new stories in order."""
        key = self._home[number]
        group, board = self._groups[key], self.board
        opens = 0 if group.story is not None else opened.setdefault(key, len(opened) + 1)
        earlier = [other for other in group.items if other < number]
        if not earlier:
            return Placement(board.members[number], Reason.FIRST, group.story, opens)
        best = max(earlier, key=lambda other: (board.score(number, other), -other))
        why = reason(board.weighed(number), board.weighed(best))
        return Placement(board.members[number], why, group.story, opens, board.score(number, best))

    def _enter(self, group: _Group) -> int:
        key = next(self._keys)
        self._groups[key] = group
        self._home |= dict.fromkeys(group.items, key)
        return key

    def _befriend(self, number: int) -> None:
        key = self._home[number]
        for other in self.board.like(number):
            theirs = self._home[other]
            if theirs != key and self.board.score(number, other) > BRIDGE:
                self._groups[key].friends.add(theirs)
                self._groups[theirs].friends.add(key)

    def _merge(self, one: int, two: int) -> None:
        """Replace two groups by their union and offer it to the friends of both."""
        first, second = self._groups.pop(one), self._groups.pop(two)
        story = first.story if first.story is not None else second.story
        friends = {key for key in first.friends | second.friends if key in self._groups}
        key = self._enter(_Group(story, sorted(first.items + second.items), friends))
        for other in sorted(friends):
            self._groups[other].friends.add(key)
            self._offer(other, key)

    def _offer(self, one: int, two: int) -> None:
        first, second = self._groups[one], self._groups[two]
        if first.story is not None and second.story is not None:
            return
        mean = self._mean(first.items, second.items)
        if mean > JOINED:
            heapq.heappush(self._heap, (-round(mean, 9), one, two))

    def _mean(self, here: Sequence[int], there: Sequence[int]) -> float:
        pairs = product(self._speakers(here), self._speakers(there))
        scores = [self.board.score(one, two) for one, two in pairs]
        return sum(scores) / len(scores)

    def _speakers(self, items: Sequence[int]) -> Sequence[int]:
        """Return members that differ, spread over the story's time; copies speak once."""
        voices = list({self.board.headline(number): number for number in reversed(items)}.values())
        if len(voices) <= SPEAKERS:
            return voices
        return [voices[i * (len(voices) - 1) // (SPEAKERS - 1)] for i in range(SPEAKERS)]
