"""Items, their sightings and versions: one item, many sightings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from monitor.feeds.decide import dating
from monitor.model import (
    Decision,
    Feed,
    Identified,
    Item,
    Known,
    KnownEntry,
    Novelty,
    Sighting,
    Version,
)
from monitor.store.columns import maybe_stamp, maybe_time
from monitor.store.database import Connection, Row
from monitor.times import from_stamp, stamp

_KNOWN = """
SELECT items.id, items.fingerprint, items.versions, items.published_at, items.purged,
  items.feed_id = :feed AS own, {match} AS match,
  {here} AS sighted_here FROM {tables} WHERE {match} IN ({marks}) {more}"""

_HERE = """
EXISTS (SELECT 1 FROM sightings AS here WHERE here.feed_id = :feed AND here.item_id = items.id)"""

_INSERT = """
INSERT INTO items (id, feed_id, url, link, title, text, language, source, published_at,
  first_seen_at, fingerprint, backfill, dated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""

_SIGHT = """
INSERT INTO sightings (feed_id, key, item_id, outlet, seen_at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING"""

_CHUNK = 500  # below every SQLite build's limit of parameters


class ItemTable:
    """Rows of items, sightings and versions."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection
        self._feed_ids: dict[str, int] = {}  # a feed keeps its number for good

    def known(self, feed_url: str, document: Sequence[Identified]) -> Known:
        """Return what is remembered of these entries, by each of their marks."""
        feed_id = self._feed_id(feed_url)
        by_key = self._lookup(
            feed_id,
            [entry.key for entry in document],
            match="s.key",
            tables="sightings AS s JOIN items ON items.id = s.item_id",
            more="AND s.feed_id = :feed",
            here="1",
        )
        # What is known by its key is not asked for by its address.
        urls = [entry.url for entry in document if entry.url and entry.key not in by_key]
        by_url = self._lookup(feed_id, urls, match="items.url", tables="items", more="")
        strange = [e for e in document if e.key not in by_key and (e.url or "") not in by_url]
        by_wording = self._lookup(
            feed_id,
            [entry.fingerprint for entry in strange],
            match="items.fingerprint",
            tables="items",
            more="AND items.feed_id = :feed",
        )
        return Known(by_key, by_url, by_wording)

    def is_new_feed(self, feed_url: str) -> bool:
        """Tell whether nothing of this feed has ever been stored."""
        feed_id = self._feed_id(feed_url)
        found = self._db.row("SELECT 1 FROM sightings WHERE feed_id = ? LIMIT 1", (feed_id,))
        return found is None

    def apply(self, decision: Decision, feed: Feed, now: datetime) -> Item | None:
        """Write one decision; return the item if it must be matched (new or edited)."""
        return self.apply_all([decision], feed, now)[0]

    def apply_all(
        self, decisions: Sequence[Decision], feed: Feed, now: datetime
    ) -> list[Item | None]:
        """Write decisions; return for each the item if it must be matched (new or edited)."""
        feed_id = self._feed_id(feed.url)
        fresh = [one for one in decisions if one.novelty is Novelty.NEW]
        items = iter(self._insert(fresh, feed, feed_id, now) if fresh else ())
        found: list[Item | None] = []
        for one in decisions:
            if one.novelty is Novelty.NEW:
                found.append(next(items))
            elif one.novelty is Novelty.EDITED:
                found.append(self.adopt(one, feed, now))
            else:
                if one.novelty in {Novelty.SIGHTED, Novelty.REKEYED} and one.item_id is not None:
                    self._sight(one, feed, feed_id, one.item_id, now)
                found.append(None)
        return found

    def rekey(self, decisions: Sequence[Decision], feed: Feed, now: datetime) -> None:
        """Make known entries known by their present keys as well; the caller's transaction."""
        feed_id = self._feed_id(feed.url)
        for one in decisions:
            if one.item_id is not None:
                self._sight(one, feed, feed_id, one.item_id, now)

    def adopt(self, decision: Decision, feed: Feed, now: datetime) -> Item:
        """Take a new wording of a known item; the old one becomes a version."""
        item_id = self._edit(decision, now)
        self._sight(decision, feed, self._feed_id(feed.url), item_id, now)
        return self.get([item_id])[item_id]

    def get(self, ids: Sequence[int]) -> dict[int, Item]:
        rows = self._chunked("SELECT * FROM items WHERE id IN ({marks})", ids)
        return {row["id"]: _item(row) for row in rows}

    def find(self, name: str) -> Item | None:
        """Return the item with this number, link or canonical address."""
        row = self._db.row(
            "SELECT * FROM items WHERE id = ? OR link = ? OR url = ? LIMIT 1",
            (int(name) if _is_number(name) else -1, name, name),
        )
        return _item(row) if row else None

    def newest(self, limit: int = 50, search: str = "") -> tuple[Item, ...]:
        """Return the newest items; ``search`` is an FTS5 query."""
        if search:
            rows = self._db.rows(
                "SELECT items.* FROM items_fts JOIN items ON items.id = items_fts.rowid"
                " WHERE items_fts MATCH ? AND NOT purged"
                " ORDER BY items_fts.rowid DESC LIMIT ?",  # its own order: no sort of all found
                (search, limit),
            )
        else:
            rows = self._db.rows(
                "SELECT * FROM items WHERE NOT purged ORDER BY id DESC LIMIT ?", (limit,)
            )
        return tuple(_item(row) for row in rows)

    def sightings(self, ids: Sequence[int]) -> dict[int, tuple[Sighting, ...]]:
        rows = self._chunked(
            "SELECT s.*, f.url, f.state_affiliated, f.country FROM sightings AS s"
            " JOIN feeds AS f ON f.id = s.feed_id WHERE item_id IN ({marks})"
            " ORDER BY seen_at, s.feed_id",
            ids,
        )
        found: dict[int, list[Sighting]] = {}
        for row in rows:
            found.setdefault(row["item_id"], []).append(_sighting(row))
        return {item_id: tuple(seen) for item_id, seen in found.items()}

    def versions(self, ids: Sequence[int]) -> dict[int, tuple[Version, ...]]:
        rows = self._chunked(
            "SELECT * FROM item_versions WHERE item_id IN ({marks}) ORDER BY id", ids
        )
        found: dict[int, list[Version]] = {}
        for row in rows:
            version = Version(row["item_id"], row["title"], row["text"], from_stamp(row["until"]))
            found.setdefault(version.item_id, []).append(version)
        return {item_id: tuple(past) for item_id, past in found.items()}

    def count(self, start: datetime | None = None, end: datetime | None = None) -> int:
        """Count items first seen in a span; backfill is left out when a span is given."""
        if start is None or end is None:
            return int(self._db.scalar("SELECT count(*) FROM items"))
        return int(
            self._db.scalar(
                "SELECT count(*) FROM items"
                " WHERE first_seen_at >= ? AND first_seen_at < ? AND NOT backfill",
                (stamp(start), stamp(end)),
            )
        )

    def carriers(self, feed_url: str, ids: Sequence[int]) -> dict[str, int]:
        """Return the other subscribed feeds that carry some of these items, with how many."""
        marks = ", ".join("?" * len(ids))
        rows = self._db.rows(
            "SELECT url, count(*) AS shared FROM sightings JOIN feeds ON feeds.id = feed_id"  # noqa: S608
            f" WHERE item_id IN ({marks}) AND subscribed AND url != ? GROUP BY feed_id",
            [*ids, feed_url],
        )
        return {row["url"]: row["shared"] for row in rows}

    def _feed_id(self, url: str) -> int:
        found = self._feed_ids.get(url)
        if found is None:
            found = int(self._db.scalar("SELECT id FROM feeds WHERE url = ?", (url,)))
            self._feed_ids[url] = found
        return found

    def _lookup(
        self,
        feed_id: int,
        values: Sequence[str],
        *,
        match: str,
        tables: str,
        more: str,
        here: str = _HERE,
    ) -> dict[str, KnownEntry]:
        found: dict[str, KnownEntry] = {}
        for start in range(0, len(values), _CHUNK):
            chunk = values[start : start + _CHUNK]
            names = {f"v{i}": value for i, value in enumerate(chunk)}
            marks = ", ".join(f":{name}" for name in names)
            sql = _KNOWN.format(match=match, tables=tables, marks=marks, more=more, here=here)
            found.update(map(_known, self._db.rows(sql, {"feed": feed_id, **names})))
        return found

    def _insert(
        self, decisions: Sequence[Decision], feed: Feed, feed_id: int, now: datetime
    ) -> list[Item]:
        """Write new items with their sightings: a handful of statements, however many they are."""
        last = self._db.scalar("SELECT seq FROM sqlite_sequence WHERE name = 'items'") or 0
        items = [_fresh(number, one, feed, now) for number, one in enumerate(decisions, last + 1)]
        told = stamp(now)
        pairs = list(zip(items, (one.identified for one in decisions), strict=True))
        self._db.write_many(
            _INSERT,
            [
                (
                    item.id,
                    feed_id,
                    said.url,
                    said.link,
                    item.title,
                    item.text,
                    item.language,
                    said.entry.source,
                    maybe_stamp(item.published_at),
                    told,
                    said.fingerprint,
                    item.backfill,
                    item.dated,
                )
                for item, said in pairs
            ],
        )
        self._db.write_many(
            _SIGHT,
            [
                (feed_id, said.key, item.id, said.entry.source or feed.outlet, told)
                for item, said in pairs
            ],
        )
        self._db.write(
            "INSERT INTO fts_pending (item_id) SELECT id FROM items WHERE id > ?", (last,)
        )
        return items

    def _edit(self, decision: Decision, now: datetime) -> int:
        item_id, said = decision.item_id, decision.identified
        assert item_id is not None, "an edited entry is a known one"
        self._db.write(
            "INSERT INTO item_versions (item_id, title, text, fingerprint, until)"
            " SELECT id, title, text, fingerprint, ? FROM items WHERE id = ?",
            (stamp(now), item_id),
        )
        self._db.write(
            "INSERT INTO fts_pending (item_id, title, text)"
            " SELECT id, title, text FROM items WHERE id = ? ON CONFLICT DO NOTHING",
            (item_id,),
        )
        self._db.write(
            "UPDATE items SET title = ?, text = ?, fingerprint = ?, versions = versions + 1"
            " WHERE id = ?",
            (said.entry.title, said.entry.summary, said.fingerprint, item_id),
        )
        return item_id

    def _sight(
        self, decision: Decision, feed: Feed, feed_id: int, item_id: int, now: datetime
    ) -> None:
        outlet = decision.identified.entry.source or feed.outlet
        key = decision.identified.key
        self._db.write(_SIGHT, (feed_id, key, item_id, outlet, stamp(now)))

    def _chunked(self, sql: str, ids: Sequence[int]) -> list[Row]:
        rows: list[Row] = []
        for start in range(0, len(ids), _CHUNK):
            chunk = list(ids[start : start + _CHUNK])
            rows += self._db.rows(sql.format(marks=", ".join("?" * len(chunk))), chunk)
        return rows


def _fresh(number: int, decision: Decision, feed: Feed, now: datetime) -> Item:
    said = decision.identified
    published, dated = dating(said.entry.published_at, now)
    return Item(
        id=number,
        title=said.entry.title,
        text=said.entry.summary,
        url=said.link,
        language=feed.language,
        published_at=published,
        first_seen_at=now,
        backfill=decision.backfill,
        dated=dated,
    )


def _is_number(name: str) -> bool:
    """Tell whether a word may be the number of a row; SQLite holds 63 bits of it."""
    return name.isascii() and name.isdigit() and len(name) < 19


def _known(row: Row) -> tuple[str, KnownEntry]:
    """Return what an entry was known by, and what is known; in the order of the columns."""
    item_id, fingerprint, versions, published_at, purged, own, match, sighted_here = row
    return match, KnownEntry(
        item_id=item_id,
        fingerprint=fingerprint,
        versions=versions,
        sighted_here=bool(sighted_here),
        own=bool(own),
        published_at=maybe_time(published_at),
        purged=bool(purged),
    )


def _item(row: Row) -> Item:
    return Item(
        id=row["id"],
        title=row["title"],
        text=row["text"],
        url=row["link"],
        language=row["language"],
        published_at=maybe_time(row["published_at"]),
        first_seen_at=maybe_time(row["first_seen_at"]),
        backfill=bool(row["backfill"]),
        dated=row["dated"],
    )


def _sighting(row: Row) -> Sighting:
    return Sighting(
        item_id=row["item_id"],
        feed_url=row["url"],
        outlet=row["outlet"],
        seen_at=from_stamp(row["seen_at"]),
        state_affiliated=bool(row["state_affiliated"]),
        country=row["country"],
    )
