"""One writer, many readers, real transactions. Home of sqlite3.

WAL and synchronous=FULL: a commit that was told is there after a power cut. The daemon is the only
writer; a lock file beside the database refuses a second one.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

from monitor.errors import AlreadyRunning, Damaged, DiskFull, SchemaTooNew, StoreError
from monitor.store.backup import finish_restore, write_copy
from monitor.store.lean import Database
from monitor.store.schema import MIGRATIONS

Row = sqlite3.Row

#: Bytes up to which the whole file is checked at every start; the daily copy reads larger ones.
CHECKED_AT_START = 200_000_000
#: Bytes of the write-ahead log that stay on the disk when a checkpoint has emptied it.
_LARGEST_WAL = 64_000_000
#: Fewer free bytes than the smallest file that SQLite makes beside the database.
_NO_ROOM = 65_536
_MEND = "stop the service, then 'newsmonitor restore FILE' puts a backup in its place"


class Connection:
    """A connection with explicit transactions: nothing is written outside :meth:`transaction`."""

    def __init__(self, raw: sqlite3.Connection, path: Path) -> None:
        self.raw = raw
        self.path = path
        self._file = _identity(path)
        raw.row_factory = sqlite3.Row

    def still_there(self) -> None:
        """Raise Damaged when the file was deleted or replaced under us: writes would go nowhere."""
        if _identity(self.path) != self._file:
            raise Damaged(f"{self.path}: the file was removed or replaced while we ran; {_MEND}")

    def rows(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[Row]:
        with translated(self.path):
            return self.raw.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> Row | None:
        with translated(self.path):
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
        with translated(self.path):
            self.raw.execute("BEGIN IMMEDIATE")
        try:
            with translated(self.path):
                yield
                self.raw.execute("COMMIT")
        except BaseException:
            if self.raw.in_transaction:
                self.raw.execute("ROLLBACK")
            raise

    @contextlib.contextmanager
    def part(self) -> Iterator[None]:
        """SAVEPOINT … RELEASE inside the open transaction: what raises here leaves nothing behind.

        Raises StoreError when SQLite itself fails: then the whole transaction has to be given up.
        """
        assert self.raw.in_transaction, "there is nothing that this could be a part of"
        with translated(self.path):
            self.raw.execute("SAVEPOINT part")
            try:
                yield
            except BaseException:
                if self.raw.in_transaction:
                    self.raw.execute("ROLLBACK TO part")
                    self.raw.execute("RELEASE part")
                raise
            self.raw.execute("RELEASE part")

    def close(self) -> None:
        self.raw.close()


@contextlib.contextmanager
def translated(path: Path | None = None) -> Iterator[None]:
    """Turn SQLite's own errors into StoreError, with the file and what to do next."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise _told(error, path) from error


