"""A news sitemap (``<urlset>`` with ``news:news``) to entries. Runs inside a parse worker.

Read by expat as a stream of events, without a tree; a document type is refused, so there are no
entities to expand. Pages of a sitemap that are no news are left out: they have no headline.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.parsers import expat

from monitor.errors import ParseError
from monitor.feeds.fields import MAX_ENTRIES, MAX_NAME, MAX_TITLE, key, language, line, moment
from monitor.model import Entry, ParsedFeed, PollOutcome
from monitor.text import clean

#: What the protocol allows in one sitemap (sitemaps.org); the news part allows 1,000.
MAX_PAGES = 50_000
MAX_DEPTH = 20
MAX_FIELD = 8_192
_NEWS = "sitemap-news/"
#: An ampersand that begins no entity which XML knows: a common slip in addresses.
_BARE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)")
_FIELDS = {
    ("loc",): "link",
    ("lastmod",): "changed",
    ("news", "title"): "title",
    ("news", "publication_date"): "published",
    ("news", "publication", "name"): "outlet",
    ("news", "publication", "language"): "language",
}
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def read_sitemap(text: str) -> ParsedFeed:
    """Read a news sitemap; raises ParseError (not-a-feed) for one without news, or no sitemap.

    What stands before a place where the XML breaks is kept, and the result is ``truncated``.
    """
    reader, fault = _events(text)
    if fault and _BARE.search(text):
        reader, fault = _events(_BARE.sub("&amp;", text))
    entries = [entry for page in reader.pages if (entry := _entry(page)) is not None]
    if not entries and (fault or reader.others or not reader.says_news):
        raise ParseError(PollOutcome.NOT_A_FEED, _what_it_is(reader, fault))
    return ParsedFeed(
        kind="news-sitemap",
        title=_first(reader.pages, "outlet", MAX_TITLE),
        entries=_newest(entries),
        language=language(_first(reader.pages, "language", MAX_NAME)),
        truncated=bool(fault),
        left_out=max(0, len(entries) - MAX_ENTRIES) + reader.beyond,
        warnings=_warnings(len(reader.pages) - len(entries), fault),
    )


class _Stop(Exception):  # noqa: N818 - a signal out of expat's callbacks, not an error
    """Reading must not go on; the text says why."""


@dataclass(slots=True)
class _Reader:
    """Collects the fields of each page; paths are local names below the root."""

    root: str = ""
    says_news: bool = False
    pages: list[dict[str, str]] = field(default_factory=list)
    others: int = 0  #: pages without news
    beyond: int = 0  #: pages with news beyond the cap
    _path: list[str] = field(default_factory=list)
    _page: dict[str, str] = field(default_factory=dict)
    _text: list[str] = field(default_factory=list)
    _room: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if not self._path:
            self.root = local
            self.says_news = any(_NEWS in value for value in attributes.values())
            if local != "urlset":
                raise _Stop
        if len(self._path) >= MAX_DEPTH:
            raise _Stop(f"nested deeper than {MAX_DEPTH} levels")
        self._path.append(local)
        if self._path == ["urlset", "url"]:
            self._page = {}
        elif self._path == ["urlset", "url", "news"]:
            self._page["news"] = "yes"
        self._text, self._room = [], MAX_FIELD

    def data(self, text: str) -> None:
        if self._room > 0:
            self._text.append(text[: self._room])
            self._room -= len(text)

    def end(self, _: str) -> None:
        if self._path[:2] == ["urlset", "url"]:
            name = _FIELDS.get(tuple(self._path[2:]))
            if name:
                self._page.setdefault(name, "".join(self._text))
            elif len(self._path) == 2:
                self._close()
        self._path.pop()
        self._text, self._room = [], 0

    def doctype(self, *_: object) -> None:
        raise _Stop("it has a document type, which no sitemap needs")

    def _close(self) -> None:
        if "news" not in self._page:
            self.others += 1
        elif len(self.pages) < MAX_PAGES:
            self.pages.append(self._page)
        else:
            self.beyond += 1


def _events(text: str) -> tuple[_Reader, str]:
    """Read as far as the XML is sound; return what was found, and where and why it ended."""
    reader = _Reader()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.data
    parser.StartDoctypeDeclHandler = reader.doctype
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        return reader, f"the XML is broken in line {error.lineno}"
    except _Stop as stop:
        return reader, str(stop)
    return reader, ""


def _entry(page: dict[str, str]) -> Entry | None:
    link, title = key(page.get("link", "")), line(page.get("title", ""), MAX_TITLE)
    if not link or not title:
        return None
    return Entry(
        guid=None,
        link=link,
        title=title,
        summary="",
        published_at=moment(page.get("published", "")) or moment(page.get("changed", "")),
        source=line(page.get("outlet", ""), MAX_NAME),
    )


def _newest(entries: list[Entry]) -> tuple[Entry, ...]:
    """Keep the document's order, and of too many entries the newest: sitemaps come in any order."""
    if len(entries) <= MAX_ENTRIES:
        return tuple(entries)
    entries.sort(key=lambda entry: entry.published_at or _LONG_AGO, reverse=True)
    return tuple(entries[:MAX_ENTRIES])


def _first(pages: list[dict[str, str]], name: str, limit: int) -> str:
    return next((line(page[name], limit) for page in pages if page.get(name)), "")


def _what_it_is(reader: _Reader, fault: str) -> str:
    if reader.root == "sitemapindex":
        return "an index of sitemaps; give the address of the news sitemap that it lists"
    if reader.root and reader.root != "urlset":
        return f"the document is <{clean(reader.root)[:60]}>, not a sitemap"
    if fault:
        return f"a sitemap that cannot be read: {fault}"
    return "a sitemap without news: its pages have no headlines"


def _warnings(skipped: int, fault: str) -> tuple[str, ...]:
    told = [fault] if fault else []
    if skipped:
        told.append(f"{skipped} pages of the sitemap had no address or no headline")
    return tuple(told)
