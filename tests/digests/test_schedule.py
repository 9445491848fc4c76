"""One digest per local date, in every zone, whatever the clocks and the machine do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.digests import Plan, due, upcoming
from monitor.times import local, slot

BERLIN = Plan("daily", time(7), "Europe/Berlin")
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def run(plan: Plan, since: datetime, ticks) -> list:
    """Ask at each tick as the daemon does, and remember what was built."""
    made, done, last_end = [], set(), None
    for now in ticks:
        found = due(plan, done, since, now, last_end=last_end)
        if found is not None:
            made.append(found)
            done.add(found.local_date)
            last_end = found.window.end
    return made


def ticks(start: datetime, end: datetime, step: timedelta):
    while start < end:
        yield start
        start += step


def test_nothing_before_the_slot():
    """Before the first slot after watching began nothing is due."""
    since = at("2025-11-21T08:00")
    assert due(BERLIN, set(), since, at("2025-11-22T05:59:59")) is None


def test_due_at_the_slot():
    """At the slot the digest covers what came since watching began."""
    found = due(BERLIN, set(), at("2025-11-21T08:00"), at("2025-11-22T06:00"))
    assert found.local_date == date(2025, 11, 22)
    assert (found.window.start, found.window.end) == (
        at("2025-11-21T08:00"),
        at("2025-11-22T06:00"),
    )
    assert (found.profile, found.catch_up) == ("daily", False)


def test_a_tick_a_little_late_keeps_the_window_at_the_slot():
    """Half a minute after the slot the window still ends at the slot."""
    found = due(BERLIN, set(), at("2025-11-21T06:00"), at("2025-11-22T06:00:31"))
    assert found.window.end == at("2025-11-22T06:00")


def test_late_the_same_day():
    """Woken two hours late, the digest covers what was polled until now and is no catch-up."""
    found = due(BERLIN, {date(2025, 11, 21)}, at("2025-11-01"), at("2025-11-22T08:00"),
                last_end=at("2025-11-21T06:00"))  # fmt: skip
    assert (found.window.start, found.window.end) == (
        at("2025-11-21T06:00"),
        at("2025-11-22T08:00"),
    )
    assert not found.catch_up


def test_done_dates_are_not_due_again():
    """A date that has its digest is not due again, also when the clock is set back."""
    done = {date(2025, 11, 22)}
    for now in ("2025-11-22T06:00", "2025-11-22T22:00", "2025-11-22T05:00"):
        before = {date(2025, 11, 21)} | done
        assert (
            due(BERLIN, before, at("2025-11-01"), at(now), last_end=at("2025-11-22T06:00")) is None
        )


def test_one_catch_up_after_days_of_downtime():
    """After ten days down comes one digest for all of them, labelled; then days as usual."""
    since = at("2025-11-01T06:00")
    up = [
        *ticks(since, at("2025-11-04T06:30"), HOUR),
        *ticks(at("2025-11-14T09:00"), at("2025-11-17"), HOUR),
    ]
    made = run(BERLIN, since, up)
    assert [d.local_date.day for d in made] == [2, 3, 4, 14, 15, 16]
    assert [d.catch_up for d in made] == [False, False, False, True, False, False]
    assert made[3].window.start == made[2].window.end == at("2025-11-04T06:00")
    assert made[3].window.end == at("2025-11-14T09:00")


def test_first_window_reaches_back_seven_days_at_most():
    """A profile added to an old watch begins with a week, not with years."""
    found = due(BERLIN, set(), at("2020-01-01"), at("2025-11-22T06:00"))
    assert found.window.start == at("2025-11-15T06:00")


def test_downtime_longer_than_a_week_loses_nothing():
    """Where a last window is known, the next one begins there, however long ago."""
    found = due(BERLIN, set(), at("2020-01-01"), at("2025-11-22T06:00"), last_end=at("2025-01-01"))
    assert found.window.start == at("2025-01-01")
    assert found.catch_up


def test_a_slot_that_a_late_digest_covered_is_not_due():
    """When the hour is moved to before the end of the last window, that slot is already told."""
    found = due(BERLIN, {date(2025, 11, 21)}, at("2025-11-01"), at("2025-11-22T09:00"),
                last_end=at("2025-11-22T08:00"))  # fmt: skip
    assert found is None


def test_weekdays():
    """A plan for working days gives Monday a window over the weekend, without calling it late."""
    plan = Plan("desk", time(7), "Europe/Berlin", frozenset(range(5)))
    made = run(plan, at("2025-11-19T06:00"), ticks(at("2025-11-19T06:00"), at("2025-11-26"), HOUR))
    assert [d.local_date.day for d in made] == [20, 21, 24, 25]
    assert not any(d.catch_up for d in made)
    assert made[2].window.end - made[2].window.start == timedelta(days=3)


@pytest.mark.parametrize("weekdays", [frozenset(), frozenset({7}), frozenset({-1, 2})])
def test_weekdays_that_are_none(weekdays):
    """A plan without a day of the week can never be due and is refused."""
    with pytest.raises(ValueError, match="weekdays"):
        Plan("desk", time(7), "Europe/Berlin", weekdays)


def test_upcoming_skips_a_day_that_never_was():
    """The next slot after 29 December 2011 in Samoa is on the 31st."""
    plan = Plan("daily", time(7), "Pacific/Apia")
    now = slot(date(2011, 12, 29), time(7), ZoneInfo("Pacific/Apia"))
    assert upcoming(plan, now) == slot(date(2011, 12, 31), time(7), ZoneInfo("Pacific/Apia"))


def test_samoa_skips_its_missing_date():
    """The date that Samoa left out gets no digest; its neighbours get one each, without a gap."""
    plan, zone = Plan("daily", time(7), "Pacific/Apia"), ZoneInfo("Pacific/Apia")
    start = slot(date(2011, 12, 27), time(8), zone)
    made = run(plan, start, ticks(start, start + timedelta(days=4), HOUR))
    assert [d.local_date.day for d in made] == [28, 29, 31, 1]
    assert not any(d.catch_up for d in made)


def offsets(zone: ZoneInfo) -> tuple:
    """Return a zone's offsets through 2026, one for each day: zones alike behave alike."""
    first = datetime(2026, 1, 1, tzinfo=UTC)
    return tuple((first + timedelta(days=n)).astimezone(zone).utcoffset() for n in range(366))


