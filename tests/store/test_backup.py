"""Copies: whole or not there, checked, put back without losing what they replace."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from datetime import timedelta

import pytest

from monitor.errors import Damaged, SchemaTooNew, StoreError
from monitor.model import Feed
from monitor.store import (
    Reserve,
    Store,
    copies,
    copy_database,
    copy_name,
    prune,
    restore,
    schema_of,
    verify,
)
from monitor.store.backup import finish_restore
from monitor.store.schema import MIGRATIONS
from tests.conftest import NOON

FEED = Feed("https://n.example/rss", "News", "n.example", "en")


def names(folder) -> list[str]:
    return sorted(one.name for one in folder.iterdir() if one.is_file())


def seeded(path, title: str = "News"):
    opened = Store.writer(path)
    opened.feeds.sync([Feed(FEED.url, title, "n.example", "en")], NOON)
    opened.close()
    return path


def titles(path) -> list[str]:
    reader = Store.reader(path)
    found = [one.title for one in reader.feeds.subscribed()]
    reader.close()
    return found


def test_a_copy_is_made_beside_a_busy_writer_and_is_sound(store, tmp_path):
    """The writer commits all the while; the copy is of one moment and readable for its owner only."""
    done = threading.Event()

    def write() -> None:
        n = 0
        while not done.is_set():
            n += 1
            store.feeds.sync([Feed(f"https://n.example/{n}", "N", "n", "en")], NOON)

    writer = threading.Thread(target=write)
    writer.start()
    target = tmp_path / "backups" / "one.db"
    try:
        copy_database(tmp_path / "news.db", target)
    finally:
        done.set()
        writer.join()
    verify(target)
    assert target.stat().st_mode & 0o777 == 0o600
    assert names(target.parent) == ["one.db"]


def test_only_the_newest_copies_are_kept(store, tmp_path):
    """What is old goes, and so does what a crash left half made; the way back stays."""
    folder = tmp_path / "backups"
    database = tmp_path / "news.db"
    for day in range(5):
        copy_database(database, folder / copy_name(database, NOON + timedelta(days=day)))
    copy_database(database, folder / "news-before-m0003_service.db")
    (folder / ".news-x.db.partial").write_bytes(b"half")
    (folder / "other-20260101T000000Z.db").write_bytes(b"not ours")
    prune(folder, database, 2)
    assert [one.name for one in copies(folder, database)] == [
        "news-20260313T120000Z.db",
        "news-20260314T120000Z.db",
    ]
    assert {"news-before-m0003_service.db", "other-20260101T000000Z.db"} < set(names(folder))
    assert ".news-x.db.partial" not in names(folder)


def test_a_copy_is_made_before_the_tables_change(tmp_path):
    """A database of the step before is copied as it was, then brought up to date."""
    path = seeded(tmp_path / "news.db")
    last = undo_last_step(path)
    Store.writer(path, tmp_path / "backups").close()
    (copy,) = (tmp_path / "backups").iterdir()
    assert copy.name == f"news-before-{last}.db"
    assert [(name, done) for name, done, _ in schema_of(copy)][-1] == (last, False)
    assert all(done for _, done, _ in schema_of(path))


def undo_last_step(path) -> str:
    """Make a database of the step before out of one of today; return the step's name."""
    raw = sqlite3.connect(path)
    last = MIGRATIONS._migrations[-1].name
    rows = raw.execute("SELECT url, title, outlet, language, added_at FROM feeds").fetchall()
    raw.executescript(_undo(raw))
    raw.executemany(
        "INSERT INTO feeds (url, title, outlet, language, country, state_affiliated, added_at)"
        " VALUES (?, ?, ?, ?, '', 0, ?)",
        rows,
    )
    raw.execute("DELETE FROM _sqlite_migrations WHERE name = ?", (last,))
    raw.commit()
    raw.close()
    return last


