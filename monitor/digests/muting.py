"""Which mute silences a story, and the sentence that tells of each: what, until when, why.

Decides and words only. What is left of a story under mutes is said by :mod:`judge`; a mute is
told in every digest that it concerns, so that silence never looks like no news.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from zoneinfo import ZoneInfo

from monitor.digests import phrases
from monitor.digests.judge import Silence
from monitor.model import Mute, MuteKind, Story
from monitor.times import local


def muted_by(story: Story, fresh: Collection[int], mutes: Sequence[Mute]) -> Mute | None:
    """Return the mute that leaves none of the hits with ids in ``fresh``; None when one is left."""
    if not mutes:
        return None
    silence = Silence.of(mutes)
    heard = silence.heard(story)
    hits = [hit for member in heard.members for hit in member.hits] if heard else []
    if any(hit.id in fresh and hit.watchlist not in silence.watchlists for hit in hits):
        return None
    return next((mute for mute in mutes if _concerns(mute, story)), None)


def sentences(
    mutes: Sequence[Mute], watchlists: Mapping[str, str], zone: ZoneInfo
) -> tuple[str, ...]:
    """Say what is muted, until when and why; ``watchlists`` are a profile's names and titles."""
    told = [m for m in mutes if m.kind is not MuteKind.WATCHLIST or m.target in watchlists]
    return tuple(_sentence(mute, watchlists, zone) for mute in told)


def _concerns(mute: Mute, story: Story) -> bool:
    if mute.kind is MuteKind.STORY:
        return mute.target == str(story.id)
    if mute.kind is MuteKind.WATCHLIST:
        return any(hit.watchlist == mute.target for m in story.members for hit in m.hits)
    return any(seen.outlet == mute.target for m in story.members for seen in m.sightings)


def _sentence(mute: Mute, watchlists: Mapping[str, str], zone: ZoneInfo) -> str:
    called = watchlists.get(mute.target, "") if mute.kind is MuteKind.WATCHLIST else ""
    what = phrases.isolated(phrases.name(called or mute.target))
    until = "with no end set"
    if mute.until is not None:
        end = local(mute.until, zone)
        until = f"until {phrases.clock(end)} {end.tzname()}"
    why = phrases.isolated(phrases.tidy(mute.reason))
    return f"Muted: {mute.kind} {what}, {until}. Reason: {why} (newsmonitor mute end {mute.id})"
