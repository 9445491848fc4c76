"""Measure false alarms and delay of detection of monitor/stories/surge.py by seeded simulation.

python bench/surge.py [--days N] [--lists N] [--seed N]

Streams: Poisson at several rates, with a day and week shape, over-dispersed (negative binomial
hours), and in bursts (a wave of stories every few days). A false alarm is an episode: alarms less
than a day apart are one. Delay: hours from the planted start, x3, x5, x10, lasting a day.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from random import Random
from statistics import median

from monitor.stories.surge import HOUR, judge

START = datetime(2026, 1, 5, tzinfo=UTC)
#: Hours of past before judging begins.
WARM = 30 * 24
Stream = Callable[[Random, int], float]


def poisson(dice: Random, mean: float) -> int:
    """Draw from the Poisson law (Knuth for small means, the normal law for large ones)."""
    if mean > 50:
        return max(0, round(dice.gauss(mean, math.sqrt(mean))))
    limit, product, count = math.exp(-mean), dice.random(), 0
    while product > limit:
        product *= dice.random()
        count += 1
    return count


def shaped(hour: int) -> float:
    """Return a newsroom's rhythm: nights are quiet, weekends have half."""
    day = 1 + 0.8 * math.sin((hour % 24 - 8) / 24 * 2 * math.pi)
    return day * (0.5 if hour // 24 % 7 > 4 else 1.2)


def flat(rate: float) -> Stream:
    return lambda _dice, _hour: rate


def rhythm(rate: float) -> Stream:
    return lambda _dice, hour: rate * shaped(hour)


def spread(rate: float, size: float = 1.0) -> Stream:
    """Hours whose rate is drawn anew from a Gamma law: variance = mean + mean² / size."""
    return lambda dice, hour: dice.gammavariate(size, rate * shaped(hour) / size)


def bursts(rate: float) -> Stream:
    """A day's rate is drawn from a Gamma law, the same for its 24 hours."""
    days: dict[int, float] = {}

    def at(dice: Random, hour: int) -> float:
        if hour == 0:
            days.clear()
        day = hour // 24
        if day not in days:
            days[day] = dice.gammavariate(4.0, 0.25)
        return rate * shaped(hour) * days[day]

    return at


STREAMS: dict[str, Stream] = {
    "Poisson 1 a day": flat(1 / 24),
    "Poisson 5 a day": flat(5 / 24),
    "Poisson 24 a day": flat(1.0),
    "Poisson 240 a day": flat(10.0),
    "rhythm, 5 a day": rhythm(5 / 24),
    "rhythm, 24 a day": rhythm(1.0),
    "rhythm, 240 a day": rhythm(10.0),
    "spread hours, 24 a day": spread(1.0),
    "spread hours, 240 a day": spread(10.0, 4.0),
    "days that differ, 5 a day": bursts(5 / 24),
    "days that differ, 24 a day": bursts(1.0),
    "days that differ, 240 a day": bursts(10.0),
}


def draw(dice: Random, stream: Stream, hours: int) -> list[int]:
    return [poisson(dice, stream(dice, hour)) for hour in range(hours)]


def alarmed(counts: Sequence[int], hour: int) -> bool:
    """Judge at the end of ``hour``, as the daemon would."""
    rows = [(START + i * HOUR, count) for i, count in enumerate(counts[: hour + 1]) if count]
    return judge("list", rows, START, START + (hour + 1) * HOUR) is not None


def false_alarms(stream: Stream, dice: Random, days: int, warm: int = WARM) -> int:
    """Return the episodes of alarm in a stationary stream."""
    counts = draw(dice, stream, warm + days * 24)
    last, episodes = -math.inf, 0
    for hour in range(warm, len(counts)):
        if alarmed(counts, hour):
            episodes += hour - last > 24
            last = hour
    return episodes


def delay(stream: Stream, factor: float, dice: Random, *, earlier: bool = False) -> float:
    """Return hours until a planted surge of a day is seen; infinity where it is not.

    ``earlier`` plants the same surge a week before as well.
    """
    counts = draw(dice, stream, WARM)
    if earlier:
        for hour in range(WARM - 7 * 24, WARM - 6 * 24):
            counts[hour] = poisson(dice, factor * stream(dice, hour))
    begin = WARM + dice.randrange(24)
    counts += [poisson(dice, stream(dice, hour)) for hour in range(WARM, begin)]
    for hour in range(begin, begin + 24):
        counts.append(poisson(dice, factor * stream(dice, hour)))
        if alarmed(counts, hour):
            return hour - begin + 1
    return math.inf


def report(days: int, lists: int, seed: int) -> None:
    print("false alarms per list and 30 days, and hours to detection (median; share seen in a day)")
    for name, stream in STREAMS.items():
        dice = Random(seed)
        found = sum(false_alarms(stream, dice, days) for _ in range(lists))
        line = [f"{name:<28} {found * 30 / (days * lists):5.2f}"]
        for factor in (3, 5, 10):
            waits = [delay(stream, factor, dice) for _ in range(lists * 4)]
            seen = [wait for wait in waits if wait < math.inf]
            middle = f"{median(waits):4.0f} h" if median(waits) < math.inf else "   - "
            line.append(f"x{factor}: {middle} {len(seen) / len(waits):4.0%}")
        print("   ".join(line), flush=True)
    dice = Random(seed)
    again = [delay(rhythm(1.0), 5, dice, earlier=True) for _ in range(lists * 4)]
    seen = [wait for wait in again if wait < math.inf]
    print(f"x5 a week after another x5, rhythm, 24 a day: {median(again):.0f} h,"
          f" {len(seen) / len(again):.0%} seen")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--lists", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    report(given.days, given.lists, given.seed)


if __name__ == "__main__":
    main()
