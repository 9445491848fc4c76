"""Forgets what is old, a little at a time: each step is one short transaction.

An item without a hit loses its words and stays as a tombstone, so that a feed that still shows it
does not bring it back as new. Stories go with their hits when they are older still. What has not
been told, or is on its way, never goes; what a reader marked keeps its mark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.store.database import Connection
from monitor.times import from_stamp, stamp

_CANDIDATES = """
SELECT id, first_seen_at FROM items INDEXED BY items_kept
WHERE NOT purged AND first_seen_at < ? AND (first_seen_at, id) > (?, ?)
ORDER BY first_seen_at, id LIMIT ?"""

#: Whatever is open of a delivery: not sent, not given up, not dropped by a person.
_OPEN = "deliveries.state NOT IN ('sent', 'dead', 'dropped')"

_OLD_STORIES = """
SELECT id, last_at FROM stories INDEXED BY stories_by_time
WHERE last_at < ? AND (last_at, id) > (?, ?) ORDER BY last_at, id LIMIT ?"""

_FREE_STORIES = f"""
SELECT id FROM stories AS s WHERE id IN ({{marks}})
  AND NOT EXISTS (SELECT 1 FROM hits WHERE story_id = s.id AND hits.id > ?)
  AND NOT EXISTS (SELECT 1 FROM alert_waiting JOIN hits ON hits.id = hit_id WHERE story_id = s.id)
  AND NOT EXISTS (SELECT 1 FROM stories AS c WHERE c.merged_into = s.id)
  AND NOT EXISTS (SELECT 1 FROM digest_stories AS d JOIN deliveries
    ON deliveries.digest_id = d.digest_id WHERE d.story_id = s.id AND {_OPEN})
  AND NOT EXISTS (SELECT 1 FROM alert_stories AS a JOIN deliveries
    ON deliveries.digest_id = a.alert_id WHERE a.story_id = s.id AND {_OPEN})"""  # noqa: S608 - our own words

_OLD_DIGESTS = f"""
SELECT id FROM digests AS g WHERE built_at < ?
  AND local_date < (SELECT max(local_date) FROM digests WHERE profile = g.profile)
  AND NOT EXISTS (SELECT 1 FROM deliveries WHERE digest_id = g.id AND {_OPEN}) LIMIT ?"""  # noqa: S608

_OLD_ALERTS = f"""
SELECT id FROM alerts AS g WHERE at < ?
  AND NOT EXISTS (SELECT 1 FROM deliveries WHERE digest_id = g.id AND {_OPEN}) LIMIT ?"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Limits:
    """Before when things go; ``told_upto`` is the last hit that every profile has told of."""

    items: datetime
    hits: datetime
    polls: datetime
    told_upto: int


@dataclass(frozen=True, slots=True)
class Gone:
    """How much went."""

    polls: int = 0
    items: int = 0
    stories: int = 0
    digests: int = 0

    def __add__(self, other: Gone) -> Gone:
        return Gone(
            self.polls + other.polls,
            self.items + other.items,
            self.stories + other.stories,
            self.digests + other.digests,
        )


