"""A digest as it lies before the reader: numbered, worded, clean, and still without markup.

Decides what every rendering says, so that mail, Slack and text list the same stories under the
same numbers. Never escapes: that belongs to each renderer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from monitor.digests import phrases
from monitor.digests.build import new_members
from monitor.digests.links import Link, link
from monitor.digests.why import Term, Why, explain
from monitor.model import Digest, DigestStory, Level, Window
from monitor.text import clean, cut
from monitor.times import local

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}", re.ASCII)
_MORE = "newsmonitor stories list"
_QUIET = 40  # names
_NUMBERS = 40


@dataclass(frozen=True, slots=True)
class Shape:
    """How much of each section a rendering has room for."""

    full: int = 10  #: stories shown whole, then titles only
    listed: int = 1_000  #: stories named in a section at all
    sections: int = 1_000


WHOLE = Shape()


@dataclass(frozen=True, slots=True)
class Entry:
    """One story."""

    number: int
    level: Level
    watchlist: str  #: title of its home
    also: tuple[str, ...]  #: titles of the other watchlists it matches
    why: Why
    link: Link | None
    host: str  #: where the link really leads, or why there is none
    language: str  #: a language tag, or empty
    outlets: str
    first_seen: str
    languages: str
    update: str  #: empty when no digest has shown the story before
    was: str  #: the earlier headline, if it was edited

    @property
    def headline(self) -> str:
        return "".join(piece.text for piece in self.why.headline)


@dataclass(frozen=True, slots=True)
class Block:
    """One watchlist's section, or as much of it as there is room for."""

    title: str
    total: int  #: stories of this watchlist, wherever they stand
    stories: tuple[Entry, ...]
    full: int  #: how many of them are shown whole
    left_out: int
    pointers: tuple[int, ...]  #: numbers of its stories at the head or under a stronger list

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

    profile: str
    heading: str
    day: str
    summary: str
    window: str
    warning: str
    empty: str
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
    titles = _titles(digest)
    listed = (*digest.top, *(story for section in digest.sections for story in section.stories))
    entries = {
        story.story.id: _entry(story, digest.window, number, titles, zone)
        for number, story in enumerate(listed, 1)
    }
    covered = digest.coverage
    whole = Page(
        profile=phrases.name(digest.profile),
        heading=phrases.headcount(digest),
        day=phrases.headline_day(digest),
        summary=_summary(digest),
        window=phrases.window(digest.window, zone),
        warning=phrases.warning(digest),
        empty="" if digest.stories else phrases.empty(digest),
        top=tuple(entries[story.story.id] for story in digest.top),
        blocks=tuple(_blocks(digest, entries)),
        beyond="",
        quiet=_quiet(digest, titles),
        well=phrases.is_well(covered),
        health=phrases.health(covered),
        troubles=phrases.troubles(covered, zone, digest.window.end),
        remarks=phrases.sentences((*covered.notices, *covered.gaps, *covered.caps)),
        footer=_footer(digest, version, contact),
    )
    return fit(whole, shape)


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
        )
        for block in kept
    )
    return replace(page, blocks=blocks, beyond=_beyond(cut_off))


def _beyond(blocks: Sequence[Block]) -> str:
    if not blocks:
        return ""
    stories = sum(len(block.stories) + block.left_out for block in blocks)
    lists = phrases.count(len(blocks), "more watchlist")
    return f"and {lists} with {phrases.count(stories, 'story', 'stories')}: {_MORE}"


def _entry(
    shown: DigestStory, window: Window, number: int, titles: Mapping[str, str], zone: ZoneInfo
) -> Entry:
    item = shown.lead.item
    first = phrases.clock(local(shown.first_seen_at, zone))
    at = f" at {phrases.isolated(phrases.name(shown.outlets[0]))}" if shown.outlets else ""
    return Entry(
        number=number,
        level=shown.level,
        watchlist=titles.get(shown.watchlists[0], ""),
        also=tuple(titles[name] for name in shown.watchlists[1:] if name in titles),
        why=explain(shown.lead, shown.watchlists[0]),
        link=(target := link(item.url)),
        host=target.host if target else "link withheld: unsafe" if item.url else "no link",
        language=item.language if _LANGUAGE.fullmatch(item.language) else "",
        outlets=phrases.outlets(shown),
        first_seen=f"first seen {first}{at}",
        languages=phrases.languages(shown.languages),
        update=_update(shown, window),
        was=_earlier_headline(shown),
    )


def _titles(digest: Digest) -> dict[str, str]:
    infos = (*(section.watchlist for section in digest.sections), *digest.quiet)
    return {info.name: phrases.title(info) for info in infos}


def _update(shown: DigestStory, window: Window) -> str:
    if not shown.is_update:
        return ""
    new = len(new_members(shown.story, window))
    return f"shown before, {phrases.count(new, 'new article')}"


def _earlier_headline(shown: DigestStory) -> str:
    """Return the last wording of the headline that differs from the present one."""
    present = clean(shown.lead.item.title)
    earlier = sorted(shown.lead.versions, key=lambda version: version.until, reverse=True)
    worded = (clean(version.title) for version in earlier)
    return cut(phrases.tidy(next((t for t in worded if t != present), "")), 300)


def _blocks(digest: Digest, entries: Mapping[int, Entry]) -> Iterator[Block]:
    places = _places(digest)
    for section in digest.sections:
        stories = tuple(entries[story.story.id] for story in section.stories)
        own = {entry.number for entry in stories}
        tagged = [entries[key].number for key in places.get(section.watchlist.name, ())]
        pointers = tuple(number for number in tagged if number not in own)
        yield Block(
            title=phrases.title(section.watchlist),
            total=len(stories) + section.left_out + len(pointers),
            stories=stories,
            full=len(stories) if section.watchlist.name else 0,  # old stories: titles only
            left_out=section.left_out,
            pointers=pointers,
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


def _quiet(digest: Digest, titles: Mapping[str, str]) -> str:
    if not digest.quiet:
        return ""
    named = ", ".join(titles[info.name] for info in digest.quiet[:_QUIET])
    rest = len(digest.quiet) - _QUIET
    label = "No matches" if digest.stories else "Watched for"
    return f"{label}: {named}" + (f" and {rest:,} more" if rest > 0 else "")


def _footer(digest: Digest, version: str, contact: str) -> tuple[str, ...]:
    whom = clean(contact).removeprefix("mailto:") or "whoever runs this watch"
    profile = phrases.name(digest.profile)
    how = (
        f"This is the digest “{profile}”. To change or stop it, edit it in newsmonitor.yaml "
        f"or ask {whom}."
    )
    return how, f"Digest {digest.id} · newsmonitor {clean(version)}"


def grouped(terms: Iterable[Term]) -> list[tuple[str, list[Term]]]:
    """Return the terms under their groups, both in their order."""
    groups: dict[str, list[Term]] = {}
    for term in terms:
        groups.setdefault(term.group, []).append(term)
    return list(groups.items())
