"""Hits become stories in the store: grown in memory, merged on record, the same after a restart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.feeds.decide import decide
from monitor.feeds.identify import identify
from monitor.model import Entry, Evidence, Feed, Item, Kind, Known, Level, Match
from monitor.pipeline import Folder, Silent, fold, read_stories
from monitor.store import Store

START = datetime(2026, 3, 10, 6, tzinfo=UTC)
FEED = Feed(url="https://example.org/rss", title="Example", outlet="Example", language="en")
SEA = "Iran sends drones to Russia by sea, port watchers say"
SEA_TEXT = "A ship with 120 drones left Amirabad for Astrakhan at night."
SEA_PL = "Iran wysłał Rosji drony drogą morską"
SEA_PL_TEXT = "Statek ze 120 dronami wypłynął z portu Amirabad do Astrachania."
HALL = "Third hall for drones finished at Alabuga plant, pictures show"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.writer(tmp_path / "news.db")
    made.feeds.sync([FEED], START)
    yield made
    made.close()


def tell(
    store: Store, title: str, text: str = "", *, hours: float = 0, lists: str = "drones"
) -> Item:
    """Store an item as a poll would, with a hit for each list."""
    now = START + timedelta(hours=hours)
    entry = Entry(guid=f"{title}{hours}", link=None, title=title, summary=text)
    (decision,) = decide(identify([entry], FEED.url), Known(), backfill=False)
    found = Evidence("drone", "drones", "drones", "title", 0, 6, Kind.EXACT)
    matches = [Match(one, Level.HIGH, 1.0, (found,)) for one in lists.split()]
    with store.transaction():
        item = store.items.apply(decision, FEED, now)
        assert item is not None
        store.hits.save({item.id: matches}, now)
    return item


def homes(store: Store, *items: Item) -> list[int | None]:
    return [store.hits.of_items([one.id])[0].story_id for one in items]


async def test_every_hit_gets_its_story(store: Store) -> None:
    """Two reports of one event share a story, a third event has its own, nothing is left."""
    items = tell(store, SEA, SEA_TEXT), tell(store, SEA_PL, SEA_PL_TEXT, hours=1), tell(store, HALL)
    assert await fold(store, START, Silent()) == 3
    one, two, three = homes(store, *items)
    assert one == two != three
    assert store.hits.unfolded() == ()


async def test_a_folder_goes_on_where_it_was(store: Store) -> None:
    """A report that comes later joins the story that the same folder opened."""
    folder = Folder(store)
    first = tell(store, SEA, SEA_TEXT)
    await folder.fold(START, Silent())
    later = tell(store, SEA_PL, SEA_PL_TEXT, hours=5)
    await folder.fold(START + timedelta(hours=5), Silent())
    assert len(set(homes(store, first, later))) == 1


@pytest.mark.parametrize("restarts", [True, False], ids=["a restart each time", "one long run"])
async def test_a_restart_changes_nothing(store: Store, restarts: bool) -> None:
    """Stories come out the same whether the memory grew or was filled from the store each time."""
    news = [(SEA, SEA_TEXT), (HALL, ""), (SEA_PL, SEA_PL_TEXT), (SEA + " | Herald", "")]
    folder, items = Folder(store), []
    for hour, (title, text) in enumerate(news):
        folder = Folder(store) if restarts else folder
        items.append(tell(store, title, text, hours=hour))
        await folder.fold(START + timedelta(hours=hour), Silent())
    assert homes(store, *items) == [1, 2, 1, 1]


async def test_another_list_joins_the_item(store: Store) -> None:
    """A list that fires later on a known item finds it in the story it has, however old."""
    folder = Folder(store)
    item = tell(store, SEA, SEA_TEXT)
    await folder.fold(START, Silent())
    late = START + timedelta(days=30)
    with store.transaction():
        store.hits.save({item.id: [Match("gas", Level.LOW, 1.0, ())]}, late)
    await folder.fold(late, Silent())
    assert {(hit.watchlist, hit.story_id) for hit in store.hits.of_items([item.id])} == {
        ("drones", 1),
        ("gas", 1),
    }


async def test_a_failed_write_is_folded_again(store: Store, monkeypatch) -> None:
    """When the store refuses, nothing is half done: the next fold places the same hits."""
    folder, item = Folder(store), tell(store, SEA, SEA_TEXT)

    def refuse(*_: object) -> int:
        raise OSError("disk full")

    monkeypatch.setattr(store.stories, "open", refuse)
    with pytest.raises(OSError, match="disk full"):
        await folder.fold(START, Silent())
    monkeypatch.undo()
    assert await folder.fold(START, Silent()) == 1
    assert homes(store, item) == [1]


@pytest.fixture
async def merged(store: Store) -> Store:
    """A store in which a later report has merged story 2 into story 1."""
    first, second = tell(store, SEA_PL, SEA_PL_TEXT), tell(store, SEA, SEA_TEXT, hours=1)
    with store.transaction():
        for item in (first, second):
            story = store.stories.open(START)
            store.stories.fold(store.hits.of_items([item.id]), story, "first", START)
    tell(store, SEA + " again", SEA_TEXT, hours=2)
    await fold(store, START + timedelta(hours=2), Silent())
    return store


async def test_a_merge_is_on_record(merged: Store) -> None:
    """Hits move to the older story, and the younger says where it went, when and why."""
    assert {hit.story_id for hit in merged.hits.newest()} == {1}
    (one,) = merged.stories.merged([1])[1]
    assert (one.id, one.at) == (2, START + timedelta(hours=2))
    assert "log-odds" in one.reason
    assert merged.hits.newest_stories() == (1,)
    assert merged.hits.story_count() == 1


async def test_an_old_id_is_followed(merged: Store) -> None:
    """Whoever asks for the id that was merged away gets the whole story under its older id."""
    assert merged.stories.follow([2, 1, 99]) == {1: 1, 2: 1}
    (story,) = read_stories(merged, [2])
    assert (story.id, len(story.members)) == (1, 3)
    assert read_stories(merged, [99]) == ()


async def test_ids_are_not_used_again(merged: Store) -> None:
    """A new story gets a number that no story ever had."""
    with merged.transaction():
        assert merged.stories.open(START) == 3


async def test_a_chain_of_merges_is_followed(store: Store) -> None:
    """A story that was merged twice over leads to the last one; each knows all below it."""
    with store.transaction():
        for _ in "abc":
            store.stories.open(START)
        store.stories.merge(3, 2, "later items", START)
        store.stories.merge(2, 1, "later items", START)
    assert store.stories.follow([3]) == {3: 1}
    assert [one.id for one in store.stories.merged([1])[1]] == [2, 3]


async def test_lost_hits_stay_in_their_story(store: Store) -> None:
    """A wording that fires a list no more marks its hit as lost; firing again takes that back."""
    item = tell(store, SEA, SEA_TEXT, lists="drones ships")
    await fold(store, START, Silent())
    later = START + timedelta(hours=3)
    with store.transaction():
        assert store.hits.lose(item.id, {"drones"}, later) == 1
        assert store.hits.lose(item.id, {"drones"}, later + timedelta(hours=1)) == 0
    lost = {hit.watchlist: (hit.lost_at, hit.story_id) for hit in store.hits.of_items([item.id])}
    assert lost == {"drones": (None, 1), "ships": (later, 1)}
    with store.transaction():
        assert store.hits.lose(item.id, {"drones", "ships"}, later) == 0
    assert all(hit.lost_at is None for hit in store.hits.of_items([item.id]))
