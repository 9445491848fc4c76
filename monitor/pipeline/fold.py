"""From hits to stories: what is not folded yet is read, placed and written."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from monitor.model import Hit, Member, Story
from monitor.pipeline.observer import Observer
from monitor.store import Store
from monitor.stories import Bridge, OpenStories, Placed

#: Items that are read at once when the open stories are taken into memory.
_PORTION = 500


class Folder:
    """Keeps the open stories in memory and folds fresh hits into them; one per daemon.

    One fold at a time: the caller holds a lock. Weighing runs in a thread, so that a flood of hits
    does not stall the loop; reading and writing stay on it. Safe after a crash: what was not
    committed is folded again, and the memory is filled anew from the store.
    """

    def __init__(self, store: Store, windows: Mapping[str, timedelta] | None = None) -> None:
        """Take the store, and the windows of watchlists that have one of their own."""
        self._store = store
        self._windows = windows
        self._open: OpenStories | None = None
        self._edits = 0

    async def fold(self, now: datetime, observer: Observer) -> int:
        """Put every hit that has no story into one; return how many."""
        folded = 0
        while hits := self._store.hits.unfolded():
            stories, self._open = self._open, None  # an error on the way leaves nothing half done
            if stories is None:
                stories = await self._fill(now)
            self._reread(stories)
            folded += await self._fold(stories, hits, now, observer)
            self._open = stories
        return folded

    async def _fill(self, now: datetime) -> OpenStories:
        """Read the items that a fresh one can still meet."""
        stories = OpenStories(self._windows)
        self._edits = self._store.stories.last_edit()
        last = 0
        while homes := self._store.stories.live_items(now - stories.longest, last, _PORTION):
            await asyncio.to_thread(_remember, stories, homes, _plain(self._store, homes))
            last = max(homes)
        return stories

    def _reread(self, stories: OpenStories) -> None:
        """Take over the new wording of items that were edited since the last time."""
        edited = [one for one in self._store.stories.edited(self._edits) if one in stories]
        self._edits = self._store.stories.last_edit()
        homes = {one: stories.home(one) for one in edited}
        _remember(stories, homes, _plain(self._store, edited))

    async def _fold(
        self, stories: OpenStories, hits: Sequence[Hit], now: datetime, observer: Observer
    ) -> int:
        # An item that another watchlist found long ago keeps its story, however old that is.
        fresh = _plain(self._store, {hit.item_id for hit in hits})
        known = (hit for one in fresh for hit in one.hits)
        homes = {hit.item_id: hit.story_id for hit in known if hit.story_id is not None}
        placed = await asyncio.to_thread(stories.place, fresh, homes)
        with self._store.transaction():
            opened = self._write(placed, frozenset(hit.id for hit in hits), now)
        await asyncio.to_thread(stories.settle, placed, opened, now)
        observer.folded(len(hits), len(opened))
        return len(hits)

    def _write(self, placed: Placed, fresh: frozenset[int], now: datetime) -> dict[int, int]:
        """Write where the fresh hits came to; return the ids of the new stories."""
        table = self._store.stories
        opened: dict[int, int] = {}
        for one in placed.placements:
            story = one.story
            if story is None:
                story = opened.get(one.opens) or table.open(now)
                opened[one.opens] = story
            hits = [hit for hit in one.member.hits if hit.id in fresh]
            table.fold(hits, story, one.reason, now)
        for merge in placed.merges:
            table.merge(merge.young, merge.old, _why(merge), now)
        return opened


async def fold(store: Store, now: datetime, observer: Observer) -> int:
    """Fold once, with open stories read for this time alone; see :class:`Folder`."""
    return await Folder(store).fold(now, observer)


def read_stories(store: Store, ids: Sequence[int]) -> tuple[Story, ...]:
    """Return the stories whole: members, hits, sightings, versions; merged ids are followed."""
    by_story: dict[int, list[Hit]] = {}
    today = sorted(set(store.stories.follow(ids).values()))
    for hit in store.hits.of_stories(today):
        if hit.story_id is not None:
            by_story.setdefault(hit.story_id, []).append(hit)
    members = {
        one.item.id: one for one in _members(store, [h for hs in by_story.values() for h in hs])
    }
    return tuple(_story(story, its, members) for story, its in sorted(by_story.items()))


def _why(merge: Bridge) -> str:
    return f"later items tell of both; mean log-odds {merge.score:.1f}"


def _remember(stories: OpenStories, homes: Mapping[int, int], members: Iterable[Member]) -> None:
    for member in members:
        stories.add(homes[member.item.id], member)


def _plain(store: Store, ids: Iterable[int]) -> list[Member]:
    """Return items with all their hits, and nothing else: what grouping looks at."""
    by_item: dict[int, list[Hit]] = {one: [] for one in sorted(ids)}
    for hit in store.hits.of_items(list(by_item)):
        by_item[hit.item_id].append(hit)
    items = store.items.get(list(by_item))
    return [Member(items[one], tuple(hits)) for one, hits in by_item.items() if one in items]


def _story(story: int, hits: Sequence[Hit], members: dict[int, Member]) -> Story:
    items = dict.fromkeys(hit.item_id for hit in hits)
    found = [members[item_id] for item_id in items]
    return Story(story, tuple(sorted(found, key=lambda one: (one.item.first_seen_at, one.item.id))))


def _members(store: Store, hits: Sequence[Hit]) -> list[Member]:
    by_item: dict[int, list[Hit]] = {}
    for hit in hits:
        by_item.setdefault(hit.item_id, []).append(hit)
    ids = list(by_item)
    items, sightings = store.items.get(ids), store.items.sightings(ids)
    versions = store.items.versions(ids)
    return [
        Member(items[i], tuple(by_item[i]), sightings.get(i, ()), versions.get(i, ())) for i in ids
    ]
