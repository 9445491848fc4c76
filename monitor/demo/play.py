"""Plays the recorded day: the sample server on loopback, the real daemon code, a stepped clock.

Nothing of the daemon is replaced but the clock: feeds are fetched over HTTP, parsed in killable
workers, matched, stored in SQLite, folded, and the digest goes through the ledger into a folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from rich.console import Console

from monitor.clock import SteppedClock
from monitor.daemon import Service
from monitor.demo.newsday import load_day
from monitor.demo.sample import DAY_END, DAY_START, ZONE
from monitor.demo.server import serve
from monitor.demo.show import Show
from monitor.files import Setup, load, shipped
from monitor.model import Digest

#: How far the clock goes between two rounds of the daemon; a real one ticks every 20 seconds.
STEP = timedelta(minutes=10)

_SETTINGS = """\
# Written by 'newsmonitor demo'. The feeds are served on loopback while the demo runs.
database: newsmonitor.db
feeds: feeds.yaml
watchlists: {watchlists}
fetch:
  contact: mailto:demo@newsmonitor.example
  allow_private: [127.0.0.0/8]
  host_gap: 0s              # thirty feeds stand on one loopback host here
  per_host: 10
parser: {{deadline: 2s}}     # so that the feed that hangs the parser costs two seconds
channels:
  folder: {{type: file, path: digests/}}
digests:
  daily: {{channels: [folder], at: "07:00", timezone: Europe/Berlin}}
"""


def _prepare(out: Path, feeds: str) -> Setup:
    (out / "feeds.yaml").write_text(feeds, encoding="utf-8")
    settings = _SETTINGS.format(watchlists=str(shipped() / "watchlists"))
    (out / "newsmonitor.yaml").write_text(settings, encoding="utf-8")
    return load(out / "newsmonitor.yaml")


@dataclass(frozen=True, slots=True)
class Played:
    """What the day came to."""

    digests: tuple[Digest, ...]
    folder: Path
    polls: int
    items: int
    hits: int


async def play(out: Path, console: Console) -> Played:
    """Play the whole day into ``out``, which must not hold an earlier one."""
    clock = SteppedClock(DAY_START)
    show = Show(console, DAY_START, DAY_END, ZONE)
    made: list[Digest] = []
    async with serve(load_day(), clock) as server:
        setup = _prepare(out, server.feeds_yaml())
        with show:
            async with Service(
                setup, clock=clock, observer=show, longest_pause_s=STEP.total_seconds()
            ) as service:
                now = DAY_START
                while now <= DAY_END:
                    clock.set(now)
                    show.at(now)
                    made += (await service.once()).digests
                    now += STEP
    counts = show.counts
    return Played(tuple(made), out / "digests", counts["polls"], counts["items"], counts["hits"])
