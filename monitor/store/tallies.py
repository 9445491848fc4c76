"""Counts over hits, for what a look tells better than a list: days, and what is usual."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from monitor.store.database import Connection
from monitor.times import from_stamp, stamp

_PER_HOUR = """
WITH found AS (
  SELECT h.watchlist, substr(h.matched_at, 1, 13) AS hour,
    row_number() OVER (PARTITION BY h.watchlist, coalesce(h.story_id, -h.id) ORDER BY h.id) AS place
  FROM hits AS h JOIN items AS i ON i.id = h.item_id WHERE h.matched_at >= ? AND NOT i.backfill)
SELECT watchlist, hour, count(*) AS items, sum(place = 1) AS stories FROM found
GROUP BY watchlist, hour ORDER BY watchlist, hour"""


class TallyTable:
    """Counts; what a feed already held when watching began is never counted."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def per_day(self, borders: Sequence[datetime]) -> dict[str, tuple[int, ...]]:
        """Count the items of each watchlist between each two neighbours of ``borders``."""
        found: dict[str, list[int]] = {}
        for place, (start, end) in enumerate(pairwise(borders)):
            rows = self._db.rows(
                "SELECT watchlist, count(*) AS items FROM hits JOIN items ON items.id = item_id"
                " WHERE matched_at >= ? AND matched_at < ? AND NOT backfill GROUP BY watchlist",
                (stamp(start), stamp(end)),
            )
            for row in rows:
                counts = found.setdefault(row["watchlist"], [0] * (len(borders) - 1))
                counts[place] = row["items"]
        return {watchlist: tuple(counts) for watchlist, counts in found.items()}

    def per_hour(self, since: datetime) -> list[tuple[str, datetime, int, int]]:
        """Return (watchlist, hour, items, stories) for each hour since then that had any.

        A story counts in the hour of its first hit of the list.
        """
        rows = self._db.rows(_PER_HOUR, (stamp(since),))
        return [
            (row["watchlist"], from_stamp(f"{row['hour']}:00Z"), row["items"], row["stories"])
            for row in rows
        ]

    def last_at(self, watchlists: Sequence[str]) -> dict[str, datetime]:
        """Return when each of the watchlists found something last; no backfill counts."""
        found = {
            name: self._db.scalar(
                "SELECT max(matched_at) FROM hits JOIN items ON items.id = item_id"
                " WHERE watchlist = ? AND NOT backfill",
                (name,),
            )
            for name in watchlists
        }
        return {name: from_stamp(told) for name, told in found.items() if told}

    def outlets(self) -> tuple[str, ...]:
        """Return the outlets that have carried an item with a hit."""
        rows = self._db.rows(
            "SELECT DISTINCT s.outlet FROM hits JOIN sightings AS s ON s.item_id = hits.item_id"
        )
        return tuple(sorted(row["outlet"] for row in rows))
