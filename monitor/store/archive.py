"""The stored items as an archive to be read through once, in batches, beside a running daemon.

Reads only. A batch is a page by number, so that memory stays the same however much is stored.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from monitor.store.database import open_reader, translated
from monitor.times import stamp

BATCH = 2_000

_PAGE = """
SELECT id, title, text, language, link, first_seen_at FROM items
WHERE id > ? AND NOT purged AND first_seen_at >= ? ORDER BY id LIMIT ?"""
#: What the index says, and items of which its row may be missing or old.
_CANDIDATES = """
SELECT rowid AS id FROM items_fts WHERE items_fts MATCH ?
UNION SELECT item_id FROM fts_pending ORDER BY id"""


class ArchiveRow(NamedTuple):
    """An item as an archive holds it."""

    id: int
    title: str
    text: str
    language: str
    link: str
    day: str


def candidates(path: Path, query: str) -> array[int]:
    """Return the numbers of the items that an FTS5 query finds, and of those not yet in the index.

    Eight bytes for each, in ascending order.
    """
    with closing(open_reader(path)) as db, translated():
        return array("q", (row["id"] for row in db.raw.execute(_CANDIDATES, (query,))))


def batches(
    path: Path, since: datetime | None = None, *, after: int = -1, size: int = BATCH
) -> Iterator[list[ArchiveRow]]:
    """Yield items in batches, in the order of their numbers."""
    last = after
    with closing(open_reader(path)) as db:
        while rows := db.rows(_PAGE, (last, _since(since), size)):
            yield [
                ArchiveRow(row["id"], row["title"], row["text"], row["language"], row["link"],
                           row["first_seen_at"][:10])
                for row in rows
            ]  # fmt: skip
            last = rows[-1]["id"]


def last_id(path: Path) -> int:
    """Return the highest number of an item; 0 where there is none."""
    with closing(open_reader(path)) as db:
        return int(db.scalar("SELECT coalesce(max(id), 0) FROM items"))


def _since(since: datetime | None) -> str:
    return stamp(since) if since else ""
