"""What the daemon's database must hold, judged by what was published: the auditor of the soak.

Reads the database with plain SQL of its own, so that a fault of the program's readers does not hide
a fault of its writers. Every breach is a sentence.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from soak_world import Piece, World

from monitor.store import Store

_ROOTS = """
WITH RECURSIVE up (id, root, next) AS (
  SELECT id, id, merged_into FROM stories
  UNION ALL SELECT up.id, s.id, s.merged_into FROM up JOIN stories AS s ON s.id = up.next)
SELECT id, root FROM up WHERE next IS NULL"""

_SETTLED = {"sent", "dead", "dropped"}


@dataclass
class Report:
    """Lines of the table, and what is not as it should be."""

    figures: list[tuple[str, object]] = field(default_factory=list)
    breaches: list[str] = field(default_factory=list)

    def show(self, name: str, value: object) -> None:
        self.figures.append((name, value))

    def check(self, name: str, found: list[str]) -> None:
        """Show a count that must be 0, and the first of what was found."""
        self.show(name, len(found))
        self.breaches += [f"{name}: {one}" for one in found[:5]]


@dataclass
class Book:
    """The rows that matter, read once."""

    items: dict[str, list[sqlite3.Row]] = field(default_factory=dict)  #: by link
    versions: dict[int, set[str]] = field(default_factory=dict)
    hits: dict[int, list[sqlite3.Row]] = field(default_factory=dict)  #: by item
    roots: dict[int, int] = field(default_factory=dict)
    digests: list[sqlite3.Row] = field(default_factory=list)
    shown: dict[str, set[int]] = field(default_factory=dict)  #: digest or alert → root stories
    deliveries: list[sqlite3.Row] = field(default_factory=list)

    def old(self) -> set[int]:
        """Return stories of items that stood in a feed before it was first read.

        A digest lists thirty of these in a section of their own and says how many more there are.
        """
        fresh, every = set(), set(self.roots.values())
        for rows in self.items.values():
            for row in rows:
                if not row["backfill"]:
                    fresh |= {one for one in self.stories_of(row["id"]) if one is not None}
        return every - fresh

    def stories_of(self, item: int) -> set[int | None]:
        """Return the stories of today that hold the item's hits."""
        return {self.roots.get(hit["story_id"]) for hit in self.hits.get(item, ())}


def read(database: Path) -> Book:
    """Read a database that nobody writes any more."""
    book = Book()
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row
        book.roots = {row["id"]: row["root"] for row in db.execute(_ROOTS)}
        for row in db.execute("SELECT * FROM items"):
            book.items.setdefault(row["link"], []).append(row)
        for row in db.execute("SELECT item_id, title FROM item_versions"):
            book.versions.setdefault(row["item_id"], set()).add(row["title"])
        for row in db.execute("SELECT * FROM hits ORDER BY id"):
            book.hits.setdefault(row["item_id"], []).append(row)
        book.digests = db.execute("SELECT * FROM digests ORDER BY profile, local_date").fetchall()
        for table, key in (("digest_stories", "digest_id"), ("alert_stories", "alert_id")):
            for row in db.execute(f"SELECT {key} AS owner, story_id FROM {table}"):
                book.shown.setdefault(row["owner"], set()).add(book.roots[row["story_id"]])
        book.deliveries = db.execute("SELECT * FROM deliveries ORDER BY id").fetchall()
    return book


