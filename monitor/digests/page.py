"""A digest as it lies before the reader: numbered, worded, clean, and still without markup.

Decides what every rendering says, so that mail, Slack and text list the same stories under the
same numbers. Never escapes: that belongs to each renderer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from monitor.digests import health, phrases
from monitor.digests.charts import Chart, chart
from monitor.digests.entries import Entry, Frame, entry
from monitor.digests.judge import new_members
from monitor.model import Digest, DigestStory, Flood, Surge
from monitor.text import clean

_MORE = "newsmonitor stories list"
_QUIET = 40  # names
_NUMBERS = 40
_SURGES = 12
_SENTENCE = 200
TRIAL = "This list is tried out: it is not counted above and never alerts."


@dataclass(frozen=True, slots=True)
class Shape:
    """How much of each section a rendering has room for."""

    full: int = 10  #: stories shown whole, then titles only
    listed: int = 1_000  #: stories named in a section at all
    sections: int = 1_000
    charts: int = 1_000


WHOLE = Shape()


@dataclass(frozen=True, slots=True)
class Block:
    """One watchlist's section, or as much of it as there is room for."""

    title: str
    total: int  #: stories of this watchlist, wherever they stand
    stories: tuple[Entry, ...]
    full: int  #: how many of them are shown whole
    left_out: int
    pointers: tuple[int, ...]  #: numbers of its stories at the head or under a stronger list
    chart: Chart | None = None
    note: str = ""

    @property
    def count(self) -> str:
        return phrases.count(self.total, "story", "stories")

    @property
    def entries(self) -> tuple[Entry, ...]:
        return self.stories[: self.full]

    @property
    def titles(self) -> tuple[Entry, ...]:
        return self.stories[self.full :]

    @property
    def elsewhere(self) -> str:
        if not self.pointers:
            return ""
        more = " …" if len(self.pointers) > _NUMBERS else ""
        also = "also " if self.stories else ""
        return f"See {also}{phrases.ranges(self.pointers[:_NUMBERS])}{more}"

    @property
    def rest(self) -> str:
        more = phrases.count(self.left_out, "more story", "more stories")
        return f"and {more}: {_MORE}" if self.left_out else ""


@dataclass(frozen=True, slots=True)
class Page:
    """All that a rendering shows, in this order."""

    title: str
    heading: str
    day: str
    summary: str
    window: str
    warning: str
    empty: str
    flood: tuple[str, ...]  #: sentences: far more than usual, and from where
    surges: tuple[str, ...]
    top: tuple[Entry, ...]
    blocks: tuple[Block, ...]
    beyond: str  #: the sections there is no room for, counted
    quiet: str
    well: bool
    health: str
    troubles: tuple[str, ...]
    remarks: tuple[str, ...]  #: notices, gaps and caps
    footer: tuple[str, ...]


def lay_out(digest: Digest, *, version: str, contact: str = "", shape: Shape = WHOLE) -> Page:
    """Lay a digest out; ``contact`` is whom to ask for a change, in the operator's words."""
    zone = ZoneInfo(digest.timezone)
    frame = Frame(_titles(digest), zone, digest.window.start, digest.window.end)
    entries = {
        story.story.id: entry(story, number, frame, update=_update(story, digest))
        for number, story in enumerate(listed(digest), 1)
    }
    covered = digest.coverage
    whole = Page(
        title=phrases.isolated(phrases.heading(digest.title)),
        heading=phrases.headcount(digest),
        day=phrases.headline_day(digest),
        summary=_summary(digest),
        window=phrases.window(digest.window, zone),
        warning=phrases.warning(digest),
        empty="" if digest.stories else health.empty(digest),
        flood=tuple(_flood(digest.flood)) if digest.flood else (),
        surges=tuple(_surges(digest, frame)),
        top=tuple(entries[story.story.id] for story in digest.top),
        blocks=tuple(_blocks(digest, entries)),
        beyond="",
        quiet=_quiet(digest, frame.titles),
        well=health.is_well(covered),
        health=health.health(covered),
        troubles=health.troubles(covered, zone, digest.window.end),
        remarks=health.sentences((*covered.notices, *covered.gaps, *covered.caps)),
        footer=footer("digest", digest.profile, digest.id, version, contact),
    )
    return fit(whole, shape)


def listed(digest: Digest) -> tuple[DigestStory, ...]:
    """Return every story that a digest names, in the order in which all renderings number them."""
    sections = (story for section in digest.sections for story in section.stories)
    return (*digest.top, *sections)


def fit(page: Page, shape: Shape) -> Page:
    """Return as much of the page as the shape has room for, with the rest counted."""
    kept, cut_off = page.blocks[: shape.sections], page.blocks[shape.sections :]
    shown = {entry.number for entry in page.top}
    shown |= {entry.number for block in kept for entry in block.stories[: shape.listed]}
    blocks = tuple(
        replace(
            block,
            stories=block.stories[: shape.listed],
            full=min(block.full, shape.full),
            left_out=block.left_out + len(block.stories[shape.listed :]),
            pointers=tuple(number for number in block.pointers if number in shown),
            chart=block.chart if place < shape.charts else None,
        )
        for place, block in enumerate(kept)
    )
    return replace(page, blocks=blocks, beyond=_beyond(cut_off))


