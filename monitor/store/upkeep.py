"""What the database needs beside the work: the index that follows, the memory of the daemon."""

from __future__ import annotations

from datetime import datetime

from monitor.model import Window
from monitor.store.database import Connection
from monitor.times import from_stamp, stamp

_BATCH = 500


class Upkeep:
    """The full-text index, filled in batches behind the poll, and facts about ourselves."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def index(self) -> int:
        """Bring up to :data:`_BATCH` waiting items into the full-text index; return how many."""
        with self._db.transaction():
            waiting = self._db.rows("SELECT * FROM fts_pending ORDER BY item_id LIMIT ?", (_BATCH,))
            self._db.write_many(
                "INSERT INTO items_fts (items_fts, rowid, title, text) VALUES ('delete', ?, ?, ?)",
                [tuple(row) for row in waiting if row["title"] is not None],
            )
            ids = [(row["item_id"],) for row in waiting]
            self._db.write_many(
                "INSERT INTO items_fts (rowid, title, text)"
                " SELECT id, title, text FROM items WHERE id = ?",
                ids,
            )
            self._db.write_many("DELETE FROM fts_pending WHERE item_id = ?", ids)
        return len(waiting)

    def remember(self, key: str, value: str) -> None:
        with self._db.transaction():
            self._db.write(
                "INSERT INTO memory (key, value) VALUES (?, ?)"
                " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (key, value),
            )

    def recall(self, key: str) -> str | None:
        found = self._db.scalar("SELECT value FROM memory WHERE key = ?", (key,))
        return None if found is None else str(found)

    def began(self, now: datetime) -> datetime:
        """Return when watching began; ``now`` at the first call ever."""
        told = self.recall("began_at")
        if told is None:
            self.remember("began_at", stamp(now))
            return now
        return from_stamp(told)

    def breathe(self, now: datetime, longest_pause_s: float) -> Window | None:
        """Note that we are alive; return the hole when the last breath is too long ago."""
        last = self.recall("alive_at")
        hole = None
        if last is not None and (now - from_stamp(last)).total_seconds() > longest_pause_s:
            hole = Window(from_stamp(last), now)
        with self._db.transaction():
            self.remember("alive_at", stamp(now))
            if hole is not None:
                self._db.write(
                    "INSERT INTO absences (start, end) VALUES (?, ?)",
                    (stamp(hole.start), stamp(hole.end)),
                )
        return hole

    def absences(self, window: Window) -> tuple[Window, ...]:
        """Return the holes in our own life that touch ``window``."""
        rows = self._db.rows(
            "SELECT start, end FROM absences WHERE end > ? AND start < ? ORDER BY start",
            (stamp(window.start), stamp(window.end)),
        )
        return tuple(Window(from_stamp(row["start"]), from_stamp(row["end"])) for row in rows)
