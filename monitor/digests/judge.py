"""One story judged for one reader: which hits count, which headline leads, who carries it.

Decides the level, the order of the watchlists and the item that stands for the story. What was
silenced, or is below the reader's least level, does not count. Never renders.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from monitor.model import (
    DigestStory,
    Dossier,
    Hit,
    Level,
    Member,
    Mute,
    MuteKind,
    Sighting,
    Story,
    WatchlistInfo,
    Window,
)
from monitor.text import fold
from monitor.times import utc


@dataclass(frozen=True, slots=True)
class Silence:
    """What a person has silenced."""

    watchlists: frozenset[str] = frozenset()
    stories: frozenset[str] = frozenset()
    outlets: frozenset[str] = frozenset()

    @classmethod
    def of(cls, mutes: Iterable[Mute]) -> Silence:
        """Sort mutes that are in force by what they silence."""
        targets: dict[MuteKind, set[str]] = {kind: set() for kind in MuteKind}
        for mute in mutes:
            targets[mute.kind].add(mute.target)
        return cls(*(frozenset(targets[kind]) for kind in (
            MuteKind.WATCHLIST, MuteKind.STORY, MuteKind.OUTLET)))  # fmt: skip

    def heard(self, story: Story) -> Story | None:
        """Return the story without what silenced outlets said; None when nothing is left."""
        if str(story.id) in self.stories:
            return None
        if not self.outlets:
            return story
        kept = tuple(member for one in story.members if (member := self._heard(one)) is not None)
        return replace(story, members=kept) if kept else None

    def _heard(self, member: Member) -> Member | None:
        said = tuple(one for one in member.sightings if one.outlet not in self.outlets)
        if member.sightings and not said:
            return None
        return replace(member, sightings=said)


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose eyes a story is judged with."""

    order: Mapping[str, int]  #: place of each watchlist that is told
    trial: frozenset[str] = frozenset()
    least_level: Level = Level.INFO
    language: str = ""
    silence: Silence = field(default_factory=Silence)

    @classmethod
    def of(
        cls,
        watchlists: Sequence[WatchlistInfo],
        *,
        least_level: Level = Level.INFO,
        language: str = "",
        mutes: Iterable[Mute] = (),
    ) -> Reader:
        """Make the reader of these watchlists, given in the order of the configuration."""
        silence = Silence.of(mutes)
        told = [info for info in watchlists if info.name not in silence.watchlists]
        order = {info.name: place for place, info in enumerate(told)}
        trial = frozenset(info.name for info in told if info.on_trial)
        return cls(order, trial, least_level, language, silence)

    def counts(self, hit: Hit) -> bool:
        """Tell whether a hit belongs to this reader's lists and levels."""
        return hit.watchlist in self.order and hit.level >= self.least_level


def judge(
    story: Story,
    reader: Reader,
    window: Window,
    *,
    is_update: bool = False,
    dossier: Dossier | None = None,
    alerted_at: datetime | None = None,
) -> DigestStory | None:
    """Judge one story; None when the reader has silenced it or no hit of it counts."""
    heard = reader.silence.heard(story)
    hits = [] if heard is None else [h for m in heard.members for h in m.hits if reader.counts(h)]
    if heard is None or not hits:
        return None
    sightings = sorted(
        (sighting for member in heard.members for sighting in member.sightings),
        key=lambda sighting: sighting.seen_at,
    )
    live = [hit for hit in hits if hit.watchlist not in reader.trial]
    decisive = live or hits
    decisive = [hit for hit in decisive if hit.lost_at is None] or decisive
    watchlists = _strongest_first(hits, reader)
    return DigestStory(
        story=heard,
        lead=_lead(heard, watchlists[0], reader, window),
        watchlists=watchlists,
        level=max(hit.level for hit in decisive),
        score=max(hit.score for hit in decisive),
        outlets=unique(sighting.outlet for sighting in sightings),
        state_outlets=unique(s.outlet for s in sightings if s.state_affiliated),
        languages=unique(member.item.language for member in heard.members),
        first_seen_at=min(seen_at(member) for member in heard.members),
        is_update=is_update,
        dossier=dossier or Dossier(),
        alerted_at=alerted_at,
        on_trial=not live,
    )


def is_backfill(story: Story) -> bool:
    """Tell whether every member was in its feed when that feed was first seen."""
    return all(member.item.backfill for member in story.members)


def new_members(story: Story, since: datetime) -> tuple[Member, ...]:
    """Return the members first seen from ``since`` on; all of them when there are none."""
    new = tuple(member for member in story.members if seen_at(member) >= since)
    return new or story.members


def seen_at(member: Member) -> datetime:
    """Return when an item came to our eyes: first feed, first record, or first match."""
    moments = [sighting.seen_at for sighting in member.sightings]
    moments += [hit.matched_at for hit in member.hits]
    if member.item.first_seen_at is not None:
        moments.append(member.item.first_seen_at)
    return min(map(utc, moments), default=datetime.max.replace(tzinfo=UTC))


def rank(story: DigestStory) -> tuple[int, float, bool, float, int]:
    """Order by level, then weight, then what no digest has shown yet, then the newest lead.

    The weight is the score and a point for each doubling of the outlets: what many carry is likely
    to matter, but forty copies must not bury a better match for ever.
    """
    weight = story.score + math.log2(1 + len(story.outlets))
    newest = -seen_at(story.lead).timestamp()
    return -story.level, -weight, story.is_update, newest, story.story.id


def unique(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names that are not empty, each once, in their order."""
    return tuple(dict.fromkeys(name for name in names if name))


def _lead(story: Story, home: str, reader: Reader, window: Window) -> Member:
    """Choose the headline: new to the reader, still matching, of the home list, from no state.

    After that the reader's language, a headline that was not rewritten, the headline that most
    items share, the best score in whole points (a tenth tells nothing of what is typical) and the
    earliest. Only an item that matched can lead, since the digest shows why it is there.
    """
    new = set(map(id, new_members(story, window.start)))
    shared = Counter(fold(member.item.title) for member in story.members)

    def worse(member: Member) -> tuple[bool | int | datetime, ...]:
        hits = [hit for hit in member.hits if reader.counts(hit)]
        scores = {hit.watchlist: hit.score for hit in hits}
        best = scores.get(home, max(scores.values()))
        lost = all(hit.lost_at is not None for hit in hits)
        foreign = bool(reader.language) and member.item.language != reader.language
        state = _from_state(member.sightings)
        doubts = (id(member) not in new, lost, home not in scores, state, foreign)
        title = fold(member.item.title)
        rewritten = any(fold(version.title) != title for version in member.versions)
        return *doubts, rewritten, -shared[title], -int(best), seen_at(member), member.item.id

    matched = [m for m in story.members if any(reader.counts(hit) for hit in m.hits)]
    return min(matched, key=worse)


def _from_state(sightings: Iterable[Sighting]) -> bool:
    return any(sighting.state_affiliated for sighting in sightings)


def _strongest_first(hits: Sequence[Hit], reader: Reader) -> tuple[str, ...]:
    """Order the watchlists: live before on trial, matching before lost, then level and score."""

    def weaker(hit: Hit) -> tuple[bool, bool, int, float, int]:
        place = reader.order[hit.watchlist]
        lost = hit.lost_at is not None
        return hit.watchlist in reader.trial, lost, -hit.level, -hit.score, place

    return unique(hit.watchlist for hit in sorted(hits, key=weaker))
