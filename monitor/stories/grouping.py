"""Which story an item belongs to, and which stories turn out to be one.

Stories that may still grow stay in memory, so that a fresh item costs as much with a hundred
thousand of them as with ten. An id never changes and is never used twice; when later items show
surely that two stories are one, the younger id is merged into the older and the caller records it.
The result does not depend on the order in which one call gives its items.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from monitor.model import Member, Story
from monitor.stories.board import WINDOW, Board
from monitor.stories.joining import Bridge, Joining, Key
from monitor.stories.likeness import Reason, reason

__all__ = ["WINDOW", "Bridge", "OpenStories", "Placed", "Placement", "Reason", "place"]


_NOWHERE: Mapping[int, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Placement:
    """An item and its story: ``story`` is an id, or None for the new story number ``opens``."""

    member: Member
    reason: Reason
    story: int | None = None
    opens: int = 0
    score: float = 0.0  #: log-odds of the best pair in the story; 0 where there is none


@dataclass(frozen=True, slots=True)
class Placed:
    """What one round of placing came to; merges in the order in which they must be written."""

    placements: tuple[Placement, ...] = ()
    merges: tuple[Bridge, ...] = ()


class OpenStories:
    """The stories of the window, in memory: :meth:`place`, write, :meth:`settle`; then again.

    ``windows`` are those of the watchlists that differ from the usual one; an item that several
    lists found has the longest of theirs.
    """

    def __init__(self, windows: Mapping[str, timedelta] | None = None) -> None:
        self._windows = dict(windows or {})
        self._board = Board()
        self._story_of: dict[int, int] = {}
        self._items_of: dict[int, list[int]] = {}

    def __len__(self) -> int:
        """Return the number of items that are remembered."""
        return len(self._board)

    def __contains__(self, item_id: int) -> bool:
        return item_id in self._story_of

    def home(self, item_id: int) -> int:
        """Return the story of an item that is remembered; raises KeyError for another."""
        return self._story_of[item_id]

    @property
    def longest(self) -> timedelta:
        """The longest window: what is older is of no use here."""
        return max([WINDOW, *self._windows.values()])

    def add(self, story: int, member: Member) -> None:
        """Remember an item that has its story, or its new wording or hits."""
        number = self._board.add(member, self._window(member))
        if self._story_of.get(number) != story:
            self._leave(number)
            self._enter(number, story)

    def place(self, fresh: Sequence[Member], homes: Mapping[int, int] = _NOWHERE) -> Placed:
        """Place each fresh member in a story or a new one, in order of first sight.

        ``homes`` maps items that have a story already to it, however old it is.
        """
        arrived = sorted(fresh, key=_arrival)
        strange = [one for one in arrived if self._home(one, homes) is None]
        self._board.begin()
        for one in strange:
            self._board.add(one, self._window(one))
        joining = Joining(self._board, self._story_of, self._items_of)
        joining.run([one.item.id for one in strange])
        opened: dict[Key, int] = {}
        found = []
        for one in arrived:
            home = self._home(one, homes)
            if home is None:
                found.append(self._placement(one, joining, opened))
            else:
                found.append(Placement(one, Reason.SAME_ITEM, home))
        return Placed(tuple(found), tuple(joining.bridges))

    def settle(self, placed: Placed, opened: Mapping[int, int], now: datetime) -> None:
        """Take over what was written; ``opened`` are the ids of the new stories by number."""
        for one in placed.placements:
            story = opened[one.opens] if one.story is None else one.story
            if one.reason is Reason.SAME_ITEM:  # has a hit more than the board knows
                self.add(story, one.member)
            else:
                self._enter(one.member.item.id, story)
        for merge in placed.merges:
            for number in self._items_of.pop(merge.young, ()):
                self._enter(number, merge.old)
        for number in self._board.forget(now):
            self._leave(number)

    def _home(self, member: Member, homes: Mapping[int, int]) -> int | None:
        return homes.get(member.item.id, self._story_of.get(member.item.id))

    def _placement(self, member: Member, joining: Joining, opened: dict[Key, int]) -> Placement:
        number = member.item.id
        key, group = joining.group(number)
        story = group.stories[0] if group.stories else None
        opens = 0 if group.stories else opened.setdefault(key, len(opened) + 1)
        others = [other for other in group.items if other != number and self._came(other, number)]
        if not others:
            return Placement(member, Reason.FIRST, story, opens)
        score = self._board.score
        best = max(others, key=lambda other: (score(number, other), -other))
        why = reason(self._board.weighed(number), self._board.weighed(best))
        return Placement(member, why, story, opens, score(number, best))

    def _came(self, other: int, number: int) -> bool:
        """Tell whether an item was here before another: told, or seen earlier."""
        return other in self._story_of or self._board.before(other, number)

    def _window(self, member: Member) -> timedelta:
        own = [self._windows.get(hit.watchlist, WINDOW) for hit in member.hits]
        return max(own, default=WINDOW)

    def _enter(self, number: int, story: int) -> None:
        self._story_of[number] = story
        self._items_of.setdefault(story, []).append(number)

    def _leave(self, number: int) -> None:
        story = self._story_of.pop(number, None)
        if story is not None:
            items = self._items_of[story]
            items.remove(number)
            if not items:
                del self._items_of[story]


def place(fresh: Sequence[Member], recent: Iterable[Story]) -> tuple[Placement, ...]:
    """Place each fresh member among recent stories that are read anew, in order of first sight."""
    stories = OpenStories()
    for story in recent:
        for member in story.members:
            stories.add(story.id, member)
    return stories.place(fresh).placements


def _arrival(member: Member) -> tuple[float, int]:
    seen = member.item.first_seen_at
    return (seen.timestamp() if seen else 0.0, member.item.id)
