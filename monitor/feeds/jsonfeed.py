"""A JSON Feed, version 1 or 1.1 (jsonfeed.org), to entries. Runs inside a parse worker.

Values of a wrong type are taken for missing, entries that are no objects or hold nothing are left
out and counted. It follows no ``next_url`` and reads no attachment.
"""

from __future__ import annotations

import json
import re
from typing import Any

from monitor.errors import ParseError
from monitor.feeds.fields import (
    MAX_ENTRIES,
    MAX_NAME,
    MAX_TEXT,
    MAX_TITLE,
    key,
    language,
    line,
    moment,
)
from monitor.feeds.markup import plain
from monitor.model import Entry, ParsedFeed, PollOutcome
from monitor.text import clean, cut

#: Characters of a document; a fetched body is smaller, so this only guards other callers.
MAX_CHARACTERS = 16_000_000
_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/1(?:\.(\d{1,3}))?/?")


def read_json(text: str) -> ParsedFeed:
    """Read a JSON Feed; raises ParseError (not-a-feed) when it is other or broken JSON."""
    data = _decoded(text)
    if not isinstance(data, dict):
        raise _refused("the body is JSON, but no JSON Feed: a list or a bare value")
    version = _VERSION.fullmatch(_text(data, "version").strip())
    items = data.get("items")
    if version is None:
        raise _refused("the body is JSON, but names no version of JSON Feed that is known")
    if not isinstance(items, list):
        raise _refused("the JSON Feed has no list of items")
    entries, skipped = _entries(items[:MAX_ENTRIES])
    return ParsedFeed(
        kind=f"json1{version[1] or 0}",
        title=line(_text(data, "title"), MAX_TITLE),
        entries=entries,
        language=language(_text(data, "language")),
        left_out=max(0, len(items) - MAX_ENTRIES),
        warnings=_warnings(skipped, ended=data.get("expired") is True),
    )


def _decoded(text: str) -> Any:
    if len(text) > MAX_CHARACTERS:
        raise _refused("the JSON is larger than is read")
    try:
        # Numbers stay as written: an id of 20 digits is a name, and a huge one costs no arithmetic.
        return json.loads(text, parse_int=str, parse_float=str, parse_constant=_nothing)
    except json.JSONDecodeError as error:
        raise _refused(f"the JSON is broken in line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise _refused("the JSON is nested too deeply") from None


def _nothing(_: str) -> None:
    """Take NaN and the infinities, which are no JSON, for missing values."""


def _entries(items: list[Any]) -> tuple[tuple[Entry, ...], int]:
    """Return the entries and how many items were none."""
    read = [_entry(item) if isinstance(item, dict) else None for item in items]
    entries = tuple(entry for entry in read if entry is not None)
    return entries, len(read) - len(entries)


def _entry(item: dict[str, Any]) -> Entry | None:
    entry = Entry(
        guid=key(_text(item, "id")),
        link=key(_text(item, "url")) or key(_text(item, "external_url")),
        title=line(_text(item, "title"), MAX_TITLE),
        summary=_summary(item),
        published_at=moment(_text(item, "date_published")) or moment(_text(item, "date_modified")),
        author=_author(item),
    )
    return entry if entry.title or entry.summary or entry.link else None


def _summary(item: dict[str, Any]) -> str:
    """Return the longest of the three texts that an item may have."""
    texts = (
        clean(_text(item, "content_text")[: 4 * MAX_TEXT]),
        plain(_text(item, "content_html")),
        plain(_text(item, "summary")),
    )
    return cut(max(texts, key=len), MAX_TEXT)


def _author(item: dict[str, Any]) -> str:
    """Return the names of ``authors``, or of version 1's ``author``."""
    authors = item.get("authors")
    people = authors[:20] if isinstance(authors, list) else [item.get("author")]
    names = [_text(one, "name") for one in people if isinstance(one, dict)]
    return line(", ".join(name[:MAX_NAME] for name in names if name), MAX_NAME)


def _text(data: dict[str, Any], name: str) -> str:
    """Return the string, or the number, under ``name``; anything else is missing."""
    value = data.get(name)
    return value if isinstance(value, str) else ""


def _warnings(skipped: int, *, ended: bool) -> tuple[str, ...]:
    told = []
    if skipped:
        told.append(f"{skipped} items of the JSON Feed held nothing to read and were left out")
    if ended:
        told.append("the feed says of itself that it has ended")
    return tuple(told)


def _refused(what: str) -> ParseError:
    return ParseError(PollOutcome.NOT_A_FEED, what)
