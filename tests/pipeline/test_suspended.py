"""A pattern that is too slow is told; the rest of the watch goes on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.demo.play import SteppedClock
from monitor.pipeline.troubles import troubles
from tests.pipeline.test_rounds import HIT, desk


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(datetime(2026, 3, 10, 12, tzinfo=UTC))


async def test_a_suspended_pattern_is_told_once_and_stands_in_the_next_digest(tmp_path, clock):
    """The log hears of it at once, the digest of the day too, the one after it no more."""
    async with desk(tmp_path, clock) as (server, service):
        matcher = await service.lookout.matcher()
        matcher.suspended["probe", "/(a+)+$/"] += 3
        server.show("/a", HIT)
        await service.once()
        assert not matcher.suspended
        (told,) = troubles(service.store, clock.now())
        assert told == "the pattern /(a+)+$/ of probe was left out of 3 items, as it took too long"
        assert troubles(service.store, clock.now() + timedelta(days=2)) == ()
