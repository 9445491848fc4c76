"""Makes members from few words: what the tests of stories have in common."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from monitor.model import Evidence, Hit, Item, Kind, Level, Member

START = datetime(2026, 3, 10, 6, tzinfo=UTC)
Make = Callable[..., Member]


@pytest.fixture
def make() -> Make:
    """A maker of members: ``make(title, text, hours=0, alias=())``; numbers count up."""
    numbers = count(1)

    def member(
        title: str,
        text: str = "",
        *,
        hours: float = 0,
        alias: tuple[str, ...] = (),
        number: int = 0,
    ) -> Member:
        item_id = number or next(numbers)
        seen = START + timedelta(hours=hours)
        item = Item(item_id, title, text, first_seen_at=seen)
        evidence = tuple(
            Evidence("place", one, one, "title", 0, 1, Kind.ALIAS, alias=one) for one in alias
        )
        hits = (Hit(item_id, item_id, "list", Level.HIGH, 1.0, evidence, seen),) if alias else ()
        return Member(item, hits)

    return member
