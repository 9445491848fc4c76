"""A document of as many entries as are read holds nobody up."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator

import pytest

from bench.loopback import pauses
from monitor import memory
from monitor.feeds.fields import MAX_ENTRIES
from monitor.files import load
from monitor.pipeline.service import Service
from tests.desk import make_desk
from tests.servers import Shown, ThreadedFeedServer

#: The length of a teaser.
TEXT = "A ship with grain left the port in the morning and was seen off the coast at noon. " * 4


@pytest.fixture
def collector() -> Iterator[None]:
    """What a test does to Python's collector ends with it."""
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


@pytest.mark.slow
@pytest.mark.clocked
@pytest.mark.usefixtures("collector")
async def test_the_loop_turns_while_two_thousand_new_entries_are_matched_and_written(tmp_path):
    """No pause of a quarter of a second, from the request to the last row."""
    with ThreadedFeedServer() as server:
        entries = [
            Shown(f"Drones reach Russia, part {n}", str(n), text=TEXT) for n in range(MAX_ENTRIES)
        ]
        server.show("/a", *entries)
        config = make_desk(tmp_path, [server.base + "/a"])
        async with Service(load(config)) as service:
            await service.lookout.matcher()
            memory.settle()  # as the daemon does when it is ready
            done = asyncio.Event()
            ticking = asyncio.create_task(pauses(done))
            report = await service.poll()
            done.set()
            longest = await ticking
    assert report.total("new") == report.total("hits") == MAX_ENTRIES
    assert longest < 0.25, f"{longest * 1000:.0f} ms"