def _told(error: sqlite3.DatabaseError, path: Path | None) -> StoreError:
    """Return our error for SQLite's; its extended codes share the low byte of the plain one."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    name = f"{path}: " if path else ""
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _is_full(path)):
        return DiskFull(f"{name}no room to write: {error}; free some room on this disk")
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return Damaged(f"{name}cannot be opened as a database, or is damaged: {error}; {_MEND}")
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        hint = "another program holds it; close that program, nothing was changed"
        return StoreError(f"{name}the database is locked ({error}); {hint}")
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}:
        hint = "look at the rights and the owner of the file and its folder"
        return StoreError(f"{name}cannot be opened as a database or written: {error}; {hint}")
    return StoreError(f"{name}the database refused: {error}; see docs/operations.md")


def _is_full(path: Path | None) -> bool:
    """Tell whether the disk has no room: SQLite then calls it an I/O error to make its -shm."""
    with contextlib.suppress(OSError):
        return path is not None and shutil.disk_usage(path.parent).free < _NO_ROOM
    return False


def open_writer(path: Path, copies: Path | None = None) -> Connection:
    """Open, create or migrate the database; raises SchemaTooNew, Damaged, DiskFull, StoreError.

    Before a migration a checked copy goes into the folder ``copies``, unless there is none.
    """
    finish_restore(path)
    with _opening(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        raw = sqlite3.connect(path, isolation_level=None, timeout=5, check_same_thread=False)
    try:
        with _opening(path):
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON",
                           "trusted_schema=OFF", "wal_autocheckpoint=1000",
                           f"journal_size_limit={_LARGEST_WAL}"):  # fmt: skip
                raw.execute(f"PRAGMA {pragma}")
            _migrate(raw, path, copies)
            if path.stat().st_size <= CHECKED_AT_START:
                check(raw)
            # A foreign lock must not hold the loop for long: the next tick tries again.
            raw.execute("PRAGMA busy_timeout=1000")
    except BaseException:
        raw.close()
        raise
    return Connection(raw, path)


def _migrate(raw: sqlite3.Connection, path: Path, copies: Path | None) -> None:
    database = Database(raw)
    _refuse_newer(path, database)
    pending = MIGRATIONS.pending(database)
    if pending and copies is not None and MIGRATIONS.applied(database):
        write_copy(raw, copies / f"{path.stem}-before-{pending[0].name}.db")
    MIGRATIONS.apply(database)


def check(raw: sqlite3.Connection) -> None:
    """Read the whole file; raises Damaged. About a second for each GB that is in memory."""
    found = [str(row[0]) for row in raw.execute("PRAGMA quick_check(1)")]
    if found != ["ok"]:
        raise Damaged(f"the database is damaged: {found[0]}; {_MEND}")


def open_reader(path: Path) -> Connection:
    """Open read-only, for commands beside a running daemon; raises StoreError."""
    if not path.exists():
        raise StoreError(f"{path}: no database here yet; 'newsmonitor run --once' makes it")
    with _opening(path):
        raw = _read_only(path)
        raw.execute("PRAGMA query_only=ON")
        database = Database(raw)
        _refuse_newer(path, database)
        if MIGRATIONS.pending(database):
            what = f"{path}: the database is older than this program; 'newsmonitor run --once'"
            raise StoreError(f"{what} brings it up to date")
    return Connection(raw, path)


def _read_only(path: Path) -> sqlite3.Connection:
    """Connect for reading, also where we may not write the folder and no daemon runs.

    Reading beside a writer takes two small files (-wal, -shm) that the last writer removes. Where
    they cannot be made and none is there, nobody writes, and the file can be read as it stands.
    """
    address = path.resolve().as_uri()
    wal = path.with_name(path.name + "-wal")
    try:
        raw = sqlite3.connect(f"{address}?mode=ro", uri=True, isolation_level=None)
        raw.execute("SELECT 1 FROM sqlite_master")
    except sqlite3.OperationalError as error:
        code = error.sqlite_errorcode & 0xFF
        if code not in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}:
            raise
        if not os.access(path, os.R_OK) or wal.exists():
            what = f"{path}: you may not read it, or {wal.name} that belongs to it"
            hint = "run this as the user of the service, or as root"
            raise StoreError(f"{what}; {hint}") from error
        raw = sqlite3.connect(f"{address}?mode=ro&immutable=1", uri=True, isolation_level=None)
    return raw


@contextlib.contextmanager
def _opening(path: Path) -> Iterator[None]:
    try:
        with translated(path):
            yield
    except sqlite3.Error as error:
        raise StoreError(f"{path}: cannot be opened as a database: {error}") from error
    except OSError as error:
        what = f"{path}: cannot be opened as a database: {error.strerror}"
        kind = DiskFull if error.errno == errno.ENOSPC else StoreError
        raise kind(f"{what}; look at the rights and the room of its folder") from error


def schema_of(path: Path) -> list[tuple[str, bool, str]]:
    """Return each step of the tables: its name, whether it was taken, when. Raises StoreError.

    A database that is not there yet has taken none.
    """
    pending = [one.name for one in MIGRATIONS._migrations]  # noqa: SLF001 - no other way
    taken: list[tuple[str, bool, str]] = []
    if path.exists():
        with _opening(path), contextlib.closing(_read_only(path)) as raw:
            database = Database(raw)
            _refuse_newer(path, database)
            taken = [(one.name, True, str(one.applied_at)) for one in MIGRATIONS.applied(database)]
            pending = [one.name for one in MIGRATIONS.pending(database)]
    return [*taken, *((name, False, "") for name in pending)]


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        told = path.stat()
    except OSError:
        return None
    return told.st_dev, told.st_ino


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
        with contextlib.suppress(OSError):  # the name is a courtesy; a full disk is told elsewhere
            os.ftruncate(handle, 0)
            os.write(handle, f"{os.getpid()}\n".encode("ascii"))
        self._handle = handle
        return self

    def __exit__(self, *_: object) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
