"""The real SQLite: transactions, locks, schema, ledger, index."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.errors import AlreadyRunning, SchemaTooNew, StoreError
from monitor.model import (
    Coverage,
    DeliveryState,
    Digest,
    Due,
    Evidence,
    Feed,
    Kind,
    Level,
    Match,
    Message,
    Move,
    Window,
)
from monitor.store import Lock, Store
from tests.conftest import NOON

FEED = Feed("https://n.example/rss", "News", "n.example", "en")
WINDOW = Window(NOON - timedelta(days=1), NOON)
DUE = Due("daily", NOON.date(), WINDOW)


def message(part: int = 1, parts: int = 1, channel: str = "room") -> Message:
    return Message(channel, channel, part, parts, f"m{part}", b"bytes", "text/plain")


def digest(name: str = "daily-2026-03-10") -> Digest:
    return Digest(name, "daily", WINDOW, "UTC", (), (), (), Coverage(), 0, 0, 0)


def freeze(store: Store, *messages: Message) -> None:
    store.digests.freeze(digest(), DUE, messages, 0, NOON)


def test_the_database_is_safe_by_its_settings(tmp_path):
    """WAL, full synchronisation, foreign keys: what was told to be there is there."""
    store = Store.writer(tmp_path / "n.db")
    raw = store._db.raw
    assert raw.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert raw.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert raw.execute("PRAGMA foreign_keys").fetchone()[0] == 1


def test_a_newer_schema_is_refused_for_reading_and_writing(tmp_path):
    """A program that does not know a migration must not touch the data."""
    path = tmp_path / "n.db"
    Store.writer(path).close()
    raw = sqlite3.connect(path)
    raw.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('newsmonitor', 'm9999_future', 'x')"
    )
    raw.commit()
    raw.close()
    for opener in (Store.writer, Store.reader):
        with pytest.raises(SchemaTooNew, match="m9999_future"):
            opener(path)


@pytest.mark.parametrize(
    "content", [b"not a database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 4000]
)
def test_a_file_that_is_no_database_is_a_clear_error(tmp_path, content):
    """The message names the file."""
    path = tmp_path / "n.db"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"n\.db"):
        Store.writer(path)


def test_a_reader_cannot_write(tmp_path):
    """Commands beside a running daemon open the database read-only."""
    path = tmp_path / "n.db"
    Store.writer(path).close()
    reader = Store.reader(path)
    with pytest.raises(StoreError, match="readonly"), reader.transaction():
        pass


def test_a_transaction_that_fails_leaves_nothing(store):
    """All or nothing."""

    def fail() -> None:
        with store.transaction():
            store.feeds.sync([FEED], NOON)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert store.feeds.subscribed() == ()


def test_a_feed_taken_out_of_the_file_is_unsubscribed_and_keeps_its_history(store):
    """It comes back with what was remembered of it."""
    store.feeds.sync([FEED], NOON)
    store.feeds.sync([], NOON)
    assert store.feeds.states() == {}
    store.feeds.sync([replace(FEED, title="Renamed")], NOON)
    assert [feed.title for feed in store.feeds.subscribed()] == ["Renamed"]


def test_the_lock_is_held_by_one(tmp_path):
    """The kernel gives it back when the holder ends."""
    path = tmp_path / "n.db"
    with Lock(path), pytest.raises(AlreadyRunning, match="stop it first"):
        Lock(path).__enter__()
    with Lock(path):
        pass


def test_evidence_comes_back_as_it_was(store):
    """Offsets, kinds and moves survive the database."""
    store.feeds.sync([FEED], NOON)
    with store.transaction():
        item = store._db.write(
            "INSERT INTO items (feed_id, link, title, text, language, source, first_seen_at, fingerprint, backfill)"
            " VALUES (1, '', 'gas up 8%', '', 'en', '', '2026', 'f', 0)"
        )
        move = Move(8.0, "%", "rise", "EUR 35/MWh")
        seen = Evidence("gas", "gas", "gas up 8%", "title", 0, 9, Kind.MOVE, "ttf", move)
        match = Match("gas-market", Level.MEDIUM, 1.5, (seen,))
        assert store.hits.save({item: [match]}, NOON) == 1
        assert store.hits.save({item: [match]}, NOON) == 0
    (hit,) = store.hits.newest()
    assert hit.evidence == (seen,)
    assert hit.level is Level.MEDIUM


def test_a_digest_is_frozen_once(store):
    """One per profile and local date; building it again is impossible."""
    freeze(store, message())
    with pytest.raises(StoreError):
        store.digests.freeze(digest("other"), DUE, [], 0, NOON)
    assert [one.id for one in store.digests.listed()] == ["daily-2026-03-10"]


def test_the_claim_is_there_before_the_first_byte(store, tmp_path):
    """Another connection sees `sending` as soon as claim returns; nobody claims twice."""
    freeze(store, message())
    claimed = store.ledger.claim(1, NOON)
    assert claimed is not None
    assert Store.reader(tmp_path / "news.db").ledger.get(1).state is DeliveryState.SENDING
    assert store.ledger.claim(1, NOON) is None


def test_an_interrupted_send_comes_back_marked_as_a_possible_repeat(store):
    """After a crash nobody knows; the same bytes go again and say so."""
    freeze(store, message())
    before = store.ledger.claim(1, NOON)
    assert store.ledger.recover(NOON) == 1
    (again,) = store.ledger.pending(NOON)
    assert again.repeat
    assert again.message == before.message
    assert store.ledger.recover(NOON) == 0


def test_a_part_waits_for_the_parts_before_it(store):
    """Part two is not due while part one is not there; other channels do not wait."""
    freeze(store, message(1, 2), message(2, 2), message(1, 1, "desk"))
    assert [one.id for one in store.ledger.pending(NOON)] == [1, 3]
    store.ledger.claim(1, NOON)
    store.ledger.sent(1, NOON)
    assert [one.id for one in store.ledger.pending(NOON)] == [2, 3]


def test_a_failed_send_waits_for_its_time_and_a_dead_one_stays_visible(store):
    """Temporary: due again later. Permanent: the dead letter."""
    freeze(store, message())
    store.ledger.claim(1, NOON)
    store.ledger.retry(1, NOON + timedelta(minutes=5), "busy", NOON)
    assert store.ledger.pending(NOON) == ()
    assert store.ledger.pending(NOON + timedelta(minutes=5))[0].error == "busy"
    store.ledger.claim(1, NOON)
    store.ledger.dead(1, "no such room", NOON)
    assert [one.state for one in store.ledger.unsent()] == [DeliveryState.DEAD]


def test_a_hole_in_the_daemon_s_life_is_remembered_once(store):
    """Breath after breath is no hole; a long pause is one."""
    assert store.upkeep.breathe(NOON, 300) is None
    assert store.upkeep.breathe(NOON + timedelta(minutes=4), 300) is None
    hole = store.upkeep.breathe(NOON + timedelta(hours=2), 300)
    assert hole == Window(NOON + timedelta(minutes=4), NOON + timedelta(hours=2))
    assert store.upkeep.absences(Window(NOON, NOON + timedelta(days=1))) == (hole,)
    assert store.upkeep.absences(WINDOW) == ()


def test_watching_began_once(store):
    """The first answer stays."""
    assert store.upkeep.began(NOON) == NOON
    assert store.upkeep.began(NOON + timedelta(days=1)) == NOON
