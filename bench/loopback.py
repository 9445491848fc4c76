"""What the scripts on real material share: documents on loopback and the daemon's own service.

Serves each document as it stands at a stepped clock's time, polls it with the real client, workers
and store, and counts what the service tells.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from aiohttp import web

from monitor.clock import SteppedClock
from monitor.daemon import Service
from monitor.files import load, shipped
from monitor.model import Digest, Feed, PollRecord
from monitor.pipeline import Silent

#: As shipped, but for the wall, the deadline (a machine that others share may be slow), and how long
#: things are kept: the yardstick compares months.
SETTINGS = """\
feeds: feeds.yaml
watchlists: {watchlists}
fetch:
  {{contact: "mailto:corpus@example.org", allow_private: [127.0.0.0/8], host_gap: 0s, per_host: 10}}
parser: {{workers: 2, deadline: 20s}}
retention: {{items: 3650d, hits: 3650d, polls: 3650d}}
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
    records: list[PollRecord] = field(default_factory=list)

    def polled(self, feed: Feed, record: PollRecord) -> None:  # noqa: ARG002 - an event's shape
        self.polls += 1
        self.new += record.new
        self.edited += record.edited
        self.hits += record.hits
        self.gaps += record.possible_gap
        self.outcomes[record.outcome.value] += 1
        self.records.append(record)

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
        kind = "application/json" if request.path.endswith(".json") else "application/xml"
        return web.Response(body=body, headers={"ETag": tag, "Content-Type": kind})

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


@asynccontextmanager
async def opened(
    folder: Path,
    documents: dict[str, Document],
    clock: SteppedClock,
    tally: Tally,
    titles: dict[str, str],
    *,
    languages: dict[str, str] | None = None,
    watchlists: Path | None = None,
    pause_s: float = 1e9,
) -> AsyncIterator[tuple[Service, str]]:
    """Open the service on ``documents``; yield it and the address where they are served."""
    folder.mkdir(parents=True)  # noqa: ASYNC240 - before anything is served
    async with served(documents, clock) as base:
        entries = "".join(
            f"  - url: {json.dumps(base + path)}\n"
            f"    title: {json.dumps(titles[path], ensure_ascii=False)}\n"
            f"    outlet: {json.dumps(titles[path], ensure_ascii=False)}\n"
            f"    language: {(languages or {}).get(path, 'en')!r}\n"
            for path in documents
        )
        (folder / "feeds.yaml").write_text("feeds:\n" + entries, encoding="utf-8")
        settings = SETTINGS.format(watchlists=watchlists or shipped() / "watchlists")
        (folder / "newsmonitor.yaml").write_text(settings, encoding="utf-8")
        async with Service(
            load(folder / "newsmonitor.yaml"), clock=clock, observer=tally, longest_pause_s=pause_s
        ) as service:
            yield service, base


async def replay(
    name: str,
    out: Path,
    documents: dict[str, Document],
    moments: list[datetime],
    titles: dict[str, str],
    languages: dict[str, str] | None = None,
) -> tuple[Tally, list[Digest], dict[str, Any]]:
    """Run the service over ``moments`` and print one line of figures."""
    clock, tally, digests = SteppedClock(moments[0]), Tally(), []
    pause = max((b - a).total_seconds() for a, b in pairwise([moments[0], *moments]))
    begun, spent = time.monotonic(), time.process_time()
    async with opened(
        out / name, documents, clock, tally, titles, languages=languages, pause_s=pause
    ) as (service, _):
        for number, moment in enumerate(moments):
            clock.set(moment)
            digests += (await service.once()).digests
            if number % 200 == 0:
                progress(name, number, len(moments))
        counts = counted(service)
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


def counted(service: Service) -> dict[str, int]:
    return {
        "items": service.store.items.count(),
        "hits": service.store.hits.count(),
        "stories": service.store.hits.story_count(),
    }


async def pauses(done: asyncio.Event) -> float:
    """Tick every 10 ms until ``done``; return the longest pause beyond, in seconds.

    Without the time in which a busy machine did not let this thread run (Linux tells it).
    """
    longest, loop = 0.0, asyncio.get_running_loop()
    while not done.is_set():
        before, waited = loop.time(), waited_s()
        await asyncio.sleep(0.01)
        longest = max(longest, loop.time() - before - 0.01 - (waited_s() - waited))
    return longest


def waited_s() -> float:
    """Return for how long this thread could have run and did not, in seconds."""
    try:
        told = Path("/proc/thread-self/schedstat").read_text("ascii")
    except OSError:
        return 0.0
    return int(told.split()[1]) / 1e9


def progress(name: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{name}: {done}/{total}", end="", file=sys.stderr)