def audit_file(database: Path, report: Report) -> None:
    """Check the file itself, and on a copy that the full-text index says what the items say."""
    found: list[str] = []
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        found += [row[0] for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
        found += [f"foreign key {tuple(row)}" for row in db.execute("PRAGMA foreign_key_check")]
    with tempfile.TemporaryDirectory() as folder:
        for part in database.parent.glob("news.db*"):
            if part.is_file() and part.suffix != ".reserve":
                shutil.copy(part, folder)
        copy = Path(folder) / database.name
        store = Store.writer(copy)
        while store.upkeep.index():
            pass
        store.close()
        with contextlib.closing(sqlite3.connect(copy)) as db:
            try:
                db.execute("INSERT INTO items_fts (items_fts, rank) VALUES ('integrity-check', 1)")
            except sqlite3.DatabaseError as error:
                found.append(f"the full-text index is out of step: {error}")
    report.check("faults in the database file", found)


def audit_items(world: World, book: Book, report: Report) -> list[Piece]:
    """Check that every item that was to be seen is there once, in its last wording.

    Returns the matching ones among them.
    """
    owed = [piece for piece in world.pieces if _is_owed(piece)]
    lost = [f"{one.link} in {_feeds(one)}" for one in owed if one.link not in book.items]
    twice = [link for link, rows in book.items.items() if link and len(rows) > 1]
    edits = [
        f"{one.link}: '{one.last.title}'"
        for one in owed
        if one.link in book.items and not _has_wording(book, one)
    ]
    report.show("items published", len(world.pieces))
    report.show("of these visible long enough to be polled", len(owed))
    report.show("wire copies (further feeds of an item)", sum(len(p.feeds) - 1 for p in owed))
    report.show("edits published", world.edits)
    report.check("items lost", lost)
    report.check("items stored twice", twice)
    report.check("edits lost", edits)
    return [one for one in owed if one.last.topics and one.link in book.items]


def _is_owed(piece: Piece) -> bool:
    return all(one.acknowledged >= piece.revisions[one.path] for one in piece.feeds)


def _feeds(piece: Piece) -> str:
    return ", ".join(
        f"{s.path} (revision {piece.revisions[s.path]}, acknowledged {s.acknowledged})"
        for s in piece.feeds
    )


def _has_wording(book: Book, piece: Piece) -> bool:
    row = book.items[piece.link][0]
    return piece.last.title in {row["title"], *book.versions.get(row["id"], ())}


def audit_stories(matching: list[Piece], book: Book, report: Report) -> None:
    """Check that every matching item has its hits, and all of them in exactly one story."""
    unmatched, homeless = [], []
    for piece in matching:
        row = book.items[piece.link][0]
        lists = {hit["watchlist"] for hit in book.hits.get(row["id"], ())}
        if missing := {f"on-{topic}" for topic in piece.last.topics} - lists:
            unmatched.append(f"{piece.link} has no hit of {', '.join(sorted(missing))}")
        stories = book.stories_of(row["id"])
        if lists and (len(stories) != 1 or None in stories):
            homeless.append(f"{piece.link} is in stories {stories}")
    report.show("matching items", len(matching))
    report.show("stories", len(set(book.roots.values())))
    report.check("matching items without their hit", unmatched)
    report.check("matching items not in exactly one story", homeless)


def audit_told(book: Book, closing: str, report: Report) -> None:
    """Check that each profile told each hit in the window it fell into, and the last one all."""
    untold: list[str] = []
    cut = 0
    before: dict[str, int] = {}
    for digest in book.digests:
        after = before.get(digest["profile"], 0)
        before[digest["profile"]] = digest["hits_upto"]
        if digest["hits_upto"] < after:
            untold.append(f"{digest['id']}: its window ends before the one that went before")
        wanted = {
            book.roots[hit["story_id"]]
            for hits in book.hits.values()
            for hit in hits
            if after < hit["id"] <= digest["hits_upto"]
        }
        shown = book.shown.get(digest["id"], set())
        counted = digest["stories"] - len(shown)  # merged since, or cut by a cap that says so
        missing = wanted - shown - book.old()
        cut += len(wanted - shown)
        if len(missing) > max(counted, 0):
            untold.append(f"{digest['id']}: stories {sorted(missing)[:5]} are in its window only")
    everything = {root for hits in book.hits.values() for root in _roots_of(book, hits)}
    last = next((one for one in book.digests if one["profile"] == closing), None)
    if last is None:
        untold.append(f"the digest '{closing}' was never built")
    else:
        shown = book.shown.get(last["id"], set())
        if len(missing := everything - shown - book.old()) > max(last["stories"] - len(shown), 0):
            untold.append(f"{last['id']} does not tell of stories {sorted(missing)[:10]}")
    report.show("digests built", len(book.digests))
    report.show("alerts built", sum(1 for owner in book.shown if owner not in _ids(book)))
    report.show("stories told by their number only (cut by a cap, counted)", cut)
    report.check("stories that a digest passed over", untold)


def _roots_of(book: Book, hits: list[sqlite3.Row]) -> set[int]:
    return {book.roots[hit["story_id"]] for hit in hits if hit["story_id"] in book.roots}


def _ids(book: Book) -> set[str]:
    return {row["id"] for row in book.digests}


def audit_ledger(book: Book, report: Report, *, all_due: bool) -> None:
    """Check that nothing is left open; ``all_due`` when the clock went past every retry."""
    states = Counter(row["state"] for row in book.deliveries)
    open_ones = [
        f"{row['digest_id']} by {row['channel']}: {row['state']}, {row['error']}"
        for row in book.deliveries
        if row["state"] not in _SETTLED and (all_due or row["state"] in {"sending", "pending"})
    ]
    report.show("messages in the ledger", len(book.deliveries))
    report.show("by state", ", ".join(f"{n} {state}" for state, n in sorted(states.items())))
    report.check("messages neither delivered nor given up", open_ones)
