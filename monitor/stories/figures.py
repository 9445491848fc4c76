"""The figures of a text as a reader weighs them: with their multiplier, without dates and hours.

``6,000``, ``6 thousand``, ``6 тыс.`` and ``۶ هزار`` are one figure, and each is shown as it was
written. What counts as a number, a year or an ordinal is decided in :mod:`numbers`. Linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from monitor.stories.numbers import COUNT, ORDINAL, number_word, numbers
from monitor.stories.stopwords import EMPTY
from monitor.text import fold

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|"
    r"stycz\w*|lut(?:y|ego|ym)|marca|kwie\w*|maja|czerw\w*|lipca|sierp\w*|wrze\w*|paźdz\w*|"
    r"listop\w*|grud\w*|янв\w*|февр?\w*|мар(?:та|т)?|апр\w*|мая|июн\w*|июл\w*|авг\w*|сент\w*|"
    r"окт\w*|нояб\w*|дек\w*|січ\w*|лют\w*|берез\w*|квіт\w*|трав\w*|черв\w*|лип(?:ня|ень)|серп\w*|"
    r"верес\w*|жовт\w*|листоп\w*|груд\w*|januar|februar|märz|mai|juni|juli|oktober|dezember|"
    r"janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre|"
    r"فروردین|اردیبهشت|خرداد|تیر|مرداد|شهریور|مهر|آبان|آذر|دی|بهمن|اسفند|"
    r"ژانویه|فوریه|مارس|آوریل|مه|ژوئن|ژوئیه|اوت|سپتامبر|اکتبر|نوامبر|دسامبر|"
    r"يناير|فبراير|أبريل|مايو|يونيو|يوليو|أغسطس|سبتمبر|أكتوبر|نوفمبر|ديسمبر)"
)
_DATE = re.compile(
    rf"(?<!\w)(?:\d{{4}}-\d\d?-\d\d?|\d\d?[./]\d\d?[./]\d{{2,4}}|{_MONTH}\.?\s+\d\d?(?:st|nd|rd|th)?"
    rf"(?:,?\s+\d{{4}})?|\d\d?(?:st|nd|rd|th|-го|\.)?\s+(?:of\s+)?{_MONTH}|\d\d?[:.]\d\d\s*(?:[ap]\.?m\b"
    r"|uhr\b)|\d\d?:\d\d|\d\d?\s*[ap]\.?m\b|no\.?\s?1\b|\d{1,4}\s?[年月日])(?!\d)",
    re.IGNORECASE,
)
_PERCENT = (
    r"%|٪|percent\b|per\s+cent\b|pct\b|proc\w*|prozent|pour\s*cent|por\s+ciento|процент\w*|"
    r"відсот\w*|درصد|(?:في|ب)\s*(?:المئة|المائة)|प्रतिशत|फीसदी"
)
#: Multiplier -> its spellings; ``*`` stands for any ending.
_TIMES = {
    10**3: "thousand k tys* тыс* тис* tausend mille هزار ألف آلاف الف हजार",
    10**4: "万 萬",
    10**5: "lakh* लाख",
    10**6: "million* mn mln mio milion* млн миллион* мільйон* millionen میلیون مليون ملايين",
    10**7: "crore* cr करोड़",
    10**8: "亿 億",
    10**9: "billion* bn b mld mrd miliard* млрд миллиард* мільярд* milliarde* میلیارد مليار",
    10**12: "trillion* tn трлн trylion* تریلیون تريليون",
}
_MULTIPLIER = {word: by for by, words in _TIMES.items() for word in words.split()}
_TIMES_PATTERN = "|".join(
    re.escape(word).replace(r"\*", r"\w*") for word in sorted(_MULTIPLIER, key=len, reverse=True)
)
#: Lengths of time: how long a thing lasts is rarely the news.
_SPAN = re.compile(
    r"[\s-]*(?:minutes?|hours?|days?|weeks?|months?|years?|час\w*|дн\w{1,3}|день|сут\w*|недел\w*|"
    r"месяц\w*|лет|год\w*|годин\w*|тиж\w*|років|рок\w*|godz\w*|dni\w*|dzień|lat|lata|tygod\w*|"
    r"miesi\w*|stunden?|tage\w*|wochen?|monate?n?|jahre?n?|heures?|jours?|semaines?|mois|ans|"
    r"ساعت|روز|سال|ماه|هفته|دقیقه|ساعة|أيام|يوم|سنوات|سنة|أسابيع|小时|天)(?!\w)",
    re.IGNORECASE,
)
_FIGURE = re.compile(
    r"(?<![^\W\d_])(?<![^\W\d_][-‑])(?<![\d.,٫٬])"
    r"(?P<value>\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)|\d{1,12}(?:[.,٫٬]\d{1,6})*)"
    rf"(?:\s*(?P<percent>{_PERCENT})|[\s-]?(?P<times>{_TIMES_PATTERN})(?![\w])"
    r"|(?P<ordinal>st\b|nd\b|rd\b|th\b|-(?:го|й|я|е|му)\b))?(?![^\W\d_])",
    re.IGNORECASE,
)
#: Smaller counts are told exactly: 75 is not 80.
LEAST_ROUNDED = 100
_WORD = re.compile(r"[^\W\d_]+")
_COUNTED = re.compile(r"[ \u00a0-]([^\W\d_]{1,16})(?!\w)")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a text."""

    shown: str  #: as it was written, with the word behind it: ``6,000 drones``
    value: Decimal
    percent: bool = False
    ordinal: bool = False
    span: bool = False  #: a length of time

    @property
    def kind(self) -> tuple[bool, bool]:
        return self.percent, self.ordinal

    def roundings(self) -> Iterator[Decimal]:
        """Return the values that may stand for this one: itself, and 6,000 for 5,987."""
        yield self.value
        if not self.ordinal and (self.percent or self.value >= LEAST_ROUNDED):
            for digits in range(1, _significant(self.value)):
                yield _rounded(self.value, digits)


