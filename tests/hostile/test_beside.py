"""Fifty good feeds stay on time in a daemon that polls every hostile one beside them."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from monitor.daemon import Daemon, Service
from monitor.files import load
from monitor.model import PollOutcome
from monitor.pipeline import Silent
from tests.desk import make_desk
from tests.hostile.rounds import WIDE
from tests.hostile.served import served

#: The product's own deadline and workers; only the total for one fetch is shorter.
SETTINGS = WIDE.replace("{workers: 1, deadline: 5s}", "{workers: 2, deadline: 5s}")
#: What one round may take with everything in it, and the stall that no feed may cause.
ROUND_S, STALL_S = 120, 0.25
_SCHEDULED = Path("/proc/thread-self/schedstat")


class Times(Silent):
    """Remembers when each feed was polled, and how it ended."""

    def __init__(self) -> None:
        self.begun = time.monotonic()
        self.at: dict[str, float] = {}
        self.outcome: dict[str, PollOutcome] = {}
        self._more = asyncio.Event()

    async def all_in(self, count: int) -> None:
        """Wait until so many feeds have been polled."""
        while len(self.at) < count:
            self._more.clear()
            await self._more.wait()

    def polled(self, feed, record) -> None:
        self.at.setdefault(feed.url, time.monotonic() - self.begun)
        self.outcome.setdefault(feed.url, record.outcome)
        self._more.set()


def waited_s() -> float:
    """Return the seconds in which this thread could have run and a busy machine did not let it."""
    try:
        return int(_SCHEDULED.read_text("ascii").split()[1]) / 1e9
    except OSError:
        return 0.0


async def stalls(done: asyncio.Event) -> tuple[list[float], list[float]]:
    """Tick every 10 ms until ``done``; return the pauses beyond, as they were and as they are ours."""
    all_of_it, ours = [], []
    while not done.is_set():
        before, waited = time.monotonic(), waited_s()
        await asyncio.sleep(0.01)
        pause = time.monotonic() - before - 0.01
        all_of_it.append(pause)
        ours.append(pause - (waited_s() - waited))
    return all_of_it, ours


@pytest.mark.slow
@pytest.mark.clocked
async def test_fifty_good_feeds_stay_on_time_beside_all_hostile_ones(tmp_path):
    """All are read in the first round, no stall of 250 ms is the daemon's own, workers are replaced."""
    times, done = Times(), asyncio.Event()
    with served() as (bad, good):
        config = make_desk(tmp_path, bad + good, SETTINGS)
        async with Service(load(config), observer=times) as service:
            times.begun = time.monotonic()
            running = asyncio.create_task(Daemon(service, {}).run())
            ticking = asyncio.create_task(stalls(done))
            async with asyncio.timeout(ROUND_S):
                await times.all_in(len(bad) + len(good))
            done.set()
            pauses, ours = await ticking
            service.stopping.set()
            await running
            killed = service._poller._parser.killed
    last = max(times.at[url] for url in good)
    print(f"{len(bad)} hostile and {len(good)} good feeds in {max(times.at.values()):.1f} s, the last good"
          f" one after {last:.1f} s; {killed} workers killed; longest pause of the loop"
          f" {1000 * max(ours):.0f} ms, {1000 * max(pauses):.0f} ms with what the machine took")  # fmt: skip
    assert {times.outcome[url] for url in good} == {PollOutcome.OK}
    assert last < ROUND_S / 2
    assert max(ours) < STALL_S
    assert killed == sum(one is PollOutcome.PARSER_KILLED for one in times.outcome.values()) >= 2
