"""Stories in, an alert out: what leads, and what is beyond the room of one message.

Which stories alert at all is decided by :mod:`monitor.digests.alerting`. Never renders.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from monitor.digests.judge import Reader, judge, rank
from monitor.model import Alert, Dossier, Level, Mute, Story, WatchlistInfo, Window
from monitor.times import utc

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def alert_id(rule: str, at: datetime) -> str:
    """Return the key of an alert, such as ``urgent-20251122T060000Z``."""
    return f"{rule}-{utc(at):%Y%m%dT%H%M%SZ}"


def build_alert(
    rule: str,
    at: datetime,
    zone: str,
    stories: Sequence[Story],
    watchlists: Sequence[WatchlistInfo],
    *,
    reasons: Mapping[int, str],
    told_at: Mapping[int, datetime] | None = None,
    dossiers: Mapping[int, Dossier] | None = None,
    language: str = "",
    least_level: Level = Level.INFO,
    mutes: Sequence[Mute] = (),
    cap: int = 20,
) -> Alert:
    """Gather stories into one alert, the weightiest first; it may hold none.

    ``reasons`` say for each story's id why it alerts; ``told_at`` when its reader last heard of
    it. Lists on trial never alert.
    """
    live = [info for info in watchlists if not info.on_trial]
    reader = Reader.of(live, least_level=least_level, language=language, mutes=mutes)
    told, known = told_at or {}, dossiers or {}
    judged = (
        judge(
            story,
            reader,
            Window(told.get(story.id, _LONG_AGO), at),
            is_update=story.id in told,
            dossier=known.get(story.id),
        )
        for story in stories
    )
    ranked = sorted((story for story in judged if story is not None), key=rank)
    kept = tuple(ranked[:cap])
    why = tuple(reasons.get(story.story.id, "new story") for story in kept)
    named = {name for story in kept for name in story.watchlists}
    return Alert(
        alert_id(rule, at),
        rule,
        at,
        zone,
        kept,
        why,
        left_out=len(ranked) - len(kept),
        watchlists=tuple(info for info in live if info.name in named),
    )
