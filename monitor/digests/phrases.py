"""The words of a digest: dates, counts, levels and health, in English, without any markup.

Everything that comes from a feed passes ``clean`` here. Dates are spelled by hand, since strftime
follows the machine's locale. Never reads a clock.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.model import Coverage, Digest, DigestStory, FeedTrouble, Level, WatchlistInfo, Window
from monitor.text import clean, cut
from monitor.times import human, local

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LANGUAGES = {
    "ar": "Arabic", "az": "Azerbaijani", "be": "Belarusian", "bg": "Bulgarian", "ckb": "Sorani",
    "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English",
    "es": "Spanish", "et": "Estonian", "fa": "Persian", "fi": "Finnish", "fr": "French",
    "he": "Hebrew", "hi": "Hindi", "hu": "Hungarian", "hy": "Armenian", "it": "Italian",
    "ja": "Japanese", "ka": "Georgian", "kk": "Kazakh", "ko": "Korean", "ku": "Kurdish",
    "lt": "Lithuanian", "lv": "Latvian", "nl": "Dutch", "no": "Norwegian", "pl": "Polish",
    "ps": "Pashto", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak",
    "sr": "Serbian", "sv": "Swedish", "tg": "Tajik", "tr": "Turkish", "uk": "Ukrainian",
    "ur": "Urdu", "uz": "Uzbek", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip
_TROUBLES = 25  # lines; a digest is read, the full list is `newsmonitor feeds list`
_OUTLETS = 8
_NAME = 80
_SENTENCE = 200
_CODE = re.compile(r"[a-z]{2,3}", re.ASCII)
# More than three combining marks on one letter are no language's spelling.
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_STACKED = re.compile(f"({_MARK}{{3}}){_MARK}+")
_DAY = timedelta(days=1)
_TOLERANCE = timedelta(minutes=5)


def day(moment: datetime) -> str:
    """Return ``Sat 22 Nov``."""
    return f"{_DAYS[moment.weekday()]} {moment.day} {_MONTHS[moment.month - 1]}"


def clock(moment: datetime) -> str:
    """Return ``22 Nov 07:00``."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment:%H:%M}"


def count(number: int, one: str, many: str = "") -> str:
    """Return ``1 story`` or ``1,204 stories``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def isolated(text: str) -> str:
    """Wrap text that runs right to left, so that it cannot reorder what stands beside it."""
    runs_left = any(unicodedata.bidirectional(char) in {"R", "AL", "AN"} for char in text)
    return f"\u2068{text}\u2069" if runs_left else text


def tidy(text: str) -> str:
    """Clean text from outside, and keep its letters from growing over the lines around them."""
    return _STACKED.sub(r"\1", clean(text))


def name(text: str) -> str:
    """Return a name from outside, clean and short."""
    return cut(tidy(text), _NAME)


def title(info: WatchlistInfo) -> str:
    """Return how a reader calls a watchlist."""
    return name(info.title) or name(info.name)


def headcount(digest: Digest) -> str:
    """Return ``14 stories, 1 critical, 3 high``, or ``no matches``."""
    if not digest.stories:
        return "no matches"
    levels = (_level_count(digest, level) for level in (Level.CRITICAL, Level.HIGH))
    return ", ".join([count(digest.stories, "story", "stories"), *filter(None, levels)])


def _level_count(digest: Digest, level: Level) -> str:
    """Return ``3 high``; ``60+ high`` when more of them may be among what a cap left out."""
    own = [section for section in digest.sections if section.watchlist.name]
    listed = [*digest.top, *(story for section in own for story in section.stories)]
    number = sum(story.level is level for story in listed)
    more = any(s.left_out and s.stories and s.stories[-1].level >= level for s in own)
    return f"{number}{'+' if more else ''} {level.word}" if number else ""


def subject(digest: Digest) -> str:
    """Return the subject of the mail; nothing in it comes from a feed."""
    return f"[Watch] {headcount(digest)} · {headline_day(digest)}"


def headline_day(digest: Digest) -> str:
    """Return the day a digest is for, and from where on when it catches up."""
    zone = ZoneInfo(digest.timezone)
    end = day(local(digest.window.end, zone))
    if not digest.catch_up:
        return end
    return f"catch-up {day(local(digest.window.start, zone))} – {end}"


def window(shown: Window, zone: ZoneInfo) -> str:
    """Return ``21 Nov 07:00 – 22 Nov 07:00 CET (24 h), Europe/Berlin``."""
    start, end = local(shown.start, zone), local(shown.end, zone)
    early = f" {start.tzname()}" if start.tzname() != end.tzname() else ""
    length = human((shown.end - shown.start).total_seconds())
    return f"{clock(start)}{early} – {clock(end)} {end.tzname()} ({length}), {zone.key}"


def warning(digest: Digest) -> str:
    """Return the line that tells of an unusual window; empty for a day from wall to wall."""
    length = human((digest.window.end - digest.window.start).total_seconds())
    if digest.catch_up:
        return (
            f"Catching up: this digest covers {length}, since earlier ones could not be sent. "
            "What feeds dropped in that time may be missing."
        )
    zone = ZoneInfo(digest.timezone)
    start, end = local(digest.window.start, zone), local(digest.window.end, zone)
    by_the_wall = end.replace(tzinfo=None) - start.replace(tzinfo=None)
    if abs(by_the_wall - _DAY) <= _TOLERANCE:
        return ""
    return f"This digest covers {length}, not one day."


def outlets(story: DigestStory) -> str:
    """Return ``5 outlets (of them 2 state-affiliated): A, B, C; state-affiliated: D, E``."""
    state = story.state_outlets
    free = [outlet for outlet in story.outlets if outlet not in state]
    if not story.outlets:
        return "outlet unknown"
    if len(story.outlets) == 1:
        return f"{_named(story.outlets)} (state-affiliated)" if state else _named(free)
    if not state:
        return f"{len(story.outlets):,} outlets: {_named(free)}"
    if not free:
        return f"{len(story.outlets):,} outlets, all state-affiliated: {_named(state)}"
    return (
        f"{len(story.outlets):,} outlets (of them {len(state):,} state-affiliated): "
        f"{_named(free)}; state-affiliated: {_named(state)}"
    )


def _named(shown: Sequence[str]) -> str:
    more = " …" if len(shown) > _OUTLETS else ""
    return ", ".join(isolated(name(outlet)) for outlet in shown[:_OUTLETS]) + more


def languages(codes: Sequence[str]) -> str:
    """Return language names; a code we have no name for is shown as it is."""
    plain = (code.partition("-")[0].lower() for code in codes)
    known = (_LANGUAGES.get(code, code) for code in plain if _CODE.fullmatch(code))
    return ", ".join(dict.fromkeys(known))


def ranges(numbers: Sequence[int]) -> str:
    """Return ``1–5, 7`` for rising numbers."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)


