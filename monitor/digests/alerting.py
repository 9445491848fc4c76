"""Which stories are told at once: what a rule wants, what it holds back, and why.

Decides from fresh hits, what was told before, mutes, quiet hours and ``now``, and gives every
decision its reason. Never reads a clock, never remembers anything, never renders.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from monitor.model import Dossier, Hit, Level, Member, Mute, Role, Story
from monitor.text import clean, cut
from monitor.times import local, slot

MOST_STORIES = 10  #: in one message; the rest is counted and stands in the digest
_WHY = 200


class Reason(StrEnum):
    """Why a story is told, held back, or left to the digest."""

    NEW_STORY = "new story"
    UPDATE = "update"
    RISEN = "level rose"
    GATHERING = "gathering"
    QUIET_HOURS = "quiet hours"
    COOL_DOWN = "cool-down"
    BELOW_LEVEL = "below level"
    OTHER_LIST = "other list"
    ON_TRIAL = "on trial"
    BACKFILL = "backfill"
    MUTED = "muted"
    NOTHING_NEW = "nothing new"

    @property
    def is_told(self) -> bool:
        return self in {Reason.NEW_STORY, Reason.UPDATE, Reason.RISEN}

    @property
    def is_held(self) -> bool:
        """True when the hits wait and are asked about again."""
        return self in {Reason.GATHERING, Reason.QUIET_HOURS, Reason.COOL_DOWN}


@dataclass(frozen=True, slots=True)
class Rule:
    """What one alert of the settings wants."""

    name: str
    level: Level  #: the least that alerts
    lists: Mapping[str, float]  #: live watchlists it listens to → their own cool-down in seconds
    zone: ZoneInfo  #: of the quiet hours
    on_trial: frozenset[str] = frozenset()
    cool_down_s: float = 14_400.0
    wait_s: float = 60.0
    quiet: tuple[time, time] | None = None  #: wall times


@dataclass(frozen=True, slots=True)
class Told:
    """An earlier alert of a story by the same rule."""

    at: datetime
    level: Level


@dataclass(frozen=True, slots=True)
class Candidate:
    """A story with hits that the rule has not told."""

    story: Story
    fresh: frozenset[int]  #: ids of those hits
    since: datetime  #: when the rule saw the first of them
    told: tuple[Told, ...] = ()  #: the newest first
    dossier: Dossier = field(default_factory=Dossier)
    mute: Mute | None = None

    @property
    def members(self) -> tuple[Member, ...]:
        """The items with a fresh hit."""
        return tuple(m for m in self.story.members if any(hit.id in self.fresh for hit in m.hits))

    @property
    def hits(self) -> tuple[Hit, ...]:
        return tuple(hit for member in self.members for hit in member.hits if hit.id in self.fresh)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What becomes of a candidate."""

    candidate: Candidate
    reason: Reason
    why: str  #: for the reader of an alert, the log, ``alerts show``


def sift(rule: Rule, hit: Hit, *, backfill: bool) -> Reason | None:
    """Tell why a rule does not want a hit at all; None when it does."""
    if hit.watchlist in rule.on_trial:
        return Reason.ON_TRIAL
    if hit.watchlist not in rule.lists:
        return Reason.OTHER_LIST
    if hit.level < rule.level:
        return Reason.BELOW_LEVEL
    return Reason.BACKFILL if backfill else None


def decide(rule: Rule, candidates: Sequence[Candidate], now: datetime) -> tuple[Ruling, ...]:
    """Decide on every candidate, in their order.

    What may be told is held together: through the quiet hours, and until ``wait_s`` after the
    first of it was seen. A clock that was set back holds nothing.
    """
    rulings = tuple(_judge(rule, one, now) for one in candidates)
    firsts = [one.candidate.since for one in rulings if one.reason.is_told]
    if not firsts:
        return rulings
    if end := quiet_until(rule, now):
        until = f"quiet hours until {local(end, rule.zone):%H:%M}"
        return _held(rulings, Reason.QUIET_HOURS, until)
    if timedelta(0) <= now - min(firsts) < timedelta(seconds=rule.wait_s):
        return _held(rulings, Reason.GATHERING, "others may join")
    return rulings


