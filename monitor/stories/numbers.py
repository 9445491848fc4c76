"""Read the numbers of a text, whatever digits it is written in, and say what kind each is.

``8 %``, ``8 proc.``, ``۸ درصد`` and ``8 percent`` are one number; a year is none. Small numbers in
words and ordinals count too. Linear in the text. Never weighs: how much a number says is decided
where items are compared.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from monitor.text import fold

PERCENT, ORDINAL, COUNT, MODEL = "%", "#", "n", "m"
_PERCENT = (
    r"(?:%|٪|percent|per\s+cent|pct|proc(?:ent\w*)?\b|prozent|pour\s*cent|por\s+ciento|"
    r"процент\w*|відсотк\w*|درصد|(?:في|ب)\s*(?:المئة|المائة|المئه|المائه))"
)
_NUMBER = re.compile(
    rf"(?P<model>(?<=[^\W\d_][-‑])|(?<=[^\W\d_]))?"
    r"(?P<value>\d{1,3}(?:[   ]\d{3})+(?!\d)|\d{1,12}(?:[.,٫٬]\d{1,6})*)"
    rf"(?:\s*(?P<percent>{_PERCENT})|(?P<ordinal>st\b|nd\b|rd\b|th\b|-?го\b|-?й\b|-?я\b|-?е\b))?",
    re.IGNORECASE,
)
_MONTH = re.compile(
    r"\s*(?:jan|feb|mar(?:ch|\b)|apr|may\b|june?\b|july?\b|aug|sep|oct|nov|dec|stycz|lut|kwie|maj|"
    r"czerw|lip|sierp|wrze|paźdz|listop|grud|янв|фев|март|апр|мая|июн|июл|авг|сент|окт|ноя|дек)",
    re.IGNORECASE,
)
_WORDS = {
    word: (kind, value)
    for kind, value, words in (
        (COUNT, 2, "two dwa dwie dwoje два две двух два zwei deux dos"),
        (COUNT, 3, "three trzy trzech trzej три трех drei trois tres"),
        (COUNT, 4, "four cztery czterech четыре четырех vier quatre cuatro چهار اربع اربعه"),
        (COUNT, 5, "five pięć pięciu пять пяти fünf cinq cinco پنج خمس خمسه"),
        (COUNT, 6, "six sześć sześciu шесть шести sechs seis شش ست سته"),
        (COUNT, 7, "seven siedem siedmiu семь семи sieben sept siete هفت سبع سبعه"),
        (COUNT, 8, "eight osiem ośmiu восемь восьми acht huit ocho هشت ثمان ثمانیه"),
        (COUNT, 9, "nine dziewięć dziewięciu девять девяти neun neuf nueve تسع تسعه"),
        (COUNT, 10, "ten dziesięć dziesięciu десять десяти zehn dix diez عشر عشره"),
        (COUNT, 11, "eleven jedenaście jedenastu одиннадцать одиннадцати elf onze once یازده"),
        (COUNT, 12, "twelve dozen dwanaście dwunastu двенадцать двенадцати zwölf douze doce"),
        (ORDINAL, 2, "second druga drugi drugie второй вторая второе zweite deuxième دوم ثانیه"),
        (ORDINAL, 3, "third trzecia trzeci trzecie третий третья третье третью третьего dritte"),
        (ORDINAL, 3, "سوم سومین ثالثه"),
        (ORDINAL, 4, "fourth czwarta czwarty четвертый четвертая vierte چهارم رابعه"),
        (ORDINAL, 5, "fifth piąta piąty пятый пятая fünfte پنجم خامسه"),
        (COUNT, 12, "دوازده"),
    )
    for word in fold(words).split()
}  # fmt: skip
_SEPARATORS = re.compile(r"[.,٫٬   ]")


class Number(NamedTuple):
    """A number of a text: its kind, its value in plain digits, and whether it is round."""

    kind: str
    value: str


def numbers(text: str) -> frozenset[Number]:
    """Return the numbers of ``text``; years, dates' parts and clock times are left out."""
    found = {number for match in _NUMBER.finditer(text) if (number := _number(match))}
    return frozenset(found)


@lru_cache(1 << 12)
def number_word(folded: str) -> Number | None:
    """Return the number that a folded word says, or None."""
    said = _WORDS.get(folded)
    return Number(said[0], str(said[1])) if said else None


def _number(match: re.Match[str]) -> Number | None:
    value = _plain(match["value"])
    if match["percent"]:
        return Number(PERCENT, value)
    if match["ordinal"]:
        return Number(ORDINAL, value)
    if match["model"] is not None:
        return Number(MODEL, value)
    if (
        _is_year(value)
        or _MONTH.match(match.string, match.end())
        or _is_clock(match)
        or match["value"].count(".") > 1
    ):
        return None
    return Number(COUNT, value)


def _is_year(value: str) -> bool:
    return len(value) == 4 and value.isdecimal() and "1900" <= value <= "2099"


def _is_clock(match: re.Match[str]) -> bool:
    text, start, end = match.string, match.start(), match.end()
    return text[end : end + 1] == ":" or (start > 0 and text[start - 1] == ":")


def _plain(written: str) -> str:
    """Return digits with a decimal point; a separator before exactly three digits groups them."""
    digits = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in written)
    parts = _SEPARATORS.split(digits)
    last = parts[-1]
    if len(parts) == 1:
        return str(int(digits))
    if len(last) == 3 and parts[0] != "0":
        return str(int("".join(parts)))
    whole, decimals = str(int("".join(parts[:-1]))), last.rstrip("0")
    return f"{whole}.{decimals}" if decimals else whole
