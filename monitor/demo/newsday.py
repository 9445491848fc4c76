"""Loads the recorded news day from the files under ``day/`` and checks it.

One file per outlet: its feeds, and its items in a line shape of their own::

    07:12 world,top | Headline
      One to three sentences.
      - event: slug                     - trap: why it must not match
      - edit 11:20: New headline        - withdrawn: 16:30
      - link: https://...               - source: Outlet that wrote it
      - wire: slug                      - credit: words at the end of the wire's text

Times are Berlin wall time; before 07:00 means the next morning, ``~`` before a time the hours
before the day began. Reads package data only; knows no clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Literal, NoReturn

from monitor.demo.feed_documents import feed_document
from monitor.demo.sample import (
    DAY_END,
    DAY_START,
    ZONE,
    Behaviour,
    Edit,
    NewsDay,
    Outlet,
    SampleFeed,
    SampleItem,
    Trouble,
    TroubleKind,
)
from monitor.documents import Document, Field, Tree, check, parse
from monitor.errors import InputError, Problem

__all__ = [
    "DAY_END",
    "DAY_START",
    "NewsDay",
    "Outlet",
    "SampleFeed",
    "SampleItem",
    "TroubleKind",
    "feed_document",
    "load_day",
    "read_outlets",
]

_HEAD = re.compile(r"(~?\d\d:\d\d) ([a-z]+(?:,[a-z]+)*) \| (\S.*)")
_NOTE = re.compile(r"- (event|trap|edit|withdrawn|link|source|wire|credit)(?: (\d\d:\d\d))?: (.+)")
_TIME = re.compile(r"(~?)([01]\d|2[0-3]):([0-5]\d)")
_SLUG_WORDS = 9


class _TroubleRow(Document):
    kind: TroubleKind
    start: str = Field(default="", alias="from")
    end: str = Field(default="", alias="to")


class _FeedRow(Document):
    path: str
    section: str
    title: str
    tags: list[str]
    kind: Literal["rss", "atom", "rdf"] = "rss"
    language: str = ""
    size: int = 20
    etag: Literal["strong", "weak", ""] = ""
    last_modified: bool = False
    coding: Literal["gzip", ""] = ""
    charset: str = "utf-8"
    charset_in: Literal["xml", "http"] = "xml"
    moved_to: str = ""
    max_age_s: int = 0
    retry_after_s: int = 0
    ttl_min: int = 0
    markup: bool = False
    restless: bool = False
    omit: list[Literal["guid", "date"]] = Field(default_factory=list)
    troubles: list[_TroubleRow] = Field(default_factory=list)


class _OutletFile(Document):
    outlet: str
    domain: str
    country: str
    language: str
    state_affiliated: bool = False
    feeds: list[_FeedRow]
    items: str


@dataclass(slots=True)
class _Draft:
    """An item while its lines are being read."""

    line: int
    at: datetime
    sections: tuple[str, ...]
    title: str
    text: list[str] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    edits: list[Edit] = field(default_factory=list)
    withdrawn_at: datetime | None = None


def load_day() -> NewsDay:
    """Return the recorded day that ships with the program."""
    folder = resources.files("monitor.demo") / "day"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")),
                   key=lambda file: file.name)  # fmt: skip
    return read_outlets((file.name, file.read_text("utf-8")) for file in files)


def read_outlets(files: Iterable[tuple[str, str]]) -> NewsDay:
    """Read ``(name, text)`` pairs as outlets; raises InputError, codes D001 to D004 and Y001 on."""
    read = []
    for name, text in files:
        tree = parse(text, name)
        row = check(_OutletFile, tree)
        read.append((row, tree, list(_drafts(row.items, tree))))
    wires = {
        draft.notes["wire"]: " ".join(draft.text)
        for _, _, drafts in read
        for draft in drafts
        if "wire" in draft.notes and draft.text
    }
    return NewsDay(tuple(_outlet(row, tree, drafts, wires) for row, tree, drafts in read))


def _drafts(text: str, tree: Tree) -> Iterator[_Draft]:
    draft: _Draft | None = None
    for line, content in enumerate(text.splitlines(), tree.line(("items",)) + 1):
        stripped = content.strip()
        head = _HEAD.fullmatch(content.rstrip())
        if head:
            if draft:
                yield draft
            sections = tuple(head[2].split(","))
            draft = _Draft(line, _moment(head[1], tree, line), sections, head[3])
        elif draft and content.startswith(" ") and stripped:
            _add_line(draft, stripped, tree, line)
        elif stripped:
            _refuse(tree, line, "N001", "neither 'HH:MM section | Title' nor an indented line")
    if draft:
        yield draft


def _add_line(draft: _Draft, content: str, tree: Tree, line: int) -> None:
    if not content.startswith("- "):
        draft.text.append(content)
        return
    note = _NOTE.fullmatch(content)
    if note is None or (note[1] == "edit") != bool(note[2]):
        _refuse(tree, line, "N002", f"no such note: {content[:40]!r}")
    if note[2]:
        draft.edits.append(Edit(_moment(note[2], tree, line), note[3]))
    elif note[1] == "withdrawn":
        draft.withdrawn_at = _moment(note[3], tree, line)
    else:
        draft.notes[note[1]] = note[3]


def _moment(text: str, tree: Tree, line: int) -> datetime:
    match = _TIME.fullmatch(text)
    if match is None:
        _refuse(tree, line, "N003", f"{text!r} is no time of day", "write HH:MM")
    hour, minute = int(match[2]), int(match[3])
    day = DAY_START.astimezone(ZONE).replace(hour=hour, minute=minute)
    if match[1]:
        shift = timedelta(days=-1 if hour >= 7 else 0)
    else:
        shift = timedelta(days=0 if hour >= 7 else 1)
    return (day + shift).astimezone(UTC)


def _refuse(tree: Tree, line: int, code: str, what: str, hint: str = "") -> NoReturn:
    raise InputError([Problem(tree.source, line, code, what, hint)])


def _outlet(row: _OutletFile, tree: Tree, drafts: list[_Draft], wires: dict[str, str]) -> Outlet:
    known = {feed.section for feed in row.feeds}
    for draft in drafts:
        strange = set(draft.sections) - known
        if strange:
            _refuse(tree, draft.line, "N004", f"no feed has the section {min(strange)!r}")
    items = tuple(_item(row, i, draft, wires) for i, draft in enumerate(drafts, 1))
    feeds = tuple(_feed(row, tree, feed, items) for feed in row.feeds)
    return Outlet(row.outlet, row.domain, row.country, row.state_affiliated, feeds, items)


def _item(row: _OutletFile, number: int, draft: _Draft, wires: dict[str, str]) -> SampleItem:
    notes = draft.notes
    text = " ".join(draft.text) or wires.get(notes.get("wire", ""), "")
    link = notes.get("link") or _link(row.domain, number, draft)
    return SampleItem(
        number=number,
        published_at=draft.at,
        sections=draft.sections,
        title=draft.title,
        summary=" ".join([text, notes["credit"]]) if "credit" in notes else text,
        link=link,
        guid=f"tag:{row.domain},2026:{number}",
        source=notes.get("source", ""),
        edits=tuple(sorted(draft.edits, key=lambda edit: edit.at)),
        withdrawn_at=draft.withdrawn_at,
        event=notes.get("event", ""),
        trap=notes.get("trap", ""),
        wire=notes.get("wire", ""),
    )


def _link(domain: str, number: int, draft: _Draft) -> str:
    day = draft.at.astimezone(ZONE)
    words = re.findall(r"[a-z0-9]+", draft.title.lower()) if draft.title.isascii() else []
    slug = "-".join([*words[:_SLUG_WORDS], str(number)])
    return f"https://{domain}/{day:%Y/%m/%d}/{slug}"


def _feed(
    row: _OutletFile, tree: Tree, feed: _FeedRow, items: tuple[SampleItem, ...]
) -> SampleFeed:
    own = sorted((item for item in items if feed.section in item.sections),
                 key=lambda item: (item.published_at, item.number))  # fmt: skip
    return SampleFeed(
        path=feed.path,
        title=feed.title,
        outlet=row.outlet,
        domain=row.domain,
        language=feed.language or row.language,
        country=row.country,
        tags=tuple(feed.tags),
        state_affiliated=row.state_affiliated,
        kind=feed.kind,
        size=feed.size,
        behaviour=_behaviour(feed, tree),
        items=tuple(own),
    )


def _behaviour(feed: _FeedRow, tree: Tree) -> Behaviour:
    return Behaviour(
        etag=feed.etag,
        last_modified=feed.last_modified,
        coding=feed.coding,
        charset=feed.charset,
        charset_in=feed.charset_in,
        moved_to=feed.moved_to,
        max_age_s=feed.max_age_s,
        retry_after_s=feed.retry_after_s,
        ttl_min=feed.ttl_min,
        markup=feed.markup,
        restless=feed.restless,
        omit=tuple(feed.omit),
        troubles=tuple(_trouble(row, tree) for row in feed.troubles),
    )


def _trouble(row: _TroubleRow, tree: Tree) -> Trouble:
    line = tree.line(("feeds",))
    start = _moment(row.start, tree, line) if row.start else DAY_START - timedelta(days=1)
    end = _moment(row.end, tree, line) if row.end else DAY_END + timedelta(days=365)
    return Trouble(row.kind, start, end)
