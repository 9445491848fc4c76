"""What the database needs beside the work: the index that follows, the memory of the daemon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.model import PollOutcome, Window
from monitor.store.columns import maybe_time
from monitor.store.database import Connection
from monitor.times import from_stamp, stamp

_BATCH = 500
_DAY = timedelta(days=1)
_REMEMBERED = 50  #: unclean starts, at most

#: Deliveries that still want something, by state, with the time since when.
_OPEN = """
SELECT state, count(*) AS count, min(coalesce(first_tried_at, due_at)) AS oldest FROM deliveries
WHERE state NOT IN ('sent', 'dropped') GROUP BY state"""


_FEEDS = """
SELECT count(*) AS feeds, coalesce(sum(outcome IS NULL), 0) AS unpolled,
  coalesce(sum(outcome NOT IN ({marks})), 0) AS failing, max(last_poll_at) AS last_poll
FROM feeds WHERE subscribed"""


@dataclass(frozen=True, slots=True)
class FeedCounts:
    """How the subscribed feeds fare, in numbers."""

    feeds: int
    unpolled: int
    failing: int
    last_poll_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenDeliveries:
    """How many deliveries are in one state, and since when the oldest of them waits."""

    count: int
    oldest: datetime


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

    def started(self, now: datetime) -> int:
        """Note that the service runs; return how often in 24 hours it ended without notice.

        More than 0 only when the last end was one of those: a crash, kill -9, a power cut.
        """
        crashed = bool(self.recall("running_since"))
        past = [one for one in (self.recall("unclean_starts") or "").split() if one]
        if crashed:
            past = [*past, stamp(now)][-_REMEMBERED:]
        with self._db.transaction():
            self.remember("running_since", stamp(now))
            self.remember("unclean_starts", " ".join(past))
        return self.unclean_starts(now) if crashed else 0

    def ended(self) -> None:
        """Note that the service ends as it should."""
        self.remember("running_since", "")

    def unclean_starts(self, now: datetime, span: timedelta = _DAY) -> int:
        """Count the starts in the last ``span`` that followed an end without notice."""
        past = (self.recall("unclean_starts") or "").split()
        return sum(from_stamp(one) > now - span for one in past)

    def feed_counts(self) -> FeedCounts:
        """Count the subscribed feeds by their last poll; cheap also for ten thousand."""
        well = [str(one) for one in PollOutcome if one.well]
        row = self._db.row(_FEEDS.format(marks=", ".join("?" * len(well))), well)
        assert row is not None
        last = maybe_time(row["last_poll"])
        return FeedCounts(row["feeds"], row["unpolled"], row["failing"], last)

    def open_deliveries(self) -> dict[str, OpenDeliveries]:
        """Return what has not arrived, by state."""
        return {
            row["state"]: OpenDeliveries(row["count"], from_stamp(row["oldest"]))
            for row in self._db.rows(_OPEN)
        }

    def dead_letters(self, limit: int = 20) -> tuple[str, ...]:
        """Return a sentence for each of the newest dead letters, the oldest of them first."""
        rows = self._db.rows(
            "SELECT digest_id, channel, error FROM deliveries WHERE state = 'dead'"
            " ORDER BY id DESC LIMIT ?",
            (limit,),
        )
        return tuple(
            f"dead letter: {row['digest_id']} by {row['channel']}: {row['error']}"
            for row in reversed(rows)
        )

    def items_ever(self) -> int:
        """Return how many items were ever stored; an item's row never goes."""
        return int(self._db.scalar("SELECT coalesce(max(id), 0) FROM items"))

    def told_upto(self, profiles: Sequence[str]) -> int:
        """Return the last hit that the digests of all ``profiles`` have told of."""
        last = [
            self._db.scalar("SELECT max(hits_upto) FROM digests WHERE profile = ?", (profile,))
            for profile in profiles
        ]
        return min((one or 0 for one in last), default=2**62)

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
