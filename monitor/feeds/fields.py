"""Raw fields of a document to the plain values of an Entry: bounds, one line, dates.

For the dialects that feedparser does not read. Decides nothing about a document as a whole.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from monitor.feeds.markup import MAX_MARKUP, plain
from monitor.text import clean, cut
from monitor.times import parse_http_date

#: Entries read from one document.
MAX_ENTRIES = 2_000
MAX_TITLE = 1_000
MAX_TEXT = 8_000
MAX_KEY = 4_000
MAX_NAME = 200
#: W3C-DTF, the profile of ISO 8601 that RFC 3339 and sitemaps share; seconds may have fractions.
_MOMENT = re.compile(
    r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?"
    r"(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,12})?)?\s?([Zz]|[+-]\d{2}:?\d{2})?)?",
    re.ASCII,
)


def line(markup: str, limit: int) -> str:
    """Return what a reader sees of ``markup``, on one line of at most ``limit`` characters."""
    return cut(plain(markup[:MAX_MARKUP]), limit)


def key(text: str) -> str | None:
    """Return a guid or an address, bounded; None when nothing is left."""
    return clean(text[: 2 * MAX_KEY])[:MAX_KEY] or None


def moment(text: str) -> datetime | None:
    """Read a date of RFC 3339 or W3C-DTF, or of mail where a feed has that instead.

    Without a zone it counts as UTC; garbage is None.
    """
    text = text[:60].strip()
    told = parse_http_date(text) if text[:1].isalpha() else _read(text)
    return told if told is not None and 1990 <= told.year <= 2200 else None


def _read(text: str) -> datetime | None:
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, zone = found.groups()
    sign = {None: "+00:00", "Z": "+00:00", "z": "+00:00"}.get(zone, zone)
    clock = f"{hour or '00'}:{minute or '00'}:{_second(second)}"
    try:
        read = datetime.fromisoformat(f"{year}-{month or '01'}-{day or '01'}T{clock}{sign}")
        return read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def language(text: str) -> str:
    """Return a language tag as the feed wrote it, bounded."""
    return clean(text[:100])[:20]


def _second(text: str | None) -> str:
    """A leap second has no place on our clocks; it is the second before."""
    return "59" if text == "60" else text or "00"
