"""The words of a digest: dates, counts and levels, in English, without any markup.

Everything that comes from a feed passes ``clean`` here. Dates are spelled by hand, since strftime
follows the machine's locale. Never reads a clock.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.model import Digest, Level, WatchlistInfo, Window
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
_NAME = 80
_TITLE = 60
_WASTE = 8  # characters of raw text that may come to one that is shown
OPEN, CLOSE = "\u2068", "\u2069"  # FSI and PDI: between them text has a direction of its own
_LEFTWARD = {"R", "AL", "AN"}
_EASTERN_DIGITS = frozenset("۰۱۲۳۴۵۶۷۸۹")
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}", re.ASCII)
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


def figure(number: float) -> str:
    """Return ``0.4``, ``3``, ``2.5`` or ``1,204``: as exact as a glance needs."""
    return f"{number:,.0f}" if number >= 10 else f"{number:.1f}".removesuffix(".0")


def at(moment: datetime, zone: ZoneInfo, today: datetime) -> str:
    """Return ``14:05``, or ``21 Nov 14:05`` where the day is not the one of ``today``."""
    shown = local(moment, zone)
    return f"{shown:%H:%M}" if shown.date() == local(today, zone).date() else clock(shown)


def isolated(text: str) -> str:
    """Wrap text that runs right to left, so that it cannot reorder what stands beside it."""
    runs_left = any(unicodedata.bidirectional(char) in _LEFTWARD for char in text)
    return f"{OPEN}{text}{CLOSE}" if runs_left else text


def isolated_runs(text: str) -> str:
    """Wrap each run of right-to-left words in a sentence that itself runs left to right."""
    runs: list[list[int]] = []
    is_open = False
    for place, char in enumerate(text):
        kind = unicodedata.bidirectional(char)
        if kind in {"R", "AL"} or (is_open and (kind == "AN" or char in _EASTERN_DIGITS)):
            runs[-1:] = [[runs[-1][0], place + 1]] if is_open else [*runs[-1:], [place, place + 1]]
            is_open = True
        elif kind == "L":
            is_open = False
    for start, end in reversed(runs):
        text = f"{text[:start]}{OPEN}{text[start:end]}{CLOSE}{text[end:]}"
    return text


def bare(text: str) -> str:
    """Return text without isolates, for places where directions are another's business."""
    return text.replace(OPEN, "").replace(CLOSE, "")


def clipped(text: str, limit: int) -> str:
    """Cut text that holds isolates, and close the one that the cut has left open."""
    shown = cut(text, limit)
    return shown + CLOSE * (shown.count(OPEN) - shown.count(CLOSE))


def tidy(text: str) -> str:
    """Clean text from outside, and keep its letters from growing over the lines around them."""
    return _STACKED.sub(r"\1", clean(text))


def spaced(text: str) -> str:
    """Clean a piece of a text without losing the spaces that part it from its neighbours."""
    inner = tidy(text)
    if not inner:
        return " " if text and text.isspace() else ""
    left = " " if text[0].isspace() else ""
    right = " " if text[-1].isspace() else ""
    return f"{left}{inner}{right}"


def short(text: str, limit: int) -> str:
    """Return text from outside, clean and cut; of a very long one only the head is looked at."""
    head = text[: limit * _WASTE]
    shown = cut(tidy(head), limit)
    return shown if len(head) == len(text) or shown.endswith("…") else f"{shown}…"


def name(text: str) -> str:
    """Return a name from outside, clean and short."""
    return short(text, _NAME)


def title(info: WatchlistInfo) -> str:
    """Return how a reader calls a watchlist."""
    return isolated(name(info.title) or name(info.name))


def label(info: WatchlistInfo) -> str:
    """Return how a list is called inside a sentence, where one on trial must say so."""
    return f"{title(info)} (on trial)" if info.on_trial else title(info)


def headcount(digest: Digest) -> str:
    """Return ``14 stories, 1 critical, 3 high``, or ``no matches``."""
    if not digest.stories:
        return "no matches"
    told = [f"{n:,} {level.word}" for level, n in digest.levels if level >= Level.HIGH]
    return ", ".join([count(digest.stories, "story", "stories"), *told])


def subject(digest: Digest) -> str:
    """Return the subject of the mail; nothing in it comes from a feed."""
    return f"[{heading(digest.title)}] {headcount(digest)} · {headline_day(digest)}"


def heading(text: str) -> str:
    """Return what the operator calls the digest, fit for a header."""
    return short(text, _TITLE) or "Watch"


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


def languages(codes: Sequence[str]) -> str:
    """Return language names; a code we have no name for is shown as it is."""
    plain = (code.partition("-")[0].lower() for code in codes)
    known = (_LANGUAGES.get(code, code) for code in plain if _CODE.fullmatch(code))
    return ", ".join(dict.fromkeys(known))


def language_tag(code: str) -> str:
    """Return a code that may stand where markup wants a language tag, or nothing."""
    return code if _TAG.fullmatch(code) else ""


def ranges(numbers: Sequence[int]) -> str:
    """Return ``1–5, 7`` for rising numbers."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)
