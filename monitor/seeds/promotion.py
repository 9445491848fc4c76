"""Whether a list that is tested may go live, and what is missing otherwise. Pure.

A list goes live when its own tests hold in both directions and readers have found it right: enough
marks in 30 days, four of five relevant, and no noise in the last seven days.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(days=30)
QUIET = timedelta(days=7)  # without a hit marked noise
MIN_MARKS = 10
MIN_PRECISION = 0.8
MIN_TESTS = 2  # of each kind
_STATUS = re.compile(r"(?m)^(status:[ \t]*)([a-z]+)(?=[ \t]*(?:#[^\n]*)?\r?$)")


@dataclass(frozen=True, slots=True)
class Mark:
    """What a reader said of a hit, and when."""

    relevant: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a list that wants to go live."""

    status: str
    fires: int  #: tests that must fire
    silent: int  #: tests that must stay silent
    failing: int
    relevant: int = 0  #: marks within the window
    noise: int = 0
    late_noise: int = 0  #: of them in the last days

    @property
    def marked(self) -> int:
        return self.relevant + self.noise

    @property
    def precision(self) -> float | None:
        return self.relevant / self.marked if self.marked else None


def counted(marks: Iterable[Mark], now: datetime) -> tuple[int, int, int]:
    """Return relevant and noisy marks of the last 30 days, and the noisy ones of the last seven."""
    recent = [mark for mark in marks if mark.at >= now - WINDOW]
    noisy = [mark for mark in recent if not mark.relevant]
    late = [mark for mark in noisy if mark.at >= now - QUIET]
    return len(recent) - len(noisy), len(noisy), len(late)


def missing(standing: Standing) -> tuple[str, ...]:
    """Return what stands between a list and live; nothing means: promote it."""
    return tuple(_missing(standing))


def _missing(told: Standing) -> Iterator[str]:
    if told.status != "test":
        yield f"its status is {told.status}; only a list whose status is test is promoted"
    for kind, count in (("that fire", told.fires), ("that stay silent", told.silent)):
        if count < MIN_TESTS:
            yield f"{count} tests {kind}; {MIN_TESTS} are wanted"
    if told.failing:
        yield f"{told.failing} of its tests fail; 'newsmonitor check' shows them"
    if told.marked < MIN_MARKS:
        yield f"{told.marked} hits marked in the last 30 days; {MIN_MARKS} are wanted"
    elif told.precision is not None and told.precision < MIN_PRECISION:
        share = f"{told.relevant} of {told.marked}"
        yield f"{share} marked hits were relevant; {MIN_PRECISION:.0%} are wanted"
    if told.late_noise:
        yield f"{told.late_noise} hits of the last 7 days are marked noise; none may be"


def with_status(text: str, status: str) -> str | None:
    """Return the text of a list with another status, nothing else changed; None: no such line."""
    after, count = _STATUS.subn(rf"\g<1>{status}", text)
    return after if count == 1 else None
