"""Surges: alarms, false alarms, and what did not come. Streams are drawn with fixed seeds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from bench.surge import START, STREAMS, WARM, alarmed, delay, draw, false_alarms, flat, rhythm
from monitor.stories.surge import HOUR, NEEDED, Hour, judge, overdue, silences, surges, tail

NOW = datetime(2026, 3, 10, 12, 30, tzinfo=UTC)
END = NOW.replace(minute=0)


def steady(hours: int, every: int = 4) -> list[tuple[datetime, int]]:
    """Return one story every few hours, the last of them just before END."""
    return [(END - n * HOUR, 1) for n in range(1, hours, every)]


@pytest.mark.parametrize(
    ("count", "mean", "variance", "chance"),
    [
        pytest.param(1, 1.0, 1.0, 1.0, id="not above the mean"),
        pytest.param(4, 1.0, 1.0, 0.018988, id="Poisson"),
        pytest.param(4, 1.0, 2.0, 0.0625, id="geometric: half of half, four times"),
        pytest.param(900, 800.0, 800.0, 0.000276, id="large counts do not overflow"),
    ],
)
def test_the_chance_of_a_count(count, mean, variance, chance):
    """Checked against closed forms and tables."""
    assert tail(count, mean, variance) == pytest.approx(chance, rel=0.01)


def test_a_surge_says_how_many_came_and_how_many_were_due():
    """The sentence has both numbers and the window; the beginning is that of the window."""
    rows = [Hour("drones", at, n, n) for at, n in steady(30 * 24)]
    rows += [Hour("drones", END - n * HOUR, 9, 4) for n in range(1, 4)]
    (found,) = surges(rows, END - 30 * 24 * HOUR, NOW)
    assert found.watchlist == "drones"
    assert found.count >= 12
    assert 1 < found.expected < 3
    assert found.since == END - 6 * HOUR
    assert (
        found.what
        == f"{found.count} stories in 6 hours, where {found.expected:.1f} were to be expected"
    )


def test_one_event_in_forty_feeds_is_a_surge_of_items():
    """Where stories stay as they are, hits speak."""
    rows = [Hour("drones", at, n, n) for at, n in steady(30 * 24)]
    rows.append(Hour("drones", END - HOUR, 40, 0))
    (found,) = surges(rows, END - 30 * 24 * HOUR, NOW)
    assert "items in 1 hour" in found.what


@pytest.mark.parametrize(
    ("counts", "past"),
    [
        pytest.param(steady(30 * 24), 30 * 24, id="as always"),
        pytest.param([(END - HOUR, 50)], NEEDED - 1, id="a past that is too short"),
        pytest.param([(END - HOUR, 2)], 30 * 24, id="two stories of a quiet list"),
        pytest.param([], 30 * 24, id="nothing at all"),
        pytest.param([(END, 50)], 30 * 24, id="the hour that has not ended"),
        pytest.param([(END - 20 * 24 * HOUR, 50)], 30 * 24, id="a surge long ago"),
    ],
)
def test_no_surge(counts, past):
    """What is as always, too little, too early or over is no alarm."""
    assert judge("list", counts, END - past * HOUR, END) is None


def test_nights_and_weekends_have_their_own_measure():
    """What is usual at noon is a surge at night."""
    dice = Random(3)
    stream = rhythm(2.0)
    counts = draw(dice, stream, WARM)
    noon = counts + [7 if hour % 24 == 12 else 1 for hour in range(13)]
    night = [*counts, 0, 0, 12]
    assert not alarmed(noon, len(noon) - 1)
    assert alarmed(night, len(night) - 1)


@pytest.mark.parametrize("name", ["Poisson 5 a day", "rhythm, 24 a day", "spread hours, 24 a day"])
def test_a_stationary_stream_gives_at_most_one_alarm_in_thirty_days(name):
    """The stated rate of false alarms; bench/surge.py measures more streams for longer."""
    found = [false_alarms(STREAMS[name], Random(seed), days=8, warm=20 * 24) for seed in (1, 2)]
    assert sum(found) <= 1


def test_a_fivefold_rate_is_seen_within_hours():
    """Half of ten planted surges within eight hours, every one within a day."""
    waits = sorted(delay(flat(1.0), 5, Random(seed)) for seed in range(10))
    assert waits[5] <= 8
    assert waits[-1] <= 24


def test_a_past_surge_does_not_hide_the_next():
    """The same surge a week earlier costs a few hours at most."""
    waits = sorted(delay(flat(1.0), 5, Random(seed), earlier=True) for seed in range(8))
    assert waits[4] <= 12


def test_a_shift_of_the_level_is_learned():
    """Three weeks at the new rate, and it is what is to be expected."""
    dice = Random(5)
    counts = draw(dice, flat(0.2), WARM) + draw(dice, flat(1.0), 21 * 24)
    assert sum(alarmed(counts, len(counts) - n) for n in range(1, 24, 4)) == 0
    assert START.weekday() == 0


@pytest.mark.parametrize(
    ("last", "late"),
    [
        pytest.param(NOW - timedelta(hours=23), 0.0, id="in time"),
        pytest.param(NOW - timedelta(hours=30), 6 * 3600.0, id="six hours late"),
        pytest.param(None, 24 * 3600.0, id="nothing yet: the waiting begins with the watch"),
    ],
)
def test_how_late_something_is(last, late):
    """In seconds beyond what was expected."""
    assert overdue(last, 86_400, NOW, NOW - timedelta(days=2)) == late


def test_silence_names_what_did_not_come():
    """One entry for each name that is late, none for the others."""
    last = {"price": NOW - timedelta(days=2), "report": NOW - timedelta(hours=1)}
    found = silences(
        {"price": 86_400, "report": 86_400, "none": 3_600}, last, NOW - timedelta(days=9), NOW
    )
    assert [(one.watchlist, one.silent, one.count) for one in found] == [
        ("none", True, 0),
        ("price", True, 0),
    ]
    assert (
        found[1].what == "nothing since 08 Mar 12:30 UTC, where something every 24 h was expected"
    )
    assert "nothing yet" in found[0].what