def footer(kind: str, owner: str, key: str, version: str, contact: str) -> tuple[str, ...]:
    """Return how to change or stop a message, and the key under which the log knows it."""
    whom = clean(contact).removeprefix("mailto:") or "whoever runs this watch"
    how = (
        f"This is the {kind} “{phrases.name(owner)}”. To change or stop it, edit it in "
        f"newsmonitor.yaml or ask {whom}."
    )
    return how, f"{kind.capitalize()} {clean(key)} · newsmonitor {clean(version)}"


def _beyond(blocks: Sequence[Block]) -> str:
    if not blocks:
        return ""
    stories = sum(len(block.stories) + block.left_out for block in blocks)
    lists = phrases.count(len(blocks), "more watchlist")
    return f"and {lists} with {phrases.count(stories, 'story', 'stories')}: {_MORE}"


def _titles(digest: Digest) -> dict[str, str]:
    infos = (*(section.watchlist for section in digest.sections), *digest.quiet)
    return {info.name: phrases.label(info) for info in infos}


def _update(shown: DigestStory, digest: Digest) -> str:
    if not shown.is_update:
        return ""
    new = len(new_members(shown.story, digest.window.start))
    return f"shown before, {phrases.count(new, 'new article')}"


def _blocks(digest: Digest, entries: Mapping[int, Entry]) -> Iterator[Block]:
    places = _places(digest)
    charts = {trend.watchlist: chart(trend) for trend in digest.trends}
    for section in digest.sections:
        info = section.watchlist
        stories = tuple(entries[story.story.id] for story in section.stories)
        own = {entry.number for entry in stories}
        tagged = [entries[key].number for key in places.get(info.name, ())]
        pointers = tuple(number for number in tagged if number not in own)
        yield Block(
            title=f"On trial: {phrases.title(info)}" if info.on_trial else phrases.title(info),
            total=len(stories) + section.left_out + len(pointers),
            stories=stories,
            full=len(stories) if info.name else 0,  # old stories: titles only
            left_out=section.left_out,
            pointers=pointers,
            chart=charts.get(info.name),
            note=TRIAL if info.on_trial else "",
        )


def _places(digest: Digest) -> dict[str, list[int]]:
    """Return the ids of the new stories that carry each watchlist's name, in reading order."""
    places: dict[str, list[int]] = {}
    sections = (section.stories for section in digest.sections if section.watchlist.name)
    for stories in (digest.top, *sections):
        for shown in stories:
            for name in shown.watchlists:
                places.setdefault(name, []).append(shown.story.id)
    return places


def _summary(digest: Digest) -> str:
    if not digest.stories:
        return ""
    outlets = phrases.count(digest.outlets, "outlet")
    return f"{phrases.count(digest.items, 'article')} from {outlets}"


def _flood(water: Flood) -> Iterator[str]:
    usual = f", where {water.usual:,.0f} are usual" if water.usual else ""
    yield (
        f"Flood: {phrases.count(water.hits, 'match', 'matches')}{usual}. Shown are the top stories "
        "and a few of each watchlist; all others are counted."
    )
    if water.sources:
        yield f"Most come from {_ranked(water.sources)}."
    if water.terms:
        quoted = [(f"“{term}”", number) for term, number in water.terms]
        yield f"Most match {_ranked(quoted)}: narrow or mask the first if it floods."


def _ranked(rows: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{phrases.isolated(phrases.name(who))} ({n:,})" for who, n in rows)


def _surges(digest: Digest, frame: Frame) -> Iterator[str]:
    for surge in digest.surges[:_SURGES]:
        title = frame.titles.get(surge.watchlist, "") or phrases.name(surge.watchlist)
        yield f"{title}: {_surge(surge, frame)}"
    if rest := len(digest.surges) - _SURGES:
        yield from [f"and {rest:,} more"] if rest > 0 else []


def _surge(surge: Surge, frame: Frame) -> str:
    """Return ``3 × the usual since 14:00 — 12 stories in 6 h``, or with the bare numbers."""
    word = "far fewer than usual" if surge.count else "silent"
    if not surge.silent:
        many = surge.expected > 0
        word = f"{phrases.figure(surge.count / surge.expected)} × the usual" if many else "a surge"
    told = phrases.isolated_runs(phrases.short(surge.what, _SENTENCE))
    bare = f" ({phrases.count(surge.count, 'article')}, {phrases.figure(surge.expected)} expected)"
    return f"{word} since {frame.at(surge.since)}" + (f" — {told}" if told else bare)


def _quiet(digest: Digest, titles: Mapping[str, str]) -> str:
    if not digest.quiet:
        return ""
    named = ", ".join(titles[info.name] for info in digest.quiet[:_QUIET])
    rest = len(digest.quiet) - _QUIET
    label = "No matches" if digest.stories else "Watched for"
    return f"{label}: {named}" + (f" and {rest:,} more" if rest > 0 else "")