def empty(digest: Digest) -> str:
    """Return what a digest without stories says instead of them."""
    covered = digest.coverage
    length = human((digest.window.end - digest.window.start).total_seconds())
    none = "No new matches" if digest.sections else "No matches"  # old ones stand apart
    if not covered.feeds:
        return f"{none} in {length}, but no feed is watched at all: add some to feeds.yaml."
    feeds = count(covered.feeds, "feed")
    checked = f"{none} in {length}. {covered.polled:,} of {feeds} checked"
    if is_well(covered):
        return f"{checked}, {count(covered.items, 'new article')} read."
    return f"{checked}; not all is well (see below), so news may be missing."


def is_well(covered: Coverage) -> bool:
    """Tell whether nothing may be missing for a reason that we know."""
    complete = 0 < covered.feeds == covered.polled == covered.well
    return complete and not (covered.troubles or covered.gaps or covered.notices)


def health(covered: Coverage) -> str:
    """Return the one line that says how much of the watch stood."""
    if not covered.feeds:
        return "No feed is watched."
    read = f"{count(covered.polls, 'poll')}, {count(covered.items, 'new article')}"
    if is_well(covered):
        return f"All {count(covered.feeds, 'feed')} polled and well; no known gaps. {read}."
    return (
        f"{count(covered.feeds, 'feed')}: {covered.polled:,} polled, {covered.well:,} well, "
        f"{len(covered.troubles):,} in trouble. {read}."
    )


def troubles(covered: Coverage, zone: ZoneInfo, now: datetime) -> tuple[str, ...]:
    """Return one line per feed whose news may be missing, and a count of the rest."""
    lines = [_trouble(trouble, zone, now) for trouble in covered.troubles[:_TROUBLES]]
    if rest := len(covered.troubles) - len(lines):
        lines.append(f"and {count(rest, 'more feed')}: newsmonitor feeds list")
    return tuple(lines)


def _trouble(trouble: FeedTrouble, zone: ZoneInfo, now: datetime) -> str:
    title = name(trouble.title) or name(trouble.outlet) or cut(clean(trouble.url), _NAME)
    reason = f": {cut(tidy(trouble.reason), _SENTENCE)}" if clean(trouble.reason) else ""
    if trouble.since is None:
        return f"{title} — {clean(trouble.status)}{reason}"
    since = local(trouble.since, zone)
    year = f" {since.year}" if since.year != local(now, zone).year else ""
    at = f"{day(since)}{year} {since:%H:%M}"
    return f"{title} — {clean(trouble.status)}{reason}, since {at}"


def sentences(texts: Sequence[str]) -> tuple[str, ...]:
    """Return sentences from other rooms, clean, bounded in length and number."""
    shown = [cut(tidy(text), _SENTENCE * 2) for text in texts[:_TROUBLES]]
    if rest := len(texts) - len(shown):
        shown.append(f"and {rest:,} more")
    return tuple(text for text in shown if text)
