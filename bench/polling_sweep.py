"""One sweep of ``bench/polling.py`` in a process of its own: ours, or that of ``reader``.

``polling_sweep.py ours CONFIG`` or ``polling_sweep.py reader DATABASE FEEDS WORKERS``. Prints one
line of JSON: what the sweep alone took, and what it stored. Also run by the interpreter of a virtual
environment in which nothing of ours is installed, so it imports ours only when asked.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.pipeline.service import Service

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def descendants(pid: int) -> list[int]:
    """Return the living processes that ``pid`` started, and those that they started."""
    parent_of = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (fields := _stat(int(folder.name))):
            parent_of[int(folder.name)] = int(fields[1])
    found, fresh = [], [pid]
    while fresh:
        fresh = [child for child, parent in parent_of.items() if parent in fresh]
        found += fresh
    return found


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the third on; nothing when it has gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return []
    return text.rpartition(") ")[2].split()


def cpu_s() -> float:
    """Return user and system seconds of this process and all of its living and dead children."""
    told = os.times()
    spent = told.user + told.system + told.children_user + told.children_system
    for pid in descendants(os.getpid()):
        if fields := _stat(pid):
            spent += sum(map(int, fields[11:15])) / _TICK
    return spent


def resident_mb(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE / 1e6
    except OSError:
        return 0.0


def ours(config: Path) -> dict[str, float]:
    from monitor import memory
    from monitor.files import load
    from monitor.pipeline.service import Service

    memory.share_one_heap()  # as the daemon does

    async def sweep() -> dict[str, float]:
        async with Service(load(config)) as service:
            await _warm_up(service)
            cpu, begun = cpu_s(), time.perf_counter()
            report = await service.poll(list(service.setup.feeds))
            told: dict[str, float] = {"cpu": cpu_s() - cpu, "wall": time.perf_counter() - begun}
            told |= {"items": service.store.items.count(), "hits": service.store.hits.count()}
            told |= {"new": report.total("new"), "failed": len(report.unreached)}
            memory.give_back()  # as the daemon does behind a long sweep
            told["rss"] = resident_mb(os.getpid())
            told["workers_rss"] = sum(map(resident_mb, descendants(os.getpid())))
            told |= {"polled": len(report.polled), "whole": cpu_s()}
            return told

    return asyncio.run(sweep())


async def _warm_up(service: Service) -> None:
    """Be as a daemon is since its first poll: parse workers run, open stories are in memory."""
    from monitor import memory

    await service.lookout.matcher()
    pool = service._poller._parser  # noqa: SLF001 - there is no other way in
    sample = b"<rss version='2.0'><channel><title>t</title></channel></rss>"
    await asyncio.gather(*(pool.parse(sample, None) for _ in range(2)))
    folder = service._folder  # noqa: SLF001 - as above
    folder._open = await folder._fill(service.clock.now())  # noqa: SLF001 - as above
    memory.settle()


def reader(database: str, feeds: Path, workers: int) -> dict[str, float]:
    from reader import make_reader

    held = make_reader(database)
    for url in feeds.read_text().split():
        held.add_feed(url, exist_ok=True)
    with sqlite3.connect(database) as db:  # else it would ask nobody before the hour is over
        db.execute("UPDATE feeds SET update_after = NULL")
    cpu, begun = cpu_s(), time.perf_counter()
    held.update_feeds(workers=workers)
    told = {"cpu": cpu_s() - cpu, "wall": time.perf_counter() - begun}
    with sqlite3.connect(database) as db:
        told["items"] = db.execute("SELECT count(*) FROM entries").fetchone()[0]
    return told | {"rss": resident_mb(os.getpid()), "whole": cpu_s()}


if __name__ == "__main__":
    if sys.argv[1] == "ours":
        print(json.dumps(ours(Path(sys.argv[2]))))
    else:
        print(json.dumps(reader(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))))
