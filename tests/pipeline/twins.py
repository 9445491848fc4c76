"""Two pollers on one feed: one parses only what is new, the other all; they must store the same."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.clock import SteppedClock
from monitor.feeds.entries import read
from monitor.fetch import HostGate
from monitor.model import Answer, Feed, ParsedFeed, PollOutcome, PollRecord, Validators
from monitor.pipeline import Poller, Silent
from monitor.pipeline.lookout import Lookout
from monitor.store import Store

URL = "https://news.example/rss"
FEED = Feed(URL, "News", "Example", language="en")

_TABLES = {
    "items": "id, url, link, title, text, published_at, fingerprint, versions, backfill",
    "sightings": "key, item_id, outlet, seen_at",
    "item_versions": "item_id, title, text, until",
    "polls": "at, outcome, found, new, sighted, edited, left_out, possible_gap, next_poll_at",
}


class OneBody:
    """Fetches what it was last given."""

    body = b""

    async def get(self, url: str, validators: Validators) -> Answer:
        return Answer(url, 200, {"content-type": "application/xml"}, self.body)


class InProcess:
    """The parser without its cage; counts what it parsed and what it could leave out."""

    def __init__(self, *, splits: bool) -> None:
        self.splits = splits
        self.parsed = self.skipped = self.documents = 0

    async def parse(
        self,
        body: bytes,
        content_type: str | None,
        language: str = "",
        known: Collection[str] = (),
    ) -> ParsedFeed:
        found = read(body, content_type, language, known if self.splits else ())
        self.documents += 1
        self.parsed += len(found.entries)
        self.skipped += found.skipped
        return found


class Twin:
    """One poller with a store of its own."""

    def __init__(self, path: Path, start: datetime, *, splits: bool) -> None:
        self.store = Store.writer(path)
        self.clock = SteppedClock(start)
        self.store.feeds.sync([FEED], start)
        self.parser, self._fetcher = InProcess(splits=splits), OneBody()
        gate = HostGate(per_host=1, gap_s=0)
        self._poller = Poller(
            self.store, self._fetcher, gate, self.parser, Lookout([]), self.clock, Silent()
        )

    async def poll(self, body: bytes, now: datetime) -> PollRecord:
        self.clock.set(now)
        self._fetcher.body = body
        ((_, record),) = (await self._poller.sweep([FEED])).polled
        return record

    def purge(self) -> None:
        """Forget every item, as no part of the program does."""
        raw = self.store._db
        with self.store.transaction():
            for table in ("fts_pending", "item_versions", "sightings", "items"):
                raw.change(f"DELETE FROM {table}")

    def dump(self) -> list[list[tuple[Any, ...]]]:
        return [
            [tuple(row) for row in self.store._db.rows(f"SELECT {columns} FROM {table} ORDER BY 1")]
            for table, columns in _TABLES.items()
        ]


class Twins:
    """Both of them, shown the same documents."""

    def __init__(self, folder: Path, start: datetime) -> None:
        self.quick = Twin(folder / "quick.db", start, splits=True)
        self.whole = Twin(folder / "whole.db", start, splits=False)
        self.now = start

    async def show(self, body: bytes, **later: float) -> PollRecord:
        """Poll ``body`` with both, later by one hour or as told; return the quick one's record."""
        await self.show_at(body, self.now + timedelta(**(later or {"hours": 1})))
        return self.record

    async def show_at(self, body: bytes, now: datetime) -> None:
        self.now = now
        self.record = await self.quick.poll(body, now)
        other = await self.whole.poll(body, now)
        assert self.record.outcome in {PollOutcome.OK, PollOutcome.TRUNCATED, other.outcome}

    def purge(self) -> None:
        self.quick.purge()
        self.whole.purge()

    def assert_equal(self) -> None:
        for quick, whole in zip(self.quick.dump(), self.whole.dump(), strict=True):
            assert quick == whole

    def close(self) -> None:
        self.quick.store.close()
        self.whole.store.close()
