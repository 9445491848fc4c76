"""What is kept of each feed's last whole document, so that only its new entries need be parsed."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from operator import attrgetter

from monitor.model import Marks
from monitor.store.database import Connection
from monitor.times import from_stamp, stamp

#: After this long a document is parsed whole again, whatever is known of it.
WHOLE_EVERY = timedelta(hours=24)

_values = attrgetter(*(field.name for field in fields(Marks)))

_SAVE = """
INSERT INTO last_documents (feed_id, whole_at, entries)
SELECT id, ?, ? FROM feeds WHERE url = ?
ON CONFLICT (feed_id) DO UPDATE SET entries = excluded.entries,
  whole_at = iif(?, excluded.whole_at, whole_at)"""


class LastDocuments:
    """Marks of entries by the hash of their raw bytes; a table of its own, since it is large."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def marks(self, feed_url: str, now: datetime) -> dict[str, Marks]:
        """Return what is known of a feed's entries; nothing when it is time to parse them all.

        A damaged row is no error: all it holds can be had by parsing.
        """
        row = self._db.row(
            "SELECT whole_at, entries FROM last_documents JOIN feeds ON feeds.id = feed_id"
            " WHERE url = ?",
            (feed_url,),
        )
        if row is None or not timedelta(0) <= now - from_stamp(row["whole_at"]) < WHOLE_EVERY:
            return {}
        return _unpacked(row["entries"])

    def newest(self, feed_url: str) -> tuple[str, ...]:
        """Return what identifies the entries of a feed's last document over all feeds."""
        packed = self._db.scalar(
            "SELECT entries FROM last_documents JOIN feeds ON feeds.id = feed_id WHERE url = ?",
            (feed_url,),
        )
        marks = _unpacked(packed).values() if packed else ()
        return tuple(one.url or one.fingerprint for one in marks)

    def save(
        self, feed_url: str, marks: Mapping[str, Marks], now: datetime, *, whole: bool
    ) -> None:
        """Replace what is known; the caller holds the transaction that writes the items."""
        told = [(key, *_values(one)) for key, one in marks.items() if key]
        packed = zlib.compress(json.dumps(told, separators=(",", ":")).encode(), 1)
        self._db.write(_SAVE, (stamp(now), packed, feed_url, whole))


def _unpacked(packed: bytes) -> dict[str, Marks]:
    try:
        told = json.loads(zlib.decompress(packed))
        return {key: Marks(*values) for key, *values in told}
    except (zlib.error, ValueError, TypeError):
        return {}
