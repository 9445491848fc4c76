"""One writer, many readers, real transactions. Home of sqlite3 and sqlite_utils (with schema.py).

WAL and synchronous=FULL: a commit that was told is there after a power cut. The daemon is the only
writer; a lock file beside the database refuses a second one.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

from sqlite_utils import Database

from monitor.errors import AlreadyRunning, SchemaTooNew, StoreError
from monitor.store.schema import MIGRATIONS

Row = sqlite3.Row


class Connection:
    """A connection with explicit transactions: nothing is written outside :meth:`transaction`."""

    def __init__(self, raw: sqlite3.Connection) -> None:
        self.raw = raw
        raw.row_factory = sqlite3.Row

    def rows(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[Row]:
        with translated():
            return self.raw.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> Row | None:
        with translated():
            found: Row | None = self.raw.execute(sql, values).fetchone()
        return found

    def scalar(self, sql: str, values: Sequence[Any] = ()) -> Any:
        found = self.row(sql, values)
        return found[0] if found else None

    def write(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> int:
        """Execute inside the open transaction; return the new row's id."""
        assert self.raw.in_transaction, "a write outside a transaction would commit by itself"
        return int(self.raw.execute(sql, values).lastrowid or 0)

    def change(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Execute inside the open transaction; return how many rows changed."""
        assert self.raw.in_transaction, "a write outside a transaction would commit by itself"
        return int(self.raw.execute(sql, values).rowcount)

    def write_many(self, sql: str, values: Iterable[Sequence[Any]]) -> None:
        assert self.raw.in_transaction, "a write outside a transaction would commit by itself"
        self.raw.executemany(sql, values)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """BEGIN IMMEDIATE … COMMIT; a nested one belongs to the outer."""
        if self.raw.in_transaction:
            yield
            return
        with translated():
            self.raw.execute("BEGIN IMMEDIATE")
        try:
            with translated():
                yield
                self.raw.execute("COMMIT")
        except BaseException:
            if self.raw.in_transaction:
                self.raw.execute("ROLLBACK")
            raise

    def close(self) -> None:
        self.raw.close()


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Turn SQLite's own errors into StoreError with what to do next."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise StoreError(f"the database refused: {error}; see docs/operations.md") from error


def open_writer(path: Path) -> Connection:
    """Open, create or migrate the database; raises SchemaTooNew, StoreError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _opening(path):
        raw = sqlite3.connect(path, isolation_level=None, timeout=5, check_same_thread=False)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON",
                       "trusted_schema=OFF", "wal_autocheckpoint=1000"):  # fmt: skip
            raw.execute(f"PRAGMA {pragma}")
        database = Database(raw)
        _refuse_newer(path, database)
        MIGRATIONS.apply(database)
    return Connection(raw)


def open_reader(path: Path) -> Connection:
    """Open read-only, for commands beside a running daemon; raises StoreError."""
    if not path.exists():
        raise StoreError(f"{path}: no database here yet; 'newsmonitor run --once' makes it")
    with _opening(path):
        raw = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
        raw.execute("PRAGMA query_only=ON")
        database = Database(raw)
        _refuse_newer(path, database)
        if MIGRATIONS.pending(database):
            what = f"{path}: the database is older than this program; 'newsmonitor run --once'"
            raise StoreError(f"{what} brings it up to date")
    return Connection(raw)


@contextlib.contextmanager
def _opening(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{path}: cannot be opened as a database: {error}") from error


def _refuse_newer(path: Path, database: Database) -> None:
    ours = {migration.name for migration in MIGRATIONS.pending(database)}
    applied = {migration.name for migration in MIGRATIONS.applied(database)}
    known = {migration.name for migration in MIGRATIONS._migrations}  # noqa: SLF001 - no other way
    if unknown := applied - known - ours:
        raise SchemaTooNew(
            f"{path}: written by a newer newsmonitor (it knows {', '.join(sorted(unknown))});"
            " install that version again, or restore a backup made before the upgrade"
        )


class Lock:
    """The one daemon's claim on a database; released by the kernel when the process ends."""

    def __init__(self, database: Path) -> None:
        real = database.resolve()  # two names of one file are one database
        self._path = real.with_name(real.name + ".lock")
        self._handle: int | None = None

    def __enter__(self) -> Self:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            what = f"{self._path}: cannot be made or opened: {error.strerror}"
            raise StoreError(f"{what}; look at the rights of the folder") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(handle, 20).decode("ascii", "replace").strip()
            os.close(handle)
            raise AlreadyRunning(
                f"{self._path}: another newsmonitor (process {holder or 'unknown'}) works on this"
                " database; stop it first, or use another database"
            ) from error
        os.ftruncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode("ascii"))
        self._handle = handle
        return self

    def __exit__(self, *_: object) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
