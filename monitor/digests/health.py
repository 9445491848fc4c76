"""The state of the watch in words: what was polled, what may be missing, what a quiet day means.

Decides when all is well. Every name from a feed is clean and keeps its own direction, so that an
Arabic title cannot turn the line it begins. Never reads a clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from monitor.digests import phrases
from monitor.model import Coverage, Digest, FeedTrouble
from monitor.text import clean
from monitor.times import human, local

_TROUBLES = 25  # lines; a digest is read, the full list is `newsmonitor feeds list`
_SENTENCE = 200


def empty(digest: Digest) -> str:
    """Return what a digest without stories says instead of them."""
    covered = digest.coverage
    length = human((digest.window.end - digest.window.start).total_seconds())
    old = any(not section.watchlist.name for section in digest.sections)  # they stand apart
    none = "No new matches" if old else "No matches"
    if not covered.feeds:
        return f"{none} in {length}, but no feed is watched at all: add some to feeds.yaml."
    feeds = phrases.count(covered.feeds, "feed")
    checked = f"{none} in {length}. {covered.polled:,} of {feeds} checked"
    if is_well(covered):
        return f"{checked}, {phrases.count(covered.items, 'new article')} read."
    return f"{checked}; not all is well (see below), so news may be missing."


def is_well(covered: Coverage) -> bool:
    """Tell whether nothing may be missing for a reason that we know."""
    complete = 0 < covered.feeds == covered.polled == covered.well
    return complete and not (covered.troubles or covered.gaps or covered.notices)


def health(covered: Coverage) -> str:
    """Return the one line that says how much of the watch stood."""
    if not covered.feeds:
        return "No feed is watched."
    feeds = phrases.count(covered.feeds, "feed")
    read = f"{phrases.count(covered.polls, 'poll')}, {phrases.count(covered.items, 'new article')}"
    if is_well(covered):
        return f"All {feeds} polled and well; no known gaps. {read}."
    return (
        f"{feeds}: {covered.polled:,} polled, {covered.well:,} well, "
        f"{len(covered.troubles):,} in trouble. {read}."
    )


def troubles(covered: Coverage, zone: ZoneInfo, now: datetime) -> tuple[str, ...]:
    """Return one line per feed whose news may be missing, and a count of the rest."""
    lines = [_trouble(trouble, zone, now) for trouble in covered.troubles[:_TROUBLES]]
    if rest := len(covered.troubles) - len(lines):
        lines.append(f"and {phrases.count(rest, 'more feed')}: newsmonitor feeds list")
    return tuple(lines)


def _trouble(trouble: FeedTrouble, zone: ZoneInfo, now: datetime) -> str:
    names = (trouble.title, trouble.outlet, trouble.url)
    title = phrases.isolated(next(filter(None, map(phrases.name, names)), "a feed"))
    why = phrases.isolated_runs(phrases.short(trouble.reason, _SENTENCE))
    reason = f": {why}" if why else ""
    if trouble.since is None:
        return f"{title} — {clean(trouble.status)}{reason}"
    since = local(trouble.since, zone)
    year = f" {since.year}" if since.year != local(now, zone).year else ""
    at = f"{phrases.day(since)}{year} {since:%H:%M}"
    return f"{title} — {clean(trouble.status)}{reason}, since {at}"


def sentences(texts: Sequence[str]) -> tuple[str, ...]:
    """Return sentences from other rooms, clean, bounded in length and number."""
    tidied = (phrases.short(text, _SENTENCE * 2) for text in texts[:_TROUBLES])
    shown = [phrases.isolated_runs(text) for text in tidied]
    if rest := len(texts) - len(shown):
        shown.append(f"and {rest:,} more")
    return tuple(text for text in shown if text)
