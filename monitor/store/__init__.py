"""The door to the database: rows to values, decisions to rows. It decides nothing.

One :class:`Store` is the daemon's single writer; commands open it read-only.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from monitor.store.alerts import AlertedStory, AlertTable, PastAlert
from monitor.store.backup import copies, copy_database, copy_name, prune, restore, verify
from monitor.store.database import Connection, Lock, check, open_reader, open_writer, schema_of
from monitor.store.digests import DigestTable, PastDigest
from monitor.store.feeds import FeedTable, WindowTally
from monitor.store.hits import HitTable
from monitor.store.items import ItemTable
from monitor.store.last_documents import LastDocuments
from monitor.store.ledger import Ledger
from monitor.store.marks import MarkTable, Tally
from monitor.store.mutes import MuteTable
from monitor.store.requests import BadRequest, Request, Spool
from monitor.store.reserve import Reserve
from monitor.store.retention import Gone, Limits, Retention, oldest_beyond, sooner
from monitor.store.stories import StoryTable
from monitor.store.tallies import TallyTable
from monitor.store.upkeep import FeedCounts, OpenDeliveries, Upkeep

__all__ = [
    "AlertedStory",
    "BadRequest",
    "FeedCounts",
    "Gone",
    "Limits",
    "Lock",
    "OpenDeliveries",
    "PastAlert",
    "PastDigest",
    "Request",
    "Reserve",
    "Spool",
    "Store",
    "Tally",
    "WindowTally",
    "copies",
    "copy_database",
    "copy_name",
    "prune",
    "restore",
    "schema_of",
    "sooner",
    "verify",
]


class Store:
    """All tables over one connection; close it when done."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection
        self.feeds = FeedTable(connection)
        self.items = ItemTable(connection)
        self.last_documents = LastDocuments(connection)
        self.hits = HitTable(connection)
        self.stories = StoryTable(connection)
        self.digests = DigestTable(connection)
        self.ledger = Ledger(connection)
        self.marks = MarkTable(connection)
        self.mutes = MuteTable(connection)
        self.alerts = AlertTable(connection)
        self.tallies = TallyTable(connection)
        self.upkeep = Upkeep(connection)
        self.retention = Retention(connection)

    @classmethod
    def writer(cls, path: Path, copies: Path | None = None) -> Store:
        """Open for writing, make or migrate the tables; raises SchemaTooNew, StoreError.

        Before a migration a checked copy goes into the folder ``copies``.
        """
        return cls(open_writer(path, copies))

    @classmethod
    def reader(cls, path: Path) -> Store:
        """Open read-only; raises SchemaTooNew, StoreError."""
        return cls(open_reader(path))

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing; see :meth:`Connection.transaction`."""
        return self._db.transaction()

    def part(self) -> AbstractContextManager[None]:
        """A part of the open transaction that may fail alone; see :meth:`Connection.part`."""
        return self._db.part()

    def still_there(self) -> None:
        """Raise Damaged when the file was removed or replaced; see :class:`Connection`."""
        self._db.still_there()

    def check(self) -> None:
        """Read the whole database; raises Damaged. For a reader in a thread of its own."""
        check(self._db.raw)

    def oldest_beyond(self, most: int) -> datetime | None:
        """Return when the newest item came that is one too many; for a thread of its own."""
        return oldest_beyond(self._db, most)

    def close(self) -> None:
        self._db.close()
