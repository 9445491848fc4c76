"""Far more of a watchlist than its past lets one expect; and what was to come and did not.

Each list is judged by itself. A level that forgets (half of its weight in two weeks) times the
shape of its week, both drawn towards "no shape" while counts are few, gives what to expect in the
last 1, 6 and 24 hours. How far counts stray from that was learned from the list as well, so a list
that always comes in bursts is not called a surge at each of them. An alarm is a count that the
negative binomial law grants less than RARE. Past counts are cut down to what was likely then, so
that an old surge does not hide the next. Rates of false alarms and delays were measured by
simulation: docs/measurements.md. Source of the idea: Noufaily et al., Statistics in Medicine 32
(2013), on alarms in counts of disease. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import NamedTuple

from monitor.model import Surge
from monitor.times import human

HOUR = timedelta(hours=1)
#: Windows in hours, and the probability below which a count is an alarm in one of them.
WINDOWS = (1, 6, 24)
RARE = 1e-4
#: Hours of the past that are read, and those that are needed before a list is judged.
PAST, NEEDED = 60 * 24, 3 * 24
#: The newest day is not learned from: a surge must not raise what is expected of itself.
GUARD = 24
#: Hours in which a past count loses half of its weight.
HALF_LIFE = 14 * 24
_KEPT = 0.5 ** (1 / HALF_LIFE)
_WEEK = 7 * 24
#: Fewer stories in a window than this are no surge, however quiet the list.
LEAST = 3
#: A surge is at least so many times what was expected.
TIMES = 2.0
#: Imagined counts that draw the shape of the day and of the week towards flat.
_DRAW = 15.0
#: Level before anything was seen: one in ten days, known no better than one count.
_SHAPE, _RATE = 0.5, 120.0
#: Imagined windows that draw the spread towards a little more than chance alone.
_DRAW_SPREAD, _SPREAD = 6.0, 1.3
#: A past count is cut at so many standard deviations above what was likely.
_CUT = 3.5
#: A day further off the median day than so many deviations is a surge at first sight.
_FAR = 4.0
_ROUNDS = 3
_MOST_TERMS = 20_000


class Hour(NamedTuple):
    """What came for a watchlist within one hour; hours without anything need no row."""

    watchlist: str
    hour: datetime  #: its beginning
    hits: int
    stories: int  #: opened in it: stories whose first hit of this list falls into it


def surges(rows: Iterable[Hour], since: datetime, now: datetime) -> tuple[Surge, ...]:
    """Return at most one surge per watchlist, in the order of their names.

    ``since`` is from when on ``rows`` are complete. Judged are the whole hours before ``now``.
    Stories speak first; hits, which one event may bring by the dozen, only where stories do not.
    """
    end = _floor(now)
    found = []
    for name, its in sorted(_by_list(rows).items()):
        surge = judge(name, [(one.hour, one.stories) for one in its], since, end, "stories")
        surge = surge or judge(name, [(one.hour, one.hits) for one in its], since, end, "items")
        if surge is not None:
            found.append(surge)
    return tuple(found)


def judge(
    watchlist: str,
    counts: Iterable[tuple[datetime, int]],
    since: datetime,
    end: datetime,
    what: str = "stories",
) -> Surge | None:
    """Judge one series of counts at the end of a whole hour; None for no surge."""
    series = _series(counts, since, end)
    if len(series) < NEEDED or sum(series[-max(WINDOWS) :]) < LEAST:
        return None
    past = _past(series, end)
    alarms = []
    for width in WINDOWS:
        count, expected = sum(series[-width:]), past.expected(width, end)
        if count < max(LEAST, TIMES * expected):
            continue
        chance = tail(count, expected, past.variance(expected, width))
        if chance < RARE:
            alarms.append((chance, width, count, expected))
    if not alarms:
        return None
    _, width, count, expected = min(alarms)
    told = f"{count} {what} in {_hours(width)}, where {_about(expected)} were to be expected"
    return Surge(watchlist, end - width * HOUR, count, round(expected, 2), what=told)


def overdue(last_at: datetime | None, expect_s: float, now: datetime, since: datetime) -> float:
    """Return how many seconds something is late; 0 when it is not.

    Where nothing came yet, waiting begins with ``since``.
    """
    waited = (now - (last_at or since)).total_seconds()
    return max(0.0, waited - expect_s) if expect_s > 0 else 0.0


def silences(
    expected: Mapping[str, float],
    last: Mapping[str, datetime],
    since: datetime,
    now: datetime,
) -> tuple[Surge, ...]:
    """Return what was declared regular and did not come.

    ``expected``: name -> longest usual time between two, in seconds; ``last``: name -> when it
    last came.
    """
    found = []
    for name, wanted in sorted(expected.items()):
        last_at = last.get(name)
        if overdue(last_at, wanted, now, since) > 0:
            from_then = f"since {last_at:%d %b %H:%M} UTC" if last_at else "yet"
            told = f"nothing {from_then}, where something every {human(wanted)} was expected"
            begun = last_at or since
            times = (now - begun).total_seconds() / wanted
            found.append(Surge(name, begun, 0, round(times, 2), silent=True, what=told))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Past:
    """What a list's past lets one expect."""

    level: float  #: per hour of average shape
    doubt: float  #: variance of the level over its square
    week: tuple[float, ...]  #: a factor for each of its hours
    spread: Mapping[int, float]  #: window in hours -> variance over mean

    def expected(self, width: int, end: datetime) -> float:
        last = _slot(end) - 1
        return self.level * sum(self.week[(last - back) % _WEEK] for back in range(width))

    def variance(self, expected: float, width: int) -> float:
        return self.spread[width] * expected + self.doubt * expected**2


