"""A small database for tests that need no poll: three items that fired one list, in one story."""

from __future__ import annotations

from datetime import datetime, timedelta

from monitor.files import Setup
from monitor.model import Evidence, Kind, Level, Match
from monitor.store import Store
from monitor.times import stamp
from tests.conftest import NOON

FEED = "https://news.example/rss"


def make_book(setup: Setup, now: datetime = NOON) -> Store:
    """Open the database of a desk with one feed, with hits 1 to 3 on ``drones`` in story 1."""
    store = Store.writer(setup.database)
    store.feeds.sync(setup.feeds, now)
    store.upkeep.began(now - timedelta(days=30))
    with store.transaction():
        for number in (1, 2, 3):
            store._db.write(
                "INSERT INTO items (feed_id, url, link, title, text, language, source,"
                " first_seen_at, fingerprint, backfill) VALUES (1, ?, '', ?, 'text', 'en', '', ?,"
                " '', 0)",
                (f"https://news.example/{number}", f"Title {number}", stamp(now)),
            )
            store._db.write(
                "INSERT INTO sightings (feed_id, key, item_id, outlet, seen_at)"
                " VALUES (1, ?, ?, 'Outlet 1', ?)",
                (str(number), number, stamp(now)),
            )
            seen = Evidence("drone", f"term {number % 2}", "drone", "title", 0, 5, Kind.EXACT)
            store.hits.save({number: [Match("drones", Level.HIGH, 1.0, (seen,))]}, now)
        store._db.write(
            "INSERT INTO stories (opened_at, last_at) VALUES (?, ?)", (stamp(now), stamp(now))
        )
        store._db.change("UPDATE hits SET story_id = 1")
    return store
