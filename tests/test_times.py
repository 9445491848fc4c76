"""What a wall time means when clocks change, and how instants and lengths are written."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.times import (
    from_stamp,
    human,
    local,
    parse_duration,
    parse_http_date,
    slot,
    stamp,
    utc,
)

TEHRAN = timezone(timedelta(hours=3, minutes=30))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_utc_keeps_the_instant():
    """An aware datetime is moved to UTC, not relabelled."""
    moved = utc(datetime(2025, 1, 1, 3, 30, tzinfo=TEHRAN))
    assert (moved, moved.tzinfo) == (at("2025-01-01T00:00"), UTC)


def test_utc_refuses_naive_times():
    """A datetime without a zone is an error, not a guess."""
    with pytest.raises(ValueError, match="no time zone"):
        utc(datetime(2025, 1, 1))


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_stamps_sort_like_time(one, other):
    """Stamps have one width, sort as text as their instants do, and read back unchanged."""
    assert len(stamp(one)) == 27
    assert (stamp(one) < stamp(other)) == (one < other)
    assert from_stamp(stamp(one)) == one


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2025-11-22T06:00:00Z", id="without the fraction"),
        pytest.param("2025-11-22T06:00:00.000000Z", id="as written"),
        pytest.param("2025-11-22T07:00:00+01:00", id="with an offset"),
    ],
)
def test_from_stamp(text):
    """A stamp is read in the forms that other programs write too."""
    assert from_stamp(text) == at("2025-11-22T06:00")


@pytest.mark.parametrize("text", ["", "yesterday", "2025-13-01T00:00:00Z", "2025-11-22T06:00:00"])
def test_from_stamp_refuses(text):
    """What names no instant is an error."""
    with pytest.raises(ValueError):
        from_stamp(text)


@pytest.mark.parametrize(
    ("zone", "day", "wall", "expected"),
    [
        pytest.param("Europe/Berlin", date(2025, 11, 22), time(7), "2025-11-22T06:00",
                     id="an ordinary morning"),
        pytest.param("Europe/Berlin", date(2025, 3, 30), time(2, 30), "2025-03-30T01:00",
                     id="the missing hour means the first instant after it"),
        pytest.param("Europe/Berlin", date(2025, 3, 30), time(2), "2025-03-30T01:00",
                     id="so does its very beginning"),
        pytest.param("Europe/Berlin", date(2025, 10, 26), time(2, 30), "2025-10-26T00:30",
                     id="the repeated hour means its first occurrence"),
        pytest.param("America/New_York", date(2025, 3, 9), time(2, 59, 59), "2025-03-09T07:00",
                     id="the last second of a missing hour"),
        pytest.param("Australia/Lord_Howe", date(2025, 10, 5), time(2, 15), "2025-10-04T15:30",
                     id="a jump of half an hour"),
        pytest.param("Pacific/Apia", date(2011, 12, 30), time(7), "2011-12-30T10:00",
                     id="a day that never was: the next midnight"),
        pytest.param("America/Nuuk", date(2024, 3, 30), time(23, 30), "2024-03-31T01:00",
                     id="a jump over midnight"),
        pytest.param("Asia/Kathmandu", date(2025, 1, 1), time(0), "2024-12-31T18:15",
                     id="an offset of quarters"),
    ],
)  # fmt: skip
def test_slot(zone, day, wall, expected):
    """A local wall time becomes the first instant at which the clock shows it or later."""
    assert slot(day, wall, ZoneInfo(zone)) == at(expected)


def test_slot_is_first_in_every_zone():
    """In no zone does the clock show the wall time, or a later one of that day, before its slot."""
    days = [date(2025, 1, 1) + timedelta(days=n) for n in range(0, 365, 13)]
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        for day in days:
            first = slot(day, time(2, 30), zone)
            before = local(first - timedelta(seconds=1), zone).replace(tzinfo=None)
            assert local(first, zone).replace(tzinfo=None) >= datetime.combine(day, time(2, 30))
            assert before < datetime.combine(day, time(2, 30)), (name, day)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37", id="IMF-fixdate"),
        pytest.param("Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37", id="RFC 850"),
        pytest.param("Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37", id="asctime"),
    ],
)
def test_http_dates(text, expected):
    """The three forms of RFC 9110 are read as UTC."""
    assert parse_http_date(text) == at(expected)


@pytest.mark.parametrize(
    "text",
    [
        None, "", "0", "-1", "120", "soon", "Thu, 01 Jan 99999 00:00:00 GMT", "\x00" * 50,
        "Sun, 99 Foo 1994 08:49:37 GMT", "x" * 5_000, "Fri, 31 Dec 9999 23:59:59 -2300",
    ],
)  # fmt: skip
def test_http_dates_that_are_none(text):
    """Nonsense in a header is no date and no error."""
    assert parse_http_date(text) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("10s", 10), ("30m", 1800), ("4h", 14400), ("3d", 259200), ("2w", 1209600), (" 1.5 h ", 5400),
     ("250ms", 0.25), ("5min", 300), ("0s", 0)],
)  # fmt: skip
def test_durations(text, seconds):
    """A number and a unit make seconds."""
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "4", "h", "-4h", "4 years", "1h30m", "٤h", "9" * 30 + "s"])
def test_durations_that_are_none(text):
    """Anything else is an error that shows the right form."""
    with pytest.raises(ValueError, match="4h"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (0.25, "250 ms"), (45.9, "45 s"), (60, "1 min"), (90, "1 min 30 s"),
     (5400, "1 h 30 min"), (86_400, "24 h"), (90_000, "25 h"), (172_800, "2 d"),
     (187_200, "2 d 4 h"), (-60, "-1 min")],
)  # fmt: skip
def test_human(seconds, text):
    """Lengths are written in at most two units, and a day as 24 hours."""
    assert human(seconds) == text
