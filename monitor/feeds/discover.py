"""A web page to the feeds that it may have: what it declares, what looks like one, bare guesses.

Pure: whether a candidate is a feed at all is found out by whoever fetches it. Pages are hostile, so
they are read by a scanner that goes forward only, with a bound on everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from html import unescape
from urllib.parse import urlsplit

from monitor.feeds.merge import address
from monitor.text import clean, cut
from monitor.urls import MAX_LENGTH, absolute, web_link

#: Characters of a page that are read; feeds are declared in the head or linked in the foot.
MAX_PAGE = 2_000_000
MAX_LINKS = 2_000
MAX_CANDIDATES = 40
MAX_ATTRIBUTES = 30
_TYPES = {
    "application/rss+xml",
    "application/atom+xml",
    "application/rdf+xml",
    "application/feed+json",
    "application/json",
    "application/xml",
    "text/xml",
    "text/rss+xml",
    "application/x-rss+xml",
}
#: Paths at which common systems of publishing put their feed.
_COMMON = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json")
_TAG = re.compile(
    r"<(?:(!--)|(script|style|template|textarea)(?=[\s/>])|(link|a|base)(?=[\s/]))", re.IGNORECASE
)
# No value reaches over the next tag, so that a quote that is never closed costs no second reading.
_ATTRIBUTE = re.compile(
    r"""[\s/]*([^\s"'<>/=]{1,60})(?:\s*=\s*(?:"([^"<]{0,4100})"|'([^'<]{0,4100})'|([^\s"'<>]{1,4100})))?"""
)
_PATH = re.compile(
    r"(?:^|/)(?:rss|atom|feeds?|rdf)\d?(?:[/._-]|$)|[._-](?:rss|atom|rdf|feed)(?:\.xml|/?$)|\.xml$",
    re.IGNORECASE,
)
_QUERY = re.compile(
    r"(?:^|&)(?:(?:feed|rss)(?:[=&]|$)|\w{1,20}=(?:rss|atom|rdf)\d?(?:&|$))", re.IGNORECASE
)


class Found(StrEnum):
    """How a candidate was found, the surest way first."""

    DECLARED = "declared"  #: ``<link rel=alternate type=...>``
    LINKED = "linked"  #: ``<a href>`` that looks like a feed
    GUESSED = "guessed"  #: a common path; nobody said that it is there


_SUREST = list(Found)


@dataclass(frozen=True, slots=True)
class Candidate:
    url: str
    title: str  #: what the page calls it, or ""
    found: Found


def discover(page: str, base: str) -> tuple[Candidate, ...]:
    """Return the candidates of a page that was fetched from ``base``, the surest first.

    Addresses are absolute, http or https, without a user name, each named once. A ``<base>`` of the
    page counts.
    """
    start = base
    found: dict[str, Candidate] = {}
    for name, attributes in _tags(page[:MAX_PAGE]):
        if name == "base":
            start = absolute(base, attributes.get("href", "")) or start
        elif (way := _way(name, attributes)) is not None:
            _keep(found, _candidate(start, attributes, way))
        if len(found) >= MAX_LINKS:
            break
    for path in _COMMON:
        _keep(found, _candidate(base, {"href": path}, Found.GUESSED))
    ranked = sorted(found.values(), key=lambda one: _SUREST.index(one.found))
    return tuple(ranked[:MAX_CANDIDATES])


def _keep(found: dict[str, Candidate], one: Candidate | None) -> None:
    """Remember the surest way to each address."""
    if one is None:
        return
    before = found.setdefault(address(one.url), one)
    if _SUREST.index(one.found) < _SUREST.index(before.found):
        found[address(one.url)] = one


def _candidate(base: str, attributes: dict[str, str], way: Found) -> Candidate | None:
    target = absolute(base, attributes.get("href", ""))
    link = web_link(target) if target else None
    if link is None:
        return None
    title = cut(clean(attributes.get("title", "")), 200)
    return Candidate(link.partition("#")[0], title, way)


def _way(name: str, attributes: dict[str, str]) -> Found | None:
    """Tell in which way a link speaks of a feed, or None when it does not."""
    kind = attributes.get("type", "").partition(";")[0].strip().lower()
    if name == "link":
        relations = attributes.get("rel", "").lower().split()
        declared = "alternate" in relations or "feed" in relations
        return Found.DECLARED if declared and (kind in _TYPES or "feed" in relations) else None
    return Found.LINKED if kind in _TYPES or _looks_like_feed(attributes.get("href", "")) else None


def _looks_like_feed(href: str) -> bool:
    try:
        parts = urlsplit(href.strip()[:MAX_LENGTH])
    except ValueError:
        return False
    if parts.netloc.lower().startswith(("feeds.", "feed.", "rss.")):
        return True
    return bool(_PATH.search(parts.path) or _QUERY.search(parts.query))


def _tags(page: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield links, anchors and bases outside of comments and scripts, in the page's order."""
    at = 0
    while (tag := _TAG.search(page, at)) is not None:
        comment, unread, name = tag.groups()
        if comment:
            at = _beyond(page, "-->", tag.end())
        elif unread:
            at = _beyond(page, f"</{unread.lower()}", tag.end())
        else:
            attributes, at = _attributes(page, tag.end())
            yield name.lower(), attributes


def _beyond(page: str, close: str, at: int) -> int:
    """Return where ``close`` ends; what is never closed hides the rest of the page."""
    found = re.compile(re.escape(close), re.IGNORECASE).search(page, at)
    return found.end() if found else len(page)


def _attributes(page: str, at: int) -> tuple[dict[str, str], int]:
    """Return the attributes of the tag that is open at ``at``, the first of a name, and its end."""
    found: dict[str, str] = {}
    for _ in range(MAX_ATTRIBUTES):
        one = _ATTRIBUTE.match(page, at)
        if one is None:
            break
        name, *values = one.groups()
        found.setdefault(name.lower(), unescape(next(filter(None, values), "")).strip())
        at = one.end()
    return found, at
