"""What an item says that can be compared: its traits, read from headline, lead and hits.

A trait is a word, a meaning of the dictionary, a name by its consonants, a number or a matched
alias set; all but the word mean the same in every language. Long items are read as far as their
lead, so the cost is bounded whatever comes in. Never compares two items.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from zlib import crc32

from monitor.model import Member
from monitor.stories.meanings import CAPITALS_ONLY, PLACE, Trait, joint_meaning, meaning
from monitor.stories.numbers import ORDINAL, PERCENT, number_word, numbers
from monitor.stories.stopwords import BY_LANGUAGE, EMPTY
from monitor.stories.translit import skeleton
from monitor.text import fold, words

#: Words of headline and body that are read, and characters at most.
HEAD_WORDS, LEAD_WORDS = 60, 150
HEAD_CHARACTERS, LEAD_CHARACTERS = 400, 2_000
#: Letters of a word that are compared; endings come later.
STEM = 6
#: Words of a copied text that are compared in runs of five.
_COPY_CHARACTERS = 3_000
_RUN = 5
#: Letters that tell what an ordinal counts: "пакет" and "пакета" are one.
_COUNTED = 5
_LONGEST_WORD = 40

_SUFFIX = re.compile(r"\s+[-–—|:]\s+[^-–—|]{2,40}$")
_LINK = re.compile(r"(?:https?://|www\.)\S+")
_DOTTED = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_MARKS = "\u0300-\u036f\u064b-\u0652"
_WORD = re.compile(rf"[^\W_](?:[^\W_]|[{_MARKS}])*")
_ORDINAL = re.compile(r"\d{1,3}(?:st|nd|rd|th)?$")
_SENTENCE = re.compile(r"(?<=[^.!?…؟。][.!?…؟。])\s")
_CLOSED = re.compile(r"[.!?…؟。]")
#: Letters that one language of its script has alone.
_OWN_LETTERS = {
    "pl": "ąćęłńśźż",
    "uk": "іїєґ",
    "ru": "ыэъё",
    "fa": "پچژگ",
    "ar": "ةىأإ",
    "de": "äöüß",
}


@dataclass(frozen=True, slots=True)
class Traits:
    """What one item says, ready to be weighed."""

    title: frozenset[Trait]
    all: frozenset[Trait]  #: of headline, lead and hits
    headline: str  #: folded, without the publisher
    tongue: str  #: the language it is written in, as far as that can be told
    runs: frozenset[int]  #: of five words of the text each
    seen: datetime


def traits(member: Member) -> Traits:
    """Return what an item says; raises ValueError where nobody says when it was seen."""
    item = member.item
    if item.first_seen_at is None:
        raise ValueError(f"item {item.id} has no first_seen_at: only a stored item can be placed")
    said = _said(item.title, item.text)
    aliases = (one.alias for hit in member.hits for one in hit.evidence if one.alias)
    return Traits(
        title=said.title,
        all=said.all | {Trait("a", alias) for alias in aliases},
        headline=said.headline,
        tongue=said.tongue or item.language,
        runs=said.runs,
        seen=item.first_seen_at,
    )


@dataclass(frozen=True, slots=True)
class _Said:
    title: frozenset[Trait]
    all: frozenset[Trait]
    headline: str
    tongue: str
    runs: frozenset[int]


@lru_cache(1 << 9)
def _said(title: str, text: str) -> _Said:
    head = _LINK.sub(" ", headline(title)[:HEAD_CHARACTERS]).strip()
    lead = _LINK.sub(" ", text[:LEAD_CHARACTERS]).strip()
    # Without a headline, or with a bare link for one, the first sentence is what is told.
    head = head or _SENTENCE.split(lead, maxsplit=1)[0][:HEAD_CHARACTERS]
    in_title = frozenset(_traits(head, HEAD_WORDS, in_title=True))
    in_lead = frozenset(_traits(lead, LEAD_WORDS, in_title=False))
    return _Said(in_title, in_title | in_lead, fold(head), tongue(f"{head} {lead}"), _runs(text))


def headline(title: str) -> str:
    """Return the title without a publisher's suffix (" - Reuters")."""
    stripped = _SUFFIX.sub("", title[: 2 * HEAD_CHARACTERS])
    return stripped if len(stripped) >= len(title) // 2 else title


