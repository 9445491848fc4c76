"""Silence that a person asked for. A mute ends by itself; what has ended stays as a record."""

from __future__ import annotations

from datetime import datetime

from monitor.model import Mute, MuteKind
from monitor.store.columns import maybe_stamp, maybe_time
from monitor.store.database import Connection, Row
from monitor.times import from_stamp, stamp

#: A muted story that was merged into another takes its mute along; chains are short.
_ROOT = """
WITH RECURSIVE up(id, next) AS (
  SELECT id, merged_into FROM stories WHERE id = ?
  UNION SELECT s.id, s.merged_into FROM stories AS s JOIN up ON s.id = up.next)
SELECT id FROM up WHERE next IS NULL"""


class MuteTable:
    """Rows of mutes."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def begin(
        self, kind: MuteKind, target: str, reason: str, until: datetime | None, now: datetime
    ) -> int:
        """Write a mute and return its number; the same one asked for twice is one."""
        with self._db.transaction():
            same = self._db.scalar(
                "SELECT id FROM mutes WHERE kind = ? AND target = ? AND at = ?",
                (kind, target, stamp(now)),
            )
            if same is not None:
                return int(same)
            return self._db.write(
                "INSERT INTO mutes (kind, target, reason, until, at) VALUES (?, ?, ?, ?, ?)",
                (kind, target, reason, maybe_stamp(until), stamp(now)),
            )

    def end(self, mute_id: int, now: datetime) -> bool:
        """End a mute now; False when there is none of this number that is still in force."""
        with self._db.transaction():
            return bool(
                self._db.change(
                    "UPDATE mutes SET until = ? WHERE id = ? AND (until IS NULL OR until > ?)",
                    (stamp(now), mute_id, stamp(now)),
                )
            )

    def active(self, now: datetime) -> tuple[Mute, ...]:
        """Return what is silent now, the oldest first."""
        rows = self._db.rows(
            "SELECT * FROM mutes WHERE until IS NULL OR until > ? ORDER BY id", (stamp(now),)
        )
        return tuple(self._mute(row) for row in rows)

    def listed(self, limit: int = 100) -> tuple[Mute, ...]:
        """Return the newest mutes, also those that have ended."""
        rows = self._db.rows("SELECT * FROM mutes ORDER BY id DESC LIMIT ?", (limit,))
        return tuple(self._mute(row) for row in rows)

    def _mute(self, row: Row) -> Mute:
        kind, target = MuteKind(row["kind"]), str(row["target"])
        if kind is MuteKind.STORY:
            target = str(self._db.scalar(_ROOT, (target,)) or target)
        return Mute(
            id=row["id"],
            kind=kind,
            target=target,
            reason=row["reason"],
            at=from_stamp(row["at"]),
            until=maybe_time(row["until"]),
        )
