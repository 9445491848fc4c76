"""By what an entry is recognised: its guid inside its feed, its canonical link over all feeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlsplit

from monitor.model import Entry, Identified
from monitor.text import digest, fold
from monitor.urls import absolute, canonical, web_link


def identify(entries: Sequence[Entry], feed_url: str) -> tuple[Identified, ...]:
    """Give each entry its keys.

    1. guid; where it is an address, its canonical form, so that http → https is no new entry;
    2. a guid that stands on several entries of one document is joined with the link;
    3. without guid: the canonical link; without link: title and day;
    4. a link that stands under several headlines of one document, or that is a site's front page,
       identifies nothing.
    """
    links = [absolute(feed_url, entry.link) if entry.link else None for entry in entries]
    urls = [canonical(link) if link else None for link in links]
    shared = _shared(entries, urls)
    guids = Counter(entry.guid for entry in entries if entry.guid)
    return tuple(
        _identified(entry, link, None if url in shared else url, guids)
        for entry, link, url in zip(entries, links, urls, strict=True)
    )


def fingerprint(title: str, text: str) -> str:
    """Return a hash that differs when a reader would see another wording."""
    return digest(fold(title), fold(text), length=16)


def _shared(entries: Sequence[Entry], urls: Sequence[str | None]) -> set[str]:
    """Return the addresses that cannot tell one entry from another."""
    titles: dict[str, set[str]] = {}
    for entry, url in zip(entries, urls, strict=True):
        if url:
            titles.setdefault(url, set()).add(fold(entry.title))
    return {url for url, under in titles.items() if len(under) > 1 or _front_page(url)}


def _front_page(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in {"", "/"} and not parts.query


def _identified(entry: Entry, link: str | None, url: str | None, guids: Counter[str]) -> Identified:
    return Identified(
        entry=entry,
        key=_key(entry, url, repeated=bool(entry.guid and guids[entry.guid] > 1)),
        url=url,
        link=(web_link(link) if link else None) or "",
        fingerprint=fingerprint(entry.title, entry.summary),
    )


def _key(entry: Entry, url: str | None, *, repeated: bool) -> str:
    if entry.guid:
        name = canonical(entry.guid) or entry.guid
        return digest("guid", name, (url or fold(entry.title)) if repeated else "")
    if url:
        return digest("link", url)
    day = entry.published_at.date().isoformat() if entry.published_at else ""
    return digest("title", fold(entry.title), day)
