"""How long the upkeep of a database takes: indexing, forgetting, copying, checking.

Prints one line each: ``python bench/upkeep.py 20000`` makes that many items of 60 words. Forgetting
is told per step, because a step is what may hold up a poll.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.model import Feed
from monitor.store import Limits, Store, copy_database
from monitor.times import stamp

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
OLD = NOON - timedelta(days=400)


def fill(store: Store, items: int) -> None:
    dice = random.Random(1)
    words = [f"w{n}" for n in range(30_000)]
    store.feeds.sync([Feed("https://n.example/rss", "N", "n", "en")], NOON)
    rows = (
        (f"title {n}", " ".join(dice.choices(words, k=60)), stamp(OLD + timedelta(seconds=n)))
        for n in range(items)
    )
    with store.transaction():
        store._db.write_many(  # noqa: SLF001 - rows by the thousand, without a feed
            "INSERT INTO items (feed_id, link, title, text, language, source, first_seen_at,"
            " fingerprint, backfill) VALUES (1, '', ?, ?, 'en', '', ?, '', 0)",
            rows,
        )
        store._db.write("INSERT INTO fts_pending (item_id) SELECT id FROM items")  # noqa: SLF001


def forget(store: Store, rows: int) -> list[float]:
    """Return the seconds of each step."""
    days = [NOON - timedelta(days=n) for n in (180, 300, 35)]
    steps = store.retention.steps(Limits(*days, told_upto=0), lambda: rows)
    took = []
    while True:
        begun = time.perf_counter()
        if next(steps, None) is None:
            return sorted(took)
        took.append(time.perf_counter() - begun)


def main() -> None:
    items = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "n.db"
        store = Store.writer(path)
        fill(store, items)
        begun = time.perf_counter()
        while store.upkeep.index():
            pass
        print(f"index   {time.perf_counter() - begun:8.2f} s for {items} items")
        begun = time.perf_counter()
        copy_database(path, Path(folder) / "copy.db")
        size = path.stat().st_size / 1e6
        print(f"copy    {time.perf_counter() - begun:8.2f} s for {size:.0f} MB, checked")
        begun = time.perf_counter()
        store.check()
        print(f"check   {time.perf_counter() - begun:8.2f} s")
        took = forget(store, 20)
        worst, usual = took[-1] * 1000, took[len(took) // 2] * 1000
        late = took[int(len(took) * 0.99)] * 1000
        print(f"forget  {sum(took):8.2f} s in {len(took)} steps of 20 rows:"
              f" median {usual:.1f} ms, 99 % {late:.1f} ms, longest {worst:.1f} ms")  # fmt: skip
        store.close()


if __name__ == "__main__":
    main()
