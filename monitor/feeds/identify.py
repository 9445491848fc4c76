"""By what an entry is recognised: its guid inside its feed, its canonical link over all feeds.

The rules look at a document as a whole, and at marks only. So an entry that is not parsed again
takes part with the marks that were kept of it, and every decision is the one that parsing the
whole document would have given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from monitor.model import UNREAD, Entry, Identified, Marks, ParsedFeed
from monitor.text import digest, fold
from monitor.urls import absolute, canonical, is_front_page, web_link

#: The share of a document's guids that may be missing or repeated before links take their place.
MAX_BAD_GUIDS = 0.05


def line_up(parsed: ParsedFeed, known: Mapping[str, Marks]) -> tuple[Entry | Marks, ...]:
    """Return a document's entries in its order; marks stand for those that were not parsed."""
    if not parsed.skipped:
        return parsed.entries
    read = iter(parsed.entries)
    return tuple(known[raw] if raw in known else next(read) for raw in parsed.raw_keys)


def bad_guids(document: Sequence[Identified]) -> int:
    """Count the entries whose guid is missing, or stands on others of the document as well.

    0 where no entry has one: then the links identify the entries anyway.
    """
    guids = Counter(one.marks.guid for one in document)
    if len(document) == guids[""]:
        return 0
    return sum(count for guid, count in guids.items() if not guid or count > 1)


def are_useless(bad: int, entries: int) -> bool:
    """Tell whether so many bad guids mean that a feed's guids identify nothing."""
    return bad > MAX_BAD_GUIDS * entries


def marks_of(entries: Sequence[Entry | Marks], feed_url: str) -> list[Marks]:
    """Return the marks of entries, which take most of the time of :func:`identify`."""
    return [one if isinstance(one, Marks) else _marks(one, _link(one, feed_url)) for one in entries]


def links_of(entries: Sequence[Entry | Marks], feed_url: str) -> list[str]:
    """Return the links of entries as they are shown, empty where there is none."""
    links = (_link(one, feed_url) for one in entries)
    return [(web_link(link) if link else None) or "" for link in links]


def identify(
    entries: Sequence[Entry | Marks],
    feed_url: str,
    *,
    by_link: bool = False,
    marks: Sequence[Marks] | None = None,
    links: Sequence[str] | None = None,
) -> tuple[Identified, ...]:
    """Give each entry its keys.

    1. guid; where it is an address, its canonical form, so that http → https is no new entry;
    2. a guid that stands on several entries of one document is joined with the link;
    3. without guid: the canonical link; without link: title and day;
    4. a link that stands under several headlines of one document, or that is a site's front page,
       identifies nothing.

    With ``by_link`` the link goes before the guid: the feed's guids have proved useless. ``marks``
    and ``links`` are those of the entries, where they are known already.
    """
    marks = marks_of(entries, feed_url) if marks is None else marks
    links = links_of(entries, feed_url) if links is None else links
    shared = _shared(marks)
    guids = Counter(one.guid for one in marks if one.guid)
    found = []
    for entry, mark, link in zip(entries, marks, links, strict=True):
        url = None if mark.url in shared else mark.url
        found.append(
            Identified(
                entry=UNREAD if isinstance(entry, Marks) else entry,
                marks=mark,
                key=_key(mark, url, repeated=guids[mark.guid] > 1, by_link=by_link),
                url=url,
                link=link,
                fingerprint=mark.fingerprint,
            )
        )
    return tuple(found)


def fingerprint(title: str, text: str) -> str:
    """Return a hash that differs when a reader would see another wording."""
    return digest(fold(title), fold(text), length=16)


def _link(entry: Entry | Marks, feed_url: str) -> str | None:
    if isinstance(entry, Marks) or not entry.link:
        return None
    return absolute(feed_url, entry.link)


def _marks(entry: Entry, link: str | None) -> Marks:
    guid = entry.guid or ""
    return Marks(
        guid=guid and digest(guid, length=16),
        name=guid and digest(canonical(guid) or guid, length=16),
        url=canonical(link) if link else None,
        title=digest(fold(entry.title), length=16),
        day=entry.published_at.date().isoformat() if entry.published_at else "",
        fingerprint=fingerprint(entry.title, entry.summary),
    )


def _shared(marks: Sequence[Marks]) -> set[str]:
    """Return the addresses that cannot tell one entry from another."""
    titles: dict[str, set[str]] = {}
    for mark in marks:
        if mark.url:
            titles.setdefault(mark.url, set()).add(mark.title)
    return {url for url, under in titles.items() if len(under) > 1 or is_front_page(url)}


def _key(mark: Marks, url: str | None, *, repeated: bool, by_link: bool) -> str:
    if url and by_link:
        return digest("link", url)
    if mark.guid:
        return digest("guid", mark.name, (url or mark.title) if repeated else "")
    if url:
        return digest("link", url)
    return digest("title", mark.title, mark.day)
