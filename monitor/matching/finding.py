"""Confirm the hits of one list in one item, word by word, and apply the list's masks.

The automaton says where rows of symbols may stand; here each is held against the real words, and
the patterns of the list are run. Knows nothing of conditions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, reduce
from operator import or_
from typing import NamedTuple

from monitor.matching.automaton import Hit, Proposals
from monitor.matching.glance import Glance
from monitor.matching.judge import MovePairs, Occurrence
from monitor.matching.moves import Moves
from monitor.matching.patterns import Pattern, bases_of, rows_of, spelling_key
from monitor.matching.regexes import Overdrawn, Sides, sides, surfaces
from monitor.matching.screen import MASK, Owners
from monitor.matching.terms import Style, Term
from monitor.matching.tokens import Reading, Word, read
from monitor.matching.watchlist import Watchlist
from monitor.model import Kind

#: Which of several readings of the same words is shown.
_KINDS = (Kind.EXACT, Kind.ALIAS, Kind.FORM, Kind.PREFIX, Kind.FUZZY, Kind.PATTERN)
#: Spellings that are kept at hand.
MOST_PATTERNS = 20_000
RANK = {kind: rank for rank, kind in enumerate(_KINDS)}


class Found(NamedTuple):
    """The confirmed hits of one list in one item."""

    hits: dict[str, tuple[Occurrence, ...]]
    masked: tuple[Occurrence, ...] = ()  #: removed, since a mask lies over them
    masks: tuple[Occurrence, ...] = ()


class Spelling(NamedTuple):
    """One spelling of a term in a group of a list, as it is shown."""

    group: str  #: empty for a mask
    term: Term
    bases: tuple[str, ...]  #: its words as they are written, folded

    def kind_of(self, folds: tuple[str, ...]) -> Kind:
        """Return how it hits words of which is known that it takes them, wherever they stand."""
        if folds != self.bases:
            return Kind.FORM
        return Kind.ALIAS if self.term.alias else Kind.EXACT


class Placed(NamedTuple):
    """Where a term of a list may stand, by numbers; they sort as its author wrote the terms."""

    first: int  #: cell
    group: int
    term: int
    owner: int


class Item:
    """One item while it is judged: its words, and its moves, once someone asks."""

    def __init__(
        self,
        title: str,
        text: str,
        border: int,
        hits: Callable[[], Sequence[Hit]],
        glance: Callable[[], Glance],
    ) -> None:
        self.title, self.text = title, text
        self.border = border  #: the cell between title and text
        self._hits, self._glance = hits, glance
        self.rows: dict[int, list[int]] | None = None  #: for each row where it may begin

    @cached_property
    def hits(self) -> Sequence[Hit]:
        return self._hits()

    @cached_property
    def glance(self) -> Glance:
        return self._glance()

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
        self, watchlists: Sequence[Watchlist], owners: Owners, proposals: Proposals
    ) -> None:
        self._watchlists, self._owners, self._proposals = watchlists, owners, proposals
        self._names = [tuple(group.name for group in one.groups) for one in watchlists]
        self._patterns: dict[int, tuple[str, Pattern]] = {}
        self._spellings: dict[int, Spelling] = {}
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
        best: dict[int, dict[tuple[int, int], Occurrence]] = {}
        for group, occurrence in self._occurrences(index, item):
            places = best.setdefault(group, {})
            place = occurrence.first, occurrence.last
            have = places.get(place)
            if have is None or RANK[occurrence.kind] < RANK[have.kind]:
                places[place] = occurrence
        masks = tuple(best.pop(MASK, {}).values())
        names = self._names[index]
        groups = {names[group]: list(places.values()) for group, places in best.items()}
        if masks:
            return _masked(groups, masks)
        return Found({name: _longest(found) for name, found in groups.items()})

    def _occurrences(self, index: int, item: Item) -> Iterator[tuple[int, Occurrence]]:
        # the term that stands first in its group names a hit that several take alike
        for first, group, _, owner in sorted(self._places(index, item)):
            name, pattern = self._pattern(owner)
            cells = item.glance.row(first, len(pattern.symbols)) if first >= 0 else []
            kind = pattern.kind_of(cells, item.glance)
            if kind is not None:
                yield group, _occurrence(name, pattern.term, kind, cells)
        for group, term in self._expressions.get(index, ()):
            yield from self._by_pattern(index, group, term, item)

    def _places(self, index: int, item: Item) -> Iterator[Placed]:
        """Yield where terms of a list may stand, after the letter strings of the item."""
        if item.rows is None:
            item.rows = self._proposals.places(item.hits)
        owners, rows = self._owners, item.rows
        for row, owner in owners.among(rows.keys(), index):
            for first in rows[row]:
                yield Placed(first, owners.groups[owner], owners.terms[owner], owner)

    def spelling(self, owner: int) -> Spelling:
        """Return what an owner stands for, as it is shown."""
        found = self._spellings.get(owner)
        if found is None:
            if len(self._spellings) >= MOST_PATTERNS:
                self._spellings.clear()
            name, term = self._term(owner)
            bases = bases_of(term, self._owners.spellings[owner])
            found = self._spellings[owner] = Spelling(name, term, bases)
        return found

    def _pattern(self, owner: int) -> tuple[str, Pattern]:
        """Return what an owner stands for: the name of a group, and a spelling of a term."""
        found = self._patterns.get(owner)
        if found is None:
            if len(self._patterns) >= MOST_PATTERNS:
                self._patterns.clear()
            name, term = self._term(owner)
            row = rows_of(*spelling_key(term))[self._owners.spellings[owner]]
            found = self._patterns[owner] = name, Pattern(term, row)
        return found

    def _term(self, owner: int) -> tuple[str, Term]:
        owners = self._owners
        index, group, number = owners.lists[owner], owners.groups[owner], owners.terms[owner]
        if group == MASK:
            return "", self._watchlists[index].masks[number]
        found = self._watchlists[index].groups[group]
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
            yield group, occurrence._replace(start=each.start, end=each.end)


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


def _masked(groups: dict[str, list[Occurrence]], masks: tuple[Occurrence, ...]) -> Found:
    """Remove occurrences that a mask touches, then those inside a longer one of their group."""
    covered = {position for mask in masks for position in range(mask.first, mask.last + 1)}
    hits: dict[str, tuple[Occurrence, ...]] = {}
    removed: list[Occurrence] = []
    for name, occurrences in groups.items():
        open_: list[Occurrence] = []
        for each in occurrences:
            touched = not covered.isdisjoint(range(each.first, each.last + 1))
            (removed if touched else open_).append(each)
        if open_:
            hits[name] = _longest(open_)
    return Found(hits, tuple(removed), masks)


def _longest(occurrences: list[Occurrence]) -> tuple[Occurrence, ...]:
    if len(occurrences) == 1:
        return (occurrences[0],)
    reached, found = -1, []
    for each in sorted(occurrences, key=lambda o: (o.first, -o.last)):
        if each.last > reached:
            reached = each.last
            found.append(each)
    return tuple(found)
