"""What an item states that can be news in its story: named things, figures, market moves.

Named things are compared by alias set, or by their consonants and digits, never by their words: a
translation states nothing new. Only names count: a common word of a list ("deliver") is none, and
a state is the scene of a story, not its news.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from monitor.model import Evidence, Member
from monitor.stories.evidence import headline
from monitor.stories.figures import Figure, Seen, figures
from monitor.stories.meanings import meaning
from monitor.stories.stopwords import EMPTY
from monitor.stories.translit import skeleton
from monitor.text import clean, cut, words

#: Characters of the text that are read: a figure far down is background.
LEAD = 700
#: In the lead, figures below this are of no weight; the headline has fewer and weightier ones.
LEAST_IN_LEAD, LEAST_IN_TITLE = 20, 2
#: Moves this near in per cent are one move, told at two hours.
SAME_MOVE = 0.5
_SHOWN = 40
#: So many figures of one item are read, and so many of the newest moves remembered.
MOST_FIGURES, MOST_MOVES = 12, 300
_DIGITS = re.compile(r"\d{1,9}")
#: A Latin g before e and i is hard in the names of most languages that write no Latin.
_HARD_G = re.compile(r"g(?=[ei])")


@dataclass(frozen=True, slots=True)
class Name:
    """A named thing that fired a list."""

    key: str  #: the alias set, or what the term has in every script
    group: str
    shown: str
    words: frozenset[str]  #: its own words, as they compare across scripts; empty for a state


@dataclass(frozen=True, slots=True)
class Price:
    """A market move."""

    rise: bool
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What one item states; in the order in which it does."""

    names: tuple[Name, ...] = ()
    figures: tuple[Figure, ...] = ()
    moves: tuple[Price, ...] = ()
    said: frozenset[str] = frozenset()  #: its words, as they compare across scripts

    def __bool__(self) -> bool:
        return bool(self.names or self.figures or self.moves)

    def phrases(self) -> tuple[str, ...]:
        """Return each fact as a reader is told of it: ``number: 6,000 drones``."""
        return (
            *(f"{one.group.replace('_', ' ').strip()}: {one.shown}" for one in self.names),
            *(f"move: {'+' if one.rise else '−'}{one.value:g} {one.unit}" for one in self.moves),
            *(f"number: {cut(clean(one.shown), _SHOWN)}" for one in self.figures),
        )


class Told:
    """What some items have stated so far."""

    def __init__(self, items: Iterable[Facts] = ()) -> None:
        self._names: set[str] = set()
        self._said: set[str] = set()
        self._figures = Seen()
        self._moves: deque[Price] = deque(maxlen=MOST_MOVES)
        for one in items:
            self.add(one)

    def add(self, item: Facts) -> None:
        new = self.beyond(item)
        self._names.update(name.key for name in item.names)
        self._said |= item.said
        for figure in new.figures:
            self._figures.add(figure)
        self._moves.extend(new.moves)

    def beyond(self, item: Facts) -> Facts:
        """Return what an item adds."""
        return Facts(
            tuple(name for name in item.names if self._is_new(name)),
            tuple(figure for figure in item.figures if figure not in self._figures),
            tuple(one for one in item.moves if not any(_near(one, each) for each in self._moves)),
        )

    def _is_new(self, name: Name) -> bool:
        return name.key not in self._names and not name.words <= self._said


def facts(
    member: Member, concepts: frozenset[str] = frozenset(), models: frozenset[Decimal] = frozenset()
) -> Facts:
    """Read an item.

    ``concepts`` are the groups whose terms are common words, ``models`` the numbers that belong to
    a name, such as the 136 of a drone.
    """
    evidence = [one for hit in member.hits for one in hit.evidence]
    moves = tuple(dict.fromkeys(_moves(evidence)))
    names = {name.key: name for name in reversed(list(_names(evidence, concepts)))}
    item = member.item
    return Facts(
        tuple(name for name in reversed(names.values()) if name.words),
        tuple(_figures(member, moves, models)),
        moves,
        frozenset(_marks(f"{item.title} {item.text[:LEAD]}")),
    )


def models(members: Iterable[Member]) -> frozenset[Decimal]:
    """Return the numbers that stand in the matched names of a story."""
    return frozenset(
        Decimal(digits)
        for member in members
        for hit in member.hits
        for one in hit.evidence
        if one.move is None
        for digits in _DIGITS.findall(f"{one.term} {one.text}"[:200])
    )


def concepts(members: Iterable[Member]) -> frozenset[str]:
    """Return the groups in which a plain lower-case word fired: what they hold are no names."""
    return frozenset(
        one.group
        for member in members
        for hit in member.hits
        for one in hit.evidence
        if not one.alias and one.move is None and not _is_name(one.term)
    )


def _names(evidence: Iterable[Evidence], concepts: frozenset[str]) -> Iterator[Name]:
    for one in evidence:
        named = one.alias or (one.group not in concepts and _is_name(one.term))
        if one.move is not None or not named:
            continue
        key = f"@{one.alias}" if one.alias else " ".join(sorted(_marks(one.term)))
        words = frozenset(_marks(one.text))
        yield Name(key, one.group, cut(clean(one.text), _SHOWN), words)


def _is_name(term: str) -> bool:
    """Tell whether the watchlist writes a term as a name: with a capital or a number."""
    bare = term.lstrip("=~")
    return any(char.isdecimal() for char in bare) or any(char.isupper() for char in bare)


@lru_cache(1 << 12)
def _marks(text: str) -> frozenset[str]:
    """Return what the words of a text have in every script: their consonants.

    States and the words of hard news are the scene of a story and leave no mark.
    """
    found = set()
    for word in words(text):
        if not word[0].isdecimal() and word not in EMPTY and meaning(word) is None:
            bones = skeleton(_HARD_G.sub("gu", word))
            found.add(bones if len(bones) > 2 else word)
    return frozenset(found)


def _moves(evidence: Iterable[Evidence]) -> Iterator[Price]:
    for one in evidence:
        if one.move is not None and one.move.unit == "%":
            yield Price(one.move.direction == "rise", one.move.value, one.move.unit)


def _figures(
    member: Member, moves: Sequence[Price], models: frozenset[Decimal]
) -> Iterator[Figure]:
    """Return the weighty figures, once each; a move's own per cent is told as the move."""
    moved = {Decimal(str(one.value)) for one in moves}
    found, count = Seen(), 0
    title, lead = headline(member.item.title), member.item.text[:LEAD]
    for text, least in ((title, LEAST_IN_TITLE), (lead, LEAST_IN_LEAD)):
        for one in figures(text):
            light = one.span or one.ordinal or (not one.percent and one.value < least)
            told = one.value in (moved if one.percent else models)
            if light or told or one in found or count >= MOST_FIGURES:
                continue
            found.add(one)
            count += 1
            yield one


def _near(one: Price, other: Price) -> bool:
    same = (one.rise, one.unit) == (other.rise, other.unit)
    return same and abs(one.value - other.value) <= max(SAME_MOVE, 0.05 * other.value)
