"""Hits with their evidence, and in which stories they are; the stories' own rows: stories.py."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from monitor.model import Hit, Level, Match
from monitor.store.columns import maybe_time, pack_evidence, unpack_evidence
from monitor.store.database import Connection, Row
from monitor.times import from_stamp, stamp

_SAVE = """
INSERT INTO hits (item_id, watchlist, level, score, evidence, matched_at) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (item_id, watchlist) DO UPDATE SET level = excluded.level, score = excluded.score,
  evidence = excluded.evidence"""


_GIVEN = "(SELECT value FROM json_each(?))"  # any number of ids in one parameter

_MARK = """:mark = coalesce((SELECT verdict FROM marks
  WHERE marks.item_id = hits.item_id AND marks.watchlist = hits.watchlist), 'unmarked')"""


class HitTable:
    """Rows of hits."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def save(self, matches: Mapping[int, Sequence[Match]], now: datetime) -> int:
        """Write the matches of items; return how many are new. The caller's transaction."""
        count = f"SELECT count(*) FROM hits WHERE item_id IN {_GIVEN}"  # noqa: S608 - a constant
        items = json.dumps(list(matches))
        before = int(self._db.scalar(count, (items,)))
        told = stamp(now)
        self._db.write_many(
            _SAVE,
            [
                (item_id, m.watchlist, int(m.level), m.score, pack_evidence(m.evidence), told)
                for item_id, of_item in matches.items()
                for m in of_item
            ],
        )
        return int(self._db.scalar(count, (items,))) - before

    def lose(self, item_id: int, still_firing: Collection[str], now: datetime) -> int:
        """Note which lists no longer fire on the item's wording, and which fire again.

        Returns how many hits are newly lost; a lost hit stays in its story, and keeps the time at
        which it was first lost. The caller's transaction.
        """
        firing = json.dumps(sorted(still_firing))
        self._db.change(
            f"UPDATE hits SET lost_at = NULL WHERE item_id = ? AND watchlist IN {_GIVEN}",  # noqa: S608 - a constant
            (item_id, firing),
        )
        return self._db.change(
            "UPDATE hits SET lost_at = ? WHERE item_id = ? AND lost_at IS NULL"  # noqa: S608 - same
            f" AND watchlist NOT IN {_GIVEN}",
            (stamp(now), item_id, firing),
        )

    def unfolded(self, limit: int = 200) -> tuple[Hit, ...]:
        """Return hits that belong to no story yet, oldest first."""
        return self._hits("WHERE story_id IS NULL ORDER BY id LIMIT ?", (limit,))

    def get(self, ids: Sequence[int]) -> tuple[Hit, ...]:
        """Return those of the hits with these ids that exist."""
        return self._hits(
            "WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id", (json.dumps(list(ids)),)
        )

    def between(self, after: int, upto: int, limit: int = 1_000) -> tuple[Hit, ...]:
        """Return hits with ``after`` < id ≤ ``upto``, oldest first."""
        return self._hits("WHERE id > ? AND id <= ? ORDER BY id LIMIT ?", (after, upto, limit))

    def of_items(self, item_ids: Sequence[int]) -> tuple[Hit, ...]:
        return self._hits(f"WHERE item_id IN {_GIVEN} ORDER BY id", (json.dumps(list(item_ids)),))

    def of_stories(self, story_ids: Sequence[int]) -> tuple[Hit, ...]:
        return self._hits(f"WHERE story_id IN {_GIVEN} ORDER BY id", (json.dumps(list(story_ids)),))

    def newest(self, limit: int = 50, watchlist: str = "", mark: str = "") -> tuple[Hit, ...]:
        """Return the newest hits: of a watchlist, with a mark, or ``unmarked``."""
        wanted = ["watchlist = :watchlist"] if watchlist else []
        wanted += [_MARK] if mark else []
        where = f"WHERE {' AND '.join(wanted)}" if wanted else ""
        values = {"watchlist": watchlist, "mark": mark, "limit": limit}
        return self._hits(f"{where} ORDER BY id DESC LIMIT :limit", values)

    def count(self) -> int:
        return int(self._db.scalar("SELECT count(*) FROM hits"))

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
        rows = self._db.rows(
            "SELECT id FROM stories WHERE merged_into IS NULL ORDER BY last_at DESC LIMIT ?",
            (limit,),
        )
        return tuple(row["id"] for row in rows)

    def story_count(self) -> int:
        return int(self._db.scalar("SELECT count(*) FROM stories WHERE merged_into IS NULL"))

    def _hits(self, where: str, values: Sequence[object] | dict[str, object]) -> tuple[Hit, ...]:
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
        lost_at=maybe_time(row["lost_at"]),
    )
