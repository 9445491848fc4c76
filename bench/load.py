"""What a full database costs: polls, listings, search, digest, start and forgetting at N items.

``python bench/load.py 3000000 --folder /tmp/load`` fills a database with rows made by SQL (about
0.9 KB an item with its index; the folder is removed at the end), then measures. Polls are those of
real feeds on loopback, once into a small database and once into the big one.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from polling import serving
from polling_programs import SWEEP, Ours
from polling_server import url

from monitor.files import load
from monitor.model import Evidence, Feed, Kind
from monitor.pipeline.compose import preview
from monitor.store import Limits, Store
from monitor.store.columns import pack_evidence
from monitor.times import stamp

#: The synthetic rows' feeds; one item in :data:`HIT_EVERY` is a hit, one in seven was edited, as in ten
#: months of three newsrooms.
FEEDS, HIT_EVERY = 2_000, 100
DIGEST_HITS = 5_000
SECONDS_APART = 20
_LISTS = ("gas-market", "hamadan-airbase", "iran-uav-russia")
_DIGEST = "channels: {here: {type: file, path: out/}}\ndigests: {daily: {channels: [here], at: '07:00', timezone: UTC, watchlists: all}}\n"


def fill(path: Path, items: int, now: datetime) -> None:
    """Write ``items`` rows with sightings, versions and hits, the newest of them just before ``now``."""
    store = Store.writer(path)
    store.feeds.sync(
        [Feed(f"https://n{n}.example/rss", f"N {n}", "n", "en") for n in range(FEEDS)], now
    )
    dice = random.Random(1)
    words = [f"w{int(n)}" for n in range(40_000)]
    many = [" ".join(dice.choices(words[: 40_000 // (1 + n % 40)], k=22)) for n in range(20_000)]
    evidence = pack_evidence((Evidence("iran", "Title", "Title", "title", 0, 5, Kind.EXACT),))
    raw = store._db.raw  # noqa: SLF001 - rows by the million
    raw.execute("PRAGMA synchronous=OFF")
    begun = now - timedelta(seconds=SECONDS_APART * items)
    for start in range(1, items + 1, 50_000):
        span = range(start, min(start + 50_000, items + 1))
        raw.execute("BEGIN")
        _write(raw, span, begun, many, evidence)
        raw.execute("COMMIT")
    raw.execute("INSERT INTO items_fts (items_fts) VALUES ('rebuild')")
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    os.sync()  # else what is measured next waits for these gigabytes


def _write(raw: Any, span: range, begun: datetime, many: list[str], evidence: str) -> None:
    at = {n: stamp(begun + timedelta(seconds=SECONDS_APART * n)) for n in span}
    raw.executemany(
        "INSERT INTO items (id, feed_id, url, link, title, text, language, source, published_at,"
        " first_seen_at, fingerprint, backfill) VALUES (?, ?, ?, ?, ?, ?, 'en', '', ?, ?, ?, 0)",
        ((n, 1 + n % FEEDS, f"https://n{n % FEEDS}.example/a/{n}", f"https://n{n % FEEDS}.example/a/{n}",
          f"Title {n} {many[n * 7 % 20_000][:50]}", many[n % 20_000], at[n], at[n],
          f"{n * 2654435761 % 2**64:016x}") for n in span),
    )  # fmt: skip
    raw.executemany(
        "INSERT INTO sightings (feed_id, key, item_id, outlet, seen_at) VALUES (?, ?, ?, 'n', ?)",
        ((1 + n % FEEDS, f"{n * 11400714819323198485 % 2**96:024x}", n, at[n]) for n in span),
    )
    raw.executemany(
        "INSERT INTO item_versions (item_id, title, text, fingerprint, until) VALUES (?, ?, ?, ?, ?)",
        ((n, f"Old {n}", many[n % 20_000], "0", at[n]) for n in span if _is_edited(n)),
    )
    hits = [n for n in span if n % HIT_EVERY == 0]
    raw.executemany(
        "INSERT INTO stories (id, opened_at, last_at) VALUES (?, ?, ?)",
        ((n, at[n], at[n]) for n in hits if n % (3 * HIT_EVERY) == 0),
    )
    raw.executemany(
        "INSERT INTO hits (item_id, watchlist, level, score, evidence, matched_at, story_id)"
        " VALUES (?, ?, 3, 1.0, ?, ?, ?)",
        ((n, _LISTS[n // HIT_EVERY % 3], evidence, at[n], _story(n)) for n in hits),
    )


def _is_edited(item: int) -> bool:
    return item * 2_654_435_761 % 2**32 % 7 == 0


def _story(item: int) -> int | None:
    """Return the story of a hit: every third hit opens one, and two more follow it."""
    story = item - item % (3 * HIT_EVERY)
    return story or None


def seconds(work: Callable[[], object], times: int = 5) -> float:
    """Return the median after one that warms the cache."""
    work()
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        took.append(time.perf_counter() - begun)
    return median(took)


def questions(config: Path, items: int, now: datetime) -> Iterator[tuple[str, str]]:
    """Yield what reading costs, in words and numbers."""
    setup = load(config)
    store = Store.reader(setup.database)
    size = setup.database.stat().st_size
    yield "size for a million items", f"{size / items:.0f} MB"
    yield "hits list (50)", f"{seconds(store.hits.newest) * 1e3:.1f} ms"
    for what, query in (
        ("rare", "w19990"),
        ("common", "w5"),
        ("both", "w5 AND w19990"),
        ("title", "title"),
    ):
        took = seconds(lambda: store.items.newest(50, query))
        yield f"items list --search, a {what} word", f"{took * 1e3:.1f} ms"
    last = store.hits.last_folded()
    store.close()
    writer = Store.writer(setup.database)
    with writer.transaction():
        writer._db.write(  # noqa: SLF001 - a digest that told all but the newest hits
            "INSERT OR REPLACE INTO digests VALUES ('d', 'daily', ?, ?, ?, ?, 0, 0, 0, ?)",
            (
                (before := stamp(now - timedelta(days=2)))[:10],
                before,
                before,
                before,
                last - DIGEST_HITS,
            ),
        )
    writer.close()
    store = Store.reader(setup.database)
    took = seconds(lambda: preview(setup, store, "daily", now), 3)
    yield f"digest of {DIGEST_HITS} hits", f"{took:.2f} s"
    store.close()


def forgetting(path: Path, now: datetime, patience_s: float) -> Iterator[tuple[str, str]]:
    """Yield how long the steps of a retention run are; it is left after ``patience_s``."""
    store = Store.writer(path)
    days = [now - timedelta(days=n) for n in (180, 365, 35)]
    steps = store.retention.steps(Limits(days[0], days[1], days[2], told_upto=2**62), lambda: 20)
    took, until = [], time.perf_counter() + patience_s
    while time.perf_counter() < until:
        begun = time.perf_counter()
        if next(steps, None) is None:
            break
        took.append(time.perf_counter() - begun)
    took.sort()
    store.close()
    if took:
        median_ms, late = took[len(took) // 2] * 1e3, took[int(len(took) * 0.99)] * 1e3
        yield (
            "retention, a step",
            f"{median_ms:.1f} ms, 99 % {late:.1f}, longest {took[-1] * 1e3:.1f}",
        )


def start_up(config: Path) -> float:
    """Return the seconds from the start of the process to READY=1."""
    name = str(config.parent / "ready")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(name)
        ear.settimeout(120)
        begun = time.perf_counter()
        command = [sys.executable, "-m", "monitor", "run", "-c", str(config)]
        env = os.environ | {"NOTIFY_SOCKET": name}
        with subprocess.Popen(
            command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as daemon:
            while b"READY=1" not in ear.recv(4096):
                pass
            took = time.perf_counter() - begun
            daemon.terminate()
    Path(name).unlink()
    return took


def polls(ours: Ours, port_stage: Callable[[int], object]) -> list[float]:
    """Return CPU milliseconds for a poll: all new, 304, and of the sweep with 5 % changed."""
    took = []
    for stage in (0, 0, 1):
        port_stage(stage)
        done = subprocess.run(
            [sys.executable, SWEEP, "ours", str(ours.folder / "newsmonitor.yaml")],
            stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
        took.append(json.loads(done.stdout.splitlines()[-1])["cpu"] / len(ours.urls) * 1e3)
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("items", type=int, nargs="?", default=3_000_000)
    parser.add_argument("--folder", type=Path, default=Path("load-bench"))
    parser.add_argument("--feeds", type=int, default=200)
    given = parser.parse_args()
    now = datetime.now(UTC)
    try:
        with serving(given.feeds, 20, 50, 113) as server:
            cost = {}
            for items in (10_000, given.items):
                ours = Ours(
                    given.folder / str(items), [url(n, server.port) for n in range(given.feeds)]
                )
                ours.fresh()
                config = ours.folder / "newsmonitor.yaml"
                config.write_text(config.read_text() + _DIGEST)
                begun = time.perf_counter()
                fill(ours.folder / "n.db", items, now)
                print(f"{items} items filled in {time.perf_counter() - begun:.0f} s", flush=True)
                cost[items] = polls(ours, lambda stage: server.ask(f"/stage/{stage}"))
                print(f"a poll at {items}: new {cost[items][0]:.1f}, 304 {cost[items][1]:.2f},"
                      f" 5 % changed {cost[items][2]:.2f} ms CPU", flush=True)  # fmt: skip
        for what, told in questions(config, given.items, now):
            print(f"{what}: {told}", flush=True)
        print(f"start to READY: {median(start_up(config) for _ in range(3)):.2f} s", flush=True)
        for what, told in forgetting(ours.folder / "n.db", now, 20):
            print(f"{what}: {told}", flush=True)
    finally:
        shutil.rmtree(given.folder, ignore_errors=True)


if __name__ == "__main__":
    main()
