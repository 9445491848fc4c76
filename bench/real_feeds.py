"""Every feed document of the corpus through the real path, and its entries counted three times.

Served on loopback, fetched by the real client, parsed in the two workers, identified and stored; then
compared with what the corpus' index expects and with what plain feedparser finds. Each difference has
a reason; a difference without one ends the script. ``--differences`` lists them one by one.
"""

from __future__ import annotations

import asyncio
import csv
import io
import re
import tarfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import feedparser
from loopback import Document, Tally, counted, opened, pauses

from monitor import memory
from monitor.clock import SteppedClock
from monitor.model import PollOutcome, PollRecord

NOW = datetime(2026, 1, 1, tzinfo=UTC)
#: What a test of another parser says of entries: how many, or that there is an n-th.
_COUNTED = re.compile(r"len\(entries\) == (\d+)")
_NTH = re.compile(r"entries\[(\d+)\]")
#: Kinds of document that are no feeds of news, whatever a parser finds in them.
_NO_FEEDS = {"kml", "opml", "opensearch", "html", "json", "other", "atom-entry"}
_READ = {PollOutcome.OK, PollOutcome.TRUNCATED}


@dataclass(frozen=True, slots=True)
class Compared:
    """One document: what is expected, what feedparser finds, what we came to."""

    row: dict[str, str]
    plain: int
    record: PollRecord

    @property
    def expected(self) -> int:
        """Return the index's count; where its test of the document says more, that."""
        said = self.row["expect"]
        if counted_by := _COUNTED.search(said):
            return int(counted_by[1])
        at_least = max((int(one) + 1 for one in _NTH.findall(said)), default=0)
        return max(int(self.row["items"]), at_least)

    @property
    def ours(self) -> int:
        return self.record.found + self.record.left_out

    @property
    def differs(self) -> bool:
        return not self.ours == self.plain == self.expected

    def reason(self) -> str:
        """Return why the counts differ, or why nothing was read; "" where all is as it should be."""
        kind, read = self.row["kind"], self.record.outcome in _READ
        if not self.differs:
            return "" if read else f"no feed, 0 entries everywhere: {self._what()}"
        if kind == "jsonfeed" and self.plain == 0:
            return "JSON Feed: we read it, feedparser does not"
        if read and self.ours == self.plain > self.expected:
            return "the index counts too few; feedparser finds what we find"
        if read and self.ours == self.expected:
            return "we find what the index expects, feedparser does not"
        if self.ours == self.plain < self.expected and self.row["suite"] == "feedvalidator":
            return "broken on purpose: feedparser finds no entry either"
        return ""

    def _what(self) -> str:
        if self.row["kind"] in _NO_FEEDS:
            return self.row["kind"]
        return f"{self.row['kind']} without a version"


async def run(archive: Path, out: Path, *, each: bool = False) -> None:
    """Poll every document once, compare, and print the figures and the reasons."""
    rows, bodies = corpus(archive)
    documents: dict[str, Document] = {
        f"/{name}": (lambda _, body=body: body) for name, body in bodies.items()
    }
    titles = {path: path[1:] for path in documents}
    clock, tally, done = SteppedClock(NOW), Tally(), asyncio.Event()
    begun = time.monotonic()
    async with opened(out / "documents", documents, clock, tally, titles) as (service, base):
        await service.lookout.matcher()
        memory.settle()  # as the daemon does when it is ready
        ticking = asyncio.create_task(pauses(done))
        await service.once()
        done.set()
        longest, counts = await ticking, counted(service)
        killed = service._poller._parser.killed  # noqa: SLF001 - the figure is shown nowhere else
    spent = time.monotonic() - begun
    plain = plain_counts([bodies[row["file"]] for row in rows])
    records = {one.feed_url.removeprefix(f"{base}/"): one for one in tally.records}
    compared = [
        Compared(row, count, records[row["file"]]) for row, count in zip(rows, plain, strict=True)
    ]
    print(f"documents: {len(records)} of {len(rows)} polled in {spent:.1f} s, {counts['items']} items,"
          f" {counts['hits']} hits, {counts['stories']} stories; {killed} workers killed; longest pause"
          f" of the loop {1000 * longest:.0f} ms; all in {time.monotonic() - begun:.1f} s")  # fmt: skip
    print(f"  outcomes: {dict(tally.outcomes)}")
    tell(compared, each=each)
    check(compared, killed)


def corpus(archive: Path) -> tuple[list[dict[str, str]], dict[str, bytes]]:
    """Return the rows of the index and the documents by name."""
    with tarfile.open(archive) as tar:
        files = {m.name: tar.extractfile(m).read() for m in tar if m.isfile()}  # type: ignore[union-attr]
    rows = list(csv.DictReader(io.StringIO(files.pop("index.csv").decode("utf-8"))))
    return rows, {row["file"]: files[row["file"]] for row in rows}


def plain_counts(bodies: list[bytes]) -> list[int]:
    """Count the entries that plain feedparser finds, in two processes; -1 where it raises."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        return list(pool.map(plain_count, bodies, chunksize=50))


def plain_count(body: bytes) -> int:
    try:
        return len(feedparser.parse(io.BytesIO(body)).entries)
    except Exception:  # noqa: BLE001 - whatever it raises, it has found nothing
        return -1


def tell(compared: list[Compared], *, each: bool) -> None:
    """Print how many agree, and each reason with its count."""
    same = sum(not one.differs for one in compared)
    ours = sum(one.ours == one.expected for one in compared)
    real = [one for one in compared if one.row["real_world"] == "yes"]
    read = sum(one.record.outcome in _READ for one in real)
    print(f"  all three counts agree for {same} of {len(compared)} documents; ours is the index's for"
          f" {ours}; {read} of {len(real)} documents of real sites are read")  # fmt: skip
    reasons = Counter(one.reason() for one in compared if one.reason() or one.differs)
    print("| documents | reason |\n| --- | --- |")
    for reason, count in reasons.most_common():
        print(f"| {count} | {reason or 'UNEXPLAINED'} |")
    if each:
        print("| document | index | feedparser | ours | outcome | reason |" + "\n| " + "--- | " * 6)
        for one in compared:
            if one.reason() or one.differs:
                print(f"| {one.row['file']} | {one.expected} | {one.plain} | {one.ours} |"
                      f" {one.record.outcome}: {one.record.reason} | {one.reason()} |")  # fmt: skip


def check(compared: list[Compared], killed: int) -> None:
    """Fail when a document is not accounted for."""
    unexplained = [one.row["file"] for one in compared if one.differs and not one.reason()]
    assert not unexplained, f"counts differ without a reason: {unexplained}"
    assert killed == 0, f"{killed} parse workers were killed"
    broken = {one.record.outcome for one in compared} - _READ - {PollOutcome.NOT_A_FEED}
    assert not broken, f"outcomes that no document should have: {broken}"