def quiet_until(rule: Rule, now: datetime) -> datetime | None:
    """Return when the quiet hours end that ``now`` lies in, or None.

    They run from the first moment at which the wall clock shows their start to the first at which
    it shows their end: once a day, also in the nights when clocks change.
    """
    if rule.quiet is None:
        return None
    start, end = rule.quiet
    today = local(now, rule.zone).date()
    for day in (today - timedelta(days=1), today):
        last = day if start < end else day + timedelta(days=1)
        ends = slot(last, end, rule.zone)
        if slot(day, start, rule.zone) <= now < ends:
            return ends
    return None


def order(rulings: Sequence[Ruling]) -> tuple[Ruling, ...]:
    """Return what is told, the highest level first, then what was seen first."""
    told = [one for one in rulings if one.reason.is_told]
    return tuple(
        sorted(told, key=lambda one: (-_level(one.candidate.hits), one.candidate.story.id))
    )


def cooling(rule: Rule, hits: Sequence[Hit], told: Sequence[Told], now: datetime) -> str:
    """Tell until when a story that was told before stays silent; empty when it may speak.

    The list's own ``quiet`` may lengthen the rule's cool-down. A level above the one that was told
    is never held. Asks for no story, so that what waits for hours costs nothing.
    """
    if not told or _level(hits) > max(one.level for one in told):
        return ""
    cool = max([rule.cool_down_s, *(rule.lists.get(hit.watchlist, 0.0) for hit in hits)])
    last = max(one.at for one in told)
    end = last + timedelta(seconds=cool)
    if not timedelta(0) <= now - last < timedelta(seconds=cool):
        return ""
    return f"told already, again from {local(end, rule.zone):%d %b %H:%M}"


def _judge(rule: Rule, one: Candidate, now: datetime) -> Ruling:
    if one.mute is not None:
        return Ruling(one, Reason.MUTED, f"{one.mute.kind} muted: {clean(one.mute.reason)}")
    if why := cooling(rule, one.hits, one.told, now):
        return Ruling(one, Reason.COOL_DOWN, why)
    return Ruling(one, *_news(one))


def _news(one: Candidate) -> tuple[Reason, str]:
    """Say what a candidate has that the reader was not told."""
    if one.told:
        highest = max(told.level for told in one.told)
        if _level(one.hits) > highest:
            return Reason.RISEN, f"now {_level(one.hits).word}, was {highest.word}"
        added = _added(one)
        if not added:
            return Reason.NOTHING_NEW, "told already, nothing added"
        return Reason.UPDATE, cut(clean(f"update: {'; '.join(added)}"), _WHY)
    if _only_copies(one):
        return Reason.NOTHING_NEW, "only copies of what was there before"
    older = len(one.story.members) - len(one.members)
    return Reason.NEW_STORY, f"new in a story of {older + 1}" if older else "new story"


def _added(one: Candidate) -> tuple[str, ...]:
    fresh = {member.item.id for member in one.members}
    updates = [
        part for part in one.dossier.parts if part.item_id in fresh and part.role is Role.UPDATE
    ]
    phrases = dict.fromkeys(phrase for part in updates for phrase in part.new)
    return tuple(phrases) or (("another report",) if updates else ())


def _only_copies(one: Candidate) -> bool:
    """Tell whether each fresh item only repeats the words of one that is not fresh."""
    fresh = {member.item.id for member in one.members}
    roles = [part.role for part in one.dossier.parts if part.item_id in fresh]
    return bool(roles) and all(role is Role.COPY for role in roles)


def _level(hits: Sequence[Hit]) -> Level:
    return max((hit.level for hit in hits), default=Level.INFO)


def _held(rulings: Collection[Ruling], reason: Reason, why: str) -> tuple[Ruling, ...]:
    return tuple(
        replace(one, reason=reason, why=why) if one.reason.is_told else one for one in rulings
    )
