"""From hits to stories: what is not folded yet is read, placed and written."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from monitor.model import Hit, Member, Story
from monitor.pipeline.observer import Observer
from monitor.store import Store
from monitor.stories import place
from monitor.stories.grouping import WINDOW


async def fold(store: Store, now: datetime, observer: Observer) -> int:
    """Put every hit that has no story into one; return how many. Safe to run after a crash.

    One at a time: the caller holds a lock. Weighing runs in a thread, so that a flood of hits does
    not stall the loop; reading and writing stay on it.
    """
    folded = 0
    while hits := store.hits.unfolded():
        folded += await _fold(store, hits, now, observer)
    return folded


async def _fold(store: Store, hits: Sequence[Hit], now: datetime, observer: Observer) -> int:
    # An item that another watchlist found long ago keeps its story, however old that is.
    kin = store.hits.of_items(sorted({hit.item_id for hit in hits}))
    known = {hit.story_id for hit in kin if hit.story_id is not None}
    recent = read_stories(store, sorted(known | {*store.hits.recent_stories(now - WINDOW)}))
    placements = await asyncio.to_thread(place, _members(store, hits), recent)
    opened: dict[int, int] = {}
    with store.transaction():
        for placed in placements:
            story = placed.story
            if story is None:
                story = opened.get(placed.opens) or store.hits.open_story(now)
                opened[placed.opens] = story
            store.hits.fold(placed.member.hits, story, placed.reason, now)
    observer.folded(len(hits), len(opened))
    return len(hits)


def read_stories(store: Store, ids: Sequence[int]) -> tuple[Story, ...]:
    """Return the stories whole: members, hits, sightings, versions."""
    by_story: dict[int, list[Hit]] = {}
    for hit in store.hits.of_stories(ids) if ids else ():
        if hit.story_id is not None:
            by_story.setdefault(hit.story_id, []).append(hit)
    members = {
        one.item.id: one for one in _members(store, [h for hs in by_story.values() for h in hs])
    }
    return tuple(_story(story, its, members) for story, its in sorted(by_story.items()))


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
