"""Stories of a window in, a digest out: what leads, what belongs together, what is cut.

Decides the headline that stands for a story, the order, the one section in which each story
appears, and counts everything that a cap leaves out. Never renders, never looks anything up.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from monitor.model import (
    Coverage,
    Digest,
    DigestStory,
    Due,
    Hit,
    Level,
    Member,
    Section,
    Sighting,
    Story,
    WatchlistInfo,
    Window,
)
from monitor.times import utc

#: Heads the last section: what the feeds already held when watching began. No user's list has
#: an empty name.
BACKFILL = WatchlistInfo(name="", title="Already there when watching began", level=Level.INFO)


@dataclass(frozen=True, slots=True)
class Caps:
    """How much one digest holds; what is beyond is counted, never dropped in silence."""

    top: int = 5  #: stories in the block at the head
    top_each: int = 3  #: of one watchlist there, as long as others have any
    top_from: int = 8  #: fewer stories than this fit one screen and need no such block
    per_watchlist: int = 60
    backfill: int = 30


def digest_id(profile: str, day: date) -> str:
    """Return the key of a digest, fit for a file name, a Message-ID and a log line."""
    return f"{profile}-{day.isoformat()}"


def build(
    due: Due,
    zone: str,
    stories: Sequence[Story],
    coverage: Coverage,
    watchlists: Sequence[WatchlistInfo],
    *,
    shown_before: Collection[int],
    caps: Caps = Caps(),
    language: str = "",
) -> Digest:
    """Build the digest of one profile from the stories of its window.

    ``watchlists`` are those of the profile, in the order of the configuration; hits of others do
    not count here. ``shown_before`` holds the ids of stories that earlier digests have shown,
    ``language`` is the one in which the reader likes headlines. A story stands in the section of
    its strongest watchlist only, or in the top block only.
    """
    order = {info.name: place for place, info in enumerate(watchlists)}
    judged = [
        made
        for story in stories
        if (made := judge(story, order, due.window, shown_before, language))
    ]
    ranked = sorted(judged, key=_rank)
    fresh = [story for story in ranked if not is_backfill(story.story)]
    old = [story for story in ranked if is_backfill(story.story)]
    top = _top(fresh, caps) if len(fresh) >= caps.top_from else ()
    sections = _sections(fresh, watchlists, top, caps)
    if old:
        sections = (*sections, _capped(BACKFILL, old, caps.backfill))
    named = {name for story in fresh for name in story.watchlists}
    return Digest(
        id=digest_id(due.profile, due.local_date),
        profile=due.profile,
        window=due.window,
        timezone=zone,
        top=top,
        sections=sections,
        quiet=tuple(info for info in watchlists if info.name not in named),
        coverage=replace(coverage, caps=(*coverage.caps, *_cap_sentences(sections))),
        stories=len(fresh),
        items=sum(len(new_members(story.story, due.window)) for story in fresh),
        outlets=len({outlet for story in fresh for outlet in story.outlets}),
        catch_up=due.catch_up,
    )


def judge(
    story: Story,
    order: Mapping[str, int],
    window: Window,
    shown_before: Collection[int],
    language: str = "",
) -> DigestStory | None:
    """Judge one story; None when no hit of these watchlists is in it."""
    hits = [hit for member in story.members for hit in member.hits if hit.watchlist in order]
    if not hits:
        return None
    sightings = sorted(
        (sighting for member in story.members for sighting in member.sightings),
        key=lambda sighting: sighting.seen_at,
    )
    watchlists = _strongest_first(hits, order)
    return DigestStory(
        story=story,
        lead=_lead(story, watchlists[0], order, window, language),
        watchlists=watchlists,
        level=max(hit.level for hit in hits),
        score=max(hit.score for hit in hits),
        outlets=_unique(sighting.outlet for sighting in sightings),
        state_outlets=_unique(s.outlet for s in sightings if s.state_affiliated),
        languages=_unique(member.item.language for member in story.members),
        first_seen_at=min(seen_at(member) for member in story.members),
        is_update=story.id in shown_before,
    )


def is_backfill(story: Story) -> bool:
    """Tell whether every member was in its feed when that feed was first seen."""
    return all(member.item.backfill for member in story.members)


def new_members(story: Story, window: Window) -> tuple[Member, ...]:
    """Return the members first seen since the window began; all of them when there are none.

    What came between the slot and the building is told as well, so the end is not asked.
    """
    new = tuple(member for member in story.members if seen_at(member) >= window.start)
    return new or story.members


def seen_at(member: Member) -> datetime:
    """Return when an item came to our eyes: first feed, first record, or first match."""
    moments = [sighting.seen_at for sighting in member.sightings]
    moments += [hit.matched_at for hit in member.hits]
    if member.item.first_seen_at is not None:
        moments.append(member.item.first_seen_at)
    return min(map(utc, moments), default=datetime.max.replace(tzinfo=UTC))


def from_state(sightings: Iterable[Sighting]) -> bool:
    """Tell whether a state-affiliated outlet has carried it."""
    return any(sighting.state_affiliated for sighting in sightings)


def _lead(
    story: Story, home: str, order: Mapping[str, int], window: Window, language: str
) -> Member:
    """Choose the headline: new to the reader, of the home list, then not state-affiliated.

    After that the reader's language, the best score and the earliest. Only an item that matched
    can lead, since the digest shows why it is there.
    """
    new = set(map(id, new_members(story, window)))

    def worse(member: Member) -> tuple[bool, bool, bool, bool, float, datetime, int]:
        scores = {hit.watchlist: hit.score for hit in member.hits if hit.watchlist in order}
        best = scores.get(home, max(scores.values()))
        foreign = bool(language) and member.item.language != language
        state = from_state(member.sightings)
        doubts = (id(member) not in new, home not in scores, state, foreign)
        return *doubts, -best, seen_at(member), member.item.id

    matched = [m for m in story.members if any(hit.watchlist in order for hit in m.hits)]
    return min(matched, key=worse)


def _rank(story: DigestStory) -> tuple[int, float, bool, float, int]:
    """Order by level, then weight, then what no digest has shown yet, then the newest lead.

    The weight is the score and a point for each doubling of the outlets: what many carry is likely
    to matter, but forty copies must not bury a better match for ever.
    """
    weight = story.score + math.log2(1 + len(story.outlets))
    newest = -seen_at(story.lead).timestamp()
    return -story.level, -weight, story.is_update, newest, story.story.id


def _strongest_first(hits: Sequence[Hit], order: Mapping[str, int]) -> tuple[str, ...]:
    strongest = sorted(hits, key=lambda hit: (-hit.level, -hit.score, order[hit.watchlist]))
    return _unique(hit.watchlist for hit in strongest)


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


def _top(ranked: Sequence[DigestStory], caps: Caps) -> tuple[DigestStory, ...]:
    """Choose the head of the digest: the best of all lists, so that a loud one hides no other."""
    taken: Counter[str] = Counter()
    first: list[DigestStory] = []
    spare: list[DigestStory] = []
    for story in ranked:
        (first if taken[story.watchlists[0]] < caps.top_each else spare).append(story)
        taken[story.watchlists[0]] += 1
    return tuple(sorted([*first, *spare][: caps.top], key=_rank))


def _sections(
    fresh: Sequence[DigestStory],
    watchlists: Sequence[WatchlistInfo],
    top: Sequence[DigestStory],
    caps: Caps,
) -> tuple[Section, ...]:
    """Make one section per watchlist that has a story, also when all of them stand elsewhere."""
    shown = {story.story.id for story in top}
    rest = [story for story in fresh if story.story.id not in shown]
    named = {name for story in fresh for name in story.watchlists}
    return tuple(
        _capped(info, [s for s in rest if s.watchlists[0] == info.name], caps.per_watchlist)
        for info in watchlists
        if info.name in named
    )


def _capped(info: WatchlistInfo, stories: Sequence[DigestStory], cap: int) -> Section:
    return Section(info, tuple(stories[:cap]), left_out=max(0, len(stories) - cap))


def _cap_sentences(sections: Iterable[Section]) -> tuple[str, ...]:
    return tuple(
        f"{section.watchlist.title}: {section.left_out:,} stories beyond the cap of "
        f"{len(section.stories):,} are not listed."
        for section in sections
        if section.left_out
    )
