"""Confirm the hits of one list in one item, word by word, and apply the list's masks.

The automaton says where rows of symbols may stand; here each is held against the real words, and
the patterns of the list are run. Knows nothing of conditions.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from operator import or_

from monitor.matching.automaton import Automaton, Scan
from monitor.matching.glance import Glance
from monitor.matching.judge import MovePairs, Occurrence
from monitor.matching.moves import Moves
from monitor.matching.patterns import Pattern, rows_of, spelling_key
from monitor.matching.regexes import Overdrawn, Sides, sides, surfaces
from monitor.matching.screen import MASK, Owners
from monitor.matching.terms import Style, Term
from monitor.matching.tokens import Reading, Word, read
from monitor.matching.watchlist import Watchlist
from monitor.model import Kind

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
        self.places: dict[int, list[int]] | None = None  #: for each row where it may begin

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


class Finder:
    """Finds the hits of one list after the other."""

    def __init__(
        self, watchlists: Sequence[Watchlist], owners: Owners, automaton: Automaton
    ) -> None:
        self._watchlists, self._owners, self._automaton = watchlists, owners, automaton
        found = ((index, expressions(one)) for index, one in enumerate(watchlists))
        self._expressions = {index: terms for index, terms in found if terms}
        #: how often a pattern overdrew its budget, by list and pattern
        self.suspended: Counter[tuple[str, str]] = Counter()

    @property
    def loose(self) -> dict[int, int]:
        """Return, by list, the bits of the groups with a pattern.

        Nobody knows before it is run whether a pattern hits.
        """
        return {
            index: reduce(or_, (1 << group for group, _ in terms if group != MASK), 0)
            for index, terms in self._expressions.items()
        }

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
        if item.places is None:
            item.places = self._automaton.places(item.scan.hits)
        owners, places = self._owners, item.places
        placed = [
            (first, owners.groups[owner], owners.terms[owner], owner)
            for row, owner in owners.among(places.keys(), index)
            for first in places[row]
        ]
        # the term that stands first in its group names a hit that several take alike
        placed.sort()
        for first, group, number, owner in placed:
            name, term = self._term(index, group, number)
            pattern = Pattern(term, rows_of(*spelling_key(term))[owners.spellings[owner]])
            cells = item.glance.row(first, len(pattern.symbols)) if first >= 0 else []
            kind = pattern.kind_of(cells, item.glance)
            if kind is not None:
                yield group, _occurrence(name, term, kind, cells)
        for group, term in self._expressions.get(index, ()):
            yield from self._by_pattern(index, group, term, item)

    def _term(self, index: int, group: int, number: int) -> tuple[str, Term]:
        """Return the name of a group and one of its terms; masks have none."""
        watchlist = self._watchlists[index]
        if group == MASK:
            return "", watchlist.masks[number]
        found = watchlist.groups[group]
        return found.name, found.terms[number]

    def _by_pattern(
        self, index: int, group: int, term: Term, item: Item
    ) -> Iterator[tuple[int, Occurrence]]:
        """Run a regular expression; one that overdraws is left out of this item."""
        watchlist = self._watchlists[index]
        name = "" if group == MASK else watchlist.groups[group].name
        try:
            found = surfaces(term.variant, item.title, item.text, item.sides)
        except Overdrawn:
            self.suspended[watchlist.name, term.written] += 1
            return
        for each in found:
            occurrence = _occurrence(name, term, Kind.PATTERN, (each.first, each.last))
            yield group, replace(occurrence, start=each.start, end=each.end)


def expressions(watchlist: Watchlist) -> list[tuple[int, Term]]:
    """Return the terms of a list that are regular expressions, with the numbers of their groups."""
    groups = [*enumerate(group.terms for group in watchlist.groups), (MASK, watchlist.masks)]
    return [
        (number, term) for number, terms in groups for term in terms if term.style is Style.PATTERN
    ]


def _occurrence(group: str, term: Term, kind: Kind, cells: Sequence[Word | None]) -> Occurrence:
    begin, end = cells[0], cells[-1]
    assert begin is not None
    assert end is not None
    return Occurrence(
        group=group,
        term=term,
        kind=kind,
        first=begin.position,
        last=end.position,
        sentence=begin.sentence,
        start=begin.start,
        end=end.end,
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