def nights() -> list[tuple[str, date]]:
    """Return every zone's clock changes of 2026; a zone without any gives one plain night."""
    found = {}
    for name in sorted(available_timezones()):
        shifts = offsets(ZoneInfo(name))
        changes = [n for n in range(1, 366) if shifts[n] != shifts[n - 1]] or [100]
        for n in changes:
            found.setdefault((shifts, n), (name, date(2026, 1, 1) + timedelta(days=n - 1)))
    return list(found.values())


@pytest.mark.parametrize("wall", [time(0), time(2, 30), time(23, 45)], ids=str)
def test_one_digest_per_date_in_every_zone(wall):
    """Through each clock change of each zone every local date has exactly one digest, no gap."""
    for name, night in nights():
        zone = ZoneInfo(name)
        start = slot(night - timedelta(days=2), wall, zone)
        end = slot(night + timedelta(days=2), wall, zone)
        step = timedelta(minutes=59)
        made = run(Plan("p", wall, name), start, [*ticks(start, end, step), end])
        dates = [d.local_date for d in made]
        assert dates == [night + timedelta(days=n) for n in (-1, 0, 1, 2)], (name, night)
        for one, two in pairwise(made):
            assert one.window.end == two.window.start
        assert not any(d.catch_up for d in made)


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Africa/Cairo", "America/Nuuk",
                          "Australia/Lord_Howe", "Asia/Tehran", "Pacific/Chatham"]),
    wall=st.times(),
    gaps=st.lists(st.integers(min_value=1, max_value=4_000), min_size=5, max_size=60),
)  # fmt: skip
def test_any_sleep_leaves_no_gap(zone, wall, gaps):
    """However the daemon sleeps, windows join, dates rise, and no minute is told twice."""
    since = now = datetime(2026, 3, 25, tzinfo=UTC)
    moments = [now := now + timedelta(minutes=gap) for gap in gaps]
    made = run(Plan("p", wall, zone), since, moments)
    assert all(d.window.start < d.window.end <= moments[-1] for d in made)
    assert [d.local_date for d in made] == sorted({d.local_date for d in made})
    assert all(a.window.end == b.window.start for a, b in pairwise(made))
    if made:
        assert made[0].window.start == since
        assert local(made[-1].window.end, ZoneInfo(zone)).date() >= made[-1].local_date
