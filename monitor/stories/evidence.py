"""What an item says that can be compared: its traits, each with the room to be weighed.

A trait is a word of the text, a meaning of the dictionary, a name by its consonants, a number or a
matched alias set. The last four mean the same in every language. Never compares two items.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from monitor.model import Item, Member
from monitor.stories.lexicon import ACTS, EMPTY, PLACES
from monitor.stories.numbers import MODEL, PERCENT, Number, number_word, numbers
from monitor.stories.translit import skeleton
from monitor.text import fold

#: Words of the body that are read; the lead of a report says what happened.
LEAD = 60
MAX_CHARACTERS = 2_000
STEM = 6
_SUFFIX = re.compile(r"\s+[-–—|:]\s+[^-–—|]{2,40}$")
_DOTTED = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_WORD = re.compile(
    r"[^\W_][^\W_\u0300-\u036f\u064b-\u0652]*(?:[\u0300-\u036f\u064b-\u0652][^\W_]*)*"
)
_LINK = re.compile(r"(?:https?://|www\.)\S+")
_CLOSED = re.compile(r"[.!?…؟。]\s*$")


class Trait(NamedTuple):
    """One comparable thing: ``kind`` is ``w`` word, ``c`` act, ``p`` place, ``k`` name, ``n`` number, ``a`` alias."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Traits:
    """The traits of one item; those of the headline apart."""

    title: frozenset[Trait]
    lead: frozenset[Trait]
    headline: str  #: folded, without the publisher
    tongue: str
    numbers: frozenset[Number]

    @property
    def all(self) -> frozenset[Trait]:
        return self.title | self.lead


def _table(source: str) -> tuple[dict[str, str], dict[str, str], dict[tuple[str, str], str]]:
    exact: dict[str, str] = {}
    prefix: dict[str, str] = {}
    pairs: dict[tuple[str, str], str] = {}
    for line in source.strip().splitlines():
        name, _, entries = line.partition(":")
        for entry in entries.split():
            parts = [fold(part) for part in re.split(r"[+\u200c-]", entry) if part]
            if len(parts) == 2:
                pairs.setdefault((parts[0].rstrip("*"), parts[1].rstrip("*")), name)
            elif parts[0].endswith("*"):
                prefix.setdefault(parts[0][:-1], name)
            else:
                exact.setdefault(parts[0], name)
    return exact, prefix, pairs


_PLACE, _ACT = _table(PLACES), _table(ACTS)
_EMPTY = frozenset(fold(EMPTY).split())
_ABBREVIATED = frozenset({"us", "un", "eu", "uk", "ue", "ес", "рф"})


@lru_cache(1 << 16)
def meaning(folded: str) -> Trait | None:
    """Return the place or act that a folded word means, or None."""
    for kind, (exact, prefix, _) in (("p", _PLACE), ("c", _ACT)):
        if folded in exact:
            return Trait(kind, exact[folded])
    best: tuple[int, Trait] | None = None
    for kind, (_, prefix, _) in (("p", _PLACE), ("c", _ACT)):
        for size in range(min(len(folded), 14), 1, -1):
            name = prefix.get(folded[:size])
            if name is not None and (best is None or size > best[0]):
                best = (size, Trait(kind, name))
                break
    if best is None and len(folded) > 4:
        for particle in ("وال", "بال", "لل", "ال", "و", "ب", "ل"):
            if folded.startswith(particle) and len(folded) - len(particle) > 2:
                return meaning(folded[len(particle) :])
    return best[1] if best else None


def _pair_meaning(one: str, two: str) -> Trait | None:
    for kind, (_, _, pairs) in (("p", _PLACE), ("c", _ACT)):
        for (first, second), name in _starting(kind, pairs).get(one[:2], ()):
            if one.startswith(first) and two.startswith(second):
                return Trait(kind, name)
    return None


_STARTS: dict[str, dict[str, list[tuple[tuple[str, str], str]]]] = {}


def _starting(kind: str, pairs: dict[tuple[str, str], str]):
    if kind not in _STARTS:
        table: dict[str, list[tuple[tuple[str, str], str]]] = {}
        for pair, name in pairs.items():
            table.setdefault(pair[0][:2], []).append((pair, name))
        _STARTS[kind] = table
    return _STARTS[kind]


def headline(title: str) -> str:
    """Return the title without a publisher's suffix (" - Reuters")."""
    stripped = _SUFFIX.sub("", title)
    return stripped if len(stripped) >= len(title) // 2 else title


def read(title: str, text: str) -> tuple[frozenset[Trait], frozenset[Trait], frozenset[Number]]:
    head = headline(title)[:400]
    body = text[:MAX_CHARACTERS]
    head, body = _LINK.sub(" ", head), _LINK.sub(" ", body)
    t = frozenset(_traits(head, 60, True))
    b = frozenset(_traits(body, LEAD, False))
    nums = numbers(head) | numbers(body)
    return t, b, nums


def _traits(text: str, limit: int, title: bool) -> Iterator[Trait]:
    text = _DOTTED.sub(lambda m: m[0].replace(".", ""), text)
    last = ""
    end = -1
    for count, match in enumerate(_WORD.finditer(text)):
        if count >= limit:
            break
        surface = match[0]
        folded = fold(surface)
        gap = text[end : match.start()] if end >= 0 else ""
        opens = end < 0 or bool(_CLOSED.search(gap))
        end = match.end()
        if surface[0].isdigit():
            last = folded
            continue
        pair = _pair_meaning(last, folded) if last else None
        last = folded
        if pair:
            yield pair
        yield from _word(surface, folded, opens and not title)
    for number in numbers(text):
        yield Trait("n", f"{number.kind}{number.value}")


def _word(surface: str, folded: str, opens: bool) -> Iterator[Trait]:
    said = number_word(folded)
    if said:
        yield Trait("n", said.kind + said.value)
        return
    if folded in _ABBREVIATED:
        if surface.isupper():
            m = meaning(folded)
            if m:
                yield m
        return
    found = meaning(folded)
    if found:
        yield found
        return
    if len(folded) < (2 if surface.isupper() else 3) or folded in _EMPTY:
        return
    yield Trait("w", folded[:STEM])
    arabic = "\u0600" <= folded[0] < "\u0780"
    if arabic or (surface[0].isupper() and not opens):
        bones = skeleton(surface)
        if len(bones) >= 3:
            yield Trait("k", bones)
