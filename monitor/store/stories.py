"""Rows of stories: opened, grown, merged. An id is never changed and never used again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.model import Hit
from monitor.store.database import Connection
from monitor.times import from_stamp, stamp

_FOLLOW = """
WITH RECURSIVE chain (asked, at) AS (
  SELECT id, id FROM stories WHERE id IN (SELECT value FROM json_each(?))
  UNION
  SELECT asked, merged_into FROM chain JOIN stories ON id = at WHERE merged_into IS NOT NULL
) SELECT asked, at FROM chain JOIN stories ON id = at WHERE merged_into IS NULL"""

_MERGED = """
WITH RECURSIVE chain (root, young, at, why) AS (
  SELECT merged_into, id, merged_at, merge_reason FROM stories
  WHERE merged_into IN (SELECT value FROM json_each(?))
  UNION
  SELECT root, id, merged_at, merge_reason FROM chain JOIN stories ON merged_into = young
) SELECT * FROM chain ORDER BY root, young"""

_LIVE = """
SELECT item_id, min(story_id) AS story_id FROM hits JOIN items ON items.id = item_id
WHERE item_id > max(?, (SELECT coalesce(min(id), 0) - 1 FROM items WHERE first_seen_at >= ?))
  AND first_seen_at >= ? AND story_id IS NOT NULL AND NOT purged
GROUP BY item_id ORDER BY item_id LIMIT ?"""


@dataclass(frozen=True, slots=True)
class Merged:
    """A story that was found to be part of an older one."""

    id: int
    at: datetime
    reason: str


class StoryTable:
    """Stories and the items that they hold."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def open(self, now: datetime) -> int:
        """Begin a story and return its id; the caller's transaction."""
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

    def merge(self, young: int, old: int, reason: str, now: datetime) -> None:
        """Move all hits of ``young`` to ``old`` and record it; the caller's transaction.

        What was told of the younger story counts as told of the older: it is no news again.
        """
        self._db.change("UPDATE hits SET story_id = ? WHERE story_id = ?", (old, young))
        self._db.change(
            "UPDATE stories SET merged_into = ?, merged_at = ?, merge_reason = ? WHERE id = ?",
            (old, stamp(now), reason, young),
        )
        self._db.change("UPDATE stories SET last_at = ? WHERE id = ?", (stamp(now), old))
        self._db.change(
            "INSERT OR IGNORE INTO digest_stories (digest_id, story_id)"
            " SELECT digest_id, ? FROM digest_stories WHERE story_id = ?",
            (old, young),
        )
        self._db.change(
            "INSERT OR IGNORE INTO alert_stories (alert_id, story_id, level, reason)"
            " SELECT alert_id, ?, level, reason FROM alert_stories WHERE story_id = ?",
            (old, young),
        )

    def follow(self, ids: Iterable[int]) -> dict[int, int]:
        """Return for each id the story that holds its items today; unknown ids are left out."""
        rows = self._db.rows(_FOLLOW, (json.dumps(sorted(ids)),))
        return {row["asked"]: row["at"] for row in rows}

    def merged(self, ids: Iterable[int]) -> dict[int, tuple[Merged, ...]]:
        """Return for each story those that were merged into it, directly or through others."""
        found: dict[int, tuple[Merged, ...]] = {}
        for row in self._db.rows(_MERGED, (json.dumps(sorted(ids)),)):
            one = Merged(row["young"], from_stamp(row["at"]), row["why"])
            found[row["root"]] = (*found.get(row["root"], ()), one)
        return found

    def live_items(self, since: datetime, after: int = 0, limit: int = 500) -> dict[int, int]:
        """Return items first seen at or behind ``since`` with their stories, by id, in portions."""
        seen = stamp(since)
        rows = self._db.rows(_LIVE, (after, seen, seen, limit))
        return {row["item_id"]: row["story_id"] for row in rows}

    def last_edit(self) -> int:
        """Return the mark behind which :meth:`edited` finds edits."""
        return int(self._db.scalar("SELECT coalesce(max(id), 0) FROM item_versions"))

    def edited(self, after: int) -> tuple[int, ...]:
        """Return items whose wording changed behind the mark ``after``."""
        rows = self._db.rows("SELECT DISTINCT item_id FROM item_versions WHERE id > ?", (after,))
        return tuple(row["item_id"] for row in rows)
