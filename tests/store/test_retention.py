"""What is old goes, a little at a time; what was not told, is marked or still shown stays."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.files import load
from monitor.model import Evidence, Feed, Kind, Level, Match, Message, PollOutcome, PollRecord
from monitor.pipeline.caretaker import Caretaker
from monitor.store import Gone, Limits, Reserve, Store
from monitor.times import stamp
from tests.conftest import NOON
from tests.desk import SETTINGS, make_desk

FEED = Feed("https://n.example/rss", "News", "n.example", "en")
OLD = NOON - timedelta(days=400)
LIMITS = Limits(
    items=NOON - timedelta(days=180),
    hits=NOON - timedelta(days=300),
    polls=NOON - timedelta(days=35),
    told_upto=2**62,
)
MATCH = Match(
    "drones", Level.HIGH, 1.0, (Evidence("drone", "drone", "drone", "title", 0, 5, Kind.EXACT, ""),)
)


class Shelf:
    """Puts things into a store at a time of one's choice."""

    def __init__(self, store: Store) -> None:
        self.store = store
        store.feeds.sync([FEED], OLD)

    def item(self, title: str, at=OLD, *, indexed: bool = True) -> int:
        with self.store.transaction():
            item = self.store._db.write(
                "INSERT INTO items (feed_id, url, link, title, text, language, source,"
                " first_seen_at, fingerprint, backfill) VALUES (1, ?, '', ?, ?, 'en', '', ?, ?, 0)",
                (f"https://n.example/{title}", title, f"text of {title}", stamp(at), title),
            )
            self.store._db.write(
                "INSERT INTO sightings (feed_id, key, item_id, outlet, seen_at)"
                " VALUES (1, ?, ?, 'o', ?)",
                (title, item, stamp(at)),
            )
            self.store._db.write("INSERT INTO fts_pending (item_id) VALUES (?)", (item,))
        if indexed:
            self.store.upkeep.index()
        return item

    def edit(self, item: int, title: str) -> None:
        """Change an item as a poll does: the index keeps the old words until it catches up."""
        with self.store.transaction():
            self.store._db.write(
                "INSERT INTO item_versions (item_id, title, text, fingerprint, until)"
                " SELECT id, title, text, fingerprint, ? FROM items WHERE id = ?",
                (stamp(OLD), item),
            )
            self.store._db.write(
                "INSERT INTO fts_pending (item_id, title, text)"
                " SELECT id, title, text FROM items WHERE id = ? ON CONFLICT DO NOTHING",
                (item,),
            )
            self.store._db.write("UPDATE items SET title = ? WHERE id = ?", (title, item))

    def hit(self, title: str, at=OLD) -> tuple[int, int]:
        """Return an item that fired, and its story."""
        item = self.item(title, at)
        with self.store.transaction():
            self.store.hits.save({item: [MATCH]}, at)
            story = self.store.stories.open(at)
            hits = self.store.hits.of_items([item])
            self.store.stories.fold(hits, story, "new", at)
        return item, story

    def show(self, story: int, state: str, day: int = 1) -> str:
        """Put a story into a digest whose message is in ``state``."""
        name = f"daily-2025-01-0{day}"
        message = Message("room", "room", 1, 1, "m", b"bytes", "text/plain")
        with self.store.transaction():
            self.store._db.write(
                "INSERT INTO digests (id, profile, local_date, window_start, window_end, built_at,"
                " catch_up, stories, items, hits_upto) VALUES (?, 'daily', ?, ?, ?, ?, 0, 1, 1, 1)",
                (name, name[-10:], stamp(OLD), stamp(OLD), stamp(OLD)),
            )
            self.store._db.write("INSERT INTO digest_stories VALUES (?, ?)", (name, story))
            self.store.ledger.add(name, [message], OLD)
            self.store._db.change(
                "UPDATE deliveries SET state = ? WHERE digest_id = ?", (state, name)
            )
        return name

    def words(self, item: int) -> str:
        return self.store.items.get([item])[item].title

    def forget(self, limits: Limits = LIMITS, rows: int = 100) -> Gone:
        total = Gone()
        for gone in self.store.retention.steps(limits, lambda: rows):
            total += gone
        return total


@pytest.fixture
def shelf(store):
    """A store with one feed."""
    return Shelf(store)


def test_an_old_item_without_a_hit_loses_its_words_and_keeps_its_identity(shelf):
    """It is not found any more, and a feed that still shows it does not bring it back."""
    old, young = shelf.item("antique"), shelf.item("fresh", NOON)
    assert shelf.forget() == Gone(items=1)
    assert (shelf.words(old), shelf.words(young)) == ("", "fresh")
    assert shelf.store.items.newest(9, "antique") == ()
    assert [one.id for one in shelf.store.items.newest(9, "fresh")] == [young]
    assert shelf.store._db.scalar("SELECT item_id FROM sightings WHERE key = 'antique'") == old
    row = shelf.store._db.row("SELECT purged, fingerprint, url FROM items WHERE id = ?", (old,))
    assert tuple(row) == (1, "antique", "https://n.example/antique")
    assert shelf.forget() == Gone()


