"""One story as it lies before the reader: every line worded, clean, and still without markup.

Decides what each rendering says of a story, in digests and in alerts alike. Never escapes: that
belongs to each renderer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from monitor.digests import phrases
from monitor.digests.carriers import carriers
from monitor.digests.changes import Addition, Loss, Redline, additions, losses, redlines
from monitor.digests.links import Link, link
from monitor.digests.why import Term, Why, explain
from monitor.model import DigestStory, Level
from monitor.times import local

_REASON = 200


@dataclass(frozen=True, slots=True)
class Frame:
    """What the stories of one message have in common."""

    titles: Mapping[str, str]  #: of watchlists
    zone: ZoneInfo
    since: datetime  #: the reader knows what came before
    now: datetime  #: the day on which a time needs no date
    tells_news: bool = True  #: where the reason does not say it already

    def at(self, moment: datetime) -> str:
        """Return a moment as the reader's clock shows it."""
        return phrases.at(moment, self.zone, self.now)


@dataclass(frozen=True, slots=True)
class Edited:
    """One edit in words: what it was, and the pieces."""

    label: str
    line: Redline


@dataclass(frozen=True, slots=True)
class Entry:
    """One story."""

    id: int  #: of the story
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
    update: str  #: empty when the reader has not heard of the story before
    new: tuple[str, ...]  #: what was added since then
    edits: tuple[Edited, ...]
    lost: tuple[str, ...]  #: sentences: what a headline no longer says
    alerted: str
    reason: str = ""  #: of an alert
    on_trial: bool = False

    @property
    def headline(self) -> str:
        return "".join(piece.text for piece in self.why.headline)

    @property
    def tags(self) -> tuple[str, ...]:
        """Return what stands before a headline: level from high on, trial, update."""
        level = self.level.word if self.level >= Level.HIGH else ""
        marks = (level, "on trial" if self.on_trial else "", "update" if self.update else "")
        return tuple(filter(None, marks))


def entry(
    shown: DigestStory, number: int, frame: Frame, *, update: str = "", reason: str = ""
) -> Entry:
    """Word one story; ``update`` says what the reader knows of it already."""
    item = shown.lead.item
    at = f" at {phrases.isolated(phrases.name(shown.outlets[0]))}" if shown.outlets else ""
    heard = shown.alerted_at if shown.alerted_at and not shown.is_update else frame.since
    return Entry(
        id=shown.story.id,
        number=number,
        level=shown.level,
        watchlist=frame.titles.get(shown.watchlists[0], ""),
        also=tuple(frame.titles[n] for n in shown.watchlists[1:] if n in frame.titles),
        why=explain(shown.lead, shown.watchlists[0]),
        link=(target := link(item.url)),
        host=target.host if target else "link withheld: unsafe" if item.url else "no link",
        language=phrases.language_tag(item.language),
        outlets=carriers(shown),
        first_seen=f"first seen {phrases.clock(local(shown.first_seen_at, frame.zone))}{at}",
        languages=phrases.languages(shown.languages),
        update=update,
        new=tuple(_news(shown, heard, frame)) if frame.tells_news else (),
        edits=tuple(Edited(_edit(line, frame), line) for line in redlines(shown, frame.since)),
        lost=tuple(_lost(loss, frame) for loss in losses(shown)),
        alerted=f"already alerted {frame.at(shown.alerted_at)}" if shown.alerted_at else "",
        reason=phrases.isolated_runs(phrases.short(reason, _REASON)),
        on_trial=shown.on_trial,
    )


def grouped(terms: Iterable[Term]) -> list[tuple[str, list[Term]]]:
    """Return the terms under their groups, both in their order."""
    groups: dict[str, list[Term]] = {}
    for term in terms:
        groups.setdefault(term.group, []).append(term)
    return list(groups.items())


def _news(shown: DigestStory, since: datetime, frame: Frame) -> Iterable[str]:
    if not (shown.is_update or shown.alerted_at):
        return
    found, more = additions(shown, since)
    yield from (_addition(one, frame) for one in found)
    if more:
        yield f"and {phrases.count(more, 'earlier update')}"


def _addition(one: Addition, frame: Frame) -> str:
    facts = " · ".join(phrases.isolated_runs(fact) for fact in one.facts)
    seen = [phrases.isolated(one.outlet)] if one.outlet else []
    seen += [frame.at(one.at)] if one.at else []
    return f"{facts} ({', '.join(seen)})" if seen else facts


def _edit(line: Redline, frame: Frame) -> str:
    """Return ``headline edited 14:05 (number)``, with whose it is where that is not plain."""
    whose = f" of {phrases.isolated(line.outlet)}" if line.outlet else ""
    if not line.is_diff:
        return f"{line.field}{whose} was"
    at = f" {frame.at(line.at)}" if line.at else ""
    reasons = f" ({phrases.isolated_runs(', '.join(line.reasons))})" if line.reasons else ""
    return f"{line.field}{whose} edited{at}{reasons}"


def _lost(loss: Loss, frame: Frame) -> str:
    whose = f" of {phrases.isolated(loss.outlet)}" if loss.outlet else ""
    since = f" (since {frame.at(loss.at)})"
    if not loss.words:
        return f"{loss.field}{whose} no longer matches{since}"
    said = ", ".join(phrases.isolated(f"“{words}”") for words in loss.words)
    return f"{loss.field}{whose} no longer says {said}{since}"
