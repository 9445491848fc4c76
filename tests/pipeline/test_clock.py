"""A clock that is set back: nothing falls silent, nobody is asked too soon."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from monitor import daemon as attic
from monitor.daemon import Daemon
from monitor.demo.play import SteppedClock
from tests.pipeline.test_rounds import DULL, HIT, desk, later


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(datetime(2026, 3, 10, 12, tzinfo=UTC))


async def test_an_hour_back_costs_no_hour_of_silence(tmp_path, clock):
    """The feed waits its own pause from the new time on, not until the old time comes again."""
    async with desk(tmp_path, clock) as (server, service):
        server.show("/a", DULL)
        await service.once()
        state = service.store.feeds.state(server.base + "/a")
        pause = state.next_poll_at - state.last_poll_at
        later(clock, hours=-6)
        assert service.due() == []
        mended = service.store.feeds.state(server.base + "/a")
        assert mended.next_poll_at == clock.now() + pause
        later(clock, seconds=pause.total_seconds() + 1)
        assert len(service.due()) == 1


async def test_a_minute_back_changes_nothing(tmp_path, clock):
    """Small corrections of the clock, as every machine makes, leave the plan as it is."""
    async with desk(tmp_path, clock) as (server, service):
        server.show("/a", DULL)
        await service.once()
        before = service.store.feeds.state(server.base + "/a").next_poll_at
        later(clock, seconds=-40)
        assert service.due() == []
        assert service.store.feeds.state(server.base + "/a").next_poll_at == before


async def test_a_daemon_whose_clock_is_set_wakes_its_ticks(tmp_path, clock, monkeypatch):
    """Set back or forward, the step is told and the next tick comes at once."""
    monkeypatch.setattr(attic, "CLOCK_S", 0.05)
    monkeypatch.setattr(attic, "TICK_S", 3600)
    async with desk(tmp_path, clock) as (server, service):
        server.show("/a", DULL)
        running = asyncio.create_task(Daemon(service, {}).run())
        for _ in range(200):
            await asyncio.sleep(0.02)
            if service.store.feeds.state(server.base + "/a").last_well_at:
                break
        await asyncio.sleep(0.3)  # the sweep ends
        server.show("/a", DULL, HIT)
        later(clock, hours=9)
        for _ in range(300):
            await asyncio.sleep(0.02)
            if len(server.asked) > 1:
                break
        service.stopping.set()
        await asyncio.wait_for(running, 20)
        assert len(server.asked) > 1


async def test_what_waits_to_be_sent_follows_the_clock(tmp_path, clock):
    """A delivery that was due in an hour of the old time is due in an hour of the new one."""
    async with desk(tmp_path, clock) as (server, service):
        server.show("/a", HIT)
        await service.once()
        moved = service.store.ledger.shift(timedelta(hours=-1))
        assert moved == len(service.store.ledger.unsent())
