"""A feed document to entries. Home of feedparser; runs only inside a parse worker.

feedparser can be hung for a minute by 29 kB and raises on 3 % of damaged feeds, so nothing here
runs in the daemon's own process, and every exception that escapes it becomes a ParseError.
"""

from __future__ import annotations

import calendar
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import feedparser
from feedparser.api import StrictFeedParser

from monitor import __version__
from monitor.errors import ParseError
from monitor.feeds.declared import declared
from monitor.feeds.decode import JSON, Decoded, decode
from monitor.feeds.fields import MAX_ENTRIES, MAX_KEY, MAX_TEXT, MAX_TITLE
from monitor.feeds.jsonfeed import read_json
from monitor.feeds.markup import plain
from monitor.feeds.regular import Fields, read_regular
from monitor.feeds.sitemap import read_sitemap
from monitor.feeds.split import Cut, split
from monitor.model import Entry, ParsedFeed, PollOutcome
from monitor.text import clean, cut

_HTML_ROOTS = {"html", "body", "head", "script"}
#: What a namespace is called in the rules of feedparser, whatever a document calls it.
_PREFIXES = {uri.lower(): prefix for uri, prefix in StrictFeedParser.namespaces.items()}
#: What else the values of an entry depend on: another release may read the same bytes otherwise.
_STAMP = f"{__version__}/{feedparser.__version__}"
# Its own list names a reader that nobody installs; ours is asked first.
feedparser.api.PREFERRED_XML_PARSERS = ["monitor.feeds.expat"]
_XML_HEADERS = {"content-type": "application/xml; charset=utf-8"}


def read(
    body: bytes, content_type: str | None, language: str = "", known: Collection[str] = ()
) -> ParsedFeed:
    """Parse ``body``; raises ParseError (not-a-feed) when it is something else.

    Entries whose raw keys are in ``known`` are left out where the document can be cut.
    """
    decoded = decode(body, content_type, language)
    if decoded.root.lower() in _HTML_ROOTS:
        raise ParseError(PollOutcome.NOT_A_FEED, "an HTML page came instead of a feed")
    if decoded.root == JSON:
        return replace(read_json(decoded.text), warnings=_warnings(decoded))
    if decoded.root.rpartition(":")[2] in {"urlset", "sitemapindex"}:
        return replace(read_sitemap(decoded.text), warnings=_warnings(decoded))
    data = decoded.text.encode("utf-8")
    truncated = _breaks_off(decoded)
    cut_up = None if truncated else split(data, _PREFIXES, _STAMP)
    return (cut_up and _read_new(decoded, cut_up, known)) or _read_whole(
        decoded, data, cut_up, truncated=truncated
    )


def _read_whole(
    decoded: Decoded, data: bytes, cut_up: Cut | None, *, truncated: bool
) -> ParsedFeed:
    beyond = 0
    if cut_up and len(cut_up.keys) > MAX_ENTRIES:  # they would take the parser past its deadline
        data = cut_up.reduced(range(MAX_ENTRIES))
        beyond = len(cut_up.keys) - MAX_ENTRIES
    found = _feedparser(data)
    if not (found.get("version") or any("title" in one or "link" in one for one in found.entries)):
        raise ParseError(
            PollOutcome.NOT_A_FEED, f"the document is <{clean(decoded.root)}>, not RSS or Atom"
        )
    raw = list(found.entries)
    if truncated and _last_entry_open(decoded.text):
        raw = raw[:-1]  # half an entry may lack its guid and would come back as another
    parsed = replace(
        _parsed(found, map(_entry, raw[:MAX_ENTRIES]), decoded),
        truncated=truncated,
        left_out=beyond + max(0, len(raw) - MAX_ENTRIES),
    )
    if cut_up is None or found.bozo or len(cut_up.keys) != len(raw) + beyond:
        return parsed
    return replace(parsed, raw_keys=cut_up.keys[:MAX_ENTRIES])


def _read_new(decoded: Decoded, cut_up: Cut, known: Collection[str]) -> ParsedFeed | None:
    """Parse what is new and not read yet; None when the document must be read whole after all."""
    keys = cut_up.keys[:MAX_ENTRIES]
    new = [number for number, key in enumerate(keys) if not (key and key in known)]
    at_hand = _read_regular(cut_up, new)
    for_parser = {number for number in new if at_hand.get(number) is None}
    if len(for_parser) == len(keys):
        return None
    found = _feedparser(cut_up.reduced(for_parser))
    if found.bozo or not found.get("version") or len(found.entries) != len(for_parser):
        return None
    parsed = iter(found.entries)
    entries = [
        _entry(next(parsed)) if fields is None else _regular(fields)
        for fields in map(at_hand.get, new)
    ]
    return replace(
        _parsed(found, entries, decoded),
        left_out=len(cut_up.keys) - len(keys),
        raw_keys=keys,
        skipped=len(keys) - len(new),
    )


