"""feeds.yaml to feeds: strict, with file:line for every fault. Never opens the file itself."""

from __future__ import annotations

from datetime import date

from monitor.documents import Document, Field, Tree, check, parse
from monitor.errors import InputError, Problem
from monitor.model import Feed
from monitor.times import parse_duration
from monitor.urls import canonical, outlet_of


class FeedEntry(Document):
    """One feed as a user writes it."""

    url: str = Field(description="address of the feed, http or https")
    title: str = Field(min_length=1, description="name shown to the reader")
    outlet: str = Field(default="", description="who publishes it; default: the address's host")
    language: str = Field(default="", description="BCP 47 primary tag of the feed, such as fa")
    country: str = Field(default="", description="ISO 3166-1 alpha-2 of the outlet")
    tags: tuple[str, ...] = Field(default=(), description="free words to select feeds by")
    state_affiliated: bool = Field(default=False, description="owned or controlled by a state")
    interval: str = Field(default="", description="least time between polls, such as 30m")
    expect: str = Field(default="", description="how often it should bring news, such as 1d")
    since: str = Field(default="", description="what it held from this day on is news: 2026-03-01")


class Catalogue(Document):
    """The whole of feeds.yaml."""

    feeds: tuple[FeedEntry, ...] = Field(description="the feeds to poll")


def load_feeds(text: str, source: str) -> tuple[Feed, ...]:
    """Read feeds.yaml; raises InputError (Y0xx, F001 address, F002 twice, F003 interval)."""
    tree = parse(text, source)
    entries = check(Catalogue, tree).feeds
    problems = [found for i, entry in enumerate(entries) for found in _faults(tree, i, entry)]
    problems += _repeated(tree, entries)
    if problems:
        raise InputError(problems)
    return tuple(_feed(entry) for entry in entries)


def _faults(tree: Tree, index: int, entry: FeedEntry) -> list[Problem]:
    found = []
    if canonical(entry.url) is None:
        found.append(tree.problem(("feeds", index, "url"), "F001", *_bad_address(entry.url)))
    for key in ("interval", "expect"):
        value = getattr(entry, key)
        if value and not _interval(value):
            what = f"'{value}' is not a length of time"
            found.append(tree.problem(("feeds", index, key), "F003", what, "write 30m or 2h"))
    if entry.since and _day(entry.since) is None:
        what = f"'{entry.since}' is not a day"
        found.append(tree.problem(("feeds", index, "since"), "F003", what, "write 2026-03-01"))
    return found


def _bad_address(url: str) -> tuple[str, str]:
    if "@" in url:  # not shown: what stands before it may be a password
        return "the address of this feed holds a user name", "feeds behind a login are not polled"
    return f"'{url[:80]}' is not an http or https address", "write it in full"


def _repeated(tree: Tree, entries: tuple[FeedEntry, ...]) -> list[Problem]:
    first: dict[str, int] = {}
    found = []
    for index, entry in enumerate(entries):
        before = first.setdefault(entry.url, index)
        if before != index:
            what = f"the feed {entry.url[:80]} stands twice"
            hint = f"keep the one in line {tree.line(('feeds', before, 'url'))} or this one"
            found.append(tree.problem(("feeds", index, "url"), "F002", what, hint))
    return found


def _interval(text: str) -> float | None:
    try:
        return parse_duration(text) if text else None
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _feed(entry: FeedEntry) -> Feed:
    return Feed(
        url=entry.url,
        title=entry.title,
        outlet=entry.outlet or outlet_of(entry.url),
        language=entry.language,
        country=entry.country,
        tags=entry.tags,
        state_affiliated=entry.state_affiliated,
        interval_s=_interval(entry.interval),
        expect_s=_interval(entry.expect),
        since=_day(entry.since),
    )
