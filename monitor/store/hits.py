"""Hits with their evidence, and the stories they are folded into."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from monitor.model import Hit, Level, Match
from monitor.store.columns import pack_evidence, unpack_evidence
from monitor.store.database import Connection, Row
from monitor.times import from_stamp, stamp

_SAVE = """
INSERT INTO hits (item_id, watchlist, level, score, evidence, matched_at) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (item_id, watchlist) DO UPDATE SET level = excluded.level, score = excluded.score,
  evidence = excluded.evidence"""


class HitTable:
    """Rows of hits and stories."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def save(self, item_id: int, matches: Sequence[Match], now: datetime) -> int:
        """Write the matches of an item; return how many are new. The caller's transaction."""
        count = "SELECT count(*) FROM hits WHERE item_id = ?"
        before = int(self._db.scalar(count, (item_id,)))
        self._db.write_many(
            _SAVE,
            [
                (item_id, m.watchlist, int(m.level), m.score, pack_evidence(m.evidence), stamp(now))
                for m in matches
            ],
        )
        return int(self._db.scalar(count, (item_id,))) - before

    def unfolded(self, limit: int = 200) -> tuple[Hit, ...]:
        """Return hits that belong to no story yet, oldest first."""
        return self._hits("WHERE story_id IS NULL ORDER BY id LIMIT ?", (limit,))

    def of_items(self, item_ids: Sequence[int]) -> tuple[Hit, ...]:
        marks = ", ".join("?" * len(item_ids))
        return self._hits(f"WHERE item_id IN ({marks}) ORDER BY id", list(item_ids))

    def of_stories(self, story_ids: Sequence[int]) -> tuple[Hit, ...]:
        marks = ", ".join("?" * len(story_ids))
        return self._hits(f"WHERE story_id IN ({marks}) ORDER BY id", list(story_ids))

    def newest(self, limit: int = 50, watchlist: str = "") -> tuple[Hit, ...]:
        where = "WHERE watchlist = ?" if watchlist else "WHERE ? = ''"
        return self._hits(f"{where} ORDER BY id DESC LIMIT ?", (watchlist, limit))

    def count(self) -> int:
        return int(self._db.scalar("SELECT count(*) FROM hits"))

    def open_story(self, now: datetime) -> int:
        return self._db.write(
            "INSERT INTO stories (opened_at, last_at) VALUES (?, ?)", (stamp(now), stamp(now))
        )

    def fold(self, hits: Sequence[Hit], story_id: int, reason: str, now: datetime) -> None:
        """Put ``hits`` into a story and say why; the caller's transaction."""
        self._db.write_many(
            "UPDATE hits SET story_id = ?, story_reason = ? WHERE id = ?",
            [(story_id, reason, hit.id) for hit in hits],
        )
        self._db.write("UPDATE stories SET last_at = ? WHERE id = ?", (stamp(now), story_id))

    def recent_stories(self, since: datetime) -> tuple[int, ...]:
        rows = self._db.rows("SELECT id FROM stories WHERE last_at >= ?", (stamp(since),))
        return tuple(row["id"] for row in rows)

    def last_folded(self) -> int:
        """Return the id up to which every hit has its story; 0 when there is none."""
        return int(
            self._db.scalar(
                "SELECT coalesce((SELECT min(id) - 1 FROM hits WHERE story_id IS NULL),"
                " (SELECT max(id) FROM hits), 0)"
            )
        )

    def stories_between(self, after: int, upto: int) -> tuple[int, ...]:
        """Return the stories that hits with ``after`` < id ≤ ``upto`` belong to."""
        rows = self._db.rows(
            "SELECT DISTINCT story_id FROM hits WHERE id > ? AND id <= ?"
            " AND story_id IS NOT NULL ORDER BY story_id",
            (after, upto),
        )
        return tuple(row["story_id"] for row in rows)

    def newest_stories(self, limit: int = 30) -> tuple[int, ...]:
        rows = self._db.rows("SELECT id FROM stories ORDER BY last_at DESC LIMIT ?", (limit,))
        return tuple(row["id"] for row in rows)

    def story_count(self) -> int:
        return int(self._db.scalar("SELECT count(*) FROM stories"))

    def _hits(self, where: str, values: Sequence[object]) -> tuple[Hit, ...]:
        return tuple(_hit(row) for row in self._db.rows(f"SELECT * FROM hits {where}", values))  # noqa: S608


def _hit(row: Row) -> Hit:
    return Hit(
        id=row["id"],
        item_id=row["item_id"],
        watchlist=row["watchlist"],
        level=Level(row["level"]),
        score=row["score"],
        evidence=unpack_evidence(row["evidence"]),
        matched_at=from_stamp(row["matched_at"]),
        story_id=row["story_id"],
        story_reason=row["story_reason"],
    )
