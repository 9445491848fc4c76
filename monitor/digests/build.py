"""Stories of a window in, a digest out: what leads, what belongs together, what is cut.

Decides the order, the one section in which each story appears, and counts everything that a cap,
a mute or the reader's least level leaves out. Never renders, never looks anything up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from monitor.digests.flood import flood
from monitor.digests.judge import Reader, is_backfill, judge, new_members, rank
from monitor.model import (
    Coverage,
    Digest,
    DigestStory,
    Dossier,
    Due,
    Flood,
    Hit,
    Level,
    Mute,
    Section,
    Story,
    Surge,
    Trend,
    WatchlistInfo,
    Window,
)

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
    flood_top: int = 10  #: stories at the head of a flood
    flood_each: int = 5  #: stories of each watchlist below it

    def in_flood(self, water: Flood | None) -> Caps:
        """Return the caps for a day with far more than usual; on others these."""
        if water is None:
            return self
        each = min(self.per_watchlist, self.flood_each)
        return replace(
            self, top=self.flood_top, top_each=self.flood_each, top_from=1, per_watchlist=each
        )


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
    title: str = "Watch",
    least_level: Level = Level.INFO,
    alerted: Mapping[int, datetime] | None = None,
    trends: Sequence[Trend] = (),
    surges: Sequence[Surge] = (),
    usual: float | None = None,
    mutes: Sequence[Mute] = (),
) -> Digest:
    """Build the digest of one profile from the stories of its window.

    ``watchlists`` are those of the profile, in the order of the configuration, the ones on trial
    among them; hits of others do not count here. ``shown_before`` holds the ids of stories that
    earlier digests have shown, ``alerted`` when an alert told of one; ``language`` is the one in
    which the reader likes headlines, ``usual`` the hits of a usual window. ``mutes`` are those in
    force. A story stands in the section of its strongest watchlist only, or in the top block only;
    one that only lists on trial have found stands in their sections and counts nowhere else. What
    else is known of the stories is added by :func:`furnished`.
    """
    reader = Reader.of(watchlists, least_level=least_level, language=language, mutes=mutes)
    judged = _judged(due.window, stories, reader, shown_before, alerted or {})
    live = [one for one in judged if not (one.on_trial or is_backfill(one.story))]
    water = flood(list(_hits(live, reader, due.window)), usual)
    top, sections, quiet = _laid(judged, live, watchlists, reader, caps.in_flood(water))
    cuts = (*_caps(sections), *_untold(stories, judged, reader, watchlists))
    return Digest(
        digest_id(due.profile, due.local_date),
        due.profile,
        due.window,
        zone,
        top,
        sections,
        quiet,
        replace(coverage, caps=(*coverage.caps, *cuts)),
        *_numbers(live, due.window),
        catch_up=due.catch_up,
        title=title,
        trends=tuple(trend for trend in trends if trend.watchlist in reader.order),
        surges=tuple(surge for surge in surges if surge.watchlist in reader.order),
        flood=water,
        levels=tuple(sorted(Counter(story.level for story in live).items(), reverse=True)),
    )


def stories_shown(digest: Digest) -> tuple[int, ...]:
    """Return the ids of the stories that a digest shows: the head's first."""
    parts = digest.top, *(section.stories for section in digest.sections)
    return tuple(one.story.id for part in parts for one in part)


def furnished(digest: Digest, dossiers: Mapping[int, Dossier]) -> Digest:
    """Return the digest with what else is known of its stories, by their ids.

    Order and room are decided without it, so that nobody need look into stories beyond the caps.
    """

    def more(stories: Iterable[DigestStory]) -> tuple[DigestStory, ...]:
        return tuple(
            replace(one, dossier=dossiers.get(one.story.id, one.dossier)) for one in stories
        )

    sections = (replace(one, stories=more(one.stories)) for one in digest.sections)
    return replace(digest, top=more(digest.top), sections=tuple(sections))


def _laid(
    judged: Sequence[DigestStory],
    live: Sequence[DigestStory],
    watchlists: Sequence[WatchlistInfo],
    reader: Reader,
    caps: Caps,
) -> tuple[tuple[DigestStory, ...], tuple[Section, ...], tuple[WatchlistInfo, ...]]:
    """Return the head, the sections, and the watchlists that have none."""
    told = [info for info in watchlists if info.name in reader.order]
    top = _top(live, caps) if len(live) >= caps.top_from else ()
    sections = _sections(judged, told, top, caps)
    named = {section.watchlist.name for section in sections}
    quiet = (info for info in told if info.name not in named and info.level >= reader.least_level)
    return top, sections, tuple(quiet)