def tail(count: int, mean: float, variance: float) -> float:
    """Return the chance of ``count`` or more under the negative binomial law (Poisson at least)."""
    if count <= mean:
        return 1.0
    excess = variance - mean
    if excess <= 1e-9 * mean:
        return _upward(_log_poisson(count, mean), count, lambda k: mean / (k + 1))
    size = mean * mean / excess
    share = mean / (size + mean)
    first = (
        math.lgamma(count + size) - math.lgamma(size) - math.lgamma(count + 1)
        + size * math.log1p(-share) + count * math.log(share)
    )  # fmt: skip
    return _upward(first, count, lambda k: share * (k + size) / (k + 1))


def _log_poisson(count: int, mean: float) -> float:
    return count * math.log(mean) - mean - math.lgamma(count + 1) if mean > 0 else -math.inf


def _upward(log_first: float, count: int, ratio: Callable[[int], float]) -> float:
    """Add up a law's terms from ``count`` on; beyond the mean each is less than the one before."""
    term = total = math.exp(log_first)
    for k in range(count, count + _MOST_TERMS):
        term *= ratio(k)
        total += term
        if term <= total * 1e-9:
            break
    return min(1.0, total)


def _past(series: Sequence[int], end: datetime) -> _Past:
    """Learn from all but the newest day."""
    learned = series[: len(series) - GUARD]
    phase = _slot(end - len(series) * HOUR)
    slots = [(phase + number) % _WEEK for number in range(len(learned))]
    counts = _without_waves(learned)
    past = _learn(counts, slots)
    for _ in range(_ROUNDS - 1):
        smaller = _cut_down(learned, slots, past)
        if smaller == counts:
            break
        counts = smaller
        past = _learn(counts, slots)
    return past


