"""What readers said of hits: relevant or noise, counted per watchlist and term.

A mark belongs to an item and a watchlist, so that it outlives a rewording of either.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.model import Judgement, Verdict
from monitor.store.database import Connection, Row
from monitor.times import from_stamp, stamp

_BY_TERM = """
WITH told AS (
  SELECT DISTINCT m.item_id, m.verdict, json_extract(one.value, '$.group') AS label,
    json_extract(one.value, '$.term') AS term
  FROM marks AS m JOIN hits AS h ON h.item_id = m.item_id AND h.watchlist = m.watchlist,
    json_each(h.evidence) AS one WHERE m.watchlist = ?)
SELECT label, term, sum(verdict = 'relevant') AS relevant, sum(verdict = 'noise') AS noise
FROM told GROUP BY label, term"""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many marked hits were relevant and how many were noise."""

    relevant: int = 0
    noise: int = 0

    @property
    def marked(self) -> int:
        return self.relevant + self.noise

    @property
    def precision(self) -> float | None:
        """The share that was relevant; None where nothing is marked."""
        return self.relevant / self.marked if self.marked else None


class MarkTable:
    """Rows of marks."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def save(self, marks: Sequence[Judgement]) -> None:
        """Write marks; a later one on the same hit takes the place of the earlier."""
        with self._db.transaction():
            self._db.write_many(
                "INSERT INTO marks (item_id, watchlist, verdict, note, at) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (item_id, watchlist) DO UPDATE SET verdict = excluded.verdict,"
                " note = excluded.note, at = excluded.at",
                [(m.item_id, m.watchlist, m.verdict, m.note, stamp(m.at)) for m in marks],
            )

    def remove(self, hits: Sequence[tuple[int, str]]) -> None:
        """Take the marks off hits, each an item's number and a watchlist."""
        with self._db.transaction():
            self._db.write_many("DELETE FROM marks WHERE item_id = ? AND watchlist = ?", hits)

    def of_items(self, item_ids: Sequence[int]) -> dict[tuple[int, str], Judgement]:
        """Return the marks on these items by item and watchlist."""
        rows = self._db.rows(
            "SELECT * FROM marks WHERE item_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(item_ids)),),
        )
        return {(row["item_id"], row["watchlist"]): _judgement(row) for row in rows}

    def listed(self, watchlist: str = "") -> tuple[Judgement, ...]:
        """Return all marks, or those of one watchlist, in the order of the items."""
        rows = self._db.rows(
            "SELECT * FROM marks WHERE ? IN ('', watchlist) ORDER BY item_id, watchlist",
            (watchlist,),
        )
        return tuple(_judgement(row) for row in rows)

    def counts(self, since: datetime) -> dict[str, Tally]:
        """Count the marks per watchlist on hits that were found since then."""
        rows = self._db.rows(
            "SELECT m.watchlist, sum(m.verdict = 'relevant') AS relevant,"
            " sum(m.verdict = 'noise') AS noise FROM marks AS m JOIN hits AS h"
            " ON h.item_id = m.item_id AND h.watchlist = m.watchlist"
            " WHERE h.matched_at >= ? GROUP BY m.watchlist",
            (stamp(since),),
        )
        return {row["watchlist"]: Tally(row["relevant"], row["noise"]) for row in rows}

    def by_term(self, watchlist: str) -> dict[tuple[str, str], Tally]:
        """Count the marks per group and term that made the list fire; a hit counts once each."""
        rows = self._db.rows(_BY_TERM, (watchlist,))
        return {(row["label"], row["term"]): Tally(row["relevant"], row["noise"]) for row in rows}


def _judgement(row: Row) -> Judgement:
    return Judgement(
        item_id=row["item_id"],
        watchlist=row["watchlist"],
        verdict=Verdict(row["verdict"]),
        at=from_stamp(row["at"]),
        note=row["note"],
    )