def _numbers(live: Sequence[DigestStory], window: Window) -> tuple[int, int, int]:
    """Return how many stories, new items and outlets a digest tells of."""
    items = sum(len(new_members(story.story, window.start)) for story in live)
    return len(live), items, len({outlet for story in live for outlet in story.outlets})


def _judged(
    window: Window,
    stories: Sequence[Story],
    reader: Reader,
    shown_before: Collection[int],
    alerted: Mapping[int, datetime],
) -> list[DigestStory]:
    judged = (
        judge(
            story,
            reader,
            window,
            is_update=story.id in shown_before,
            alerted_at=alerted.get(story.id),
        )
        for story in stories
    )
    return sorted((story for story in judged if story is not None), key=rank)


def _hits(
    stories: Iterable[DigestStory], reader: Reader, window: Window
) -> Iterator[tuple[Hit, str]]:
    """Yield the hits that are new to the reader, with the outlet that had the item first."""
    for shown in stories:
        for member in new_members(shown.story, window.start):
            first = min(member.sightings, key=lambda one: one.seen_at, default=None)
            for hit in member.hits:
                if reader.counts(hit) and hit.watchlist not in reader.trial:
                    yield hit, first.outlet if first else ""


def _top(ranked: Sequence[DigestStory], caps: Caps) -> tuple[DigestStory, ...]:
    """Choose the head of the digest: the best of all lists, so that a loud one hides no other."""
    taken: Counter[str] = Counter()
    first: list[DigestStory] = []
    spare: list[DigestStory] = []
    for story in ranked:
        (first if taken[story.watchlists[0]] < caps.top_each else spare).append(story)
        taken[story.watchlists[0]] += 1
    return tuple(sorted([*first, *spare][: caps.top], key=rank))


def _sections(
    ranked: Sequence[DigestStory],
    watchlists: Sequence[WatchlistInfo],
    top: Sequence[DigestStory],
    caps: Caps,
) -> tuple[Section, ...]:
    """Make one section per watchlist with a story: live, on trial, then what was there before."""
    shown = {story.story.id for story in top}
    homes: dict[str, list[DigestStory]] = {}
    named: set[str] = set()
    for story in ranked:
        old = is_backfill(story.story)
        if story.story.id not in shown:
            homes.setdefault(BACKFILL.name if old else story.watchlists[0], []).append(story)
        named |= set() if old else set(story.watchlists)
    before = homes.get(BACKFILL.name, [])
    return tuple(
        _capped(info, homes.get(info.name, ()), caps.per_watchlist)
        for info in sorted(watchlists, key=lambda info: info.on_trial)
        if info.name in named
    ) + ((_capped(BACKFILL, before, caps.backfill),) if before else ())


def _capped(info: WatchlistInfo, stories: Sequence[DigestStory], cap: int) -> Section:
    return Section(info, tuple(stories[:cap]), left_out=max(0, len(stories) - cap))


def _caps(sections: Iterable[Section]) -> tuple[str, ...]:
    return tuple(
        f"{section.watchlist.title}: {section.left_out:,} stories beyond the cap of "
        f"{len(section.stories):,} are not listed."
        for section in sections
        if section.left_out
    )


def _untold(
    stories: Sequence[Story],
    judged: Sequence[DigestStory],
    reader: Reader,
    watchlists: Sequence[WatchlistInfo],
) -> Iterator[str]:
    """Yield sentences about what was matched and is not told, since the reader wished so."""
    names = {info.name for info in watchlists}
    kept = {story.story.id for story in judged}
    left = [story for story in stories if story.id not in kept]
    levels = [[h.level for m in s.members for h in m.hits if h.watchlist in names] for s in left]
    low = sum(bool(each) and max(each) < reader.least_level for each in levels)
    muted = sum(bool(each) and max(each) >= reader.least_level for each in levels)
    if muted:
        yield f"Stories not told because they are muted: {muted:,} (newsmonitor mute list)."
    if low:
        yield f"Stories below this digest's level {reader.least_level.word}: {low:,}, not told."