def _read_regular(cut_up: Cut, new: Sequence[int]) -> dict[int, Fields | None]:
    """Read those of the ``new`` entries that are regular; what unsettles the parser ends it."""
    unsettling = cut_up.keys.index("") if "" in cut_up.keys else len(cut_up.keys)
    numbers = [number for number in new if number < unsettling]
    if not numbers:
        return {}
    data = cut_up.reduced(frozenset(numbers))
    return dict(zip(numbers, read_regular(data, cut_up, _PREFIXES), strict=False))


def _parsed(found: Any, entries: Iterable[Entry], decoded: Decoded) -> ParsedFeed:
    wishes = declared(found.feed, decoded.text)
    return ParsedFeed(
        kind=str(found.get("version") or decoded.root.rpartition(":")[2].lower()[:20]),
        title=_line(found.feed.get("title"), MAX_TITLE),
        entries=tuple(entries),
        language=clean(str(found.feed.get("language") or ""))[:20],
        ttl_s=wishes.least_s,
        skip_hours=wishes.skip_hours,
        skip_days=wishes.skip_days,
        warnings=_warnings(decoded),
    )


def _feedparser(data: bytes) -> Any:
    try:
        return feedparser.parse(
            io.BytesIO(data),
            sanitize_html=False,
            resolve_relative_uris=False,
            response_headers=_XML_HEADERS,
        )
    except Exception as error:
        cause = type(error).__name__
        raise ParseError(PollOutcome.NOT_A_FEED, f"the parser gave up: {cause}") from error


def _breaks_off(decoded: Decoded) -> bool:
    return decoded.text.rfind(f"</{decoded.root}") < 0  # from behind, where it stands as a rule


def _last_entry_open(text: str) -> bool:
    opened = max(text.rfind("<item"), text.rfind("<entry"))
    closed = max(text.rfind("</item"), text.rfind("</entry"))
    return opened > closed


def _entry(raw: Any) -> Entry:
    contents = [str(part.get("value") or "") for part in raw.get("content") or []]
    source = raw.get("source") or {}
    return _made(
        raw,
        [str(raw.get("summary") or ""), *contents],
        # dict.get: feedparser's own would warn where it stands in for a missing date
        _when(dict.get(raw, "published_parsed") or dict.get(raw, "updated_parsed")),
        source.get("title"),
    )


def _regular(fields: Fields) -> Entry:
    """Return an entry that was read in the cutting; a guid stands in for a link, as it may."""
    texts, when = fields.texts, fields.when
    content = texts.get("content", "")
    values = {**texts, "link": texts.get("link", texts.get("permalink"))}
    moment = when.get("published") or when.get("updated")
    return _made(
        values, [texts.get("summary", content), content], _in_range(moment), texts.get("source")
    )


def _made(raw: Mapping[str, Any], texts: list[str], at: datetime | None, source: Any) -> Entry:
    guid, title = _key(raw.get("id")), _line(raw.get("title"), MAX_TITLE)
    return Entry(
        guid=guid,
        link=_link(raw, guid),
        title=title,
        summary=cut(plain(max(texts, key=len)), MAX_TEXT),
        published_at=at,
        author=_line(raw.get("author"), 200),
        source=_line(source, 200),
    )


def _key(value: Any) -> str | None:
    text = clean(str(value or ""))
    return text[:MAX_KEY] or None


def _link(raw: Mapping[str, Any], guid: str | None) -> str | None:
    """Return the link; feedparser takes any guid for one, so what is no address is left out."""
    link = _key(raw.get("link"))
    if link and link == guid and not link.lower().startswith(("http:", "https:")):
        return None
    return link


def _line(value: Any, limit: int) -> str:
    return cut(plain(str(value or "")), limit)


def _when(parsed: Any) -> datetime | None:
    if not parsed:
        return None
    try:
        moment = datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError, TypeError):
        return None
    return _in_range(moment)


def _in_range(moment: datetime | None) -> datetime | None:
    return moment if moment and 1990 <= moment.year <= 2200 else None


def _warnings(decoded: Decoded) -> tuple[str, ...]:
    if not decoded.replaced:
        return ()
    return (f"{decoded.replaced} characters were not valid {decoded.charset} and were replaced",)