def tongue(text: str) -> str:
    """Return the language whose empty words and letters stand in ``text``; "" where none do."""
    text = text[:HEAD_CHARACTERS]
    said = frozenset(words(text))
    votes = {name: len(said & empty) for name, empty in BY_LANGUAGE.items()}
    for name, letters in _OWN_LETTERS.items():
        votes[name] += min(5, sum(map(text.count, letters)))
    best = max(votes, key=lambda name: votes[name])
    return best if votes[best] else ""


def places(found: frozenset[Trait]) -> frozenset[Trait]:
    return frozenset(t for t in found if t.kind == PLACE)


def percents(found: frozenset[Trait]) -> frozenset[str]:
    return frozenset(t.value for t in found if t.kind == "n" and t.value[0] == PERCENT)


def ordinals(found: frozenset[Trait]) -> frozenset[str]:
    return frozenset(t.value for t in found if t.kind == "n" and t.value[0] == ORDINAL)


def counted(headline: str) -> frozenset[str]:
    """Return the stems of what the ordinals of a folded headline count: "13th package"."""
    # What is shorter is the ordinal's own ending: "13-го".
    found = [word for word in words(headline) if len(word) > 2 or word.isdecimal()]
    return frozenset(
        after[:_COUNTED] for word, after in pairwise(found) if _ORDINAL.match(word) or _orders(word)
    )


def _orders(word: str) -> bool:
    number = number_word(word)
    return number is not None and number.kind == ORDINAL


def _traits(text: str, limit: int, *, in_title: bool) -> Iterator[Trait]:
    text = _DOTTED.sub(lambda found: found[0].replace(".", ""), text)
    for number in sorted(numbers(text))[:limit]:
        yield Trait("n", number.kind + number.value)
    before, end = "", 0
    for count, match in enumerate(_WORD.finditer(text)):
        if count >= limit:
            return
        surface = match[0][:_LONGEST_WORD]
        folded = _folded(surface)
        opens = not in_title and (count == 0 or bool(_CLOSED.search(text, end, match.start())))
        end = match.end()
        together = joint_meaning(before, folded)
        before = folded
        if together is not None:
            yield together
        if not surface[0].isdigit():
            yield from _word(surface, folded, opens=opens)


@lru_cache(1 << 15)
def _folded(word: str) -> str:
    return word.lower() if word.isascii() else fold(word)


def _word(surface: str, folded: str, *, opens: bool) -> Iterator[Trait]:
    """Return what one word says; ``opens``: its capital is that of a sentence."""
    number = number_word(folded)
    if number is not None:
        yield Trait("n", number.kind + number.value)
        return
    if folded in CAPITALS_ONLY and not surface.isupper():
        return
    found = meaning(folded)
    if found is not None:
        yield found
        return
    if folded in EMPTY or len(folded) < (2 if surface.isupper() else 3):
        return
    yield Trait("w", folded[:STEM])
    # The Arabic script has no capitals: there any word may be a name.
    if "\u0600" <= folded[0] < "\u0780" or (surface[0].isupper() and not opens):
        bones = skeleton(surface)
        if len(bones) > 2:
            yield Trait("k", bones)


def _runs(text: str) -> frozenset[int]:
    """Return the text's runs of words as 32-bit numbers, the same in every process."""
    found = [word.encode("utf-8", "replace") for word in words(text[:_COPY_CHARACTERS])]
    runs = (b" ".join(found[i : i + _RUN]) for i in range(len(found) - _RUN + 1))
    return frozenset(map(crc32, runs))
