"""Replay speed and memory: ``python bench/replay.py --corpus background.dev.jsonl.xz``.

Cycles a file of real items to ``--items`` lines, replays the three shipped lists over it, and prints
wall time, CPU time of all processes, peak memory and what a million items would cost. With
``--store`` the same items go into a database, and a list of English and Russian names is replayed
with and without the full-text index; both must find the same hits.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from monitor.files import load_watchlists
from monitor.matching import load_watchlist
from monitor.pipeline.archives import line_batches, read_row
from monitor.pipeline.replay import Plan, replay_file, replay_store
from monitor.store.database import open_writer
from monitor.times import stamp

ROOT = Path(__file__).resolve().parents[1]
GOAL_S, MILLION = 120.0, 1_000_000
NAMES = """\
watchlist: names
groups:
  who: {forms: en, any: [Odesa, Constanta, Bosphorus, "Одесса", "Босфор"]}
  what: {forms: en, any: [port, grain, corridor, "порт", "зерно"]}
match: who near/20 what
"""


def cycled(corpus: Path, items: int) -> Iterator[bytes]:
    made = 0
    while made < items:
        for _, lines in line_batches(corpus, 2_000):
            for line in islice(lines, items - made):
                made += 1
                yield line


def cpu_s() -> float:
    """Return CPU seconds of this process and of those that it waited for."""
    own, children = (
        resource.getrusage(resource.RUSAGE_SELF),
        resource.getrusage(resource.RUSAGE_CHILDREN),
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def rss_mb(kind: int) -> int:
    return resource.getrusage(kind).ru_maxrss // 1024


def over_file(path: Path, items: int, processes: int) -> None:
    for one in load_watchlists([ROOT / "watchlists"]):
        wall, cpu = time.perf_counter(), cpu_s()
        found = replay_file(Plan(one, samples=0), path, processes=processes)
        took, used = time.perf_counter() - wall, cpu_s() - cpu
        per_million = took * MILLION / items
        shown = (
            f"{used:.1f} s CPU, {used * MILLION / items:.0f} s for a million"
            if processes == 1
            else "CPU of the others is not told"
        )
        print(
            f"{one.name:<18} {processes or os.cpu_count()} processes: {found.hits:>6} hits, {took:6.1f} s"
            f" ({shown}); a million: {per_million:5.0f} s wall (goal {GOAL_S:.0f}); {rss_mb(resource.RUSAGE_SELF)} MB"
        )


def over_store(path: Path, folder: Path) -> None:
    database = folder / "bench.db"
    fill(database, path)
    watchlist = load_watchlist(NAMES, "names.yaml")
    found = {}
    for ask in (False, True):
        used = time.process_time()
        found[ask] = replay_store(Plan(watchlist, samples=0), database, processes=1, ask_index=ask)
        print(
            f"store, index {'asked' if ask else 'not asked'}: {found[ask].hits} hits in"
            f" {found[ask].items:,} items, {found[ask].skipped:,} ruled out,"
            f" {time.process_time() - used:.1f} s CPU"
        )
    if found[True].hits != found[False].hits:
        sys.exit("the index lost hits")


def fill(database: Path, path: Path) -> None:
    db = open_writer(database)
    now = stamp(datetime(2026, 3, 10, tzinfo=UTC))
    with db.transaction():
        db.write(
            "INSERT INTO feeds (url, title, outlet, language, country, state_affiliated, added_at)"
            " VALUES ('https://example.org/', '', '', '', '', 0, ?)",
            (now,),
        )
        for first, lines in line_batches(path, 2_000):
            rows = [read_row(line, "bench", first) for line in lines]
            db.write_many(
                "INSERT INTO items (feed_id, link, title, text, language, source, first_seen_at,"
                " fingerprint, backfill) VALUES (1, '', ?, ?, ?, '', ?, '', 0)",
                [
                    (r.get("title") or "", r.get("text") or "", r.get("lang") or "", now)
                    for r in rows
                ],
            )
        db.write("INSERT INTO items_fts (rowid, title, text) SELECT id, title, text FROM items")
    db.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--store", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "items.jsonl"
        with path.open("wb") as handle:
            handle.writelines(cycled(given.corpus, given.items))
        print(f"{given.items:,} items, {path.stat().st_size / 1e6:.0f} MB")
        for processes in (1, 0):
            over_file(path, given.items, processes)
        if given.store:
            over_store(path, Path(name))


if __name__ == "__main__":
    main()
