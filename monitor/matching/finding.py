"""Confirm the hits of one list in one item, word by word, and apply the list's masks.

The automaton says where rows of symbols may stand; here each is held against the real words, and
the patterns of the list are run. Knows nothing of conditions.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple

from monitor.matching.automaton import Automaton, Hit, Scan
from monitor.matching.glance import Glance
from monitor.matching.judge import MovePairs, Occurrence
from monitor.matching.moves import Moves
from monitor.matching.patterns import Pattern, rows_of, spelling_key
from monitor.matching.regexes import Overdrawn, Sides, Surface, sides, surfaces
from monitor.matching.screen import MASK, Owners
from monitor.matching.terms import Style, Term
from monitor.matching.tokens import Reading, Word, read
from monitor.matching.watchlist import Watchlist
from monitor.model import Kind

#: What strings mean to lists is remembered for so many pairs of them, then forgotten.
REMEMBERED = 200_000
#: Which of several readings of the same words is shown.
_KINDS = (Kind.EXACT, Kind.ALIAS, Kind.FORM, Kind.PREFIX, Kind.FUZZY, Kind.PATTERN)
_RANK = {kind: rank for rank, kind in enumerate(_KINDS)}


@dataclass(frozen=True, slots=True)
class Found:
    """The confirmed hits of one list in one item."""

    hits: dict[str, tuple[Occurrence, ...]]
    masked: tuple[Occurrence, ...]  #: removed, since a mask lies over them
    masks: tuple[Occurrence, ...]


class Item:
    """One item while it is judged: its words, and its moves, once someone asks."""

    def __init__(self, title: str, text: str, scan: Scan) -> None:
        self.title, self.text, self.scan = title, text, scan

    @cached_property
    def glance(self) -> Glance:
        return Glance(self.title, self.text, self.scan.head, self.scan.body)

    @cached_property
    def reading(self) -> Reading:
        return read(self.title, self.text)

    @cached_property
    def sides(self) -> Sides:
        return sides(self.reading)

    @cached_property
    def moves(self) -> Moves:
        return Moves(self.reading)

    def moves_of(self, subjects: tuple[Occurrence, ...]) -> MovePairs:
        """Read the moves of some hits; whoever asks for none has nothing cut for it."""
        return self.moves.of(subjects) if subjects else ()


class Meaning(NamedTuple):
    """What a letter string may be to a list."""

    offset: int  #: cells between the beginning of the pattern and that of the string
    group: int
    term: int
    pattern: Pattern


class Finder:
    """Finds the hits of one list after the other; remembers what strings mean to them."""

    def __init__(
        self, watchlists: Sequence[Watchlist], owners: Owners, automaton: Automaton
    ) -> None:
        self._watchlists, self._owners, self._automaton = watchlists, owners, automaton
        self._meanings: defaultdict[int, dict[int, tuple[Meaning, ...]]] = defaultdict(dict)
        self._remembered = 0
        #: how often a pattern overdrew its budget, by list and pattern
        self.suspended: Counter[tuple[str, str]] = Counter()

    def find(self, index: int, item: Item) -> Found:
        """Confirm the hits of one list, and apply its masks."""
        groups: dict[int, dict[tuple[int, int], Occurrence]] = defaultdict(dict)
        for group, occurrence in self._occurrences(index, item):
            place = (occurrence.first, occurrence.last)
            have = groups[group].get(place)
            if have is None or _RANK[occurrence.kind] < _RANK[have.kind]:
                groups[group][place] = occurrence
        masks = tuple(groups.pop(MASK, {}).values())
        names = [group.name for group in self._watchlists[index].groups]
        return _apply_masks({names[i]: list(each.values()) for i, each in groups.items()}, masks)

    def _occurrences(self, index: int, item: Item) -> Iterator[tuple[int, Occurrence]]:
        names = self._watchlists[index].groups
        hits = item.scan.hits
        placed = self._placed(self._known(index, {hit[0] for hit in hits}), hits) if hits else ()
        for first, group, _, pattern in placed:
            occurrence = _confirm(pattern, item.glance, first)
            if occurrence is not None:
                cells, kind = occurrence
                name = "" if group == MASK else names[group].name
                yield group, _occurrence(name, pattern.term, kind, cells[0], cells[-1])
        yield from self._by_pattern(index, item)

    def _placed(
        self, known: Mapping[int, Sequence[Meaning]], hits: Iterable[Hit]
    ) -> list[tuple[int, int, int, Pattern]]:
        """Return where which pattern may begin.

        The term that stands first in its group names a hit that several take alike.
        """
        found = [
            (start - one.offset, one.group, one.term, one.pattern)
            for string, start, _ in hits
            for one in known[string]
        ]
        return sorted(found, key=itemgetter(0, 1, 2))

    def _known(self, index: int, strings: set[int]) -> Mapping[int, Sequence[Meaning]]:
        """Return what strings mean to a list, and learn it where it is new."""
        if self._remembered > REMEMBERED:
            self._meanings.clear()
            self._remembered = 0
        known = self._meanings[index]
        new = strings.difference(known)
        if new:
            self._remembered += len(new)
            known.update(self._learn(index, new))
        return known

    def _learn(self, index: int, strings: AbstractSet[int]) -> dict[int, tuple[Meaning, ...]]:
        places: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for string in strings:
            for row, offset in self._automaton.proposed(string):
                places[row].append((string, offset))
        found: dict[int, tuple[Meaning, ...]] = dict.fromkeys(strings, ())
        for row, owner in self._owners.among(places.keys(), index):
            group, term, pattern = self._pattern(index, owner)
            for string, offset in places[row]:
                found[string] += (Meaning(offset, group, term, pattern),)
        return found

    def _pattern(self, index: int, owner: int) -> tuple[int, int, Pattern]:
        """Return group number, term number and pattern of an owner; rows are made again."""
        watchlist, owners = self._watchlists[index], self._owners
        group, number = owners.groups[owner], owners.terms[owner]
        term = (watchlist.masks if group == MASK else watchlist.groups[group].terms)[number]
        return group, number, Pattern(term, rows_of(*spelling_key(term))[owners.spellings[owner]])

    def _by_pattern(self, index: int, item: Item) -> Iterator[tuple[int, Occurrence]]:
        """Run the regular expressions of a list; one that overdraws is left out of this item."""
        watchlist = self._watchlists[index]
        for group, term in expressions(watchlist):
            name = "" if group == MASK else watchlist.groups[group].name
            for surface in self._surfaces(watchlist, term, item):
                begin, end = surface.first, surface.last
                found = _occurrence(name, term, Kind.PATTERN, begin, end, surface)
                yield group, found

    def _surfaces(self, watchlist: Watchlist, term: Term, item: Item) -> Sequence[Surface]:
        try:
            return surfaces(term.variant, item.title, item.text, item.sides)
        except Overdrawn:
            self.suspended[watchlist.name, term.written] += 1
            return ()


def expressions(watchlist: Watchlist) -> list[tuple[int, Term]]:
    """Return the terms of a list that are regular expressions, with the numbers of their groups."""
    groups = [*enumerate(group.terms for group in watchlist.groups), (MASK, watchlist.masks)]
    return [
        (number, term) for number, terms in groups for term in terms if term.style is Style.PATTERN
    ]


def _confirm(pattern: Pattern, glance: Glance, first: int) -> tuple[list[Word], Kind] | None:
    cells = glance.row(first, len(pattern.symbols)) if first >= 0 else []
    kind = pattern.kind_of(cells, glance)
    return None if kind is None else ([cell for cell in cells if cell is not None], kind)


def _occurrence(
    group: str, term: Term, kind: Kind, begin: Word, end: Word, surface: Surface | None = None
) -> Occurrence:
    return Occurrence(
        group=group,
        term=term,
        kind=kind,
        first=begin.position,
        last=end.position,
        sentence=begin.sentence,
        start=surface.start if surface else begin.start,
        end=surface.end if surface else end.end,
        in_title=begin.in_title,
    )


def _apply_masks(groups: dict[str, list[Occurrence]], masks: tuple[Occurrence, ...]) -> Found:
    """Remove occurrences that a mask touches, then those inside a longer one of their group."""
    covered = {position for mask in masks for position in range(mask.first, mask.last + 1)}
    hits: dict[str, tuple[Occurrence, ...]] = {}
    removed: list[Occurrence] = []
    for name, occurrences in groups.items():
        open_: list[Occurrence] = []
        hidden: list[Occurrence] = []
        for each in occurrences:
            touched = covered and not covered.isdisjoint(range(each.first, each.last + 1))
            (hidden if touched else open_).append(each)
        removed += hidden
        if open_:
            hits[name] = tuple(_longest(open_))
    return Found(hits, tuple(removed), masks)


def _longest(occurrences: list[Occurrence]) -> Iterator[Occurrence]:
    reached = -1
    for each in sorted(occurrences, key=lambda o: (o.first, -o.last)):
        if each.last > reached:
            reached = each.last
            yield each