def _undo(raw: sqlite3.Connection) -> str:
    """Return statements that take the newest step back, well enough for it to be taken again."""
    fresh = sqlite3.connect(":memory:")
    from sqlite_utils import Database

    database = Database(fresh)
    for one in MIGRATIONS._migrations[:-1]:
        one.fn(database)
    have = {row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE sql IS NOT NULL")}
    want = dict(
        fresh.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    )
    kinds = dict(raw.execute("SELECT name, type FROM sqlite_master").fetchall())
    extra = [one for one in have - set(want) if not one.startswith(("_sqlite", "sqlite_"))]
    drop = [f"DROP {kinds[one]} IF EXISTS {one};" for one in sorted(extra, key=lambda n: kinds[n])]
    for table in ("items", "hits", "feeds", "stories", "deliveries"):
        drop += [f"DROP TABLE {table};", want[table] + ";"]
    indexes = [sql + ";" for name, sql in want.items() if sql.startswith("CREATE INDEX")]
    drop += [
        f"DROP INDEX IF EXISTS {name};" for name in want if want[name].startswith("CREATE INDEX")
    ]
    return "PRAGMA foreign_keys=OFF;" + "".join(drop + indexes)


def test_restore_puts_the_copy_back_and_keeps_what_it_replaces(tmp_path):
    """Both are whole; the log of the old one goes aside with it."""
    path = seeded(tmp_path / "news.db", "Before")
    copy = tmp_path / "copy.db"
    copy_database(path, copy)
    seeded(path, "After")
    aside = restore(path, copy, NOON)
    assert titles(path) == ["Before"]
    assert aside.name == "news.db.replaced-20260310T120000Z"
    assert titles(aside) == ["After"]
    assert copy.exists()


def test_restore_works_where_the_database_is_gone_or_garbage(tmp_path):
    """The very cases that it is for."""
    copy = seeded(tmp_path / "copy.db", "Copy")
    path = tmp_path / "news.db"
    assert restore(path, copy, NOON) is None
    path.write_bytes(b"garbage")
    assert restore(path, copy, NOON + timedelta(seconds=1)).read_bytes() == b"garbage"
    assert titles(path) == ["Copy"]


def _newer(path) -> None:
    raw = sqlite3.connect(path)
    raw.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
        " VALUES ('newsmonitor', 'm9999_future', 'x')"
    )
    raw.commit()
    raw.close()


def _garble(path) -> None:
    raw = bytearray(path.read_bytes())
    raw[8192:12288] = b"\xa5" * 4096
    path.write_bytes(raw)


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        pytest.param(lambda p: p.unlink(), StoreError, id="it is not there"),
        pytest.param(lambda p: p.write_bytes(b"x" * 9000), Damaged, id="it is no database"),
        pytest.param(_garble, Damaged, id="a page of it is garbage"),
        pytest.param(
            lambda p: p.write_bytes(p.read_bytes()[:20_000]), Damaged, id="it was cut short"
        ),
        pytest.param(_newer, SchemaTooNew, id="it is of a newer program"),
        pytest.param(
            lambda p: (p.unlink(), sqlite3.connect(p).execute("CREATE TABLE t (a)")),
            Damaged,
            id="it is somebody else's database",
        ),
    ],
)
def test_a_copy_that_is_not_sound_is_refused_and_nothing_changes(tmp_path, spoil, error):
    """The database in use stays as it is, and no half-made file is left."""
    path, copy = seeded(tmp_path / "news.db"), seeded(tmp_path / "copy.db")
    spoil(copy)
    before = path.read_bytes()
    with pytest.raises(error):
        restore(path, copy, NOON)
    assert path.read_bytes() == before
    assert [one for one in names(tmp_path) if "restored" in one or "partial" in one] == []


def test_the_database_is_not_restored_from_itself(tmp_path):
    """A slip of the hand costs nothing."""
    path = seeded(tmp_path / "news.db")
    with pytest.raises(StoreError, match="the database itself"):
        restore(path, path, NOON)


@pytest.mark.parametrize(
    "done",
    [
        pytest.param(0, id="nothing was moved yet"),
        pytest.param(1, id="the database was moved aside"),
        pytest.param(2, id="the database and its log were"),
    ],
)
def test_a_restore_that_was_killed_is_finished_by_the_next_start(tmp_path, done):
    """There is no moment at which a start would make an empty database."""
    path = seeded(tmp_path / "news.db", "After")
    wal = tmp_path / "news.db-wal"
    wal.write_bytes(b"")
    staged = tmp_path / "news.db.restored-20260310T120000Z"
    shutil.copyfile(seeded(tmp_path / "copy.db", "Before"), staged)
    aside = tmp_path / "news.db.replaced-20260310T120000Z"
    if done >= 1:
        path.rename(aside)
    if done >= 2:
        wal.rename(aside.with_name(aside.name + "-wal"))
    Store.writer(path).close()
    assert titles(path) == ["Before"]
    assert aside.exists()
    assert finish_restore(path) is None


def test_the_reserve_is_held_given_up_and_held_again(tmp_path):
    """It takes the room that it says; without room it is not held."""
    reserve = Reserve(tmp_path / "n.db")
    assert not reserve.held
    assert reserve.hold()
    assert reserve.held
    file = tmp_path / "n.db.reserve"
    assert file.stat().st_blocks * 512 >= 8 * 1024 * 1024
    reserve.release()
    assert not file.exists()
    assert not Reserve(tmp_path / "n.db", size=2**60).hold()
    assert not file.exists()
