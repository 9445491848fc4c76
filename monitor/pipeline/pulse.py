"""Whether the work moves: what the watchdog and the health page ask. Touches nothing.

Work that is under way and has not moved for its limit is stalled. Time is a monotonic clock's,
given from outside; it stands still while the machine sleeps.
"""

from __future__ import annotations

from collections.abc import Callable

#: Seconds without a sign of life, by kind of work. The ticks come every 20 seconds; a poll ends
#: after 20 seconds at the latest and its parsing after 5; a desk round sends for two minutes.
LIMITS_S = {"the ticks": 300.0, "polling": 900.0, "the desk": 1_800.0}


class Pulse:
    """Remembers when each kind of work last moved."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._moved: dict[str, float] = {}

    def begins(self, work: str) -> None:
        """Begin to watch ``work``; what is watched already keeps its time."""
        self._moved.setdefault(work, self._monotonic())

    def moves(self, work: str) -> None:
        if work in self._moved:
            self._moved[work] = self._monotonic()

    def ends(self, work: str) -> None:
        self._moved.pop(work, None)

    def stalled(self) -> tuple[str, ...]:
        """Return a sentence for each kind of work that stands still."""
        now = self._monotonic()
        return tuple(
            f"{work}: no sign of life for {int(now - moved)} s"
            for work, moved in sorted(self._moved.items())
            if now - moved > LIMITS_S[work]
        )
