"""An alert as it lies before the reader: a few stories, each with the reason why it is told now.

Decides the words of subject and heading. The subject holds one headline, cleaned and cut: an alert
must be understood on a locked screen. Never escapes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from monitor.digests import phrases
from monitor.digests.entries import Entry, Frame, entry
from monitor.digests.page import footer
from monitor.model import Alert, Level
from monitor.times import local

_HEADLINE = 80  # characters: with its prefix a subject that a telephone shows whole
_EDITS = timedelta(days=1)  # older edits are no part of an alert


@dataclass(frozen=True, slots=True)
class Bulletin:
    """All that a rendering of an alert shows, in this order."""

    title: str
    subject: str
    level: Level
    heading: str
    when: str
    entries: tuple[Entry, ...]
    rest: str
    footer: tuple[str, ...]


def announce(alert: Alert, *, version: str, contact: str = "", title: str = "Watch") -> Bulletin:
    """Lay an alert out."""
    zone = ZoneInfo(alert.timezone)
    frame = Frame(_titles(alert), zone, alert.at - _EDITS, alert.at, tells_news=False)
    reasons = (*alert.reasons, *("" for _ in alert.stories))
    entries = tuple(
        entry(story, number, frame, reason=reason)
        for number, (story, reason) in enumerate(zip(alert.stories, reasons, strict=False), 1)
    )
    now = local(alert.at, zone)
    return Bulletin(
        title=phrases.isolated(phrases.heading(title)),
        subject=alert_subject(alert, title),
        level=_level(alert),
        heading=_heading(alert),
        when=f"{phrases.day(now)} {now:%H:%M} {now.tzname()}, {zone.key}",
        entries=entries,
        rest=_rest(alert),
        footer=footer("alert", alert.rule, alert.id, version, contact),
    )


def alert_subject(alert: Alert, title: str = "Watch") -> str:
    """Return ``[Watch] high: headline``, or ``[Watch] critical, 3 stories: headline``."""
    prefix = f"[{phrases.heading(title)}] {_heading(alert)}"
    if not alert.stories:
        return prefix
    headline = phrases.short(alert.stories[0].lead.item.title, _HEADLINE) or "(no headline)"
    return f"{prefix}: {phrases.isolated(headline)}"


def _heading(alert: Alert) -> str:
    total = len(alert.stories) + alert.left_out
    word = _level(alert).word
    return word if total == 1 else f"{word}, {phrases.count(total, 'story', 'stories')}"


def _level(alert: Alert) -> Level:
    return max((story.level for story in alert.stories), default=Level.INFO)


def _rest(alert: Alert) -> str:
    more = phrases.count(alert.left_out, "more story", "more stories")
    return f"and {more}: newsmonitor stories list" if alert.left_out else ""


def _titles(alert: Alert) -> Mapping[str, str]:
    """Return how each watchlist is called; its name where nobody has said its title."""
    names = {name for story in alert.stories for name in story.watchlists}
    shown = {name: phrases.isolated(phrases.name(name)) for name in names}
    return shown | {info.name: phrases.label(info) for info in alert.watchlists}
