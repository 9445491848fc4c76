"""Real material through the real program: newsroom snapshots, real sites, labelled news.

``make corpus CORPUS=path`` serves what lies in the corpus folder on loopback, polls it with the
daemon's own code under a stepped clock, matches, folds, writes digests into ``corpus-out/``, and
prints the figures that stand in docs/measurements.md. Nothing of the corpus is copied into the
project; without the folder it says so and ends well.
"""

from __future__ import annotations

import argparse
import asyncio
import bisect
import csv
import io
import json
import lzma
import shutil
import subprocess
import sys
import tarfile
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any

from aiohttp import web

from monitor.clock import SteppedClock
from monitor.daemon import Service
from monitor.files import load, shipped
from monitor.model import Digest, Feed, PollRecord
from monitor.pipeline import Silent
from monitor.urls import outlet_of

LISTS = {"uav": "iran-uav-russia", "gas": "gas-market", "hamadan": "hamadan-airbase"}
#: The densest days of the labelled drone news.
WEEK = (datetime(2022, 10, 14, tzinfo=UTC), datetime(2022, 10, 21, tzinfo=UTC))

SETTINGS = """\
feeds: feeds.yaml
watchlists: {watchlists}
fetch:
  {{contact: "mailto:corpus@example.org", allow_private: [127.0.0.0/8], host_gap: 0s, per_host: 10}}
channels: {{folder: {{type: file, path: digests/}}}}
digests: {{daily: {{channels: [folder], at: "07:00", timezone: Europe/Berlin, when_empty: never}}}}
"""

Document = Callable[[datetime], bytes | None]


@dataclass
class Tally(Silent):
    """Counts what the daemon tells."""

    polls: int = 0
    new: int = 0
    edited: int = 0
    hits: int = 0
    gaps: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    incidents: list[str] = field(default_factory=list)

    def polled(self, feed: Feed, record: PollRecord) -> None:  # noqa: ARG002 - an event's shape
        self.polls += 1
        self.new += record.new
        self.edited += record.edited
        self.hits += record.hits
        self.gaps += record.possible_gap
        self.outcomes[record.outcome.value] += 1

    def incident(self, what: str) -> None:
        self.incidents.append(what)


@asynccontextmanager
async def served(documents: dict[str, Document], clock: SteppedClock) -> AsyncIterator[str]:
    """Serve each document as it stands at the clock's time, with an ETag; yield the address."""

    async def answer(request: web.Request) -> web.Response:
        body = documents[request.path](clock.now())
        if body is None:
            return web.Response(status=503)
        tag = f'"{hash(body):x}"'
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers={"ETag": tag})
        return web.Response(body=body, headers={"ETag": tag, "Content-Type": "application/xml"})

    application = web.Application()
    application.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def replay(
    name: str,
    out: Path,
    documents: dict[str, Document],
    moments: list[datetime],
    titles: dict[str, str],
    languages: dict[str, str] | None = None,
) -> tuple[Tally, list[Digest], dict[str, Any]]:
    """Run the service over ``moments`` and print one line of figures."""
    folder = out / name
    folder.mkdir(parents=True)
    clock, tally, digests = SteppedClock(moments[0]), Tally(), []
    pause = max((b - a).total_seconds() for a, b in pairwise([moments[0], *moments]))
    begun, spent = time.monotonic(), time.process_time()
    async with served(documents, clock) as base:
        entries = "".join(
            f"  - url: {base}{path}\n    title: {json.dumps(titles[path], ensure_ascii=False)}\n"
            f"    outlet: {json.dumps(titles[path], ensure_ascii=False)}\n"
            f"    language: {(languages or {}).get(path, 'en')!r}\n"
            for path in documents
        )
        (folder / "feeds.yaml").write_text("feeds:\n" + entries, encoding="utf-8")
        settings = SETTINGS.format(watchlists=shipped() / "watchlists")
        (folder / "newsmonitor.yaml").write_text(settings, encoding="utf-8")
        async with Service(
            load(folder / "newsmonitor.yaml"), clock=clock, observer=tally, longest_pause_s=pause
        ) as service:
            for number, moment in enumerate(moments):
                clock.set(moment)
                digests += (await service.once()).digests
                if number % 200 == 0:
                    progress(name, number, len(moments))
            counts = {
                "items": service.store.items.count(),
                "hits": service.store.hits.count(),
                "stories": service.store.hits.story_count(),
            }
    figures = {
        **counts,
        "polls": tally.polls,
        "edited": tally.edited,
        "possible gaps": tally.gaps,
        "digests": len(digests),
        "seconds": round(time.monotonic() - begun, 1),
        "CPU s of the daemon": round(time.process_time() - spent, 1),
    }
    print(f"{name}: " + ", ".join(f"{value} {key}" for key, value in figures.items()))
    print(f"  outcomes: {dict(tally.outcomes)}")
    return tally, digests, figures


