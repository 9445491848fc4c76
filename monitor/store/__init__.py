"""The door to the database: rows to values, decisions to rows. It decides nothing.

One :class:`Store` is the daemon's single writer; commands open it read-only.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from monitor.store.database import Connection, Lock, open_reader, open_writer
from monitor.store.digests import DigestTable, Ledger, PastDigest
from monitor.store.feeds import FeedTable, WindowTally
from monitor.store.hits import HitTable
from monitor.store.items import ItemTable
from monitor.store.last_documents import LastDocuments
from monitor.store.upkeep import Upkeep

__all__ = ["Lock", "PastDigest", "Store", "WindowTally"]


class Store:
    """All tables over one connection; close it when done."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection
        self.feeds = FeedTable(connection)
        self.items = ItemTable(connection)
        self.last_documents = LastDocuments(connection)
        self.hits = HitTable(connection)
        self.digests = DigestTable(connection)
        self.ledger = Ledger(connection)
        self.upkeep = Upkeep(connection)

    @classmethod
    def writer(cls, path: Path) -> Store:
        """Open for writing, make or migrate the tables; raises SchemaTooNew, StoreError."""
        return cls(open_writer(path))

    @classmethod
    def reader(cls, path: Path) -> Store:
        """Open read-only; raises SchemaTooNew, StoreError."""
        return cls(open_reader(path))

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing; see :meth:`Connection.transaction`."""
        return self._db.transaction()

    def close(self) -> None:
        self._db.close()
