"""How often a document wants to be asked: ttl, ``sy:updatePeriod``, skipHours and skipDays. Pure.

Only what stands outside of the entries counts. Values that make no sense are as if they were not
there. What follows from them is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: RSS 1.0's module Syndication; a year of 365 days and a month of 30.
_PERIODS_S = {
    "hourly": 3_600.0,
    "daily": 86_400.0,
    "weekly": 7 * 86_400.0,
    "monthly": 30 * 86_400.0,
    "yearly": 365 * 86_400.0,
}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SKIP = {name: re.compile(rf"<skip{name}\b[^<>]{{0,200}}>", re.IGNORECASE)
         for name in ("hours", "days")}  # fmt: skip
#: The longest list of hours is 24 elements of some 20 characters; this leaves room for white space.
_LONGEST = 4_000
_ANY_SKIP = re.compile("<skip", re.IGNORECASE)
_HOUR = re.compile(r"<hour>\s*([0-9]{1,2})\s*</hour\s*>", re.IGNORECASE)
_DAY = re.compile(r"<day>\s*([a-z]{6,9})\s*</day\s*>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?(?:-->|$)", re.DOTALL)
_FIRST_ENTRY = re.compile(r"<(?:\w+:)?(?:item|entry)[\s/>]")


@dataclass(frozen=True, slots=True)
class Declared:
    """What a document says about its own rhythm."""

    least_s: float | None = None  #: between two polls
    skip_hours: tuple[int, ...] = ()  #: UTC
    skip_days: tuple[int, ...] = ()  #: UTC, Monday = 0


def declared(channel: Mapping[str, Any], text: str) -> Declared:
    """Read the wishes of a document: ``channel`` as feedparser gives it, ``text`` as it came.

    The text is needed for skipHours and skipDays, of which feedparser keeps the last value only.
    """
    wishes = [one for one in (_ttl(channel), _syndication(channel)) if one]
    hours, days = _skips(text)
    return Declared(max(wishes, default=None), hours, days)


def _ttl(channel: Mapping[str, Any]) -> float | None:
    """Return RSS 2.0 ``ttl`` (whole minutes) in seconds."""
    text = str(channel.get("ttl") or "").strip()
    return int(text) * 60.0 if re.fullmatch(r"[0-9]{1,6}", text) else None


def _syndication(channel: Mapping[str, Any]) -> float | None:
    """Return ``sy:updatePeriod`` divided by ``sy:updateFrequency``, in seconds.

    Nothing when neither stands there; the period alone is *daily* by default, the frequency 1.
    """
    period = str(channel.get("sy_updateperiod") or "").strip().lower()
    frequency = str(channel.get("sy_updatefrequency") or "").strip()
    if not (period or frequency):
        return None
    times = int(frequency) if re.fullmatch(r"[0-9]{1,6}", frequency) else 1
    seconds = _PERIODS_S.get(period or "daily")
    return seconds / max(times, 1) if seconds else None


def _skips(text: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    if not _ANY_SKIP.search(text):
        return (), ()
    around = _COMMENT.sub("", _around(text))
    # 24 stands for midnight in documents of the older RSS.
    hours = {int(one) % 24 for one in _HOUR.findall(_inside(around, "hours")) if int(one) <= 24}
    named = (one.lower() for one in _DAY.findall(_inside(around, "days")))
    days = {_DAYS.index(one) for one in named if one in _DAYS}
    return tuple(sorted(hours)), tuple(sorted(days))


def _inside(text: str, name: str) -> str:
    """Return what stands in the first element of that name; "" when it is never closed."""
    found = _SKIP[name].search(text)
    if found is None:
        return ""
    rest = text[found.end() : found.end() + _LONGEST]
    end = rest.lower().find(f"</skip{name}")
    return rest[:end] if end >= 0 else ""


def _around(text: str) -> str:
    """Return what stands before the first entry and after the last."""
    first = _FIRST_ENTRY.search(text)
    if first is None:
        return text
    last = max(text.rfind("</item>"), text.rfind("</entry>"))
    return text[: first.start()] + (text[last:] if last > first.start() else "")