class Seen:
    """Figures that were told; asking costs the digits of a figure, not their number."""

    def __init__(self, some: Iterable[Figure] = ()) -> None:
        self._exact: set[tuple[tuple[bool, bool], Decimal]] = set()
        self._rounded: set[tuple[tuple[bool, bool], Decimal]] = set()
        for one in some:
            self.add(one)

    def add(self, one: Figure) -> None:
        self._exact.add((one.kind, one.value))
        self._rounded.update((one.kind, value) for value in one.roundings())

    def __contains__(self, one: Figure) -> bool:
        """Tell whether a figure was told, or one of which either is the other rounded."""
        if (one.kind, one.value) in self._rounded:
            return True
        return any((one.kind, value) in self._exact for value in one.roundings())


def figures(text: str) -> tuple[Figure, ...]:
    """Return the figures in digits, in their order; dates, hours, years and models are none."""
    plain = _DATE.sub(lambda found: "·" * len(found[0]), text)
    found = (_figure(match) for match in _FIGURE.finditer(plain))
    return tuple(one for one in found if one is not None)


def worded(text: str) -> tuple[Figure, ...]:
    """Return the small numbers that are written in words."""
    found = ((word, number_word(fold(word))) for word in _WORD.findall(text))
    return tuple(
        Figure(word, Decimal(number.value), ordinal=number.kind == ORDINAL)
        for word, number in found
        if number is not None
    )


def _figure(match: re.Match[str]) -> Figure | None:
    read = next(iter(numbers(match["value"])), None)
    whole = match["percent"] or match["times"] or match["ordinal"] or "," in match["value"]
    if read is None and not whole:
        return None
    if read is None or read.kind != COUNT:
        # A year with a unit behind it is no year: "2000 %", "2,000 MW".
        value = Decimal(re.sub(r"\D", "", match["value"]))
    else:
        value = Decimal(read.value)
    counted = _COUNTED.match(match.string, match.end())
    named = counted is not None and fold(counted[1]) not in EMPTY
    shown = match[0].strip() + (counted[0] if counted is not None and named else "")
    value *= _times(match["times"])
    span = _SPAN.match(match.string, match.end()) is not None
    return Figure(shown, value, bool(match["percent"]), bool(match["ordinal"]), span)


def _times(word: str | None) -> int:
    if not word:
        return 1
    lower = word.lower()
    if lower in _MULTIPLIER:
        return _MULTIPLIER[lower]
    starts = (by for name, by in _MULTIPLIER.items() if lower.startswith(name.rstrip("*")))
    return next(starts, 1)


def _significant(value: Decimal) -> int:
    return max(1, len(value.normalize().as_tuple().digits))


def _rounded(value: Decimal, digits: int) -> Decimal:
    return value.normalize() if not value else Decimal(f"{value:.{digits - 1}e}").normalize()