def _learn(counts: Sequence[float], slots: Sequence[int]) -> _Past:
    mean = sum(counts) / len(counts)
    got, due = [0.0] * _WEEK, [0] * _WEEK
    for count, slot in zip(counts, slots, strict=True):
        got[slot] += count
        due[slot] += 1
    by_day = _factors(got, [mean * one for one in due], [one // 24 for one in range(_WEEK)], 7)
    daily = [mean * number * by_day[slot // 24] for slot, number in enumerate(due)]
    by_hour = _factors(got, daily, [one % 24 for one in range(_WEEK)], 24)
    week = tuple(by_day[slot // 24] * by_hour[slot % 24] for slot in range(_WEEK))
    seen = among = 0.0
    for count, slot in zip(counts, slots, strict=True):
        seen, among = seen * _KEPT + count, among * _KEPT + week[slot]
    seen, among = seen + _SHAPE, among + _RATE
    level = seen / among
    means = [level * week[slot] for slot in slots]
    spread = {width: _spread(counts, means, width) for width in WINDOWS}
    return _Past(level, max(spread.values()) / seen, week, spread)


def _factors(
    got: Sequence[float], due: Sequence[float], bins: Sequence[int], size: int
) -> tuple[float, ...]:
    """Return counts over expectation per bin, drawn towards 1; a bin not seen has 1."""
    sums = [(_DRAW, _DRAW)] * size
    for count, mean, place in zip(got, due, bins, strict=True):
        sums[place] = sums[place][0] + count, sums[place][1] + mean
    return tuple(a / b for a, b in sums)


def _spread(counts: Sequence[float], means: Sequence[float], width: int) -> float:
    """Return variance over mean in windows of a width, at least 1, drawn towards _SPREAD."""
    total, windows = _DRAW_SPREAD * _SPREAD, _DRAW_SPREAD
    for start in range(len(counts) % width, len(counts), width):
        mean = sum(means[start : start + width])
        gap = sum(counts[start : start + width]) - mean
        # A window in which next to nothing is due says little of the spread.
        total += gap * gap if mean < 1 else gap * gap / mean
        windows += min(1.0, mean)
    return max(1.0, total / windows)


def _without_waves(learned: Sequence[int]) -> list[float]:
    """Return a first guess of the past without its surges: days far off the median day are cut.

    Median and median deviation do not see the few days that matter here.
    """
    counts = list(map(float, learned))
    days = range(len(counts) % 24, len(counts), 24)
    totals = [sum(learned[start : start + 24]) for start in days]
    middle = median(totals)
    deviation = 1.48 * median(abs(total - middle) for total in totals)
    most = middle + _FAR * max(deviation, math.sqrt(middle)) + 2.0
    for start, total in zip(days, totals, strict=True):
        if total > most:
            for place in range(start, start + 24):
                counts[place] *= most / total
    return counts


def _cut_down(learned: Sequence[int], slots: Sequence[int], past: _Past) -> list[float]:
    """Return the past without its surges: spans that stray too far are made smaller as a whole."""
    counts = list(map(float, learned))
    means = [past.level * past.week[slot] for slot in slots]
    for width in WINDOWS:
        for start in range(len(counts) % width, len(counts), width):
            total = sum(counts[start : start + width])
            mean = sum(means[start : start + width])
            most = mean + _CUT * math.sqrt(past.variance(mean, width)) + 1.0
            if total > most:
                for place in range(start, start + width):
                    counts[place] *= most / total
    return counts


def _series(counts: Iterable[tuple[datetime, int]], since: datetime, end: datetime) -> list[int]:
    """Return counts of each hour up to ``end``, from ``since`` or PAST hours ago on."""
    whole = _floor(since)
    begin = max(whole if whole == since else whole + HOUR, end - PAST * HOUR)
    length = max(0, int((end - begin) / HOUR))
    series = [0] * length
    for hour, count in counts:
        place = int((_floor(hour) - begin) / HOUR)
        if hour >= begin and place < length:
            series[place] += count
    return series


def _by_list(rows: Iterable[Hour]) -> dict[str, list[Hour]]:
    found: dict[str, list[Hour]] = {}
    for one in rows:
        found.setdefault(one.watchlist, []).append(one)
    return found


def _slot(moment: datetime) -> int:
    """Return the hour of the week, in UTC."""
    return moment.weekday() * 24 + moment.hour


def _floor(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _hours(width: int) -> str:
    return "1 hour" if width == 1 else f"{width} hours"


def _about(expected: float) -> str:
    return f"{expected:.0f}" if expected >= 10 else f"{expected:.1f}"
