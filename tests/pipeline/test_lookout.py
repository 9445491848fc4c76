"""The matcher in force is built beside the loop, and documents wait for it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bench.loopback import pauses
from monitor.files import load_watchlists, shipped
from monitor.matching import load_watchlist
from monitor.pipeline.lookout import Lookout

LISTS = [
    load_watchlist(f"watchlist: {name}\nstatus: {status}\ngroups: {{a: {{any: [{name}]}}}}\nmatch: a\n", "p")
    for name, status in (("drones", "live"), ("bases", "test"), ("prices", "draft"), ("ships", "retired"))
]  # fmt: skip
TEXT = ("drones, bases, prices and ships", "")


async def test_lists_that_are_live_or_on_trial_are_matched():
    """Drafts and retired ones are not."""
    lookout = Lookout(LISTS)
    assert (await lookout.matcher()).fires(*TEXT) == ("drones", "bases")
    await lookout.aclose()


async def test_whoever_asks_after_a_change_waits_for_the_new_lists():
    """From the next document on: none is judged by the old ones any more."""
    lookout = Lookout(LISTS)
    first = await lookout.matcher()
    lookout.watch_for(LISTS[1:])
    assert lookout.at_hand is None
    second = await lookout.matcher()
    assert (first is second, second.fires(*TEXT)) == (False, ("bases",))
    assert lookout.at_hand is second
    await lookout.aclose()


async def test_whoever_waits_while_the_lists_change_gets_the_new_ones():
    """A document that waits for lists which a reload replaces is judged by what is in force."""
    lookout = Lookout(LISTS)
    waiting = asyncio.create_task(lookout.matcher())
    await asyncio.sleep(0)
    lookout.watch_for(LISTS[1:])
    assert (await waiting).fires(*TEXT) == ("bases",)
    await lookout.aclose()


async def test_one_who_is_called_off_does_not_stop_the_building():
    """A poll that is cancelled while it waits leaves the matcher to the others."""
    lookout = Lookout(LISTS)
    waiting = asyncio.create_task(lookout.matcher())
    await asyncio.sleep(0)
    waiting.cancel()
    assert (await lookout.matcher()).fires(*TEXT) == ("drones", "bases")
    assert waiting.cancelled()
    await lookout.aclose()


async def test_it_can_be_closed_before_it_was_asked_and_while_it_builds():
    """A service that ends at once leaves no task behind."""
    await Lookout(LISTS).aclose()
    lookout = Lookout(LISTS)
    lookout.begin()
    await lookout.aclose()
    assert lookout.at_hand is None


@pytest.mark.slow
@pytest.mark.clocked
async def test_the_loop_turns_while_the_shipped_lists_are_built():
    """They take a second; no pause is a quarter of one."""
    lists, done = load_watchlists([shipped() / "watchlists"]), asyncio.Event()
    ticking = asyncio.create_task(pauses(done))
    lookout = Lookout(lists)
    begun = asyncio.get_running_loop().time()
    await lookout.matcher()
    assert timedelta(seconds=asyncio.get_running_loop().time() - begun) > timedelta(
        milliseconds=100
    )
    done.set()
    assert await ticking < 0.25
    await lookout.aclose()