class Retention:
    """Deletes over the writer's connection."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def steps(self, limits: Limits, rows: Callable[[], int]) -> Iterator[Gone]:
        """Work off all that is old, one short transaction per step; ``rows`` says how large.

        The caller rests between two steps, so that polls are written in between.
        """
        yield from self._until_done(lambda: self._polls(limits.polls, rows()))
        yield from self._until_done(lambda: self._digests(limits.hits, rows()))
        yield from self._stories(limits, rows)
        yield from self._items(limits.items, rows)

    def _until_done(self, step: Callable[[], Gone]) -> Iterator[Gone]:
        while (gone := step()) != Gone():
            yield gone

    def _polls(self, before: datetime, rows: int) -> Gone:
        with self._db.transaction():
            count = self._db.change(
                "DELETE FROM polls WHERE id IN"
                " (SELECT id FROM polls WHERE at < ? ORDER BY at LIMIT ?)",
                (stamp(before), rows),
            )
            self._db.change("DELETE FROM absences WHERE end < ?", (stamp(before),))
        return Gone(polls=count)

    def _digests(self, before: datetime, rows: int) -> Gone:
        """Digests and alerts with all their messages; the newest digest of a profile stays."""
        with self._db.transaction():
            few = max(1, rows // 20)  # each has several frozen messages of up to 100 kB
            old = self._ids(_OLD_DIGESTS, (stamp(before), few))
            self._each("DELETE FROM digest_stories WHERE digest_id = ?", old)
            self._each("DELETE FROM digests WHERE id = ?", old)
            alerts = self._ids(_OLD_ALERTS, (stamp(before), few))
            self._each("DELETE FROM alert_stories WHERE alert_id = ?", alerts)
            self._each("DELETE FROM alerts WHERE id = ?", alerts)
            self._each("DELETE FROM deliveries WHERE digest_id = ?", [*old, *alerts])
        return Gone(digests=len(old) + len(alerts))

    def _stories(self, limits: Limits, rows: Callable[[], int]) -> Iterator[Gone]:
        """Stories with their hits; their items lose their words when no other hit holds them."""
        seen, last = "", 0
        while True:
            with self._db.transaction():
                few = max(1, rows() // 4)
                old = self._db.rows(_OLD_STORIES, (stamp(limits.hits), seen, last, few))
                gone = self._drop([row["id"] for row in old], limits.told_upto)
            if not old:
                return
            seen, last = old[-1]["last_at"], old[-1]["id"]
            yield Gone(stories=gone)

    def _drop(self, old: Sequence[int], told_upto: int) -> int:
        """Delete those of ``old`` that nothing open, untold or merged into them holds."""
        marks = _marks(old)
        ids = self._ids(_FREE_STORIES.format(marks=marks), [*old, told_upto])
        chosen = f"SELECT DISTINCT item_id FROM hits WHERE story_id IN ({_marks(ids)})"  # noqa: S608
        items = self._ids(chosen, ids)
        for table in ("hits", "digest_stories", "alert_stories"):
            self._each(f"DELETE FROM {table} WHERE story_id = ?", ids)  # noqa: S608
        self._each("DELETE FROM stories WHERE id = ?", ids)
        self._empty(self._unheld(items))
        return len(ids)

    def _items(self, before: datetime, rows: Callable[[], int]) -> Iterator[Gone]:
        """Items without a hit, oldest first; those that a hit holds are passed by once."""
        seen, last = "", 0
        while True:
            with self._db.transaction():
                found = self._db.rows(_CANDIDATES, (stamp(before), seen, last, rows()))
                gone = self._empty(self._unheld([row["id"] for row in found]))
            if not found:
                return
            seen, last = found[-1]["first_seen_at"], found[-1]["id"]
            yield Gone(items=gone)

    def _unheld(self, ids: Sequence[int]) -> list[int]:
        held = set(self._ids(f"SELECT item_id FROM hits WHERE item_id IN ({_marks(ids)})", ids))  # noqa: S608
        return [one for one in ids if one not in held]

    def _empty(self, ids: Sequence[int]) -> int:
        """Take the words of items away, in the table and in the full-text index.

        The index wants to hear the very words that it holds: those of ``fts_pending`` where the
        item was edited since, none where it was never indexed, else the item's own.
        """
        self._each(
            "INSERT INTO items_fts (items_fts, rowid, title, text)"
            " SELECT 'delete', i.id, coalesce(p.title, i.title), coalesce(p.text, i.text)"
            " FROM items AS i LEFT JOIN fts_pending AS p ON p.item_id = i.id WHERE i.id = ?"
            " AND (p.item_id IS NULL OR p.title IS NOT NULL)",
            ids,
        )
        self._each("INSERT INTO items_fts (rowid, title, text) VALUES (?, '', '')", ids)
        self._each("DELETE FROM fts_pending WHERE item_id = ?", ids)
        self._each("DELETE FROM item_versions WHERE item_id = ?", ids)
        self._each("UPDATE items SET title = '', text = '', purged = 1 WHERE id = ?", ids)
        return len(ids)

    def _ids(self, sql: str, values: Sequence[object]) -> list[int]:
        return [row[0] for row in self._db.rows(sql, values)]

    def _each(self, sql: str, ids: Sequence[object]) -> None:
        self._db.write_many(sql, [(one,) for one in ids])


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def sooner(limits: Limits, items: datetime | None) -> Limits:
    """Return ``limits`` with items going before ``items`` where that is later."""
    return limits if items is None else replace(limits, items=max(limits.items, items))


def oldest_beyond(connection: Connection, most: int) -> datetime | None:
    """Return when the oldest of the ``most`` newest items with words came; older ones are too many.

    Counts the whole index, so ask a reader in a thread of its own. None when there are fewer.
    """
    row = connection.row(
        "SELECT first_seen_at FROM items INDEXED BY items_kept WHERE NOT purged"
        " ORDER BY first_seen_at DESC LIMIT 1 OFFSET ?",
        (most - 1,),
    )
    return from_stamp(row["first_seen_at"]) if row else None