def progress(name: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{name}: {done}/{total}", end="", file=sys.stderr)


def timeline(archive: Path, most: int) -> tuple[dict[str, Document], list[datetime]]:
    """Return each newsroom feed as it stood at any time, and the times at which one changed."""
    snapshots: dict[str, list[tuple[int, bytes]]] = defaultdict(list)
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.isfile() and member.name.endswith(".xml"):
                feed, _, file = member.name.partition("/")
                handle = tar.extractfile(member)
                assert handle is not None
                snapshots[feed].append((int(file.removesuffix(".xml")), handle.read()))

    def at(feed: str) -> Document:
        known = sorted(snapshots[feed])
        times = [moment for moment, _ in known]

        def document(now: datetime) -> bytes | None:
            place = bisect.bisect_right(times, now.timestamp()) - 1
            return known[place][1] if place >= 0 else None

        return document

    changes = sorted({moment for known in snapshots.values() for moment, _ in known})[:most]
    moments = [datetime.fromtimestamp(moment, UTC) for moment in changes]
    return {f"/{feed}": at(feed) for feed in sorted(snapshots)}, moments


def real_sites(archive: Path) -> dict[str, Document]:
    """Return the documents that were taken from real sites."""
    with tarfile.open(archive) as tar:
        files = {m.name: tar.extractfile(m).read() for m in tar if m.isfile()}  # type: ignore[union-attr]
    rows = csv.DictReader(io.StringIO(files["index.csv"].decode("utf-8")))
    bodies = [files[row["file"]] for row in rows if row["real_world"] == "yes"]
    return {f"/{n}": (lambda _, body=body: body) for n, body in enumerate(bodies)}


def labelled_week(corpus: Path) -> tuple[dict[str, Document], dict[str, str], dict[str, str]]:
    """Return the labelled and background rows of :data:`WEEK` as one feed per source."""
    by_source: dict[str, list[tuple[datetime, dict[str, Any]]]] = defaultdict(list)
    for row in rows_of_week(corpus):
        source = str(row.get("source") or outlet_of(str(row.get("url") or "")) or "unknown")
        by_source[source].append((when(row), row))
    documents: dict[str, Document] = {}
    titles, languages = {}, {}
    for number, (source, rows) in enumerate(sorted(by_source.items())):
        path = f"/{number}"
        rows.sort(key=lambda pair: pair[0])
        documents[path] = lambda now, rows=rows: as_rss([r for at, r in rows if at <= now][-40:])
        titles[path] = source
        languages[path] = Counter(str(r.get("lang") or "en") for _, r in rows).most_common(1)[0][0]
    return documents, titles, languages


def rows_of_week(corpus: Path) -> Iterator[dict[str, Any]]:
    seen: set[str] = set()
    for name in LISTS:
        for row in json_lines(corpus / "labels" / f"{name}.dev.jsonl"):
            if row["id"] not in seen and in_week(row):
                seen.add(row["id"])
                yield row
    for row in json_lines(corpus / "background.dev.jsonl.xz"):
        if row["id"] not in seen and in_week(row):
            yield row


def in_week(row: dict[str, Any]) -> bool:
    return bool(row.get("date")) and WEEK[0] <= when(row) < WEEK[1]


def when(row: dict[str, Any]) -> datetime:
    try:
        moment = datetime.fromisoformat(str(row["date"]))
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def as_rss(rows: list[dict[str, Any]]) -> bytes:
    items = "".join(
        f"<item><title>{escape(row['title'] or '')}</title>"
        f"<guid isPermaLink='false'>{escape(row['id'])}</guid>"
        f"<link>{escape(row.get('url') or 'https://example.org/' + row['id'])}</link>"
        f"<description>{escape((row.get('text') or '')[:1500])}</description></item>"
        for row in reversed(rows)
    )
    document = f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>"
    return document.encode("utf-8", "ignore")


def json_lines(path: Path) -> Iterator[dict[str, Any]]:
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8") as handle:
        for line in handle:
            yield json.loads(line)


def match_background(path: Path) -> None:
    """Run `newsmonitor match` over the whole background, as a user would."""
    begun = time.monotonic()
    with lzma.open(path) as source:
        process = subprocess.Popen(
            [sys.executable, "-m", "monitor", "match", "-w", str(shipped() / "watchlists")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        out, _ = _feed(process, source.read())
    fired = Counter(json.loads(line)["watchlist"] for line in out.splitlines())
    rows = sum(1 for _ in json_lines(path))
    spent = time.monotonic() - begun
    print(f"background: {rows} items matched in {spent:.1f} s; fired: {dict(fired)}")


def _feed(process: subprocess.Popen[bytes], data: bytes) -> tuple[bytes, bytes]:
    out, error = process.communicate(data)
    if process.returncode:
        raise SystemExit(f"newsmonitor match ended with {process.returncode}")
    return out, error or b""


def score_labels(corpus: Path) -> None:
    """Run `newsmonitor eval` on each labelled file."""
    files = [(f"{name}.dev", LISTS[name]) for name in LISTS]
    for file, watchlist in [*files, ("hamadan_paraphrase.dev", LISTS["hamadan"])]:
        out = subprocess.run(
            [sys.executable, "-m", "monitor", "eval", str(corpus / "labels" / f"{file}.jsonl"),
             "-w", str(shipped() / "watchlists" / f"{watchlist}.yaml"), "--json"],
            check=True, capture_output=True,
        ).stdout  # fmt: skip
        told = json.loads(out)
        print(
            f"{watchlist} on {file}: precision {told['precision']:.3f},"
            f" recall {told['recall']:.3f}, F1 {told['f1']:.3f} ({told['rows']} rows)"
        )


async def main(corpus: Path, out: Path, snapshots: int) -> None:
    documents, moments = timeline(corpus / "timeline.dev.tar.xz", snapshots)
    tally, _, figures = await replay(
        "timeline", out, documents, moments, {path: path[1:] for path in documents}
    )
    assert figures["items"] > 0, "the newsroom snapshots brought no item"
    sites = real_sites(corpus / "feeds.dev.tar.xz")
    start = datetime(2026, 1, 1, tzinfo=UTC)
    tally, _, figures = await replay(
        "real sites", out, sites, [start], {path: f"site {path[1:]}" for path in sites}
    )
    assert tally.outcomes["ok"] >= 0.9 * len(sites), "too many real sites were not read"
    documents, titles, languages = labelled_week(corpus)
    hours = int((WEEK[1] - WEEK[0]).total_seconds() // 3600)
    moments = [WEEK[0] + timedelta(hours=n) for n in range(-1, hours + 9)]
    await replay("labelled week", out, documents, moments, titles, languages)
    match_background(corpus / "background.dev.jsonl.xz")
    score_labels(corpus)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    parser.add_argument("--out", type=Path, default=Path("corpus-out"))
    parser.add_argument("--snapshots", type=int, default=100_000, help="stop after so many")
    given = parser.parse_args()
    if not (given.corpus / "README.md").exists():
        print(f"no corpus at {given.corpus}: nothing to do (name it with --corpus)")
    else:
        shutil.rmtree(given.out, ignore_errors=True)
        given.out.mkdir(parents=True)
        asyncio.run(main(given.corpus, given.out, given.snapshots))
