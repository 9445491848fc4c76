"""Copies of the database, made while it is in use, checked before they count, and put back.

A copy appears under its name only when it is whole, sound and on the disk. Putting one back keeps
what it replaces. It never writes into a database that is in use, and reads no clock.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from monitor.errors import Damaged, DiskFull, SchemaTooNew, StoreError
from monitor.store.schema import MIGRATIONS

#: A database of n bytes wants at least this share of n to be free for its copy.
_ROOM = 1.1
#: Copies made before a migration that are kept beside the ordinary ones: the way back.
_KEPT_BEFORE = 3
_STAMP = "%Y%m%dT%H%M%SZ"
_SUFFIXES = ("", "-wal", "-shm")


def copy_name(database: Path, now: datetime) -> str:
    """Return the file name of a copy made at ``now`` (UTC): ``newsmonitor-20260310T120000Z.db``."""
    return f"{database.stem}-{now:{_STAMP}}.db"


def copy_database(database: Path, target: Path) -> None:
    """Copy a database that may be in use; raises DiskFull, Damaged, StoreError.

    Reads in one transaction, so the copy is of one moment; a writer is not held up.
    """
    with _told(f"{database}: cannot be copied"):
        raw = sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True, timeout=5)
    with contextlib.closing(raw):
        write_copy(raw, target)


def write_copy(raw: sqlite3.Connection, target: Path) -> None:
    """Write what ``raw`` holds to ``target``; there is either a sound copy or none."""
    partial = target.with_name(f".{target.name}.partial")
    try:
        with _told(f"{target}: the copy was not made"):
            target.parent.mkdir(parents=True, exist_ok=True)
            partial.unlink(missing_ok=True)
            _want_room(raw, target)
            partial.touch(0o600)
            raw.execute("VACUUM INTO ?", (str(partial),))
            verify(partial)
            _sync(partial)
            partial.replace(target)
            _sync(target.parent)
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


def _want_room(raw: sqlite3.Connection, target: Path) -> None:
    """Refuse to fill the disk with a copy: the database needs the room more."""
    pages = int(raw.execute("PRAGMA page_count").fetchone()[0])
    wanted = int(pages * int(raw.execute("PRAGMA page_size").fetchone()[0]) * _ROOM)
    free = shutil.disk_usage(target.parent).free
    if free < wanted:
        megabytes = f"{wanted // 1_000_000 + 1} MB are wanted, {free // 1_000_000} MB are free"
        raise DiskFull(f"{target}: the copy was not made: {megabytes}")


def verify(copy: Path) -> None:
    """Read a copy whole; raises Damaged when it is not sound, or no database of ours."""
    with contextlib.closing(_frozen(copy)) as raw:
        try:
            found = [str(row[0]) for row in raw.execute("PRAGMA integrity_check(3)")]
            strays = raw.execute("PRAGMA foreign_key_check").fetchone()
            _names(raw)
        except sqlite3.DatabaseError as error:
            raise Damaged(f"{copy}: no sound database of newsmonitor: {error}") from error
    if found != ["ok"] or strays is not None:
        what = found[0] if found != ["ok"] else f"a row of {strays[0]} points nowhere"
        raise Damaged(f"{copy}: not sound: {what}")


def copies(folder: Path, database: Path) -> list[Path]:
    """Return the dated copies of ``database``, oldest first."""
    return sorted(one for one in folder.glob(f"{database.stem}-*.db") if "-before-" not in one.name)


def prune(folder: Path, database: Path, keep: int) -> None:
    """Delete all but the newest ``keep`` copies, and what a crash left half made."""
    before = sorted(
        folder.glob(f"{database.stem}-before-*.db"), key=lambda one: one.stat().st_mtime
    )
    halves = folder.glob(f".{database.stem}-*.db.partial*")
    for one in [*copies(folder, database)[:-keep], *before[:-_KEPT_BEFORE], *halves]:
        with contextlib.suppress(OSError):
            one.unlink()


def restore(database: Path, copy: Path, now: datetime) -> Path | None:
    """Put ``copy`` in the place of ``database``; return where the old one went, if there was one.

    The caller holds the lock. Raises Damaged, SchemaTooNew, StoreError before anything is changed.
    """
    if not copy.is_file():
        raise StoreError(f"{copy}: there is no such file; name a copy from the backup folder")
    if copy.resolve() == database.resolve():
        raise StoreError(f"{copy}: this is the database itself; name a copy of it")
    staged = database.with_name(f"{database.name}.restored-{now:{_STAMP}}")
    partial = staged.with_name(f".{staged.name}.partial")
    try:
        with _told(f"nothing was restored from {copy}"):
            database.parent.mkdir(parents=True, exist_ok=True)
            # A copy that lies beside a -wal file is no copy of ours: take in what stands there.
            with contextlib.closing(
                sqlite3.connect(copy.resolve().as_uri() + "?mode=ro", uri=True)
            ) as raw:
                _want_room(raw, staged)
                partial.unlink(missing_ok=True)
                partial.touch(0o600)
                raw.execute("VACUUM INTO ?", (str(partial),))
            verify(partial)
            _refuse_newer_copy(copy, partial)
            if database.exists():
                shutil.copymode(database, partial)
                with contextlib.suppress(PermissionError):
                    os.chown(partial, database.stat().st_uid, database.stat().st_gid)
            _sync(partial)
            partial.replace(staged)
            _sync(staged.parent)
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
    return finish_restore(database)


def finish_restore(database: Path) -> Path | None:
    """Take up a restore where it stands; return where the replaced database went.

    The staged copy is renamed last, so a crash in between is mended by the next start.
    """
    staged = sorted(database.parent.glob(f"{database.name}.restored-*"))
    if not staged:
        return None
    stamp = staged[-1].name.rpartition("-")[2]
    aside = database.with_name(f"{database.name}.replaced-{stamp}")
    with _told(f"{database}: the restored copy could not be put in its place"):
        for suffix in _SUFFIXES:
            old = database.with_name(database.name + suffix)
            if old.exists():
                old.replace(aside.with_name(aside.name + suffix))
        staged[-1].replace(database)
        _sync(database.parent)
    return aside if aside.exists() else None


def _refuse_newer_copy(copy: Path, partial: Path) -> None:
    known = {migration.name for migration in MIGRATIONS._migrations}  # noqa: SLF001 - no other way
    with contextlib.closing(_frozen(partial)) as raw:
        unknown = _names(raw) - known
    if unknown:
        raise SchemaTooNew(
            f"{copy}: written by a newer newsmonitor (it knows {', '.join(sorted(unknown))});"
            " install that version, or restore an older copy"
        )


def _names(raw: sqlite3.Connection) -> set[str]:
    rows = raw.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = 'newsmonitor'")
    return {str(row[0]) for row in rows}


def _frozen(path: Path) -> sqlite3.Connection:
    """Connect to a file that nobody writes: without -wal and -shm beside it."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _told(what: str) -> Iterator[None]:
    """Turn errors of SQLite and of the file system into ours."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        bad = {sqlite3.SQLITE_CORRUPT: Damaged, sqlite3.SQLITE_NOTADB: Damaged,
               sqlite3.SQLITE_FULL: DiskFull}  # fmt: skip
        raise bad.get(code, StoreError)(f"{what}: {error}") from error
    except OSError as error:
        raise StoreError(f"{what}: {error.strerror}") from error
