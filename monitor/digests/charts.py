"""Small bars that a look understands: a line of blocks for text, heights for HTML, words for ears.

Decides the scale: up to eight a day one step is one article, so that a small list looks small;
zero never looks like one. Pure numbers in, characters out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.digests.phrases import count
from monitor.model import Trend

_STEPS = "▁▂▃▄▅▆▇█"
_NONE = "."  # low and thin beside the lowest block
_TALLEST = 22  # pixels
_LEAST = 3  # pixels of one step: nobody sees less beside the one of zero


@dataclass(frozen=True, slots=True)
class Chart:
    """One watchlist's last days."""

    line: str  #: one character a day
    heights: tuple[int, ...]  #: pixels a day, 1 for none
    caption: str


def chart(trend: Trend) -> Chart | None:
    """Draw a trend; None where there is no day or no article in it."""
    if not any(trend.counts):
        return None
    return Chart(sparkline(trend.counts), heights(trend.counts), caption(trend.counts))


def sparkline(counts: Sequence[int]) -> str:
    """Return ``..▁▃█``: one character a day, zero as a low dot."""
    return "".join(_STEPS[step - 1] if step else _NONE for step in _steps(counts))


def heights(counts: Sequence[int]) -> tuple[int, ...]:
    """Return the height of each bar in pixels; zero is a line of one pixel."""
    rise = (_TALLEST - _LEAST) / (len(_STEPS) - 1)
    return tuple(round(_LEAST + (step - 1) * rise) if step else 1 for step in _steps(counts))


def caption(counts: Sequence[int]) -> str:
    """Return ``14 days, peak 12 a day; yesterday 3, today so far 0``."""
    latest = f"; yesterday {counts[-2]:,}, today so far {counts[-1]:,}" if len(counts) > 1 else ""
    return f"{count(len(counts), 'day')}, peak {max(counts):,} a day{latest}"


def _steps(counts: Sequence[int]) -> list[int]:
    """Return 0 for none, else 1 to 8, rounded up so that one article is always seen."""
    peak = max((*counts, len(_STEPS)))
    return [min(-(-max(count, 0) * len(_STEPS) // peak), len(_STEPS)) for count in counts]
