"""Real material through the real program: newsroom snapshots, real sites, labelled news.

``make corpus CORPUS=path`` serves what lies in the corpus folder on loopback, polls it with the
daemon's own code under a stepped clock, matches, folds, writes digests into ``corpus-out/``, and
prints the figures that stand in docs/measurements.md. Nothing of the corpus is copied into the
project; without the folder it says so and ends well.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import lzma
import shutil
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

import newsrooms
import real_feeds
from loopback import Document, replay

from monitor.files import shipped
from monitor.urls import outlet_of

LISTS = {"uav": "iran-uav-russia", "gas": "gas-market", "hamadan": "hamadan-airbase"}
#: The densest days of the labelled drone news.
WEEK = (datetime(2022, 10, 14, tzinfo=UTC), datetime(2022, 10, 21, tzinfo=UTC))


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


async def main(corpus: Path, out: Path, snapshots: int, *, each: bool) -> None:
    await newsrooms.run(corpus / "timeline.dev.tar.xz", out, snapshots)
    await real_feeds.run(corpus / "feeds.dev.tar.xz", out, each=each)
    await week(corpus, out)
    match_background(corpus / "background.dev.jsonl.xz")
    score_labels(corpus)


async def week(corpus: Path, out: Path) -> None:
    """Replay the densest week of the labelled news, hour by hour."""
    shown, titles, languages = labelled_week(corpus)
    hours = int((WEEK[1] - WEEK[0]).total_seconds() // 3600)
    moments = [WEEK[0] + timedelta(hours=n) for n in range(-1, hours + 9)]
    await replay("labelled week", out, shown, moments, titles, languages)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    parser.add_argument("--out", type=Path, default=Path("corpus-out"))
    parser.add_argument("--snapshots", type=int, default=100_000, help="stop after so many")
    parser.add_argument(
        "--differences", action="store_true", help="list each document that differs"
    )
    given = parser.parse_args()
    if not (given.corpus / "README.md").exists():
        print(f"no corpus at {given.corpus}: nothing to do (name it with --corpus)")
    else:
        shutil.rmtree(given.out, ignore_errors=True)
        given.out.mkdir(parents=True)
        asyncio.run(main(given.corpus, given.out, given.snapshots, each=given.differences))