@pytest.mark.parametrize(
    "state",
    [
        pytest.param("never indexed", id="an item that the index never held"),
        pytest.param("edited", id="an item whose edit the index has not heard of"),
        pytest.param("both", id="an edit of an item that was never indexed"),
        pytest.param("settled", id="an edit that was indexed"),
    ],
)
def test_the_full_text_index_stays_in_step(shelf, state):
    """SQLite's own check of the index finds no word too many and none missing."""
    item = shelf.item("antique", indexed=state in {"edited", "settled"})
    if state != "never indexed":
        shelf.edit(item, "furniture")
    if state == "settled":
        shelf.store.upkeep.index()
    shelf.forget()
    shelf.store.upkeep.index()
    with shelf.store.transaction():
        shelf.store._db.write(
            "INSERT INTO items_fts (items_fts, rank) VALUES ('integrity-check', 1)"
        )
    for word in ("antique", "furniture"):
        assert shelf.store.items.newest(9, word) == ()
    assert shelf.store._db.scalar("SELECT count(*) FROM item_versions") == 0


def test_an_old_story_that_was_delivered_goes_with_its_hits(shelf):
    """Its item stays as a tombstone, and what a reader marked keeps its mark."""
    item, story = shelf.hit("antique")
    shelf.show(story, "sent")
    with shelf.store.transaction():
        shelf.store._db.write(
            "INSERT INTO marks (item_id, watchlist, verdict, at) VALUES (?, 'drones', 'noise', ?)",
            (item, stamp(OLD)),
        )
    gone = shelf.forget()
    assert gone.stories == 1
    assert shelf.store.hits.count() == 0
    assert shelf.words(item) == ""
    assert shelf.store._db.scalar("SELECT count(*) FROM marks") == 1
    assert shelf.store._db.rows("PRAGMA foreign_key_check") == []


@pytest.mark.parametrize("state", ["pending", "sending", "retry", "uncertain"])
def test_a_story_whose_message_has_not_arrived_stays(shelf, state):
    """However old it is; so does its digest."""
    item, story = shelf.hit("antique")
    shelf.show(story, state, day=1)
    shelf.show(shelf.hit("newer", NOON)[1], "sent", day=2)
    shelf.forget()
    assert shelf.words(item) == "antique"
    assert shelf.store._db.scalar("SELECT count(*) FROM digests") == 2


def test_a_hit_that_no_digest_has_told_of_stays(shelf):
    """Age alone does not silence it: the digests of one profile have not come so far."""
    item, _ = shelf.hit("antique")
    assert shelf.forget(replace(LIMITS, told_upto=0)).stories == 0
    assert shelf.words(item) == "antique"
    assert shelf.store.upkeep.told_upto(["daily", "weekly"]) == 0


def test_a_story_that_others_were_merged_into_goes_after_them(shelf):
    """One run takes the merged one, the next what it was merged into; no row points nowhere."""
    _, target = shelf.hit("a")
    _, merged = shelf.hit("b")
    with shelf.store.transaction():
        shelf.store._db.change("UPDATE stories SET merged_into = ? WHERE id = ?", (target, merged))
    shelf.forget()
    shelf.forget()
    assert shelf.store.hits.story_count() == 0


def test_old_polls_and_digests_go_and_the_newest_digest_of_a_profile_stays(shelf):
    """The newest one says where the next window begins."""
    record = PollRecord(FEED.url, OLD, PollOutcome.OK, 200, "", conditional=True)
    with shelf.store.transaction():
        for at in (OLD, NOON):
            shelf.store.feeds.save(shelf.store.feeds.state(FEED.url), replace(record, at=at))
    for day in (1, 2):
        shelf.show(shelf.hit(f"s{day}", NOON)[1], "dead", day)
    gone = shelf.forget()
    assert (gone.polls, gone.digests) == (1, 1)
    assert [one.id for one in shelf.store.digests.listed()] == ["daily-2025-01-02"]
    assert len(shelf.store.ledger.of_digest("daily-2025-01-01")) == 0


async def test_more_items_than_wanted_lose_their_words_the_oldest_first(tmp_path, clock):
    """most_items counts items with words."""
    retention = "retention: {most_items: 1000}\nbackup: {folder: ''}\n"
    setup = load(make_desk(tmp_path, [FEED.url], SETTINGS + retention))
    shelf = Shelf(Store.writer(setup.database))
    with shelf.store.transaction():
        for n in range(1_005):
            shelf.item(f"i{n}", NOON - timedelta(minutes=2_000 - n), indexed=False)
    keeper = Caretaker(shelf.store, setup, clock, print, Reserve(setup.database))
    assert (await keeper.forget(NOON)).items == 5
    assert [shelf.words(n) for n in (5, 6)] == ["", "i5"]
    shelf.store.close()


async def test_forgetting_never_holds_the_loop_for_long(tmp_path, clock):
    """Three thousand items go while a neighbour on the loop never waits 50 ms for its turn."""
    setup = load(make_desk(tmp_path, [FEED.url], SETTINGS + "backup: {folder: ''}\n"))
    shelf = Shelf(Store.writer(setup.database))
    with shelf.store.transaction():
        shelf.store._db.write_many(
            "INSERT INTO items (feed_id, link, title, text, language, source, first_seen_at,"
            " fingerprint, backfill) VALUES (1, '', ?, ?, 'en', '', ?, '', 0)",
            [(f"title {n}", "some words " * 40, stamp(OLD)) for n in range(3_000)],
        )
        shelf.store._db.write("INSERT INTO fts_pending (item_id) SELECT id FROM items")
    while shelf.store.upkeep.index():
        pass
    keeper = Caretaker(shelf.store, setup, clock, print, Reserve(setup.database))
    work = asyncio.create_task(keeper.forget(NOON))
    waits = []
    while not work.done():
        begun = time.thread_time()  # the loop's own work: a busy machine is no fault of ours
        await asyncio.sleep(0.001)
        waits.append(time.thread_time() - begun)
    assert work.result().items == 3_000
    waits.sort()
    assert waits[int(len(waits) * 0.98)] < 0.05, f"the longest were {waits[-5:]}"
    shelf.store.close()
