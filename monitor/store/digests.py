"""Digests that were built, and the stories that each has shown.

A digest, the stories it shows and its frozen messages are written in one transaction: building it
a second time is impossible, sending it again sends the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from monitor.model import Digest, Due, Message, Window
from monitor.store.database import Connection, Row
from monitor.store.ledger import Ledger
from monitor.times import from_stamp, stamp

#: A story counts as shown when one was that is merged into it today.
_SHOWN = """
WITH RECURSIVE kin(id, root) AS (
  SELECT id, id FROM stories WHERE id IN (SELECT value FROM json_each(?))
  UNION SELECT s.id, kin.root FROM stories AS s JOIN kin ON s.merged_into = kin.id)
SELECT DISTINCT kin.root FROM kin JOIN digest_stories AS d ON d.story_id = kin.id
  JOIN digests ON digests.id = d.digest_id WHERE profile = ?"""


@dataclass(frozen=True, slots=True)
class PastDigest:
    """A digest that was built, as the ledger remembers it."""

    id: str
    profile: str
    local_date: date
    window: Window
    built_at: datetime
    stories: int
    items: int
    hits_upto: int


class DigestTable:
    """Rows of digests, and of the stories each has shown."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection
        self._ledger = Ledger(connection)

    def last(self, profile: str) -> PastDigest | None:
        row = self._db.row(
            "SELECT * FROM digests WHERE profile = ? ORDER BY local_date DESC LIMIT 1", (profile,)
        )
        return _past(row) if row else None

    def listed(self, limit: int = 30) -> tuple[PastDigest, ...]:
        rows = self._db.rows("SELECT * FROM digests ORDER BY built_at DESC LIMIT ?", (limit,))
        return tuple(_past(row) for row in rows)

    def shown(self, profile: str, stories: Sequence[int]) -> frozenset[int]:
        """Return those of ``stories`` that an earlier digest of this profile has shown."""
        rows = self._db.rows(_SHOWN, (json.dumps(list(stories)), profile))
        return frozenset(row["root"] for row in rows)

    def empty_sent_since(self, profile: str, day: date) -> bool:
        """Tell whether a digest without stories was sent for a date after ``day``."""
        found = self._db.row(
            "SELECT 1 FROM digests AS d WHERE profile = ? AND stories = 0 AND local_date > ?"
            " AND EXISTS (SELECT 1 FROM deliveries WHERE digest_id = d.id"
            " AND state NOT IN ('dead', 'dropped'))",
            (profile, day.isoformat()),
        )
        return found is not None

    def freeze(
        self,
        digest: Digest,
        due: Due,
        messages: Sequence[Message],
        hits_upto: int,
        now: datetime,
    ) -> None:
        """Write a digest with everything that will be sent of it, in one transaction."""
        stories = {one.story.id for part in digest.sections for one in part.stories}
        stories |= {one.story.id for one in digest.top}
        with self._db.transaction():
            self._db.write(
                "INSERT INTO digests (id, profile, local_date, window_start, window_end, built_at,"
                " catch_up, stories, items, hits_upto) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    digest.id,
                    due.profile,
                    due.local_date.isoformat(),
                    stamp(due.window.start),
                    stamp(due.window.end),
                    stamp(now),
                    due.catch_up,
                    digest.stories,
                    digest.items,
                    hits_upto,
                ),
            )
            self._db.write_many(
                "INSERT INTO digest_stories (digest_id, story_id) VALUES (?, ?)",
                [(digest.id, story) for story in sorted(stories)],
            )
            self._ledger.add(digest.id, messages, now)


def _past(row: Row) -> PastDigest:
    return PastDigest(
        id=row["id"],
        profile=row["profile"],
        local_date=date.fromisoformat(row["local_date"]),
        window=Window(from_stamp(row["window_start"]), from_stamp(row["window_end"])),
        built_at=from_stamp(row["built_at"]),
        stories=row["stories"],
        items=row["items"],
        hits_upto=row["hits_upto"],
    )
